"""Everything that a pre-training run can be told, as presets: `cpu` (one core, two hours), `gpu` (one H200), `smoke`.

The shape of the model, the mixture and the schedule stand here and nowhere else; every run's log repeats them.
"""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any


@dataclass(frozen=True)
class Settings:
    """One run. Tokens are counted over all positions, padding included (there is hardly any)."""

    init: str = ""  # folder with weights of the same shape and tokenizer to continue from; empty: random
    vocabulary: int = 8192
    hidden: int = 384
    layers: int = 6
    heads: int = 6
    kv_heads: int = 2
    mlp: int = 1024
    block: int = 512  # tokens per training row
    batch: int = 16  # rows per optimizer step
    micro: int = 16  # rows per forward pass
    shard: int = 480_000  # tokens per shard = the window in which an invented world lives
    optimizer: str = "muon"  # or adamw
    lr: float = 4e-3  # of the matrices (Muon scaled to AdamW's update size)
    lr_vectors: float = 3e-3  # of embeddings and norms
    weight_decay: float = 0.05
    warmup: int = 80  # steps
    decay: float = 0.5  # the last share of the run over which the rate falls to zero
    tokens: int = 30_000_000  # the whole run; or, if reached earlier:
    minutes: float = 0.0  # wall-clock budget of the whole run; 0 = none
    seed: int = 1
    workers: int = 1  # processes that make shards ahead
    threads: int = 1  # CPU threads of the training process
    mixture: str = "full"  # see mixture.MIXTURES


PRESETS: dict[str, Settings] = {
    "cpu": Settings(),
    "gpu": Settings(
        vocabulary=16384, hidden=512, layers=6, heads=8, mlp=1344, block=1024, batch=320, micro=80, shard=4_000_000,
        tokens=1_200_000_000, workers=14, threads=2, warmup=150,
    ),
    "smoke": Settings(
        hidden=64, layers=2, heads=1, kv_heads=1, mlp=128, block=256, batch=4, micro=4, shard=60_000, tokens=40_000,
        warmup=5, workers=1,
    ),
}  # fmt: skip


def make(preset: str, changes: list[str]) -> Settings:
    """A preset with `key=value` changes; unknown keys are refused."""
    types = {field.name: field.type for field in fields(Settings)}
    values: dict[str, Any] = {}
    for change in changes:
        key, _, value = change.partition("=")
        if key not in types:
            raise SystemExit(f"unknown setting {key}; known: {', '.join(sorted(types))}")
        values[key] = {int: int, float: float, str: str}[types[key]](value)  # type: ignore[index]
    return replace(PRESETS[preset], **values)


def llama_config(settings: Settings) -> dict[str, Any]:
    """Arguments of transformers.LlamaConfig. Context is 2,048 although blocks are shorter: users fine-tune."""
    return {
        "vocab_size": settings.vocabulary, "hidden_size": settings.hidden, "num_hidden_layers": settings.layers,
        "num_attention_heads": settings.heads, "num_key_value_heads": settings.kv_heads, "head_dim": 64,
        "intermediate_size": settings.mlp, "max_position_embeddings": 2048, "tie_word_embeddings": True,
        "rms_norm_eps": 1e-6, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0, "initializer_range": 0.02,
    }  # fmt: skip


def as_dict(settings: Settings) -> dict[str, Any]:
    """For logs and checkpoints."""
    return asdict(settings)
