"""Blocks of PDF pages as Markdown, and pages put together where a sentence crosses from one to the next."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from academy.ingestion.glyphs import Line, Page
from academy.ingestion.joining import Joiner, is_open
from academy.ingestion.layout import Block, Kind, Style, page_blocks
from academy.ingestion.markup import fence, heading, item

_MARKER = re.compile(r"[^\w\s(]\s+|\(?\w{1,2}[.)]\s+")
_LABEL_LENGTH = 32
_PROSE_LENGTH = 20
"""A line of fewer characters does not fill a column."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A block as text.

    Attributes:
        prose: its last line is no single word, so that it may go on overleaf.
        full: that line even runs to the right edge.
        hyphen: and ends inside a word.
    """

    kind: Kind
    text: str
    prose: bool = False
    full: bool = False
    hyphen: bool = False


def pages_text(pages: Sequence[Page], style: Style) -> tuple[str, ...]:
    """One Markdown text per page; joined they are the document."""
    joiner = Joiner(line.text for page in pages for line in page.lines)
    return tuple(_join_pages([_pieces(page_blocks(page, style), style, joiner) for page in pages], joiner))


def _pieces(blocks: Sequence[Block], style: Style, joiner: Joiner) -> list[Piece]:
    pieces: list[Piece] = []
    for block in blocks:
        piece = _piece(block, style, joiner)
        if pieces and _is_label(piece) and _is_label(pieces[-1]):
            # The words of a drawing: together they are one block, each on its line.
            pieces[-1] = Piece("paragraph", f"{pieces[-1].text}\n{piece.text}")
        else:
            pieces.append(piece)
    return pieces


def _is_label(piece: Piece) -> bool:
    last = piece.text.rpartition("\n")[2]
    return (
        piece.kind == "paragraph" and len(last) < _LABEL_LENGTH and (last.endswith("...") or last[-1] not in ".:;,?!")
    )


def _piece(block: Block, style: Style, joiner: Joiner) -> Piece:
    if block.kind == "code":
        return Piece("code", fence(_code(block.lines)))
    if block.kind == "table":
        return Piece("table", block.text)
    text = _running(block.lines, joiner)
    if block.kind == "heading":
        return Piece("heading", heading(block.level, text))
    if block.kind == "note":
        return Piece("note", re.sub(r"^(\d{1,3})[.)]?\s*", r"[\1] ", text))
    last = block.lines[-1]
    right = max(line.right for line in block.lines)
    prose = len(last.text) >= _PROSE_LENGTH
    full = prose and last.right >= right - 2 * style.body
    if block.kind == "item":
        return Piece("item", _item(text), prose, full, last.hyphen)
    return Piece(block.kind, text, prose, full, last.hyphen)


def _item(text: str) -> str:
    found = _MARKER.match(text)
    if found and found.group().strip()[-1] in ".)":
        return text
    return item(text[found.end() :] if found else text)


def _running(lines: Sequence[Line], joiner: Joiner) -> str:
    text = lines[0].text
    for before, line in pairwise(lines):
        text = joiner.join(text, line.text, hyphen=before.hyphen)
    return text


def _code(lines: Sequence[Line]) -> str:
    """A listing with its indentation and empty lines, from where the lines stand."""
    margin = min(line.left for line in lines)
    rows: list[str] = []
    above: Line | None = None
    for line in lines:
        if above and above.bottom - line.bottom > 1.7 * line.size:
            rows.append("")
        rows.append(" " * round((line.left - margin) / max(0.6 * line.size, 1.0)) + line.text)
        above = line
    return "\n".join(rows)


def _join_pages(pages: Sequence[list[Piece]], joiner: Joiner) -> Iterator[str]:
    """The pages' texts, with the white space between them; a sentence that crosses a page is put together."""
    pages = [list(page) for page in pages]
    filled = [page for page in pages if page]
    joined = {id(page): "\n\n" for page in filled}
    for page, following in pairwise(filled):
        joined[id(page)] = _bridge(page, following, joiner)
    for page in pages:
        yield _page_text(page) + joined[id(page)] if page else ""


def _bridge(page: list[Piece], following: list[Piece], joiner: Joiner) -> str:
    """Decide what stands between two pages; puts the unfinished paragraph last and its continuation first."""
    last = next(
        (
            at
            for at in range(len(page) - 1, -1, -1)
            if page[at].kind in ("paragraph", "item") and not _is_label(page[at])
        ),
        None,
    )
    if last is None or not (is_open(page[last].text) or page[last].hyphen):
        return "\n\n"
    first = _continuation(page[last], following)
    if first is None:
        return "\n\n"
    page.append(page.pop(last))
    following.insert(0, following.pop(first))
    before, after = page[-1], following[0]
    whole = joiner.join(before.text, after.text, hyphen=before.hyphen)
    between = whole[: len(whole) - len(after.text)]
    page[-1] = replace(before, text=between.rstrip())
    return between[len(between.rstrip()) :]


def _continuation(before: Piece, following: Sequence[Piece]) -> int | None:
    """Where the following page goes on with the paragraph: its first paragraph, if it starts like the middle of one."""
    first = next((at for at, piece in enumerate(following) if piece.kind == "paragraph"), None)
    if first is None or any(piece.kind in ("heading", "item") for piece in following[:first]):
        return None
    text = following[first].text
    lower = before.prose and text[:1].islower()
    flush = before.full and first == 0 and not _is_label(following[0])
    return first if before.hyphen or lower or flush else None


def _page_text(page: Sequence[Piece]) -> str:
    """The pieces with an empty line between them; items of one list follow without."""
    text = page[0].text
    for before, piece in pairwise(page):
        tight = before.kind == piece.kind == "item"
        text += ("\n" if tight else "\n\n") + piece.text
    return text
