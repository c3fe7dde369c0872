"""What a reader is asked, what it gives back, and how it says that a file cannot be read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from academy.errors import SourceError

PASSWORD_VARIABLE = "ACADEMY_PDF_PASSWORD"
"""The environment variable with the passwords of protected files."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a reader may use and where it has to stop.

    Attributes:
        passwords: tried on protected files, in this order.
        max_pages: a file with more pages is refused.
        max_characters: a file that gives more text is refused.
        max_file_mb: a larger file is not even opened.
    """

    passwords: tuple[str, ...] = ()
    max_pages: int = 5000
    max_characters: int = 50_000_000
    max_file_mb: int = 500


OPTIONS = Options()
"""What holds where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What a reader left out on purpose.

    Attributes:
        page: counted from 1; 0 for formats without pages.
        reason: a code such as "headers_and_footers_dropped".
        count: how many lines, characters or elements; the code says which.
        characters: how many characters that were.
    """

    page: int
    reason: str
    count: int
    characters: int


@dataclass(frozen=True, slots=True)
class Reading:
    """The text of one file.

    Attributes:
        parts: the text; one part per page where ``paged``, else usually a single one. Joined without a separator.
        title: what the file calls itself; empty when it does not.
        paged: whether each part is a page.
        facts: counts and other facts that end up in the document's metadata.
        losses: what was left out, page by page.
    """

    parts: tuple[str, ...]
    media_type: str
    title: str = ""
    paged: bool = False
    facts: Mapping[str, str | int] = field(default_factory=dict)
    losses: tuple[Loss, ...] = ()


class UnreadableError(SourceError):
    """One file cannot be read; ``reason`` is the code of the rejection."""

    def __init__(self, reason: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.reason = reason


Reader = Callable[[bytes, Options], Reading]
"""Takes the bytes of a file; raises UnreadableError."""
