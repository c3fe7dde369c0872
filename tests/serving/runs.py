"""Finished runs around tiny models, for the tests of serving."""

from pathlib import Path

import yaml

from academy.config import AcademyConfig, StudentConfig
from academy.models.student import Student, fingerprint
from academy.records import dump
from tests.models.test_local import adapter
from tests.test_specialist import source
from tests.tiny import tiny_model


def run_state(folder: Path, config: AcademyConfig) -> Path:
    """What every run has, without a specialist."""
    folder.mkdir(parents=True)
    document, chunks = source()
    (folder / "1-documents.jsonl").write_text(dump(document) + "\n", encoding="utf-8")
    (folder / "2-chunks.jsonl").write_text("".join(dump(chunk) + "\n" for chunk in chunks), encoding="utf-8")
    state = {
        "format": 1,
        "academy": "0",
        "name": folder.name,
        "sources": ["skript.pdf"],
        "config": config.model_dump(mode="json"),
        "stages": {"finetune": {"files": {}, "records": 1, "rejected": 0, "fingerprint": ""}},
    }
    (folder / "run.yaml").write_text(yaml.safe_dump(state), encoding="utf-8")
    return folder


def lively(folder: Path, seed: int) -> Path:
    """A tiny model with large weights: fresh ones repeat one token, whatever they are asked."""
    import torch
    from safetensors.torch import load_file, save_file

    file = folder / "model.safetensors"
    chance = torch.Generator().manual_seed(seed)
    weights = {
        name: torch.randn(part.shape, generator=chance) * 0.3 if part.ndim > 1 else part
        for name, part in sorted(load_file(file).items())
    }
    save_file(weights, file, metadata={"format": "pt"})
    return folder


def full_run(folder: Path, seed: int = 0, architecture: str = "llama", context: int = 2048) -> Path:
    """A run whose specialist has weights of its own."""
    run_state(folder, AcademyConfig())
    lively(tiny_model(folder / "5-specialist", architecture, seed, context), seed)
    (folder / "5-specialist" / "specialist.json").write_text("{}")
    return folder


def adapter_run(folder: Path, base: Path, seed: int = 0) -> Path:
    """A run whose specialist is an adapter on a base."""
    run_state(folder, AcademyConfig(student=StudentConfig(model=str(base))))
    adapter(folder / "5-specialist", Student(str(base), base, fingerprint(base)), seed)
    return folder
