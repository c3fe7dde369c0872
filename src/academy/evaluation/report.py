"""The report as one self-contained HTML page and as Markdown. The same report always gives the same bytes."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from academy.evaluation.comparison import find_score, hits, level, localised, signed
from academy.evaluation.metrics import containment, exact_match, refused, token_f1
from academy.evaluation.plots import loss_curve
from academy.evaluation.words import CANDIDATES, FACTS, LEVELS, MEANINGS, METRICS, REASONS, VALUES, label, page_words
from academy.reports import Difference, Report, Sample, Score

TEMPLATES = Path(__file__).parent / "templates"
PLOTTED = ("containment", "token_f1", "exact_match", "abstention")
SHOWN = 8
"""Questions that stand open; the others wait behind a click."""
SIGNS = {"right": "✓", "close": "≈", "wrong": "✗", "refused": "–"}
LEVEL_SIGNS = {"learned": "✓", "partly": "◐", "not": "○", "same": "○", "worse": "▼", "unknown": "?"}
_CLOSE = 0.5
"""From this word overlap on, an answer that misses the expected one is called close."""


def render_html(report: Report) -> str:
    """The whole page: no script, no other file, nothing fetched."""
    return str(_environment().get_template("report.html.jinja").render(_view(report)))


def render_markdown(report: Report) -> str:
    """The same content as Markdown."""
    return str(_environment().get_template("report.md.jinja").render(_view(report)))


@lru_cache(maxsize=1)
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html.jinja",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["cell"] = _markdown_cell
    environment.filters["decimal"] = lambda value, language: localised(f"{value:.2f}", language)
    environment.filters["localised"] = localised
    return environment


def _view(report: Report) -> dict[str, Any]:
    """Everything the templates show, as text and places."""
    language = str(report.facts.get("language", "en"))
    which = level(report.candidates, report.differences, report.samples)
    names = [row.candidate for row in report.candidates]
    samples = [_sample(sample, names, language) for sample in report.samples]
    return {
        "language": language,
        "words": page_words(language),
        "level": which,
        "level_sign": LEVEL_SIGNS[which],
        "level_word": label(LEVELS, which, language),
        "title": str(report.facts.get("title", "")),
        "verdict": _without_level(report.verdict),
        "tiles": list(_tiles(report, language)),
        "plots": list(_plots(report, language)),
        "table": list(_table(report, language)),
        "differences": list(_differences(report, language)),
        "chapters": _chapters(report, names, language),
        "names": [label(CANDIDATES, name, language) for name in names],
        "samples": samples[:SHOWN],
        "more_samples": samples[SHOWN:],
        "curve": loss_curve(report.losses, int(report.facts.get("best_step", -1))),
        "coverage": _coverage(report, language),
        "facts": list(_facts(report, language)),
        "versions": ", ".join(_versions(report)),
        "meanings": [(label(METRICS, key, language), label(MEANINGS, key, language)) for key in METRICS],
    }


def _without_level(verdict: str) -> str:
    """The sentence without its first words, which stand above it in large letters."""
    rest = verdict.partition(": ")[2] or verdict
    return rest[:1].upper() + rest[1:]


def _tiles(report: Report, language: str) -> Iterator[dict[str, Any]]:
    """The first thing a reader wants to know: how many were right, for each candidate."""
    for row in report.candidates:
        found = find_score(report.candidates, row.candidate, "containment")
        if found:
            yield {
                "name": label(CANDIDATES, row.candidate, language),
                "key": row.candidate,
                "right": hits(found),
                "n": found.n,
                "share": _percent(found.value),
            }


def _plots(report: Report, language: str) -> Iterator[dict[str, Any]]:
    for metric in PLOTTED:
        rows = [(row.candidate, find_score(report.candidates, row.candidate, metric)) for row in report.candidates]
        present = [_bar(name, found, language) for name, found in rows if found is not None]
        if present:
            yield {
                "name": label(METRICS, metric, language),
                "meaning": label(MEANINGS, metric, language),
                "rows": present,
            }


def _bar(candidate: str, found: Score, language: str) -> dict[str, Any]:
    return {
        "name": label(CANDIDATES, candidate, language),
        "key": candidate,
        "value": _percent(found.value),
        "low": _percent(found.low),
        "high": _percent(found.high),
        "at": round(100 * found.value, 2),
        "from": round(100 * found.low, 2),
        "to": round(100 * found.high, 2),
        "n": found.n,
    }


def _table(report: Report, language: str) -> Iterator[dict[str, Any]]:
    for row in report.candidates:
        for found in row.scores:
            yield {"metric": label(METRICS, found.metric, language), **_bar(row.candidate, found, language)}


def _differences(report: Report, language: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Differences grouped by pair, with the pair's title."""
    said = page_words(language)["against"]
    for (first, second), rows in groupby(report.differences, key=lambda row: (row.first, row.second)):
        title = said.format(first=label(CANDIDATES, first, language), second=label(CANDIDATES, second, language))
        yield title, [_difference(row, language) for row in rows]


