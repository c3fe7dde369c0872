"""Products on disk: written whole or not at all, and read lazily.

An artefact exists only when it is complete: it is written under another name, flushed to the disk, then renamed.
"""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from academy.errors import RunError
from academy.messages import _
from academy.records import AnyRecord, Record
from academy.reports import Report

R = TypeVar("R", bound=Record)
RECORDS: TypeAdapter[Any] = TypeAdapter(AnyRecord)
PART = ".part"
_BIG = 256 << 20
"""Files above this size are checked by size alone: hashing 15 GB of weights before every command helps nobody."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class Records(Generic[R]):
    """A finished JSON-lines artefact. Iterating reads it again from disk, so memory stays flat.

    Attributes:
        fingerprint: hash of the bytes; equal fingerprints mean equal records.
        count: number of records.
    """

    path: Path
    fingerprint: str
    count: int

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[R]:
        return read_records(self.path)


def read_records(path: Path) -> Iterator[Any]:
    """Read one record a line.

    Raises:
        RunError: a line is damaged or was edited by hand; the message names file and line.
    """
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                yield RECORDS.validate_json(line)
            except ValidationError as error:
                raise RunError(
                    _("{file}, line {line} is damaged: {problem}").format(
                        file=path, line=number, problem=error.errors()[0]["msg"]
                    ),
                    _("Make it again: repeat the command with --from and the stage's name."),
                ) from None


def read_report(path: Path) -> Report:
    """Read a report.

    Raises:
        RunError: it is damaged, or another version of Academy wrote it.
    """
    try:
        return Report.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        again = (
            _("Make it again: academy train --name {name} --from {stage}").format(
                name=path.parent.name, stage="evaluate"
            )
            if path.stem == "6-report"
            else _("Delete the file and examine again: academy evaluate {name} --exam FILE").format(
                name=path.parent.name
            )
        )
        raise RunError(
            _("{file} cannot be read: it is damaged, or another version of Academy wrote it.").format(file=path), again
        ) from None


@contextmanager
def disk_full_is_named(path: Path) -> Iterator[None]:
    """Turn "no space left" into an error that says what to do; nothing finished is lost by it."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise RunError(
            _("The disk is full: {path} could not be written.").format(path=path),
            _("Free some space and repeat the same command; everything finished is kept."),
        ) from error


def write_lines(path: Path, lines: Iterable[bytes]) -> tuple[str, int]:
    """Write lines atomically; give the file's fingerprint and the number of lines."""
    digest, count = hashlib.sha256(), 0
    with disk_full_is_named(path), replacing(path) as part, part.open("wb") as file:
        for line in lines:
            file.write(line + b"\n")
            digest.update(line + b"\n")
            count += 1
        sync(file)
    return digest.hexdigest(), count


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically."""
    with disk_full_is_named(path), replacing(path) as part, part.open("wb") as file:
        file.write(text.encode("utf-8"))
        sync(file)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A place to write to; it takes the name ``path`` when the block ends well, and vanishes when it does not."""
    part = path.with_name(path.name + PART)
    try:
        yield part
        os.replace(part, path)
        sync_folder(path.parent)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """The same for a folder: an empty one to fill, which then replaces ``path`` whole."""
    part, old = path.with_name(path.name + PART), path.with_name(path.name + ".old")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        with disk_full_is_named(path):
            yield part
            for file in sorted(part.rglob("*")):
                if file.is_file():
                    with file.open("rb+") as handle:
                        sync(handle)
        if path.exists():
            shutil.rmtree(old, ignore_errors=True)
            os.replace(path, old)
        os.replace(part, path)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    sync_folder(path.parent)


@contextmanager
def replacing_files(pattern: Path) -> Iterator[Path]:
    """The same for a few files of one stem ("6-report.*"): each replaces its namesake beside the folder."""
    stem = pattern.with_name(pattern.name.removesuffix(".*"))
    with replacing_folder(stem) as folder:
        yield folder
    for file in sorted(stem.iterdir()):
        # "6-report.json" takes the stem's own name, which has a label where it is an extra product.
        os.replace(file, stem.parent / f"{stem.name}.{file.name.partition('.')[2]}")
    stem.rmdir()


