"""One protocol for everything that writes: teacher, student, specialist, general model, judge.

``LanguageModel.stream`` is the only generation path: a batch of conversations goes in, deltas come out as they are
written. Commands, exam, API and page are loops over it; ``generate`` is the shortest of them. ``local`` opens model
folders with transformers, ``scripted`` answers from a table in tests.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Literal, Protocol

from academy.errors import ModelError
from academy.messages import _
from academy.records import Conversation, Delta, Generation, Sampling


class LanguageModel(Protocol):
    """Something that answers conversations.

    Attributes:
        name: what a report calls it.
    """

    @property
    def name(self) -> str: ...

    def stream(self, conversations: Sequence[Conversation], sampling: Sampling) -> Iterator[Delta]:
        """Answer a batch of conversations, each of which ends with the user's turn.

        Yields:
            Deltas in the order in which they are written; those of different conversations interleave. Each
            conversation ends with exactly one delta that has a ``finish_reason``.

        Raises:
            ModelError: a prompt does not fit, or the model does not answer.
        """


def generate(model: LanguageModel, conversations: Sequence[Conversation], sampling: Sampling) -> list[Generation]:
    """The finished answers to a batch of conversations, in their order.

    Raises:
        ModelError: as ``stream``; also when an answer breaks off without an end.
    """
    written: list[list[Delta]] = [[] for _conversation in conversations]
    for delta in model.stream(conversations, sampling):
        written[delta.index].append(delta)
    return [_finished(model.name, deltas) for deltas in written]


def _finished(name: str, deltas: Sequence[Delta]) -> Generation:
    reason: Literal["stop", "length"] | None = deltas[-1].finish_reason if deltas else None
    if reason is None:
        raise ModelError(_("The answer of {model} broke off.").format(model=name))
    # The token that ends the answer counts: a model that is unsure whether to stop is less sure of its answer.
    mean = sum(delta.logprob for delta in deltas) / len(deltas)
    return Generation("".join(delta.text for delta in deltas), reason, len(deltas), math.exp(mean))
