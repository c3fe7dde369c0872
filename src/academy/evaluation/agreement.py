"""How far several people agree: Krippendorff's alpha.

1 is perfect agreement, 0 is what chance gives, below 0 people contradict each other. Computed as in Krippendorff,
"Computing Krippendorff's Alpha-Reliability" (2011), https://repository.upenn.edu/asc_papers/43; values may be missing.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

Level = Literal["nominal", "ordinal", "interval"]
RELIABLE, TENTATIVE = 0.8, 0.667
"""Krippendorff's customary limits: draw conclusions from 0.8 on, tentative ones from 0.667 on."""


def alpha(ratings: Sequence[Mapping[str, int]], level: Level) -> float | None:
    """Agreement over items.

    Args:
        ratings: of each item, rater -> value; items with fewer than two values say nothing and are left out.
        level: whether values are names, ranks or distances.

    Returns:
        alpha; None when no item has two values, or when all values are the same, for then chance cannot be told from
        agreement.
    """
    import numpy as np

    paired = [list(item.values()) for item in ratings if len(item) > 1]
    values = sorted({value for item in paired for value in item})
    if len(values) < 2:
        return None
    place = {value: number for number, value in enumerate(values)}
    coincidences = np.zeros((len(values), len(values)))
    for item in paired:
        counts = np.bincount([place[value] for value in item], minlength=len(values)).astype(float)
        coincidences += (np.outer(counts, counts) - np.diag(counts)) / (len(item) - 1)
    totals = coincidences.sum(axis=0)
    expected = np.outer(totals, totals) - np.diag(totals)
    apart = _distances(values, totals, level)
    return float(1 - (totals.sum() - 1) * (coincidences * apart).sum() / (expected * apart).sum())


def _distances(values: Sequence[int], totals: Any, level: Level) -> Any:
    """Squared distance of every two values; shape (values, values)."""
    import numpy as np

    if level == "nominal":
        return 1.0 - np.eye(len(values))
    if level == "interval":
        places = np.asarray(values, dtype=float)
    else:
        # The ranks between two values: everything counted between them, and half of each end.
        places = np.cumsum(totals) - totals / 2
    return (places[:, None] - places[None, :]) ** 2
