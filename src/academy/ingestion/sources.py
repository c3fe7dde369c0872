"""From what the user names to a list of files."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from academy.errors import SourceError
from academy.messages import _

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file that the user named, directly or through its folder.

    Attributes:
        name: relative to the folder that the user gave, with forward slashes; the file's name when it was given itself.
        fingerprint: hash of name and bytes.
        outside: it is a link that leads out of the folder; it is refused by name and never opened.
    """

    name: str
    path: Path
    fingerprint: str
    outside: bool = False


def find_sources(paths: Sequence[Path]) -> list[SourceFile]:
    """List the files behind ``paths``: files as they are, folders walked in sorted order.

    Hidden files and Academy's own runs are passed over. The same file is listed once; two different files of the same
    name get different names. A link that leaves its folder is listed, but marked, so that its refusal is told.

    Raises:
        SourceError: a path does not exist, or there is no file at all.
    """
    found: dict[Path, str] = {}
    outside: list[SourceFile] = []
    for path in paths:
        for name, file, inside in _files(Path(path)):
            if inside:
                found.setdefault(file.resolve(), name)
            else:
                outside.append(SourceFile(_readable(name), file, f"outside: {_readable(name)}", outside=True))
    if not found and not outside:
        named = ", ".join(str(path) for path in paths)
        raise SourceError(
            _("There is no file in {named}.").format(named=named or "."), _("academy train FILE_OR_FOLDER")
        )
    return [*(SourceFile(_readable(name), path, _fingerprint(name, path)) for path, name in _unique(found)), *outside]


def _readable(name: str) -> str:
    """A name that records can hold; bytes that are no UTF-8, as old archives leave them, become question marks."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _files(path: Path) -> Iterator[tuple[str, Path, bool]]:
    """Name, path, and whether the file lies in the folder that the user named."""
    if path.is_file():
        yield path.name, path, True
        return
    if not path.is_dir():
        raise _missing(path)
    inside = path.resolve()
    before = True
    for file in _walk(path):
        before = False
        within = file.resolve().is_relative_to(inside)
        if not (within and file.is_dir()):  # a link to a folder that is walked anyway
            yield file.relative_to(path).as_posix(), file, within
    if before:
        raise SourceError(
            _("The folder {path} holds no files.").format(path=path),
            _("Put documents into it, or name another folder."),
        )


def _walk(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not _is_run(Path(root, name)))
        linked = [name for name in folders if Path(root, name).is_symlink()]  # os.walk does not follow them
        for name in sorted([*files, *linked]):
            file = Path(root, name)
            if not name.startswith(".") and (file.is_file() or file.is_symlink()):
                yield file


def _is_run(folder: Path) -> bool:
    """Academy's own runs below the sources, as after ``academy train .``, are no documents."""
    return (folder / "run.yaml").is_file()


def _missing(path: Path) -> SourceError:
    # config.nearest matches case-sensitively; file names are better compared without case.
    import difflib

    parent = path.parent
    known = (
        sorted(entry.name for entry in parent.iterdir() if not entry.name.startswith(".")) if parent.is_dir() else []
    )
    lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches(path.name.lower(), list(lower), n=1, cutoff=0.5)
    hint = _("Did you mean '{word}'?").format(word=parent / lower[close[0]]) if close else _("Check the path.")
    return SourceError(_("There is no file or folder {path}.").format(path=path), hint)


def _unique(found: dict[Path, str]) -> Iterator[tuple[Path, str]]:
    """Keep the first file of each name; later ones get their folder in front, then a number."""
    taken: set[str] = set()
    for path, name in found.items():
        candidates = [name, f"{path.parent.name}/{name}"]
        free = next((candidate for candidate in candidates if candidate not in taken), "")
        number = 2
        while not free:
            numbered = f"{name}~{number}"
            free, number = ("" if numbered in taken else numbered), number + 1
        taken.add(free)
        yield path, free


def _fingerprint(name: str, path: Path) -> str:
    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape") + b"\0")
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        # Reading it is refused and reported by ``ingest``; one such file must not stop the others.
        return f"unreadable: {error.strerror}"
    return digest.hexdigest()[:32]
