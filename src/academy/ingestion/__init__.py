"""Stage 1 of 6: sources -> documents.

One reader per file family. A reader takes the bytes of a file and gives back its text, with headings, lists, tables and
code written as Markdown, so that every later stage sees one kind of structure.
"""

from collections import Counter
from collections.abc import Iterator
from importlib.metadata import entry_points
from itertools import accumulate
from pathlib import PurePosixPath

from academy.config import IngestConfig
from academy.errors import SourceError
from academy.ingestion.characters import clean, one_line
from academy.ingestion.html import read_html
from academy.ingestion.markdown import read_markdown
from academy.ingestion.markup import title_heading
from academy.ingestion.pdf import read_pdf
from academy.ingestion.reading import Reader, Reading, UnreadableError
from academy.ingestion.sources import SourceFile, find_sources
from academy.ingestion.text import read_text
from academy.languages import detect
from academy.messages import _
from academy.records import Document, Rejection

__all__ = ["READERS", "Reader", "Reading", "SourceFile", "UnreadableError", "find_sources", "ingest", "reader_for"]

READERS: dict[str, Reader] = {
    ".txt": read_text,
    ".text": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_html,
    ".pdf": read_pdf,
}
"""File ending -> reader. Packages add theirs through the entry points group ``academy.readers``."""

OFFICE = (".doc", ".docx", ".odt", ".rtf", ".ppt", ".pptx", ".odp", ".epub", ".pages")
"""Endings that hold text which no reader knows yet, but which every program that writes them can save as PDF."""
_MAGIC = {
    b"%PDF-": "PDF",
    b"PK\x03\x04": "ZIP",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"\xd0\xcf\x11\xe0": "Microsoft Office",
    b"{\\rtf": "RTF",
    b"\x1f\x8b": "gzip",
    b"\x7fELF": "ELF",
}
_TITLE_LENGTH = 200


def ingest(source: SourceFile, config: IngestConfig) -> Iterator[Document | Rejection]:
    """Stage 1 of 6: sources -> documents.

    A file that cannot be read raises nothing: it yields a Rejection that names the file and what to do.
    """
    try:
        data = _load(source, config)
        reading = reader_for(source.name)(data)
        document = _document(source, reading)
        _check_length(document.text, config)
    except SourceError as error:
        yield _rejection(source, error)
    else:
        yield document


def reader_for(name: str) -> Reader:
    """The reader of a file name's ending; entry points are asked when the table has none.

    Raises:
        UnreadableError: nobody reads this ending; the message lists those that are known.
    """
    ending = PurePosixPath(name).suffix.lower()
    if ending in READERS:
        return READERS[ending]
    for entry in entry_points(group="academy.readers"):
        if entry.name == ending.lstrip("."):
            loaded: Reader = entry.load()
            return loaded
    message = _("no reader knows the ending '{ending}'.").format(ending=ending)
    known = _("Known endings: {known}").format(known=", ".join(sorted(READERS)))
    hint = _("Save it as PDF in the program that made it.") if ending in OFFICE else known
    raise UnreadableError("unknown_format", message, hint)


def _load(source: SourceFile, config: IngestConfig) -> bytes:
    reader_for(source.name)
    try:
        size = source.path.stat().st_size
        if size > config.max_file_mb * 2**20:
            raise _too_large(size, config)
        data = source.path.read_bytes()
    except OSError as error:
        message = _("the file cannot be opened: {problem}.").format(problem=error.strerror)
        raise UnreadableError("unreadable", message, _("Check its permissions.")) from None
    if not data.strip(b"\0 \t\r\n"):
        raise UnreadableError("empty", _("the file is empty."), _("Remove it, or save it again."))
    _check_content(source.name, data)
    return data


def _too_large(size: int, config: IngestConfig) -> UnreadableError:
    message = _("the file has {size} MiB, more than the {limit} that are allowed.")
    return UnreadableError(
        "too_large",
        message.format(size=size // 2**20, limit=config.max_file_mb),
        _("To read it all the same: --set ingest.max_file_mb={size}").format(size=size // 2**20 + 1),
    )


def _check_content(name: str, data: bytes) -> None:
    """Refuse a file whose first bytes belong to another family than its ending says."""
    ending = PurePosixPath(name).suffix.lower()
    found = next((family for magic, family in _MAGIC.items() if data.startswith(magic)), None)
    if found and f".{found.lower()}" != ending and ending in READERS:
        message = _("the ending says '{ending}', but the content is {found}.").format(ending=ending, found=found)
        raise UnreadableError("wrong_ending", message, _("Give it the ending of its real format."))


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
