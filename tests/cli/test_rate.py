"""academy rate as a person uses it: keys, undo, quitting and going on, pages for others, two runs."""

import json
import re
from pathlib import Path

import pytest

from academy.records import Question
from tests.cli.test_cli import academy, told
from tests.evaluation.test_evaluate import FOUR, exam, examine, sitter
from tests.finished import finished_run


@pytest.fixture
def run(tmp_path: Path) -> Path:
    report = examine(FOUR, exam(6, 1), facts={"run": "skript", "seed": 0})
    return finished_run(tmp_path / "runs" / "skript", report)


def lines(run: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (run / "ratings.jsonl").read_text("utf-8").splitlines()]


def test_rating_undo_skip_quit_and_going_on(run: Path) -> None:
    words = ("rate", "skript", "--rater", "anna", "--candidates", "base,specialist")
    first = academy(*words, stdin="u\n?\n9 9 9\n5 4 3\nu\n111\ns\nq\n")
    assert first.exit_code == 0, told(first)
    assert "nothing to take back" in told(first)
    assert "Kept." in told(first)
    assert [(row["values"], row["undone"]) for row in lines(run)] == [
        ({"correctness": 5, "relevance": 4, "helpfulness": 3}, False),
        ({}, True),
        ({"correctness": 1, "relevance": 1, "helpfulness": 1}, False),
        ({}, False),
    ]
    again = academy(*words, stdin="")
    assert "2 are rated already" in told(again)
    rest = academy(*words, stdin="333\n" * 20)
    assert "What people think" in told(rest)
    assert "all of it already" in told(academy(*words))
    report = json.loads((run / "6-report.json").read_text("utf-8"))
    assert report["ratings"]["raters"] == 1
    assert "One rater" in (run / "6-report.html").read_text("utf-8")
    assert "What people think" in told(academy("show", "skript"))


def test_the_run_stays_whole(run: Path) -> None:
    from academy.artefacts import damaged
    from academy.runs import read_state

    academy("rate", "--rater", "a", "-n", "2", stdin="123\n" * 9)
    assert damaged(run, read_state(run)["stages"]["evaluate"]["files"]) == []
    before = (run / "6-report.html").read_bytes()
    academy("rate", "--rater", "a", "-n", "2")
    assert (run / "6-report.html").read_bytes() == before


def test_preference_and_json(run: Path) -> None:
    result = academy("rate", "--prefer", "base,specialist", "--rater", "a", stdin="x\na\nb\n=\n")
    assert "Which answer is better?" in told(result)
    found = json.loads(academy("rate", "--json").stdout)
    assert sum(found["preferences"][0][key] for key in ("won", "even", "lost")) == 3


def test_a_page_for_others_and_its_result(run: Path, tmp_path: Path) -> None:
    assert academy("rate", "--page", "rate.html", "-n", "3").exit_code == 0
    html = (tmp_path / "rate.html").read_text("utf-8")
    data = json.loads(re.findall(r'id="data">(.*?)</script>', html, re.DOTALL)[0])
    rows = [{"rater": "ben", "item": r["id"], "question": r["question"], "answers": r["answers"],
             "values": {"correctness": 4, "relevance": 4, "helpfulness": 4}} for r in data["items"]]  # fmt: skip
    (tmp_path / "ben.json").write_text(json.dumps({**data, "ratings": rows}))
    taken = academy("rate", "--import", "ben.json")
    assert f"{len(rows)} new ratings" in told(taken)
    assert "0 new ratings" in told(academy("rate", "--import", "ben.json"))
    assert len(lines(run)) == len(rows)


def test_two_runs_against_each_other(run: Path, tmp_path: Path) -> None:
    other = examine({"base": sitter(1), "specialist": sitter(0)}, exam(6, 1), facts={"run": "neu"})
    finished_run(tmp_path / "runs" / "neu", other)
    result = academy("rate", "skript", "--against", "neu", "--rater", "a", stdin="a\n" * 9)
    assert result.exit_code == 0, told(result)
    assert "neu/Specialist, from memory" in told(result)
    elsewhere = (Question(question="Was kostet die Fähre?", answers=("Nichts",)),)
    finished_run(tmp_path / "runs" / "fremd", examine({"base": lambda qs: sitter(1)(["Nummer 3"])}, elsewhere))
    refused = academy("rate", "skript", "--against", "fremd")
    assert refused.exit_code == 2
    assert "not asked the same questions" in told(refused)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--candidates", "bse"), "Did you mean 'base'?"),
        (("--prefer", "base"), "needs two candidates"),
        (("--import", "absent.json"), "absent.json"),
    ],
)
def test_mistakes_are_named(run: Path, words: tuple[str, ...], said: str) -> None:
    result = academy("rate", *words)
    assert result.exit_code == 2
    assert said in told(result)


def test_a_run_without_a_report(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n\nDas Tor wurde im Jahr 1887 gebaut.\n")
    academy("train", "a.md", "--until", "chunk")
    result = academy("rate", "a")
    assert result.exit_code == 1
    assert "academy train --name a" in told(result)
    assert academy("show", "a").exit_code == 0


def test_a_damaged_report_is_named(run: Path) -> None:
    (run / "6-report.json").write_text("{}")
    result = academy("rate")
    assert result.exit_code == 1
    assert "--from evaluate" in told(result)


@pytest.mark.parametrize("name", ["x" * 101, "   "])
def test_a_rater_without_a_usable_name_is_told_so(run: Path, name: str) -> None:
    found = academy("rate", "skript", "--rater", name, stdin="111\n")
    assert found.exit_code == 2, told(found)
    assert "--rater NAME" in told(found)
    assert not (run / "ratings.jsonl").exists()


def test_a_login_without_a_name_is_told_so(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert "--rater NAME" in told(academy("rate", "skript", stdin="111\n"))
