"""Runs side by side: what differs, what is more than chance, and what cannot be compared."""

import re

import pytest

from academy.evaluation.compare import Compared, compare, render
from academy.records import Question
from academy.reports import Report
from tests.evaluation.test_evaluate import EVIL, Page, exam, examine, sitter


def run(name: str, report: Report, **settings: object) -> Compared:
    return Compared(name, report, {"seed": 0, "finetune.epochs": 10, **settings}, 12_600_000)


def learned(right: int, questions: tuple[Question, ...] | None = None) -> Report:
    return examine({"base": sitter(1), "specialist": sitter(right)}, questions, facts={"minutes": 1.5, "lessons": 2250})


def test_what_differs_and_whether_it_is_more_than_chance() -> None:
    found = compare([run("alt", learned(5)), run("neu", learned(35), **{"finetune.epochs": 20})], "en")
    assert found.settings == (("finetune.epochs", "10", "20"),)
    assert found.notes == ()
    row = next(row for row in found.pairs if row[1] == "Specialist, from memory: Answer found")
    assert row[0] == "neu against alt"
    assert (row[2], row[4], row[5]) == ("+0.75", "40", "better")
    back = compare([run("neu", learned(35)), run("alt", learned(5))], "en")
    assert {row[5] for row in back.pairs} == {"worse"}
    same = compare([run("a", learned(5)), run("b", learned(5)), run("c", learned(5))], "de")
    assert {row[5] for row in same.pairs} == {"evtl. Zufall"}
    assert len(same.pairs) == 8
    assert ("Lektionen", "2.250", "2.250", "2.250") in same.costs
    assert ("Specialist on disk", "13 MB", "13 MB") in found.costs
    assert found.samples[20][2:] == ("✗ falsch20", "✓ Name 20")


def test_other_questions_are_not_compared() -> None:
    other = tuple(Question(question=f"Was ist Nummer {k}?", answers=(f"Name {k}",)) for k in range(8))
    found = compare([run("a", learned(5)), run("b", learned(5, other))], "en")
    assert found.pairs == ()
    assert "were not asked the same questions" in found.notes[0]
    assert found.samples == ()
    part = compare([run("a", learned(5)), run("b", learned(5, exam(10, 0)))], "en")
    assert "10 answerable questions in common" in part.notes[0]
    assert {row[4] for row in part.pairs} == {"10"}


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_page_is_whole_safe_and_in_both_languages(language: str) -> None:
    evil = (Question(question=f"Nummer 3? {EVIL}", answers=(EVIL,)), *exam(6, 0))
    runs = [run(EVIL, learned(5, evil)), run("b", learned(6, evil), **{"student.model": EVIL})]
    found = compare(runs, language)
    html = render(found, language, "html")
    page = Page(html)
    assert page.open == []
    assert page.fetched == []
    assert "<script" not in html
    assert page.text.count(EVIL) >= 3
    assert ("Runs side by side" in html) == (language == "en")
    markdown = render(found, language, "md")
    assert "<script>" not in markdown
    rows = [line for line in markdown.splitlines() if line.startswith("|")]
    assert len(rows) > 15
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {4, 5, 7}
