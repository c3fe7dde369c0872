"""How right an answer is. ``METRICS`` is the table: what stands in it is measured.

Answers are compared after the normalisation of SQuAD (Rajpurkar et al. 2016: lower case, no punctuation, no articles),
made safe for German: Unicode throughout, German articles too, composed characters. The best of the accepted answers
counts.
"""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from academy.evaluation.intervals import bootstrap, bootstrap_of, jackknife, wilson
from academy.evaluation.overlap import bleu, bleu_counts, chrf, rouge_l, rouge_n
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
_REMEMBERED = 20_000
"""Texts kept normalised: every measure looks at the same answers again."""


@lru_cache(maxsize=_REMEMBERED)
def normalise(text: str) -> str:
    """Lower case, no punctuation, no articles, single blanks.

    Punctuation is deleted, not replaced by a blank, exactly as SQuAD's script does it: 1,000 is 1000. Unlike SQuAD's, a
    text of articles alone is kept: "A" is a note, a blood group, a vitamin.
    """
    words = _words(text)
    return " ".join([word for word in words if word not in ARTICLES] or words)


@lru_cache(maxsize=_REMEMBERED)
def _words(text: str) -> tuple[str, ...]:
    """Normalised, with articles."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    kept = "".join(character for character in folded if not _is_punctuation(character))
    return tuple(kept.split())


def _pairs(answer: str, accepted: Sequence[str]) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """The words of the answer and of each accepted one; articles count in both where that one is nothing else."""
    for reference in accepted:
        expected = normalise(reference).split()
        yield (list(_words(answer)) if ARTICLES.issuperset(expected) else normalise(answer).split()), expected


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


def length(answer: str, accepted: Sequence[str]) -> float:
    """How many words the answer has; articles count."""
    return float(len(_words(answer)))


def _abstains(answer: str, accepted: Sequence[str]) -> float:
    return refused(answer)


def _bleu(answers: Sequence[str], exam: Sequence[Question], resamples: int, seed: int) -> Score | None:
    """BLEU of all answers together, with its bootstrap interval (Koehn 2004)."""
    import numpy as np

    rows = [bleu_counts(a, q.answers) for a, q in zip(answers, exam, strict=True) if q.answerable]
    if not rows:
        return None
    table = np.asarray(rows)
    low, high = bootstrap_of(lambda places: bleu(table[places].sum(axis=0)), len(rows), resamples, seed)
    return Score(metric="bleu", value=bleu(table.sum(axis=0)), n=len(rows), low=low, high=high)


def distinct(answers: Sequence[str], n: int) -> float:
    """Distinct-n (Li et al. 2016): different word n-grams per n-gram written; 0 when none is written."""
    grams = Counter(gram for answer in answers for gram in _grams(_words(answer), n))
    return _share(len(grams), grams.total())


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _grams(words: Sequence[str], n: int) -> list[tuple[str, ...]]:
    return [tuple(words[start : start + n]) for start in range(len(words) - n + 1)]


def _distinct(n: int) -> "Whole":
    """Distinct-n of all answers; a jackknife interval, because resampled answers repeat themselves by construction."""

    def measure(answers: Sequence[str], exam: Sequence[Question], resamples: int, seed: int) -> Score | None:
        if not answers:
            return None
        rows = [Counter(_grams(_words(answer), n)) for answer in answers]
        whole: Counter[tuple[str, ...]] = Counter()
        for row in rows:
            whole.update(row)
        alone = [sum(whole[gram] == count for gram, count in row.items()) for row in rows]
        without = [_share(len(whole) - own, whole.total() - row.total()) for own, row in zip(alone, rows, strict=True)]
        value = _share(len(whole), whole.total())
        low, high = jackknife(value, without, 0.0, 1.0)
        return Score(metric=f"distinct_{n}", value=value, n=len(answers), low=low, high=high)

    return measure


def _abstention_precision(answers: Sequence[str], exam: Sequence[Question], resamples: int, seed: int) -> Score | None:
    """Of the refusals, the share that was right; None where nothing was refused, or nothing had to be."""
    open_ones = [not question.answerable for a, question in zip(answers, exam, strict=True) if refused(a)]
    if not open_ones or all(question.answerable for question in exam):
        return None
    low, high = wilson(sum(open_ones), len(open_ones))
    share = sum(open_ones) / len(open_ones)
    return Score(metric="abstention_precision", value=share, n=len(open_ones), low=low, high=high)


Each = Callable[[str, Sequence[str]], float]
"""The answer and the accepted ones -> a value."""
Whole = Callable[[Sequence[str], Sequence[Question], int, int], Score | None]
"""All answers, all questions, resamples, seed -> the figure; None where there is nothing to measure."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A measure.

    Attributes:
        each: its value for one question; the figure is their mean. None for a measure of all answers together.
        whole: such a measure.
        asks: on which questions it is measured.
        share: values are 0 or 1: the interval is Wilson's, else the bootstrap's.
        most: the largest value that is possible; the smallest is 0.
    """

    each: Each | None = None
    whole: Whole | None = None
    asks: Literal["answerable", "unanswerable", "all"] = "answerable"
    share: bool = False
    most: float = 1.0


ABSTENTION = "abstention"
"""Share of refusals on the questions that the documents do not answer: the recall of refusing."""
METRICS: dict[str, Metric] = {
    "exact_match": Metric(exact_match, share=True),
    "token_f1": Metric(token_f1),
    "containment": Metric(containment, share=True),
    "rouge_1": Metric(lambda answer, accepted: rouge_n(answer, accepted, 1)),
    "rouge_2": Metric(lambda answer, accepted: rouge_n(answer, accepted, 2)),
    "rouge_l": Metric(rouge_l),
    "bleu": Metric(whole=_bleu),
    "chrf": Metric(chrf),
    "length": Metric(length, most=float("inf")),
    "distinct_1": Metric(whole=_distinct(1), asks="all"),
    "distinct_2": Metric(whole=_distinct(2), asks="all"),
    "refusal": Metric(_abstains, share=True),
    ABSTENTION: Metric(_abstains, asks="unanswerable", share=True),
    "abstention_precision": Metric(whole=_abstention_precision, asks="all"),
}
"""Every measure of answers, in the order of the report."""


def values(metric: str, answers: Sequence[str], exam: Sequence[Question]) -> list[float]:
    """A metric for each question that it applies to, in exam order.

    Raises:
        ValueError: it is a measure of all answers together.
    """
    measure = METRICS[metric]
    if measure.each is None:
        raise ValueError(f"{metric} has no value for one question")
    pairs = zip(answers, exam, strict=True)
    return [measure.each(answer, question.answers) for answer, question in pairs if _applies(measure, question)]


def _applies(measure: Metric, question: Question) -> bool:
    return measure.asks == "all" or question.answerable == (measure.asks == "answerable")


def measured(metric: str, answers: Sequence[str], exam: Sequence[Question], resamples: int, seed: int) -> Score | None:
    """The figure of one candidate; None where no question is asked for it."""
    measure = METRICS[metric]
    if measure.whole is not None:
        return measure.whole(answers, exam, resamples, seed)
    found = values(metric, answers, exam)
    return score(metric, found, resamples, seed) if found else None


def score(metric: str, found: Sequence[float], resamples: int, seed: int) -> Score:
    """A mean with its 95 % interval: Wilson's for proportions, else the percentile bootstrap.

    Raises:
        ValueError: there is no value.
    """
    if not found:
        raise ValueError(f"no values for {metric}")
    measure, n = METRICS[metric], len(found)
    low, high = wilson(sum(found), n) if measure.share else bootstrap(found, resamples, seed, most=measure.most)
    return Score(metric=metric, value=sum(found) / n, n=n, low=low, high=high)
