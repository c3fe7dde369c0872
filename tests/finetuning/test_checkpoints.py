"""Only whole checkpoints count."""

from pathlib import Path

from academy.finetuning.checkpoints import MARKER, checkpoint, mark_complete, newest, remove_others, state_of


def write(scratch: Path, step: int, complete: bool = True) -> Path:
    folder = checkpoint(scratch, step)
    folder.mkdir()
    (folder / "weights").write_bytes(b"12345")
    if complete:
        mark_complete(folder, {"step": step})
    return folder


def test_the_newest_complete_one_counts(tmp_path: Path) -> None:
    assert newest(tmp_path) is None
    write(tmp_path, 2)
    ninth, tenth = write(tmp_path, 9), write(tmp_path, 10)
    write(tmp_path, 11, complete=False)
    (tmp_path / "checkpoint-x").mkdir()
    assert newest(tmp_path) == tenth
    assert state_of(tenth) == {"step": 10}
    (tenth / "weights").write_bytes(b"123")
    assert newest(tmp_path) == ninth


def test_one_flipped_bit_makes_the_one_before_count(tmp_path: Path) -> None:
    first, second = write(tmp_path, 1), write(tmp_path, 2)
    (second / "weights").write_bytes(b"12344")
    assert state_of(second) is None
    assert newest(tmp_path) == first


def test_damaged_and_missing_parts_make_it_incomplete(tmp_path: Path) -> None:
    folder = write(tmp_path, 1)
    (folder / MARKER).write_text('{"files"')
    assert state_of(folder) is None
    mark_complete(folder, {})
    (folder / "weights").unlink()
    assert state_of(folder) is None


def test_others_are_removed(tmp_path: Path) -> None:
    for step in (1, 2, 3):
        write(tmp_path, step)
    write(tmp_path, 4, complete=False)
    remove_others(tmp_path, {1, 3})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-1", "checkpoint-3"]
