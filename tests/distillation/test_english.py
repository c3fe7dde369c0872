"""English: do-support where the form is certain."""

import pytest

from academy.distillation.english import analysed, freed, stands_alone


def asked(text: str) -> set[tuple[str, str]]:
    found = analysed(text)
    assert found is not None
    return {(f"{one.word} {one.direct}?", one.answer) for one in found.asked}


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        ("The name oxygen was coined in 1777.", "When was the name oxygen coined?", "in 1777"),
        ("In 1991 the engineer created the kernel.", "When did the engineer create the kernel?", "in 1991"),
        ("In 1991 the engineer created the kernel.", "What did the engineer create in 1991?", "the kernel"),
        ("The king built a castle.", "Who built a castle?", "The king"),
        ("The guitar has six strings.", "What has six strings?", "The guitar"),
        ("The loader reads two files.", "How many files does the loader read?", "two"),
    ],
)
def test_questions(sentence: str, question: str, answer: str) -> None:
    assert (question, answer) in asked(sentence)


def test_a_definition_is_found() -> None:
    found = analysed("The kernel is a program.")
    assert found is not None
    assert (found.topic, found.meaning) == ("The kernel", "a program")


def test_a_time_can_stand_first_or_last() -> None:
    found = analysed("In 1991 the engineer created the kernel.")
    assert found is not None
    assert "The engineer created the kernel in 1991." in found.orders


@pytest.mark.parametrize(
    "sentence", ["He built it.", "This is a kernel.", "However, the kernel is fast.", "Is it fast?"]
)
def test_what_leans_on_its_neighbours_is_left_out(sentence: str) -> None:
    assert not stands_alone(sentence)
    assert stands_alone("The kernel starts the first program.")


def test_a_tie_to_the_sentence_before_is_cut() -> None:
    assert freed("However, the kernel is fast.") == "The kernel is fast."
    assert freed("The kernel is fast.") == ""
