"""What is painted on a PDF page besides text, and which text nobody can see on it."""

import ctypes
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from academy.ingestion.pdfium import (
    FORM,
    IDENTITY,
    IMAGE,
    PATH,
    SHADING,
    TEXT,
    Box,
    Buffers,
    Matrix,
    address,
    functions,
    moved,
    times,
)
from academy.ingestion.picture import Picture

Color = Sequence[int]
"""Red, green, blue and alpha, 0 to 255."""
_UNSEEN = (3, 7)
"""Text rendering modes that paint nothing."""
_OUTLINED = (1, 5)
_LEAST_CONTRAST = 1.25
"""WCAG contrast below which text is taken for hidden; light grey on white, #CCC, has 1.6."""
_LEAST_ALPHA = 26
_DARK = 0x60
"""Text whose red, green or blue is below this is seen on white paper."""
_THIN = 3.0
_DIM = 0.3
_DIM_PART = 0x90
"""Ground of a lower luminance can hide dark text."""
_LIKELY = ("covered", "pale", "transparent")
"""Reasons that are guesses from colours and boxes; painting the page decides."""
_SHORT = 6.0
_FEW = 6
"""Fewer letters on a page that are covered or pale are labels of a drawing, and no message."""
_RECTANGLE = 6
"""A rectangle has at most so many segments."""
_DEEPEST = 12
_BAND = 40.0
_MOST_PATHS = 3000
"""A page with more paths is a drawing; its lines are no table."""
_TOUCH = 1.5


class Written(NamedTuple):
    """A text object: its place in the order of painting, its colour, the form that holds it."""

    order: int
    pointer: int
    form: int
    matrix: Matrix
    color: Color | None
    unseen: bool


@dataclass(frozen=True, slots=True)
class Patch:
    """An area that something was painted on; ``color`` is None where it is not one colour."""

    order: int
    box: Box
    color: Color | None
    covers: bool


@dataclass(slots=True)
class Painting:
    """What was found on one page.

    Attributes:
        rules: thin lines and the edges of frames, as boxes; the grid of tables perhaps.
        images: where pictures stand.
        hidden: reason -> the texts that were taken off the page.
        recognised: whether invisible text lies on a picture, as OCR programs write it.
    """

    rules: list[Box] = field(default_factory=list)
    images: list[Box] = field(default_factory=list)
    hidden: dict[str, list[str]] = field(default_factory=dict)
    recognised: bool = False


