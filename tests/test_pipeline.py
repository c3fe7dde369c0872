"""The line as a whole, on real rooms."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from academy import pipeline
from academy.config import AcademyConfig
from academy.errors import SourceError

GERMAN = """# Kernkunde

## Aufgaben

Der Kernel verwaltet den Speicher. Seit 2003 verwendet der Kernel das Programm udev. Die Treiber liegen im Ordner
drivers.
Ein Treiber ist ein Programm, das ein Gerät steuert.

## Geschichte

Linus Torvalds veröffentlichte die erste Version im Jahr 1991. Die Mailingliste heißt LKML (Linux Kernel Mailing List).
"""
ENGLISH = """# The harbour

## Rules

The harbour master opens the gate at 6 am. Boats longer than 20 metres need a permit. The lighthouse was built in 1887.
The ferry carries 120 passengers. A permit is a paper that allows a boat to enter the harbour.
"""


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "kern.md").write_text(GERMAN)
    (folder / "harbour.md").write_text(ENGLISH)
    (folder / "empty.md").write_text("")
    return folder


@pytest.fixture
def config(tmp_path: Path) -> AcademyConfig:
    return AcademyConfig(runs=tmp_path / "runs")


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
def test_killed_at_any_moment_of_stages_1_to_4_the_rerun_ends_with_the_same_bytes(
    sources: Path, tmp_path: Path
) -> None:
    script = Path(__file__).parent / "killing.py"
    command = [sys.executable, str(script), str(sources), str(tmp_path / "kills")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["kills"] > 30, "the scan must have killed something, or it proves nothing"
    assert len(result["files"]) == 7
    assert result["different"] == []


def test_what_flows_through_the_first_four_stages(sources: Path, config: AcademyConfig) -> None:
    run = pipeline.open_run([sources], config)
    assert pipeline.train(run, until="build") is None
    documents = rows(run.folder / "1-documents.jsonl")
    assert [d["source"] for d in documents] == ["harbour.md", "kern.md"]
    assert [d["language"] for d in documents] == ["en", "de"]
    texts = {d["id"]: str(d["text"]) for d in documents}
    chunks = rows(run.folder / "2-chunks.jsonl")
    assert all(texts[c["document_id"]][c["start"] : c["end"]] == c["text"] for c in chunks)  # type: ignore[misc]
    kinds = {row["kind"] for row in rows(run.folder / "3-lessons.jsonl") if row["record"] == "lesson"}
    assert {"passage", "question", "exam"} <= kinds
    train = rows(run.folder / "4-dataset" / "train.jsonl")
    exam = rows(run.folder / "4-dataset" / "exam.jsonl")
    assert len(train) > 10
    assert exam
    asked = {str(q["question"]).lower() for q in exam}
    taught = [row["body"]["messages"][-2]["content"].lower() for row in train if row["body"]["type"] == "messages"]  # type: ignore[index]
    assert not asked & set(taught), "no exam question stands in training"
    assert [row["item_id"] for row in rows(run.folder / "rejected.jsonl") if row["stage"] == "ingest"] == ["empty.md"]


def test_only_the_added_document_is_redone(sources: Path, config: AcademyConfig) -> None:
    run = pipeline.open_run([sources], config)
    pipeline.train(run, until="distil")
    (sources / "more.md").write_text("# Mehr\n\nDie Brücke wurde 1950 gebaut. Der Turm ist 40 Meter hoch.\n")
    seen: list[str] = []
    again = pipeline.open_run([sources], config)
    journal = pipeline.Run._call_item
    try:
        pipeline.Run._call_item = lambda self, stage, item, rest: (  # type: ignore[method-assign]
            seen.append(f"{stage.verb} {getattr(item, 'name', getattr(item, 'source', 'chunk'))}"),
            journal(self, stage, item, rest),
        )[1]
        pipeline.train(again, until="chunk")
    finally:
        pipeline.Run._call_item = journal  # type: ignore[method-assign]
    assert again.folder == run.folder
    assert seen == ["ingest more.md", "chunk more.md"]


def test_a_missing_source_is_named(config: AcademyConfig, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"nothere\.pdf"):
        pipeline.train(pipeline.open_run([tmp_path / "nothere.pdf"], config), until="ingest")


def test_a_run_is_reopened_with_its_own_sources_and_settings(sources: Path, config: AcademyConfig) -> None:
    pipeline.train(pipeline.open_run([sources], config.model_copy(update={"seed": 5}), name="n"), until="ingest")
    again = pipeline.open_run([], config, name="n", overrides=["chunk.max_tokens=99"])
    assert (again.config.seed, again.config.chunk.max_tokens) == (5, 99)
    assert again.sources == [sources]
