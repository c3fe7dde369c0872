"""Tables on a PDF page, as Markdown: only where rows and columns are beyond doubt.

Two proofs are accepted: a grid of drawn lines, and at least three rows whose pieces stand below each other in at least
two columns. Everything else stays running text, since a wrong table is worse than none.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from academy.ingestion.glyphs import Line, Page, beside
from academy.ingestion.markup import table
from academy.ingestion.pdfium import Box

_FEWEST_ROWS = 3
_FEWEST_COLUMNS = 2
_NEAR = 3.0
"""Rules closer to each other than this many points are one."""
_ALIGNED = 0.7
"""Pieces of one column stand below each other up to this multiple of the size."""
_CELL = 60
"""A longer piece is prose in a column of the page, not a cell."""
_PROSE = 22
"""A table has a column whose cells are usually shorter than so many characters."""
_FILLED = 0.6
_LETTERS = 2
"""Cells of a table without rules have on average at least so many characters."""
_LEADING = 2.6
"""Rows further apart than this multiple of their height belong to different tables."""
_LARGEST = 1000


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, each cell the lines in it; ``at`` is where its first line stood among the lines of the page."""

    at: int
    rows: tuple[tuple[tuple[Line, ...], ...], ...]
    lines: frozenset[int]


def with_tables(page: Page) -> Page:
    """The page with each table as one line of Markdown; pieces of lines that are in no table are lines of their own."""
    if not page.rules and not any(line.pieces for line in page.lines):
        return page
    page = replace(page, lines=tuple(piece for line in page.lines for piece in line.pieces or (line,)))
    tables = {table.at: table for table in find_tables(page)}
    inside = frozenset(line for table in tables.values() for line in table.lines)
    lines = []
    for at, line in enumerate(page.lines):
        if at in tables:
            lines.append(_as_line(tables[at]))
        elif id(line) not in inside:
            lines.append(line)
    return replace(page, lines=tuple(lines))


def _as_line(found: Table) -> Line:
    lines = [line for row in found.rows for cell in row for line in cell]
    rows = [[" ".join(line.text for line in cell) for cell in row] for row in found.rows]
    return replace(
        lines[0],
        text=table(rows),
        left=min(line.left for line in lines),
        right=max(line.right for line in lines),
        top=max(line.top for line in lines),
        bottom=min(line.bottom for line in lines),
        marks=(),
        table=True,
    )


def find_tables(page: Page) -> list[Table]:
    """The tables of a page; their lines are named by ``id``."""
    ruled = list(_ruled(page))
    taken = {line for table in ruled for line in table.lines}
    free = [line for line in page.lines if id(line) not in taken]
    return [*ruled, *_aligned(free, page)]


def _ruled(page: Page) -> Iterator[Table]:
    """Grids of drawn lines that hold text in at least two columns and two rows."""
    for across, down in _grids(page.rules):
        columns, heights = _merged(across), _merged(down)
        if len(columns) <= _FEWEST_COLUMNS or len(heights) < _FEWEST_ROWS:
            continue
        cells: dict[tuple[int, int], list[Line]] = {}
        for line in page.lines:
            column = bisect_right(columns, (line.left + line.right) / 2) - 1
            row = bisect_right(heights, (line.top + line.bottom) / 2) - 1
            if not (0 <= column < len(columns) - 1 and 0 <= row < len(heights) - 1):
                continue
            if line.left < columns[column] - 2 * _NEAR or line.right > columns[column + 1] + 2 * _NEAR:
                break  # text across a rule: these are frames, not the cells of a table
            cells.setdefault((len(heights) - 2 - row, column), []).append(line)
        else:
            table = _filled(page, cells, len(heights) - 1, len(columns) - 1)
            if table:
                yield table


def _filled(page: Page, cells: dict[tuple[int, int], list[Line]], height: int, width: int) -> Table | None:
    """The table, if at least two rows and two columns of its grid hold text."""
    rows = [tuple(tuple(cells.get((row, column), ())) for column in range(width)) for row in range(height)]
    rows = [row for row in rows if any(row)]
    used = [column for column in range(width) if any(row[column] for row in rows)]
    full = sum(1 for row in rows if sum(map(bool, row)) >= _FEWEST_COLUMNS)
    if len(used) < _FEWEST_COLUMNS or full < 2 or 2 * full < len(rows) or not _is_filled(rows, len(used)):
        return None
    kept = tuple(tuple(row[column] for column in used) for row in rows)
    lines = frozenset(id(line) for row in kept for cell in row for line in cell)
    return Table(next(at for at, line in enumerate(page.lines) if id(line) in lines), kept, lines)


