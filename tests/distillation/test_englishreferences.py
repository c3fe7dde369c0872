"""Phrases that leave open what they mean, what may follow a sentence, misread trees, and words for a search box."""

import pytest

from academy.distillation.english import analysed, follows, freed, stands_alone


@pytest.mark.parametrize(
    "sentence",
    [
        "The site was occupied by Brompton Park House.",
        "Early versions were in use by 1851.",
        "The city is served by a railway of many lines.",
        "All three lacked tentacles of any kind.",
        "Its first note was so delicious to the ear of Minda.",
        "To learn more about the process of mixing, see Mixing.",
        "When disabled, only silence will be delivered to the bus.",
        "Typical speeds are 3600 revolutions per minute.",
        "E.g. range markers can be created in the ruler.",
    ],
)
def test_what_leaves_its_noun_open_does_not_stand_alone(sentence: str) -> None:
    assert not stands_alone(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The site of the old mill was occupied by Brompton Park House.",
        "The guitar has six strings of steel.",
        "A new engine was built in 1851, and the engine ran for years.",
        "The city of Warsaw lies on a broad river.",
        "The stator consists of several rows of blades.",
    ],
)
def test_a_described_or_generic_noun_stands_alone(sentence: str) -> None:
    assert stands_alone(sentence)


def test_a_tie_before_any_word_is_taken_away() -> None:
    assert freed("Additionally, markers can be moved with the mouse.") == "Markers can be moved with the mouse."


@pytest.mark.parametrize(
    ("before", "text", "fits"),
    [
        ("The Normans came from the north.", "They settled in France.", True),
        ("The engine was built by Watt.", "The engine was sold in 1790.", True),
        ("The Frost painted all the walls.", "See the picture below for a plan.", False),
        ("Ada met no one.", "They went into the forest.", False),
        ("The Cue Grid window.", "It is open by default.", False),
        ("The option opens a menu.", "The window opens from the same menu.", False),
    ],
)
def test_a_sentence_follows_where_its_nouns_were_said(before: str, text: str, fits: bool) -> None:
    assert follows(before, text) is fits


@pytest.mark.parametrize(
    "sentence",
    [
        "The stator consists of a similar, but fixed, series of blades that serve to redirect the steam.",
        "Two large ancestor portraits of a husband and wife painted in watercolour on silk date from the 18th century.",
        "In steam turbines, turbine entry temperatures are typically 565 °C and condenser temperatures are 30 °C.",
    ],
)
def test_a_tree_that_contradicts_itself_gives_no_question(sentence: str) -> None:
    found = analysed(sentence)
    assert found is None or not found.asked


def test_a_condition_is_not_left_out_and_agreement_is_kept() -> None:
    only = analysed("Turbines are only efficient if they rotate at high speed.")
    assert only is None or not [one for one in only.asked if one.answer == "turbines"]
    passive = analysed("The collection is dominated by old clothes.")
    assert passive is not None
    assert "What dominates the collection" in {f"{one.word} {one.direct}" for one in passive.asked}


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("In 1991 the engineer created the kernel.", "engineer create kernel"),
        ("The guitar has six strings.", "how many strings guitar"),
    ],
)
def test_words_for_a_search_box_keep_the_order_and_name_the_subject(sentence: str, words: str) -> None:
    found = analysed(sentence)
    assert found is not None
    assert words in {one.keywords for one in found.asked}


def test_a_question_for_the_subject_has_no_words_for_a_search_box() -> None:
    found = analysed("The king built a castle in 1200.")
    assert found is not None
    assert {one.keywords for one in found.asked if one.answer == "the king"} == {""}
