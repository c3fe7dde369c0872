"""Examples for the untrained base: training lessons, never what the exam asks."""

from pathlib import Path

from academy.records import Example, Fact, Lesson, Message, MessagesBody, Question, Record, TextBody, dump
from academy.shots import shots


def write(path: Path, *records: Record) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(dump(record) + "\n" for record in records), encoding="utf-8")


def lesson(question: str, answer: str, fact: Fact, system: str = "") -> Lesson:
    turns = [Message(role="user", content=question), Message(role="assistant", content=answer)]
    body = MessagesBody(messages=((Message(role="system", content=system),) if system else ()) + tuple(turns))
    return Lesson(fact_ids=(fact.id,), origin="distilled", kind="question", body=body, teacher="offline")


def folder(place: Path, lessons: list[Lesson], exam: list[Question], *facts: Fact) -> Path:
    text = Lesson(origin="distilled", kind="passage", body=TextBody(text="Text?"), teacher="offline")
    rows = [Example(lesson_ids=(one.id,), body=one.body, input_ids=(1,), labels=(1,)) for one in (*lessons, text)]
    write(place / "3-lessons.jsonl", *facts, *lessons, text)
    write(place / "4-dataset" / "train.jsonl", *rows, *rows)
    write(place / "4-dataset" / "exam.jsonl", *exam)
    return place


def fact(text: str) -> Fact:
    return Fact(chunk_ids=("c",), text=text, quotes=())


def test_shots_are_training_lessons_and_never_exam_facts(tmp_path: Path) -> None:
    asked, free = fact("gefragt"), fact("frei")
    lessons = [
        lesson("Wer leitet den Hafen?", "Frau Beck", asked),
        *(lesson(f"Wie viele Boote liegen an Steg {n}?", f"{n} Boote", free) for n in range(6)),
        lesson("Wie heißt die Chefin dort?", "Es ist Frau Albers", free),
        lesson("Was steht nirgends?", "Das steht nicht in den Dokumenten.", free),
        lesson("Antworte ganz!", "Ja", free),
        lesson("Wo liegt es?", "Im Norden", free, system="Antworte in einem ganzen Satz."),
        lesson("What is the name of the harbour?", "Eastport", free),
    ]
    exam = [Question(question="Wer führt?", answers=("Albers",), fact_id=asked.id)]
    run = folder(tmp_path / "r", lessons, exam, asked, free)
    found = shots(run, [], 4, seed=0)
    assert set(found) == {"de", "en"}
    assert [turn.role for turn in found["de"]] == ["user", "assistant"] * 4
    said = " ".join(turn.content for turns in found.values() for turn in turns)
    for barred in ("Beck", "Albers", "nirgends", "Norden", "Antworte"):
        assert barred not in said
    assert "Eastport" in said
    assert shots(run, [], 4, seed=0) == found
    assert shots(run, [], 4, seed=1) != found


def test_the_users_exam_bars_its_own_answers(tmp_path: Path) -> None:
    free = fact("frei")
    lessons = [lesson("Wie tief ist das Becken?", "9 Meter", free), lesson("Wann öffnet das Tor?", "um 6 Uhr", free)]
    run = folder(tmp_path / "r", lessons, [], free)
    own = [Question(question="Zu welcher Stunde?", answers=("6 Uhr",), source="user")]
    assert [turn.content for turn in shots(run, own, 4, 0)["de"]] == ["Wie tief ist das Becken?", "9 Meter"]
    assert shots(tmp_path / "nothing", [], 4, 0) == {}
