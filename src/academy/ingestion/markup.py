"""The Markdown that every reader writes, so that the next stage sees headings, lists, tables and code alike."""

import re
from collections.abc import Sequence

_FENCE = re.compile(r"^\s*(`{3,})", re.MULTILINE)
_HEADING = re.compile(r"^(#{1,6}) (.+)$", re.MULTILINE)
_LISTING = re.compile(r"^(`{3,}).*?^\1", re.MULTILINE | re.DOTALL)
_CHAPTER = re.compile(r"\d{1,2}(?:\.\d+)*\.?\s")
_DEEPEST = 6


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


def first_heading(text: str) -> str:
    """The first heading of the highest level that occurs; empty without headings, or when it is a numbered chapter."""
    headings = _HEADING.findall(_LISTING.sub("", text))
    found = min(headings, key=lambda pair: len(pair[0]))[1].strip() if headings else ""
    return "" if _CHAPTER.match(found) else str(found)
