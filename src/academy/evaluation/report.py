"""The report as one self-contained HTML page and as Markdown. The same report always gives the same bytes."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from academy.evaluation import findings, sections
from academy.evaluation.advice import advice
from academy.evaluation.comparison import best_mode, find_score, hits, level, signed
from academy.evaluation.marks import SIGNS, change, mark, shown_order
from academy.evaluation.people import judgements
from academy.evaluation.plots import loss_curve
from academy.evaluation.words import CANDIDATES, LEVELS, MEANINGS, METRICS, NUMBERS, label, page_words
from academy.figures import decimal, percent, whole
from academy.reports import Difference, Report, Sample, Score

TEMPLATES = Path(__file__).parent / "templates"
PLOTTED = ("containment", "token_f1", "exact_match", "abstention")
SHOWN = 5
"""Questions that stand open; the others wait behind a click."""
FILTERS = ("best-right", "best-wrong", "gained", "lost")
LEVEL_SIGNS = {"learned": "✓", "partly": "◐", "not": "○", "same": "○", "worse": "▼", "unknown": "?"}


def render_html(report: Report) -> str:
    """The whole page: no script, no other file, nothing fetched."""
    return template("report.html.jinja", **_view(report))


def render_markdown(report: Report) -> str:
    """The same content as Markdown."""
    return template("report.md.jinja", **_view(report))


def template(name: str, **values: Any) -> str:
    """Fill one of the templates; text in HTML pages is escaped."""
    return str(_environment().get_template(name).render(values))


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
    environment.filters["decimal"] = lambda value, language: decimal(value, 2, language)
    environment.filters["whole"] = whole
    return environment


def _view(report: Report) -> dict[str, Any]:
    """Everything the templates show, as text and places."""
    language = str(report.facts.get("language", "en"))
    words = page_words(language)
    which = level(report.candidates, report.differences, report.samples)
    names = [row.candidate for row in report.candidates]
    best = _best(report, names)
    best_name = label(CANDIDATES, best, language)
    samples = [_sample(sample, shown_order(names, best), best, language) for sample in report.samples]
    return {
        "language": language,
        "words": words,
        "level": which,
        "level_sign": LEVEL_SIGNS[which],
        "level_word": label(LEVELS, which, language),
        "title": str(report.facts.get("title", "")),
        "verdict": _without_level(report.verdict),
        "advice": advice(report, language),
        "best": best,
        "filter_note": words["filter_note"].format(best=best_name),
        "tiles": list(_tiles(report, language)),
        "plots": list(_plots(report, language)),
        "table": list(_table(report, language)),
        "found": findings.view(report, language),
        "ratings": judgements(report, language),
        "differences": list(_differences(report, language)),
        "chapters": _chapters(report, names, language),
        "names": [label(CANDIDATES, name, language) for name in names],
        "samples": samples,
        "filters": _filters(samples, words),
        "shown": SHOWN,
        "curve": loss_curve(report.losses, int(report.facts.get("best_step", -1)), language),
        "coverage": sections.coverage(report, best, language),
        "asked_note": words["asked"].format(best=best_name),
        "cost": sections.cost(report, language),
        "sent": sections.fact(report.facts["sent"], language) if "sent" in report.facts else "",
        "quality": sections.quality(report.facts, language),
        "refused": sections.refused(report, language),
        "facts": sections.facts(report, language),
        "versions": sections.versions(report),
        "meanings": [(label(METRICS, key, language), label(MEANINGS, key, language)) for key in METRICS],
    }


def best_of(report: Report) -> str:
    """The way of answering that did best in the exam of a report."""
    return _best(report, [row.candidate for row in report.candidates])


def _best(report: Report, names: Sequence[str]) -> str:
    """The way of answering that did best; the specialist, or who there is, when none is proven."""
    mode = best_mode(report)
    if mode:
        return mode
    return "specialist" if "specialist" in names or not names else names[-1]


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
                "share": percent(found.value),
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
        "value": percent(found.value),
        "low": percent(found.low),
        "high": percent(found.high),
        "at": round(100 * found.value, 2),
        "from": round(100 * found.low, 2),
        "to": round(100 * found.high, 2),
        "n": found.n,
    }


def _table(report: Report, language: str) -> Iterator[dict[str, Any]]:
    for row in report.candidates:
        for found in row.scores:
            figures = _plain(found, language) if found.metric in NUMBERS else {}
            yield {"metric": label(METRICS, found.metric, language), **_bar(row.candidate, found, language), **figures}


def _plain(found: Score, language: str) -> dict[str, str]:
    """A figure that is no share, such as a number of words."""
    return {key: decimal(getattr(found, key), 1, language) for key in ("value", "low", "high")}


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


def _sample(sample: Sample, names: Sequence[str], best: str, language: str) -> dict[str, Any]:
    answers = [_answer(sample, name, best, language) for name in names if name in sample.candidates]
    right = mark(sample.candidates.get(best, ""), sample) == "right"
    return {
        "groups": ("best-right" if right else "best-wrong", change(sample, "base", best)),
        "question": sample.question,
        "seen": sample.seen,
        "expected": " / ".join(sample.answers[:3]),
        "answerable": sample.answerable,
        "chapter": sample.chapter,
        "answers": answers,
    }


def _answer(sample: Sample, name: str, best: str, language: str) -> dict[str, Any]:
    judged = mark(sample.candidates[name], sample)
    return {
        "name": label(CANDIDATES, name, language),
        "best": name == best,
        "text": " ".join(sample.candidates[name].split()),
        "mark": judged,
        "sign": SIGNS[judged],
    }


def _filters(samples: Sequence[dict[str, Any]], words: dict[str, str]) -> list[tuple[str, str, int]]:
    """The ways to narrow the questions down, each with how many it leaves."""
    counts = Counter(group for sample in samples for group in sample["groups"])
    named = [(key, words[f"show_{key.replace('-', '_')}"], counts[key]) for key in FILTERS]
    return [("all", words["show_all"], len(samples)), *named]


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
    right = [sum(mark(row.candidates.get(who, ""), row) == "right" for row in samples) for who in names]
    return {"name": name, "n": len(samples), "right": right}


def _markdown_cell(text: object) -> str:
    """Text from documents inside Markdown: nothing in it may become a table, a link or HTML."""
    flat = " ".join(str(text).split())
    return "".join(f"\\{character}" if character in "\\`*_{}[]<>|#!" else character for character in flat)
