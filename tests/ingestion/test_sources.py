"""Stage 1: every file ends as a document or as a rejection that says why."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from academy.config import IngestConfig
from academy.errors import SourceError
from academy.ingestion import READERS, Options, Reading, find_sources, ingest, reader_for
from academy.records import Document, Rejection, dump
from tests.ingestion.papers import lines, pdf

TEXT = "Der Kernel verwaltet den Speicher und die Geräte des Rechners."


def write(path: Path, data: str | bytes = TEXT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def read(path: Path, config: IngestConfig | None = None) -> Document | Rejection:
    [source] = find_sources([path])
    [record] = ingest(source, config or IngestConfig())
    return record


def document(path: Path) -> Document:
    record = read(path)
    assert isinstance(record, Document), record
    return record


def rejection(path: Path, config: IngestConfig | None = None) -> Rejection:
    record = read(path, config)
    assert isinstance(record, Rejection), record
    assert record.stage == "ingest"
    assert record.detail.startswith(f"{path.name}: ")
    return record


def test_folders_are_walked_in_order_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/b.md", ".hidden.txt", ".git/config.txt"):
        write(tmp_path / "docs" / name)
    assert [source.name for source in find_sources([tmp_path / "docs"])] == ["b.txt", "a/b.md", "a/z.txt"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_that_leave_the_folder_are_refused_by_name(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.txt")
    write(tmp_path / "docs" / "open.txt")
    (tmp_path / "docs" / "leak.txt").symlink_to(secret)
    (tmp_path / "docs" / "again.txt").symlink_to(tmp_path / "docs" / "open.txt")
    (tmp_path / "docs" / "up").symlink_to(tmp_path)
    (tmp_path / "docs" / "more").mkdir()
    (tmp_path / "docs" / "round").symlink_to(tmp_path / "docs" / "more")
    kept, *refused = find_sources([tmp_path / "docs"])
    assert (kept.name, kept.outside) == ("again.txt", False)
    assert [source.name for source in refused] == ["leak.txt", "up"]
    for source in refused:
        [record] = ingest(source, IngestConfig())
        assert isinstance(record, Rejection)
        assert (record.item_id, record.reason) == (source.name, "outside")


def test_files_of_one_name_get_different_names(tmp_path: Path) -> None:
    paths = [write(tmp_path / folder / "read.txt", TEXT + folder) for folder in ("one", "two", "x/two")]
    names = [source.name for source in find_sources(paths)]
    assert names == ["read.txt", "two/read.txt", "read.txt~2"]
    assert [source.name for source in find_sources([paths[0], paths[0]])] == ["read.txt"]


def test_fingerprint_depends_on_name_and_bytes(tmp_path: Path) -> None:
    first, same = (find_sources([write(tmp_path / "a.txt", TEXT)])[0] for _ in range(2))
    renamed = find_sources([write(tmp_path / "b.txt", TEXT)])[0]
    changed = find_sources([write(tmp_path / "a.txt", TEXT + "!")])[0]
    assert first == same
    assert len({first.fingerprint, renamed.fingerprint, changed.fingerprint}) == 3


def test_a_missing_path_names_the_likely_one(tmp_path: Path) -> None:
    write(tmp_path / "Handbuch.pdf")
    with pytest.raises(SourceError) as caught:
        find_sources([tmp_path / "handbuhc.pdf"])
    assert "handbuhc.pdf" in caught.value.message
    assert "Handbuch.pdf" in caught.value.hint


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "leer").mkdir()
    with pytest.raises(SourceError, match="leer"):
        find_sources([tmp_path / "leer"])


def test_document_carries_title_language_and_source(tmp_path: Path) -> None:
    record = document(write(tmp_path / "kernel.txt"))
    assert (record.source, record.title, record.language, record.text) == ("kernel.txt", "kernel", "de", TEXT)


def test_pdf_offsets_point_at_the_pages(tmp_path: Path) -> None:
    record = document(write(tmp_path / "zwei.pdf", pdf(lines(TEXT, top=700), [], lines("Die dritte Seite.", top=700))))
    assert len(record.pages) == 3
    assert record.pages[0] == 0
    assert record.text[record.pages[2] :].startswith("Die dritte Seite.")
    assert record.pages[1] == record.pages[2]
    assert record.metadata["pages_without_text"] == 1


@pytest.mark.parametrize(
    ("name", "data", "reason", "words"),
    [
        ("leer.txt", b"", "empty", "empty"),
        ("leer.md", b" \n\n ", "empty", "empty"),
        ("kurz.txt", b"Hallo", "too_short", "ingest.min_characters"),
        ("bild.xyz", b"irgendwas", "unknown_format", ".pdf"),
        ("falsch.txt", b"%PDF-1.7 ...", "wrong_ending", "PDF"),
        ("falsch.pdf", b"PK\x03\x04.......", "wrong_ending", "ZIP"),
        ("kaputt.pdf", b"%PDF-1.7 kaputt", "damaged", "damaged"),
        ("kein.pdf", b"nur ein Text, kein PDF", "damaged", "damaged"),
        ("daten.txt", bytes(range(1, 256)) * 20, "encoding", "UTF-8"),
        ("mark.txt", b"\xff\xfe" + "Gerät".encode("utf-16-le") + b"\xff", "encoding", "UTF-16"),
        ("nur.html", b"<script>var text = 'nichts zu lesen';</script>", "no_text", "no text"),
    ],
)
def test_bad_files_become_rejections(tmp_path: Path, name: str, data: bytes, reason: str, words: str) -> None:
    record = rejection(write(tmp_path / name, data))
    assert record.reason == reason
    assert words in record.detail


def test_a_file_above_the_limit_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "gross.txt", "Ein Satz. " * 150_000)
    assert rejection(path, IngestConfig(max_file_mb=1)).reason == "too_large"


def test_readers_of_packages_are_asked_only_for_unknown_endings(monkeypatch: pytest.MonkeyPatch) -> None:
    class Entry:
        name = "notes"

        def load(self) -> object:
            return lambda data, options: Reading((data.decode(),), "text/x-notes")

    monkeypatch.setattr(
        "academy.ingestion.readers.entry_points", lambda group: [Entry()] if group == "academy.readers" else []
    )
    assert reader_for("a.notes")(b"x", Options()).media_type == "text/x-notes"
    assert reader_for("a.TXT") is READERS[".txt"]


def test_invisible_characters_are_removed_and_counted(tmp_path: Path) -> None:
    hidden = "Der Ker\u200bnel \u202elädt\u202c Trei\u00adber\U000e0041 und ﬁndet Gera\u0308te: 10\u00b2 Stück."
    record = document(write(tmp_path / "hidden.txt", hidden))
    assert record.text == "Der Kernel lädt Treiber und findet Geräte: 10² Stück."
    counts = {"zero_width_removed": 1, "bidi_removed": 2, "tags_removed": 1, "soft_hyphens_removed": 1}
    assert {name: record.metadata[name] for name in counts} == counts


def test_same_file_same_bytes(tmp_path: Path) -> None:
    path = write(tmp_path / "kernel.txt")
    assert document(path).model_dump_json() == document(path).model_dump_json()


def test_runs_below_the_sources_are_no_documents(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("The gate opens at six.")
    run = tmp_path / "runs" / "notes"
    run.mkdir(parents=True)
    (run / "run.yaml").write_text("format: 1")
    (run / "6-report.md").write_text("Learned.")
    assert [source.name for source in find_sources([tmp_path])] == ["notes.md"]


def test_a_file_that_cannot_be_opened_stops_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.md").write_text("closed")
    (tmp_path / "b.md").write_text("The gate opens at six o'clock.")
    real = Path.open

    def guarded(path: Path, *args: Any, **options: Any) -> Any:
        if path.name == "a.md":
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **options)

    monkeypatch.setattr(Path, "open", guarded)
    assert [source.name for source in find_sources([tmp_path])] == ["a.md", "b.md"]


@pytest.mark.skipif(sys.platform != "linux", reason="needs file names of arbitrary bytes")
def test_a_name_that_is_no_utf_8_can_be_recorded(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/Pr\xfcfung.md", "wb") as file:
        file.write(b"The gate opens at six o'clock.")
    (source,) = find_sources([tmp_path])
    (document,) = ingest(source, IngestConfig())
    assert dump(document)
    assert source.name == "Pr\ufffdfung.md"
