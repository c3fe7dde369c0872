"""A small grey picture of a PDF page, to see whether something on it makes a difference."""

import ctypes
from typing import Any

from academy.ingestion.pdfium import Box

_LONGEST = 900
"""Pixels of the longer side."""
_SEEN = 24
"""Steps of grey, of 256, that an eye can tell apart on paper; #E7E7E7 on white."""


class Picture:
    """The page as painted now."""

    def __init__(self, page: Any) -> None:
        self._page = page
        scale = _LONGEST / max(*page.get_size(), 1.0)
        bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=False)
        self._width, self._height, self._stride = bitmap.width, bitmap.height, bitmap.stride
        self._pixels = bytes(bitmap.buffer)
        bitmap.close()

    def differs(self, other: "Picture", box: Box) -> bool:
        """Whether a reader would see a difference inside of the box."""
        left, top, right, bottom = self._place(box)
        for row in range(top, bottom):
            start = row * self._stride
            one, two = self._pixels[start + left : start + right], other._pixels[start + left : start + right]
            if one != two and max(abs(a - b) for a, b in zip(one, two, strict=True)) >= _SEEN:
                return True
        return False

    def _place(self, box: Box) -> tuple[int, int, int, int]:
        """The pixels of a box: left, top, right, bottom; the page may be turned and cropped."""
        from pypdfium2 import raw

        xs, ys = [], []
        for x, y in ((box[0], box[1]), (box[2], box[3])):
            across, down = ctypes.c_int(), ctypes.c_int()
            raw.FPDF_PageToDevice(self._page.raw, 0, 0, self._width, self._height, 0, x, y, across, down)
            xs.append(across.value)
            ys.append(down.value)
        return (
            max(min(xs) - 1, 0),
            max(min(ys) - 1, 0),
            min(max(xs) + 1, self._width),
            min(max(ys) + 1, self._height),
        )
