"""Lessons from what is no running text: terms, lists, steps, tables, abbreviations."""

import re
from collections.abc import Iterator

from academy.distillation.drafts import Draft, Sketch, full_sentence, question, running_text
from academy.distillation.frames import Frames
from academy.distillation.sentences import Unit, flat, is_prose

MAX_EXPLANATION_WORDS = 14
MAX_CELL_WORDS = 12
STEPS = 8
"""Steps of one list that are asked one by one."""
_LONG_FORM = re.compile(r"((?:[A-ZÄÖÜ][\w-]*\s){1,4}[A-ZÄÖÜ][\w-]*)\s\(([A-ZÄÖÜ][A-ZÄÖÜa-z0-9]{1,7})\)")
_SHORT_FORM = re.compile(r"\b([A-ZÄÖÜ]{2,7})\s\(((?:[A-Za-zÄÖÜäöü][\w-]*\s){1,5}[A-Za-zÄÖÜäöü][\w-]*)\)")
_NO_VALUE = re.compile(r"[\s–—\-?./]*|n/?a|k\. ?A\.?", re.IGNORECASE)


def term(unit: Unit, frames: Frames, is_statement: bool) -> Iterator[Draft]:
    """An entry of a list of terms, "udev: Dienst, der ..."; a whole statement is what is said there, no meaning."""
    meaning = unit.text.rstrip(".")
    if len(meaning.split()) < 2 or not is_prose(f"{unit.term}: xx {unit.text}") or unit.text.endswith((":", "?")):
        return
    whole = f"{unit.term}: {unit.text}"
    lessons: list[Sketch] = [running_text("statement", whole)]
    if is_statement:
        lessons += [
            full_sentence(ask, unit.text, frames.language, "term") for ask in frames.filled("said", X=unit.term)
        ]
    elif len(meaning.split()) <= MAX_EXPLANATION_WORDS:
        lessons += frames.all("term", "term", meaning, X=unit.term)
        lessons += frames.one("exam_term", "exam", meaning, X=unit.term)
        if unit.term.lower() not in meaning.lower():
            lessons += frames.all("term_of", "term", unit.term, M=meaning)
            lessons += frames.one("exam_term_of", "exam", unit.term, M=meaning)
        lessons += _typed(frames, f"{unit.term} {frames.word('meaning')}", meaning)
    else:
        lessons += [full_sentence(ask, whole, frames.language) for ask in frames.filled("term", X=unit.term)]
    yield Draft(whole, (unit.quote,), tuple(lessons))


def listing(unit: Unit, frames: Frames, lead: str) -> Iterator[Draft]:
    """A list behind ``lead``, a sentence that introduces it and stands alone; numbered ones are steps, too."""
    answer = "; ".join(unit.items)
    named = re.search(r"\w", lead) and not any(item[0] in ":;,.)" for item in unit.items)
    if not named or not is_prose(f"{unit.text} x x x") or len(lead.split()) > MAX_EXPLANATION_WORDS:
        return
    lessons = [running_text("statement", f"{lead}: {answer}.")]
    if len(answer.split()) <= 3 * MAX_EXPLANATION_WORDS:
        lessons += frames.all("list", "list", answer, L=f"{lead}.")
        lessons += frames.one("exam_list", "exam", answer, L=f"{lead}:")
    lessons += frames.all("how_many", "list", str(len(unit.items)), L=f"{lead}.")
    if unit.ordered:
        lessons += _steps(unit, frames, lead)
    yield Draft(f"{lead}: {answer}.", (unit.quote,), tuple(lessons))


def _steps(unit: Unit, frames: Frames, lead: str) -> Iterator[Sketch]:
    ordinals = frames.word("ordinals")
    for number, step in enumerate(unit.items[: min(STEPS, len(ordinals))]):
        if len(step.split()) <= MAX_EXPLANATION_WORDS:
            yield from frames.all("step", "step", step, N=ordinals[number], L=f"{lead}")
            yield from frames.one("exam_step", "exam", step, N=ordinals[number], L=f"{lead}")
    for before, after in zip(unit.items, unit.items[1:], strict=False):
        if max(len(before.split()), len(after.split())) <= MAX_EXPLANATION_WORDS:
            yield from frames.all("next_step", "step", after, X=before, L=f"{lead}")
            yield from frames.all("step_before", "step", before, X=after, L=f"{lead}")


def table(unit: Unit, frames: Frames) -> Iterator[Draft]:
    """A table whose first column names its rows: each value asked by row and column, and back."""
    header, *rows = unit.rows
    if not all(_is_heading(cell) for cell in header[1:]) or not _is_heading(header[0] or "xx"):
        return
    names = [row[0] for row in rows]
    for row in rows:
        if not _is_value(row[0]) or names.count(row[0]) > 1:
            continue
        cells = [(column, value) for column, value in zip(header[1:], row[1:], strict=False) if column and value]
        cells = [(column, value) for column, value in cells if _is_value(value)]
        if not cells:
            continue
        told = "; ".join(f"{column}: {value}" for column, value in cells)
        lessons = [running_text("statement", f"{row[0]} – {told}.")]
        for column, value in cells:
            lessons += frames.all("cell", "table", value, R=row[0], C=column)
            lessons += frames.one("exam_cell", "exam", value, R=row[0], C=column)
            lessons += _typed(frames, f"{row[0]} {column}", value)
            if [other for other in rows if value in other[1:]] == [row]:
                lessons += frames.all("cell_of", "table", row[0], V=value, C=column, H=header[0] or frames.word("row"))
        yield Draft(f"{row[0]} – {told}.", (unit.quote,), tuple(lessons))


def abbreviations(unit: Unit, frames: Frames) -> Iterator[Draft]:
    """What short forms stand for: "Master Boot Record (MBR)", "MBR (Master Boot Record)" and the like."""
    pairs = [(short, long) for long, short in _LONG_FORM.findall(unit.text)] + _SHORT_FORM.findall(unit.text)
    for short, long in pairs:
        form = _spelled(short, long)
        if not form:
            continue
        text = frames.word("expands").format(X=short, M=form)
        lessons = [running_text("statement", text)]
        lessons += frames.all("expansion", "abbreviation", form, X=short)
        lessons += frames.all("abbreviation", "abbreviation", short, X=form)
        lessons += frames.one("exam_expansion", "exam", form, X=short)
        lessons += frames.one("exam_abbreviation", "exam", short, X=form)
        yield Draft(text, (unit.quote,), tuple(lessons))


def _typed(frames: Frames, words: str, answer: str) -> list[Sketch]:
    """The question as it is typed into a search box."""
    return [question("keywords", words, answer, frames.language)]


def _is_heading(cell: str) -> bool:
    """Whether a cell can head a column: a first row of values is no header."""
    year = re.fullmatch(r"(?:1\d|20)\d\d", cell)
    return bool(year) or (len(cell) > 1 and not any(map(str.isdigit, cell)))


def _is_value(cell: str) -> bool:
    return not _NO_VALUE.fullmatch(cell) and len(cell.split()) <= MAX_CELL_WORDS


def _spelled(short: str, long: str) -> str:
    """The last words of ``long`` whose initials are ``short``; "" when they are not."""
    words = flat(long).split()
    letters = [part[0].lower() for word in words for part in word.split("-") if part]
    for first in range(len(words)):
        initials = [part[0].lower() for word in words[first:] for part in word.split("-") if part]
        if "".join(initials) == short.lower().rstrip("s") and letters:
            return " ".join(words[first:])
    return ""
