"""Checkpoints that a kill cannot damage: a folder counts only once its marker is written, last, by a rename."""

import json
import os
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

MARKER = "complete.json"
_NAME = "checkpoint-"
"""The Trainer names the folders so."""


def checkpoint(scratch: Path, step: int) -> Path:
    """The folder of a step's checkpoint."""
    return scratch / f"{_NAME}{step}"


def mark_complete(folder: Path, state: dict[str, Any]) -> None:
    """Declare a checkpoint complete and keep our own state with it."""
    files = {path.name: path.stat().st_size for path in sorted(folder.iterdir()) if path.is_file()}
    for name in files:
        _sync(folder / name)
    part = folder / f"{MARKER}.part"
    part.write_text(json.dumps({"files": files, "state": state}), encoding="utf-8")
    _sync(part)
    os.replace(part, folder / MARKER)


def state_of(folder: Path) -> dict[str, Any] | None:
    """Our state in a checkpoint; None when it is incomplete or damaged."""
    try:
        marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        sizes = {name: (folder / name).stat().st_size for name in marker["files"]}
    except (OSError, ValueError, KeyError):
        return None
    return dict(marker["state"]) if sizes == marker["files"] else None


def newest(scratch: Path) -> Path | None:
    """The complete checkpoint with the highest step; None when there is none."""
    complete = [folder for folder in _folders(scratch) if state_of(folder) is not None]
    return complete[-1] if complete else None


def remove_others(scratch: Path, keep: Collection[int]) -> None:
    """Delete all checkpoints but those of the given steps, the marker first, so that no half of one ever counts."""
    for folder in _folders(scratch):
        if _step(folder) not in keep:
            (folder / MARKER).unlink(missing_ok=True)
            shutil.rmtree(folder)


def _folders(scratch: Path) -> list[Path]:
    return sorted((path for path in scratch.glob(f"{_NAME}*") if path.is_dir()), key=_step)


def _step(folder: Path) -> int:
    number = folder.name.removeprefix(_NAME)
    return int(number) if number.isdigit() else -1


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
