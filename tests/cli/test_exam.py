"""A user's exam, other candidates and auto mode, on one small run trained for all tests."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from academy import pipeline
from academy.config import AcademyConfig
from academy.errors import DatasetError, ModelError, RunError
from academy.specialist import Expert
from academy.stage import Event
from tests.cli.test_cli import academy, told
from tests.cli.test_line import NOTES
from tests.tiny import tiny_model

SETTINGS = ("finetune.max_steps=2", "build.max_length=1024", "query.max_new_tokens=4", "evaluate.resamples=100")
QUESTIONS = (
    '{"id": "1", "question": "Wer öffnet das Tor?", "answers": ["Der Hafenmeister"]}\n'
    '{"id": "2", "question": "Wie viele Personen befördert die Fähre?", "answers": ["120"]}\n'
    '{"id": "3", "question": "Wie heißt der Kapitän?", "answerable": false}\n'
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a finished run."""
    place = tmp_path_factory.mktemp("exam")
    tiny_model(place / "tiny")
    (place / "hafen.md").write_text(NOTES)
    config = AcademyConfig(runs=place / "runs", student={"model": str(place / "tiny")})
    from academy.settings import config_of_run

    whole = config_of_run(config.model_dump(mode="json"), SETTINGS)
    pipeline.train(pipeline.open_run([place / "hafen.md"], whole, name="hafen"))
    return place


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:
    """A copy of the run that a test may change."""
    shutil.copytree(trained / "runs", tmp_path / "runs")
    return tmp_path / "runs" / "hafen"


def report_of(run: Path, name: str = "6-report.json") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / name).read_text("utf-8"))
    return found


def test_the_report_holds_everything_that_was_measured(run: Path) -> None:
    report = report_of(run)
    assert [row["candidate"] for row in report["candidates"]] == [
        *("base", "base-few-shot", "specialist", "retrieval", "evidence")
    ]
    metrics = {row["candidate"]: [score["metric"] for score in row["scores"]] for row in report["candidates"]}
    assert "perplexity" in metrics["base"]
    assert "perplexity" in metrics["specialist"]
    assert "perplexity" not in metrics["evidence"]
    assert {"rouge_l", "bleu", "chrf", "distinct_2", "length"} <= set(metrics["retrieval"])
    assert [(probe["name"], probe["language"]) for probe in report["probes"]] == [
        *(("forgetting", "de"), ("forgetting", "en"), ("bias", "de"), ("bias", "en"))
    ]
    assert report["choice"]["mode"] == "retrieval"
    assert sum(report["learning"].values()) == sum(sample["answerable"] for sample in report["samples"])
    assert set(report["samples"][0]["confidences"]) == set(metrics)
    assert report["overfitting"]["best_step"] <= 2
    assert all(row["p"] is not None for row in report["differences"])
    assert [chapter["name"] for chapter in report["chapters"]]


def test_auto_asks_as_the_newest_exam_says(run: Path) -> None:
    question = "Wie viele Personen befördert die Fähre?"
    expert = Expert.open(run)
    assert expert.config.mode == "auto"
    assert expert.answer([question])[0].mode_used == "retrieval"
    assert Expert.open(run, ["query.mode=specialist"]).answer([question])[0].mode_used == "specialist"
    state = yaml.safe_load((run / "run.yaml").read_text("utf-8"))
    del state["stages"]["evaluate"]
    (run / "run.yaml").write_text(yaml.safe_dump(state), "utf-8")
    assert Expert.open(run).answer([question])[0].mode_used == "retrieval", "no exam: search"


def test_another_exam_stands_beside_and_is_kept(run: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in run.glob("6-report.*")}
    exam = tmp_path / "Meine Fragen.v2.jsonl"
    exam.write_text(QUESTIONS, "utf-8")
    config = f"evaluate.exam={json.dumps(str(exam))}"
    first = pipeline.reopen_run(run, passing=[config])
    found = pipeline.reexamine(first)
    assert found is not None
    assert (found.exam, len(found.samples)) == ("Meine Fragen.v2.jsonl", 3)
    assert pipeline.report_stem(first) == "6-report.Meine-Fragen-v2"
    made = (run / "6-report.Meine-Fragen-v2.json").read_bytes()
    assert {name: (run / name).read_bytes() for name in before} == before
    told_: list[Event] = []
    pipeline.reexamine(pipeline.reopen_run(run, passing=[config]), told_.append)
    assert [event.kind for event in told_] == ["kept"]
    for path in run.glob("6-report.Meine-Fragen-v2.*"):
        path.unlink()
    state = yaml.safe_load((run / "run.yaml").read_text("utf-8"))
    assert list(state["extras"]) == ["Meine-Fragen-v2"]
    assert sorted(state["stages"]["evaluate"]["files"]) == sorted(before), "a user's exam is no part of the run's own"
    pipeline.reexamine(pipeline.reopen_run(run, passing=[config]))
    assert (run / "6-report.Meine-Fragen-v2.json").read_bytes() == made, "deleted: made again, the same bytes"


