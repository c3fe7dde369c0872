"""Training rows: token ids, and which of them are learned.

Of a conversation the assistant's turns are learned and the token that ends each, so that the model learns to stop. What
precedes an answer is exactly what ``ChatTemplate.render_ids(..., generate=True)`` gives at inference; a template for
which that does not hold is refused row by row.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from academy.models.template import ChatTemplate
from academy.records import CompletionBody, Message

IGNORED = -100
"""The label of a token that is not learned, as PyTorch's cross entropy has it."""


class TemplateMismatchError(ValueError):
    """The prompt used for answering is not what precedes the answer in training."""


@dataclass(frozen=True, slots=True)
class Row:
    """One training row; both have shape (length,)."""

    input_ids: tuple[int, ...]
    labels: tuple[int, ...]


def conversation_row(messages: Sequence[Message], template: ChatTemplate) -> Row:
    """Render a conversation that ends with the assistant.

    Raises:
        TemplateMismatchError: the prompt is not a prefix of the whole, or an earlier turn is rewritten by a later one.
    """
    ids: list[int] = []
    learned: list[tuple[int, int]] = []
    for turn, message in enumerate(messages):
        if message.role != "assistant":
            continue
        start, ids = _answered(messages[:turn], message, ids, template)
        learned.append((start, len(ids)))
    labels = [IGNORED] * len(ids)
    for start, end in learned:
        labels[start:end] = ids[start:end]
    return Row(tuple(ids), tuple(labels))


def _answered(
    prompt: Sequence[Message], answer: Message, before: Sequence[int], template: ChatTemplate
) -> tuple[int, list[int]]:
    """Where the answer starts, and the ids up to and including the token that ends it."""
    start = template.render_ids(prompt, generate=True)
    whole = template.render_ids([*prompt, answer], generate=False)
    if whole[: len(start)] != start or whole[: len(before)] != list(before):
        raise TemplateMismatchError(template.render(prompt, generate=True)[-40:])
    stops = set(template.stop_ids)
    end = next((place for place in range(len(start), len(whole)) if whole[place] in stops), None)
    return len(start), [*whole, template.eos_id] if end is None else whole[: end + 1]


def completion_row(body: CompletionBody, template: ChatTemplate) -> Row:
    """A prompt, not learned, and its continuation with the end token, learned.

    Raises:
        TemplateMismatchError: the tokenizer joins the end of the prompt with the start of the continuation.
    """
    start = [*_bos(template), *template.encode(body.prompt)]
    whole = [*_bos(template), *template.encode(body.prompt + body.completion), template.eos_id]
    if whole[: len(start)] != start:
        raise TemplateMismatchError(body.prompt[-40:])
    return Row(tuple(whole), (IGNORED,) * len(start) + tuple(whole[len(start) :]))


def text_rows(text: str, template: ChatTemplate, max_length: int) -> Iterator[Row]:
    """Running text between start and end tokens, every token learned; longer text is split at line or sentence ends.

    Only the last piece gets the end token: the others go on.
    """
    room = max_length - len(_bos(template)) - 1
    pieces = list(_pieces(text.strip(), template, room))
    for number, piece in enumerate(pieces, start=1):
        end = [template.eos_id] if number == len(pieces) else []
        ids = (*_bos(template), *template.encode(piece), *end)
        yield Row(ids, ids)


def _bos(template: ChatTemplate) -> list[int]:
    return [] if template.bos_id is None else [template.bos_id]


def _pieces(text: str, template: ChatTemplate, room: int) -> Iterator[str]:
    """Halve what is too long at the best break near its middle until everything fits."""
    if not text:
        return
    if len(text) < 2 or template.count(text) <= room:
        yield text
        return
    cut = _break(text)
    yield from _pieces(text[:cut], template, room)
    yield from _pieces(text[cut:], template, room)


def _break(text: str) -> int:
    """The break nearest to the middle: after a line, else after a sentence, else after a word, else anywhere."""
    middle = len(text) // 2
    for mark in ("\n", ". ", " "):
        before, after = text.rfind(mark, 1, middle), text.find(mark, middle, len(text) - 1)
        places = [place + len(mark) for place in (before, after) if len(text) // 8 < place < 7 * len(text) // 8]
        if places:
            return min(places, key=lambda place: abs(place - middle))
    return middle
