"""What a reader is asked, what it gives back, and how it says that a file cannot be read."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from academy.errors import SourceError
from academy.records import Loss

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


class Ledger:
    """Keeps account of what a reader leaves out, page by page."""

    def __init__(self) -> None:
        self._entries: Counter[tuple[int, str]] = Counter()
        self._characters: Counter[tuple[int, str]] = Counter()

    def add(self, page: int, reason: str, texts: Iterable[str], count: int | None = None) -> None:
        """Note that these texts were left out; ``count`` where they are not what is counted."""
        texts = list(texts)
        if texts or count:
            self._entries[page, reason] += len(texts) if count is None else count
            self._characters[page, reason] += sum(len("".join(text.split())) for text in texts)

    def facts(self) -> dict[str, int]:
        """The totals of the whole file."""
        totals: Counter[str] = Counter()
        for (_page, reason), count in self._entries.items():
            totals[reason] += count
        return {reason: count for reason, count in sorted(totals.items()) if count}

    def losses(self) -> tuple[Loss, ...]:
        """What was left out, in the order of the pages."""
        return tuple(
            Loss(page=page, reason=reason, count=count, characters=self._characters[page, reason])
            for (page, reason), count in sorted(self._entries.items())
        )


class UnreadableError(SourceError):
    """One file cannot be read; ``reason`` is the code of the rejection."""

    def __init__(self, reason: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.reason = reason


Reader = Callable[[bytes, Options], Reading]
"""Takes the bytes of a file; raises UnreadableError."""
