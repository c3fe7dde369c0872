"""Answers that are written together: one forward pass makes a token of each, and others may join or leave in between.

All rows of a ``Batch`` end in the same column. A row that is shorter has unused columns, which its mask hides; joining
pads on the left, and columns that no row uses any more are dropped. Positions count used columns only, so a row gets
the same positions, and up to rounding the same logits, as alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

Layers = tuple[tuple["torch.Tensor", "torch.Tensor"], ...]
"""Keys and values of each layer, shape (rows, heads, columns, size)."""
SLACK = 32
"""Unused columns that a batch may carry before they are dropped: dropping copies the cache."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows after a forward pass.

    Attributes:
        logits: of the next token, shape (rows, vocabulary), fp32.
        mask: 1 where a row uses a column, shape (rows, columns).
        cache: the transformers cache of these columns.
    """

    logits: "torch.Tensor"
    mask: "torch.Tensor"
    cache: Any

    def __len__(self) -> int:
        return len(self.mask)

    @property
    def columns(self) -> int:
        """How many columns the cache holds for each row."""
        return int(self.mask.shape[1])


class Forward:
    """Forward passes of one model.

    Args:
        model: a transformers causal language model, or a PEFT model whose adapters are chosen by row.
        accepts: optional arguments that its ``forward`` takes.
        pad: a token id that fills unused places.
    """

    def __init__(self, model: Any, accepts: frozenset[str], pad: int) -> None:
        self.model = model
        self._accepts = accepts
        self._pad = pad

    def prefill(
        self, prompts: Sequence[Sequence[int]], pasts: Sequence[Layers | None], adapters: Sequence[str] | None
    ) -> Batch:
        """Read prompts together.

        Args:
            prompts: token ids, without those that ``pasts`` hold; never empty.
            pasts: what was read of each before, one row each; None for nothing.
            adapters: the adapter of each row; None for a model without adapters.
        """
        import torch

        device = self.model.device
        width = max(map(len, prompts))
        ids = torch.tensor([[self._pad] * (width - len(p)) + list(p) for p in prompts], device=device)
        mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts], device=device)
        if not any(pasts):
            return self._run(ids, mask, None, adapters)
        lengths = [past[0][0].shape[2] if past else 0 for past in pasts]
        before = torch.tensor([[0] * (max(lengths) - n) + [1] * n for n in lengths], device=device)
        return self._run(ids, torch.cat([before, mask], dim=1), _joined(pasts, max(lengths)), adapters)

    def advance(self, batch: Batch, tokens: Sequence[int], adapters: Sequence[str] | None) -> Batch:
        """Feed one token to each row."""
        import torch

        mask = torch.cat([batch.mask, batch.mask.new_ones(len(batch), 1)], dim=1)
        ids = torch.tensor(tokens, device=batch.mask.device).unsqueeze(1)
        return self._run(ids, mask, batch.cache, adapters)

    def _run(self, ids: "torch.Tensor", mask: "torch.Tensor", cache: Any, adapters: Sequence[str] | None) -> Batch:
        import torch

        positions = (mask.cumsum(dim=1) - 1).clamp(min=0)[:, -ids.shape[1] :]
        optional = {"position_ids": positions, "logits_to_keep": 1}
        chosen: dict[str, Any] = {name: optional[name] for name in self._accepts}
        if adapters is not None:
            chosen["adapter_names"] = list(adapters)
        with torch.inference_mode():
            out = self.model(input_ids=ids, attention_mask=mask, past_key_values=cache, use_cache=True, **chosen)
            return Batch(out.logits[:, -1].float(), mask, out.past_key_values)


def keep(batch: Batch, rows: Sequence[int]) -> Batch:
    """The batch without the other rows, and without columns that only they used, once those are many."""
    import torch

    if len(rows) == len(batch):
        return batch
    places = torch.tensor(rows, device=batch.mask.device)
    batch.cache.batch_select_indices(places)
    return compact(Batch(batch.logits[places], batch.mask[places], batch.cache))


def compact(batch: Batch) -> Batch:
    """Drop columns that no row uses, once there are more than ``SLACK``."""
    if not joinable(batch):
        return batch
    used = batch.mask.any(dim=0)
    if batch.columns - int(used.sum()) <= SLACK:
        return batch
    for layer in batch.cache.layers:
        layer.keys, layer.values = layer.keys[:, :, used], layer.values[:, :, used]
    return Batch(batch.logits, batch.mask[:, used], batch.cache)


def joinable(batch: Batch) -> bool:
    """Whether every layer keeps one column per token; sliding windows and recurrent states do not."""
    from transformers.cache_utils import DynamicLayer

    return all(type(layer) is DynamicLayer for layer in batch.cache.layers)


def join(first: Batch, second: Batch) -> Batch:
    """Both batches as one, the rows of the first before those of the second; both must be ``joinable``."""
    import torch
    from torch.nn.functional import pad

    width = max(first.columns, second.columns)
    left, right = width - first.columns, width - second.columns
    for one, other in zip(first.cache.layers, second.cache.layers, strict=True):
        one.keys = torch.cat([pad(one.keys, (0, 0, left, 0)), pad(other.keys, (0, 0, right, 0))])
        one.values = torch.cat([pad(one.values, (0, 0, left, 0)), pad(other.values, (0, 0, right, 0))])
    mask = torch.cat([pad(first.mask, (left, 0)), pad(second.mask, (right, 0))])
    return Batch(torch.cat([first.logits, second.logits]), mask, first.cache)


def row(batch: Batch, index: int) -> Layers:
    """Keys and values of one row, its unused columns left out: a copy of its own."""
    used = batch.mask[index].bool()
    return tuple(
        (layer.keys[index : index + 1, :, used], layer.values[index : index + 1, :, used])
        for layer in batch.cache.layers
    )


def _joined(pasts: Sequence[Layers | None], width: int) -> Any:
    """One cache of all pasts, padded on the left."""
    import torch
    from torch.nn.functional import pad
    from transformers import DynamicCache

    some = next(past for past in pasts if past)

    def padded(past: Layers | None, layer: int, part: int) -> "torch.Tensor":
        states = past[layer][part] if past else some[layer][part][:, :, :0]
        return pad(states, (0, 0, width - states.shape[2], 0))

    return DynamicCache(
        [
            tuple(torch.cat([padded(past, layer, part) for past in pasts]) for part in (0, 1))
            for layer in range(len(some))
        ]
    )
