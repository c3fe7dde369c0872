"""The judge sits an exam first: a good one is used, a bad one is not, and the report says why."""

import re

import pytest

from academy.evaluation.judge import judge, judge_warning
from academy.models.answering import refusal
from academy.models.scripted import ScriptedModel
from academy.records import Conversation, Question

EXAM = [
    *(Question(question=f"Wie heißt Nummer {n}?", answers=(f"Name{n}", f"Alias{n}")) for n in range(20)),
    Question(question="Was ist fremd?", answers=(), answerable=False),
]


def reads(conversation: Conversation) -> str:
    """A judge that finds an accepted answer in the given one."""
    text = conversation[-1].content
    right = text.split("Richtige Antwort: ")[1].split("\n")[0].split(" / ")
    given = text.split("Gegebene Antwort: ")[1].split("\n")[0]
    return "Ja." if any(re.search(rf"\b{name}\b", given) for name in right) else "Nein."


def test_a_good_judge_is_used() -> None:
    answers = {
        "specialist": [f"Das ist Alias{n}" if n < 15 else "falsch" for n in range(20)] + ["x"],
        "base": [refusal("de")] * 21,
    }
    model = ScriptedModel(reads, name="richter")
    audit, scores = judge(model, EXAM, answers, batch=7)
    assert audit is not None
    assert (audit.model, audit.used) == ("richter", True)
    assert (audit.references.value, audit.strangers.value, audit.references.n) == (1.0, 0.0, 20)
    assert (scores["specialist"].metric, scores["specialist"].value, scores["specialist"].n) == ("judge", 0.75, 20)
    assert scores["base"].value == 0.0
    assert len(model.calls) == 20 + 20 + 20, "refusals are wrong without being asked about"
    assert judge_warning(audit, "en") == ()


@pytest.mark.parametrize(
    ("says", "references", "strangers"), [("Ja", 1.0, 1.0), ("Nein", 0.0, 0.0), ("vielleicht ja", 0.0, 0.0)]
)
def test_a_judge_that_fails_the_audit_is_not_used(says: str, references: float, strangers: float) -> None:
    audit, scores = judge(ScriptedModel(lambda conversation: says), EXAM, {"base": ["Name1"] * 21}, batch=16)
    assert audit is not None
    assert (audit.used, audit.references.value, audit.strangers.value) == (False, references, strangers)
    assert scores == {}
    (said,) = judge_warning(audit, "en")
    assert "scripted was not used" in said
    assert "n = 20" in said


def test_an_exam_without_other_answers_cannot_audit() -> None:
    same = [Question(question=f"{n}?", answers=("immer gleich",)) for n in range(8)]
    assert judge(ScriptedModel(lambda conversation: "Ja"), same, {"base": ["x"] * 8}, 4) == (None, {})
    assert judge(ScriptedModel(lambda conversation: "Ja"), EXAM[-1:], {"base": ["x"]}, 4) == (None, {})


def test_it_is_asked_in_the_language_of_the_question() -> None:
    english = [Question(question=f"What is the name of number {n}?", answers=(f"Name{n}",)) for n in range(3)]
    model = ScriptedModel(lambda conversation: "yes")
    judge(model, english, {}, 4)
    assert "Right answer: Name0\nGiven answer: Name0" in model.calls[0][0].content
