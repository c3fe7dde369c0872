"""A file that crashes, hangs, swells or lies costs itself, never the folder."""

import os
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from academy.config import IngestConfig
from academy.ingestion import find_sources, ingest, isolation
from academy.ingestion.isolation import POOL
from academy.records import Document, Rejection
from tests.ingestion.papers import lines, pdf

POSIX = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the system does not enforce this limit")
HOSTILE = """
import os, signal, sys, time
from academy.ingestion import Reading

def read(data, options):
    word = data.decode().strip()
    if word == "crash": os.kill(os.getpid(), signal.SIGSEGV)
    if word == "spin":
        while True: pass
    if word == "sleep": time.sleep(1000)
    if word == "swell": x = bytearray(3 << 30)
    if word == "bug": raise KeyError("no such thing")
    if word == "lie": os.write(3, b'{"reading": {"parts": 7}}\\n')
    if word == "mute": os.close(3); time.sleep(1000)
    if word == "flood": return Reading(("x" * 3_000_000,), "text/x-hostile")
    if word == "print": print("noise", flush=True)
    if word == "key": return Reading((repr(sorted(os.environ)) + " is what a reader sees",), "text/x-hostile")
    if word == "write": open(os.path.join(os.path.dirname(__file__), "written"), "wb").write(bytes(2 << 20))
    return Reading((f"A calm file about {word}, read to its end. {os.getpid()}",), "text/x-hostile")
"""
CONFIG = IngestConfig(max_seconds=1, max_memory_mb=512, max_characters=2_000_000)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for documents, and an installed package whose reader misbehaves on demand."""
    site = tmp_path / "site"
    (site / "hostile-1.0.dist-info").mkdir(parents=True)
    (site / "hostile.py").write_text(HOSTILE)
    (site / "hostile-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: hostile\nVersion: 1.0\n")
    (site / "hostile-1.0.dist-info" / "entry_points.txt").write_text("[academy.readers]\nevil = hostile:read\n")
    monkeypatch.syspath_prepend(str(site))
    POOL.close()
    documents = tmp_path / "documents"
    documents.mkdir()
    yield documents
    POOL.close()


def outcomes(folder: Path, config: IngestConfig = CONFIG) -> dict[str, Document | Rejection]:
    records = [record for source in find_sources([folder]) for record in ingest(source, config)]
    return {record.source if isinstance(record, Document) else record.item_id: record for record in records}


def refused(record: Document | Rejection) -> Rejection:
    assert isinstance(record, Rejection), record
    return record


def read(record: Document | Rejection) -> str:
    assert isinstance(record, Document), record
    return record.text


@POSIX
@pytest.mark.parametrize(
    ("word", "reason", "says"),
    [
        ("crash", "crashed", "SIGSEGV"),
        ("bug", "crashed", "KeyError: 'no such thing'"),
        ("spin", "too_slow", "ingest.max_seconds"),
        ("sleep", "too_slow", "ingest.max_seconds"),
        ("swell", "too_much_memory", "ingest.max_memory_mb"),
        ("lie", "crashed", "nonsense"),
        ("mute", "crashed", "nonsense"),
        ("flood", "too_much_text", "ingest.max_characters"),
        ("write", "crashed", "File too large"),
    ],
)
def test_one_bad_file_is_named_and_the_others_are_read(
    folder: Path, word: str, reason: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if word == "mute":
        monkeypatch.setattr(isolation, "_LAST_BREATH", 0.5)
    for name, content in (("a", "cats"), ("b", word), ("c", "dogs")):
        (folder / f"{name}.evil").write_text(content)
    found = outcomes(folder)
    assert "about cats" in read(found["a.evil"])
    assert "about dogs" in read(found["c.evil"])
    rejection = refused(found["b.evil"])
    assert rejection.reason == reason
    assert rejection.detail.startswith("b.evil: ")
    assert says in rejection.detail


def test_one_warm_process_reads_many_files(folder: Path) -> None:
    for number in range(20):
        (folder / f"{number:02}.evil").write_text("cats")
    texts = {read(record) for record in outcomes(folder).values()}
    assert len(texts) == 1  # each names the process that read it
    assert str(os.getpid()) not in texts.pop()


@POSIX
def test_processor_seconds_are_counted_per_file(folder: Path) -> None:
    for number in range(4):
        (folder / f"{number}.evil").write_text("cats")
    began = time.process_time()
    assert len(outcomes(folder)) == 4
    assert all(isinstance(record, Document) for record in outcomes(folder, CONFIG).values())
    assert time.process_time() - began < 60


def test_what_a_reader_prints_is_no_answer(folder: Path) -> None:
    (folder / "a.evil").write_text("print")
    assert "about print" in read(outcomes(folder)["a.evil"])


def test_a_reader_sees_no_keys(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    (folder / "a.evil").write_text("key")
    text = read(outcomes(folder)["a.evil"])
    assert "OPENAI_API_KEY" not in text
    assert "PATH" in text


def bomb() -> bytes:
    """A small PDF whose one page is 280 MB of drawing orders, packed twice."""
    packer = zlib.compressobj(9)
    orders = b"0 0 m 9 9 l S " * (1 << 16)
    once = b"".join([*(packer.compress(orders) for _ in range(300)), packer.flush()])
    content = zlib.compress(once, 9)
    return pdf([], raw={0: (b"/Filter [/FlateDecode /FlateDecode]", content)})


@POSIX
def test_a_bomb_is_stopped(folder: Path) -> None:
    (folder / "a.pdf").write_bytes(pdf(lines("Der Kernel verwaltet den Speicher und die Geräte des Rechners.")))
    (folder / "b.pdf").write_bytes(bomb())
    (folder / "c.evil").write_text("cats")
    assert (folder / "b.pdf").stat().st_size < 100_000
    found = outcomes(folder)
    assert refused(found["b.pdf"]).reason in ("too_much_memory", "too_slow", "crashed", "no_text_layer")
    assert "Kernel" in read(found["a.pdf"])
    assert "about cats" in read(found["c.evil"])


def test_many_pages_are_refused(folder: Path) -> None:
    (folder / "a.pdf").write_bytes(pdf(*[lines("Eine von vielen Seiten dieses Buches.")] * 3))
    rejection = refused(outcomes(folder, IngestConfig(max_pages=2))["a.pdf"])
    assert rejection.reason == "too_many_pages"
    assert "--set ingest.max_pages=3" in rejection.detail


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("entities", "use"),
    [
        (f'<!ENTITY l0 "ha">{LAUGHS}', "&l9;"),
        ('<!ENTITY file SYSTEM "file:///etc/passwd">', "&file;"),
        ('<!ENTITY far SYSTEM "http://127.0.0.1:9/secret">', "&far;"),
    ],
)
def test_xml_entities_are_not_expanded(folder: Path, entities: str, use: str) -> None:
    body = f"<html><body><p>The gate opens at six. {use}</p></body></html>"
    page = f'<?xml version="1.0"?><!DOCTYPE html [{entities}]>{body}'
    (folder / "a.xhtml").write_text(page)
    text = read(outcomes(folder)["a.xhtml"])
    assert "The gate opens at six." in text
    assert len(text) < 1000
    assert "root:" not in text