def _is_filled(rows: Sequence[Sequence[Sequence[Line]]], width: int) -> bool:
    """Whether most cells hold words or numbers; drawings put single signs into boxes."""
    cells = ["".join(line.text for line in cell) for row in rows for cell in row]
    return sum(1 for cell in cells if any(map(str.isalnum, cell))) >= _FILLED * width * len(rows)


def _grids(rules: Sequence[Box]) -> Iterator[tuple[list[float], list[float]]]:
    """Rules that touch each other, as the places of the upright and of the level ones."""
    upright = sum(1 for rule in rules if rule[3] - rule[1] > rule[2] - rule[0])
    if not (_FEWEST_COLUMNS < upright < _LARGEST and _FEWEST_ROWS <= len(rules) - upright < _LARGEST):
        return
    groups: list[tuple[Box, list[Box]]] = []
    for rule in sorted(rules, key=lambda box: -box[3]):
        box, members = rule, [rule]
        apart = []
        for other, own in groups:
            if _touch(box, other):
                box, members = _around(box, other), own + members
            else:
                apart.append((other, own))
        groups = [*apart, (box, members)]
    for box, members in groups:
        places = [(rule[0] + rule[2]) / 2 for rule in members if rule[3] - rule[1] > rule[2] - rule[0]]
        heights = [(rule[1] + rule[3]) / 2 for rule in members if rule[3] - rule[1] <= rule[2] - rule[0]]
        if len(places) > _FEWEST_COLUMNS and len(heights) > 2 and box[3] - box[1] > _NEAR:
            yield places, heights


def _touch(one: Box, other: Box) -> bool:
    return (
        one[0] <= other[2] + _NEAR
        and other[0] <= one[2] + _NEAR
        and one[1] <= other[3] + _NEAR
        and other[1] <= one[3] + _NEAR
    )


def _around(one: Box, other: Box) -> Box:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def _merged(places: Sequence[float]) -> list[float]:
    merged: list[float] = []
    for place in sorted(places):
        if not merged or place - merged[-1] > _NEAR:
            merged.append(place)
    return merged


def _aligned(lines: Sequence[Line], page: Page) -> Iterator[Table]:
    """Runs of rows with the same columns, without drawn lines."""
    run: list[list[Line]] = []
    for row in [*_rows(lines), []]:
        if run and row and _continues(run, row):
            run.append(row)
            continue
        if len(run) >= _FEWEST_ROWS:
            yield from _as_table(run, page)
        run = [row] if len(row) >= _FEWEST_COLUMNS and all(len(cell.text) <= _CELL for cell in row) else []


def _rows(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines on one height, from left to right, that follow each other."""
    row: list[Line] = []
    for line in lines:
        if row and not beside(row[-1], line):
            yield row
            row = []
        row.append(line)
    if row:
        yield row


def _continues(run: Sequence[Sequence[Line]], row: Sequence[Line]) -> bool:
    above = run[-1]
    if len(row) != len(run[0]) or any(len(cell.text) > _CELL for cell in row):
        return False
    distance = above[0].bottom - row[0].bottom
    if not 0 < distance < _LEADING * above[0].height:
        return False
    return all(_in_column(upper, lower) for upper, lower in zip(above, row, strict=True))


def _in_column(upper: Line, lower: Line) -> bool:
    near = _ALIGNED * max(upper.size, 1.0)
    middles = (upper.left + upper.right - lower.left - lower.right) / 2
    return min(abs(upper.left - lower.left), abs(upper.right - lower.right), abs(middles)) < near


def _as_table(run: Sequence[Sequence[Line]], page: Page) -> Iterator[Table]:
    """The run, unless its columns overlap or hold as much text as columns of a page do."""
    edges = [(min(row[n].left for row in run), max(row[n].right for row in run)) for n in range(len(run[0]))]
    if any(left[1] > right[0] for left, right in pairwise(edges)):
        return
    if all(median(len(row[n].text) for row in run) > _PROSE for n in range(len(edges))):
        return  # columns of running text
    lengths = [len(cell.text) for row in run for cell in row]
    if not _is_filled([[[cell] for cell in row] for row in run], len(edges)) or sum(lengths) < _LETTERS * len(lengths):
        return
    lines = frozenset(id(line) for row in run for line in row)
    at = next(at for at, line in enumerate(page.lines) if id(line) in lines)
    yield Table(at, tuple(tuple((cell,) for cell in row) for row in run), lines)
