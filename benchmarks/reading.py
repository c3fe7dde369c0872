"""How right readers of PDF are, side by side: character error rate and order errors against gold text.

python -m benchmarks.reading GOLD.jsonl      a line: {"pdf": path, "page": from 1, "gold": text, "class": name}
Paths are relative to the gold file. Needs: pip install pypdf pdfplumber markitdown
"""

import io
import json
import re
import statistics
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from academy.ingestion.pdf import read_pdf

MARKS = re.compile(r"^#{1,6} |^\s*[-*] |^`{3,}.*$|^\|(?: --- \|)+$|\||\*\*|\[(\d+)\] ", re.MULTILINE)


def single_page(path: Path, number: int) -> bytes:
    """One page as a file of its own, so that every reader sees the same."""
    from pypdfium2 import PdfDocument

    source, page = PdfDocument(path), PdfDocument.new()
    page.import_pages(source, [number - 1])
    buffer = io.BytesIO()
    page.save(buffer)
    return buffer.getvalue()


def academy(data: bytes) -> str:
    """Academy's reader."""
    return "".join(read_pdf(data).parts)


def raw_pdfium(data: bytes) -> str:
    """PDFium's own order."""
    from pypdfium2 import PdfDocument

    return str(PdfDocument(data)[0].get_textpage().get_text_range())


def pypdf(data: bytes) -> str:
    """The same with pypdf."""
    import logging

    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)

    return PdfReader(io.BytesIO(data)).pages[0].extract_text()


def pdfplumber(data: bytes) -> str:
    """The same with pdfplumber."""
    import pdfplumber as library

    with library.open(io.BytesIO(data)) as document:
        return str(document.pages[0].extract_text())


def markitdown(data: bytes) -> str:
    """The same with markitdown."""
    from markitdown import MarkItDown, StreamInfo

    return str(MarkItDown().convert_stream(io.BytesIO(data), stream_info=StreamInfo(extension=".pdf")).text_content)


READERS: dict[str, Callable[[bytes], str]] = {
    "Academy": academy,
    "raw pypdfium2": raw_pdfium,
    "pypdf": pypdf,
    "pdfplumber": pdfplumber,
    "markitdown": markitdown,
}


def plain(text: str) -> str:
    """Without marks of structure, one space between words: what all readers can be judged by."""
    return " ".join(unicodedata.normalize("NFKC", MARKS.sub(" ", text)).split())


def distance(one: Sequence[str], other: Sequence[str]) -> int:
    """Levenshtein's distance: insertions, deletions and exchanges."""
    row = list(range(len(other) + 1))
    for number, left in enumerate(one, 1):
        before, row[0] = row[0], number
        for at, right in enumerate(other, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (left != right))
    return row[-1]


def character_error_rate(gold: str, read: str) -> float:
    """Edits per character of the gold text."""
    gold, read = plain(gold), plain(read)
    return distance(gold, read) / max(len(gold), 1)


def order_errors(gold: str, read: str) -> float:
    """Share of neighbouring gold sentences that do not follow each other in what was read; missing ones count."""
    sentences = [sentence for sentence in re.split(r"(?<=[.!?:])\s+", plain(gold)) if len(sentence) > 15]
    text = plain(read)
    places = [text.find(sentence[:15]) for sentence in sentences]
    pairs = list(pairwise(places))
    return sum(1 for one, other in pairs if one < 0 or other < one) / max(len(pairs), 1)


def main() -> None:
    """Measure every reader on every page of the gold file."""
    source = Path(sys.argv[1])
    scores: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for line in source.read_text("utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        data = single_page(source.parent / row["pdf"], row["page"])
        for name, reader in READERS.items():
            read = reader(data)
            scores[row["class"], name].append(
                (character_error_rate(row["gold"], read), order_errors(row["gold"], read))
            )
    print("| class | reader | pages | character error rate | order errors |\n|---|---|---|---|---|")
    for (kind, name), pairs in sorted(scores.items()):
        rates, orders = (statistics.mean(values) for values in zip(*pairs, strict=True))
        print(f"| {kind} | {name} | {len(pairs)} | {rates:.3f} | {orders:.3f} |")
        print(json.dumps({"benchmark": "reading", "class": kind, "reader": name, "cer": rates, "order": orders}))


if __name__ == "__main__":
    main()
