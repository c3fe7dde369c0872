"""Stage 4: what is learned, in which proportion, and what is kept apart."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from academy.config import BuildConfig
from academy.dataset import build
from academy.errors import DatasetError
from academy.evidence import window
from academy.models.answering import is_refusal, refusal, system_line
from academy.models.rows import IGNORED
from academy.models.template import FolderTemplate, load_template
from academy.nearness import GRAM
from academy.records import (
    Body,
    Chunk,
    CompletionBody,
    Dataset,
    Example,
    Fact,
    LabelledBody,
    Lesson,
    Message,
    MessagesBody,
    Rejection,
    TextBody,
)
from tests.tiny import tiny_tokenizer

RIVERS = ("Donau", "Elbe", "Rhein", "Weser", "Oder", "Isar", "Main", "Neckar", "Spree", "Havel", "Lech", "Inn")
WIDE = BuildConfig(max_length=2048)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> FolderTemplate:
    folder = tmp_path_factory.mktemp("template")
    tiny_tokenizer().save_pretrained(folder)
    return load_template(folder)


def lesson(kind: str, body: Body, fact: Fact | None = None) -> Lesson:
    return Lesson(
        fact_ids=(fact.id,) if fact else (),
        chunk_ids=fact.chunk_ids if fact else (),
        origin="distilled",
        kind=kind,
        body=body,
        quotes=fact.quotes if fact else (),
        teacher="test",
    )


def asked(question: str, answer: str) -> MessagesBody:
    return MessagesBody(messages=(Message(role="user", content=question), Message(role="assistant", content=answer)))


def chunk(number: int) -> Chunk:
    name = RIVERS[number]
    text = f"Die {name} ist ein Fluss. Die {name} ist {number + 101} Kilometer lang. Viele Menschen wohnen am Ufer."
    return Chunk(
        document_id="d", index=number, text=text, start=0, end=len(text), headings=("Flüsse", f"Kapitel {number % 3}")
    )


def fact(number: int) -> Fact:
    sentence = f"Die {RIVERS[number]} ist {number + 101} Kilometer lang."
    return Fact(chunk_ids=(chunk(number).id,), text=sentence, quotes=(sentence,), chapter=f"Kapitel {number % 3}")


def river(number: int) -> list[Fact | Lesson]:
    """A fact with a passage, a statement, three questions and an exam question."""
    name, length, of = RIVERS[number], f"{number + 101} Kilometer", fact(number)
    return [
        of,
        lesson("passage", TextBody(text=chunk(number).text), of),
        lesson("statement", TextBody(text=of.text), of),
        lesson("question", asked(f"Wie lang ist die {name}?", length), of),
        lesson("question", asked(f"Welche Länge hat die {name} insgesamt?", length), of),
        lesson("cloze", asked(f"Ergänze: Die {name} ist ___ lang.", length), of),
        lesson("exam", asked(f"Über wie viele Kilometer erstreckt sich der Fluss {name}?", length), of),
    ]


def rivers(count: int) -> tuple[list[Fact | Lesson], list[Chunk]]:
    return [item for number in range(count) for item in river(number)], [chunk(number) for number in range(count)]


def made(
    template: FolderTemplate,
    count: int = 12,
    config: BuildConfig = WIDE,
    seed: int = 0,
    more: Sequence[Fact | Lesson] = (),
) -> tuple[Dataset, tuple[Rejection, ...]]:
    lessons, chunks = rivers(count)
    return build([*lessons, *more], chunks, config, template, seed)


def user(row: Example) -> str:
    assert isinstance(row.body, MessagesBody)
    return next(turn.content for turn in row.body.messages if turn.role == "user")


def answer(row: Example) -> str:
    assert isinstance(row.body, MessagesBody)
    return row.body.messages[-1].content


def talks(rows: Sequence[Example]) -> list[Example]:
    return [row for row in rows if isinstance(row.body, MessagesBody)]


def evidence(rows: Sequence[Example]) -> list[Example]:
    return [row for row in talks(rows) if user(row).startswith("[1] ")]


def learned(rows: Sequence[Example]) -> int:
    return sum(label != IGNORED for row in rows for label in row.labels)


def test_same_input_same_bytes(template: FolderTemplate) -> None:
    first, second, other = (made(template, seed=seed)[0].model_dump_json() for seed in (0, 0, 1))
    assert first == second != other


def test_the_answer_and_its_end_are_learned_after_the_prompt_of_inference(template: FolderTemplate) -> None:
    rows = talks(made(template)[0].train)
    assert len(rows) > 20
    for row in rows:
        assert isinstance(row.body, MessagesBody)
        prompt = template.render_ids(row.body.messages[:-1], generate=True)
        end = (*template.encode(answer(row)), template.eos_id)
        assert row.input_ids == (*prompt, *end)
        assert row.labels == (IGNORED,) * len(prompt) + end


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
def test_text_and_questions_are_mixed_by_learned_tokens(template: FolderTemplate, share: float) -> None:
    train = made(template, config=WIDE.model_copy(update={"text_share": share}))[0].train
    texts = [row for row in train if isinstance(row.body, TextBody)]
    assert learned(texts) / learned(train) == pytest.approx(share, abs=0.03)
    assert len({row.id for row in texts}) == 24, "every text stays"


@pytest.mark.parametrize(("share", "kind"), [(0.0, MessagesBody), (1.0, TextBody)])
def test_a_side_can_be_left_out(template: FolderTemplate, share: float, kind: type[Body]) -> None:
    train = made(template, config=WIDE.model_copy(update={"text_share": share}))[0].train
    assert train
    assert all(isinstance(row.body, kind) for row in train)


def test_some_questions_are_shown_with_passages(template: FolderTemplate) -> None:
    config = WIDE.model_copy(update={"evidence_share": 0.5, "text_share": 0.5})
    train = made(template, config=config)[0].train
    rows = {row.id: row for row in evidence(train)}.values()
    plain = {row.id for row in talks(train)} - {row.id for row in rows}
    assert len(rows) == pytest.approx(len(plain) / 2, abs=2)
    places: Counter[int] = Counter()
    for row in rows:
        assert isinstance(row.body, MessagesBody)
        assert row.body.messages[0].content == system_line("evidence", "de")
        *passages, question = user(row).split("\n\n")
        assert 2 <= len(passages) <= 3
        (gold,) = [number for number, passage in enumerate(passages) if answer(row) in passage]
        places[gold] += 1
        assert "___" not in question
    assert len(places) >= 2, "the right passage is not always at the same place"


def test_without_the_right_passage_the_answer_is_the_refusal(template: FolderTemplate) -> None:
    config = WIDE.model_copy(update={"evidence_share": 0.5, "unanswerable_share": 0.1})
    dataset, _rejected = made(template, config=config)
    distinct = {row.id: row for row in talks(dataset.train)}.values()
    refused = [row for row in distinct if answer(row) == refusal("de")]
    assert 0 < len(refused) <= 0.1 * len(distinct)
    for row in refused:
        lesson_id = row.lesson_ids[0]
        taught = next(item for item in rivers(12)[0] if item.id == lesson_id)
        assert isinstance(taught, Lesson)
        assert isinstance(taught.body, MessagesBody)
        assert taught.body.messages[-1].content not in user(row)


def test_evidence_rows_shrink_until_they_fit(template: FolderTemplate) -> None:
    config = BuildConfig(max_length=320, evidence_share=1)
    rows = evidence(made(template, config=config)[0].train)
    assert rows
    assert max(len(row.input_ids) for row in rows) <= 320


def test_one_chunk_alone_has_no_wrong_passages(template: FolderTemplate) -> None:
    rows = evidence(made(template, count=1, config=WIDE.model_copy(update={"evidence_share": 1.0}))[0].train)
    assert rows
    assert all(user(row).count("\n\n") == 1 for row in rows)


def test_refusing_lessons_are_few(template: FolderTemplate) -> None:
    more = [lesson("unanswerable", asked(f"Wer malte Bild {n}?", refusal("de"))) for n in range(30)]
    dataset, rejected = made(template, more=more, config=WIDE.model_copy(update={"unanswerable_share": 0.05}))
    kept = {row.id for row in talks(dataset.train) if is_refusal(answer(row))}
    assert sum(item.reason == "unanswerable_share" for item in rejected) >= 25
    assert 0 < len(kept) <= 0.05 * len(dataset.train)


def test_validation_asks_in_other_words_what_stays_taught(template: FolderTemplate) -> None:
    dataset, _rejected = made(template)
    by_id = {item.id: item for item in rivers(12)[0] if isinstance(item, Lesson)}
    taught = {fact for row in dataset.train for fact in by_id[row.lesson_ids[0]].fact_ids}
    assert len(dataset.valid) >= 5
    for row in dataset.valid:
        assert set(by_id[row.lesson_ids[0]].fact_ids) <= taught
    assert not {user(row) for row in dataset.valid} & {user(row).split("\n\n")[-1] for row in talks(dataset.train)}
    assert len({by_id[row.lesson_ids[0]].fact_ids for row in dataset.valid}) == len(dataset.valid)


def test_the_only_lesson_of_a_fact_is_never_held_out(template: FolderTemplate) -> None:
    lonely = [lesson("question", asked(f"Wie lang ist die {RIVERS[n]}?", "lang"), fact(n)) for n in range(12)]
    dataset, _rejected = build(lonely, [], WIDE, template, 0)
    assert (len(dataset.train), len(dataset.valid)) == (12, 0)


def test_a_tiny_document_gives_training_validation_and_exam(template: FolderTemplate) -> None:
    dataset, rejected = made(template, count=1)
    assert dataset.train
    assert len(dataset.valid) == 1
    assert len(dataset.exam) == 1
    assert not rejected


def test_the_exam_accepts_the_short_answer_alone(template: FolderTemplate) -> None:
    question = next(q for q in made(template)[0].exam if "Donau" in q.question)
    assert question.answers == ("101 Kilometer",), "the whole sentence would let every search look perfect"
    assert (question.fact_id, question.chapter, question.source) == (fact(0).id, "Kapitel 0", "generated")


def test_the_exam_is_spread_over_chapters(template: FolderTemplate) -> None:
    exam = made(template, config=WIDE.model_copy(update={"exam_size": 6}))[0].exam
    assert Counter(question.chapter for question in exam) == {"Kapitel 0": 2, "Kapitel 1": 2, "Kapitel 2": 2}


def test_every_fact_is_asked_once_before_one_is_asked_again(template: FolderTemplate) -> None:
    more = [lesson("exam", asked(f"Frage {n} zur Donau auf andere Art?", "101"), fact(0)) for n in range(20)]
    exam = made(template, more=more, config=WIDE.model_copy(update={"exam_size": 12}))[0].exam
    assert len({question.fact_id for question in exam}) == 12


def test_few_questions_of_the_exam_have_the_same_answer(template: FolderTemplate) -> None:
    same = [lesson("exam", asked(f"Wie heißt Zeile {n} bei Fluss {RIVERS[n]}?", "Beweis."), fact(n)) for n in range(12)]
    more = [*same, lesson("exam", asked("Was steht vor dem Absatz zur Donau?", "beweis"), fact(0))]
    exam = made(template, more=more)[0].exam
    proofs = [question for question in exam if question.answers[0].lower().startswith("beweis")]
    assert len(proofs) == 2
    assert len({question.fact_id for question in proofs}) == 2, "on different facts"
    assert len(exam) == 14, "questions with other answers stay"
    again = made(template, more=list(reversed(more)))[0].exam
    assert {question.id for question in again} == {question.id for question in exam}, "whatever the order"


def test_a_tenth_of_the_exam_cannot_be_answered(template: FolderTemplate) -> None:
    more = [lesson("exam", asked(f"Wer malte Bild Nummer {n} damals?", refusal("de"))) for n in range(9)]
    exam = made(template, more=more, config=WIDE.model_copy(update={"exam_size": 10}))[0].exam
    open_ones = [question for question in exam if not question.answerable]
    assert (len(exam), len(open_ones)) == (10, 1)
    assert open_ones[0].answers == ()


def test_only_taught_facts_are_asked(template: FolderTemplate) -> None:
    lessons, chunks = rivers(3)
    untaught = fact(5)
    exam = lesson("exam", asked("Wie weit fließt der Fluss Isar?", "106 Kilometer"), untaught)
    dataset, _rejected = build([*lessons, untaught, exam], chunks, WIDE, template, 0)
    assert len(dataset.exam) == 3


@pytest.mark.parametrize(
    "question",
    [
        "Über wie viele Kilometer erstreckt sich der Fluss Donau?",
        "über wie viele  kilometer erstreckt sich der Fluss Donau",
        "Sag mir: Über wie viele Kilometer erstreckt sich der Fluss Donau ungefähr?",
    ],
)
def test_training_questions_like_an_exam_question_are_removed(template: FolderTemplate, question: str) -> None:
    dataset, rejected = made(template, more=[lesson("question", asked(question, "101 Kilometer"), fact(0))])
    assert [item.reason for item in rejected] == ["exam_collision"]
    assert question not in {user(row) for row in talks([*dataset.train, *dataset.valid])}


def test_an_exam_question_early_in_a_conversation_is_found(template: FolderTemplate) -> None:
    turns = ("Über wie viele Kilometer erstreckt sich der Fluss Donau?", "101 Kilometer", "Und wo?", "In Europa")
    said = tuple(Message(role=role, content=text) for role, text in zip(("user", "assistant") * 2, turns, strict=True))
    dataset, rejected = made(template, more=[lesson("question", MessagesBody(messages=said), fact(0))])
    assert [item.reason for item in rejected] == ["exam_collision"]
    assert all(
        body.messages != said
        for body in (row.body for row in [*dataset.train, *dataset.valid])
        if isinstance(body, MessagesBody)
    )


@given(
    words=st.lists(
        st.sampled_from(["wer", "was", "wie", "lang", "ist", "der", "Rhein", "Fluss", "am"]), min_size=1, max_size=9
    ),
    extra=st.lists(st.sampled_from(["bitte", "nun", "wer", "Rhein"]), max_size=4),
    front=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_no_exam_question_stands_inside_a_training_question(
    template: FolderTemplate, words: list[str], extra: list[str], front: bool
) -> None:
    exam = " ".join(words) + "?"
    close = " ".join([*extra, *words] if front else [*words, *extra]) + "?"
    of = fact(0)
    lessons: list[Fact | Lesson] = [
        of,
        *(lesson(k, asked(q, "ja"), of) for k, q in (("exam", exam), ("question", close))),
    ]
    lessons.append(lesson("statement", TextBody(text="Der Rhein fließt."), of))
    dataset, rejected = build(lessons, [], WIDE, template, 0)
    assert [item.reason for item in rejected] == ["exam_collision"]
    assert GRAM == 5
    assert len(dataset.exam) == 1


def test_doubles_are_taught_once_and_counted(template: FolderTemplate) -> None:
    double = lesson("definition", asked("Wie lang ist die Donau?", "101 Kilometer"), fact(0))
    _dataset, rejected = made(template, more=[double])
    assert [(item.item_id, item.reason) for item in rejected] == [(double.id, "duplicate")]


def test_what_does_not_fit_is_refused_or_split(template: FolderTemplate) -> None:
    long = lesson("question", asked("Was? " * 100, "so"), fact(0))
    text = lesson("passage", TextBody(text="Ein Satz über die Donau. " * 20), fact(0))
    dataset, rejected = made(template, more=[long, text], config=BuildConfig(max_length=200, evidence_share=0))
    assert (long.id, "too_long") in [(item.item_id, item.reason) for item in rejected]
    pieces = [row for row in dataset.train if row.lesson_ids == (text.id,)]
    assert len({row.id for row in pieces}) > 1
    assert all(len(row.input_ids) <= 200 for row in dataset.train)


def test_other_bodies_are_rendered_or_counted(template: FolderTemplate) -> None:
    prompt = lesson("completion", CompletionBody(prompt="A:", completion=" b"))
    label = lesson("label", LabelledBody(text="a", label="b"))
    dataset, rejected = made(template, more=[prompt, label])
    assert [(item.item_id, item.reason) for item in rejected] == [(label.id, "unsupported")]
    assert prompt.id in {identifier for row in (*dataset.train, *dataset.valid) for identifier in row.lesson_ids}


def test_a_template_that_changes_the_prompt_is_counted(tmp_path: Path) -> None:
    source = "{% for m in messages %}{{ m['content'] | upper if messages | length > 1 else m['content'] }}{% endfor %}"
    tiny_tokenizer(chat_template=source).save_pretrained(tmp_path)
    dataset, rejected = made(load_template(tmp_path), count=2, config=WIDE.model_copy(update={"evidence_share": 0.0}))
    assert {item.reason for item in rejected} == {"template"}
    assert all(isinstance(row.body, TextBody) for row in dataset.train)


def test_nothing_to_learn_says_what_was_refused(template: FolderTemplate) -> None:
    with pytest.raises(DatasetError, match="unsupported 1") as caught:
        build([lesson("label", LabelledBody(text="a", label="b"))], [], WIDE, template, 0)
    assert "academy" in caught.value.hint


def test_a_window_is_whole_sentences_around_the_quote() -> None:
    text = " ".join(f"Satz Nummer {n} ist hier." for n in range(100, 140))
    start = text.index("Satz Nummer 120")
    found = window(text, start, start + 10, words=30)
    assert found.startswith("Satz Nummer")
    assert "Nummer 120" in found
    assert found.endswith(".")
    assert 20 <= len(found.split()) <= 30
    assert window("", 0, 0, 10) == ""
