"""Pronouns get their noun when nothing else can be meant, and no lesson when something can."""

import pytest

from academy.distillation.englishalone import in_context, resolved


@pytest.mark.parametrize(
    ("before", "text", "alone"),
    [
        ("The workshop was founded in 1987.", "It employs twelve people.", "The workshop employs twelve people."),
        ("A king lived in Spain.", "He had three daughters.", "The king had three daughters."),
        ("The queen was sad.", "Her daughter was ill.", "The queen's daughter was ill."),
        ("The Normans came from the north.", "They settled in France.", "The Normans settled in France."),
        ("The workshop is old.", "However, it employs twelve people.", "The workshop employs twelve people."),
        ("The king met the wizard.", "He was angry.", ""),
        ("The king met the queen.", "She was angry.", ""),
        ("The workshop uses a lathe.", "It employs twelve people.", ""),
        ("The workshop is old.", "He employs twelve people.", ""),
        ("Their nets were heavy.", "They caught a whale.", ""),
        ("The men lost their nets.", "They caught a whale.", ""),
        ("The workshop is old.", "It is known that the roof leaks.", ""),
    ],
)
def test_a_pronoun_means_the_only_subject_that_fits(before: str, text: str, alone: str) -> None:
    assert resolved(text, before) == alone


def test_a_chain_of_the_same_pronoun_goes_back_to_the_noun() -> None:
    before = ["The lad was poor.", "He never was short of courage."]
    assert in_context("He went into the forest.", before) == "The lad went into the forest."
    assert in_context("She went into the forest.", before) == ""
    assert in_context("He went into the forest.", []) == ""
