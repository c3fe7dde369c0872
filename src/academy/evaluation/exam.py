"""The user's own exam: a file of JSON lines -> questions."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from academy.config import nearest
from academy.errors import DatasetError
from academy.messages import _
from academy.records import Question
from academy.rowfiles import read_rows, required

KEYS = ("id", "question", "answers", "chapter", "page", "answerable", "source", "type", "explicit")
EXAMPLE = '{"id": "1", "question": "...", "answers": ["..."]}'


def load_exam(path: Path) -> list[Question]:
    """Read questions, one JSON object a line.

    Each has ``id`` and ``question``, and ``answers``: accepted answers, the canonical one first. A question that the
    documents do not answer says ``"answerable": false`` and needs no answers. ``chapter`` is optional; ``page``,
    ``type`` and ``explicit`` are allowed and not used.

    Raises:
        DatasetError: with every mistake and its line.
    """
    seen: set[str] = set()

    def parse(row: Mapping[str, Any]) -> Question:
        _check_keys(row)
        name = required(row, "id")
        if name in seen:
            raise ValueError(_("the id '{id}' is there already").format(id=name))
        seen.add(name)
        return _question(row)

    return read_rows(path, parse, DatasetError, EXAMPLE)


def _check_keys(row: Mapping[str, Any]) -> None:
    for key in row:
        if key not in KEYS:
            raise ValueError(_("unknown key '{key}'.").format(key=key) + nearest(key, KEYS))


def _question(row: Mapping[str, Any]) -> Question:
    answerable = row.get("answerable", True)
    if not isinstance(answerable, bool):
        raise ValueError(_("'answerable' must be true or false"))
    answers = row.get("answers", [])
    if not isinstance(answers, list) or not all(isinstance(answer, str) and answer.strip() for answer in answers):
        raise ValueError(_("'answers' must be a list of texts"))
    if answerable and not answers:
        raise ValueError(_('no answers; say "answerable": false when the documents do not answer it'))
    return Question(
        question=required(row, "question"),
        answers=tuple(answer.strip() for answer in answers) if answerable else (),
        chapter=str(row.get("chapter") or ""),
        answerable=answerable,
        source="human" if row.get("source") == "human" else "user",
    )
