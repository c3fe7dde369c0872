"""How a training run goes: how many steps, which rows in which order, at which learning rate."""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from academy.config import FinetuneConfig
from academy.records import Dataset

FLOOR = 0.1
"""The learning rate falls to this share of its peak."""
POOL = 32
"""Batches whose rows are grouped by length: little padding, and still 500 different rows to shuffle."""
BILLION = 1_000_000_000
SMALL = 100_000_000
"""Parameters below which method auto trains all weights: an adapter would save little time and memory there."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The course of a run.

    Attributes:
        steps: optimizer steps, at most.
        batch: rows per step.
        micro: rows computed at once; divides ``batch``.
        order: row numbers in the order of training; the last batch may be smaller.
        tokens: tokens read after 0, 1, ... ``steps`` steps.
    """

    steps: int
    batch: int
    micro: int
    order: tuple[int, ...]
    tokens: tuple[int, ...]

    def smaller(self) -> "Plan | None":
        """The same batches in at most half as large pieces, for less memory; None when a piece is one row."""
        return None if self.micro == 1 else replace(self, micro=largest_divisor(self.batch, self.micro // 2))


def make_plan(dataset: Dataset, config: FinetuneConfig, seed: int) -> Plan:
    """Lay out the run; the same arguments always give the same plan."""
    lengths = [len(row.input_ids) for row in dataset.train]
    batch = min(config.batch_size, len(lengths))
    rows = max(1, round(config.epochs * len(lengths)))
    if config.max_steps is not None:
        rows = min(rows, config.max_steps * batch)
    order = row_order(lengths, rows, batch, seed)
    read = [sum(lengths[row] for row in order[start : start + batch]) for start in range(0, rows, batch)]
    micro = largest_divisor(batch, config.micro_batch_size or batch)
    return Plan(len(read), batch, micro, tuple(order), (0, *accumulate(read)))


def row_order(lengths: Sequence[int], rows: int, batch: int, seed: int) -> list[int]:
    """Row numbers for ``rows`` places: every row once per pass, rows of similar length in one batch.

    The batch with the longest row comes first, so that memory that does not suffice is noticed at once.
    """
    chance = random.Random(seed)
    order: list[int] = []
    stream = list(_passes(len(lengths), rows, chance))
    for start in range(0, rows, POOL * batch):
        pool = sorted(stream[start : start + POOL * batch], key=lambda row: lengths[row])
        whole = len(pool) - len(pool) % batch
        # A smaller last batch takes the shortest rows and stays last.
        rest, pool = pool[: len(pool) - whole], pool[len(pool) - whole :]
        batches = [pool[place : place + batch] for place in range(0, whole, batch)]
        chance.shuffle(batches)
        if not order:
            batches.sort(key=lambda rows: lengths[rows[-1]] < max(lengths[row] for row in stream[: POOL * batch]))
        order += [row for one in [*batches, rest] for row in one]
    return order


def _passes(count: int, rows: int, chance: random.Random) -> Iterator[int]:
    for start in range(0, rows, count):
        one = list(range(count))
        chance.shuffle(one)
        yield from one[: rows - start]


def largest_divisor(number: int, limit: int) -> int:
    """The largest divisor that is not above the limit: pieces of a batch must fill it exactly."""
    return next(divisor for divisor in range(min(number, limit), 0, -1) if number % divisor == 0)


def choose_method(config: FinetuneConfig, parameters: int) -> str:
    """Which weights are trained: all of a small model, an adapter on a larger one, unless the user says."""
    if config.method != "auto":
        return config.method
    return "full" if parameters < SMALL else "lora"


def peak_rate(config: FinetuneConfig, method: str, parameters: int) -> float:
    """The peak learning rate."""
    if config.learning_rate is not None:
        return config.learning_rate
    if parameters > BILLION:
        return 2e-4
    return 5e-4 if method == "full" else 1e-3


class Schedule:
    """The share of the peak rate for each step: linear warm-up, then linear decay to ``FLOOR``.

    A time limit moves it on: progress is the larger of the share of steps done and the share of time spent, so that the
    rate has fallen to its floor when the time is up. torch saves the attributes with the optimizer.
    """

    def __init__(self, steps: int, warmup: float, seconds: float | None) -> None:
        self.steps = steps
        self.warmup = warmup
        self.seconds = seconds
        self.elapsed = 0.0

    def progress(self, done: int) -> float:
        """Share of the run that is behind after ``done`` steps, between 0 and 1."""
        time = 0.0 if self.seconds is None else self.elapsed / self.seconds
        return min(1.0, max(done / self.steps, time))

    def expected_steps(self, done: int) -> int:
        """How many steps the run will have in the end, as far as is known after ``done`` steps."""
        return self.steps if done == 0 else max(done, math.ceil(done / self.progress(done)))

    def __call__(self, step: int) -> float:
        """The factor for the step after ``step`` others."""
        progress = self.progress(step + 1)
        if progress < self.warmup:
            return progress / self.warmup
        return 1 - (1 - FLOOR) * (progress - self.warmup) / (1 - self.warmup)
