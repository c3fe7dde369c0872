"""What stands in the report below the scores: coverage, data quality, cost and the facts about the run."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from academy.evaluation.marks import mark
from academy.evaluation.reasons import REASONS
from academy.evaluation.words import FACTS, KINDS, LANGUAGES, QUALITY, VALUES, label, page_words
from academy.figures import decimal, significant, whole
from academy.reports import Report, Sample

Facts = Mapping[str, str | int | float]
_LITTLE = 0.005
"""Money below this is said to be less than 0.01."""


def coverage(report: Report, best: str, language: str) -> dict[str, Any] | None:
    """Facts taught by page, or by chapter in documents without pages, with what was asked there and answered rightly.

    Args:
        best: the way of answering whose right answers are counted.
    """
    asked = _asked(report.samples, best)
    groups = list(_taught(report.coverage, asked, report.facts.get("documents") == 1))
    if not groups:
        return None
    words = page_words(language)
    kinds = {group["kind"] for group in groups}
    notes = [_covered(kind, groups, words) for kind in ("coverage", "sections") if kind in kinds]
    return {
        "title": words["coverage" if kinds == {"coverage"} else "taught"],
        "groups": groups,
        "notes": notes,
        "asked": bool(asked),
    }


def _asked(samples: Sequence[Sample], best: str) -> dict[str, tuple[int, int]]:
    """Place -> questions asked about it and how many of them were answered rightly."""
    found: dict[str, tuple[int, int]] = {}
    for sample in samples:
        if sample.place and best in sample.candidates:
            asked, right = found.get(sample.place, (0, 0))
            found[sample.place] = asked + 1, right + (mark(sample.candidates[best], sample) == "right")
    return found


def _taught(counts: Mapping[str, int], asked: Mapping[str, tuple[int, int]], single: bool) -> Iterator[dict[str, Any]]:
    """One group for each document, whose title stands before " · " in the key unless there is only one."""
    top = max(1, *counts.values()) if counts else 1
    groups: dict[str, list[dict[str, Any]]] = {}
    for key, count in counts.items():
        document, _separator, place = ("", "", key) if single else key.rpartition(" · ")
        shade = 0 if not count else 1 + min(3, 4 * (count - 1) // top)
        n, right = asked.get(key, (0, 0))
        row = {"place": place, "count": count, "shade": shade, "asked": n, "right": right}
        groups.setdefault(document, []).append(row)
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


def cost(report: Report, language: str) -> dict[str, str] | None:
    """Minutes, energy and money, and the sentence that says where the watts come from."""
    found = report.facts
    if "minutes" not in found:
        return None
    words = page_words(language)
    shown = {"minutes": words["cost_minutes"].format(n=decimal(float(found["minutes"]), 1, language))}
    shown |= {"kwh": "", "money": "", "how": ""}
    if "kwh" in found:
        money, currency = float(found["money"]), str(found["currency"])
        little = words["cost_little"].format(amount=decimal(0.01, 2, language), currency=currency)
        shown["kwh"] = f"{significant(float(found['kwh']), language)} kWh"
        shown["money"] = little if money < _LITTLE else f"{decimal(money, 2, language)} {currency}"
        shown["how"] = words[f"cost_{found['energy_by']}"].format(
            watts=whole(int(found["watts"]), language),
            price=decimal(float(found["price_per_kwh"]), 2, language),
            currency=currency,
        )
    return shown


def quality(facts: Facts, language: str) -> list[tuple[str, str]]:
    """What the lessons were made from and how they look, from the facts of a report or of a run."""
    rows = [(label(QUALITY, key, language), _count(facts, key, language)) for key in QUALITY if key in facts]
    for group, title, known in (("language", "languages", LANGUAGES), ("kind", "kinds", KINDS)):
        rows += _group(facts, group, page_words(language)[title], known, language)
    return rows + _group(facts, "teacher", page_words(language)["teachers"], VALUES, language)


def _count(facts: Facts, key: str, language: str) -> str:
    text = fact(facts[key], language)
    if key == "passages_taught" and "chunks" in facts:
        return page_words(language)["of"].format(part=text, whole=fact(facts["chunks"], language))
    return text


def _group(facts: Facts, group: str, title: str, known: dict[str, str], language: str) -> list[tuple[str, str]]:
    """All facts "group.name" in one row: name and number, the most frequent first."""
    found = {key.partition(".")[2]: int(n) for key, n in facts.items() if key.startswith(f"{group}.")}
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    # A teacher is named with its version, "offline/1".
    names = [label(known, name.partition("/")[0] if group == "teacher" else name, language) for name, _n in ranked]
    told = ", ".join(f"{name} {whole(n, language)}" for name, (_name, n) in zip(names, ranked, strict=True))
    return [(title, told)] if told else []


def refused(report: Report, language: str) -> list[tuple[str, str]]:
    """What was left out, the most frequent reason first."""
    counts = {key.partition(".")[2]: int(n) for key, n in report.facts.items() if key.startswith("rejected.")}
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [(label(REASONS, reason, language), whole(n, language)) for reason, n in ranked]


def facts(report: Report, language: str) -> list[tuple[str, str]]:
    """About the run: what, by whom, with what."""
    return [(label(FACTS, key, language), fact(report.facts[key], language)) for key in FACTS if key in report.facts]


def versions(report: Report) -> list[tuple[str, str]]:
    """Library and version."""
    return [(key.removeprefix("versions."), str(n)) for key, n in report.facts.items() if key.startswith("versions.")]


def fact(value: str | int | float, language: str) -> str:
    """A fact in words."""
    if isinstance(value, str):
        return label(VALUES, value, language)
    return whole(value, language) if isinstance(value, int) else decimal(value, 1, language)
