"""The whole line with a tiny student, as a user types it: train, ask in every way, examine again, repeat."""

import json
from pathlib import Path
from typing import Any

import pytest

from academy import pipeline
from academy.stage import Stage
from tests.cli.test_cli import academy, told
from tests.tiny import tiny_model

NOTES = """# Der Hafen

## Regeln

Der Hafenmeister öffnet das Tor um 6 Uhr. Boote über 20 Meter brauchen eine Genehmigung. Der Leuchtturm steht seit 1887
auf der Mole. Eine Genehmigung ist ein Papier, das einem Boot die Einfahrt erlaubt.

## Verkehr

Die Fähre befördert 120 Personen. Im Winter fährt die Fähre zweimal am Tag. Die Fahrt dauert 40 Minuten.
"""


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("student") / "tiny")


@pytest.fixture
def words(tmp_path: Path, student: Path) -> list[str]:
    """The options of a short line."""
    (tmp_path / "hafen.md").write_text(NOTES)
    settings = {"student.model": student, "finetune.max_steps": 3, "build.max_length": 1024, "query.max_new_tokens": 8}
    return ["train", "hafen.md", *(part for item in settings.items() for part in ("--set", f"{item[0]}={item[1]}"))]


def test_train_ask_examine_repeat(words: list[str], tmp_path: Path) -> None:
    trained = academy(*words)
    assert trained.exit_code == 0, told(trained)
    assert "academy query hafen" in told(trained)
    run = tmp_path / "runs" / "hafen"
    for name in ("6-report.json", "6-report.md", "6-report.html", "5-specialist/model.safetensors", "run.yaml"):
        assert (run / name).is_file(), name
    assert not list(run.rglob("*.bin")), "safetensors only"

    for mode in ("evidence", "retrieval", "specialist", "combined"):
        answer = json.loads(
            academy("query", "Wie viele Personen befördert die Fähre?", "--mode", mode, "--json").stdout
        )
        assert answer["mode_used"] == ("evidence" if mode == "combined" else mode)
        assert 0 <= answer["confidence"] <= 1
    found = json.loads(
        academy("query", "hafen", "Wie viele Personen befördert die Fähre?", "-m", "retrieval", "--json").stdout
    )
    assert found["sources"][0] == {
        "document": "hafen.md",
        "page": None,
        "headings": ["Der Hafen", "Verkehr"],
        "quote": "Die Fähre befördert 120 Personen.",
    }

    (tmp_path / "q.jsonl").write_text(
        '{"id": "a", "question": "Wann öffnet das Tor?"}\n{"id": "b", "question": "Und wo?"}\n'
    )
    batch = academy("query", "--questions", "q.jsonl", "--out", "a.jsonl")
    assert batch.exit_code == 0, told(batch)
    rows = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert [row["id"] for row in rows] == ["a", "b"]
    assert set(rows[0]) == {"id", "answer", "confidence", "sources", "mode_used"}

    chat = academy("query", "hafen", stdin="/mode nonsense\n/mode retrieval\nWann öffnet das Tor?\n/quit\n")
    assert chat.exit_code == 0
    assert "There is no mode 'nonsense'" in told(chat)
    assert "um 6 Uhr" in told(chat)

    before = {path.name: path.read_bytes() for path in run.glob("6-report.*")}
    again = academy(*words)
    assert told(again).count("unchanged") == 6
    assert academy("train", "--name", "hafen", "--from", "evaluate").exit_code == 0
    assert {path.name: path.read_bytes() for path in run.glob("6-report.*")} == before, (
        "two examinations, the same bytes"
    )

    (tmp_path / "exam.jsonl").write_text(
        '{"id": "1", "question": "Wer öffnet das Tor?", "answers": ["Der Hafenmeister"]}\n'
    )
    own = academy("evaluate", "hafen", "--exam", "exam.jsonl", "--json")
    assert own.exit_code == 0, told(own)
    assert {path.name: path.read_bytes() for path in run.glob("6-report.*") if ".exam." not in path.name} == before
    beside = {path.name for path in run.glob("6-report.exam.*")}
    assert beside == {f"6-report.exam.{end}" for end in ("json", "md", "html")}
    assert json.loads(own.stdout)["report"] == "6-report.exam.json"
    assert "6-report.exam.html" in told(academy("evaluate", "hafen", "--exam", "exam.jsonl"))
    assert told(academy(*words)).count("unchanged") == 6, "a user's exam is not the run's own"
    assert {c["candidate"] for c in json.loads(own.stdout)["candidates"]} == {
        "base",
        "base-few-shot",
        "specialist",
        "retrieval",
        "evidence",
    }


@pytest.mark.parametrize("verb", ["ingest", "chunk", "distil", "build", "finetune", "evaluate"])
def test_ctrl_c_in_every_stage_keeps_what_is_finished(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    order = [stage.verb for stage in pipeline.STAGES]
    real = {stage.verb: stage for stage in pipeline.STAGES}

    def interrupted(*_args: Any, **_options: Any) -> None:
        raise KeyboardInterrupt

    def patched(stage: Stage) -> Stage:
        changed = {name: getattr(stage, name) for name in Stage.__dataclass_fields__} | {"function": interrupted}
        return Stage(**changed) if stage.verb == verb else stage

    if order.index(verb) >= 4:
        words += ["--set", "finetune.max_steps=1"]
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "STAGES", tuple(patched(real[name]) for name in order))
        patch.setattr(pipeline, verb, interrupted)
        stopped = academy(*words)
    assert stopped.exit_code == 130, told(stopped)
    assert "the same command continues" in told(stopped)
    kept = academy(*words, "--until", verb if order.index(verb) < 4 else "build")
    assert kept.exit_code == 0, told(kept)
    assert told(kept).count("unchanged") == min(order.index(verb), 4)


def test_a_run_that_is_not_finished_cannot_be_asked(words: list[str]) -> None:
    assert academy(*words, "--until", "build").exit_code == 0
    result = academy("query", "Wann öffnet das Tor?")
    assert result.exit_code == 1
    assert "is not finished" in told(result)
