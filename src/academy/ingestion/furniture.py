"""What stands on a page without belonging to its text: headers and footers, page numbers, tables of contents."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import takewhile

from academy.ingestion.glyphs import Line, Page
from academy.ingestion.reading import Ledger

_EDGE_LINES = 3
"""So many outermost lines at the top and at the bottom of a page may be headers or footers."""
_MARGIN = 0.18
"""Headers and footers stand within this share of the page's height from its edge; LaTeX leaves wide margins."""
_NUMBER = re.compile(
    r"\W*(?:(?:seite|page|s\.|p\.)\s*)?(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:/|von|of)\s*\d{1,4})?\W*", re.IGNORECASE
)
_LEADER = re.compile(r"(?:[.·…_]\s?){4,}\s*(?:\d{1,4}|[ivxlc]{1,6})?\s*$|…{2,}\s*\d*\s*$", re.IGNORECASE)
_ENTRY = re.compile(r".*\S\s\d{1,4}$")
_KEYWORD = re.compile(r".*[^\W\d_].*,\s\d{1,4}(?:[-–,]\s?\d{1,4})*|\w")
CONTENTS = re.compile(
    r"(?:\d+\.?\s+)?(?:inhalt|inhaltsverzeichnis|(?:table of )?contents|list of \w+"
    r"|(?:abbildungs|tabellen|listing)verzeichnis)",
    re.IGNORECASE,
)
_SLOT = 4.0
"""Headers of one kind stand at the same height, up to this many points."""
_GAP = 1.6
"""Between furniture and text there is more than this multiple of a line's height."""
_INDEX_LINES = 8
_FEW_ENTRIES = 3
"""So many lines with dot leaders make a page of contents."""


def without_furniture(pages: Sequence[Page], ledger: Ledger) -> list[Page]:
    """The pages without headers, footers, page numbers and contents lines; the dropped ones are counted."""
    candidates = _repeated(pages)
    kept = []
    for number, page in enumerate(pages, start=1):
        lines = list(page.lines)
        for reason, found in (
            ("headers_and_footers_dropped", lambda _lines, page=page: _from_outside(page, candidates)),
            ("page_numbers_dropped", lambda lines, page=page: _page_number(lines, page)),
            ("contents_lines_dropped", _contents),
            ("index_lines_dropped", _index),
        ):
            dropped = found(lines)
            ledger.add(number, reason, (line.text for line in lines if id(line) in dropped))
            lines = [line for line in lines if id(line) not in dropped]
        kept.append(replace(page, lines=tuple(lines)))
    return kept


def _repeated(pages: Sequence[Page]) -> set[int]:
    """The ids of lines in slots whose lines mostly recur from page to page or carry the page number."""
    slots: dict[int, list[tuple[int, Line]]] = defaultdict(list)
    for number, page in enumerate(pages):
        for line in _edge(page):
            slots[round((line.bottom - page.box[1]) / _SLOT)].append((number, line))
    found: set[int] = set()
    for slot, own in slots.items():
        members = own + slots.get(slot + 1, [])
        if len({number for number, _line in members}) >= 3:
            found.update(_recurring(members, {id(line) for _number, line in own}))
    return found


def _from_outside(page: Page, candidates: set[int]) -> set[int]:
    """The candidates with only candidates between them and the edge, and white space between them and the text.

    "1.1 Lerninhalt" below a chapter's title recurs at one height in every chapter, and so may the first lines of forms.
    """
    ordered = sorted(page.lines, key=lambda line: -line.bottom)
    found: set[int] = set()
    for lines in (ordered, ordered[::-1]):
        outer = list(takewhile(lambda line: id(line) in candidates, lines))
        rest = lines[len(outer) :]
        while outer and rest and abs(outer[-1].bottom - rest[0].bottom) < _GAP * rest[0].height:
            rest.insert(0, outer.pop())
        found.update(map(id, outer))
    return found


def _recurring(members: Sequence[tuple[int, Line]], own: set[int]) -> set[int]:
    shapes = Counter(_shape(line.text) for _number, line in members)
    offsets = Counter(value - number for number, line in members for value in _numbers(line.text))
    offset, hits = max(offsets.items(), key=lambda pair: (pair[1], -abs(pair[0])), default=(0, 0))
    paged = hits >= max(3, 0.4 * len(members))
    sure = [
        (number, line)
        for number, line in members
        if shapes[_shape(line.text)] >= 3 or (paged and number + offset in _numbers(line.text))
    ]
    # Most lines at this height are furniture: then the others, such as the header of a one-page chapter, are as well.
    everything = len(sure) >= 0.8 * len(members)
    return {id(line) for _number, line in (members if everything else sure)} & own if sure else set()


def _shape(text: str) -> str:
    return re.sub(r"\d+|\b[ivxlc]+\b", "#", text.lower())


def _numbers(text: str) -> list[int]:
    """The numbers at both ends of a line, where a page number stands."""
    ends = re.findall(r"^\W{0,3}(\d{1,4})\b(?![.)])|(?<![.,\d])(\d{1,4})\W{0,3}$", text)
    return [int(first or last) for first, last in ends]


def _edge(page: Page) -> list[Line]:
    low, high = page.box[1], page.box[3]
    margin = _MARGIN * (high - low)
    ordered = sorted(page.lines, key=lambda line: -line.bottom)
    outer = {id(line): line for line in (*ordered[:_EDGE_LINES], *ordered[-_EDGE_LINES:])}
    return [line for line in outer.values() if line.bottom > high - margin or line.top < low + margin]


def _page_number(lines: Sequence[Line], page: Page) -> set[int]:
    """A line at the edge that is only a page number."""
    rest = replace(page, lines=tuple(lines))
    outermost = {id(line) for line in _outermost(lines)} & {id(line) for line in _edge(rest)}
    return {id(line) for line in lines if id(line) in outermost and _NUMBER.fullmatch(line.text)}


def _outermost(lines: Iterable[Line]) -> list[Line]:
    ordered = sorted(lines, key=lambda line: -line.bottom)
    return [*ordered[:1], *ordered[-1:]] if len(ordered) > 1 else []


def _contents(lines: Sequence[Line]) -> set[int]:
    """Lines with dot leaders, and on a page of contents also the entries that have none and the title."""
    leaders = {id(line) for line in lines if _LEADER.search(line.text)}
    entries = {id(line) for line in lines if _ENTRY.fullmatch(line.text) or CONTENTS.fullmatch(line.text)}
    titled = any(CONTENTS.fullmatch(line.text) for line in lines) and len(entries) > max(_FEW_ENTRIES, 0.6 * len(lines))
    return leaders | entries if titled or len(leaders) >= _FEW_ENTRIES else leaders


def _index(lines: Sequence[Line]) -> set[int]:
    """The keywords of an index, "Kernel-Modul, 7", on a page that hardly holds anything else."""
    keywords = {id(line) for line in lines if line.hyphen or _KEYWORD.fullmatch(line.text)}
    return keywords if len(keywords) >= max(_INDEX_LINES, 0.7 * len(lines)) else set()
