"""The lines that put a question to a specialist."""

import pytest

from academy.models.answering import (
    answering,
    closed_book_messages,
    evidence_messages,
    is_refusal,
    refusal,
    system_line,
)
from academy.records import Message


def test_every_line_exists_in_both_languages() -> None:
    lines = [answering().refusal, *answering().system.values()]
    assert len(lines) >= 3
    for line in lines:
        assert set(line) == {"de", "en"}


def test_an_unknown_language_is_asked_in_english() -> None:
    assert refusal("fr") == refusal("en") != refusal("de")


def test_refusal_is_recognised() -> None:
    assert is_refusal(" " + refusal("de") + "\n")
    assert not is_refusal("Das steht im Buch.")


def test_closed_book_shows_only_the_question() -> None:
    assert closed_book_messages("Was ist udev?", language="de") == (Message(role="user", content="Was ist udev?"),)


def test_a_full_sentence_is_asked_for_by_its_line() -> None:
    system, user = closed_book_messages("Was ist udev?", full_sentence=True, language="de")
    assert (system.role, system.content) == ("system", system_line("sentence", "de"))
    assert user.content == "Was ist udev?"


def test_evidence_numbers_the_passages_and_puts_the_question_last() -> None:
    system, user = evidence_messages(["eins {{ x }}", "zwei"], "Was?", "de")
    assert system.content == system_line("evidence", "de")
    assert user.content == "[1] eins {{ x }}\n\n[2] zwei\n\nWas?"


@pytest.mark.parametrize("language", ["de", "en"])
def test_two_lines_are_joined_by_a_blank(language: str) -> None:
    system = evidence_messages(["a"], "b", language, full_sentence=True)[0]
    assert system.content == f"{system_line('evidence', language)} {system_line('sentence', language)}"
