"""The lines of a PDF page, with where they stand and how they are set."""

import ctypes
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

from academy.ingestion.pdfium import Box, address, functions, quarter

_LINE = re.compile(r"([^\r\n\ufffe\x02]*)(\r\n|\r|\n|\ufffe|\x02|$)")
_HYPHENS = "\ufffe\x02"
"""What PDFium writes for a hyphen at a line's end, depending on the call that is used."""
_BOLD = re.compile(r"bold|black|heavy|demi|semib|[a-z]bx\d", re.IGNORECASE)
_MONO = re.compile(r"mono|courier|consol|typewriter|cmtt|\btt\d|menlo|code", re.IGNORECASE)
_FIXED_PITCH, _FORCE_BOLD = 1, 1 << 18
_MARK = re.compile(r"(?<=[^\W\d_]{3})(\d{1,2})\b|(?<=[.,;:)»“”\"])(?: ?)(\d{1,2})\b")
_RAISED = 0.85
"""A digit set smaller than this share of its neighbour's size is a superscript."""
_LOOSE = 0.62
"""Set text is narrower than this share of its size per character; a wider line holds a gap."""
_TIGHT = 0.38
"""Set text is wider than this; a narrower line may hold words that are too small to be seen."""
_SPECK = 0.25
_SAMPLE = 20
_WIDE_GAP = 1.1
"""A space wider than this multiple of the size stands between two columns or cells."""
_FULL_GAP = 0.7
"""The same for a line next to one that was cut."""
_LONG = 56
_REACH = 12
"""Characters left and right of the middle of a long line, where the gutter of two columns would be."""


class Face(NamedTuple):
    """How a piece of text is set. ``turn``: 0 to the right, 1 upwards, 2 upside down, 3 downwards."""

    name: str
    size: float
    mono: bool
    bold: bool
    turn: int


@dataclass(slots=True)
class Line:
    """One printed line (or a piece of one); never changed, though not frozen, which would take three times as long.

    Positions and sizes are in points, the origin at the bottom left.

    Attributes:
        uniform: it starts and ends in the same font.
        mono: it starts and ends in a typewriter face.
        hyphen: a hyphen at the line's end was taken off.
        marks: (offset, length) of superscript numbers in ``text``: footnote marks, perhaps.
        turn: quarters by which the text is turned against the page as a reader holds it.
        pieces: its parts where wide gaps cut it, as columns and cells do.
        level: of the heading that the file's outline says it is.
        table: it stands for a table; ``text`` is Markdown.
    """

    text: str
    left: float
    right: float
    top: float
    bottom: float
    size: float
    font: str
    uniform: bool
    mono: bool
    bold: bool
    hyphen: bool = False
    marks: tuple[tuple[int, int], ...] = ()
    turn: int = 0
    pieces: tuple["Line", ...] = ()
    level: int = 0
    table: bool = False

    @property
    def height(self) -> float:
        """Of the line box; never 0, so that it can divide."""
        height = self.top - self.bottom
        return height if height > 1.0 else 1.0


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of one page, its visible area (left, bottom, right, top) and the thin lines drawn on it."""

    lines: tuple[Line, ...]
    box: Box
    rules: tuple[Box, ...] = ()
    pictures: int = 0


class Probe:
    """Asks PDFium about single characters of one page; buffers are made once."""

    def __init__(self, textpage: Any) -> None:
        self._call, self._page = functions(), address(textpage.raw)
        self._floats = (ctypes.c_float * 6)()
        self._at = ctypes.addressof(self._floats)
        self._faces: dict[int, Face] = {}
        self._fonts: dict[int, tuple[str, bool, bool]] = {}
        self._long = 0
        self.columns = False

    def index(self, position: int) -> int:
        """The character behind a position of the page's text."""
        return self._call.index(self._page, position)

    def due(self) -> bool:
        """Whether to look for a gutter in this long line: in every third one until one is found, then in all."""
        self._long += 1
        return self.columns or self._long % 3 == 1

    def box(self, index: int) -> tuple[float, float, float, float]:
        """Left, right, top, bottom of a character's cell (FS_RECTF: left, top, right, bottom)."""
        self._call.cell(self._page, index, self._at)
        left, top, right, bottom = self._floats[:4]
        return left, right, top, bottom

    def face(self, index: int) -> Face:
        """How a character is set; asked once per text object, whose characters are all set alike."""
        written = self._call.text_object(self._page, index)
        face = self._faces.get(written) if written else None
        if face is None:
            face = self._face(index, written)
            self._faces[written] = face
        return face

    def _face(self, index: int, written: int) -> Face:
        size, turn = float(self._call.size(self._page, index)), 0
        if self._call.place(self._page, index, self._at):
            a, b, c, d = self._floats[:4]
            # Font size as it appears: many writers set size 1 and scale by the matrix.
            size *= math.hypot(c, d) or 1.0
            turn = quarter(a, b) if b else (2 if a < 0 else 0)
        name, mono, bold = self.font(index, written)
        return Face(name, round(size * 2) / 2, mono, bold, turn)

    def font(self, index: int, written: int = 0) -> tuple[str, bool, bool]:
        """Name, whether it is a typewriter face, and whether it is bold; asked once per font of the page."""
        written = written or self._call.text_object(self._page, index)
        font = self._call.font(written) if written else 0
        known = self._fonts.get(font) if font else None
        if known is None:
            known = self._font(index)
            self._fonts[font] = known
        return known

    def _font(self, index: int) -> tuple[str, bool, bool]:
        """Base font name without its subset tag, and whether it is a typewriter face and bold."""
        name, flags = ctypes.create_string_buffer(96), ctypes.c_int()
        self._call.font_info(self._page, index, name, len(name), ctypes.addressof(flags))
        full = name.value.decode("utf-8", "replace")
        short = full.partition("+")[2] or full
        mono = bool(flags.value & _FIXED_PITCH or _MONO.search(short))
        return short, mono, bool(flags.value & _FORCE_BOLD or _BOLD.search(short))


