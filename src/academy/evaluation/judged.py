"""What the ratings say: means by candidate, preferences, and how far the raters agree."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from academy.evaluation.agreement import alpha
from academy.evaluation.intervals import bootstrap
from academy.evaluation.rating import MOST, PREFERENCE, SCALES, Rating, flat, item_id
from academy.reports import Agreement, Preference, Ratings, Sample, ScaleScore

RESAMPLES = 2000


def summarise(samples: Sequence[Sample], ratings: Iterable[Rating], seed: int = 0) -> Ratings | None:
    """Scores from the ratings of answers that these samples hold; None when there is none.

    Several people's values of one answer are averaged first: an interval counts questions, not people.
    """
    values: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for rating in ratings:
        for scale, value in rating.values.items():
            values[scale][rating.item][rating.rater] = _oriented(rating, value)
    singles, pairs = _singles(samples), _pairs(samples)
    present = {*singles, *pairs}
    known = {scale: {item: row for item, row in rows.items() if item in present} for scale, rows in values.items()}
    if not any(known.values()):
        return None
    return Ratings(
        raters=len({rater for rows in known.values() for row in rows.values() for rater in row}),
        scores=tuple(_scores(known, singles, seed)),
        preferences=tuple(_preferences(known.get(PREFERENCE, {}), pairs, seed)),
        agreement=tuple(_agreement(known)),
    )


def _oriented(rating: Rating, value: int) -> int:
    """A preference as if the answers had been shown in alphabetical order."""
    shown = [flat(answer) for answer in rating.answers]
    return value if shown == sorted(shown) else -value


def _singles(samples: Iterable[Sample]) -> dict[str, list[str]]:
    """Item -> the candidates who gave this answer."""
    found: dict[str, list[str]] = defaultdict(list)
    for sample in samples:
        for name, answer in sample.candidates.items():
            found[item_id(sample.question, [answer])].append(name)
    return found


def _pairs(samples: Iterable[Sample]) -> dict[str, list[tuple[str, str]]]:
    """Item -> pairs of candidates, the one whose answer comes first in the alphabet first."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for sample in samples:
        said = sorted((flat(answer), name) for name, answer in sample.candidates.items())
        for place, (answer, name) in enumerate(said):
            for other, second in said[place + 1 :]:
                if answer != other:
                    found[item_id(sample.question, [answer, other])].append((name, second))
    return found


def _scores(
    known: Mapping[str, Mapping[str, Mapping[str, int]]], singles: Mapping[str, Sequence[str]], seed: int
) -> Iterable[ScaleScore]:
    names = list(dict.fromkeys(name for candidates in singles.values() for name in candidates))
    for name in names:
        for scale in SCALES:
            rows = [row for item, row in known.get(scale, {}).items() if name in singles.get(item, ())]
            means = [sum(row.values()) / len(row) for row in rows]
            if means:
                low, high = bootstrap([(mean - 1) / (MOST - 1) for mean in means], RESAMPLES, seed)
                yield ScaleScore(
                    candidate=name,
                    scale=scale,
                    value=sum(means) / len(means),
                    n=len(means),
                    low=1 + low * (MOST - 1),
                    high=1 + high * (MOST - 1),
                )


def _preferences(
    rows: Mapping[str, Mapping[str, int]], pairs: Mapping[str, Sequence[tuple[str, str]]], seed: int
) -> Iterable[Preference]:
    """Of every pair of candidates that was compared, who was preferred how often."""
    means: dict[tuple[str, str], list[float]] = defaultdict(list)
    for item, row in rows.items():
        mean = sum(row.values()) / len(row)
        for first, second in pairs.get(item, ()):
            key = (first, second) if first < second else (second, first)
            means[key].append(mean if key == (first, second) else -mean)
    for (first, second), found in sorted(means.items()):
        low, high = bootstrap(found, RESAMPLES, seed, least=-1.0)
        yield Preference(
            first=first,
            second=second,
            won=sum(mean > 0 for mean in found),
            even=sum(mean == 0 for mean in found),
            lost=sum(mean < 0 for mean in found),
            lead=sum(found) / len(found),
            low=low,
            high=high,
        )


def _agreement(known: Mapping[str, Mapping[str, Mapping[str, int]]]) -> Iterable[Agreement]:
    for scale in (*SCALES, PREFERENCE):
        rows = [row for row in known.get(scale, {}).values() if len(row) > 1]
        if rows:
            yield Agreement(
                scale=scale,
                alpha=alpha(rows, "nominal" if scale == PREFERENCE else "ordinal"),
                items=len(rows),
                raters=len({rater for row in rows for rater in row}),
            )
