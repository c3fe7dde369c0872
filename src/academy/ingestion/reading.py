"""What a reader gives back, and how it says that a file cannot be read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from academy.errors import SourceError


@dataclass(frozen=True, slots=True)
class Reading:
    """The text of one file.

    Attributes:
        parts: the text; one part per page where ``paged``, else usually a single one. Joined without a separator.
        title: what the file calls itself; empty when it does not.
        paged: whether each part is a page.
        facts: counts and other facts that end up in the document's metadata.
    """

    parts: tuple[str, ...]
    media_type: str
    title: str = ""
    paged: bool = False
    facts: Mapping[str, str | int] = field(default_factory=dict)


class UnreadableError(SourceError):
    """One file cannot be read; ``reason`` is the code of the rejection."""

    def __init__(self, reason: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.reason = reason


Reader = Callable[[bytes], Reading]
"""Takes the bytes of a file; raises UnreadableError."""
