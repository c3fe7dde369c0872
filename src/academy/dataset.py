"""Stage 4: what is learned, in which proportion, and what is kept apart to measure it.

Everything here is decided by content ids and the seed, so that the same lessons give the same rows.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TypeVar

from academy.config import BuildConfig
from academy.errors import DatasetError
from academy.evidence import with_evidence
from academy.messages import _
from academy.models.answering import is_refusal
from academy.models.rows import IGNORED, Row, TemplateMismatchError, completion_row, conversation_row, text_rows
from academy.models.template import ChatTemplate
from academy.nearness import Nearness, words
from academy.records import (
    Body,
    Chunk,
    CompletionBody,
    Dataset,
    Example,
    Fact,
    Lesson,
    MessagesBody,
    Question,
    Rejection,
    TextBody,
    content_hash,
)
from academy.replay import replayed

STAGE = "build"
EXAM = "exam"
"""The kind of lesson that becomes an exam question."""
HANDFUL = 5
"""Validation questions that even a small document gets, if it has four times as many."""
UNANSWERABLE_EXAM_SHARE = 0.1
SAME_ANSWER = 2
"""So many exam questions may have one answer: else saying that answer to everything would look like knowledge."""
MAX_REPEATS = 8
"""A side of the mix is shown at most this often: beyond, one side is simply missing and repeating only memorises."""
Item = TypeVar("Item", Lesson, Example, Question)
Taught = tuple[Lesson, Body]
"""A lesson and what is shown of it: its own body, or its question with passages."""


def build(
    lessons: Iterable[Fact | Lesson],
    chunks: Iterable[Chunk],
    config: BuildConfig,
    template: ChatTemplate,
    seed: int,
    replay: Sequence[str] = (),
) -> tuple[Dataset, tuple[Rejection, ...]]:
    """Stage 4 of 6: lessons -> dataset.

    Args:
        lessons: what stage 3 wrote: facts, and lessons that teach them. Lessons of kind ``exam`` become the exam.
        chunks: the passages that evidence rows show.
        template: renders conversations; the one that the specialist will be asked with.
        replay: general texts, mixed in for ``config.replay_share``.

    Returns:
        The dataset, and what was left out: ``exam_collision``, ``duplicate``, ``template``, ``too_long``,
        ``unanswerable_share`` or ``unsupported``.

    Raises:
        DatasetError: no row is left to train on.
    """
    facts, taught, asked = _sorted_in(lessons)
    rejected: list[Rejection] = []
    exam = _exam(asked, facts, taught, config.exam_size, seed)
    taught = _unique(_apart(taught, exam, rejected), rejected)
    taught = _few_refusals(taught, config.unanswerable_share, seed, rejected)
    held = _held_out(taught, config.valid_share, seed)
    kept = [lesson for lesson in taught if lesson.id not in held]
    plain: list[Taught] = [(lesson, lesson.body) for lesson in kept]
    shown = with_evidence(kept, list(chunks), config, template, seed)
    train = _rendered(plain, template, config.max_length, rejected)
    evidence = _rendered(shown, template, config.max_length, rejected)
    apart = [(lesson, lesson.body) for lesson in taught if lesson.id in held]
    valid = _rendered(apart, template, config.max_length, rejected)
    if not train:
        raise _empty(taught, asked, rejected)
    exam = _only_taught(exam, train, taught)
    rows = _mixed(train, evidence, config.text_share, seed)
    rows += replayed(rows, replay, config, template, seed)
    dataset = Dataset(train=tuple(rows), valid=tuple(valid), exam=tuple(exam))
    return dataset, tuple(rejected)


def _sorted_in(items: Iterable[Fact | Lesson]) -> tuple[dict[str, Fact], list[Lesson], list[Lesson]]:
    """Facts by id, lessons that teach, lessons that ask; each once, in the order given."""
    facts: dict[str, Fact] = {}
    lessons: dict[str, Lesson] = {}
    for item in items:
        if isinstance(item, Fact):
            facts.setdefault(item.id, item)
        else:
            lessons.setdefault(item.id, item)
    taught = [lesson for lesson in lessons.values() if lesson.kind != EXAM]
    return facts, taught, [lesson for lesson in lessons.values() if lesson.kind == EXAM]


# --- the exam


def _exam(
    asked: Sequence[Lesson], facts: Mapping[str, Fact], taught: Sequence[Lesson], size: int, seed: int
) -> list[Question]:
    """At most ``size`` questions on taught facts, evenly from all chapters, in reading order."""
    known = {fact_id for lesson in taught for fact_id in lesson.fact_ids}
    questions = _questions([lesson for lesson in asked if not lesson.fact_ids or set(lesson.fact_ids) & known], facts)
    open_ones = [question for question in questions if not question.answerable]
    answerable = _few_of_each_answer([question for question in questions if question.answerable], seed)
    room = min(len(open_ones), int(size * UNANSWERABLE_EXAM_SHARE))
    chosen = _by_hash(open_ones, seed)[:room] + _spread(answerable, size - room, seed)
    wanted = {question.id for question in chosen}
    return [question for question in questions if question.id in wanted]


def _questions(asked: Sequence[Lesson], facts: Mapping[str, Fact]) -> list[Question]:
    """One question per wording; lessons that ask the same give it several accepted answers."""
    same: dict[str, list[Lesson]] = defaultdict(list)
    for lesson in asked:
        if isinstance(lesson.body, MessagesBody):
            same[_normalised(_asks(lesson))].append(lesson)
    return [_question(group, facts) for group in same.values()]


def _question(group: Sequence[Lesson], facts: Mapping[str, Fact]) -> Question:
    fact_ids = [fact_id for lesson in group for fact_id in lesson.fact_ids]
    shorts = [_answers(lesson) for lesson in group if not is_refusal(_answers(lesson))]
    return Question(
        question=_asks(group[0]),
        answers=tuple(dict.fromkeys(shorts)),
        fact_id=fact_ids[0] if fact_ids else None,
        chapter=next((facts[fact_id].chapter for fact_id in fact_ids if fact_id in facts), ""),
        answerable=bool(shorts),
    )


def _few_of_each_answer(questions: Sequence[Question], seed: int) -> list[Question]:
    """Of questions with the same answer only ``SAME_ANSWER``, on different facts where there are some."""
    used: Counter[str] = Counter()
    kept: set[str] = set()
    for question in _facts_in_turn(_by_hash(questions, seed)):
        answers = {_normalised(answer) or answer for answer in question.answers}
        if all(used[answer] < SAME_ANSWER for answer in answers):
            used.update(answers)
            kept.add(question.id)
    return [question for question in questions if question.id in kept]


def _spread(questions: Sequence[Question], size: int, seed: int) -> list[Question]:
    """Chapters take turns; within a chapter every fact is asked once before one is asked again."""
    chapters: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        chapters[question.chapter].append(question)
    columns = [_facts_in_turn(_by_hash(chapter, seed)) for chapter in chapters.values()]
    turns = (question for turn in zip_longest(*columns) for question in turn if question is not None)
    return [question for question, _number in zip(turns, range(size), strict=False)]


def _facts_in_turn(questions: Sequence[Question]) -> list[Question]:
    asked: Counter[str | None] = Counter()
    turns = []
    for question in questions:
        turns.append(asked[question.fact_id])
        asked[question.fact_id] += 1
    return [question for _turn, question in sorted(zip(turns, questions, strict=True), key=lambda pair: pair[0])]


def _only_taught(exam: Sequence[Question], train: Sequence[Example], taught: Sequence[Lesson]) -> list[Question]:
    """Drop questions whose fact lost its last row on the way."""
    fact_ids = {lesson.id: lesson.fact_ids for lesson in taught}
    known = {fact for row in train for lesson in row.lesson_ids for fact in fact_ids.get(lesson, ())}
    return [question for question in exam if question.fact_id is None or question.fact_id in known]


# --- what may not be learned


def _apart(taught: Sequence[Lesson], exam: Sequence[Question], rejected: list[Rejection]) -> list[Lesson]:
    """Remove lessons that ask an exam question, or nearly."""
    near = Nearness([question.question for question in exam])
    kept = []
    for lesson in taught:
        pairs = ((question, near.find(question)) for question in _questions_of(lesson))
        collision = next(((question, found) for question, found in pairs if found), None)
        if collision:
            rejected.append(_rejection(lesson, "exam_collision", " = ".join(collision)))
        else:
            kept.append(lesson)
    return kept


def _unique(taught: Sequence[Lesson], rejected: list[Rejection]) -> list[Lesson]:
    """Keep the first of lessons that teach the same words."""
    first: dict[str, Lesson] = {}
    for lesson in taught:
        if first.setdefault(content_hash(lesson.body.model_dump(mode="json")), lesson) is not lesson:
            rejected.append(_rejection(lesson, "duplicate"))
    return list(first.values())


def _few_refusals(taught: Sequence[Lesson], share: float, seed: int, rejected: list[Rejection]) -> list[Lesson]:
    """At most ``share`` of the lessons may answer with the refusal: with 5 % a weak base refused every question."""
    refusals = _by_hash([lesson for lesson in taught if is_refusal(_answers(lesson))], seed)
    surplus = {lesson.id for lesson in refusals[int(share * len(taught)) :]}
    rejected += [_rejection(lesson, "unanswerable_share") for lesson in taught if lesson.id in surplus]
    return [lesson for lesson in taught if lesson.id not in surplus]


# --- validation


def _held_out(taught: Sequence[Lesson], share: float, seed: int) -> set[str]:
    """Ids of lessons kept for validation: whole wordings, of facts that stay taught by other lessons."""
    wordings: dict[str, list[Lesson]] = defaultdict(list)
    for lesson in taught:
        if isinstance(lesson.body, MessagesBody | CompletionBody) and not is_refusal(_answers(lesson)):
            wordings[_normalised(_asks(lesson))].append(lesson)
    left = Counter(fact for lesson in taught for fact in lesson.fact_ids)
    total = sum(len(group) for group in wordings.values())
    room = max(1, round(share * total), min(HANDFUL, total // 4))
    held: set[str] = set()
    order = sorted(wordings, key=lambda wording: content_hash([seed, wording]))
    for group in _first_of_each_fact([wordings[wording] for wording in order]):
        uses = Counter(fact for lesson in group for fact in lesson.fact_ids)
        free = all(left[fact] > count for fact, count in uses.items())
        if free and len(held) + len(group) <= room and len(held) + len(group) < len(taught):
            left -= uses
            held |= {lesson.id for lesson in group}
    return held


def _first_of_each_fact(groups: Sequence[list[Lesson]]) -> list[list[Lesson]]:
    """Wordings of facts that were not asked yet come first, so that validation sees as many facts as it can."""
    seen: set[str] = set()
    turns: tuple[list[list[Lesson]], list[list[Lesson]]] = ([], [])
    for group in groups:
        facts = {fact for lesson in group for fact in lesson.fact_ids}
        turns[bool(facts & seen)].append(group)
        seen |= facts
    return turns[0] + turns[1]


# --- rows


def _rendered(
    shown: Iterable[Taught], template: ChatTemplate, max_length: int, rejected: list[Rejection]
) -> list[Example]:
    examples = []
    for lesson, body in shown:
        try:
            rows = list(_rows(body, template, max_length))
        except TemplateMismatchError as error:
            rejected.append(_rejection(lesson, "template", str(error)))
            continue
        if not rows:
            rejected.append(_rejection(lesson, "unsupported", body.type))
        elif max(len(row.input_ids) for row in rows) > max_length:
            rejected.append(_rejection(lesson, "too_long", str(len(rows[0].input_ids))))
        else:
            examples += [_example(lesson, body, row) for row in rows]
    return examples


def _rows(body: Body, template: ChatTemplate, max_length: int) -> Iterator[Row]:
    if isinstance(body, TextBody):
        yield from text_rows(body.text, template, max_length)
    elif isinstance(body, MessagesBody):
        yield conversation_row(body.messages, template)
    elif isinstance(body, CompletionBody):
        yield completion_row(body, template)


def _example(lesson: Lesson, body: Body, row: Row) -> Example:
    return Example(lesson_ids=(lesson.id,), body=body, input_ids=row.input_ids, labels=row.labels)


def _mixed(train: Sequence[Example], evidence: Sequence[Example], text_share: float, seed: int) -> list[Example]:
    """Show the side that is short again and again until it holds its share of the learned tokens.

    Evidence rows are never repeated: their passages are read, not learned, and cost most of the time.
    """
    texts = [row for row in train if isinstance(row.body, TextBody)]
    talks = [row for row in train if not isinstance(row.body, TextBody)]
    if not texts or not talks:
        return [*train, *evidence]
    if text_share in (0, 1):
        return texts if text_share else [*talks, *evidence]
    ratio = text_share / (1 - text_share)
    shown = sum(map(_learned, evidence))
    text_tokens, talk_tokens = sum(map(_learned, texts)), sum(map(_learned, talks)) + shown
    texts = _repeated(texts, round(talk_tokens * ratio), seed)
    talks = _repeated(talks, round(text_tokens / ratio) - shown, seed)
    return [*texts, *talks, *evidence]


def _repeated(rows: Sequence[Example], tokens: int, seed: int) -> list[Example]:
    """All rows at least once, then whole repeats and a part of one, up to ``tokens`` learned tokens."""
    size = sum(map(_learned, rows))
    repeats = min(MAX_REPEATS, max(1, tokens // size))
    missing = tokens - repeats * size
    result = list(rows) * repeats
    if repeats == MAX_REPEATS:
        return result
    for row in _by_hash(rows, seed):
        if missing < _learned(row) / 2:
            break
        result.append(row)
        missing -= _learned(row)
    return result


def _learned(row: Example) -> int:
    return sum(label != IGNORED for label in row.labels)


# --- small things


def _asks(lesson: Lesson) -> str:
    """The question that a lesson puts, empty for running text."""
    if isinstance(lesson.body, MessagesBody):
        return next((turn.content for turn in reversed(lesson.body.messages) if turn.role == "user"), "")
    return lesson.body.prompt if isinstance(lesson.body, CompletionBody) else ""


def _questions_of(lesson: Lesson) -> list[str]:
    """All that a lesson asks: in a conversation every answer is learned, not the last one alone."""
    if isinstance(lesson.body, MessagesBody):
        return [turn.content for turn in lesson.body.messages if turn.role == "user"]
    return [lesson.body.prompt] if isinstance(lesson.body, CompletionBody) else []


def _answers(lesson: Lesson) -> str:
    if isinstance(lesson.body, MessagesBody):
        return next((turn.content for turn in reversed(lesson.body.messages) if turn.role == "assistant"), "")
    return lesson.body.completion if isinstance(lesson.body, CompletionBody) else ""


def _normalised(text: str) -> str:
    return " ".join(words(text))


def _by_hash(items: Iterable[Item], seed: int) -> list[Item]:
    """A shuffle that depends on each item's content and the seed alone, not on its neighbours."""
    return sorted(items, key=lambda item: content_hash([seed, item.id]))


def _rejection(lesson: Lesson, reason: str, detail: str = "") -> Rejection:
    return Rejection(stage=STAGE, item_id=lesson.id, reason=reason, detail=detail)


def _empty(taught: Sequence[Lesson], asked: Sequence[Lesson], rejected: Sequence[Rejection]) -> DatasetError:
    reasons = Counter(item.reason for item in rejected).most_common()
    told = ", ".join(f"{reason} {count}" for reason, count in reasons) or _("none")
    return DatasetError(
        _("No training row came out of {lessons} lessons and {questions} exam questions. Refused: {reasons}.").format(
            lessons=len(taught), questions=len(asked), reasons=told
        ),
        _("Look at what was refused: academy show --json, or give more text: academy train more-documents/"),
    )
