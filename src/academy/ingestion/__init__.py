"""Stage 1 of 6: sources -> documents.

One reader per file family. A reader takes the bytes of a file and gives back its text, with headings, lists, tables and
code written as Markdown, so that every later stage sees one kind of structure.
"""

import os
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate
from pathlib import PurePosixPath

from academy.config import IngestConfig
from academy.errors import SourceError
from academy.ingestion.characters import clean, one_line
from academy.ingestion.isolation import POOL, Limits
from academy.ingestion.markup import title_heading
from academy.ingestion.readers import PLAIN, READERS, ending_of, read_file, reader_for
from academy.ingestion.reading import PASSWORD_VARIABLE, Options, Reader, Reading, UnreadableError
from academy.ingestion.sources import SourceFile, find_sources
from academy.languages import detect
from academy.messages import _
from academy.records import Document, Rejection

__all__ = [
    "READERS",
    "Options",
    "Reader",
    "Reading",
    "SourceFile",
    "UnreadableError",
    "find_sources",
    "ingest",
    "reader_for",
]

_TITLE_LENGTH = 200


def ingest(source: SourceFile, config: IngestConfig) -> Iterator[Document | Rejection]:
    """Stage 1 of 6: sources -> documents.

    A file that cannot be read raises nothing: it yields a Rejection that names the file and what to do.
    """
    try:
        document = _document(source, _read(source, config))
        _check_length(document.text, config)
    except SourceError as error:
        yield _rejection(source, error)
    else:
        yield document


def _read(source: SourceFile, config: IngestConfig) -> Reading:
    """Plain text is read here; every format that could crash or deceive its parser, in a process of its own."""
    if source.outside:
        message = _("it is a link that leads out of the folder.")
        raise UnreadableError(
            "outside", message, _("Name the file itself if you want it: academy train FILE_OR_FOLDER")
        )
    options = Options(_passwords(), config.max_pages, config.max_characters, config.max_file_mb)
    if ending_of(source.name) in PLAIN:
        return read_file(source.name, source.path, options)
    return POOL.read(source.name, source.path, options, Limits(config.max_seconds, config.max_memory_mb))


def _passwords() -> tuple[str, ...]:
    """What the user set for protected files, one password a line."""
    return tuple(line for line in os.environ.get(PASSWORD_VARIABLE, "").split("\n") if line)


def _document(source: SourceFile, reading: Reading) -> Document:
    dropped: Counter[str] = Counter()
    parts = [clean(part, dropped) for part in reading.parts]
    text = "".join(parts)
    if not text.strip():
        raise UnreadableError("no_text", _("the file holds no text."), _("Remove it, or save it again."))
    title = clean(reading.title, Counter()) or title_heading(text) or PurePosixPath(source.name).stem
    return Document(
        source=source.name,
        title=one_line(title)[:_TITLE_LENGTH],
        text=text,
        media_type=reading.media_type,
        language=detect(text),
        pages=tuple(accumulate(map(len, parts[:-1]), initial=0)) if reading.paged else (),
        metadata={**reading.facts, **{name: count for name, count in sorted(dropped.items()) if count}},
        losses=reading.losses,
    )


def _check_length(text: str, config: IngestConfig) -> None:
    length = len("".join(text.split()))
    if length < config.min_characters:
        message = _("the file holds only {length} characters of text.").format(length=length)
        raise UnreadableError("too_short", message, _("To read it all the same: --set ingest.min_characters=1"))


def _rejection(source: SourceFile, error: SourceError) -> Rejection:
    reason = error.reason if isinstance(error, UnreadableError) else "unreadable"
    detail = _("{name}: {problem}").format(name=source.name, problem=f"{error.message} {error.hint}".strip())
    return Rejection(stage="ingest", item_id=source.name, reason=reason, detail=detail)
