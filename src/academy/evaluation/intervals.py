"""How sure a figure is: intervals of shares, means, ratios and other figures, and the paired test."""

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

LEVEL = 0.95
"""How often the true value lies in the interval."""
_Z = 1.959963984540054
"""Standard normal quantile of (1 + LEVEL) / 2."""
_ELEMENTS = 20_000_000
"""Random numbers drawn at once: 160 MB."""
_EXACT = 12
"""Up to so many differing questions all 4,096 signs are tried; beyond, signs are drawn."""
_TINY = 1e-12
"""Sums of floats that differ by less are equal."""


def wilson(hits: float, n: int) -> tuple[float, float]:
    """Interval of a proportion (Wilson 1927): right for few questions and for shares near 0 and 1."""
    share = hits / n
    spread = _Z * (share * (1 - share) / n + _Z**2 / (4 * n * n)) ** 0.5
    middle = share + _Z**2 / (2 * n)
    scale = 1 + _Z**2 / n
    # Both ends hold the share itself; at 0 and 1 rounding would put it a hair outside.
    return max(0.0, min(share, (middle - spread) / scale)), min(1.0, max(share, (middle + spread) / scale))


def bootstrap(
    found: Sequence[float], resamples: int, seed: int, least: float = 0.0, most: float = 1.0
) -> tuple[float, float]:
    """Interval of a mean: the middle 95 % of the means of resampled questions (Efron 1979).

    When all values are equal, resampling knows nothing: then the share of other questions that n equal ones do not rule
    out may have any value.

    Args:
        least: the smallest value that is possible.
        most: the largest; infinity: equal values give an interval of no width.
    """
    import numpy as np

    if min(found) == max(found):
        if most == float("inf"):
            return found[0], found[0]
        _low, others = wilson(0, len(found))
        same = found[0] * (1 - others)
        return same + least * others, same + most * others
    data = np.asarray(found, dtype="float64")
    means = np.concatenate([data[draw].mean(axis=1) for draw in _draws(len(data), resamples, seed)])
    return _middle(means)


def bootstrap_ratio(above: Sequence[float], below: Sequence[float], resamples: int, seed: int) -> tuple[float, float]:
    """Interval of sum(above) / sum(below), resampled together: bits per byte, nats per token.

    Args:
        below: positive.
    """
    import numpy as np

    top, bottom = np.asarray(above, dtype="float64"), np.asarray(below, dtype="float64")
    draws = _draws(len(top), resamples, seed)
    return _middle(np.concatenate([top[draw].sum(axis=1) / bottom[draw].sum(axis=1) for draw in draws]))


def bootstrap_of(figure: Callable[[Any], float | None], n: int, resamples: int, seed: int) -> tuple[float, float]:
    """Interval of any figure of n questions.

    Args:
        figure: gets the places of the drawn questions, shape (n,); None where a draw has no such figure, as an AUROC
            of right answers alone: such draws do not count.

    Raises:
        ValueError: no draw has the figure.
    """
    import numpy as np

    found = [value for block in _draws(n, resamples, seed) for draw in block if (value := figure(draw)) is not None]
    if not found:
        raise ValueError("no resample has the figure")
    return _middle(np.asarray(found))


def jackknife(whole: float, without: Sequence[float], least: float, most: float) -> tuple[float, float]:
    """Interval of a figure that repeated questions would distort, such as a count of distinct words (Tukey 1958).

    Args:
        whole: the figure of all questions.
        without: the figure of all but each question.
    """
    n = len(without)
    if n < 2:
        return least, most
    mean = sum(without) / n
    error = ((n - 1) / n * sum((value - mean) ** 2 for value in without)) ** 0.5
    return max(least, whole - _Z * error), min(most, whole + _Z * error)


def permutation(differences: Sequence[float], resamples: int, seed: int) -> float:
    """Two-sided p-value of paired differences: how often signs given at random reach a sum as far from zero.

    Exact up to 12 differing questions; beyond, (1 + reached) / (1 + resamples), which is never 0 (Phipson and Smyth
    2010, doi:10.2202/1544-6115.1585).
    """
    import numpy as np

    data = np.asarray([value for value in differences if value], dtype="float64")
    if not len(data):
        return 1.0
    bound = abs(data.sum()) - _TINY
    if len(data) <= _EXACT:
        signs = np.asarray(list(product((-1, 1), repeat=len(data))), dtype="float64")
        return float((np.abs(signs @ data) >= bound).mean())
    generator, reached = np.random.default_rng(seed), 0
    block = max(1, _ELEMENTS // len(data))
    for done in range(0, resamples, block):
        signs = generator.integers(0, 2, size=(min(block, resamples - done), len(data))) * 2.0 - 1.0
        reached += int((np.abs(signs @ data) >= bound).sum())
    return (1 + reached) / (1 + resamples)


def _middle(values: Any) -> tuple[float, float]:
    import numpy as np

    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _draws(n: int, resamples: int, seed: int) -> Iterator[Any]:
    """Resampled places, in blocks that fit into memory; shape of a block (resamples, n)."""
    import numpy as np

    generator = np.random.default_rng(seed)
    block = max(1, _ELEMENTS // n)
    for done in range(0, resamples, block):
        yield generator.integers(0, n, size=(min(block, resamples - done), n))
