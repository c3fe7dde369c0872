"""Candidates on the same questions: scores, paired differences and the verdict in one sentence."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

from academy.config import OTHER_RUN
from academy.evaluation.choice import ALONE, ENOUGH, MODEL, NAMES, SEARCH, paired
from academy.evaluation.metrics import METRICS, measured, normalise, refused, values
from academy.messages import N_, _
from academy.records import Question
from academy.reports import CandidateScores, Choice, Difference, Report, Sample, Score

Level = Literal["learned", "partly", "not", "same", "worse", "unknown"]

COMPARED = ("token_f1", "containment", "exact_match")
PAIRS = (
    ("specialist", "base"),
    ("specialist", "base-few-shot"),
    ("evidence", "base-evidence"),
    ("evidence", "retrieval"),
    ("evidence", "specialist"),
    ("specialist", "retrieval"),
)
"""Who is compared with whom: first minus second."""
DECIDING = "token_f1"
"""The metric that decides what was learned."""
RIGHT = "containment"
"""The metric behind "n questions right" and the best way to ask: it is fair to whole sentences and to short answers."""
WELL = 0.5
"""From this share of right answers on, something that was learned counts as learned, not partly learned."""
SAME = 0.5
"""Whoever gives more than this share of the questions one and the same answer does not know what is asked."""
_SENTENCES: dict[Level, str] = {
    "learned": N_(
        "Learned: from memory the specialist answers {right} of {n} exam questions correctly, "
        "the untrained base model {base} (word overlap {difference}, 95 % interval {low} to {high})."
    ),
    "partly": N_(
        "Partly learned: from memory the specialist answers {right} of {n} exam questions correctly, the untrained "
        "base model {base}; a real gain (word overlap {difference}, 95 % interval {low} to {high}), but less than half."
    ),
    "not": N_(
        "Not learned by heart: from memory the specialist answers {right} of {n} exam questions correctly, the "
        "untrained base model {base}; that may be chance (word overlap {difference}, 95 % interval {low} to {high})."
    ),
    "same": N_(
        "Not learned: from memory the specialist gives one and the same answer to {same} of {n} exam questions, "
        "whatever is asked; what it gets right that way is no knowledge."
    ),
    "worse": N_(
        "Worse than before: from memory the specialist answers {right} of {n} exam questions correctly, the untrained "
        "base model {base} (word overlap {difference}, 95 % interval {low} to {high})."
    ),
    "unknown": N_(
        "Not measured: it takes at least {enough} questions that both the specialist and the untrained base model "
        "answer."
    ),
}


def candidate_scores(
    answers: Mapping[str, Sequence[str]], exam: Sequence[Question], resamples: int, seed: int
) -> tuple[CandidateScores, ...]:
    """Every metric of every candidate, in the order of ``answers``."""
    table = []
    for candidate, given in answers.items():
        found = (measured(metric, given, exam, resamples, seed) for metric in METRICS)
        table.append(CandidateScores(candidate=candidate, scores=tuple(score for score in found if score)))
    return tuple(table)


def differences(
    answers: Mapping[str, Sequence[str]], exam: Sequence[Question], resamples: int, seed: int
) -> tuple[Difference, ...]:
    """Paired differences on the same questions, with intervals and p-values, of the pairs that sat the exam."""
    others = tuple(("specialist", name) for name in answers if name.startswith(OTHER_RUN))
    found = []
    for first, second in (*PAIRS, *others):
        if first not in answers or second not in answers:
            continue
        for metric in COMPARED:
            row = values(metric, answers[first], exam), values(metric, answers[second], exam)
            if row[0]:
                found.append(paired(metric, (first, second), row, resamples, seed))
    return tuple(found)


def level(candidates: Sequence[CandidateScores], found: Sequence[Difference], samples: Sequence[Sample]) -> Level:
    """What was learned. Only an interval that excludes zero counts as a difference."""
    gain = _difference(found, "specialist", "base", DECIDING)
    right = find_score(candidates, "specialist", RIGHT)
    if gain is None or right is None or gain.n < ENOUGH:
        return "unknown"
    if gain.high < 0:
        return "worse"
    if is_parrot(samples):
        return "same"
    if gain.low <= 0:
        return "not"
    return "learned" if right.value >= WELL else "partly"


def same_answers(samples: Sequence[Sample]) -> int:
    """To how many of the questions that can be answered the specialist says what it says most; refusals aside."""
    given = [sample.candidates.get("specialist", "") for sample in samples if sample.answerable]
    counts = Counter(normalise(answer) for answer in given if not refused(answer))
    return max(counts.values(), default=0)


def is_parrot(samples: Sequence[Sample]) -> bool:
    """Whether the specialist says one and the same to more than half of the questions that can be answered."""
    return same_answers(samples) > SAME * sum(sample.answerable for sample in samples)


def verdict(
    candidates: Sequence[CandidateScores],
    found: Sequence[Difference],
    samples: Sequence[Sample],
    choice: Choice | None,
    language: str,
) -> str:
    """What was learned and how to ask, in plain words with figures."""
    figures: dict[str, str | int] = {"enough": ENOUGH, "same": same_answers(samples)}
    gain = _difference(found, "specialist", "base", DECIDING)
    mine, base = find_score(candidates, "specialist", RIGHT), find_score(candidates, "base", RIGHT)
    if gain and mine and base:
        figures |= {"right": hits(mine), "n": mine.n, "base": hits(base)}
        figures |= {key: signed(getattr(gain, name), language) for key, name in _FIGURES.items()}
    said = _(_SENTENCES[level(candidates, found, samples)], language).format(**figures)
    return f"{said} {choice_sentence(choice, candidates, language)}".strip()


_FIGURES = {"difference": "value", "low": "low", "high": "high"}


def choice_sentence(choice: Choice | None, candidates: Sequence[CandidateScores], language: str) -> str:
    """How to ask, in plain words with figures; empty where nothing is proven."""
    mine = find_score(candidates, choice.mode, RIGHT) if choice else None
    if choice is None or choice.reason == "unproven" or mine is None:
        return ""
    figures = {"mode": _(NAMES[choice.mode], language), "right": hits(mine), "n": mine.n}
    other = find_score(candidates, choice.second, RIGHT)
    if other is None or choice.lead is None:
        return _(ALONE, language).format(**figures)
    figures |= {"other": _(NAMES[choice.second], language), "other_right": hits(other)}
    ends = {"lead": choice.lead.value, "low": choice.lead.low, "high": choice.lead.high}
    figures |= {name: signed(value, language) for name, value in ends.items()}
    table = SEARCH if choice.mode == "retrieval" else MODEL
    return _(table[choice.reason], language).format(**figures)


def best_mode(report: Report) -> str:
    """The way that ``auto`` asks; empty where the exam proves none."""
    return report.choice.mode if report.choice and report.choice.reason != "unproven" else ""


def find_score(candidates: Sequence[CandidateScores], candidate: str, metric: str) -> Score | None:
    """One score of one candidate."""
    rows = (row for row in candidates if row.candidate == candidate)
    return next((found for row in rows for found in row.scores if found.metric == metric), None)


def hits(found: Score) -> int:
    """How many questions a share stands for."""
    return round(found.value * found.n)


def signed(value: float, language: str) -> str:
    """A difference with its sign and two decimals: +0.12, in German +0,12."""
    return localised(f"{value:+.2f}".replace("-", "\N{MINUS SIGN}"), language)


def localised(number: str, language: str) -> str:
    """A number without thousands separators, with the decimal sign of the language."""
    return number.replace(".", ",") if language == "de" else number


def _difference(found: Sequence[Difference], first: str, second: str, metric: str) -> Difference | None:
    wanted = (first, second, metric)
    return next((row for row in found if (row.first, row.second, row.metric) == wanted), None)
