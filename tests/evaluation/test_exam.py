"""The user's own exam is read, and every mistake in it is named."""

import os
from pathlib import Path

import pytest

from academy.errors import DatasetError
from academy.evaluation import load_exam

EXAMPLES = Path(__file__).parents[2] / "examples"


def write(folder: Path, *lines: str) -> Path:
    path = folder / "exam.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_the_exam_of_the_demo() -> None:
    exam = load_exam(EXAMPLES / "linux-treiber-skript.exam.jsonl")
    assert (len(exam), sum(question.answerable for question in exam)) == (56, 48)
    assert exam[0].answers[0] == "Linus Torvalds"
    assert exam[0].chapter == "1 Grundlagen"
    assert {question.source for question in exam} == {"user"}


@pytest.mark.skipif(not os.environ.get("ACADEMY_DATA"), reason="set ACADEMY_DATA to the folder of real data")
def test_exams_by_people() -> None:
    files = sorted(Path(os.environ["ACADEMY_DATA"]).glob("exams/*/*/exam.jsonl"))
    assert len(files) == 71
    assert sum(len(load_exam(file)) for file in files) == 2289


def test_every_mistake_has_its_line(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        '{"id": "1", "question": "a?", "answers": ["x"]}',
        '{"id": "1", "question": "b?", "answers": ["x"]}',
        '{"id": "2", "question": "c?"}',
        '{"id": "3", "question": "d?", "anwsers": ["x"]}',
        '{"id": "4", "question": " ", "answers": ["x"]}',
        '{"id": "5", "question": "e?", "answers": "x"}',
        '{"id": "6", "question": "f?", "answers": ["x"], "answerable": "no"}',
        "{",
    )
    with pytest.raises(DatasetError) as caught:
        load_exam(path)
    for said in (
        "exam.jsonl cannot be used",
        "line 2: the id '1' is there already",
        'line 3: no answers; say "answerable": false',
        "line 4: unknown key 'anwsers'. Did you mean 'answers'?",
        "line 5: 'question' is missing",
        "line 6: 'answers' must be a list of texts",
        "line 7: 'answerable' must be true or false",
        "line 8: no JSON",
    ):
        assert said in caught.value.message
    assert "line 1" not in caught.value.message
    assert '"answers"' in caught.value.hint


def test_another_encoding_and_nothing_at_all(tmp_path: Path) -> None:
    path = tmp_path / "exam.jsonl"
    path.write_bytes('{"id": "1", "question": "Tür?", "answers": ["x"]}'.encode("latin-1"))
    with pytest.raises(DatasetError, match="line 1: no UTF-8"):
        load_exam(path)
    path.write_bytes(b"\n\n")
    with pytest.raises(DatasetError, match="holds no question"):
        load_exam(path)
    with pytest.raises(DatasetError, match="No such file"):
        load_exam(tmp_path / "absent.jsonl")


def test_a_byte_order_mark_and_windows_lines_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "exam.jsonl"
    path.write_bytes(
        b'\xef\xbb\xbf{"id": 1, "question": "a?", "answers": ["x"]}\r\n'
        b'{"id": 2, "question": "b?", "answerable": false}\r\n'
    )
    assert [(question.question, question.answerable) for question in load_exam(path)] == [("a?", True), ("b?", False)]


def test_many_mistakes_are_counted(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="and 15 more"):
        load_exam(write(tmp_path, *["{"] * 25))