class Scan:
    """One walk over the objects of a page."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self._pointer = address(page.raw)
        self._buffers = Buffers()
        self._plain: list[tuple[int, int, int, Matrix, Color, bool]] = []
        self._odd: list[Written] = []
        self._patches: list[Patch] = []
        self._paths = 0
        self._order = 0
        self.painting = Painting()

    def run(self) -> Painting:
        """Find what is painted, and take text that nobody sees off the page."""
        self._walk(self._pointer, 0, IDENTITY, 0)
        hidden = list(self._hidden())
        if hidden:
            texts = self._read(hidden)
            letters = Counter[str]()
            for (_written, reason), text in zip(hidden, texts, strict=True):
                letters[reason] += len("".join(text.split()))
            likely = {reason for reason in _LIKELY if letters[reason] >= _FEW}
            shown = self._shown([written for written, reason in hidden if reason in likely])
            for (written, reason), text in zip(hidden, texts, strict=True):
                if reason == "invisible" or (reason in likely and written.pointer not in shown):
                    self.painting.hidden.setdefault(reason, []).append(text)
                    self._remove(written)
        return self.painting

    def _shown(self, texts: Sequence[Written]) -> set[int]:
        """Which of the texts make a difference to the eye: the page is painted with and without them."""
        if not texts:
            return set()
        show = functions().show
        before = Picture(self._page)
        for written in texts:
            show(written.pointer, 0)
        after = Picture(self._page)
        for written in texts:
            show(written.pointer, 1)
        return {written.pointer for written in texts if before.differs(after, self._box(written))}

    def _remove(self, written: Written) -> None:
        call = functions()
        if written.form:
            removed = call.remove_inner(written.form, written.pointer)
        else:
            removed = call.remove(self._pointer, written.pointer)
        if removed:
            call.destroy(written.pointer)

    def _walk(self, holder: int, form: int, matrix: Matrix, depth: int) -> None:
        call = functions()
        count, get = (call.inner_count, call.inner) if form else (call.count, call.object)
        kind_of, mode, fill = call.kind, call.mode, call.fill
        numbers, (red, green, blue, alpha) = self._buffers.numbers, self._buffers.numbers_at
        for number in range(count(holder)):
            pointer = get(holder, number)
            kind = kind_of(pointer)
            self._order += 1
            if kind == TEXT:
                drawn = mode(pointer)
                if drawn == 0 and fill(pointer, red, green, blue, alpha) and numbers[0] < _DARK and numbers[3] == 255:
                    self._plain.append((self._order, pointer, form, matrix, numbers[:], False))
                else:
                    color = self._color(pointer, drawn)
                    self._odd.append(Written(self._order, pointer, form, matrix, color, drawn in _UNSEEN))
            elif kind == PATH:
                self._path(pointer, matrix)
            elif kind in (IMAGE, SHADING):
                self._picture(pointer, kind, matrix)
            elif kind == FORM and depth < _DEEPEST:
                self._walk(pointer, pointer, times(self._buffers.matrix(pointer), matrix), depth + 1)

    def _color(self, pointer: int, mode: int) -> Color | None:
        call = functions()
        return self._buffers.color(call.stroke if mode in _OUTLINED else call.fill, pointer)

    def _picture(self, pointer: int, kind: int, matrix: Matrix) -> None:
        box = self._buffers.bounds(pointer)
        if box:
            box = moved(box, matrix)
            self._patches.append(Patch(self._order, box, None, covers=False))
            if kind == IMAGE:
                self.painting.images.append(box)

    def _path(self, pointer: int, matrix: Matrix) -> None:
        self._paths += 1
        own = self._buffers.bounds(pointer)
        if own is None:
            return
        box = own if matrix is IDENTITY else moved(own, matrix)
        left, bottom, right, top = box
        if right - left < _SHORT and top - bottom < _SHORT:
            return  # a dot, an arrow's head: neither a rule nor large enough to hide a word
        if right - left < _THIN or top - bottom < _THIN:
            if self._paths < _MOST_PATHS:
                self.painting.rules.append(box)
            return
        call, numbers = functions(), self._buffers
        call.draw_mode(pointer, numbers.numbers_at[0], numbers.numbers_at[1])
        filled, stroked = numbers.numbers[0], numbers.numbers[1]
        rectangle = call.segments(pointer) <= _RECTANGLE
        if filled:
            color = numbers.color(call.fill, pointer)
            if color is None or color[3] >= _LEAST_ALPHA:
                opaque = rectangle and color is not None and color[3] == 255 and not call.transparent(pointer)
                self._patches.append(Patch(self._order, box, color, covers=opaque))
        if (stroked or filled) and rectangle and self._paths < _MOST_PATHS:
            self.painting.rules += _edges(box)

    def _hidden(self) -> Iterator[tuple[Written, str]]:
        """What nobody sees, and what nobody would see if colours and boxes told everything."""
        bands = _bands(self._patches) if self._odd else {}
        for text in self._odd:
            if text.unseen:
                if self._on_picture(text):
                    self.painting.recognised = True
                else:
                    yield text, "invisible"
            elif text.color is not None and text.color[3] < _LEAST_ALPHA:
                yield text, "transparent"
            elif reason := self._lost(text, bands):
                yield text, reason
        yield from self._dark_hidden()

    def _dark_hidden(self) -> Iterator[tuple[Written, str]]:
        """Dark text is seen on paper; it is looked at only where something covers it or lies darkly below it."""
        first = self._plain[0][0] if self._plain else 0
        risky = [patch for patch in self._patches if (patch.covers and patch.order > first) or _is_dim(patch)]
        if not risky or not self._plain:
            return
        risky_bands, bands = _bands(risky), _bands(self._patches)
        for text in self._plain:
            box = self._buffers.bounds(text[1])
            if box is None:
                continue
            box = moved(box, text[3])
            middle = _middle(box)
            if any(_holds(patch.box, middle) for patch in risky_bands.get(int(middle[1] // _BAND), ())):
                written = Written._make(text)
                if reason := self._lost(written, bands):
                    yield written, reason

    def _lost(self, text: Written, bands: Mapping[int, Sequence[Patch]]) -> str:
        """Why a text cannot be told from what lies above or below it; empty when it can."""
        box = self._box(text)
        middle = _middle(box)
        near = [patch for patch in bands.get(int(middle[1] // _BAND), ()) if _holds(patch.box, middle)]
        if any(patch.covers and patch.order > text.order and _within(box, patch.box) for patch in near):
            return "covered"
        below = [patch for patch in near if patch.order < text.order]
        return "pale" if text.color is not None and _faint(text.color, below) else ""

    def _box(self, text: Written) -> Box:
        return moved(self._buffers.bounds(text.pointer) or (0.0, 0.0, 0.0, 0.0), text.matrix)

    def _on_picture(self, text: Written) -> bool:
        middle = _middle(self._box(text))
        return any(_holds(box, middle) for box in self.painting.images)

    def _read(self, hidden: Sequence[tuple[Written, str]]) -> list[str]:
        """What will perhaps be removed, for the count; its text page shows it for the last time."""
        textpage = self._page.get_textpage()
        words = ctypes.create_string_buffer(8192)
        pointer = address(textpage.raw)
        texts = []
        for written, _reason in hidden:
            size = functions().written(written.pointer, pointer, ctypes.addressof(words), len(words))
            texts.append(words.raw[: max(size - 2, 0)].decode("utf-16-le", "replace"))
        textpage.close()
        return texts


def _is_dim(patch: Patch) -> bool:
    return patch.color is not None and min(patch.color[:3]) < _DIM_PART and _luminance(patch.color) < _DIM


def _edges(box: Box) -> list[Box]:
    left, bottom, right, top = box
    return [
        (left, bottom, right, bottom),
        (left, top, right, top),
        (left, bottom, left, top),
        (right, bottom, right, top),
    ]


def _bands(patches: Sequence[Patch]) -> dict[int, list[Patch]]:
    """The patches by height, so that a page with thousands of them is not compared with thousands of texts."""
    bands: dict[int, list[Patch]] = defaultdict(list)
    for patch in patches:
        low, high = max(patch.box[1], -2000.0), min(patch.box[3], 20000.0)
        for band in range(int(low // _BAND), int(high // _BAND) + 1):
            bands[band].append(patch)
    return bands


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _holds(box: Box, point: tuple[float, float]) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def _within(inner: Box, outer: Box) -> bool:
    return (
        inner[0] >= outer[0] - _TOUCH
        and inner[2] <= outer[2] + _TOUCH
        and inner[1] >= outer[1] - _TOUCH
        and inner[3] <= outer[3] + _TOUCH
    )


def _faint(color: Color, behind: Sequence[Patch]) -> bool:
    """Whether the text cannot be told from what it stands on: the last patch below it, or white paper."""
    if any(patch.color is None for patch in behind):
        return False  # a picture or a pattern; nobody can say without painting it
    grounds = [behind[-1].color] if behind and behind[-1].covers else [patch.color for patch in behind]
    if not behind or not behind[-1].covers:
        grounds.append((255, 255, 255, 255))
    return all(_contrast(color, ground) < _LEAST_CONTRAST for ground in grounds if ground is not None)


def _contrast(one: Color, other: Color) -> float:
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(color: Color) -> float:
    linear = [(part / 255 / 12.92) if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in color[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