def sync(file: Any) -> None:
    """Force written bytes onto the disk."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Force a rename onto the disk; Windows does so by itself and cannot open folders."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def file_fingerprint(path: Path) -> str:
    """SHA-256 of a file; of its size alone above 256 MiB."""
    size = path.stat().st_size
    if size > _BIG:
        return f"size:{size}"
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprints(folder: Path, artefact: str) -> dict[str, str]:
    """File name -> fingerprint for an artefact: a file, a folder, or all files of a stem ("6-report.*")."""
    # Extra products have one more dot: "6-report.my-exam.json" is no part of "6-report.*". Nor is a folder, which is
    # what a kill left of ``replacing_files``.
    stem, dots = artefact.endswith(".*"), Path(artefact).name.count(".")
    places = [place for place in folder.glob(artefact) if place.name.count(".") == dots]
    places = [place for place in places if not (stem and place.is_dir())]
    files = [path for place in places for path in (place.rglob("*") if place.is_dir() else [place])]
    return {path.relative_to(folder).as_posix(): file_fingerprint(path) for path in sorted(files) if path.is_file()}


def damaged(folder: Path, files: Mapping[str, str]) -> list[str]:
    """The files that are missing or no longer have the fingerprint that they were written with."""
    return [
        name
        for name, expected in files.items()
        if not (folder / name).is_file() or file_fingerprint(folder / name) != expected
    ]


def mend_last_line(path: Path) -> None:
    """End a line that a power cut left open, so that what is appended next starts on its own."""
    if path.is_file() and path.stat().st_size and not path.read_bytes().endswith(b"\n"):
        with path.open("ab") as file:
            file.write(b"\n")


class Journal:
    """Finished items of an unfinished stage, one JSON line each, so that a killed stage continues where it was.

    A line that was cut off by the kill is dropped when the journal is opened again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.places: dict[str, int] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        # Unbuffered: what a full disk refused must not be tried again, without a name, when the file is closed.
        self._file = path.open("ab", buffering=0)
        self._reader = path.open("rb")
        self._recover()

    def _recover(self) -> None:
        end = 0
        for line in self._reader:
            if not line.endswith(b"\n"):
                break
            self.places[json.loads(line)["key"]] = end
            end += len(line)
        self._file.truncate(end)

    def __contains__(self, key: str) -> bool:
        return key in self.places

    def add(self, key: str, records: list[str], rejections: list[str]) -> None:
        """Keep one finished item; it survives a kill from here on."""
        row = json.dumps({"key": key, "records": records, "rejections": rejections}, ensure_ascii=False)
        with disk_full_is_named(self.path):
            place = self._file.seek(0, os.SEEK_END)
            data = memoryview(row.encode("utf-8") + b"\n")
            while data:
                data = data[self._file.write(data) :]
        self.places[key] = place

    def get(self, key: str) -> tuple[list[str], list[str]]:
        """The records and rejections of a finished item, as JSON lines."""
        self._reader.seek(self.places[key])
        row = json.loads(self._reader.readline())
        return row["records"], row["rejections"]

    def close(self) -> None:
        """Release the file."""
        self._file.close()
        self._reader.close()

    def remove(self) -> None:
        """Forget everything: the stage is complete."""
        self.close()
        self.path.unlink(missing_ok=True)


class ItemIndex:
    """Which lines of a finished artefact belong to which item, so that an unchanged item is copied and not redone."""

    def __init__(self, path: Path, artefact: Path) -> None:
        self.artefact = artefact
        self.rows: dict[str, dict[str, Any]] = {}
        if path.is_file() and artefact.is_file():
            # A damaged index, or an old one beside a new artefact (a kill between two renames): nothing is reused.
            with suppress(ValueError, KeyError, TypeError):
                head, *rows = path.read_bytes().rstrip(b"\n").split(b"\n")
                if json.loads(head)["artefact"] == file_fingerprint(artefact):
                    self.rows = {row["key"]: row for row in map(json.loads, rows)}

    def __contains__(self, key: str) -> bool:
        return key in self.rows

    def get(self, key: str) -> tuple[list[str], list[str]]:
        """The records and rejections of an item, as JSON lines."""
        row = self.rows[key]
        with self.artefact.open("rb") as file:
            file.seek(row["start"])
            data = file.read(row["length"])
        # Not splitlines(): texts may hold U+2028, which is a line end to Python and not to JSON.
        return data.decode("utf-8").split("\n")[:-1], row["rejections"]


def assemble(
    artefact: Path, index: Path, keys: Iterable[str], find: Callable[[str], tuple[list[str], list[str]]]
) -> tuple[str, int, int]:
    """Write an artefact and its index from finished items, in order.

    Returns:
        fingerprint, number of records, number of rejections.
    """
    rows: list[bytes] = []
    rejected = 0

    def lines() -> Iterator[bytes]:
        nonlocal rejected
        start = 0
        for key in keys:
            records, rejections = find(key)
            encoded = [record.encode("utf-8") for record in records]
            length = sum(len(line) + 1 for line in encoded)
            row = {"key": key, "start": start, "length": length, "rejections": rejections}
            rows.append(json.dumps(row, ensure_ascii=False).encode("utf-8"))
            start += length
            rejected += len(rejections)
            yield from encoded

    fingerprint, count = write_lines(artefact, lines())
    write_lines(index, [json.dumps({"artefact": fingerprint}).encode(), *rows])
    return fingerprint, count, rejected


def item_rejections(index: Path) -> list[str]:
    """The rejections that an item index keeps, as JSON lines."""
    if not index.is_file():
        return []
    rows = index.read_bytes().rstrip(b"\n").split(b"\n")[1:]
    return [line for row in rows for line in json.loads(row)["rejections"]]
