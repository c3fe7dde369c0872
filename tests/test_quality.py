"""What was taught, in figures."""

from pathlib import Path

from academy.quality import as_facts, measure, text_of
from academy.records import CompletionBody, Lesson, Message, MessagesBody, TextBody
from tests.test_examination import document, run_folder, write


def lesson(text: str, kind: str = "question") -> Lesson:
    body = MessagesBody(messages=(Message(role="user", content=text), Message(role="assistant", content="Ja.")))
    return Lesson(origin="distilled", kind=kind, body=body, teacher="offline/1")


def test_duplicates_lengths_kinds_and_passages(tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "r", document(), document("b.md", "Zweites"))
    lessons = [lesson("Was ist das?"), lesson("WAS  ist das?", "cloze"), lesson("Und was ist nun dieses hier?")]
    with (folder / "3-lessons.jsonl").open("a", encoding="utf-8") as file:
        extra = tmp_path / "extra"
        write(extra, *lessons)
        file.write(extra.read_text("utf-8"))
    found = measure(folder)
    assert (found.passages, found.passages_taught, found.facts, found.lessons) == (2, 1, 1, 4)
    assert found.duplicates == 1
    assert found.lengths == (1, 4, 7)
    assert as_facts(found)["kind.question"] == 2
    assert as_facts(found)["language.de"] == 2


def test_a_run_without_lessons(tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "r", document())
    (folder / "3-lessons.jsonl").write_text("")
    assert measure(folder).lengths == ()
    assert "words_least" not in as_facts(measure(folder))


def test_the_text_of_every_body() -> None:
    assert text_of(TextBody(text="a")) == "a"
    assert text_of(CompletionBody(prompt="a", completion="b")) == "a\nb"
