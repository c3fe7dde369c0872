"""From the lines of PDF pages to paragraphs, headings, lists and code."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Literal

from academy.ingestion.glyphs import Line, Page

Kind = Literal["heading", "paragraph", "item", "caption", "code", "note", "table", "aside"]

_BULLET = re.compile(r"[•‣◦▪▫■□●○∙·▶►➢✓–—\uf0b7\uf0a7\uf0d8\u00b7*-]\s+(?=\S)")
_ORDERED = re.compile(r"(?:\(?\d{1,2}[.)]|\(?[a-z]\))\s+(?=\S)")
_NUMBERED = re.compile(r"((?:\d{1,2}|[A-Z])(?:\.\d{1,2}){0,4})\.?\s+(?=[^\W\d_])")
_CAPTION = re.compile(
    r"(?:Abbildung|Tabelle|Listing|Abb\.|Tab\.|Figure|Fig\.|Table)\s+[\dA-Z]+(?:[.-]\d+)*\s?[.:]\s", re.IGNORECASE
)
_CODE_LINE = re.compile(r"[;{}]\s*$|^\s*(?:[$#>]\s|//|/\*|\}|[\w.]+\s?\(.*\)\s?;)|->|==|:=")
_CODE_SHARE = 0.3
"""A font in which at least this share of the lines looks like a program is taken for a typewriter face."""
_BIGGER = 1.08
_SHORT = 3
"""A document of so few pages has no title page of its own."""
_WORDS = re.compile(r"[^\W\d_]{2}")
_LONGEST_HEADING = 160
_PITCH = 1.28
"""Lines further apart than this multiple of the usual distance belong to different paragraphs."""
_PROSE = 20
"""Shorter lines in the body's size may be labels of a drawing."""
_NOTE = re.compile(r"(\d{1,3})[.)]?\s*(?=\D)")


Face = tuple[str, float]
"""A font and a size."""


@dataclass(frozen=True, slots=True)
class Style:
    """How the document is set: sizes in points, ``pitch`` the distance of lines in line heights.

    Attributes:
        code: the faces of program listings.
        levels: the faces of headings, with the level that each stands for.
    """

    body: float
    pitch: float
    code: frozenset[Face]
    levels: dict[Face, int]


@dataclass(slots=True)
class Block:
    """Lines that belong together; ``level`` counts for headings only."""

    kind: Kind
    lines: list[Line]
    level: int = 0

    @property
    def text(self) -> str:
        """The first line's text; enough to tell what it is."""
        return self.lines[0].text


def find_style(pages: Sequence[Page]) -> Style:
    """Measure the body size, the line distance, the fonts of listings and the sizes of headings."""
    lines = [line for page in pages for line in page.lines]
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    body = max(sizes, key=lambda size: (sizes[size], -size))
    distances = [
        (above.bottom - below.bottom) / above.height
        for page in pages
        for above, below in pairwise(page.lines)
        if 0.8 * above.height < above.bottom - below.bottom < 2.6 * above.height and above.size == below.size == body
    ]
    code = _code_faces(lines, body)
    return Style(body, median(distances) if distances else 1.3, code, _levels(pages, body, code))


def _face(line: Line) -> Face:
    return line.font, line.size


def _code_faces(lines: Iterable[Line], body: float) -> frozenset[Face]:
    faces: dict[Face, list[Line]] = defaultdict(list)
    for line in lines:
        faces[_face(line)].append(line)
    main = max(faces, key=lambda face: sum(len(line.text) for line in faces[face]))
    return frozenset(face for face, own in faces.items() if face != main and _is_code(own, body))


def _is_code(lines: Sequence[Line], body: float) -> bool:
    programs = sum(1 for line in lines if _CODE_LINE.search(line.text))
    return len(lines) > 1 and lines[0].size != body and programs >= _CODE_SHARE * len(lines)


def _levels(pages: Sequence[Page], body: float, code: frozenset[Face]) -> dict[Face, int]:
    """The faces larger than the body's: by the numbering of the headings set in them, else by rank of size."""
    used: dict[Face, list[tuple[int, Line]]] = defaultdict(list)
    for number, page in enumerate(pages):
        for line in page.lines:
            if line.size > _BIGGER * body and _face(line) not in code and _WORDS.search(line.text):
                used[_face(line)].append((number, line))
    used = {face: own for face, own in used.items() if _is_heading_face(face, used, len(pages))}
    ranks = {size: rank for rank, size in enumerate(sorted({size for _font, size in used}, reverse=True), start=1)}
    return {face: _numbered_depth(own) or min(ranks[face[1]], 3) for face, own in used.items()}


def _is_heading_face(face: Face, used: Mapping[Face, Sequence[tuple[int, Line]]], pages: int) -> bool:
    """Large type is no heading where it decorates the title page, or labels drawings of a numbered document."""
    title = face[1] == max(size for _font, size in used)
    on_cover = all(number == 0 for number, _line in used[face])
    if on_cover and pages > _SHORT:
        return title
    numbered = {font for (font, _size), own in used.items() if _numbered_depth(own)}
    return title or not numbered or face[0] in numbered


def _numbered_depth(lines: Sequence[tuple[int, Line]]) -> int:
    """The usual depth of the numbered headings among ``lines``; 0 when there are none."""
    depths = Counter(depth for _number, line in lines if (depth := _depth(line.text)))
    return max(depths, key=lambda depth: (depths[depth], -depth), default=0)


def _depth(text: str) -> int:
    """How deep a heading's numbering goes: 2 for "1.5 Kernel-Modul", 0 without one."""
    found = _NUMBERED.match(text)
    return found.group(1).count(".") + 1 if found else 0


