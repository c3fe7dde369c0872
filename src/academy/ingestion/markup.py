"""The Markdown that every reader writes, so that the next stage sees headings, lists, tables and code alike."""

import re
from collections.abc import Mapping, Sequence

from academy.ingestion.reading import Ledger

_FENCE = re.compile(r"^\s*(`{3,})", re.MULTILINE)
_HEADING = re.compile(r"^(#{1,6}) (.+)$", re.MULTILINE)
_LISTING = re.compile(r"^(`{3,}).*?^\1", re.MULTILINE | re.DOTALL)
_CHAPTER = re.compile(r"\d{1,2}(?:\.\d+)*\.?\s")
_DEEPEST = 6
_ORDER = re.compile(
    r"\b(?:ignor(?:e|iere?n?)|disregard|forget|vergiss|vergessen sie|missachte)\b.{0,60}"
    r"\b(?:instructions?|prompts?|rules?|anweisung(?:en)?|regeln?|vorgaben?|above|previous|bisherigen?)\b"
    r"|\b(?:you are now|from now on,? you|du bist (?:jetzt|nun|ab jetzt)|system prompt|systemprompt)\b"
    r"|<\|?\s*(?:im_start|system|assistant|user)\b|\[/?INST\]",
    re.IGNORECASE | re.DOTALL,
)
"""Words to a language model, not to a reader."""


def heading(level: int, text: str) -> str:
    """A heading line; Markdown knows six levels. Nothing for an empty heading."""
    return text and f"{'#' * min(max(level, 1), _DEEPEST)} {text}"


def fence(code: str, language: str = "") -> str:
    """Code between fences that are longer than any fence inside it."""
    inside = max((len(found.group(1)) for found in _FENCE.finditer(code)), default=0)
    ticks = "`" * max(3, inside + 1)
    body = code.strip("\n")
    return f"{ticks}{language}\n{body}\n{ticks}" if body.strip() else ""


def item(text: str, marker: str = "-", depth: int = 0) -> str:
    """A list item; its further lines are indented under the first."""
    indent = "  " * depth
    return f"{indent}{marker} " + text.strip().replace("\n", f"\n{indent}  ")


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as a Markdown table, the first one as its head; short rows are filled up."""
    width = max((len(row) for row in rows), default=0)
    if not width:
        return ""
    lines = ["| " + " | ".join(_cell(row, column) for column in range(width)) + " |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])


def _cell(row: Sequence[str], column: int) -> str:
    return " ".join(row[column].split()).replace("|", "\\|") if column < len(row) else ""


def blocks(parts: Sequence[str]) -> str:
    """Blocks with an empty line between them; empty ones left out."""
    return "\n\n".join(part.strip("\n") for part in parts if part.strip())


def title_heading(text: str) -> str:
    """The heading that names the whole text: the first one, or the only one of the highest level; empty without it."""
    headings = [(len(level), name.strip()) for level, name in _HEADING.findall(_LISTING.sub("", text))]
    if not headings:
        return ""
    highest = [name for level, name in headings if level == min(headings)[0]]
    named = headings[0][1] if headings[0][0] == 1 else highest[0]
    alone = len(highest) == 1 or headings[0][0] == 1
    return named if alone and not _CHAPTER.match(named) else ""


def trusted_title(metadata: Mapping[str, object], ledger: Ledger) -> str:
    """The title that the metadata gives, unless it speaks to a language model; every such field is counted.

    No other field of the metadata ever reaches a document.
    """
    orders = [str(value) for value in metadata.values() if _ORDER.search(str(value))]
    ledger.add(0, "metadata_instructions_dropped", orders)
    title = str(metadata.get("Title", ""))
    return "" if title in orders else title
