"""Where sentences end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.sentences import sentences


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ein Satz. Noch einer!", ["Ein Satz.", "Noch einer!"]),
        (
            "Am 3. Oktober kam Dr. Weber, z. B. mit dem Zug. Er blieb.",
            ["Am 3. Oktober kam Dr. Weber, z. B. mit dem Zug.", "Er blieb."],
        ),
        ("Das war 1969. Danach kam nichts.", ["Das war 1969.", "Danach kam nichts."]),
        ("Siehe Abb. 3 und Nr. 1234. Ende.", ["Siehe Abb. 3 und Nr. 1234.", "Ende."]),
        ("Einer dieser Art. Der andere nicht.", ["Einer dieser Art.", "Der andere nicht."]),
        (
            'He met J. R. Smith vs. Mr. Jones. "Why?" He left.',
            ["He met J. R. Smith vs. Mr. Jones.", '"Why?"', "He left."],
        ),
        ("Version 3.1 ist da. gcc bleibt klein", ["Version 3.1 ist da. gcc bleibt klein"]),
        ("Überschrift\n\nDer Text", ["Überschrift", "Der Text"]),
        ("Dazu gehören:\n- erstens\n- zweitens", ["Dazu gehören:", "- erstens", "- zweitens"]),
        ("Zeile eins\ngeht weiter.", ["Zeile eins\ngeht weiter."]),
        (" \n ", []),
    ],
)
def test_ends(text: str, expected: list[str]) -> None:
    assert split(text) == expected


@given(st.text(alphabet="aB.!? \n-12ß„“"))
def test_nothing_but_blanks_is_lost(text: str) -> None:
    spans = list(sentences(text))
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in spans)
    assert "".join("".join(split(text)).split()) == "".join(text.split())
    assert spans == sorted(spans)
