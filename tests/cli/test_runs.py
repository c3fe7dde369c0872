"""Looking at runs and getting rid of them: compare, show, list, delete, and the chat's own commands."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from academy.cli.chat import chat
from academy.records import Answer, Source
from tests.cli.test_cli import academy, told
from tests.evaluation.test_evaluate import FOUR, examine, sitter
from tests.finished import finished_run


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    finished_run(tmp_path / "runs" / "alt", examine(FOUR, facts={"run": "alt"}))
    finished_run(tmp_path / "runs" / "neu", examine({**FOUR, "specialist": sitter(40)}), seed=7)
    return tmp_path / "runs"


def test_compare_on_the_terminal_as_json_and_as_a_page(runs: Path, tmp_path: Path) -> None:
    shown = academy("compare", "alt", "neu", "--page", "c.html")
    assert shown.exit_code == 0, told(shown)
    assert "seed" in told(shown)
    assert "better" in told(shown)
    assert "Runs side by side" in (tmp_path / "c.html").read_text("utf-8")
    found = json.loads(academy("compare", "alt", "neu", "--json").stdout)
    assert found["names"] == ["alt", "neu"]
    assert found["settings"] == [["seed", "0", "7"]]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("alt",), 2, "two or more"),
        (("alt", "alt"), 2, "two or more"),
        (("alt", "nue"), 1, "Did you mean 'neu'?"),
        (("alt", "neu", "--page", "c.pdf"), 2, "neither .html nor .md"),
    ],
)
def test_mistakes_in_comparing_are_named(runs: Path, words: tuple[str, ...], code: int, said: str) -> None:
    result = academy("compare", *words)
    assert result.exit_code == code
    assert said in told(result)


def test_a_run_is_deleted_only_when_its_name_is_typed(runs: Path) -> None:
    assert "academy delete NAME" in told(academy("list"))
    for typed in ("", "nein\n", "al\n"):
        kept = academy("delete", "alt", stdin=typed)
        assert kept.exit_code == 2
        assert "Nothing was deleted" in told(kept)
        assert (runs / "alt" / "run.yaml").is_file()
    gone = academy("delete", "alt", stdin="alt\n")
    assert gone.exit_code == 0, told(gone)
    assert "4 files" in told(gone)
    assert not (runs / "alt").exists()
    found = json.loads(academy("delete", "neu", "--yes", "--json").stdout)
    assert (found["run"], found["files"]) == ("neu", 4)
    assert academy("delete", "neu", "--yes").exit_code == 1


def test_a_run_at_work_and_a_link_are_not_deleted(runs: Path, tmp_path: Path) -> None:
    from filelock import FileLock

    with FileLock(runs / "alt" / ".lock"):
        busy = academy("delete", "alt", "--yes")
    assert "another Academy process" in told(busy)
    (tmp_path / "elsewhere").mkdir()
    (runs / "neu").rename(tmp_path / "elsewhere" / "neu")
    (runs / "neu").symlink_to(tmp_path / "elsewhere" / "neu")
    linked = academy("delete", "neu", "--yes")
    assert "is a link" in told(linked)
    assert (tmp_path / "elsewhere" / "neu" / "run.yaml").is_file()


def test_reasons_quality_and_coverage_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docs").mkdir()
    text = "# Hafen\n\n## Bau\n\nDer Leuchtturm wurde im Jahr 1887 gebaut.\n\n## Verkehr\n\nDie Fähre fährt.\n"
    (tmp_path / "docs" / "a.md").write_text(text)
    (tmp_path / "docs" / "leer.md").write_text("")
    monkeypatch.setenv("ACADEMY_LANGUAGE", "de")
    academy("train", "docs", "--name", "hafen", "--until", "distil")
    shown = told(academy("show", "hafen"))
    assert "leere Dateien" in shown
    assert "leere Dateien" in told(academy("show", "hafen", "rejected"))
    lessons = told(academy("show", "hafen", "lessons"))
    assert "Woraus die Lektionen bestehen" in lessons
    assert "Gelehrte Fakten" in lessons
    assert "nichts gelehrt aus" in lessons
    assert "Zeichen" in told(academy("show", "hafen", "documents"))


ANSWER = Answer(
    question="?",
    answer="1887",
    confidence=0.5,
    sources=(Source(document="a.md", page=3, headings=("Hafen", "Bau"), quote="Gebaut 1887."),),
    mode_used="retrieval",
)


class Stopped:
    """A stream that the user stops once, and lets finish the next time."""

    times = 0
    answer = ANSWER

    def __iter__(self) -> Iterator[str]:
        Stopped.times += 1
        if Stopped.times == 1:
            raise KeyboardInterrupt
        yield "1887"


class Oracle:
    """What the chat needs of an expert."""

    def stream(self, question: str, mode: object) -> Stopped:
        return Stopped()


@pytest.mark.parametrize(("language", "said"), [("en", "Way of answering"), ("de", "Art zu antworten")])
def test_the_chat_helps_shows_sources_and_survives_ctrl_c(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], language: str, said: str
) -> None:
    monkeypatch.setenv("ACADEMY_LANGUAGE", language)
    monkeypatch.setattr(Stopped, "times", 0)
    typed = iter(
        ["/help", "/sources", "/nichts", None, "Wann?", "Wann?", "/sources", "/mode retrieval", "/mode x", "/quit"]
    )

    def typing(_prompt: str) -> str:
        line = next(typed)
        if line is None:
            raise KeyboardInterrupt
        return line

    monkeypatch.setattr("builtins.input", typing)
    chat(Oracle(), None)  # type: ignore[arg-type]  # as much of an expert as the chat needs
    shown, noted = capsys.readouterr()
    assert "/mode NAME" in shown
    assert "Hafen > Bau" in shown
    assert said in noted
    assert "/nichts" in noted
    assert Stopped.times == 2
    assert next(typed, "end") == "end"
