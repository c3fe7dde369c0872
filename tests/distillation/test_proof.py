"""Quotes stand in the text, however it was typeset."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.distillation.proof import find_quote


@pytest.mark.parametrize(
    ("quote", "text", "found"),
    [
        ("Kernel", "Der Kernel.", "Kernel"),
        ("kategorisieren lassen", "sich kategorisie-\nren lassen.", "kategorisie-\nren lassen"),
        ("Subsystem-Maintainer", "die Subsystem-\nMaintainer", "Subsystem-\nMaintainer"),
        ("die Grafik", "auf die Gra\u00adfik", "die Gra\u00adfik"),
        ("offiziell", "ist oﬃziell so", "oﬃziell"),
        ("a b  c", "x a\n  b c y", "a\n  b c"),
    ],
)
def test_typesetting_is_undone(quote: str, text: str, found: str) -> None:
    span = find_quote(quote, text)
    assert span is not None
    assert text[slice(*span)] == found


@pytest.mark.parametrize("quote", ["kernel", "Der Kernel!", "17", "", " \n"])
def test_other_words_are_not_found(quote: str) -> None:
    assert find_quote(quote, "Der Kernel kam 1991.") is None


@given(st.text(alphabet="abc äÖ.\n", min_size=1, max_size=40), st.data())
def test_every_part_of_a_text_is_found(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    part = text[start:end]
    if part.strip():
        span = find_quote(" ".join(part.split()), text)
        assert span is not None
        assert text[slice(*span)].split() == part.split()
