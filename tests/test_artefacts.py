"""Products on disk: whole or not at all."""

import errno
import json
from pathlib import Path

import pytest

from academy.artefacts import (
    ItemIndex,
    Journal,
    assemble,
    damaged,
    fingerprints,
    mend_last_line,
    replacing_files,
    replacing_folder,
    write_text,
)
from academy.errors import RunError


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")

    def full(_file: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("academy.artefacts.sync", full)
    with pytest.raises(RunError, match="disk is full"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    place = tmp_path / "data"
    with replacing_folder(place) as folder:
        (folder / "x").write_text("old")
    with pytest.raises(KeyError), replacing_folder(place) as folder:  # noqa: PT012 - the block must break off
        (folder / "x").write_text("new")
        raise KeyError
    assert (place / "x").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["data"]
    with replacing_files(tmp_path / "6-report.*") as folder:
        (folder / "6-report.md").write_text("report")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["6-report.md", "data"]


def test_a_journal_refused_by_a_full_disk_closes_in_silence(tmp_path: Path) -> None:
    class Full:
        def seek(self, *_: int) -> int:
            return 0

        def write(self, _data: bytes) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self) -> None:
            return

    journal = Journal(tmp_path / "j")
    journal._file.close()
    journal._file = Full()  # type: ignore[assignment]
    with pytest.raises(RunError, match="disk is full"):
        journal.add("k", ["{}"], [])
    journal.close()
    assert "k" not in journal


def test_a_damaged_index_reuses_nothing(tmp_path: Path) -> None:
    artefact, index = tmp_path / "a.jsonl", tmp_path / "a.items"
    assemble(artefact, index, ["k"], lambda key: (['{"x": "\u2028"}'], []))
    assert ItemIndex(index, artefact).get("k") == (['{"x": "\u2028"}'], [])
    index.write_bytes(index.read_bytes()[:-20])
    assert "k" not in ItemIndex(index, artefact)


def test_a_line_left_open_is_ended(tmp_path: Path) -> None:
    log = tmp_path / "events.jsonl"
    log.write_text('{"a": 1}\n{"b": ')
    mend_last_line(log)
    with log.open("a") as file:
        file.write('{"c": 3}\n')
    assert json.loads(log.read_text().split("\n")[2]) == {"c": 3}


def test_damage_is_found_by_content(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "x").write_text("1")
    known = fingerprints(tmp_path, "d")
    assert damaged(tmp_path, known) == []
    (tmp_path / "d" / "x").write_text("2")
    assert damaged(tmp_path, known) == ["d/x"]


def test_the_reports_of_a_users_exams_and_what_a_kill_left_are_no_part_of_the_runs_own(tmp_path: Path) -> None:
    for name in ("6-report.json", "6-report.html", "6-report.my-exam.json"):
        (tmp_path / name).write_text(name)
    (tmp_path / "6-report.old").mkdir()
    (tmp_path / "6-report.old" / "6-report.json").write_text("old")
    assert list(fingerprints(tmp_path, "6-report.*")) == ["6-report.html", "6-report.json"]
    assert list(fingerprints(tmp_path, "6-report.my-exam.*")) == ["6-report.my-exam.json"]
