"""Stage 2 of 6: documents -> chunks.

Structure first: a passage never crosses a heading; paragraphs, lists, tables and listings stay whole where they fit,
and are cut at items and lines, then at sentences, then at words where they do not.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from academy.config import ChunkConfig
from academy.records import Chunk, Document
from academy.sentences import sentences

Count = Callable[[str], int]
Span = tuple[int, int]

_HEADING = re.compile(r"(#{1,6}) +(\S.*?)(?: +#+)? *$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_LINES = re.compile(r"[^\n]*\S[^\n]*")
_WORDS = re.compile(r"\S+")
_CAPTION = re.compile(r"Listing\s+\d+\s?[.:]")
_STRUCTURED = re.compile(r"\s*(?:[-*+•] |\d+[.)] |\||`{3}|~{3})")


@dataclass(frozen=True, slots=True)
class Section:
    """What stands between two headings: the path of titles that leads there, and its blocks."""

    headings: tuple[str, ...]
    blocks: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A span of the document with its size in tokens."""

    start: int
    end: int
    tokens: int


def chunk(document: Document, config: ChunkConfig, count: Count) -> Iterator[Chunk]:
    """Stage 2 of 6: documents -> chunks.

    Args:
        document: its headings, lists, tables and code are written as Markdown.
        count: number of tokens of a text, in the student's tokenizer.

    Yields:
        Passages in order, none longer than ``config.max_tokens``, none overlapping. Everything readable is in exactly
        one of them, except the lines of headings, which are in ``headings``.
    """
    index = 0
    for section in sections(document):
        for start, end in _passages(section, document.text, config, count):
            yield Chunk(
                document_id=document.id,
                index=index,
                text=document.text[start:end],
                start=start,
                end=end,
                headings=section.headings,
                page=bisect_right(document.pages, start) or None,
            )
            index += 1


def sections(document: Document) -> Iterator[Section]:
    """The document cut at its headings; sections that hold only headings are left out."""
    path: list[tuple[int, str]] = []
    blocks: list[Span] = []
    for start, end in _blocks(document.text):
        found = _HEADING.match(document.text, start, end)
        if not found:
            blocks.append((start, end))
            continue
        if blocks:
            yield Section(_titles(document.title, path), tuple(blocks))
            blocks = []
        level = len(found.group(1))
        path = [*(entry for entry in path if entry[0] < level), (level, found.group(2))]
    if blocks:
        yield Section(_titles(document.title, path), tuple(blocks))


def _titles(title: str, path: Sequence[tuple[int, str]]) -> tuple[str, ...]:
    """The document's title and the headings below it; a first heading that repeats the title is not said twice."""
    names = [name for _level, name in path]
    return (title, *(names[1:] if names and names[0].casefold() == title.casefold() else names))


def _blocks(text: str) -> Iterator[Span]:
    """Heading lines, fenced listings, and what stands between empty lines, as spans without surrounding space."""
    start: int | None = None
    end, fence = 0, ""
    for found in _LINES.finditer(text):
        gap = start is not None and text.count("\n", end, found.start()) > 1
        line = found.group()
        heading = not fence and bool(_HEADING.fullmatch(line))
        if start is not None and not fence and (gap or heading):
            yield _trimmed(text, start, end)
            start = None
        start = found.start() if start is None else start
        end = found.end()
        fence = _fence_after(line, fence)
        if heading:
            yield _trimmed(text, start, end)
            start = None
    if start is not None:
        yield _trimmed(text, start, end)


def _fence_after(line: str, fence: str) -> str:
    """The fence that is open after this line; empty when none is."""
    found = _FENCE.match(line)
    if not fence:
        return found.group(1) if found else ""
    closes = found and found.group(1).startswith(fence) and not line.strip(fence[0] + " \t")
    return "" if closes else fence


