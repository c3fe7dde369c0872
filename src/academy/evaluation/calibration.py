"""What the confidence of an answer is worth: whether it tells right answers from wrong ones, and where to doubt."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from academy.evaluation.intervals import bootstrap_of, wilson
from academy.reports import Calibration, Score

TARGET = 0.9
"""The share of right answers that is wanted above the threshold."""
FEWEST = 10
"""A threshold that fewer answers reach says nothing."""


def auroc(confidences: Sequence[float], right: Sequence[bool]) -> float | None:
    """Probability that a right answer has a higher confidence than a wrong one; equal ones count half (Mann-Whitney).

    None where there is no right answer or no wrong one.
    """
    import numpy as np

    hits = np.asarray(right, dtype=bool)
    won = _won(confidences, hits)
    return float(won.mean()) if won.size else None


def _won(confidences: Sequence[float], hits: Any) -> Any:
    """For each right answer and each wrong one: 1 where the right one is surer, 0.5 where both are equally sure."""
    import numpy as np

    sure = np.asarray(confidences, dtype="float64")
    above = sure[hits][:, None] - sure[~hits][None, :]
    return (np.sign(above) + 1) / 2


def threshold(confidences: Sequence[float], right: Sequence[bool], target: float = TARGET) -> float | None:
    """The lowest confidence from which on at least ``target`` of the answers are right; None when there is none.

    Only thresholds that at least ten answers reach count.
    """
    pairs = sorted(zip(confidences, right, strict=True), reverse=True)
    taken = hits = 0
    found = None
    for confidence, group in groupby(pairs, key=lambda pair: pair[0]):
        marks = [mark for _confidence, mark in group]
        taken, hits = taken + len(marks), hits + sum(marks)
        if taken >= FEWEST and hits >= target * taken:
            found = confidence
    return found


def calibrate(
    candidate: str, confidences: Sequence[float], right: Sequence[bool], resamples: int, seed: int
) -> Calibration | None:
    """AUROC, threshold, and what the threshold gives; None for too few answers.

    Args:
        confidences: of the answers that are no refusals, on all questions.
        right: whether each is right; an answer to what the documents do not say is wrong.
    """
    n = len(right)
    if n < FEWEST:
        return None
    bound = threshold(confidences, right)
    reached = [
        mark for confidence, mark in zip(confidences, right, strict=True) if bound is not None and confidence >= bound
    ]
    return Calibration(
        candidate=candidate,
        n=n,
        auroc=_auroc(confidences, right, resamples, seed),
        target=TARGET,
        threshold=bound,
        precision=_share("precision", sum(reached), len(reached)) if reached else None,
        coverage=_share("coverage", len(reached), n) if reached else None,
    )


def _auroc(confidences: Sequence[float], right: Sequence[bool], resamples: int, seed: int) -> Score | None:
    import numpy as np

    value, n, hits = auroc(confidences, right), len(right), np.asarray(right, dtype=bool)
    if value is None:
        return None
    won = _won(confidences, hits)

    def figure(places: Any) -> float | None:
        times = np.bincount(places, minlength=n)
        rights, wrongs = times[hits], times[~hits]
        pairs = rights.sum() * wrongs.sum()
        return float(rights @ won @ wrongs / pairs) if pairs else None

    low, high = bootstrap_of(figure, n, resamples, seed)
    return Score(metric="auroc", value=value, n=len(right), low=min(low, value), high=max(high, value))


def _share(metric: str, hits: int, n: int) -> Score:
    low, high = wilson(hits, n)
    return Score(metric=metric, value=hits / n, n=n, low=low, high=high)
