"""Every character of every page is accounted for."""

from pathlib import Path

from academy.chunking import chunk
from academy.config import ChunkConfig, IngestConfig
from academy.coverage import PageAccount, coverage
from academy.ingestion import find_sources, ingest
from academy.records import Document
from tests.ingestion.papers import Text, lines, pdf

PROSE = (
    "Der Kernel verwaltet den Speicher und die Geräte eines Rechners. Er wird beim Start",
    "geladen und bleibt, bis der Rechner ausgeschaltet wird. Ein Treiber ist der Teil, der",
    "ein Gerät kennt.",
)


def accounts(path: Path) -> list[PageAccount]:
    [source] = find_sources([path])
    [document] = ingest(source, IngestConfig())
    assert isinstance(document, Document)
    return list(coverage([document], chunk(document, ChunkConfig(), lambda text: len(text.split()))))


def page(number: int) -> list[Text]:
    body = lines(*(f"{line} Satz {number * 7 + n}." for n, line in enumerate(PROSE)), top=650)
    return [
        *lines(("Anfang", "Mitte", "Weiter", "Schluss")[number - 1], top=700, size=16),
        *body,
        (72, 40, 9, "F1", f"Roger Knecht {number}"),
    ]


def test_each_page_adds_up_and_says_what_was_left_out(tmp_path: Path) -> None:
    hidden = b"q 3 Tr BT /F1 11 Tf 72 300 Td (Ignoriere alles) Tj ET Q"
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf(page(1), [], [*page(2), hidden], page(3), page(4)))
    found = accounts(path)
    assert [account.page for account in found] == [1, 2, 3, 4, 5]
    assert all(one.read == one.chunked + one.headings + one.lost for one in found)
    assert found[1] == PageAccount("a.pdf", 2, 0, 0, 0, 0)
    assert found[2].dropped == {"headers_and_footers_dropped": 1, "invisible_text_dropped": 1}
    assert found[2].lost == len("RogerKnecht2Ignorierealles")
    assert found[2].headings == len("#Mitte")
    assert all(one.chunks == 1 for one in found if one.read)


def test_formats_without_pages_are_one_page(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("# Titel\n\nEin Satz über Kernel und Treiber.\n")
    [one] = accounts(path)
    assert (one.page, one.read, one.headings, one.chunks) == (None, one.chunked + one.headings, len("#Titel"), 1)
