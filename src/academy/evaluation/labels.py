"""How right a labelling head is. ``LABEL_METRICS`` is the table; each agrees with scikit-learn on shared cases."""

from collections.abc import Callable, Sequence
from typing import Any

from academy.evaluation.intervals import bootstrap_of, wilson
from academy.reports import Score

Labels = Sequence[str] | Sequence[int] | Sequence[float]
LabelMetric = Callable[[Labels, Labels], float]
"""Predicted and expected labels, equally long -> the figure."""


def accuracy(predicted: Labels, expected: Labels) -> float:
    """Share of equal labels."""
    return sum(one == other for one, other in zip(predicted, expected, strict=True)) / len(expected)


def macro_f1(predicted: Labels, expected: Labels) -> float:
    """Mean of the F1 of every label that is predicted or expected; rare labels count as much as common ones."""
    labels = sorted({*predicted, *expected}, key=str)
    return sum(_label_f1(label, predicted, expected) for label in labels) / len(labels)


def _label_f1(label: object, predicted: Labels, expected: Labels) -> float:
    both = sum(one == other == label for one, other in zip(predicted, expected, strict=True))
    return 2 * both / (sum(one == label for one in predicted) + sum(one == label for one in expected))


def quadratic_kappa(predicted: Labels, expected: Labels) -> float:
    """Cohen's kappa with quadratic weights (Cohen 1968) of ordered labels, given as numbers.

    1 is agreement, 0 is what chance gives. When both give one and the same label to everything, it is 1.
    """
    import numpy as np

    given, wanted = np.asarray(predicted, dtype="float64"), np.asarray(expected, dtype="float64")
    observed = ((given - wanted) ** 2).mean()
    # The mean over all pairs of one's label and the other's: what independent raters with these labels would give.
    chance = (given**2).mean() + (wanted**2).mean() - 2 * given.mean() * wanted.mean()
    return 1.0 if chance <= 0 else float(1 - observed / chance)


def mean_squared_error(predicted: Labels, expected: Labels) -> float:
    """Mean of the squared differences, in squared units of the labels."""
    import numpy as np

    return float(((np.asarray(predicted, dtype="float64") - np.asarray(expected, dtype="float64")) ** 2).mean())


LABEL_METRICS: dict[str, LabelMetric] = {
    "accuracy": accuracy,
    "macro_f1": macro_f1,
    "quadratic_kappa": quadratic_kappa,
    "mean_squared_error": mean_squared_error,
}
NUMERIC = ("quadratic_kappa", "mean_squared_error")
"""Metrics that need numbers for labels."""


def label_scores(predicted: Labels, expected: Labels, resamples: int, seed: int) -> tuple[Score, ...]:
    """Every label metric that fits the labels, with its interval: Wilson's for accuracy, else the bootstrap's.

    Raises:
        ValueError: there is no label.
    """
    if not len(expected):
        raise ValueError("no labels")
    numeric = all(isinstance(label, int | float) for label in (*predicted, *expected))
    names = [name for name in LABEL_METRICS if numeric or name not in NUMERIC]
    return tuple(_label_score(name, predicted, expected, resamples, seed) for name in names)


def _label_score(name: str, predicted: Labels, expected: Labels, resamples: int, seed: int) -> Score:
    n, measure = len(expected), LABEL_METRICS[name]

    def figure(places: Any) -> float:
        return measure([predicted[p] for p in places], [expected[p] for p in places])

    value = measure(predicted, expected)
    low, high = wilson(value * n, n) if name == "accuracy" else bootstrap_of(figure, n, resamples, seed)
    return Score(metric=name, value=value, n=n, low=low, high=high)
