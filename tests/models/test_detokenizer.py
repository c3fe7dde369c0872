"""Token by token, without broken characters and up to a stop text."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.models.detokenizer import Detokenizer


def from_bytes(ids: Sequence[int]) -> str:
    return bytes(ids).decode("utf-8", "replace")


def pieces(text: str | bytes, stop: tuple[str, ...] = ()) -> tuple[list[str], Detokenizer]:
    detokenizer = Detokenizer(from_bytes, stop)
    written = []
    for byte in text.encode() if isinstance(text, str) else text:
        written.append(detokenizer.push(byte))
        if detokenizer.stopped:
            return written, detokenizer
    return [*written, detokenizer.flush()], detokenizer


def test_half_a_character_is_held_back() -> None:
    assert pieces("aß€")[0] == ["a", "", "ß", "", "", "€", ""]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\N{REPLACEMENT CHARACTER}"), max_size=30))
def test_the_pieces_are_the_text(text: str) -> None:
    assert "".join(pieces(text)[0]) == text


@given(st.binary(max_size=30))
def test_no_broken_character_is_ever_written(data: bytes) -> None:
    assert "\N{REPLACEMENT CHARACTER}" not in "".join(pieces(data)[0])


@given(st.text("ab\n", max_size=12), st.lists(st.text("ab\n", min_size=1, max_size=3), max_size=2))
def test_stop_texts_hold_across_tokens(text: str, stops: list[str]) -> None:
    written, detokenizer = pieces(text, tuple(stops))
    places = [text.find(stop) for stop in stops if stop in text]
    assert detokenizer.stopped == bool(places)
    assert "".join(written) in {text[:place] for place in places} if places else "".join(written) == text
    assert not any(stop in "".join(written) for stop in stops)


@pytest.mark.parametrize(("stop", "expected"), [(("\n\n",), "a\nb"), (("\n", "\n\n"), "a"), (("x",), "a\nb\n\nc")])
def test_the_stop_text_is_not_part_of_the_answer(stop: tuple[str, ...], expected: str) -> None:
    assert "".join(pieces("a\nb\n\nc", stop)[0]) == expected


def test_blanks_that_some_tokenizers_drop_at_the_start_are_kept() -> None:
    words = ["▁Das", "▁Haus", "chen"]
    detokenizer = Detokenizer(lambda ids: "".join(words[i] for i in ids).replace("▁", " ").removeprefix(" "))
    assert [detokenizer.push(i) for i in range(3)] == ["Das", " Haus", "chen"]
