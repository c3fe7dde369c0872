"""Examples for a base model that was not trained: lessons of the run, never on what the exam asks."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from academy.artefacts import read_records
from academy.languages import detect
from academy.models.answering import is_refusal
from academy.nearness import words
from academy.records import Example, Lesson, Message, MessagesBody, Question, content_hash

QUESTION = ["user", "assistant"]
"""The turns of a lesson that asks from memory and answers in the short form."""


def shots(folder: Path, exam: Sequence[Question], count: int, seed: int) -> Mapping[str, Sequence[Message]]:
    """Questions and answers of training rows, in the template of the exam, for each language of the lessons.

    Left out are lessons on facts that the exam asks, and lessons that hold one of its answers.

    Args:
        folder: of the run.
        exam: the user's; empty: the run's own.
        count: of questions.

    Returns:
        language -> user and assistant turns in alternation; empty when no lesson is left.
    """
    train = folder / "4-dataset" / "train.jsonl"
    if not train.is_file():
        return {}
    asked = list(exam) or list(read_records(train.with_name("exam.jsonl")))
    barred = _barred(folder, asked)
    spoken: dict[str, dict[tuple[str, str], None]] = defaultdict(dict)
    for question, answer in _talks(train, barred):
        if not _holds(f"{question} {answer}", asked):
            spoken[detect(question)].setdefault((question, answer))
    chosen = {
        language: sorted(pairs, key=lambda pair: content_hash([seed, *pair]))[:count]
        for language, pairs in spoken.items()
    }
    return {language: [turn for pair in pairs for turn in _turns(*pair)] for language, pairs in chosen.items()}


def _barred(folder: Path, asked: Sequence[Question]) -> set[str]:
    """Ids of the lessons on facts that the exam asks."""
    facts = {question.fact_id for question in asked}
    lessons = (row for row in read_records(folder / "3-lessons.jsonl") if isinstance(row, Lesson))
    return {lesson.id for lesson in lessons if facts & set(lesson.fact_ids)}


def _talks(train: Path, barred: set[str]) -> Iterator[tuple[str, str]]:
    rows: Iterator[Example] = read_records(train)
    for row in rows:
        if not isinstance(row.body, MessagesBody) or barred & set(row.lesson_ids):
            continue
        if [turn.role for turn in row.body.messages] == QUESTION:
            question, answer = (turn.content for turn in row.body.messages)
            if question.endswith("?") and not is_refusal(answer):
                yield question, answer


def _holds(text: str, asked: Sequence[Question]) -> bool:
    spaced = f" {' '.join(words(text))} "
    return any(f" {' '.join(words(answer))} " in spaced for question in asked for answer in question.answers)


def _turns(question: str, answer: str) -> tuple[Message, Message]:
    return Message(role="user", content=question), Message(role="assistant", content=answer)