def _trimmed(text: str, start: int, end: int) -> Span:
    """The span without white space at its ends; indentation of a first line counts as such."""
    while end > start and text[end - 1].isspace():
        end -= 1
    while start < end and text[start].isspace():
        start += 1
    return start, end


def _passages(section: Section, text: str, config: ChunkConfig, count: Count) -> Iterator[Span]:
    pieces = [piece for block in section.blocks for piece in _fitting(block, text, config.max_tokens, count)]
    groups = _balanced(_packed(pieces, text, config.max_tokens), config)
    for group in groups:
        yield from _verified(group, text, config.max_tokens, count)


def _fitting(span: Span, text: str, limit: int, count: Count) -> Iterator[Piece]:
    """The block itself where it fits, else its parts."""
    start, end = span
    tokens = count(text[start:end])
    if tokens <= limit:
        yield Piece(start, end, tokens)
        return
    parts = _parts(span, text)
    for part in parts:
        yield from _fitting(part, text, limit, count)


def _parts(span: Span, text: str) -> list[Span]:
    """A block that is too long: lines of a list, table or listing, else sentences, else words, else halves."""
    start, end = span
    inside = text[start:end]
    ways: list[Callable[[str], Iterable[Span]]] = [sentences, _lines, _words]
    if _STRUCTURED.match(inside):
        ways.insert(0, _lines)
    for way in ways:
        found = list(way(inside))
        if len(found) > 1:
            return [(start + left, start + right) for left, right in found]
    middle = (start + end) // 2
    return [(start, middle), (middle, end)]


def _lines(text: str) -> Iterator[Span]:
    for found in _LINES.finditer(text):
        yield _trimmed(text, *found.span())


def _words(text: str) -> Iterator[Span]:
    """Words, several together, so that a long text without sentences is not counted word by word."""
    words = [found.span() for found in _WORDS.finditer(text)]
    if len(words) > 1:
        middle = len(words) // 2
        yield words[0][0], words[middle - 1][1]
        yield words[middle][0], words[-1][1]


def _packed(pieces: Iterable[Piece], text: str, limit: int) -> list[list[Piece]]:
    """Neighbours put together as long as they fit; one token is reserved for the space between two of them."""
    groups: list[list[Piece]] = []
    for piece in pieces:
        if groups and _size([*groups[-1], piece]) <= limit:
            groups[-1].append(piece)
            continue
        group = [piece]
        # "Examples:" belongs to what follows.
        if (
            groups
            and len(groups[-1]) > 1
            and _announces(groups[-1][-1], text)
            and _size([groups[-1][-1], piece]) <= limit
        ):
            group.insert(0, groups[-1].pop())
        groups.append(group)
    return groups


def _announces(piece: Piece, text: str) -> bool:
    last = text[piece.start : piece.end].rpartition("\n")[2]
    return last.endswith(":") or bool(_CAPTION.match(last))


def _balanced(groups: list[list[Piece]], config: ChunkConfig) -> list[list[Piece]]:
    """A short last group takes pieces from the one before, as long as that one stays the longer."""
    if len(groups) < 2:
        return groups
    before, last = groups[-2], groups[-1]
    while len(before) > 1 and _size(last) < config.min_tokens:
        moved = before[-1]
        if _size(last) + 1 + moved.tokens > config.max_tokens or _size(before[:-1]) < config.min_tokens:
            break
        last.insert(0, before.pop())
    return groups


def _size(pieces: Sequence[Piece]) -> int:
    return sum(piece.tokens for piece in pieces) + len(pieces) - 1


def _verified(pieces: Sequence[Piece], text: str, limit: int, count: Count) -> Iterator[Span]:
    """The group as one passage; its halves in the rare case that the whole has more tokens than its pieces."""
    start, end = pieces[0].start, pieces[-1].end
    if len(pieces) == 1 or count(text[start:end]) <= limit:
        yield start, end
        return
    middle = len(pieces) // 2
    yield from _verified(pieces[:middle], text, limit, count)
    yield from _verified(pieces[middle:], text, limit, count)
