"""Packed rows give what separate rows give, and what transformers gives, on every architecture; or are not packed."""

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from academy.finetuning import segments
from academy.finetuning.batches import Row, loss_sum, mean_loss, pack, pad
from academy.finetuning.packing import can_pack
from academy.models.local import load_weights
from tests.tiny import tiny_model

PACKED = ("llama", "mistral", "phi", "gemma", "qwen2", "gpt2")


def rows(count: int, seed: int = 0, longest: int = 40) -> list[Row]:
    """Random rows of random length; about half of the tokens are learned, the last one always."""
    chance = torch.Generator().manual_seed(seed)
    made: list[Row] = []
    for _row in range(count):
        length = int(torch.randint(3, longest, (), generator=chance))
        ids = torch.randint(6, 262, (length,), generator=chance).tolist()
        learned = [*(torch.rand(length - 1, generator=chance) < 0.5).tolist(), True]
        made.append({"input_ids": ids, "labels": [i if yes else -100 for i, yes in zip(ids, learned, strict=True)]})
    return made


def two(folder: Path, dtype: torch.dtype = torch.float32) -> tuple[Any, Any]:
    """The same model twice: as transformers has it, and reading packed rows."""
    usual, packing = load_weights(folder, dtype).train(), load_weights(folder, dtype).train()
    for model in (usual, packing):
        _no_dropout(model)
        if getattr(model.config, "sliding_window", None):
            model.config.sliding_window = 64
    assert can_pack(packing, rows(5))
    assert packing.training
    return usual, packing


def _no_dropout(model: Any) -> None:
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        if hasattr(module, "attention_dropout"):
            module.attention_dropout = 0.0 if isinstance(module.attention_dropout, float) else module.attention_dropout


def gradients(model: Any, loss: torch.Tensor) -> torch.Tensor:
    model.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    return torch.cat([weight.grad.flatten().float() for weight in model.parameters() if weight.grad is not None])


def apart(one: torch.Tensor, other: torch.Tensor) -> float:
    return ((one - other).norm() / other.norm()).item()


@pytest.mark.parametrize("architecture", PACKED)
@pytest.mark.parametrize(("dtype", "close"), [(torch.float32, 1e-5), (torch.bfloat16, 3e-2)])
def test_loss_and_gradients_of_packed_rows_are_those_of_each_row_alone(
    tmp_path: Path, architecture: str, dtype: torch.dtype, close: float
) -> None:
    usual, packing = two(tiny_model(tmp_path / "m", architecture), dtype)
    data = rows(9)
    alone = [usual(**{name: part for name, part in pad([row]).items() if name != "attention_mask"}) for row in data]
    learned = [sum(label != -100 for label in row["labels"][1:]) for row in data]
    expected = sum((out.loss * count for out, count in zip(alone, learned, strict=True)), torch.zeros(()))
    for row, out, count in zip(data, alone, learned, strict=True):
        assert loss_sum(packing, pack([row])).item() == pytest.approx(out.loss.item() * count, rel=close)
    packed = loss_sum(packing, pack(data))
    assert packed.item() == pytest.approx(expected.item(), rel=close)
    assert apart(gradients(packing, packed), gradients(usual, expected)) < 2 * close


@pytest.mark.parametrize("architecture", PACKED)
def test_two_hundred_steps_of_packed_rows_end_where_those_of_transformers_end(
    tmp_path: Path, architecture: str
) -> None:
    usual, packing = two(tiny_model(tmp_path / "m", architecture))
    data = rows(24, longest=16)
    losses: dict[bool, list[float]] = {True: [], False: []}
    for fast, model in ((False, usual), (True, packing)):
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
        for step in range(200):
            part = data[step % 4 * 6 : step % 4 * 6 + 6]
            batch = (pack if fast else pad)(part)
            count = (batch["labels"][:, 1:] != -100).sum()
            loss = loss_sum(model, batch) / count if fast else model(**batch).loss
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses[fast].append(float(loss.detach()))
    assert losses[False][-1] < 0.7 * losses[False][0]
    assert losses[True] == pytest.approx(losses[False], rel=1e-2)
    assert mean_loss(packing, data, 5, pack) == pytest.approx(mean_loss(usual, data, 5, pad), rel=2e-2)


@pytest.mark.parametrize("architecture", ["bloom", "mamba", "gemma2"])
def test_what_cannot_be_packed_is_left_as_it_was(tmp_path: Path, architecture: str) -> None:
    model = load_weights(tiny_model(tmp_path / "m", architecture), torch.float32)
    before = model.config._attn_implementation
    assert not can_pack(model, rows(5))
    assert model.config._attn_implementation == before
    assert loss_sum(model, pad(rows(3))).item() > 0


def test_rows_longer_than_the_window_of_attention_are_not_packed(tmp_path: Path) -> None:
    model = load_weights(tiny_model(tmp_path / "m", "mistral"), torch.float32)
    model.config.sliding_window = max(len(row["input_ids"]) for row in rows(5))
    assert can_pack(model, rows(5))
    model.set_attn_implementation("sdpa")
    model.config.sliding_window -= 1
    assert not can_pack(model, rows(5))


def test_a_model_that_lets_rows_see_each_other_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = segments.make_groups

    def mixed(lengths: Any, device: Any) -> Any:
        return whole([sum(lengths)], device)

    model = load_weights(tiny_model(tmp_path / "m"), torch.float32)
    monkeypatch.setattr("academy.finetuning.batches.segments.make_groups", mixed)
    assert not can_pack(model, rows(5))
    monkeypatch.undo()
    assert can_pack(model, rows(5))


@given(st.lists(st.integers(1, 700), min_size=1, max_size=40))
def test_groups_hold_every_token_once_with_little_padding(lengths: list[int]) -> None:
    lengths.sort()
    groups = segments.make_groups(lengths, "cpu")
    assert [group.start for group in groups] == [0, *(group.stop for group in groups[:-1])]
    assert groups[-1].stop == sum(lengths)
    assert sum(group.rows for group in groups) == len(lengths)
    for group in groups:
        tokens = group.stop - group.start
        assert group.rows * group.length <= max(1.25 * tokens, tokens + 12 * group.rows)
        if group.spread is not None and group.real is not None:
            assert group.spread[group.real].tolist() == list(range(tokens))


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 4), st.sampled_from([1, 2]), st.integers(0, 99))
def test_plain_products_are_torchs_attention(number: int, shared: int, seed: int) -> None:
    chance = torch.Generator().manual_seed(seed)
    length, heads = 5 + number, 2
    query, key, value = (
        torch.randn(number, count, length, 16, generator=chance).bfloat16().requires_grad_()
        for count in (heads * shared, heads, heads)
    )
    ours = segments._products(query, key, value, shared, 0.3)
    wide = [one.detach().float().requires_grad_() for one in (query, key, value)]
    k, v = (one.repeat_interleave(shared, dim=1) for one in wide[1:])
    theirs = torch.nn.functional.scaled_dot_product_attention(wide[0], k, v, is_causal=True, scale=0.3)
    push = torch.randn(theirs.shape, generator=chance)
    found = torch.autograd.grad(ours, (query, key, value), push.bfloat16())
    expected = torch.autograd.grad(theirs, wide, push)
    assert apart(ours.float(), theirs) < 2e-2
    assert all(apart(one.float(), other) < 3e-2 for one, other in zip(found, expected, strict=True))
