"""How right an answer is, and how sure a figure is.

Answers are compared after the normalisation of SQuAD (Rajpurkar et al. 2016: lower case, no punctuation, no articles),
made safe for German: Unicode throughout, German articles too, composed characters. The best of the accepted answers
counts.
"""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from academy.models.answering import is_refusal
from academy.records import Question
from academy.reports import Score

ARTICLES = frozenset(
    [
        *("a", "an", "the"),
        *("der", "die", "das", "den", "dem", "des"),
        *("ein", "eine", "einen", "einem", "einer", "eines"),
    ]
)
_PUNCTUATION = ("Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Cf")
"""Unicode's punctuation, and invisible characters such as the soft hyphen."""
LEVEL = 0.95
"""How often the true value lies in the interval."""
_Z = 1.959963984540054
"""Standard normal quantile of (1 + LEVEL) / 2."""
_ELEMENTS = 20_000_000
"""Random numbers drawn at once: 160 MB."""


def normalise(text: str) -> str:
    """Lower case, no punctuation, no articles, single blanks.

    Punctuation is deleted, not replaced by a blank, exactly as SQuAD's script does it: 1,000 is 1000. Unlike SQuAD's, a
    text of articles alone is kept: "A" is a note, a blood group, a vitamin.
    """
    words = _words(text)
    return " ".join([word for word in words if word not in ARTICLES] or words)


def _words(text: str) -> list[str]:
    """Normalised, with articles."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    kept = "".join(character for character in folded if not _is_punctuation(character))
    return kept.split()


def _pairs(answer: str, accepted: Sequence[str]) -> Iterator[tuple[list[str], list[str]]]:
    """The words of the answer and of each accepted one; articles count in both where that one is nothing else."""
    for reference in accepted:
        expected = normalise(reference).split()
        yield (_words(answer) if ARTICLES.issuperset(expected) else normalise(answer).split()), expected


def _is_punctuation(character: str) -> bool:
    return character in string.punctuation or unicodedata.category(character) in _PUNCTUATION


def exact_match(answer: str, accepted: Sequence[str]) -> float:
    """1.0 if the answer is one of the accepted ones, normalised; else 0.0."""
    return float(any(given == expected for given, expected in _pairs(answer, accepted)))


def token_f1(answer: str, accepted: Sequence[str]) -> float:
    """Harmonic mean of precision and recall over words, the best over the accepted answers; between 0 and 1."""
    return max((_f1(given, expected) for given, expected in _pairs(answer, accepted)), default=0.0)


def _f1(given: Sequence[str], expected: Sequence[str]) -> float:
    if not given or not expected:
        return float(given == expected)
    common = (Counter(given) & Counter(expected)).total()
    return 2 * common / (len(given) + len(expected))


def containment(answer: str, accepted: Sequence[str]) -> float:
    """1.0 if an accepted answer stands inside the answer, at word boundaries; else 0.0."""
    pairs = ((" ".join(given), " ".join(expected)) for given, expected in _pairs(answer, accepted))
    return float(any(expected and f" {expected} " in f" {given} " for given, expected in pairs))


def refused(answer: str) -> float:
    """1.0 for the refusal and for an empty answer; else 0.0."""
    return float(is_refusal(answer) or not re.search(r"\w", answer))


Metric = Callable[[str, Sequence[str]], float]

METRICS: dict[str, Metric] = {
    "exact_match": exact_match,
    "token_f1": token_f1,
    "containment": containment,
    "refusal": lambda answer, accepted: refused(answer),
}
"""Measured on the questions that the documents answer."""
ABSTENTION = "abstention"
"""Share of refusals on the questions that the documents do not answer."""
PROPORTIONS = ("exact_match", "containment", "refusal", ABSTENTION)
"""Metrics whose values are 0 or 1: their intervals are Wilson's."""


def values(metric: str, answers: Sequence[str], exam: Sequence[Question]) -> list[float]:
    """A metric for each question that it applies to, in exam order."""
    pairs = list(zip(answers, exam, strict=True))
    if metric == ABSTENTION:
        return [refused(answer) for answer, question in pairs if not question.answerable]
    return [METRICS[metric](answer, question.answers) for answer, question in pairs if question.answerable]


def score(metric: str, found: Sequence[float], resamples: int, seed: int) -> Score:
    """A figure with its 95 % interval: Wilson's for proportions, else the percentile bootstrap.

    Raises:
        ValueError: there is no value.
    """
    if not found:
        raise ValueError(f"no values for {metric}")
    low, high = wilson(sum(found), len(found)) if metric in PROPORTIONS else bootstrap(found, resamples, seed)
    return Score(metric=metric, value=sum(found) / len(found), n=len(found), low=low, high=high)


def wilson(hits: float, n: int) -> tuple[float, float]:
    """Interval of a proportion (Wilson 1927): right for few questions and for shares near 0 and 1."""
    share = hits / n
    spread = _Z * (share * (1 - share) / n + _Z**2 / (4 * n * n)) ** 0.5
    middle = share + _Z**2 / (2 * n)
    scale = 1 + _Z**2 / n
    # Both ends hold the share itself; at 0 and 1 rounding would put it a hair outside.
    return max(0.0, min(share, (middle - spread) / scale)), min(1.0, max(share, (middle + spread) / scale))


def bootstrap(found: Sequence[float], resamples: int, seed: int, least: float = 0.0) -> tuple[float, float]:
    """Interval of a mean: the middle 95 % of the means of resampled questions (Efron 1979).

    When all values are equal, resampling knows nothing: then the share of other questions that n equal ones do not rule
    out may have any value.

    Args:
        least: the smallest value that is possible; the largest is 1.
    """
    import numpy as np

    if min(found) == max(found):
        _low, others = wilson(0, len(found))
        same = found[0] * (1 - others)
        return same + least * others, same + others
    data = np.asarray(found, dtype="float64")
    means = np.concatenate([data[draw].mean(axis=1) for draw in _draws(len(data), resamples, seed)])
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _draws(n: int, resamples: int, seed: int) -> Iterator[Any]:
    """Resampled places, in blocks that fit into memory; shape of a block (resamples, n)."""
    import numpy as np

    generator = np.random.default_rng(seed)
    block = max(1, _ELEMENTS // n)
    for done in range(0, resamples, block):
        yield generator.integers(0, n, size=(min(block, resamples - done), n))
