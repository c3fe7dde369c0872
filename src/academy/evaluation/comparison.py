"""Candidates on the same questions: scores, paired differences and the verdict in one sentence."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

from academy.evaluation.metrics import ABSTENTION, METRICS, bootstrap, normalise, refused, score, values
from academy.messages import N_, _
from academy.records import Question
from academy.reports import CandidateScores, Difference, Sample, Score

Level = Literal["learned", "partly", "not", "same", "worse", "unknown"]

COMPARED = ("token_f1", "containment", "exact_match")
PAIRS = (
    ("specialist", "base"),
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
ENOUGH = 6
"""Fewer questions prove nothing: even if all go one way, chance does that with five in 6 % of cases (sign test)."""
SAME = 0.5
"""Whoever gives more than this share of the questions one and the same answer does not know what is asked."""
WAYS = ("specialist", "retrieval", "evidence")
"""The ways to ask that a user can choose."""
_NAMES = {
    "specialist": N_("from memory (specialist)"),
    "retrieval": N_("search alone (retrieval)"),
    "evidence": N_("the specialist with passages (evidence)"),
}

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
_BEST_RETRIEVAL = N_(
    "Search alone does best: the best matching sentence of the documents holds the answer to {right} of {n} "
    "questions; use it with --mode retrieval."
)
_BEST_SHARED = N_("Best way to ask: {mode}, {right} of {n} right; about as good: {other}, {other_right} right.")
_BEST_CLEAR = N_("Best way to ask: {mode}, {right} of {n} right.")


def candidate_scores(
    answers: Mapping[str, Sequence[str]], exam: Sequence[Question], resamples: int, seed: int
) -> tuple[CandidateScores, ...]:
    """Every metric of every candidate, in the order of ``answers``."""
    table = []
    for candidate, given in answers.items():
        found = {metric: values(metric, given, exam) for metric in (*METRICS, ABSTENTION)}
        scores = tuple(score(metric, row, resamples, seed) for metric, row in found.items() if row)
        table.append(CandidateScores(candidate=candidate, scores=scores))
    return tuple(table)


def differences(
    answers: Mapping[str, Sequence[str]], exam: Sequence[Question], resamples: int, seed: int
) -> tuple[Difference, ...]:
    """Paired differences on the same questions, with bootstrap intervals, of the pairs that sat the exam."""
    found = []
    for first, second in PAIRS:
        if first not in answers or second not in answers:
            continue
        for metric in COMPARED:
            pairs = zip(values(metric, answers[first], exam), values(metric, answers[second], exam), strict=True)
            row = [one - other for one, other in pairs]
            if row:
                low, high = bootstrap(row, resamples, seed, least=-1.0)
                found.append(
                    Difference(
                        first=first,
                        second=second,
                        metric=metric,
                        value=sum(row) / len(row),
                        n=len(row),
                        low=low,
                        high=high,
                    )
                )
    return tuple(found)


def level(candidates: Sequence[CandidateScores], found: Sequence[Difference], samples: Sequence[Sample]) -> Level:
    """What was learned. Only an interval that excludes zero counts as a difference."""
    gain = _difference(found, "specialist", "base", DECIDING)
    right = find_score(candidates, "specialist", RIGHT)
    if gain is None or right is None or gain.n < ENOUGH:
        return "unknown"
    if gain.high < 0:
        return "worse"
    if same_answers(samples) > SAME * right.n:
        return "same"
    if gain.low <= 0:
        return "not"
    return "learned" if right.value >= WELL else "partly"


def same_answers(samples: Sequence[Sample]) -> int:
    """To how many of the questions that can be answered the specialist says what it says most; refusals aside."""
    given = [sample.candidates.get("specialist", "") for sample in samples if sample.answerable]
    counts = Counter(normalise(answer) for answer in given if not refused(answer))
    return max(counts.values(), default=0)


def verdict(
    candidates: Sequence[CandidateScores], found: Sequence[Difference], samples: Sequence[Sample], language: str
) -> str:
    """What was learned and how to ask, in plain words with figures."""
    which = level(candidates, found, samples)
    figures: dict[str, str | int] = {"enough": ENOUGH, "same": same_answers(samples)}
    gain = _difference(found, "specialist", "base", DECIDING)
    mine, base = find_score(candidates, "specialist", RIGHT), find_score(candidates, "base", RIGHT)
    if gain and mine and base:
        figures |= {"right": hits(mine), "n": mine.n, "base": hits(base)}
        figures |= {key: signed(getattr(gain, name), language) for key, name in _FIGURES.items()}
    said = _(_SENTENCES[which], language).format(**figures)
    # Who says the same to everything is no way to ask, even where chance makes it the best one.
    ways = [row for row in candidates if which != "same" or row.candidate != "specialist"]
    return f"{said} {best_way(ways, found, language)}".strip()


_FIGURES = {"difference": "value", "low": "low", "high": "high"}


def best_way(candidates: Sequence[CandidateScores], found: Sequence[Difference], language: str) -> str:
    """Which mode answered most questions rightly; ties and differences within chance are named.

    Empty where too few questions or no right answer leave nothing to recommend.
    """
    ranked = ranking(candidates)
    if len(ranked) < 2 or ranked[0][1].n < ENOUGH or not hits(ranked[0][1]):
        return ""
    (best, mine), (second, other) = ranked[:2]
    close = _difference(found, best, second, RIGHT) or _difference(found, second, best, RIGHT)
    names = {"mode": _(_NAMES[best], language), "other": _(_NAMES[second], language)}
    figures = {**names, "right": hits(mine), "n": mine.n, "other_right": hits(other)}
    if hits(other) and (close is None or close.low <= 0 <= close.high):
        return _(_BEST_SHARED, language).format(**figures)
    said = _BEST_RETRIEVAL if best == "retrieval" else _BEST_CLEAR
    return _(said, language).format(**figures)


def ranking(candidates: Sequence[CandidateScores]) -> list[tuple[str, Score]]:
    """The ways to ask with their share of right answers, best first; of equals the earlier in ``WAYS`` comes later."""
    scores = [(name, find_score(candidates, name, RIGHT)) for name in reversed(WAYS)]
    present = [(name, found) for name, found in scores if found is not None]
    return sorted(present, key=lambda row: -row[1].value)


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
