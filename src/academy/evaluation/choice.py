"""Which way of asking is used by default: the one that the exam found best, unless a simpler one is as good.

The rule. A question that the documents answer gives its word overlap (token F1), one that they do not answer gives 1
for a refusal and 0 for anything else. Of the ways with a right answer, the one with the highest mean leads. A way that
stands earlier in ``ORDER`` is taken instead when the leader's lead over it may be chance (the paired 95 % interval of
the difference holds zero), or when the leader answers fewer questions rightly beyond chance: neither short wrong
answers nor refusing everything must beat a sentence that holds the right one. Without an exam, with fewer than six
questions or without any right answer, the first of ``ORDER`` answers.
"""

from collections.abc import Mapping, Sequence

from academy.evaluation.intervals import bootstrap, permutation
from academy.evaluation.metrics import containment, refused, token_f1
from academy.messages import N_
from academy.records import Mode, Question
from academy.reports import Choice, Difference

ORDER: tuple[Mode, ...] = ("retrieval", "evidence", "specialist", "combined")
"""Safest and cheapest first: a sentence of the documents; a model that reads them; a model alone; two models."""
POINTS = "points"
"""Name of the deciding score."""
ENOUGH = 6
"""Fewer answerable questions prove nothing: even if all go one way, chance does that with five in 6 % (sign test)."""
NAMES = {
    "specialist": N_("from memory (specialist)"),
    "retrieval": N_("search alone (retrieval)"),
    "evidence": N_("the specialist with passages (evidence)"),
    "combined": N_("specialist and general model together (combined)"),
}
SEARCH = {
    "best": N_(
        "Search alone does best: the best matching sentence of the documents holds the answer to {right} of {n} "
        "questions; academy query uses it."
    ),
    "more_right": N_(
        "Search alone does best: the best matching sentence of the documents holds the answer to {right} of {n} "
        "questions, {other} gives {other_right} right answers; academy query uses search."
    ),
    "safer": N_(
        "Search alone does as well as any model here: the best matching sentence of the documents holds the answer to "
        "{right} of {n} questions, {other} is not better beyond chance ({other_right} right); academy query uses "
        "search."
    ),
}
MODEL = {
    "best": N_(
        "Best way to ask: {mode}, {right} of {n} right; ahead of {other}, {other_right} right (lead {lead}, 95 % "
        "interval {low} to {high})."
    ),
    "more_right": N_("Best way to ask: {mode}, {right} of {n} right; {other} gives {other_right} right answers."),
    "safer": N_(
        "Best way to ask: {mode}, {right} of {n} right; {other}, {other_right} right, is not better beyond chance, so "
        "the safer way is used."
    ),
}
ALONE = N_("Best way to ask: {mode}, {right} of {n} right.")


def points(answers: Sequence[str], exam: Sequence[Question]) -> list[float]:
    """The deciding score of each question, between 0 and 1."""
    pairs = zip(answers, exam, strict=True)
    return [token_f1(given, asked.answers) if asked.answerable else refused(given) for given, asked in pairs]


def choose(
    answers: Mapping[str, Sequence[str]], exam: Sequence[Question], resamples: int, seed: int, parrot: bool = False
) -> Choice | None:
    """The way that ``auto`` uses; None when no way of asking sat the exam.

    Args:
        parrot: the specialist says one and the same to most questions: that is no way to ask, even where chance makes
            it the best one.
    """
    ways = [way for way in ORDER if way in answers and not (parrot and way == "specialist")]
    if not ways:
        return None
    scores = {way: points(answers[way], exam) for way in ways}
    rights = {way: _rights(answers[way], exam) for way in ways}
    if len(rights[ways[0]]) < ENOUGH or not any(map(sum, rights.values())):
        return Choice(mode=ways[0], reason="unproven")
    able = [way for way in ways if sum(rights[way])]
    best = max(able, key=lambda way: sum(scores[way]))

    def beats(leader: Mode, other: Mode) -> bool:
        ahead = paired(POINTS, (leader, other), (scores[leader], scores[other]), resamples, seed)
        return ahead.low > 0 and not _fewer(rights[leader], rights[other], resamples, seed)

    mode = next(way for way in able if way == best or not beats(best, way))
    others = [way for way in ways if way != mode]
    if not others:
        return Choice(mode=mode, reason="best")
    second = max(others, key=lambda way: sum(scores[way]))
    lead = paired(POINTS, (mode, second), (scores[mode], scores[second]), resamples, seed)
    if lead.low > 0:
        return Choice(mode=mode, reason="best", second=second, lead=lead)
    more = _fewer(rights[second], rights[mode], resamples, seed)
    return Choice(mode=mode, reason="more_right" if more else "safer", second=second, lead=lead)


def paired(
    metric: str, names: tuple[str, str], values: tuple[Sequence[float], Sequence[float]], resamples: int, seed: int
) -> Difference:
    """First minus second on the same questions, each value between 0 and 1."""
    row = [one - other for one, other in zip(*values, strict=True)]
    low, high = bootstrap(row, resamples, seed, least=-1.0)
    return Difference(
        first=names[0],
        second=names[1],
        metric=metric,
        value=sum(row) / len(row),
        n=len(row),
        low=low,
        high=high,
        p=permutation(row, resamples, seed),
    )


def _rights(answers: Sequence[str], exam: Sequence[Question]) -> list[float]:
    return [containment(given, asked.answers) for given, asked in zip(answers, exam, strict=True) if asked.answerable]


def _fewer(mine: Sequence[float], others: Sequence[float], resamples: int, seed: int) -> bool:
    """Whether the first answers fewer questions rightly than the second, beyond chance."""
    row = [one - other for one, other in zip(mine, others, strict=True)]
    return bool(row) and bootstrap(row, resamples, seed, least=-1.0)[1] < 0
