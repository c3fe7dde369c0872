"""Figures for the report as SVG, drawn by us: no script, no font, no colour that a screen reader would miss.

Horizontal places are percentages, so that a figure fills any width without stretching its dots and lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

from academy.figures import whole
from academy.records import LossPoint


@dataclass(frozen=True, slots=True)
class Point:
    """A place in a figure, in percent of its width and height, the origin at the top left."""

    x: float
    y: float
    step: int
    value: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on an axis, in percent."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A loss curve ready for the template.

    Attributes:
        train: points of the training loss.
        valid: points of the validation loss.
        best: the step whose weights were kept; None when it was not validated.
        rows: the same as numbers, for the table.
    """

    train: tuple[Point, ...]
    valid: tuple[Point, ...]
    best: Point | None
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    rows: tuple[LossPoint, ...]


def loss_curve(losses: Sequence[LossPoint], best_step: int, language: str) -> Curve | None:
    """Scale a loss curve; None when there is nothing to draw."""
    values = [value for point in losses for value in (point.train, point.valid) if value is not None]
    if not values:
        return None
    last = max(1, *(point.step for point in losses))
    top = _round_up(max(values))

    def place(step: int, value: float) -> Point:
        return Point(round(100 * step / last, 2), round(100 * (1 - value / top), 2), step, value)

    train = tuple(place(point.step, point.train) for point in losses if point.train is not None)
    valid = tuple(place(point.step, point.valid) for point in losses if point.valid is not None)
    best = next((point for point in valid if point.step == best_step), None)
    across = tuple(Tick(25.0 * n, whole(round(last * n / 4), language)) for n in range(5))
    up = tuple(Tick(round(100 - 25.0 * n, 2), _short(top * n / 4, language)) for n in range(5))
    return Curve(train, valid, best, across, up, tuple(losses))


def _short(value: float, language: str) -> str:
    return f"{value:g}".replace(".", ",") if language == "de" else f"{value:g}"


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 6, 8 times a power of ten: it divides into four readable parts."""
    if value <= 0:
        return 1.0
    power = 10.0 ** floor(log10(value))
    return next(factor * power for factor in (1.0, 2.0, 4.0, 6.0, 8.0, 10.0) if factor * power >= value * 0.999999)
