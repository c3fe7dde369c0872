"""What became of every page: characters read, kept in passages, named in headings, or left out, and why."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from academy.records import Chunk, Document


@dataclass(frozen=True, slots=True)
class PageAccount:
    """One page of one document; characters are counted without white space.

    ``read == chunked + headings + sum of the characters dropped``, always.

    Attributes:
        page: counted from 1; None for formats without pages.
        read: what the reader found, including what it left out.
        chunked: what stands in passages.
        headings: what became titles of passages.
        chunks: passages that start here.
        dropped: reason -> lines or characters left out; ``lost`` is how many characters that were.
    """

    source: str
    page: int | None
    read: int
    chunked: int
    headings: int
    chunks: int
    lost: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)


def coverage(documents: Iterable[Document], chunks: Iterable[Chunk]) -> Iterator[PageAccount]:
    """Account for every page of every document.

    Args:
        chunks: in the order of their documents, as stage 2 makes them.
    """
    queue = iter(chunks)
    upcoming = next(queue, None)
    for document in documents:
        own: list[Chunk] = []
        while upcoming is not None and upcoming.document_id == document.id:
            own.append(upcoming)
            upcoming = next(queue, None)
        yield from _pages(document, own)


def _pages(document: Document, chunks: Sequence[Chunk]) -> Iterator[PageAccount]:
    starts = document.pages or (0,)
    ends = (*starts[1:], len(document.text))
    chunked: dict[int, int] = defaultdict(int)
    begun: dict[int, int] = defaultdict(int)
    for one in chunks:
        first = max(bisect_right(starts, one.start) - 1, 0)
        begun[first] += 1
        for number in range(first, len(starts)):
            if starts[number] >= one.end:
                break
            chunked[number] += _letters(document.text[max(one.start, starts[number]) : min(one.end, ends[number])])
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        kept = _letters(document.text[start:end])
        losses = [loss for loss in document.losses if max(loss.page, 1) == number + 1]
        lost = sum(loss.characters for loss in losses)
        yield PageAccount(
            source=document.source,
            page=number + 1 if document.pages else None,
            read=kept + lost,
            chunked=chunked[number],
            headings=kept - chunked[number],
            chunks=begun[number],
            lost=lost,
            dropped={loss.reason: loss.count for loss in losses},
        )


def _letters(text: str) -> int:
    return len("".join(text.split()))
