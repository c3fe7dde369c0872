"""One answer judged for the eye: right, close, wrong or refused. Scores are made elsewhere."""

from collections.abc import Sequence
from typing import Literal

from academy.evaluation.metrics import containment, exact_match, refused, token_f1
from academy.reports import Sample

Mark = Literal["right", "close", "wrong", "refused"]
SIGNS: dict[Mark, str] = {"right": "✓", "close": "≈", "wrong": "✗", "refused": "–"}
_CLOSE = 0.5
"""From this word overlap on, an answer that misses the expected one is called close."""


def mark(answer: str, sample: Sample) -> Mark:
    """How an answer to a question is marked; foreign questions are answered rightly by a refusal."""
    if not sample.answerable:
        return "right" if refused(answer) else "wrong"
    if refused(answer):
        return "refused"
    if containment(answer, sample.answers) or exact_match(answer, sample.answers):
        return "right"
    return "close" if token_f1(answer, sample.answers) >= _CLOSE else "wrong"


def change(sample: Sample, before: str, after: str) -> Literal["gained", "lost", "same"]:
    """What became of a question between two candidates."""
    was = mark(sample.candidates.get(before, ""), sample) == "right"
    now = mark(sample.candidates.get(after, ""), sample) == "right"
    return "gained" if now and not was else "lost" if was and not now else "same"


def shown_order(names: Sequence[str], best: str) -> list[str]:
    """Base, specialist and the best way first, then the others as they come."""
    first = [name for name in dict.fromkeys(("base", "specialist", best)) if name in names]
    return [*first, *(name for name in names if name not in first)]
