"""Attention for rows that lie one behind another in one sequence: every row attends to itself alone.

One sequence without padding spares the linear layers, nine tenths of the work, every padded token. A dense block mask
would make attention quadratic in all rows together; here rows of similar length are computed together and never meet
the others. transformers calls ``attend`` as it calls FlashAttention, through its table of attention functions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

NAME = "academy_segments"
SLACK = 1.25
"""The longest row of a group, as a multiple of its shortest one: the padding that attention, and it alone, computes."""
PRODUCTS = 512
"""Rows up to this length attend by plain products in bf16 on a CPU: 2 to 4 times as fast as torch's kernel there."""


class UnpackableError(Exception):
    """The architecture's attention needs something that this one does not compute."""


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring rows of similar length.

    Attributes:
        start, stop: their tokens in the sequence.
        rows, length: their number, and the longest length.
        spread: where each of rows x length places finds its token, counted from ``start``; None: nothing is padded.
        real: the places that hold a token of their own.
    """

    start: int
    stop: int
    rows: int
    length: int
    spread: "torch.Tensor | None"
    real: "torch.Tensor | None"


def make_groups(lengths: Sequence[int], device: Any) -> list[Group]:
    """Cut rows, shortest first, into groups that need little padding."""
    groups, start = [], 0
    for part in _similar(lengths):
        groups.append(_group(part, start, device))
        start += sum(part)
    return groups


def _similar(lengths: Sequence[int]) -> Iterator[list[int]]:
    part: list[int] = []
    for length in lengths:
        # Few and short rows are padded rather than computed apart: each group costs some twenty calls per layer.
        if part and length > max(part[0] * SLACK, part[0] + 12):
            yield part
            part = []
        part.append(length)
    yield part


def _group(lengths: Sequence[int], start: int, device: Any) -> Group:
    import torch

    rows, longest, total = len(lengths), max(lengths), sum(lengths)
    if rows * longest == total:
        return Group(start, start + total, rows, longest, None, None)
    sizes = torch.tensor(lengths, device=device).unsqueeze(1)
    places = torch.arange(longest, device=device).expand(rows, longest)
    # A padded place repeats the row's last token: as a key no real query sees it, as a query nobody reads it.
    spread = sizes.cumsum(0) - sizes + torch.minimum(places, sizes - 1)
    return Group(start, start + total, rows, longest, spread.flatten(), (places < sizes).flatten().nonzero().squeeze(1))


def register() -> None:
    """Make the attention known to transformers; it builds no mask of its own for it."""
    from transformers import AttentionInterface, AttentionMaskInterface

    AttentionInterface.register(NAME, attend)
    AttentionMaskInterface.register(NAME, _no_mask)


def _no_mask(**_arguments: Any) -> None:
    return None


def attend(
    module: Any,
    query: "torch.Tensor",
    key: "torch.Tensor",
    value: "torch.Tensor",
    attention_mask: "torch.Tensor | None",
    *,
    segments: Sequence[Group] | None = None,
    scaling: float | None = None,
    **more: Any,
) -> "tuple[torch.Tensor, None]":
    """Causal attention within each row.

    Args:
        query: (1, heads, tokens, width); key and value may have fewer heads, each shared by several of the queries'.
        segments: the rows, which ``model(..., segments=...)`` hands down.

    Returns:
        (1, tokens, heads, width), and no attention weights.

    Raises:
        UnpackableError: the architecture caps scores, adds biases or sinks, or did not hand the rows down.
    """
    import torch

    special = [name for name in ("softcap", "s_aux", "position_bias") if more.get(name) is not None]
    if special or segments is None or attention_mask is not None:
        raise UnpackableError(", ".join(special) or "segments")
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    # Under autocast a rotation has left queries and keys in fp32.
    query, key = query.to(value.dtype), key.to(value.dtype)
    dropout, parts = more.get("dropout", 0.0), []
    for group in segments:
        shared = query.shape[1] // key.shape[1]
        q, k, v = (_apart(x, group) for x in (query, key, value))
        if _by_products(value, group, dropout):
            out = _products(q, k, v, shared, scale)
        else:
            k, v = (x.repeat_interleave(shared, dim=1) for x in (k, v))
            out = torch.nn.functional.scaled_dot_product_attention(
                q, k, v, dropout_p=dropout, is_causal=True, scale=scale
            )
        parts.append(_together(out, group))
    return torch.cat(parts).unsqueeze(0), None


def _by_products(value: "torch.Tensor", group: Group, dropout: float) -> bool:
    import torch

    on_cpu = value.device.type == "cpu" and value.dtype == torch.bfloat16
    return on_cpu and group.length <= PRODUCTS and not dropout


def _apart(states: "torch.Tensor", group: Group) -> "torch.Tensor":
    """(1, heads, tokens, width) -> (rows, heads, length, width)."""
    part = states[0, :, group.start : group.stop].transpose(0, 1)
    if group.spread is not None:
        part = _spread().apply(part, group.spread, group.real)
    return part.view(group.rows, group.length, *part.shape[1:]).transpose(1, 2)


def _together(states: "torch.Tensor", group: Group) -> "torch.Tensor":
    """(rows, heads, length, width) -> (tokens, heads, width)."""
    flat = states.transpose(1, 2).flatten(0, 1)
    return flat if group.real is None else flat.index_select(0, group.real)


def _products(
    query: "torch.Tensor", key: "torch.Tensor", value: "torch.Tensor", shared: int, scale: float
) -> "torch.Tensor":
    """Attention as three products; queries that share a key head stand in one matrix, so that no key is copied."""
    import torch

    rows, heads, length, width = query.shape
    out = _plain().apply(
        query.reshape(rows * (heads // shared), shared * length, width),
        key.flatten(0, 1),
        value.flatten(0, 1),
        scale,
    )
    states: torch.Tensor = out.view(rows, heads, length, -1)
    return states


@cache
def _spread() -> Any:
    """Index selection whose gradient reads instead of adding up: nothing flows back to a padded place."""
    import torch

    class Spread(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, states: Any, spread: Any, real: Any) -> Any:
            ctx.real = real
            return states.index_select(0, spread)

        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:
            return gradient.index_select(0, ctx.real), None, None

    return Spread


@cache
def _plain() -> Any:
    """softmax(scale * query key^T, causal) value, with the weights kept for the way back."""
    import torch

    class Plain(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, query: Any, key: Any, value: Any, scale: float) -> Any:
            length = key.shape[1]
            later = torch.full((length, length), float("-inf"), dtype=query.dtype).triu(1)
            scores = torch.bmm(query, key.transpose(1, 2)).mul_(scale)
            weights = torch.softmax(scores.view(len(key), -1, length, length).add_(later), dim=-1).flatten(1, 2)
            ctx.save_for_backward(query, key, value, weights)
            ctx.scale = scale
            return torch.bmm(weights, value)

        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:
            query, key, value, weights = ctx.saved_tensors
            inner = torch._softmax_backward_data(torch.bmm(gradient, value.transpose(1, 2)), weights, -1, weights.dtype)
            inner.mul_(ctx.scale)
            of_query, of_key = torch.bmm(inner, key), torch.bmm(inner.transpose(1, 2), query)
            return of_query, of_key, torch.bmm(weights.transpose(1, 2), gradient), None

    return Plain
