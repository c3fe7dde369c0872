"""Whether a model may read packed rows: tried on the model itself, not looked up in a list of architectures."""

import math
from collections.abc import Sequence
from itertools import chain, cycle, islice
from typing import TYPE_CHECKING, Any

from academy.finetuning import segments
from academy.finetuning.batches import Row, accepts, pack, rows_apart

if TYPE_CHECKING:
    import torch

TRIAL = (17, 48, 29)
"""Tokens of the trial rows: three lengths, so that two are padded together and one stands alone."""
APART = 1e-3
"""Largest relative difference that the content of another row may make: rounding, and no more."""
ALIKE = {"float32": 1e-3, "bfloat16": 5e-2, "float16": 1e-2}
"""Largest relative difference of packed and separate rows, by number format: they are summed in another order."""


def can_pack(model: Any, rows: Sequence[Row]) -> bool:
    """Let the model read packed rows if it gives the same answers as for each row alone; else leave it as it was.

    Recurrent layers, convolutions, learned biases, sinks or capped scores let one row see another, or are not what
    ``segments.attend`` computes; then the trial fails. A window of attention is no obstacle while every
    row fits into it.

    Args:
        model: a transformers model in its own attention; switched to ``segments.attend`` when the answer is yes.
        rows: all rows that it will read.
    """
    config = model.config.get_text_config()
    windows = [getattr(config, name, None) or math.inf for name in ("sliding_window", "attention_chunk_size")]
    longest = max(len(row["input_ids"]) for row in rows)
    if longest > min(windows) or not accepts(model, "position_ids", "kwargs"):
        return False
    usual, learning = model.config._attn_implementation, model.training
    trial = _trial(rows, longest)
    segments.register()
    model.eval()
    try:
        alone = [_logits(model, [row]) for row in trial]
        model.set_attn_implementation(segments.NAME)
        packed = _same(model, trial, alone)
    except (segments.UnpackableError, TypeError, ValueError, RuntimeError):
        # Whatever an unknown architecture stumbles over, it reads its rows one beside the other then.
        packed = False
    model.train(learning)
    if not packed:
        model.set_attn_implementation(usual)
    return packed


def _trial(rows: Sequence[Row], longest: int) -> list[list[int]]:
    """Token ids of three short rows, none longer than what the model will read, and cut from that."""
    tokens = cycle(chain.from_iterable(row["input_ids"] for row in rows))
    return [list(islice(tokens, min(length, longest))) for length in sorted(TRIAL)]


def _same(model: Any, trial: list[list[int]], alone: "list[torch.Tensor]") -> bool:
    sizes = [len(row) for row in trial]
    mixed: Any = [_logits(model, trial), _logits(model, [trial[0][::-1], trial[1], trial[2][::-1]])]
    together, others = (logits.split(sizes) for logits in mixed)
    alike = ALIKE.get(str(alone[0].dtype).removeprefix("torch."), APART)
    return _difference(others[1], together[1]) <= APART and all(
        _difference(one, expected) <= alike for one, expected in zip(together, alone, strict=True)
    )


def _logits(model: Any, rows: Sequence[Sequence[int]]) -> "torch.Tensor":
    """Shape (tokens, vocabulary); one row is read as it is, several are packed."""
    import torch

    batch = {key: value.to(model.device) for key, value in pack([{"input_ids": r, "labels": r} for r in rows]).items()}
    apart = rows_apart(batch) if len(rows) > 1 else {}
    with torch.no_grad():
        logits: torch.Tensor = model(input_ids=batch["input_ids"], use_cache=False, **apart).logits[0]
    return logits


def _difference(one: "torch.Tensor", other: "torch.Tensor") -> float:
    """Relative to the size of the other; what is no number is as different as can be."""
    distance = float((one.float() - other.float()).norm() / other.float().norm().clamp(min=1e-12))
    return math.inf if math.isnan(distance) else distance