def test_another_run_sits_the_exam_too(run: Path) -> None:
    shutil.copytree(run, run.parent / "zwei")
    found = pipeline.reexamine(pipeline.reopen_run(run, passing=['evaluate.candidates=["specialist", "run:zwei"]']))
    assert found is not None
    assert [row.candidate for row in found.candidates] == ["specialist", "run:zwei"]
    assert all(sample.candidates["specialist"] == sample.candidates["run:zwei"] for sample in found.samples)
    assert {(row.first, row.second) for row in found.differences} == {("specialist", "run:zwei")}
    assert all(row.value == 0 and row.p == 1 for row in found.differences)
    with pytest.raises(RunError, match="There is no run 'drei'"):
        pipeline.reopen_run(run, passing=['evaluate.candidates=["run:drei"]'])


def test_a_changed_exam_alone_trains_nothing(run: Path, trained: Path) -> None:
    told_: list[Event] = []
    smaller = pipeline.reopen_run(run, ["build.exam_size=1"])
    rows = (run / "4-dataset" / "train.jsonl").read_bytes()
    pipeline.train(smaller, until="build")
    assert len((run / "4-dataset" / "exam.jsonl").read_text("utf-8").splitlines()) == 1
    assert (run / "4-dataset" / "train.jsonl").read_bytes() == rows, "else this proves nothing"
    pipeline.train(pipeline.reopen_run(run, ["build.exam_size=1"]), listener=told_.append)
    kinds = {event.stage: event.kind for event in told_ if event.kind in ("kept", "finished")}
    assert kinds["evaluate"] == "finished"
    assert kinds["finetune"] == "kept"


def test_a_base_that_is_gone_is_named(run: Path, trained: Path, tmp_path: Path) -> None:
    gone = [f"student.model={tmp_path / 'nowhere'}"]
    with pytest.raises(ModelError, match="nowhere"):
        pipeline.reexamine(pipeline.reopen_run(run, passing=gone))
    assert report_of(run)["verdict"], "the old report is still there"


def test_bad_exams_are_refused_before_anything_runs(run: Path, tmp_path: Path) -> None:
    exam = tmp_path / "exam.jsonl"
    for text, said in (
        (QUESTIONS.replace('"2"', '"1"').encode(), "the id '1' is there already"),
        (QUESTIONS.replace('["120"]', "[]").encode(), "no answers"),
        (QUESTIONS.encode("utf-16"), "no UTF-8"),
        (QUESTIONS.encode("latin-1"), "no UTF-8"),
        (b"", "holds no question"),
    ):
        exam.write_bytes(text)
        with pytest.raises(DatasetError, match=said):
            pipeline.reopen_run(run, passing=[f"evaluate.exam={json.dumps(str(exam))}"])


def test_a_report_of_another_version_is_no_riddle(run: Path) -> None:
    old = report_of(run)
    state = yaml.safe_load((run / "run.yaml").read_text("utf-8"))
    del old["choice"]
    (run / "6-report.json").write_text(json.dumps(old), "utf-8")
    (run / "run.yaml").write_text(yaml.safe_dump(state), "utf-8")
    result = academy("query", "hafen", "Wann öffnet das Tor?", "--set", f"runs={run.parent}")
    assert result.exit_code == 1
    assert "another version of Academy wrote it" in told(result)
    assert "academy train --name hafen --from evaluate" in told(result)
    pipeline.train(pipeline.reopen_run(run), start="evaluate")
    assert report_of(run)["choice"]["mode"] == "retrieval", "the hint helps"


def test_unknown_candidates_are_refused(run: Path) -> None:
    result = academy("evaluate", "hafen", "--set", f"runs={run.parent}", "--set", 'evaluate.candidates=["nobody"]')
    assert result.exit_code == 2
    assert "there is no candidate 'nobody'" in told(result)
