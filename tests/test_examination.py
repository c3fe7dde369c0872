"""Who sits the exam of a run, and what its report says beside the scores."""

import json
from pathlib import Path

import pytest

from academy.config import AcademyConfig, CostConfig, EvaluateConfig
from academy.errors import DatasetError, RunError
from academy.examination import coverage, examined, facts, places
from academy.models.scripted import ScriptedModel
from academy.models.student import Student
from academy.records import (
    Chunk,
    Document,
    Fact,
    Lesson,
    Record,
    Rejection,
    TextBody,
    dump,
)

PAGES = ("Die Mainline ist der Arbeitsstand von Linus Torvalds.", "Der Ordner virt enthält nur KVM.", "Ende.")


def write(path: Path, *records: Record) -> None:
    path.write_text("".join(dump(record) + "\n" for record in records), encoding="utf-8")


def document(source: str = "skript.pdf", title: str = "Skript") -> tuple[Document, Chunk]:
    """Three pages in one chunk."""
    text = "\n\n".join(PAGES)
    starts = (0, len(PAGES[0]) + 2, len(PAGES[0]) + len(PAGES[1]) + 4)
    whole = Document(source=source, title=title, text=text, media_type="application/pdf", language="de", pages=starts)
    return whole, Chunk(document_id=whole.id, index=0, text=text, start=0, end=len(text), headings=(title,), page=1)


def run_folder(folder: Path, *documents: tuple[Document, Chunk]) -> Path:
    folder.mkdir()
    write(folder / "1-documents.jsonl", *(whole for whole, _chunk in documents))
    write(folder / "2-chunks.jsonl", *(chunk for _whole, chunk in documents))
    chunk = documents[0][1]
    fact = Fact(chunk_ids=(chunk.id,), text="virt enthält KVM", quotes=(PAGES[1],))
    lesson = Lesson(
        fact_ids=(fact.id,), origin="distilled", kind="statement", body=TextBody(text="a"), teacher="offline"
    )
    write(folder / "3-lessons.jsonl", fact, lesson)
    return folder


def test_coverage_counts_facts_on_the_page_of_their_quote(tmp_path: Path) -> None:
    assert coverage(run_folder(tmp_path / "one", document())) == {"1": 0, "2": 1, "3": 0}
    two = run_folder(tmp_path / "two", document(), document("b.pdf", "Buch"))
    assert list(coverage(two).items())[:2] == [("Skript · 1", 0), ("Skript · 2", 1)]
    assert len(coverage(two)) == 6


def test_coverage_without_pages_counts_by_heading(tmp_path: Path) -> None:
    whole = Document(source="a.md", title="A", text="eins zwei", media_type="text/markdown", language="de")
    first = Chunk(document_id=whole.id, index=0, text="eins", start=0, end=4, headings=("A", "Anfang"))
    folder = run_folder(tmp_path / "r", (whole, first))
    assert coverage(folder) == {"Anfang": 1}


def test_facts_know_where_they_were_taught(tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "r", document())
    assert list(places(folder).values()) == ["2"]
    assert set(places(folder).values()) <= set(coverage(folder))


def test_facts_of_a_run(tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "r", document())
    assert facts(folder, CostConfig()) | {"academy": ""} == {
        "run": "r",
        "title": "Skript",
        "documents": 1,
        "lessons": 1,
        "facts": 1,
        "passages_taught": 1,
        "duplicates": 0,
        "words_least": 1,
        "words_middle": 1,
        "words_most": 1,
        "language.de": 1,
        "kind.statement": 1,
        "teacher.offline": 1,
        "academy": "",
        "sent": "nothing",
    }
    write(folder / "rejected.jsonl", *(Rejection(stage="distil", item_id=str(n), reason="too short") for n in range(2)))
    events = [
        ("finished", "ingest", 30.0),
        ("finished", "finetune", 60.0),
        ("finished", "finetune", 120.0),
        ("kept", "chunk", 0.0),
    ]
    rows = [json.dumps({"kind": kind, "stage": stage, "seconds": seconds}) for kind, stage, seconds in events]
    (folder / "events.jsonl").write_text("\n".join(rows), encoding="utf-8")
    assert facts(folder, CostConfig())["rejected.too short"] == 2
    assert facts(folder, CostConfig())["minutes"] == 2.5, "a stage that ran twice counts once"


def test_events_that_a_kill_cut_off_are_skipped(tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "r", document())
    good = {"kind": "finished", "stage": "ingest", "seconds": 60.0, "note": "a\u2028b"}
    whole = json.dumps(good, ensure_ascii=False)
    # Cut in the middle of a letter, and gone on with in the same line; then zeros, as after a power cut.
    lines = [whole.encode(), '{"note": "ä'.encode()[:-1] + whole.encode(), b"\0\0", b"7", whole.encode()[:30]]
    (folder / "events.jsonl").write_bytes(b"\n".join(lines))
    assert facts(folder, CostConfig())["minutes"] == 1.0


def test_all_candidates_sit_the_exam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = run_folder(tmp_path / "r", document())
    student = Student("base", tmp_path, "0")
    opened: list[str] = []

    def model(name: str) -> ScriptedModel:
        opened.append(name)
        return ScriptedModel(lambda conversation: f"{name} {len(conversation)}")

    monkeypatch.setattr("academy.models.local.open_model", lambda asked: model(asked.name))
    monkeypatch.setattr("academy.models.local.open_specialist", lambda place, *rest: model(place.name))
    (folder / "5-specialist").mkdir()
    (folder / "5-specialist" / "specialist.json").write_text("{}", encoding="utf-8")
    names = ("base", "specialist", "retrieval", "evidence", "base-evidence")
    config = AcademyConfig(evaluate=EvaluateConfig(candidates=names, resamples=100))
    sitting = examined(folder, student, config)
    assert opened == [], "models are opened when they are asked"
    questions = ["Was enthält der Ordner virt?", "Wessen Arbeitsstand ist die Mainline?"]
    answers = {
        name: [answer.answer for answer in candidate(questions)] for name, candidate in sitting.candidates.items()
    }
    assert answers == {
        "base": ["base 1"] * 2,
        "specialist": ["5-specialist 1"] * 2,
        "retrieval": [PAGES[1], PAGES[0]],
        "evidence": ["5-specialist 2"] * 2,
        "base-evidence": ["base 2"] * 2,
    }
    assert opened == ["base", "5-specialist"], "each once"
    assert (sitting.facts["title"], sitting.coverage) == ("Skript", {"1": 0, "2": 1, "3": 0})


def test_an_exam_of_ones_own_is_read(tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "r", document())
    exam = tmp_path / "exam.jsonl"
    config = AcademyConfig(evaluate=EvaluateConfig(exam=exam))
    student = Student("s", tmp_path, "0")
    exam.write_text('{"id": 1, "question": "a?", "answers": ["b"]}', encoding="utf-8")
    assert examined(folder, student, config).exam[0].answers == ("b",)
    exam.write_text("{}", encoding="utf-8")
    with pytest.raises(DatasetError, match="line 1: 'id' is missing"):
        examined(folder, student, config)


def test_a_run_without_chunks_has_nothing_to_examine(tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "r", document())
    (folder / "2-chunks.jsonl").unlink()
    with pytest.raises(RunError, match="not finished"):
        examined(folder, Student("s", tmp_path, "0"), AcademyConfig())
