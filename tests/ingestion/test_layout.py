"""Columns, tables, turned pages and outlines: read in the order and structure that a person sees."""

import pytest

from academy.ingestion.pdf import read_pdf
from tests.ingestion.papers import Text, lines, pdf

LEFT = (
    "Die linke Spalte beginnt hier und",
    "erzählt von der Pflege der Rosen,",
    "die im Frühjahr geschnitten und im",
    "Herbst mit Laub bedeckt werden.",
    "Danach ruht der Garten bis zum",
    "nächsten Jahr.",
)
RIGHT = (
    "Die rechte Spalte handelt von den",
    "Werkzeugen, die dafür nötig sind:",
    "eine gute Schere, ein Spaten und",
    "eine Karre. Sie werden im Winter",
    "trocken gelagert und vorher mit",
    "Öl eingerieben.",
)


def columns() -> list[tuple[Text, Text]]:
    left, right = lines(*LEFT, left=72), lines(*RIGHT, left=310)
    return list(zip(left, right, strict=True))


ORDERS: dict[str, list[Text]] = {
    "one column after the other": [*(left for left, _ in columns()), *(right for _, right in columns())],
    "right column first": [*(right for _, right in columns()), *(left for left, _ in columns())],
    "line by line": [piece for pair in columns() for piece in pair],
    "from below": [piece for pair in reversed(columns()) for piece in pair],
}


@pytest.mark.parametrize("order", ORDERS)
def test_two_columns_are_read_one_after_the_other(order: str) -> None:
    text = "".join(read_pdf(pdf(ORDERS[order])).parts)
    assert " ".join(text.split()) == " ".join((*LEFT, *RIGHT))


def test_a_title_above_two_columns_comes_first() -> None:
    title = lines("Der Garten im Jahr: was wann zu tun ist und womit es am besten geht", top=760, size=12)
    text = "".join(read_pdf(pdf([*ORDERS["line by line"], *title])).parts)
    assert text.removeprefix("# ").startswith("Der Garten im Jahr")
    assert text.index("nächsten Jahr") < text.index("Die rechte Spalte")


ROWS = (("Land", "Einwohner", "Hauptstadt"), ("Dänemark", "5,8", "Kopenhagen"), ("Finnland", "5,5", "Helsinki"))
MORE = (("Österreich", "8,9", "Wien"),)
MARKDOWN = """| Land | Einwohner | Hauptstadt |
| --- | --- | --- |
| Dänemark | 5,8 | Kopenhagen |
| Finnland | 5,5 | Helsinki |
| Österreich | 8,9 | Wien |"""


def cells(top: float = 600) -> list[Text]:
    return [
        (left, top - 16 * n, 11, "F1", cell)
        for n, row in enumerate((*ROWS, *MORE))
        for left, cell in zip((80, 200, 300), row, strict=True)
    ]


def test_a_table_without_rules_becomes_markdown() -> None:
    text = "".join(read_pdf(pdf([*lines(*LEFT), *cells()])).parts)
    assert MARKDOWN in text


def test_a_table_with_rules_becomes_markdown_with_cells_of_several_lines() -> None:
    across = [f"72 {614 - 32 * n} m 420 {614 - 32 * n} l S".encode() for n in range(4)]
    down = [f"{left} 518 m {left} 614 l S".encode() for left in (72, 190, 290, 420)]
    body: list[Text] = [
        (left, 595 - 32 * n, 11, "F1", cell)
        for n, row in enumerate(ROWS)
        for left, cell in zip((80, 195, 295), row, strict=True)
    ]
    text = "".join(read_pdf(pdf([*lines(*LEFT), *across, *down, *body, (80, 521, 9, "F1", "mit Inseln")])).parts)
    assert "| Land | Einwohner | Hauptstadt |\n| --- | --- | --- |\n| Dänemark | 5,8 | Kopenhagen |" in text
    assert "| Finnland mit Inseln | 5,5 | Helsinki |" in text


def test_spread_words_are_no_table() -> None:
    pairs: list[Text] = [(72, 600, 11, "F1", "Datum:"), (200, 600, 11, "F1", "3. Mai"), (72, 580, 11, "F1", "Ende.")]
    text = "".join(read_pdf(pdf([*lines(*LEFT), *pairs])).parts)
    assert "|" not in text
    assert "Datum: 3. Mai" in text


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_turned_pages_are_read_upright(turn: int) -> None:
    matrix = {90: "0 1 -1 0 595 0", 180: "-1 0 0 -1 595 842", 270: "0 -1 1 0 0 842"}[turn]
    body = "\n".join(f"BT /F1 11 Tf 72 {500 - 14 * n} Td ({line}) Tj ET" for n, line in enumerate(LEFT))
    turned = f"q {matrix} cm\n{body}\nQ".encode("cp1252")
    text = "".join(read_pdf(pdf([turned], rotate=turn)).parts)
    assert " ".join(text.split()) == " ".join(LEFT)


def test_a_stamp_at_the_side_stays_out_of_the_sentences() -> None:
    stamp = b"BT /F1 9 Tf 0 1 -1 0 30 300 Tm (Entwurf vom 3. Mai) Tj ET"
    text = "".join(read_pdf(pdf([*lines(*LEFT[:3]), stamp, *lines(*LEFT[3:], top=660)])).parts)
    assert " ".join(LEFT[:3]) in text
    assert "Entwurf vom 3. Mai" in text


def test_headings_that_only_the_outline_knows() -> None:
    body = [*lines("Vom Rosenschnitt", top=740), *lines(*LEFT, top=710)]
    text = "".join(read_pdf(pdf(body, outline=((0, "Vom Rosenschnitt"),))).parts)
    assert text.startswith("# Vom Rosenschnitt\n\nDie linke")


def test_an_outline_that_lies_is_not_believed() -> None:
    body = [*lines("Vom Rosenschnitt", top=740), *lines(*LEFT, top=710)]
    outline = ((0, "Vom Rosenschnitt"), (0, "Was nirgends steht"), (0, "Und das auch nicht"))
    assert "#" not in "".join(read_pdf(pdf(body, outline=outline)).parts)
