"""Human judgement: what is put before a rater, blind and shuffled, and how it is kept.

An answer is rated once however many candidates gave it, and a rating belongs to question and answer, not to a run: what
is still said after another training need not be rated again. ``ratings.jsonl`` only ever grows, one line for each
decision, forced onto the disk; the last line of a rater for an item counts.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from academy.artefacts import disk_full_is_named, mend_last_line, sync
from academy.errors import RunError
from academy.messages import _
from academy.records import Part, content_hash
from academy.reports import Sample

SCALES = ("correctness", "relevance", "helpfulness")
PREFERENCE = "preference"
FILE = "ratings.jsonl"
LONGEST_NAME = 100
"""Characters of a rater's name."""
MOST = 5
"""The best value of a scale; 1 is the worst. A preference is 1 for the first answer, -1 for the second, else 0."""


@dataclass(frozen=True, slots=True)
class Item:
    """What a rater sees at once.

    Attributes:
        id: hash of the question and its answers, whatever their order.
        answers: one to rate on the scales, or two of which the better one is wanted.
    """

    id: str
    question: str
    expected: tuple[str, ...]
    answers: tuple[str, ...]


class Rating(Part):
    """One decision of one person, a line of ``ratings.jsonl``.

    Attributes:
        answers: as they were shown, the first one left.
        values: scale -> 1 to 5, or "preference" -> 1 (the first), 0, -1 (the second); empty when it was skipped.
        undone: taken back; the item is asked again.
    """

    record: Literal["rating"] = "rating"
    rater: str = Field(min_length=1, max_length=LONGEST_NAME)
    item: str
    question: str
    answers: tuple[str, ...] = Field(min_length=1, max_length=2)
    values: Mapping[str, int] = Field(default_factory=dict)
    undone: bool = False

    @model_validator(mode="after")
    def _check_values(self) -> "Rating":
        allowed = (
            {scale: range(1, MOST + 1) for scale in SCALES} if len(self.answers) == 1 else {PREFERENCE: range(-1, 2)}
        )
        if any(value not in allowed.get(scale, ()) for scale, value in self.values.items()):
            raise ValueError(f"values {dict(self.values)}")
        if self.item != item_id(self.question, self.answers):
            raise ValueError("item does not belong to question and answers")
        return self


def item_id(question: str, answers: Sequence[str]) -> str:
    """The same for the same answers in another order or with other spaces."""
    return content_hash([flat(question), *sorted(flat(answer) for answer in answers)])


def single_items(samples: Iterable[Sample], candidates: Sequence[str], seed: int, limit: int) -> list[Item]:
    """Every different answer of the candidates to up to ``limit`` questions, in an order that tells nothing."""
    found: dict[str, Item] = {}
    for sample in _drawn(samples, seed, limit):
        for name in candidates:
            answer = flat(sample.candidates.get(name, ""))
            if answer:
                item = Item(item_id(sample.question, [answer]), sample.question, sample.answers, (answer,))
                found.setdefault(item.id, item)
    return _shuffled(found.values(), seed)


def pair_items(samples: Iterable[Sample], pair: tuple[str, str], seed: int, limit: int) -> list[Item]:
    """Two answers to each of up to ``limit`` questions, sides drawn by lot; equal answers need no rater."""
    found = []
    for sample in _drawn(samples, seed, limit):
        answers = [flat(sample.candidates.get(name, "")) for name in pair]
        if all(answers) and answers[0] != answers[1]:
            answers.sort()
            identity = item_id(sample.question, answers)
            random.Random(f"{seed} {identity}").shuffle(answers)
            found.append(Item(identity, sample.question, sample.answers, tuple(answers)))
    return _shuffled(found, seed)


def merged(samples: Sequence[Sample], others: Sequence[Sample], name: str) -> list[Sample]:
    """The questions that two runs have in common; the other run's candidates are called "name/candidate"."""
    known = {sample.question: sample for sample in others}
    found = []
    for sample in samples:
        other = known.get(sample.question)
        if other is not None:
            added = {f"{name}/{candidate}": answer for candidate, answer in other.candidates.items()}
            found.append(sample.model_copy(update={"candidates": {**sample.candidates, **added}}))
    return found


def _drawn(samples: Iterable[Sample], seed: int, limit: int) -> list[Sample]:
    """The questions to rate, drawn by lot in exam order."""
    every = list(samples)
    if len(every) <= limit:
        return every
    places = sorted(random.Random(seed).sample(range(len(every)), limit))
    return [every[place] for place in places]


def _shuffled(items: Iterable[Item], seed: int) -> list[Item]:
    listed = list(items)
    random.Random(seed).shuffle(listed)
    return listed


def flat(text: str) -> str:
    """The text in one line."""
    return " ".join(text.split())


def add_rating(folder: Path, rating: Rating) -> None:
    """Append one decision to the run; it survives a kill and a power cut from here on."""
    path = folder / FILE
    mend_last_line(path)
    with disk_full_is_named(path), path.open("ab") as file:
        file.write(rating.model_dump_json().encode("utf-8") + b"\n")
        sync(file)


def read_ratings(folder: Path) -> list[Rating]:
    """What counts: of every rater and item the last decision, those taken back left out.

    Raises:
        RunError: a line is no rating; a last line that a kill cut off is passed over.
    """
    path = folder / FILE
    found: dict[tuple[str, str], Rating] = {}
    for number, line in _lines(path):
        try:
            rating = Rating.model_validate_json(line)
        except ValidationError as error:
            raise RunError(
                _("{file}, line {line} is damaged: {problem}").format(
                    file=path, line=number, problem=error.errors()[0]["msg"]
                ),
                _("Delete that line; the other ratings stay valid."),
            ) from None
        found.pop((rating.rater, rating.item), None)
        if not rating.undone:
            found[rating.rater, rating.item] = rating
    return list(found.values())


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Whole lines: what a kill cut off begins like one and does not end like one."""
    if path.is_file():
        for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
            if line.startswith(b"{") and line.endswith(b"}"):
                yield number, line
