"""English: what a sentence gives, with do-support, passives, both directions, and nothing where it is not certain."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from academy.distillation.english import analysed, freed, stands_alone, subjectless


def asked(text: str) -> set[tuple[str, str]]:
    found = analysed(text)
    assert found is not None
    return {(f"{one.word} {one.direct}?", one.answer) for one in found.asked}


def indirect(text: str) -> set[str]:
    found = analysed(text)
    assert found is not None
    return {f"{one.word} {one.indirect}" for one in found.asked if one.indirect}


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        ("The name oxygen was coined in 1777.", "When was the name oxygen coined?", "in 1777"),
        ("The name oxygen was coined in 1777.", "In what year was the name oxygen coined?", "1777"),
        ("In 1991 the engineer created the kernel.", "When did the engineer create the kernel?", "in 1991"),
        ("In 1991 the engineer created the kernel.", "What did the engineer create in 1991?", "the kernel"),
        ("The king built a castle.", "Who built a castle?", "the king"),
        ("The guitar has six strings.", "What has six strings?", "the guitar"),
        ("The loader reads two files.", "How many files does the loader read?", "two"),
        ("The loader reads two files at night.", "When does the loader read two files?", "at night"),
        ("The castle was built by the king.", "Who was the castle built by?", "the king"),
        ("The castle was built by the king.", "Who built the castle?", "the king"),
        ("The castle was built by the king.", "What was built by the king?", "the castle"),
        ("The reign lasted for twenty years.", "How long did the reign last?", "for twenty years"),
        ("The prince lived in the forest.", "Where did the prince live?", "in the forest"),
        ("The chord consists of three notes.", "What does the chord consist of?", "three notes"),
        ("The valve is used for braking.", "What is used for braking?", "the valve"),
        ("The town is famous for its glass.", "What is the town famous for?", "its glass"),
        ("The tower is 300 metres tall.", "How tall is the tower?", "300 metres"),
        ("The giant wanted to eat the boy.", "What did the giant want to do?", "to eat the boy"),
        ("The queen was sad.", "How did the queen feel?", "sad"),
        ("The capital of France is Paris.", "What is the capital of France?", "Paris"),
        ("Paris is the capital of France.", "What is the capital of France?", "Paris"),
        ("The interval is called a second.", "What is the interval called?", "a second"),
        ("The king paid the miller 50 coins.", "How many coins did the king pay the miller?", "50"),
        (
            "The workshop keeps solvents in a cabinet in order to prevent fires.",
            "Why does the workshop keep solvents in a cabinet?",
            "in order to prevent fires",
        ),
        (
            "The king laughed because the wolf fell into the river.",
            "Why did the king laugh?",
            "because the wolf fell into the river",
        ),
        (
            "When the user presses the button, the lamp is switched off.",
            "What happens when the user presses the button?",
            "the lamp is switched off",
        ),
        (
            "If the price exceeds 100 euros, the mechanic calls the customer.",
            "Under what condition does the mechanic call the customer?",
            "if the price exceeds 100 euros",
        ),
        ("The war lasted from 1939 to 1945.", "In what period did the war last?", "from 1939 to 1945"),
        ("Paris, the capital of France, lies on the Seine.", "What is Paris?", "the capital of France"),
        ("Paris, the capital of France, lies on the Seine.", "What is the capital of France?", "Paris"),
        ("The bridge, which was built in 1900, crosses the river.", "When was the bridge built?", "in 1900"),
        ("The castle was built in 1200 and was sold in 1944.", "When was the castle sold?", "in 1944"),
        ("The castle was begun in 1200 and finished in 1250.", "When was the castle begun?", "in 1200"),
    ],
)
def test_questions(sentence: str, question: str, answer: str) -> None:
    assert (question, answer) in asked(sentence)


@pytest.mark.parametrize(
    ("sentence", "clause"),
    [
        ("In 1991 the engineer created the kernel.", "When the engineer created the kernel"),
        ("The chord consists of three notes.", "What the chord consists of"),
        ("The name oxygen was coined in 1777.", "When the name oxygen was coined"),
    ],
)
def test_an_indirect_question_keeps_the_order_of_a_statement(sentence: str, clause: str) -> None:
    assert clause in indirect(sentence)


@pytest.mark.parametrize(
    ("sentence", "order"),
    [
        ("In 1991 the engineer created the kernel.", "The engineer created the kernel in 1991."),
        ("The engineer created the kernel in 1991.", "In 1991, the engineer created the kernel."),
        ("The castle was built by the king.", "The king built the castle."),
        ("The castle was built in 1200 and was sold in 1944.", "The castle was sold in 1944."),
        ("The bridge, which was built in 1900, crosses the river.", "The bridge was built in 1900."),
    ],
)
def test_the_same_is_told_otherwise(sentence: str, order: str) -> None:
    found = analysed(sentence)
    assert found is not None
    assert order in found.orders


@pytest.mark.parametrize(
    ("sentence", "wrong"),
    [
        ("The youth was not lazy.", "was lazy"),
        ("The castle was built in 1200 and destroyed in 1944.", "did the castle destroy"),
        ("The contest took place in the garden.", "take in the garden"),
        ("The dog bit the wolf, and the king hit him.", "hit him"),
        ("The queen met the king before he left the town.", "What did the queen do"),
        ("The prince did as he was bid, and at midnight he crept back to the castle.", "did he creep"),
        ("Plague ravaged London in 1563, 1593, and 1603.", "When did plague"),
        ("The lines are the remnants of five railways.", "What is the remnants"),
        ("Downstairs ran the giant in great joy.", "Downstairs"),
        ("The state has a constitution enacted in 1975.", "When does the state"),
    ],
)
def test_an_uncertain_question_is_not_asked(sentence: str, wrong: str) -> None:
    assert not [question for question, _answer in asked(sentence) if wrong in question]


def test_a_question_that_other_documents_could_answer_is_told_apart() -> None:
    found = analysed("The king built a castle.")
    assert found is not None
    assert not any(one.anchored for one in found.asked)
    named = analysed("Rembrandt painted a portrait in Amsterdam.")
    assert named is not None
    assert any(one.anchored for one in named.asked)


def test_a_definition_is_found() -> None:
    found = analysed("The kernel is a program.")
    assert found is not None
    assert (found.topic, found.meaning) == ("The kernel", "a program")
    person = analysed("Nikola Tesla was an inventor.")
    assert person is not None
    assert person.topic == ""


def test_gaps_are_numbers_and_names_first_and_unambiguous() -> None:
    found = analysed("The king met Rembrandt in 1999 and the king left in 2003.")
    assert found is not None
    assert found.gaps[:3] == ("1999", "2003", "Rembrandt")
    assert "king" not in found.gaps


@pytest.mark.parametrize(
    "sentence",
    [
        "He built it.",
        "This is a kernel.",
        "However, the kernel is fast.",
        "Is it fast?",
        "The king gave him a horse.",
        "The other kernel is fast.",
        "I think the kernel is fast.",
        "The method above is fast.",
    ],
)
def test_what_leans_on_its_neighbours_is_left_out(sentence: str) -> None:
    assert not stands_alone(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The kernel starts the first program.",
        "The king lost his crown.",
        "Employees wear goggles while they use the grinder.",
        "There are two exits in the workshop.",
    ],
)
def test_what_says_everything_itself_stands_alone(sentence: str) -> None:
    assert stands_alone(sentence)


@pytest.mark.parametrize(
    ("sentence", "alone"),
    [
        ("However, the kernel is fast.", "The kernel is fast."),
        ("Then the king left the town.", "The king left the town."),
        ("The kernel, however, is fast.", "The kernel is fast."),
        ("The king left the town, but they followed him.", "The king left the town."),
        ("The kernel is fast.", ""),
        ("The prince was only too pleased.", ""),
        ("As the afternoon wore on, and she could think of no way, they left.", ""),
        ("The queen met Rembrandt, Saskia, and their son.", ""),
    ],
)
def test_what_ties_a_sentence_to_others_is_cut(sentence: str, alone: str) -> None:
    assert freed(sentence) == alone


def test_an_entry_without_subject_is_known() -> None:
    assert subjectless("Contains the code of the kernel.")
    assert not subjectless("The code of the kernel.")


WORDS = st.one_of(
    st.sampled_from(
        ["the", "king", "castle", "built", "was", "by", "in", "1991", "Paris", "which", "and", "not", "he"]
    ),
    st.sampled_from(
        [",", ";", ":", "(", ")", '"', "“", "”", "’s", "n't", "-", "–", "%", "$", "e.g.", "3.5", "to", "it"]
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=14))
def test_any_words_are_survived(words: list[str]) -> None:
    text = " ".join(words).capitalize() + "."
    found = analysed(text)
    for one in found.asked if found else ():
        assert one.word
        assert one.direct.strip() == one.direct != ""
        assert one.answer.strip() == one.answer != ""
    assert isinstance(stands_alone(text), bool)
    assert freed(text) == "" or freed(text).endswith(".")
