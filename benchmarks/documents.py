"""What reading documents costs: pages per second beside other readers, many small files, one changed file.

python -m benchmarks.documents FILE.pdf [FILE.pdf ...]      needs: pip install pypdf pdfplumber
"""

import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from academy.config import IngestConfig
from academy.ingestion import find_sources, ingest
from academy.ingestion.isolation import POOL, Limits
from academy.ingestion.pdf import read_pdf
from academy.ingestion.reading import Options
from benchmarks.timing import ACADEMY

ROUNDS = 3


def raw_pdfium(path: Path) -> int:
    """Every page's text, as PDFium gives it; the number of pages."""
    from pypdfium2 import PdfDocument

    with PdfDocument(path) as document:
        for page in document:
            textpage = page.get_textpage()
            textpage.get_text_range()
            textpage.close()
            page.close()
        return len(document)


def pypdf(path: Path) -> int:
    """The same with pypdf."""
    import logging

    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)

    reader = PdfReader(path)
    for page in reader.pages:
        page.extract_text()
    return len(reader.pages)


def pdfplumber(path: Path) -> int:
    """The same with pdfplumber."""
    import pdfplumber as library

    with library.open(io.BytesIO(path.read_bytes())) as document:
        for page in document.pages:
            page.extract_text()
            page.close()
        return len(document.pages)


def academy(path: Path) -> int:
    """Academy's reader in this process."""
    return len(read_pdf(path.read_bytes()).parts)


def isolated(path: Path) -> int:
    """The same in a warm worker process, as a run does."""
    return len(POOL.read(path.name, path, Options(), Limits()).parts)


READERS: dict[str, Callable[[Path], int]] = {
    "raw pypdfium2": raw_pdfium,
    "Academy, one process": academy,
    "Academy, worker process": isolated,
    "pypdf": pypdf,
    "pdfplumber": pdfplumber,
}


def pages_per_second(paths: list[Path]) -> dict[str, float]:
    """The best of some rounds, the readers in turn, so that other work on the machine meets all alike."""
    best = dict.fromkeys(READERS, 0.0)
    for number in range(ROUNDS):
        for name, reader in READERS.items():
            if number and name in ("pypdf", "pdfplumber"):
                continue  # slow enough to be measured once
            began = time.perf_counter()
            pages = sum(reader(path) for path in paths)
            best[name] = max(best[name], pages / (time.perf_counter() - began))
    return best


def long_book(paths: list[Path], pages: int = 350) -> dict[str, float]:
    """Wall and processor seconds for a book of so many pages, put together from the longest of the files."""
    from pypdfium2 import PdfDocument

    source = PdfDocument(max(paths, key=lambda path: path.stat().st_size))
    book = PdfDocument.new()
    while len(book) < pages:
        book.import_pages(source, list(range(min(len(source), pages - len(book)))))
    buffer = io.BytesIO()
    book.save(buffer)
    began, computed = time.perf_counter(), time.process_time()
    assert len(read_pdf(buffer.getvalue()).parts) == pages
    return {"wall": time.perf_counter() - began, "processor": time.process_time() - computed}


def small_files(folder: Path, count: int = 10_000) -> dict[str, float]:
    """Seconds and growth of memory for many small text files."""
    for number in range(count):
        (folder / f"{number:05}.txt").write_text(f"Part {number}. The gate opens at six o'clock and closes at noon.\n")
    began = time.perf_counter()
    sources = find_sources([folder])
    memory = [0.0, 0.0]
    for number, source in enumerate(sources):
        [_record] = ingest(source, IngestConfig())
        if number in (count // 10, count - 1):
            memory[number == count - 1] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "files": count,
        "seconds": time.perf_counter() - began,
        "mb_at_a_tenth": memory[0],
        "mb_at_the_end": memory[1],
    }


def one_changed(folder: Path, paths: list[Path], count: int = 1000) -> dict[str, float]:
    """Wall seconds of stages 1 and 2 on PDFs of four pages: one file alone, and one changed among many."""
    sources, alone = folder / "many", folder / "alone"
    sources.mkdir()
    alone.mkdir()
    data = _first_pages(paths[0], 4)
    for number in range(count):
        (sources / f"{number:04}.pdf").write_bytes(data + b"%% " + str(number).encode() + b"\n")
    (alone / "a.pdf").write_bytes(data)
    taken = {"files": float(count), "all": _train(sources, folder)}
    (sources / "0500.pdf").write_bytes(data + b"%% changed\n")
    taken["one changed"] = _train(sources, folder)
    taken["that one alone"] = _train(alone, folder)
    return taken


def _first_pages(path: Path, count: int) -> bytes:
    from pypdfium2 import PdfDocument

    short, buffer = PdfDocument.new(), io.BytesIO()
    short.import_pages(PdfDocument(path), list(range(count)))
    short.save(buffer)
    return buffer.getvalue()


def _train(sources: Path, folder: Path) -> float:
    began = time.perf_counter()
    command = [
        ACADEMY,
        "train",
        str(sources),
        "--name",
        sources.name,
        "--until",
        "chunk",
        "--set",
        f"runs={folder / 'runs'}",
    ]
    subprocess.run([*command, "--update"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    """Measure everything; print a table and one JSON line."""
    paths = [Path(name) for name in sys.argv[1:]]
    speed = pages_per_second(paths)
    print("| reader | pages per second | of raw pypdfium2 |\n|---|---|---|")
    for name, value in speed.items():
        print(f"| {name} | {value:.0f} | {value / speed['raw pypdfium2']:.2f} |")
    book = long_book(paths)
    with tempfile.TemporaryDirectory() as name:
        small = small_files(Path(name))
    with tempfile.TemporaryDirectory() as name:
        changed = one_changed(Path(name), paths)
    rows = {"pages_per_second": speed, "book_of_350_pages_s": book, "small_files": small, "one_changed": changed}
    print(json.dumps({"benchmark": "documents", **rows}, default=lambda value: round(value, 3)))


if __name__ == "__main__":
    main()
