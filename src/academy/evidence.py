"""Evidence rows: a question shown with numbered passages, as evidence mode shows it."""

import random
from collections.abc import Iterator, Sequence

from academy.config import BuildConfig
from academy.languages import detect
from academy.models.answering import evidence_messages, is_refusal, refusal
from academy.models.template import ChatTemplate
from academy.records import Chunk, Lesson, Message, MessagesBody, content_hash
from academy.sentences import sentences

WINDOWS = (110, 80, 55, 35)
"""Longest passage in words; shorter ones are taken when a row would not fit."""
TRIES = 8
"""Other passages looked at to find one that does not hold the answer."""
NOT_SHOWN = ("cloze",)
"""A gap is not a question that a reader of passages is asked."""


def with_evidence(
    lessons: Sequence[Lesson], chunks: Sequence[Chunk], config: BuildConfig, template: ChatTemplate, seed: int
) -> list[tuple[Lesson, MessagesBody]]:
    """Show a share of the questions again with the passage that answers them and one or two that do not.

    Some of them (``unanswerable_share`` of all questions, less those that are refused already) lack the right passage
    and are answered with the refusal. Each comes with the lesson that it was made from.
    """
    asking = [lesson for lesson in lessons if isinstance(lesson.body, MessagesBody)]
    usable = [lesson for lesson in asking if _usable(lesson)]
    usable.sort(key=lambda lesson: content_hash([seed, "evidence", lesson.id]))
    chosen = usable[: round(config.evidence_share * len(asking))]
    refused = sum(is_refusal(_talk(lesson)[-1].content) for lesson in asking)
    without = max(0, int(config.unanswerable_share * (len(asking) + len(chosen))) - refused)
    shelf = _Shelf(chunks, config.max_length, template)
    shown = ((lesson, shelf.show(lesson, seed, gold=place >= without)) for place, lesson in enumerate(chosen))
    return [(lesson, body) for lesson, body in shown if body is not None]


class _Shelf:
    """The passages that rows can show."""

    def __init__(self, chunks: Sequence[Chunk], max_length: int, template: ChatTemplate) -> None:
        self._chunks = {chunk.id: chunk for chunk in chunks}
        self._order = list(self._chunks.values())
        self._max_length = max_length
        self._template = template

    def show(self, lesson: Lesson, seed: int, gold: bool) -> MessagesBody | None:
        """The lesson's question with passages; None when its own passage is unknown or nothing fits."""
        chunk = self._chunks.get(lesson.chunk_ids[0])
        if chunk is None:
            return None
        draw = random.Random(f"{seed}:{lesson.id}")
        others = list(self._others(lesson, draw, count=draw.choice((1, 2))))
        place = draw.randrange(len(others) + 1)
        for count in range(len(others), -1 if gold else 0, -1):
            for words in WINDOWS:
                passages = [window(other.text, start, start, words) for other, start in others[:count]]
                if gold:
                    passages.insert(min(place, count), _gold(lesson, chunk, words))
                body = _body(lesson, passages, detect(chunk.text), gold)
                if self._fits(body):
                    return body
        return None

    def _others(self, lesson: Lesson, draw: random.Random, count: int) -> Iterator[tuple[Chunk, int]]:
        """Places in other chunks whose text does not hold the answer."""
        answer = _talk(lesson)[-1].content.casefold().rstrip(".")
        for chunk in draw.sample(self._order, min(TRIES, len(self._order))):
            start = draw.randrange(len(chunk.text) or 1)
            if count and chunk.id not in lesson.chunk_ids and answer not in chunk.text.casefold():
                count -= 1
                yield chunk, start

    def _fits(self, body: MessagesBody) -> bool:
        return len(self._template.render_ids(body.messages, generate=False)) < self._max_length


def window(text: str, start: int, end: int, words: int) -> str:
    """Whole sentences of ``text`` around ``text[start:end]``, at most ``words`` words unless one sentence is longer."""
    spans = list(sentences(text))
    if not spans:
        return text.strip()
    first = last = max((number for number, span in enumerate(spans) if span[0] <= start), default=0)
    while last + 1 < len(spans) and spans[last + 1][0] < end:
        last += 1
    for step in range(2 * len(spans)):
        low, high = (first - 1, last) if step % 2 else (first, last + 1)
        if low >= 0 and high < len(spans) and len(text[spans[low][0] : spans[high][1]].split()) <= words:
            first, last = low, high
    return text[spans[first][0] : spans[last][1]]


def _gold(lesson: Lesson, chunk: Chunk, words: int) -> str:
    quote = lesson.quotes[0] if lesson.quotes else ""
    start = max(0, chunk.text.find(quote))
    return window(chunk.text, start, start + len(quote), words)


def _body(lesson: Lesson, passages: Sequence[str], language: str, gold: bool) -> MessagesBody:
    turns = _talk(lesson)
    question = next(turn.content for turn in reversed(turns) if turn.role == "user")
    prompt = evidence_messages(passages, question, language, full_sentence=turns[0].role == "system")
    answer = turns[-1] if gold else Message(role="assistant", content=refusal(language))
    return MessagesBody(messages=(*prompt, answer))


def _talk(lesson: Lesson) -> tuple[Message, ...]:
    assert isinstance(lesson.body, MessagesBody)
    return lesson.body.messages


def _usable(lesson: Lesson) -> bool:
    roles = [turn.role for turn in _talk(lesson)]
    one_answer = roles.count("user") == 1 and roles[-1] == "assistant"
    return (
        one_answer
        and lesson.kind not in NOT_SHOWN
        and bool(lesson.chunk_ids)
        and not is_refusal(_talk(lesson)[-1].content)
    )
