"""Steps, order and learning rate."""

import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.config import FinetuneConfig
from academy.finetuning.plan import FLOOR, Schedule, choose_method, largest_divisor, make_plan, peak_rate, row_order
from academy.records import Dataset, Example, TextBody


def rows(*lengths: int) -> Dataset:
    examples = [
        Example(lesson_ids=(str(n),), body=TextBody(text=""), input_ids=(1,) * length, labels=(1,) * length)
        for n, length in enumerate(lengths)
    ]
    return Dataset(train=tuple(examples), valid=(), exam=())


@given(st.lists(st.integers(2, 99), min_size=1, max_size=90), st.integers(1, 200), st.integers(1, 9), st.integers(0, 9))
def test_every_row_is_read_once_per_pass(lengths: list[int], places: int, batch: int, seed: int) -> None:
    order = row_order(lengths, places, batch, seed)
    passes, rest = divmod(places, len(lengths))
    times = Counter(order)
    assert len(order) == places
    assert all(passes <= times[row] <= passes + (rest > 0) for row in range(len(lengths)))
    assert order == row_order(lengths, places, batch, seed)


def test_rows_of_similar_length_share_a_batch_and_the_longest_come_first() -> None:
    chance = random.Random(0)
    lengths = [chance.randrange(5, 500) for _row in range(800)]
    order = row_order(lengths, 1600, 8, seed=3)
    batches = [[lengths[row] for row in order[start : start + 8]] for start in range(0, 1600, 8)]
    padded = sum(max(batch) * len(batch) for batch in batches)
    assert padded < 1.1 * sum(map(sum, batches))
    assert max(batches[0]) >= max(max(batch) for batch in batches[:32])
    assert batches[1:32] != sorted(batches[1:32])


def test_a_plan_counts_steps_pieces_and_tokens() -> None:
    plan = make_plan(rows(*[10] * 7), FinetuneConfig(epochs=1.5, batch_size=4, micro_batch_size=3), 0)
    assert (plan.steps, plan.batch, plan.micro, len(plan.order)) == (3, 4, 2, 10)
    assert plan.tokens == (0, 40, 80, 100)
    assert make_plan(rows(5, 5), FinetuneConfig(epochs=3, batch_size=16), 0).steps == 3
    assert make_plan(rows(*[10] * 7), FinetuneConfig(max_steps=2, batch_size=4), 0).steps == 2


def test_pieces_get_smaller_down_to_one_row() -> None:
    plan = make_plan(rows(*[10] * 12), FinetuneConfig(batch_size=12), 0)
    pieces = [plan.micro]
    while (smaller := plan.smaller()) is not None:
        plan = smaller
        pieces.append(plan.micro)
    assert pieces == [12, 6, 3, 1]
    assert largest_divisor(12, 5) == 4


def test_the_rate_rises_and_then_falls_to_its_floor() -> None:
    schedule = Schedule(steps=100, warmup=0.1, seconds=None)
    rates = [schedule(step) for step in range(100)]
    assert 0 < rates[0] < rates[5] < rates[9] == 1.0
    assert rates[9:] == sorted(rates[9:], reverse=True)
    assert rates[-1] == pytest.approx(FLOOR)
    assert Schedule(1, 0.05, None)(0) == pytest.approx(FLOOR)
    assert Schedule(10, 0.0, None)(0) == pytest.approx(1 - 0.1 * (1 - FLOOR))


def test_spent_time_counts_as_progress() -> None:
    schedule = Schedule(steps=1000, warmup=0.1, seconds=60)
    schedule.elapsed = 30
    assert schedule.progress(50) == 0.5
    assert schedule.expected_steps(50) == 100
    assert schedule(50) == pytest.approx(1 - 0.9 * 0.4 / 0.9)
    schedule.elapsed = 61
    assert schedule.progress(51) == 1.0
    assert schedule(51) == pytest.approx(FLOOR)


def test_method_and_rate_follow_the_size() -> None:
    auto = FinetuneConfig()
    assert [choose_method(auto, size) for size in (99_999_999, 100_000_000)] == ["full", "lora"]
    assert choose_method(FinetuneConfig(method="lora"), 5) == "lora"
    assert [peak_rate(auto, "full", 24), peak_rate(auto, "lora", 24), peak_rate(auto, "lora", 7 * 10**9)] == [
        5e-4,
        1e-3,
        2e-4,
    ]
    assert peak_rate(FinetuneConfig(learning_rate=3e-5), "full", 24) == 3e-5


def test_parameters_are_counted_without_loading(tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    from academy.finetuning.methods import count_parameters
    from tests.tiny import tiny_model

    folder = tiny_model(tmp_path / "m")
    assert count_parameters(folder) == AutoModelForCausalLM.from_pretrained(folder).num_parameters()