def page_blocks(page: Page, style: Style) -> list[Block]:
    """The blocks of one page, in the order of its content; footnotes come last."""
    body, notes = _split_notes(page.lines, style)
    return [*(block for group in _groups(body, style) for block in group), *notes]


def _split_notes(lines: Sequence[Line], style: Style) -> tuple[list[Line], list[Block]]:
    """Take the footnotes out: small numbered lines below everything that is set in the body's size."""
    prose = (line.bottom for line in lines if line.size >= style.body and _is_prose(line))
    floor = min(prose, default=0.0)
    notes: list[Block] = []
    rest: list[Line] = []
    for line in lines:
        small = line.size < 0.93 * style.body and not line.table and not line.turn
        if not (small and line.top < floor + 1 and _face(line) not in style.code):
            rest.append(line)
        elif not notes or _note_number(line) == _note_number(notes[-1].lines[0]) + 1:
            notes.append(Block("note", [line]))
        else:
            notes[-1].lines.append(line)
    return (rest, notes) if notes and _note_number(notes[0].lines[0]) else (list(lines), [])


def _is_prose(line: Line) -> bool:
    return len(line.text) >= _PROSE and bool(_WORDS.search(line.text))


def note_numbers(page: Page, style: Style) -> set[int]:
    """The numbers of the footnotes of a page."""
    return {_note_number(note.lines[0]) for note in _split_notes(page.lines, style)[1]}


def _note_number(line: Line) -> int:
    found = _NOTE.match(line.text)
    return int(found.group(1)) if found else 0


def _groups(lines: Sequence[Line], style: Style) -> Iterator[list[Block]]:
    """Runs of lines of one kind that follow each other closely."""
    run: list[Line] = []
    before: Kind = "paragraph"
    for line in lines:
        kind = _kind(line, style)
        if run and (kind != before or kind == "table" or _apart(run[-1], line, style, before)):
            yield _blocks(run, before, style)
            run = []
        run.append(line)
        before = kind
    if run:
        yield _blocks(run, before, style)


def _kind(line: Line, style: Style) -> Kind:
    if line.table:
        return "table"
    if line.turn:
        return "aside"
    if line.mono or (_face(line) in style.code and line.uniform):
        return "code"
    return "heading" if _is_heading(line, style) else "paragraph"


def _is_heading(line: Line, style: Style) -> bool:
    if line.level:
        return True
    if len(line.text) > _LONGEST_HEADING or line.hyphen or not _WORDS.search(line.text):
        return False
    if _CAPTION.match(line.text) or _BULLET.match(line.text):
        return False
    if _face(line) in style.levels:
        return True
    return line.bold and line.size >= 0.98 * style.body and _depth(line.text) > 1 and line.text[-1] not in ".:;,"


def _apart(above: Line, below: Line, style: Style, kind: Kind) -> bool:
    distance = (above.bottom - below.bottom) / max(above.height, below.height)
    if distance < -0.3:
        return True
    limit = 3.4 if kind == "code" else _PITCH * max(style.pitch, 1.0)
    return distance > limit and not above.hyphen


def _blocks(run: list[Line], kind: Kind, style: Style) -> list[Block]:
    if kind == "aside":
        return [Block("paragraph", [line]) for line in run]
    if kind in ("code", "table"):
        return [Block(kind, run)]
    if kind == "heading":
        return _headings(run, style)
    return _paragraphs(run)


def _headings(run: list[Line], style: Style) -> list[Block]:
    blocks: list[Block] = []
    for line in run:
        continues = blocks and blocks[-1].lines[-1].size == line.size and not (_depth(line.text) or line.level > 0)
        if continues and not _depth(blocks[-1].text) and len(blocks[-1].lines) > 2:
            continues = False
        if continues:
            blocks[-1].lines.append(line)
        else:
            blocks.append(Block("heading", [line], _level(line, style)))
    return blocks


def _level(line: Line, style: Style) -> int:
    """By its number, else as the file's outline has it, else by its size."""
    return _depth(line.text) or line.level or style.levels.get(_face(line), 3)


def _paragraphs(run: list[Line]) -> list[Block]:
    right = max(line.right for line in run)
    blocks: list[Block] = []
    for line in run:
        kind = _start(line)
        if blocks and not _starts_new(blocks[-1], line, kind, right):
            blocks[-1].lines.append(line)
        else:
            blocks.append(Block(kind if kind != "paragraph" or not _ORDERED.match(line.text) else "item", [line]))
    return blocks


def _start(line: Line) -> Kind:
    if _BULLET.match(line.text):
        return "item"
    return "caption" if _CAPTION.match(line.text) else "paragraph"


def _starts_new(block: Block, line: Line, kind: Kind, right: float) -> bool:
    above = block.lines[-1]
    if above.hyphen:
        return False
    if kind != "paragraph" or _would_have_fit(above, line, right):
        return True
    em = max(line.size, 1.0)
    if len(block.lines) > 1:
        return abs(line.left - above.left) > 0.7 * em
    moved = line.left - above.left
    # An item's lines hang to the right of its mark; a paragraph's first line may be indented, but not by much.
    return moved < -(0.5 * em if block.kind == "item" else 4 * em)


def _would_have_fit(above: Line, line: Line, right: float) -> bool:
    """A writer breaks a line only where the next word does not fit: a line with room left ended its paragraph."""
    first = len(line.text.split(maxsplit=1)[0])
    width = (line.right - line.left) * first / max(len(line.text), 1)
    return above.right + 0.3 * above.size + width < right - 0.8 * above.size
