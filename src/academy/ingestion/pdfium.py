"""PDFium's functions that are called once per object or line, bound so that a call costs half a microsecond.

pypdfium2 binds them with typed pointers, which are safe and four times as slow; here pointers are plain integers.
"""

import ctypes
import math
from collections.abc import Callable
from ctypes import c_char_p, c_float, c_int, c_uint, c_ulong, c_void_p
from dataclasses import dataclass
from functools import cache
from typing import Any

Call = Callable[..., int]
Box = tuple[float, float, float, float]
"""Left, bottom, right, top in points."""
Matrix = tuple[float, float, float, float, float, float]
TEXT, PATH, IMAGE, SHADING, FORM = 1, 2, 3, 4, 5
"""FPDF_PAGEOBJ_*"""
FILLED = 1
"""FPDF_FILLMODE_ALTERNATE; winding is 2, so that anything but 0 is filled."""

_PATH_OF_FLOATS = (c_void_p, c_void_p, c_void_p, c_void_p)


@dataclass(frozen=True, slots=True)
class Functions:
    """The functions, with their buffers: one set per process, used by one thread at a time."""

    count: Call
    object: Call
    inner_count: Call
    inner: Call
    kind: Call
    mode: Call
    fill: Call
    stroke: Call
    bounds: Call
    matrix: Call
    draw_mode: Call
    segments: Call
    transparent: Call
    remove: Call
    remove_inner: Call
    destroy: Call
    show: Call
    index: Call
    cell: Call
    size: Call
    place: Call
    text_object: Call
    font: Call
    font_info: Call
    written: Call


@cache
def functions() -> Functions:
    """Bind once."""
    p, i = c_void_p, c_int
    return Functions(
        count=_bind("FPDFPage_CountObjects", p),
        object=_bind("FPDFPage_GetObject", p, i, result=c_void_p),
        inner_count=_bind("FPDFFormObj_CountObjects", p),
        inner=_bind("FPDFFormObj_GetObject", p, c_ulong, result=c_void_p),
        kind=_bind("FPDFPageObj_GetType", p),
        mode=_bind("FPDFTextObj_GetTextRenderMode", p),
        fill=_bind("FPDFPageObj_GetFillColor", p, *_PATH_OF_FLOATS),
        stroke=_bind("FPDFPageObj_GetStrokeColor", p, *_PATH_OF_FLOATS),
        bounds=_bind("FPDFPageObj_GetBounds", p, *_PATH_OF_FLOATS),
        matrix=_bind("FPDFPageObj_GetMatrix", p, p),
        draw_mode=_bind("FPDFPath_GetDrawMode", p, p, p),
        segments=_bind("FPDFPath_CountSegments", p),
        transparent=_bind("FPDFPageObj_HasTransparency", p),
        remove=_bind("FPDFPage_RemoveObject", p, p),
        remove_inner=_bind("FPDFFormObj_RemoveObject", p, p),
        destroy=_bind("FPDFPageObj_Destroy", p, result=None),
        show=_bind("FPDFPageObj_SetIsActive", p, i),
        index=_bind("FPDFText_GetCharIndexFromTextIndex", p, i),
        cell=_bind("FPDFText_GetLooseCharBox", p, i, p),
        size=_bind("FPDFText_GetFontSize", p, i, result=ctypes.c_double),
        place=_bind("FPDFText_GetMatrix", p, i, p),
        text_object=_bind("FPDFText_GetTextObject", p, i, result=c_void_p),
        font=_bind("FPDFTextObj_GetFont", p, result=c_void_p),
        font_info=_bind("FPDFText_GetFontInfo", p, i, c_char_p, c_ulong, p, result=c_ulong),
        written=_bind("FPDFTextObj_GetText", p, p, p, c_ulong, result=c_ulong),
    )


def _bind(name: str, *arguments: Any, result: Any = c_int) -> Call:
    from pypdfium2 import raw

    return ctypes.CFUNCTYPE(result, *arguments)(address(getattr(raw, name)))


def address(pointer: Any) -> int:
    """A typed pointer as a plain integer."""
    return ctypes.cast(pointer, c_void_p).value or 0


class Buffers:
    """Places that PDFium writes its answers to."""

    def __init__(self) -> None:
        self.floats = (c_float * 6)()
        self.numbers = (c_uint * 4)()
        self.at = [ctypes.addressof(self.floats) + 4 * n for n in range(6)]
        self.numbers_at = [ctypes.addressof(self.numbers) + 4 * n for n in range(4)]

    def bounds(self, pointer: int) -> Box | None:
        """Where an object stands, in the space of the page or form that holds it."""
        if not functions().bounds(pointer, *self.at[:4]):
            return None
        left, bottom, right, top = self.floats[:4]
        return left, bottom, right, top

    def color(self, read: Call, pointer: int) -> tuple[int, int, int, int] | None:
        """Red, green, blue and alpha; None for patterns."""
        return tuple(self.numbers) if read(pointer, *self.numbers_at) else None

    def matrix(self, pointer: int) -> Matrix:
        """How an object's own space lies in the one around it."""
        if functions().matrix(pointer, self.at[0]):
            return tuple(self.floats)
        return IDENTITY


IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def times(inner: Matrix, outer: Matrix) -> Matrix:
    """First ``inner``, then ``outer``."""
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def moved(box: Box, matrix: Matrix) -> Box:
    """The box around a box after a transformation."""
    if matrix is IDENTITY:
        return box
    a, b, c, d, e, f = matrix
    corners = [(a * x + c * y + e, b * x + d * y + f) for x in (box[0], box[2]) for y in (box[1], box[3])]
    xs, ys = [x for x, _y in corners], [y for _x, y in corners]
    return (min(xs), min(ys), max(xs), max(ys))


def quarter(a: float, b: float) -> int:
    """In which of the four directions text with this matrix runs: 0 to the right, 1 upwards, 2 to the left, 3 down."""
    return round(math.atan2(b, a) / (math.pi / 2)) % 4
