"""Several runs side by side: what was set otherwise, what came of it, and whether that is more than chance."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from academy.evaluation.comparison import find_score, hits, signed
from academy.evaluation.intervals import bootstrap
from academy.evaluation.marks import SIGNS, mark
from academy.evaluation.metrics import containment, token_f1
from academy.evaluation.report import best_of, template
from academy.evaluation.words import CANDIDATES, METRICS, compare_words, label
from academy.figures import decimal, percent, size, whole
from academy.reports import Report, Sample

MEASURES = {"containment": containment, "token_f1": token_f1}
RESAMPLES = 2000
SHOWN = 40
"""Questions shown side by side."""
ABSENT = "–"


@dataclass(frozen=True, slots=True)
class Compared:
    """A run to compare: its name, report and settings ("section.key" -> value), and the bytes of its specialist."""

    name: str
    report: Report
    settings: Mapping[str, object]
    bytes: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Tables of text, one column for each run, in the order in which the runs were named.

    Attributes:
        settings: what is not the same everywhere; the first column names it.
        scores: measures with their intervals.
        pairs: of the first run and each other: who, measure, difference, interval, questions, finding.
        notes: sentences about what cannot be compared.
        costs: time, size and steps.
        samples: questions that all runs were asked, with the specialists' answers.
    """

    names: tuple[str, ...]
    settings: tuple[tuple[str, ...], ...]
    scores: tuple[tuple[str, ...], ...]
    pairs: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    costs: tuple[tuple[str, ...], ...]
    samples: tuple[tuple[str, ...], ...]


def compare(runs: Sequence[Compared], language: str) -> Comparison:
    """Compare two or more runs."""
    notes: list[str] = []
    return Comparison(
        names=tuple(run.name for run in runs),
        settings=tuple(_settings(runs)),
        scores=tuple(_scores(runs, language)),
        pairs=tuple(row for other in runs[1:] for row in _pairs(runs[0], other, notes, language)),
        notes=tuple(notes),
        costs=tuple(_costs(runs, language)),
        samples=tuple(_samples(runs)),
    )


def render(found: Comparison, language: str, kind: str) -> str:
    """The comparison as a page that needs nothing else ("html") or as Markdown ("md")."""
    return template(f"compare.{kind}.jinja", words=compare_words(language), language=language, **asdict(found))


def _settings(runs: Sequence[Compared]) -> Iterator[tuple[str, ...]]:
    for key in dict.fromkeys(key for run in runs for key in run.settings):
        values = [ABSENT if run.settings.get(key) is None else str(run.settings[key]) for run in runs]
        if len(set(values)) > 1:
            yield key, *values


def _scores(runs: Sequence[Compared], language: str) -> Iterator[tuple[str, ...]]:
    words = compare_words(language)
    yield words["best"], *(label(CANDIDATES, best_of(run.report), language) for run in runs)
    for who in ("base", "specialist", "best"):
        for measure in MEASURES:
            cells = [
                _cell(run.report, best_of(run.report) if who == "best" else who, measure, language) for run in runs
            ]
            name = words["best"] if who == "best" else label(CANDIDATES, who, language)
            yield f"{name}: {label(METRICS, measure, language)}", *cells


def _cell(report: Report, candidate: str, measure: str, language: str) -> str:
    found = find_score(report.candidates, candidate, measure)
    if found is None:
        return ABSENT
    share, low, high = (percent(value, language) for value in (found.value, found.low, found.high))
    count = f"{hits(found)}/{found.n} · " if measure == "containment" else ""
    return f"{count}{share} [{low}, {high}]"


def _pairs(first: Compared, other: Compared, notes: list[str], language: str) -> Iterator[tuple[str, ...]]:
    """Paired differences on the questions that both were asked: other minus first."""
    words = compare_words(language)
    shared = [(one, two) for one, two in common([first, other]) if one.answerable and one.answers == two.answers]
    if not shared:
        notes.append(words["nothing_common"].format(first=first.name, other=other.name))
        return
    asked = [sum(sample.answerable for sample in run.report.samples) for run in (first, other)]
    if len(shared) < max(asked):
        notes.append(words["some_common"].format(first=first.name, other=other.name, n=len(shared)))
    for who in ("specialist", "best"):
        names = [best_of(run.report) if who == "best" else who for run in (first, other)]
        for measure, function in MEASURES.items():
            row = [
                _gain(function, names, pair)
                for pair in shared
                if names[0] in pair[0].candidates and names[1] in pair[1].candidates
            ]
            if row:
                low, high = bootstrap(row, RESAMPLES, 0, least=-1.0)
                finding = "better" if low > 0 else "worse" if high < 0 else "chance"
                said = words["best"] if who == "best" else label(CANDIDATES, who, language)
                yield (
                    words["against"].format(first=other.name, second=first.name),
                    f"{said}: {label(METRICS, measure, language)}",
                    signed(sum(row) / len(row), language),
                    f"{signed(low, language)} … {signed(high, language)}",
                    str(len(row)),
                    words[finding],
                )


def _gain(function: Any, names: Sequence[str], pair: tuple[Sample, ...]) -> float:
    before, after = (
        function(sample.candidates[name], sample.answers) for name, sample in zip(names, pair, strict=True)
    )
    return float(after - before)


def common(runs: Sequence[Compared]) -> list[tuple[Sample, ...]]:
    """The questions that all runs were asked, in the order of the first."""
    known = [{sample.question: sample for sample in run.report.samples} for run in runs]
    questions = [question for question in known[0] if all(question in row for row in known)]
    return [tuple(row[question] for row in known) for question in questions]


def _costs(runs: Sequence[Compared], language: str) -> Iterator[tuple[str, ...]]:
    words = compare_words(language)
    yield words["size"], *(size(run.bytes, language) for run in runs)
    for key in ("minutes", "kwh", "total_parameters", "trainable_parameters", "trained_tokens", "steps", "lessons"):
        values = [run.report.facts.get(key) for run in runs]
        if any(value is not None for value in values):
            yield words[key], *(_number(value, language) for value in values)


def _number(value: str | int | float | None, language: str) -> str:
    if isinstance(value, int):
        return whole(value, language)
    return decimal(value, 4 if value < 1 else 1, language) if isinstance(value, float) else ABSENT


def _samples(runs: Sequence[Compared]) -> Iterator[tuple[str, ...]]:
    for samples in common(runs)[:SHOWN]:
        answers = [_answer(sample, "specialist") for sample in samples]
        yield samples[0].question, " / ".join(samples[0].answers[:3]) or ABSENT, *answers


def _answer(sample: Sample, name: str) -> str:
    text = sample.candidates.get(name)
    return ABSENT if text is None else f"{SIGNS[mark(text, sample)]} {' '.join(text.split())}"
