"""The command line as a user types it: exit codes, messages with the next command, JSON."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from academy.cli.app import app


def academy(*words: str, stdin: str | None = None) -> Result:
    """Run a command line."""
    return CliRunner().invoke(app, list(words), input=stdin)


def told(result: Result) -> str:
    """Everything printed, without line wrapping."""
    return " ".join((result.stdout + result.stderr).split())


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "notes.md"
    path.write_text("# Harbour\n\nThe lighthouse was built in 1887. The ferry carries 120 passengers.\n")
    return path


def test_help_lists_the_verbs() -> None:
    result = academy("--help")
    assert result.exit_code == 0
    for verb in ("train", "query", "list", "show", "check", "config", "evaluate", "init"):
        assert verb in result.stdout


def test_an_unknown_verb_is_a_usage_error() -> None:
    assert academy("trian").exit_code == 2


def test_a_missing_source_says_so_with_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "handbook.md").write_text("x" * 50)
    result = academy("train", "handbok.md", "--until", "ingest")
    assert result.exit_code == 1
    assert "handbok.md" in told(result)
    assert "handbook.md" in told(result), "the nearest file is named"
    assert not (tmp_path / "runs").exists(), "a mistake in the command leaves no run behind"


def test_train_without_sources_names_the_next_command() -> None:
    result = academy("train")
    assert result.exit_code == 1
    assert "academy train DOCUMENT.pdf" in told(result)


def test_an_unknown_setting_has_exit_code_2_and_a_guess(notes: Path) -> None:
    result = academy("train", str(notes), "--set", "finetune.epoch=3")
    assert result.exit_code == 2
    assert "Did you mean 'finetune.epochs'?" in told(result)


def test_a_run_name_that_exists(notes: Path) -> None:
    assert academy("train", str(notes), "--name", "n", "--until", "ingest").exit_code == 0
    other = notes.with_name("other.md")
    other.write_text(notes.read_text() + "The gate opens at six.\n")
    result = academy("train", str(other), "--name", "n", "--until", "ingest")
    assert result.exit_code == 1
    assert "--update" in told(result)
    assert academy("train", str(other), "--name", "n", "--until", "ingest", "--update").exit_code == 0


def test_an_unknown_stage_is_a_usage_error(notes: Path) -> None:
    result = academy("train", str(notes), "--until", "chunks")
    assert result.exit_code == 2
    assert "chunk" in told(result)


def test_an_empty_file_is_named_and_the_others_go_on(notes: Path) -> None:
    notes.with_name("empty.md").write_text("")
    result = academy("train", str(notes.parent), "--until", "ingest", "--name", "all")
    assert result.exit_code == 0
    assert "1 left out" in told(result)
    shown = told(academy("show", "all", "rejected"))
    assert "empty.md" in shown
    only = academy("train", str(notes.with_name("empty.md")), "--until", "ingest")
    assert only.exit_code == 1
    assert "empty.md" in told(only)


def test_a_dry_run_changes_nothing(notes: Path, tmp_path: Path) -> None:
    result = academy("train", str(notes), "--dry-run")
    assert result.exit_code == 0
    assert told(result).count("would run") == 6
    assert not (tmp_path / "runs").exists()
    academy("train", str(notes), "--until", "chunk")
    planned = told(academy("train", str(notes), "--dry-run", "--from", "chunk"))
    assert (planned.count("unchanged"), planned.count("would run")) == (1, 5)


def test_list_and_show(notes: Path) -> None:
    assert "No runs yet" in told(academy("list"))
    academy("train", str(notes), "--until", "chunk")
    rows: list[dict[str, Any]] = json.loads(academy("list", "--json").stdout)
    assert [(row["name"], row["stage"]) for row in rows] == [("notes", "chunk")]
    assert "chunk" in told(academy("show"))
    chunks = json.loads(academy("show", "notes", "chunks", "--json").stdout)
    assert "1887" in chunks[0]["text"]
    assert "1887" in told(academy("show", "chunks"))
    late = academy("show", "notes", "report")
    assert late.exit_code == 1
    assert "academy train --name notes" in told(late)
    wrong = academy("show", "notes", "chunkz")
    assert wrong.exit_code == 2
    assert "Did you mean 'chunk'?" in told(wrong)


def test_a_broken_run_is_listed_and_named(notes: Path, tmp_path: Path) -> None:
    academy("train", str(notes), "--until", "ingest")
    (tmp_path / "runs" / "notes" / "run.yaml").write_text("]")
    assert "is broken" in told(academy("list"))
    result = academy("show", "notes")
    assert result.exit_code == 1
    assert "Delete the folder" in told(result)


def test_query_without_a_run(tmp_path: Path) -> None:
    result = academy("query", "What is it?")
    assert result.exit_code == 1
    assert "academy train" in told(result)


def test_query_with_an_unknown_mode(notes: Path) -> None:
    academy("train", str(notes), "--until", "ingest")
    result = academy("query", "What is it?", "--mode", "evidense")
    assert result.exit_code == 2
    assert "Did you mean 'evidence'?" in told(result)


def test_check_names_a_missing_model(tmp_path: Path) -> None:
    assert academy("check").exit_code == 0
    result = academy("check", "--set", "student.model=./nothing")
    assert result.exit_code == 1
    assert "There is no model folder" in told(result)
    rows = json.loads(academy("check", "--json").stdout)
    assert all(row["fine"] for row in rows)


def test_config_verbs(tmp_path: Path) -> None:
    assert "max_tokens: 256" in academy("config", "show").stdout
    assert json.loads(academy("config", "schema").stdout)["title"] == "AcademyConfig"
    rows = json.loads(academy("config", "explain", "--json", "--set", "seed=4").stdout)
    assert {"key": "seed", "value": 4, "origin": "--set"}.items() <= next(r for r in rows if r["key"] == "seed").items()


def test_init_never_overwrites(tmp_path: Path) -> None:
    assert academy("init").exit_code == 0
    assert "max_tokens" in (tmp_path / "academy.yaml").read_text()
    result = academy("init")
    assert result.exit_code == 2
    assert "exists already" in told(result)


def test_ctrl_c_has_exit_code_130(notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from academy import pipeline

    def interrupted(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "find_sources", interrupted)
    result = academy("train", str(notes))
    assert result.exit_code == 130
    assert "the same command continues" in told(result)


def test_a_runs_folder_that_cannot_be_made_is_named(notes: Path) -> None:
    result = academy("train", str(notes), "--until", "ingest", "--set", f"runs={notes}")
    assert result.exit_code == 1
    assert "notes.md" in told(result)
    assert "Traceback" not in told(result)


def test_an_end_before_the_start_is_a_usage_error(notes: Path) -> None:
    result = academy("train", str(notes), "--from", "build", "--until", "chunk")
    assert result.exit_code == 2
    assert "comes after" in told(result)


def test_check_reads_the_sources_and_names_those_that_cannot_be_read(notes: Path) -> None:
    notes.with_name("brief.docx").write_bytes(b"PK\x03\x04 something")
    result = academy("check", str(notes), str(notes.with_name("brief.docx")))
    assert result.exit_code == 1
    assert "1 document can be read" in told(result)
    assert "brief.docx" in told(result)
    assert "Save it as PDF" in told(result)


def test_documents_that_were_left_out_are_named(notes: Path) -> None:
    folder = notes.parent / "docs"
    folder.mkdir()
    (folder / "a.md").write_text(notes.read_text())
    (folder / "b.docx").write_bytes(b"PK\x03\x04 something")
    assert "b.docx" in told(academy("train", "docs", "--until", "ingest"))


def test_json_tells_the_stages_when_there_is_no_report(notes: Path) -> None:
    stages = json.loads(academy("train", str(notes), "--until", "chunk", "--json").stdout)["stages"]
    assert list(stages) == ["ingest", "chunk"]


def test_other_settings_get_another_run_and_say_so(notes: Path) -> None:
    academy("train", str(notes), "--until", "ingest")
    result = academy("train", str(notes), "--until", "ingest", "--set", "seed=9")
    assert "--name notes --update" in told(result)
    assert (
        academy("train", str(notes), "--name", "notes", "--update", "--until", "ingest", "--set", "seed=9").exit_code
        == 0
    )


def test_a_damaged_rejection_file_is_named(notes: Path, tmp_path: Path) -> None:
    academy("train", str(notes), "--until", "ingest")
    (tmp_path / "runs" / "notes" / "rejected.jsonl").write_text("{")
    result = academy("show", "notes")
    assert result.exit_code == 1
    assert "is damaged" in told(result)
