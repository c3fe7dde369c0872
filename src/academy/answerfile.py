"""A file of questions in, a file of answers out."""

import errno
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from academy.artefacts import write_lines
from academy.errors import ConfigError
from academy.messages import _
from academy.records import Answer
from academy.rowfiles import read_rows, required
from academy.specialist import Asking, Expert, Told

EXAMPLE = '{"id": "1", "question": "..."}'


def answer_file(
    expert: Expert, questions: Path, out: Path, mode: Asking | None = None, too_long: Told | None = None
) -> int:
    """Answer a file of JSON lines {id, question} with one of {id, answer, confidence, sources, mode_used}.

    The file ``out`` appears when all questions are answered; its folder is made first. A question that does not fit
    into the model gets the refusal, with confidence 0 and without sources.

    Args:
        too_long: told each question that does not fit; ``[].append`` collects and so counts them.

    Returns:
        The number of answers, those to questions that do not fit among them.

    Raises:
        ConfigError: the file cannot be read, or a line lacks something (every such line is named), or ``out`` cannot be
            written.
    """
    rows = read_rows(questions, _read_question, ConfigError, EXAMPLE)
    _prepare_folder(out)
    answers = expert.answer([text for _id, text in rows], mode, ids=[name for name, _text in rows], too_long=too_long)
    lines = (_line(answer).encode("utf-8") for answer in answers)
    return write_lines(out, lines)[1]


def _prepare_folder(out: Path) -> None:
    """Make the folder of a file that is to be written, before the work for it begins."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        wrong = errno.EISDIR if out.is_dir() else 0 if os.access(out.parent, os.W_OK) else errno.EACCES
        if wrong:
            raise OSError(wrong, os.strerror(wrong))
    except OSError as error:
        raise ConfigError(
            _("{file} cannot be written: {reason}.").format(file=out, reason=error.strerror),
            _("Choose another file: --out answers.jsonl"),
        ) from error


def _read_question(row: Mapping[str, Any]) -> tuple[str, str]:
    return required(row, "id"), required(row, "question")


def _line(answer: Answer) -> str:
    return json.dumps(answer.model_dump(mode="json", exclude={"question", "uncertain"}), ensure_ascii=False)
