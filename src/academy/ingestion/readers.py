"""Which reader reads a file, and how a file is opened."""

from importlib.metadata import entry_points
from pathlib import Path, PurePosixPath

from academy.ingestion.html import read_html
from academy.ingestion.markdown import read_markdown
from academy.ingestion.pdf import read_pdf
from academy.ingestion.reading import Options, Reader, Reading, UnreadableError
from academy.ingestion.text import read_text
from academy.messages import _

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

PLAIN = (".txt", ".text")
"""Endings without a format that could be attacked; every other file is read in a process of its own."""
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


def reader_for(name: str) -> Reader:
    """The reader of a file name's ending; entry points are asked when the table has none.

    Raises:
        UnreadableError: nobody reads this ending; the message lists those that are known.
    """
    ending = ending_of(name)
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


def ending_of(name: str) -> str:
    """The ending of a file name in small letters, with its dot."""
    return PurePosixPath(name).suffix.lower()


def read_file(name: str, path: Path, options: Options) -> Reading:
    """Read one file in this process.

    Raises:
        UnreadableError: it cannot be opened, is too large, empty, of another format, or its reader refuses it.
    """
    reader = reader_for(name)
    reading = reader(_load(name, path, options), options)
    if sum(map(len, reading.parts)) > options.max_characters:
        message = _("the file gives more than {limit} characters of text.").format(limit=options.max_characters)
        raise UnreadableError(
            "too_much_text", message, _("To read it all the same: raise ingest.max_characters with --set")
        )
    return reading


def _load(name: str, path: Path, options: Options) -> bytes:
    try:
        size = path.stat().st_size
        if size > options.max_file_mb * 2**20:
            raise _too_large(size, options)
        data = path.read_bytes()
    except OSError as error:
        message = _("the file cannot be opened: {problem}.").format(problem=error.strerror)
        raise UnreadableError("unreadable", message, _("Check its permissions.")) from None
    if not data.strip(b"\0 \t\r\n"):
        raise UnreadableError("empty", _("the file is empty."), _("Remove it, or save it again."))
    _check_content(name, data)
    return data


def _too_large(size: int, options: Options) -> UnreadableError:
    message = _("the file has {size} MiB, more than the {limit} that are allowed.")
    return UnreadableError(
        "too_large",
        message.format(size=size // 2**20, limit=options.max_file_mb),
        _("To read it all the same: --set ingest.max_file_mb={size}").format(size=size // 2**20 + 1),
    )


def _check_content(name: str, data: bytes) -> None:
    """Refuse a file whose first bytes belong to another family than its ending says."""
    ending = ending_of(name)
    found = next((family for magic, family in _MAGIC.items() if data.startswith(magic)), None)
    if found and f".{found.lower()}" != ending and ending in READERS:
        message = _("the ending says '{ending}', but the content is {found}.").format(ending=ending, found=found)
        raise UnreadableError("wrong_ending", message, _("Give it the ending of its real format."))
