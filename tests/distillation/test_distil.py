"""Stage 3: facts and lessons, each proven."""

from collections.abc import Sequence

import pytest

from academy.config import DistilConfig
from academy.distillation import TEACHERS, distil, scripted
from academy.distillation.drafts import Draft, question
from academy.errors import ConfigError
from academy.records import Chunk, Fact, Lesson, MessagesBody, Rejection, TextBody

TEXT = "Der Kernel verwendet seit 2003 den Dienst udev.\nEr ist schnell."
SCRIPTED = DistilConfig(teacher="scripted", exam_share=1)


def chunk(text: str = TEXT, headings: Sequence[str] = ("Handbuch", "Geräte", "udev")) -> Chunk:
    return Chunk(document_id="d", index=0, text=text, start=0, end=len(text), headings=tuple(headings))


def taught(drafts: Sequence[Draft], config: DistilConfig = SCRIPTED) -> list[Fact | Lesson | Rejection]:
    return list(distil(chunk(), config, {"scripted": scripted({TEXT: drafts})}))


def draft(text: str, quote: str, *kinds: str) -> Draft:
    lessons = [question(kind, f"{text} Frage {number}?", "udev", "de") for number, kind in enumerate(kinds)]
    return Draft(text, (quote,), lessons)


def test_a_fact_comes_before_its_lessons_and_the_passage_last() -> None:
    fact, first, second, passage = taught([draft("A.", "seit 2003", "question", "cloze")])
    assert isinstance(fact, Fact)
    assert (fact.chunk_ids, fact.quotes, fact.chapter) == ((chunk().id,), ("seit 2003",), "Geräte")
    assert isinstance(first, Lesson)
    assert isinstance(second, Lesson)
    assert (first.fact_ids, first.kind, second.kind, first.verdict) == ((fact.id,), "question", "cloze", "proven")
    assert isinstance(passage, Lesson)
    assert (passage.kind, passage.fact_ids) == ("passage", (fact.id,))
    assert passage.body == TextBody(text=f"Handbuch > Geräte > udev\n\n{TEXT}")


def test_a_quote_that_does_not_stand_in_the_chunk_is_refused() -> None:
    refused, missing, _passage = taught([draft("A.", "seit 2004", "question")])
    assert isinstance(refused, Rejection)
    assert (refused.reason, refused.item_id, refused.detail) == ("quote not found", chunk().id, "seit 2004")
    assert isinstance(missing, Rejection)
    assert missing.reason == "no facts"


def test_a_quote_is_stored_as_it_stands_in_the_chunk() -> None:
    fact = taught([draft("A.", "udev. Er ist", "question")])[0]
    assert isinstance(fact, Fact)
    assert fact.quotes == ("udev.\nEr ist",)


def test_a_draft_without_quote_is_refused() -> None:
    assert isinstance(taught([Draft("A.", (), ())])[0], Rejection)


def test_what_is_asked_twice_is_taught_once() -> None:
    items = taught([draft("A.", "udev", "question"), draft("A.", "2003", "question")])
    assert [item.reason for item in items if isinstance(item, Rejection)] == ["duplicate"]
    questions = [item for item in items if isinstance(item, Lesson) and item.kind == "question"]
    assert len(questions) == 1


def test_questions_per_fact_is_a_limit() -> None:
    config = SCRIPTED.model_copy(update={"questions_per_fact": 2})
    items = taught([draft("A.", "udev", *["question"] * 5, "cloze")], config)
    kinds = [item.kind for item in items if isinstance(item, Lesson)]
    assert kinds == ["question", "question", "cloze", "passage"]


@pytest.mark.parametrize(("share", "low", "high"), [(0, 0, 0), (0.5, 60, 140), (1, 200, 200)])
def test_a_share_of_the_facts_is_examined(share: float, low: int, high: int) -> None:
    config = SCRIPTED.model_copy(update={"exam_share": share})
    items = taught([draft(f"Satz {n}.", "udev", "exam") for n in range(200)], config)
    assert low <= sum(isinstance(item, Lesson) and item.kind == "exam" for item in items) <= high


def test_an_unknown_teacher_is_named_with_the_nearest_one() -> None:
    with pytest.raises(ConfigError, match=r"'ofline'.*'offline'") as caught:
        list(distil(chunk(), DistilConfig(teacher="ofline")))
    assert "offline" in caught.value.hint
    assert "offline" in TEACHERS


def test_a_chunk_without_facts_says_so_and_is_still_read() -> None:
    empty, passage = distil(chunk("int main()\n{\n  return 0;\n}", ()), DistilConfig())
    assert isinstance(empty, Rejection)
    assert empty.reason == "no facts"
    assert isinstance(passage, Lesson)
    assert passage.body == TextBody(text="int main()\n{\n  return 0;\n}")


def test_the_same_chunk_gives_the_same_lessons() -> None:
    first, second = ([item.model_dump_json() for item in distil(chunk(), DistilConfig())] for _ in range(2))
    assert first == second
    assert len(first) > 5


def test_every_offline_lesson_is_proven_and_signed() -> None:
    lessons = [item for item in distil(chunk(), DistilConfig(exam_share=1)) if isinstance(item, Lesson)]
    assert {"statement", "question", "sentence", "cloze", "heading", "exam", "passage"} <= {one.kind for one in lessons}
    for lesson in lessons:
        assert lesson.teacher == "offline/3"
        assert lesson.prompt_hash
        assert all(quote in TEXT for quote in lesson.quotes)


def test_exam_and_training_never_share_a_question() -> None:
    lessons = [item for item in distil(chunk(), DistilConfig(exam_share=1)) if isinstance(item, Lesson)]
    asked = [
        (one.kind == "exam", one.body.messages[-2].content) for one in lessons if isinstance(one.body, MessagesBody)
    ]
    exam = {text for is_exam, text in asked if is_exam}
    assert exam
    assert not exam & {text for is_exam, text in asked if not is_exam}
