"""The lines of a PDF page, with where they stand and how they are set."""

import ctypes
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

_LINE = re.compile(r"([^\r\n\ufffe\x02]*)(\r\n|\r|\n|\ufffe|\x02|$)")
_HYPHENS = "\ufffe\x02"
"""What PDFium writes for a hyphen at a line's end, depending on the call that is used."""
_BOLD = re.compile(r"bold|black|heavy|demi|semib|[a-z]bx\d", re.IGNORECASE)
_MONO = re.compile(r"mono|courier|consol|typewriter|cmtt|\btt\d|menlo|code", re.IGNORECASE)
_FIXED_PITCH, _FORCE_BOLD = 1, 1 << 18
_MARK = re.compile(r"(?<=[^\W\d_]{3})(\d{1,2})\b|(?<=[.,;:)»“”\"])(?: ?)(\d{1,2})\b")
_RAISED = 0.85
"""A digit set smaller than this share of its neighbour's size is a superscript."""


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line (or a piece of one). Positions and sizes are in points, the origin at the bottom left.

    Attributes:
        uniform: it starts and ends in the same font.
        mono: it starts and ends in a typewriter face.
        hyphen: a hyphen at the line's end was taken off.
        marks: (offset, length) of superscript numbers in ``text``: footnote marks, perhaps.
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

    @property
    def height(self) -> float:
        """Of the line box; never 0, so that it can divide."""
        return max(self.top - self.bottom, 1.0)


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of one page and its visible area (left, bottom, right, top)."""

    lines: tuple[Line, ...]
    box: tuple[float, float, float, float]


class Probe:
    """Asks PDFium about single characters of one page; buffers are made once."""

    def __init__(self, textpage: Any) -> None:
        from pypdfium2 import raw

        self._raw, self._page = raw, textpage.raw
        self._rect, self._matrix = raw.FS_RECTF(), raw.FS_MATRIX()
        self._name, self._flags = ctypes.create_string_buffer(96), ctypes.c_int()

    def index(self, position: int) -> int:
        """The character behind a position of the page's text."""
        return int(self._raw.FPDFText_GetCharIndexFromTextIndex(self._page, position))

    def box(self, index: int) -> tuple[float, float, float, float]:
        """Left, right, top, bottom of a character's cell."""
        self._raw.FPDFText_GetLooseCharBox(self._page, index, self._rect)
        return self._rect.left, self._rect.right, self._rect.top, self._rect.bottom

    def size(self, index: int) -> float:
        """Font size as it appears: many writers set size 1 and scale by the matrix."""
        size = float(self._raw.FPDFText_GetFontSize(self._page, index))
        if self._raw.FPDFText_GetMatrix(self._page, index, self._matrix):
            size *= math.hypot(self._matrix.c, self._matrix.d) or 1.0
        return round(size * 2) / 2

    def font(self, index: int) -> tuple[str, int]:
        """Base font name without its subset tag, and the descriptor's flags."""
        self._name.value = b""
        self._raw.FPDFText_GetFontInfo(self._page, index, self._name, len(self._name), self._flags)
        name = self._name.value.decode("utf-8", "replace")
        return name.partition("+")[2] or name, int(self._flags.value)


def page_lines(textpage: Any) -> Iterator[Line]:
    """The lines of a page in the order of its content, pieces of one printed line put together."""
    text = textpage.get_text_range()
    wide = max(text, default="") > "\uffff"
    probe = Probe(textpage)
    pending: Line | None = None
    for found in _LINE.finditer(text):
        content, end = found.groups()
        if not content.strip():
            continue
        start = _utf16(text, found.start()) if wide else found.start()
        line = _line(probe, content, start, hyphen=end in _HYPHENS and bool(end))
        if pending and (joined := _same_line(pending, line)):
            pending = joined
            continue
        if pending:
            yield pending
        pending = line
    if pending:
        yield pending


def _utf16(text: str, position: int) -> int:
    return len(text[:position].encode("utf-16-le", "surrogatepass")) // 2


def _line(probe: Probe, content: str, start: int, *, hyphen: bool) -> Line:
    lead = len(content) - len(content.lstrip())
    text = content.strip()
    first = probe.index(start + lead)
    last = probe.index(start + lead + len(text) - 1)
    left, _right, top, bottom = probe.box(first)
    _left, right, other_top, other_bottom = probe.box(last)
    name, flags = probe.font(first)
    other_name, other_flags = probe.font(last)
    near = abs(top - other_top) < top - bottom
    return Line(
        text=text,
        left=left,
        right=max(right, left),
        top=max(top, other_top) if near else top,
        bottom=min(bottom, other_bottom) if near else bottom,
        size=probe.size(first),
        font=name,
        uniform=name == other_name,
        mono=_is_mono(name, flags) and _is_mono(other_name, other_flags),
        bold=bool(flags & _FORCE_BOLD or _BOLD.search(name)),
        hyphen=hyphen,
        marks=tuple(_marks(probe, text, start + lead)),
    )


def _is_mono(name: str, flags: int) -> bool:
    return bool(flags & _FIXED_PITCH or _MONO.search(name))


def _marks(probe: Probe, text: str, start: int) -> Iterator[tuple[int, int]]:
    for found in _MARK.finditer(text):
        at = found.start(found.lastindex or 0)
        if probe.size(probe.index(start + at)) < _RAISED * probe.size(probe.index(start + found.start() - 1)):
            yield at, found.end() - at


def _same_line(before: Line, line: Line) -> Line | None:
    """PDFium breaks a line at a raised number; put the pieces together when they touch."""
    gap = line.left - before.right
    overlap = min(before.top, line.top) - max(before.bottom, line.bottom)
    touching = -0.2 * before.height < gap < 0.6 * before.height
    if before.hyphen or not touching or overlap < 0.4 * min(before.height, line.height):
        return None
    space = " " if gap > 0.15 * before.height else ""
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
    )
