"""The model of the other tests, and the loop that collects answers."""

import pytest

from academy.errors import ModelError
from academy.models import generate
from academy.models.scripted import ScriptedModel
from academy.records import Message, Sampling


def ask(text: str) -> tuple[Message, ...]:
    return (Message(role="user", content=text),)


def test_answers_come_word_by_word_and_calls_are_recorded() -> None:
    model = ScriptedModel({"a": "eins zwei\ndrei", "b": "vier"})
    deltas = list(model.stream([ask("a"), ask("b")], Sampling()))
    assert [(d.index, d.text) for d in deltas] == [
        (0, "eins "),
        (0, "zwei\n"),
        (0, "drei"),
        (0, ""),
        (1, "vier"),
        (1, ""),
    ]
    assert model.calls == [ask("a"), ask("b")]
    assert model.samplings == [Sampling()]
    assert [g.text for g in generate(model, [ask("b"), ask("a")], Sampling())] == ["vier", "eins zwei\ndrei"]


def test_a_function_may_answer_and_limits_hold() -> None:
    model = ScriptedModel(lambda conversation: conversation[-1].content.upper())
    limited, stopped = (
        generate(model, [ask("ab cd ef")], s)[0] for s in (Sampling(max_new_tokens=2), Sampling(stop=("C",)))
    )
    assert (limited.text, limited.finish_reason) == ("AB CD ", "length")
    assert (stopped.text, stopped.finish_reason) == ("AB ", "stop")


def test_an_unknown_question_is_an_error() -> None:
    with pytest.raises(ModelError, match="no answer to: c"):
        generate(ScriptedModel({}), [ask("c")], Sampling())


def test_an_answer_that_breaks_off_is_an_error() -> None:
    class Broken:
        name = "broken"

        def stream(self, conversations: object, sampling: object):  # type: ignore[no-untyped-def]
            yield from list(ScriptedModel({"a": "eins"}).stream([ask("a")], Sampling()))[:-1]

    with pytest.raises(ModelError, match="broke off"):
        generate(Broken(), [ask("a")], Sampling())
