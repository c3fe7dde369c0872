"""What a passage is made of: sentences, term lists, bullet lists; code, tables and captions are left out."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from academy.distillation.clauses import word_set
from academy.sentences import sentences

MIN_WORDS, MAX_WORDS = 4, 45
"""Shorter is a fragment; longer holds more than one fact, and nobody asks for it in one question."""
_FENCE = re.compile(r"^ {0,3}(```|~~~).*?^ {0,3}\1[^\n]*$", re.MULTILINE | re.DOTALL)
_TABLE = re.compile(r"(?:^[ \t]*\|.*\|[ \t]*(?:\n|\Z))+", re.MULTILINE)
_RULE = re.compile(r"[\s:|-]+")
_CELLS = re.compile(r"(?<!\\)\|")
_ITEM = re.compile(r"[ \t]*(?:[-*+•–▪◦‣]|\d{1,2}[.)])[ \t]+")
_TERM = re.compile(
    r"(?P<term>[\w/.][\w./+-]*(?:\s[\w./+()-]+){0,3}(?:\(\))?)(?P<colon>:)\s+(?P<rest>[\wÄÖÜ„\"'»(].*)", re.DOTALL
)
_CAPTION = re.compile(
    r"(?:Abbildung|Abb\.|Tabelle|Tab\.|Listing|Quelltext|Figure|Fig\.|Table|Abschnitt|Kapitel|Chapter|Section)\s*\d"
)
_FIGURE = re.compile(
    r"\b(?:Abbildung|Tabelle|Listing|Kapitel|Abschnitt|Figure|Table|Chapter|Section)\s\d|https?://\S+$"
)
"""A sentence that points elsewhere in the document."""
_NOTE = re.compile(r"\[\d+\]\s")
_LABELS = word_set(
    "abbildung tabelle listing beispiel beispiele hinweis achtung bemerkung anmerkung tipp bsp quelle siehe note "
    "example examples warning figure table tip caution important see source frage antwort aufgabe lösung http https "
    "merke zusammenfassung fun"
)
_OPENERS = word_set(
    "der die das ein eine einige mehrere alle und oder aber im in am an auf bei mit zu zur zum für von umgekehrt kurz",
    "außerdem so wenn dabei hier mehr anders genauer kurzum",
    "the a an some all and or but in on at with to for from if here so also",
)
_VERBS = word_set("ist sind war waren wird werden gilt lautet heißt is are was were means")
_REFERENCE = re.compile(
    r"\s*[(\[](?:siehe|vgl\.?|s\.|see|cf\.?)?\s*(?:Abbildung|Abb\.|Tabelle|Listing|Abschnitt|Kapitel|Figure|Fig\.|Table|"
    r"Section|Chapter|S\.|Seite|page|p\.)?\s*[\d.,–-]+\s*[)\]]"
)
_SPEECH = re.compile(r"„[^„“”]{0,3000}[“”]|»[^»«]{0,3000}«|«[^»«]{0,3000}»|“[^“”]{0,3000}”")
"""What somebody says: its sentences are no statements of the document."""
_PROSE = 0.7
"""Share of letters and blanks in a sentence; code and formulas have less."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of a passage that says something.

    Attributes:
        kind: a sentence; a term with its explanation (``term``, ``text``); a list with what introduces it; a table.
        quote: the exact text of the passage.
        text: the same in one line, references to figures and notes removed.
        items: the items of a list, in order.
        ordered: whether the items are numbered.
        rows: the rows of a table, its header first.
    """

    kind: Literal["sentence", "term", "list", "table"]
    quote: str
    text: str
    term: str = ""
    items: tuple[str, ...] = ()
    ordered: bool = False
    rows: tuple[tuple[str, ...], ...] = ()


def units(passage: str) -> Iterator[Unit]:
    """The units of a passage in reading order."""
    text = _FENCE.sub(_blanked, passage)
    for found in _TABLE.finditer(text):
        yield from _table(found.group())
    text = _TABLE.sub(_blanked, text)
    spans = list(sentences(text))
    spoken = [found.span() for found in _SPEECH.finditer(text)]
    for number, (start, end) in enumerate(spans):
        piece = text[start:end]
        item = _ITEM.match(piece)
        if item and number and _introduces(text[slice(*spans[number - 1])]):
            yield from _list(text, spans, number)
        if any(left < start < right for left, right in spoken):
            continue
        first = not text[:start].strip(" ") or text[:start].rstrip(" ").endswith("\n")
        yield from _unit(_unmarked(piece), first)


def flat(text: str) -> str:
    """One line, without references to figures, sections and notes."""
    return re.sub(r"\s+", " ", _REFERENCE.sub("", text)).strip()


def is_prose(text: str) -> bool:
    """Whether a text is made of words rather than of code, formulas or lists of names."""
    words = text.split()
    letters = sum(character.isalpha() or character.isspace() for character in text)
    return MIN_WORDS <= len(words) <= MAX_WORDS and letters >= _PROSE * len(text)


def _unit(piece: str, starts_line: bool) -> Iterator[Unit]:
    piece = _NOTE.sub("", piece, count=1) if _NOTE.match(piece) else piece
    hollow = any(not code.strip() for code in re.findall(r"`([^`]*)`", piece))
    if _CAPTION.match(piece) or hollow or piece.lstrip()[:1] in ":;,.)":
        return
    found = _TERM.match(piece)
    if found and starts_line and _is_term(found["term"]) and found["rest"][0] not in "„»\"'":
        yield Unit("term", piece, flat(found["rest"]), term=flat(found["term"]))
    elif is_prose(piece) and piece.count(":") < 2 and not _FIGURE.search(flat(piece)):
        yield Unit("sentence", piece, flat(piece))


def _is_term(text: str) -> bool:
    words = text.split()
    first = words[0].lower().strip(".")
    return first not in _LABELS | _OPENERS and words[-1].lower() not in _VERBS and len(text) <= 40


def _unmarked(piece: str) -> str:
    """Without the bullet or number in front."""
    mark = _ITEM.match(piece)
    return piece[mark.end() :] if mark else piece


def _introduces(piece: str) -> bool:
    return piece.rstrip().endswith(":") and len(piece.split()) >= 2


def _list(text: str, spans: Sequence[tuple[int, int]], first: int) -> Iterator[Unit]:
    """The list whose first item is sentence ``first``; items of several sentences end it."""
    start = spans[first - 1][0]
    items, end = [], spans[first][1]
    for begin, stop in spans[first:]:
        piece = text[begin:stop]
        if not _ITEM.match(piece):
            break
        items.append(flat(_unmarked(piece)).rstrip(".;,"))
        end = stop
    lead = text[slice(*spans[first - 1])]
    if 2 <= len(items) <= 8 and all(items):
        ordered = bool(re.match(r"\s*\d", text[spans[first][0] :]))
        yield Unit("list", text[start:end], flat(_unmarked(lead)), items=tuple(items), ordered=ordered)


def _table(text: str) -> Iterator[Unit]:
    """A Markdown table: a header, a rule, rows of as many cells."""
    lines = [line.strip() for line in text.strip().splitlines()]
    if len(lines) < 3 or not _RULE.fullmatch(lines[1]):
        return
    rows = [tuple(flat(cell.replace("\\|", "|")) for cell in _CELLS.split(line[1:-1])) for line in lines]
    header, _rule, *body = rows
    full = tuple(row for row in body if len(row) == len(header))
    if len(header) > 1 and full:
        yield Unit("table", text.strip(), "", rows=(header, *full))


def _blanked(found: re.Match[str]) -> str:
    """White space of the same length, so that offsets stay; an empty line keeps the neighbours apart."""
    return "\n\n" + " " * (len(found.group()) - 4) + "\n\n" if len(found.group()) >= 4 else " " * len(found.group())
