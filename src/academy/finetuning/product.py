"""The folder of a finished specialist: weights, tokenizer, chat template and a model card: enough to run it."""

import hashlib
import json
import shutil
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from academy.finetuning.job import Job, data_fingerprint
from academy.finetuning.methods import Method
from academy.models.local import ADAPTER, ADAPTER_WEIGHTS, load_weights
from academy.models.template import load_template
from academy.records import LossPoint

LIBRARIES = ("torch", "transformers", "trl", "peft", "tokenizers", "datasets", "accelerate")
TOKENIZER = (
    "tokenizer*",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.*",
    "merges.txt",
    "*.model",
    "spiece*",
)
LOADING = {
    "full": """from transformers import AutoModelForCausalLM, AutoTokenizer

model = AutoModelForCausalLM.from_pretrained("{folder}")
""",
    "lora": """from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base = AutoModelForCausalLM.from_pretrained("{base}")  # the folder or hub id of exactly this base
model = PeftModel.from_pretrained(base, "{folder}")
""",
}
CARD = """---
library_name: {library}
tags: [academy, {method}]
---
# {name}

A small language model that Academy trained on one field.

| | |
|---|---|
| Base | {base} (fingerprint {base_fingerprint}) |
| Method | {method}, seed {seed}, best step {best_step} |
| Training rows | {train} (validation {valid}), fingerprint {data} |
| Validation loss | {before} before, {after} at the best step, in nats per token |
| Libraries | {versions} |

## How to load it

```python
{loading}tokenizer = AutoTokenizer.from_pretrained("{folder}")
prompt = tokenizer.apply_chat_template(
    [{{"role": "user", "content": "..."}}], add_generation_prompt=True, return_tensors="pt", return_dict=True
)
print(tokenizer.decode(model.generate(**prompt, max_new_tokens=64)[0], skip_special_tokens=True))
```

It answers from what it was trained on and can be wrong. Its licence follows that of the base and of the documents.
"""
"""English, as model cards on the Hugging Face hub are, whatever language the user speaks."""


def write_product(job: Job, method: Method, best: Path, losses: Sequence[LossPoint], best_step: int) -> None:
    """Fill the specialist's folder from its best checkpoint."""
    if method.name == "full":
        _write_weights(job, best)
    else:
        _write_adapter(job, best)
    for pattern in TOKENIZER:
        for path in sorted(job.student.folder.glob(pattern)):
            shutil.copyfile(path, job.folder / path.name)
    template = load_template(job.student.folder).source
    (job.folder / "chat_template.jinja").write_text(template, encoding="utf-8")
    (job.folder / "README.md").write_text(_card(job, method, losses, best_step), encoding="utf-8")


def _write_weights(job: Job, best: Path) -> None:
    """All weights, in the format of the base: training needs fp32, answering does not."""
    import torch
    from transformers import AutoConfig

    trust = job.student.trust_remote_code
    config = AutoConfig.from_pretrained(job.student.folder, local_files_only=True, trust_remote_code=trust)
    model = load_weights(best, config.dtype or torch.float32, trust)
    model.save_pretrained(job.folder)
    if trust:
        for path in sorted(job.student.folder.glob("*.py")):
            shutil.copyfile(path, job.folder / path.name)


def _write_adapter(job: Job, best: Path) -> None:
    """The adapter, naming its base as the user did and not by this machine's path; sets sorted, for equal bytes."""
    shutil.copyfile(best / ADAPTER_WEIGHTS, job.folder / ADAPTER_WEIGHTS)
    config = json.loads((best / ADAPTER).read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = job.student.name
    if isinstance(config["target_modules"], list):
        config["target_modules"].sort()
    (job.folder / ADAPTER).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _card(job: Job, method: Method, losses: Sequence[LossPoint], best_step: int) -> str:
    valid = {point.step: f"{point.valid:.3f}" for point in losses if point.valid is not None}
    names = {"folder": "path/to/this/folder", "base": job.student.name}
    return CARD.format(
        library="transformers" if method.name == "full" else "peft",
        name=f"{Path(job.student.name).name} specialist",
        base_fingerprint=job.student.fingerprint,
        method=method.name,
        seed=job.seed,
        best_step=best_step,
        train=len(job.dataset.train),
        valid=len(job.dataset.valid),
        data=data_fingerprint(job.dataset),
        before=valid.get(0, "-"),
        after=valid.get(best_step, "-"),
        versions=", ".join(f"{name} {number}" for name, number in versions().items()),
        loading=LOADING[method.name].format(**names),
        **names,
    )


def versions() -> dict[str, str]:
    """The libraries that decide the result."""
    return {name: version(name) for name in LIBRARIES}


def file_hashes(folder: Path) -> dict[str, str]:
    """File name -> SHA-256."""
    found = {}
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            found[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def count(model: Any) -> tuple[int, int]:
    """Trainable and all parameters of a model."""
    sizes = [(parameter.numel(), parameter.requires_grad) for parameter in model.parameters()]
    return sum(size for size, trained in sizes if trained), sum(size for size, trained in sizes)
