"""The order in which a person reads the lines of a page: down one column, then down the next."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from academy.ingestion.glyphs import Line, Page, beside

_FEWEST = 4
"""A column has at least so many lines."""
_CROSSING = 0.3
"""At most this share of the lines, such as titles and wide tables, may lie across a gutter."""
_STEPS = 24
_INNER = (0.25, 0.75)
"""The gutter of a page with columns lies in this part of what is written on."""
_JUMPS = 3
_JUMP_SHARE = 0.1
_DEEPEST = 3
_PROSE = 20
"""A shorter line may be the label of a drawing."""


def in_reading_order(page: Page) -> tuple[Line, ...]:
    """The lines as a person reads them.

    The order of a page's content is right for nearly every program that sets text, and knows more than geometry does
    about boxes and captions. It is left only where it jumps about, or where it goes from the right to the left column.
    """
    lines = page.lines
    if len(lines) < 2 * _FEWEST or not _jumps_about(lines):
        return lines
    return tuple(_ordered(lines, 0))


def _jumps_about(lines: Sequence[Line]) -> bool:
    """Whether the content's order cannot be that of reading."""
    if _side_by_side(lines) >= _FEWEST:
        return True
    # Labels of drawings stand in any order; they say nothing about the text around them.
    prose = [line for line in lines if len(line.text) >= _PROSE]
    upward = [(above, below) for above, below in pairwise(prose) if below.bottom > above.top]
    if len(upward) > max(_JUMPS, _JUMP_SHARE * len(prose)):
        return True
    return any(below.right < above.left and _is_column(lines, below, above) for above, below in upward)


def _side_by_side(lines: Sequence[Line]) -> int:
    """How many long lines were cut in two at one gutter."""
    return sum(
        1
        for left, right in pairwise(lines)
        if beside(left, right) and min(len(left.text), len(right.text)) > 2 * _FEWEST
    )


def _is_column(lines: Sequence[Line], left: Line, right: Line) -> bool:
    """Whether both lines have neighbours that stand below each other, so that they are columns and not boxes."""
    return all(sum(1 for line in lines if abs(line.left - one.left) < 2.0) >= _FEWEST for one in (left, right))


def _ordered(lines: Sequence[Line], depth: int) -> Iterator[Line]:
    gutter = _gutter(lines) if depth < _DEEPEST else None
    if gutter is None:
        yield from _downwards(lines)
        return
    band: list[Line] = []
    for line in sorted(lines, key=lambda line: -line.top):
        if line.left < gutter < line.right:
            yield from _beside(band, gutter, depth)
            yield line
            band = []
        else:
            band.append(line)
    yield from _beside(band, gutter, depth)


def _beside(lines: Sequence[Line], gutter: float, depth: int) -> Iterator[Line]:
    for side in (True, False):
        yield from _ordered([line for line in lines if (line.right <= gutter) is side], depth + 1)


def _gutter(lines: Sequence[Line]) -> float | None:
    """Where the fewest lines lie across, with enough lines on both sides; None without such a place."""
    if len(lines) < 2 * _FEWEST:
        return None
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    best: tuple[float, float] | None = None
    for step in range(_STEPS + 1):
        place = left + (right - left) * (_INNER[0] + (_INNER[1] - _INNER[0]) * step / _STEPS)
        crossing = sum(1 for line in lines if line.left < place < line.right)
        before = sum(1 for line in lines if line.right <= place)
        enough = min(before, len(lines) - crossing - before) >= _FEWEST
        if enough and crossing <= _CROSSING * len(lines) and (best is None or crossing < best[0]):
            best = (crossing, place)
    return best[1] if best else None


def _downwards(lines: Sequence[Line]) -> Iterator[Line]:
    """From top to bottom; lines on one height from left to right."""
    if not lines:
        return
    height = median(line.height for line in lines)
    row: list[Line] = []
    for line in sorted(lines, key=lambda line: -line.bottom):
        if row and row[0].bottom - line.bottom > 0.5 * height:
            yield from sorted(row, key=lambda line: line.left)
            row = []
        row.append(line)
    yield from sorted(row, key=lambda line: line.left)
