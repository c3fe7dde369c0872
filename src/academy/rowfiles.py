"""Files of questions that people write: JSON lines, read with every mistake named by its line."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from academy.errors import AcademyError
from academy.messages import _

T = TypeVar("T")
_SHOWN = 10
"""Mistakes listed at once; more of them are counted."""


def read_rows(path: Path, parse: Callable[[Mapping[str, Any]], T], error: type[AcademyError], example: str) -> list[T]:
    """Read one JSON object a line; empty lines are skipped.

    Args:
        parse: turns a row into what is wanted; a ValueError says what is wrong with it.
        error: raised with all mistakes.
        example: a right line, for the hint.

    Raises:
        AcademyError: of the kind ``error``: the file cannot be read, holds no row, or has mistakes.
    """
    found: list[T] = []
    problems: list[str] = []
    try:
        for number, line in _lines(path):
            try:
                found.append(parse(_row(line)))
            except ValueError as problem:
                problems.append(_("line {line}: {problem}").format(line=number, problem=problem))
    except OSError as problem:
        problems.append(problem.strerror or str(problem))
    except UnicodeDecodeError as problem:
        number = problem.object[: problem.start].count(b"\n") + 1
        problems.append(_("line {line}: no UTF-8 text; save the file as UTF-8").format(line=number))
    if problems or not found:
        hint = _("One JSON object a line: {example}").format(example=example)
        raise error(_listed(path, problems or [_("it holds no question")]), hint)
    return found


def required(row: Mapping[str, Any], key: str) -> str:
    """The text under a key that must be there; a number is taken as text."""
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise ValueError(_("'{key}' is missing or no text").format(key=key))
    return str(value).strip()


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(path.read_bytes().decode("utf-8-sig").split("\n"), start=1):
        if line.strip():
            yield number, line


def _row(line: str) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as problem:
        raise ValueError(_("no JSON: {problem}").format(problem=problem.msg)) from None
    if not isinstance(row, dict):
        raise ValueError(_("no JSON object"))
    return row


def _listed(path: Path, problems: list[str]) -> str:
    lines = [_("{file} cannot be used:").format(file=path), *(f"  {problem}" for problem in problems[:_SHOWN])]
    if len(problems) > _SHOWN:
        lines.append("  " + _("... and {n} more").format(n=len(problems) - _SHOWN))
    return "\n".join(lines)