def page_lines(textpage: Any, text: str, middle: float, tiny: list[str]) -> list[Line]:
    """The lines of a page in the order of its content, pieces of one printed line put together, wide gaps cut.

    Args:
        text: all characters of the page.
        middle: where the gutter of two columns would be.
        tiny: gets the characters inside of lines that are too small to be read.
    """
    probe = Probe(textpage)
    wide = max(text, default="") > "\uffff"
    lines: list[Line] = []
    starts: list[int] = []
    for found in _LINE.finditer(text):
        content, end = found.groups()
        if not content or content.isspace():
            continue
        start = (_utf16(text, found.start()) if wide else found.start()) + len(content) - len(content.lstrip())
        line = _line(probe, content.strip(), start, hyphen=end in _HYPHENS and bool(end))
        if len(line.text) > _SAMPLE and line.right - line.left < _TIGHT * line.size * len(line.text) and not line.turn:
            line = _without_tiny(probe, line, start, tiny)
            if not line.text:
                continue
        line = _with_pieces(probe, line, start, middle)
        if lines and (joined := _same_line(lines[-1], line)):
            lines[-1] = joined
        else:
            lines.append(line)
            starts.append(start)
    return _neighbours_cut(probe, lines, starts)


def _neighbours_cut(probe: Probe, lines: list[Line], starts: Sequence[int]) -> list[Line]:
    """Look again at the lines next to cut ones: a row of a table whose cells are full is no wider than a sentence."""
    for order in (range(1, len(lines)), range(len(lines) - 2, -1, -1)):
        step = -1 if order.step > 0 else 1
        for at in order:
            line, near = lines[at], lines[at + step]
            if near.pieces and not line.pieces and " " in line.text and not (line.mono or line.turn):
                cuts = list(_gaps(probe, line, starts[at], range(len(line.text)), _FULL_GAP))
                if len(cuts) == len(near.pieces) - 1:
                    lines[at] = replace(line, pieces=tuple(_cut(probe, line, starts[at], cuts)))
    return lines


def _utf16(text: str, position: int) -> int:
    return len(text[:position].encode("utf-16-le", "surrogatepass")) // 2


def _line(probe: Probe, text: str, start: int, *, hyphen: bool) -> Line:
    first = probe.index(start)
    last = probe.index(start + len(text) - 1) if len(text) > 1 else first
    left, start_right, top, bottom = probe.box(first)
    end = start_right
    face = probe.face(first)
    other = (face.name, face.mono, face.bold)
    if last != first:
        other_left, end, other_top, other_bottom = probe.box(last)
        other = probe.font(last)
        if face.turn:
            left, end = min(left, other_left), max(start_right, end)
        if face.turn or abs(top - other_top) < top - bottom:
            top, bottom = max(top, other_top), min(bottom, other_bottom)
    return Line(
        text,
        left,
        max(end, left),
        top,
        bottom,
        face.size,
        face.name,
        face.name == other[0],
        face.mono and other[1],
        face.bold,
        hyphen,
        tuple(_marks(probe, text, start)) if _MARK.search(text) else (),
        face.turn,
    )


def _without_tiny(probe: Probe, line: Line, start: int, tiny: list[str]) -> Line:
    """The line without the characters that are far smaller than the others, as hidden words in a line are."""
    sizes = [probe.face(probe.index(start + at)).size for at in range(len(line.text))]
    usual = max(sizes)
    lost = [size < _SPECK * usual and not char.isspace() for char, size in zip(line.text, sizes, strict=True)]
    if not any(lost):
        return line
    tiny.append("".join(char for char, gone in zip(line.text, lost, strict=True) if gone))
    rest = " ".join("".join(char for char, gone in zip(line.text, lost, strict=True) if not gone).split())
    return replace(line, text=rest, size=usual, marks=())


