"""A language model that answers from a table: for tests, and for trying out prompts without a model."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from academy.errors import ModelError
from academy.messages import _
from academy.records import Conversation, Delta, Message, Sampling

_WORD = re.compile(r"\S+\s*|\s+")


class ScriptedModel:
    """Answers from a table (last user turn -> answer) or from a function of the conversation.

    Attributes:
        calls: every conversation that was answered, in order.
        samplings: the sampling of each call of ``stream``.
    """

    def __init__(self, answers: Mapping[str, str] | Callable[[Conversation], str], name: str = "scripted") -> None:
        self.name = name
        self.calls: list[tuple[Message, ...]] = []
        self.samplings: list[Sampling] = []
        self._answer = answers if callable(answers) else _lookup(answers)

    def stream(self, conversations: Sequence[Conversation], sampling: Sampling) -> Iterator[Delta]:
        """Write word by word, one conversation after the other; a word counts as a token.

        Raises:
            ModelError: the table has no answer.
        """
        self.samplings.append(sampling)
        for index, conversation in enumerate(conversations):
            self.calls.append(tuple(conversation))
            yield from _words(index, self._answer(conversation), sampling)


def _words(index: int, answer: str, sampling: Sampling) -> Iterator[Delta]:
    for stop in sampling.stop:
        answer = answer.partition(stop)[0]
    words = _WORD.findall(answer)
    for word in words[: sampling.max_new_tokens]:
        yield Delta(index, word)
    yield Delta(index, "", finish_reason="stop" if len(words) <= sampling.max_new_tokens else "length")


def _lookup(answers: Mapping[str, str]) -> Callable[[Conversation], str]:
    def answer(conversation: Conversation) -> str:
        question = next((m.content for m in reversed(conversation) if m.role == "user"), "")
        if question not in answers:
            raise ModelError(_("The scripted model has no answer to: {question}").format(question=question))
        return answers[question]

    return answer
