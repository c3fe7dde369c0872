"""Rating in a browser: one file that needs nothing else, gives the result as a file, and takes it in again."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from academy.errors import ConfigError
from academy.evaluation.rating import SCALES, Item, Rating, item_id
from academy.evaluation.report import template
from academy.evaluation.words import rating_words
from academy.messages import _
from academy.reports import Sample

FORMAT = "academy-ratings"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Imported:
    """What a result file held: ratings of this run's answers, and the number of those that belong to others."""

    ratings: tuple[Rating, ...]
    strange: int


def render_rating_page(items: Sequence[Item], run: str, language: str) -> str:
    """The page for raters; nothing in it tells who gave which answer.

    Its only script is our own, its only data stand in it, and it asks for nothing from anywhere.
    """
    data = {
        "format": FORMAT,
        "version": VERSION,
        "run": run,
        "scales": list(SCALES),
        "items": [_row(item) for item in items],
    }
    return template("rating.html.jinja", language=language, words=rating_words(language), data=data, run=run)


def _row(item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "question": item.question,
        "expected": list(item.expected[:3]),
        "answers": list(item.answers),
    }


def read_result(path: Path, samples: Iterable[Sample]) -> Imported:
    """The ratings of a result file.

    Raises:
        ConfigError: it cannot be read, or is no result of a rating page; the message says what is wrong with it.
    """
    rows = _rows(path)
    ratings, problems = [], []
    for number, row in enumerate(rows, start=1):
        try:
            ratings.append(Rating.model_validate(row))
        except ValidationError as error:
            problems.append(_("rating {n}: {problem}").format(n=number, problem=error.errors()[0]["msg"]))
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems[:5])
        raise ConfigError(_("{file} cannot be used:").format(file=path) + f"\n{listed}", _hint())
    known = _known(samples)
    ours = tuple(rating for rating in ratings if rating.item in known)
    return Imported(ours, len(ratings) - len(ours))


def _rows(path: Path) -> list[Any]:
    try:
        data = json.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        problem = error.strerror if isinstance(error, OSError) else _("no JSON: {problem}").format(problem=error)
        raise ConfigError(_("{file} cannot be used:").format(file=path) + f" {problem}", _hint()) from None
    if not isinstance(data, dict) or data.get("format") != FORMAT or not isinstance(data.get("ratings"), list):
        raise ConfigError(_("{file} is no result of a rating page.").format(file=path), _hint())
    if data.get("version") != VERSION:
        raise ConfigError(
            _("{file} was made by another version of Academy.").format(file=path),
            _("Make a new page: academy rate --page rate.html"),
        )
    return list(data["ratings"])


def _hint() -> str:
    return _("The page saves such a file under “Save the result”; give that one.")


def _known(samples: Iterable[Sample]) -> set[str]:
    found = set()
    for sample in samples:
        said = list(sample.candidates.values())
        found |= {item_id(sample.question, [answer]) for answer in said}
        found |= {item_id(sample.question, [one, other]) for one in said for other in said}
    return found