def _marks(probe: Probe, text: str, start: int) -> Iterator[tuple[int, int]]:
    for found in _MARK.finditer(text):
        at = found.start(found.lastindex or 0)
        before = probe.face(probe.index(start + found.start() - 1)).size
        if probe.face(probe.index(start + at)).size < _RAISED * before:
            yield at, found.end() - at


def _with_pieces(probe: Probe, line: Line, start: int, middle: float) -> Line:
    """The line with the pieces between its wide gaps, as columns and cells have; most lines need no look."""
    length, width = len(line.text), line.right - line.left
    if line.turn or line.mono or " " not in line.text:
        return line
    if width > _LOOSE * line.size * length + line.size:
        spots = range(length)
    elif length > _LONG and middle and line.left < middle < line.right and probe.due():
        at = round((middle - line.left) / width * length)
        spots = range(max(at - _REACH, 1), min(at + _REACH, length - 1))
    else:
        return line
    cuts = list(_gaps(probe, line, start, spots, _WIDE_GAP))
    probe.columns = probe.columns or (bool(cuts) and length > _LONG)
    return replace(line, pieces=tuple(_cut(probe, line, start, cuts))) if cuts else line


def _gaps(probe: Probe, line: Line, start: int, spots: Iterable[int], least: float) -> Iterator[int]:
    """Where the spaces are that are wider than this multiple of the size."""
    for at in spots:
        if line.text[at] != " " or not 0 < at < len(line.text) - 1:
            continue
        right = probe.box(probe.index(start + at - 1))[1]
        left = probe.box(probe.index(start + at + 1))[0]
        if left - right > least * line.size:
            yield at


def _cut(probe: Probe, line: Line, start: int, cuts: Sequence[int]) -> Iterator[Line]:
    for before, end in pairwise([-1, *cuts, len(line.text)]):
        text = line.text[before + 1 : end].strip()
        if text:
            offset = line.text.index(text, before + 1)
            yield _line(probe, text, start + offset, hyphen=line.hyphen and end == len(line.text))


def beside(left: Line, right: Line) -> bool:
    """Whether two pieces stand on one height, the second one to the right of the first."""
    overlap = min(left.top, right.top) - max(left.bottom, right.bottom)
    return right.left > left.right and overlap > 0.5 * min(left.height, right.height)


def _same_line(before: Line, line: Line) -> Line | None:
    """PDFium breaks a line at a raised number; put the pieces together when they touch."""
    height = before.height
    if before.hyphen or line.turn or not -0.2 * height < line.left - before.right < 0.6 * height:
        return None
    overlap = min(before.top, line.top) - max(before.bottom, line.bottom)
    if overlap < 0.4 * min(height, line.height) or before.turn != line.turn:
        return None
    space = " " if line.left - before.right > 0.15 * height else ""
    offset = len(before.text) + len(space)
    number = re.match(r"\d{1,2}\b", line.text)
    raised = ((offset, number.end()),) if number and line.size < _RAISED * before.size else ()
    moved = tuple((at + offset, length) for at, length in line.marks)
    return replace(
        before,
        text=before.text + space + line.text,
        right=max(before.right, line.right),
        top=max(before.top, line.top),
        bottom=min(before.bottom, line.bottom),
        hyphen=line.hyphen,
        marks=before.marks + raised + moved,
        pieces=_joined_pieces(before, line, space),
    )


def _joined_pieces(before: Line, line: Line, space: str) -> tuple[Line, ...]:
    if not (before.pieces or line.pieces):
        return ()
    *earlier, last = before.pieces or (before,)
    first, *later = line.pieces or (line,)
    middle = replace(last, text=last.text + space + first.text, right=first.right, hyphen=first.hyphen, pieces=())
    return (*earlier, middle, *later)


def upright(page: Page) -> Page:
    """The page turned so that most of its text runs to the right; what runs otherwise keeps its own turn."""
    letters = [0, 0, 0, 0]
    for line in page.lines:
        letters[line.turn] += len(line.text)
    turn = letters.index(max(letters))
    if not turn:
        return page
    rules = tuple(_turned(rule, turn) for rule in page.rules)
    return replace(
        page, lines=tuple(_turned_line(line, turn) for line in page.lines), box=_turned(page.box, turn), rules=rules
    )


def _turned_line(line: Line, turn: int) -> Line:
    left, bottom, right, top = _turned((line.left, line.bottom, line.right, line.top), turn)
    return replace(line, left=left, bottom=bottom, right=right, top=top, turn=(line.turn - turn) % 4)


def _turned(box: Box, turn: int) -> Box:
    """The box after turning the page by so many quarters clockwise."""
    for _quarter in range(turn):
        left, bottom, right, top = box
        box = (bottom, -right, top, -left)
    return box