def _difference(row: Difference, language: str) -> dict[str, Any]:
    finding = "better" if row.low > 0 else "lower" if row.high < 0 else "chance"
    return {
        "metric": label(METRICS, row.metric, language),
        "value": signed(row.value, language),
        "low": signed(row.low, language),
        "high": signed(row.high, language),
        "finding": finding,
        "sign": {"better": "▲", "lower": "▼", "chance": "○"}[finding],
        "n": row.n,
    }


def _sample(sample: Sample, names: Sequence[str], language: str) -> dict[str, Any]:
    answers = [
        {
            "name": label(CANDIDATES, name, language),
            "text": " ".join(sample.candidates[name].split()),
            "mark": _mark(sample.candidates[name], sample),
        }
        for name in names
        if name in sample.candidates
    ]
    for answer in answers:
        answer["sign"] = SIGNS[answer["mark"]]
    return {
        "question": sample.question,
        "expected": " / ".join(sample.answers[:3]),
        "answerable": sample.answerable,
        "chapter": sample.chapter,
        "answers": answers,
    }


def _mark(answer: str, sample: Sample) -> str:
    if not sample.answerable:
        return "right" if refused(answer) else "wrong"
    if refused(answer):
        return "refused"
    if containment(answer, sample.answers) or exact_match(answer, sample.answers):
        return "right"
    return "close" if token_f1(answer, sample.answers) >= _CLOSE else "wrong"


def _chapters(report: Report, names: Sequence[str], language: str) -> list[dict[str, Any]]:
    """Right answers by chapter, in exam order, then those on foreign questions; nothing when it is only one row."""
    words = page_words(language)
    unnamed = str(report.facts.get("title", "")) if report.facts.get("documents") == 1 else ""
    groups: dict[str, list[Sample]] = {}
    for sample in report.samples:
        if sample.answerable:
            groups.setdefault(sample.chapter or unnamed or words["no_chapter"], []).append(sample)
    foreign = [sample for sample in report.samples if not sample.answerable]
    rows = [*groups.items(), *([(words["foreign"], foreign)] if foreign else [])]
    return [_chapter(name, samples, names) for name, samples in rows] if len(rows) > 1 else []


def _chapter(name: str, samples: Sequence[Sample], names: Sequence[str]) -> dict[str, Any]:
    right = [sum(_mark(row.candidates.get(who, ""), row) == "right" for row in samples) for who in names]
    return {"name": name, "n": len(samples), "right": right}


def _coverage(report: Report, language: str) -> dict[str, Any] | None:
    """Facts taught by page, or by chapter in documents without pages, and sentences that say how to read them."""
    groups = list(_taught(report.coverage, report.facts.get("documents") == 1))
    if not groups:
        return None
    words = page_words(language)
    kinds = {group["kind"] for group in groups}
    notes = [_covered(kind, groups, words) for kind in ("coverage", "sections") if kind in kinds]
    return {"title": words["coverage" if kinds == {"coverage"} else "taught"], "groups": groups, "notes": notes}


def _taught(coverage: Mapping[str, int], single: bool) -> Iterator[dict[str, Any]]:
    """One group for each document, whose title stands before " · " in the key unless there is only one."""
    top = max(1, *coverage.values()) if coverage else 1
    groups: dict[str, list[dict[str, Any]]] = {}
    for key, count in coverage.items():
        document, _separator, place = ("", "", key) if single else key.rpartition(" · ")
        shade = 0 if not count else 1 + min(3, 4 * (count - 1) // top)
        groups.setdefault(document, []).append({"place": place, "count": count, "shade": shade})
    for document, places in groups.items():
        paged = all(place["place"].isdecimal() for place in places)
        # A document without headings is its own only chapter: its name is not said twice.
        alone = [place["place"] for place in places] == [document]
        yield {"title": "" if alone else document, "kind": "coverage" if paged else "sections", "places": places}


def _covered(kind: str, groups: Sequence[Mapping[str, Any]], words: Mapping[str, str]) -> dict[str, str]:
    counts = [place["count"] for group in groups if group["kind"] == kind for place in group["places"]]
    empty = counts.count(0)
    said = words[f"{kind}_none" if empty else f"{kind}_all"]
    return {"how": words[f"{kind}_note"], "summary": said.format(empty=empty, n=len(counts))}


def _facts(report: Report, language: str) -> Iterator[tuple[str, str]]:
    for key in FACTS:
        if key in report.facts:
            yield label(FACTS, key, language), _fact(report.facts[key], language)
        if key == "rejected":
            for name, value in report.facts.items():
                if name.startswith("rejected."):
                    yield f"{label(FACTS, key, language)}: {_reason(name, language)}", _fact(value, language)


def _reason(name: str, language: str) -> str:
    return label(REASONS, name.removeprefix("rejected."), language)


def _fact(value: str | int | float, language: str) -> str:
    if isinstance(value, str):
        return label(VALUES, value, language)
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "de" else text


def _versions(report: Report) -> Iterator[str]:
    for key, value in report.facts.items():
        if key.startswith("versions."):
            yield f"{key.removeprefix('versions.')} {value}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _markdown_cell(text: object) -> str:
    """Text from documents inside Markdown: nothing in it may become a table, a link or HTML."""
    flat = " ".join(str(text).split())
    return "".join(f"\\{character}" if character in "\\`*_{}[]<>|#!" else character for character in flat)
