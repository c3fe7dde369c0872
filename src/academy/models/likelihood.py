"""How likely a local model finds given texts and answers; remote models do not tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from academy.languages import detect
from academy.models.answering import closed_book_messages
from academy.models.rows import IGNORED, TemplateMismatchError, conversation_row
from academy.models.template import ChatTemplate
from academy.records import Message


@runtime_checkable
class Scoring(Protocol):
    """A language model that tells the likelihood of given tokens, such as ``LocalModel``."""

    @property
    def template(self) -> ChatTemplate: ...

    @property
    def context(self) -> int | None: ...

    def score(self, rows: Sequence[tuple[Sequence[int], int]]) -> list[float]:
        """Token ids and the first place that counts -> sum of natural-log probabilities, for each row."""


@dataclass(frozen=True, slots=True)
class Surprise:
    """How surprised a model is: nats in all, and over how many tokens."""

    nats: float
    tokens: int


def text_nats(model: Scoring, texts: Sequence[str]) -> list[float]:
    """Nats of each running text after the start token; without a start token the first token is given."""
    start = [] if model.template.bos_id is None else [model.template.bos_id]
    return [-value for value in model.score([([*start, *model.template.encode(text)], 1) for text in texts])]


def answer_surprise(model: Scoring, questions: Sequence[str], answers: Sequence[str]) -> list[Surprise | None]:
    """Nats of each answer, its end included, to its question asked from memory.

    None where the template does not render the pair as in training, or where it does not fit into the model.
    """
    rows = [_row(model, question, answer) for question, answer in zip(questions, answers, strict=True)]
    values = iter(model.score([row for row in rows if row is not None]))
    return [None if row is None else Surprise(-next(values), len(row[0]) - row[1]) for row in rows]


def _row(model: Scoring, question: str, answer: str) -> tuple[Sequence[int], int] | None:
    asked = closed_book_messages(question, language=detect(question))
    try:
        row = conversation_row([*asked, Message(role="assistant", content=answer)], model.template)
    except TemplateMismatchError:
        return None
    if model.context is not None and len(row.input_ids) > model.context:
        return None
    return row.input_ids, next(place for place, label in enumerate(row.labels) if label != IGNORED)
