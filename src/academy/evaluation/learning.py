"""What became of each question: whether it was taught at all, whether it was learned, and whether training saw it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from academy.evaluation.metrics import METRICS, containment, measured
from academy.languages import detect
from academy.messages import N_, _
from academy.models.answering import answering
from academy.nearness import Nearness, words
from academy.records import Body, CompletionBody, Example, MessagesBody, Question, TextBody
from academy.reports import CandidateScores, Chapter, Learning
from academy.retrieval import terms

BY_CHAPTER = ("token_f1", "containment")
"""What is measured for each chapter."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A lesson as words: what it asks, what is learned, both between blanks so that whole words are found."""

    asked: str
    learned: str


def taught(exam: Sequence[Question], train: Iterable[Example]) -> list[bool]:
    """Whether a lesson covers each question.

    A generated question names its fact, and stage 4 keeps it only while a lesson teaches that fact. A question that
    people wrote counts as taught when one of its answers stands, in whole words, in what one lesson makes the model
    learn, and that lesson shares a word (stem; no stop words) with the question beside the answer. Rows that show
    passages do not count: they teach reading, not the fact.
    """
    rows = _rows(train)
    return [question.fact_id is not None or _covered(question, rows) for question in exam]


def _rows(train: Iterable[Example]) -> list[_Row]:
    found = (_row(example.body) for example in train)
    return list(dict.fromkeys(row for row in found if row is not None))


def _row(body: Body) -> _Row | None:
    if isinstance(body, TextBody):
        return _Row(" ", _spaced(body.text))
    if isinstance(body, CompletionBody):
        return _Row(_spaced(body.prompt), _spaced(body.completion))
    if not isinstance(body, MessagesBody) or _shows_passages(body):
        return None
    said = {role: " ".join(turn.content for turn in body.messages if turn.role == role) for role in _ROLES}
    return _Row(_spaced(said["user"]), _spaced(said["assistant"]))


_ROLES = ("user", "assistant")


def _shows_passages(body: MessagesBody) -> bool:
    lines = answering().system["evidence"].values()
    return any(turn.role == "system" and line in turn.content for turn in body.messages for line in lines)


def _spaced(text: str) -> str:
    return f" {' '.join(words(text))} "


def _covered(question: Question, rows: Sequence[_Row]) -> bool:
    language = detect(question.question)
    for answer in question.answers:
        phrase = _spaced(answer)
        wanted = set(terms(question.question, language)) - set(terms(answer, language))
        for row in rows:
            if phrase.strip() and phrase in row.learned:
                beside = f"{row.asked} {row.learned.replace(phrase, ' ')}"
                if not wanted or wanted & set(terms(beside, language)):
                    return True
    return False


def seen(exam: Sequence[Question], train: Iterable[Example]) -> set[str]:
    """The exam questions that a training row puts, or nearly; see ``Nearness``.

    None of the generated ones, whose rows stage 4 removed; a user's own exam is not known when rows are made.
    """
    near = Nearness([question.question for question in exam])
    asked = dict.fromkeys(text for example in train for text in _asked(example.body))
    return {found for text in asked if (found := near.find(text)) is not None}


def contaminated(exam: Sequence[Question], others: Mapping[str, Iterable[Example]], language: str) -> list[str]:
    """Which other runs learned questions of this exam: it was kept apart from this run's rows alone.

    Args:
        others: candidate -> what it was trained on.
    """
    counts = ((name, len(seen(exam, rows))) for name, rows in others.items())
    return [_(_LEARNED_IT, language).format(run=name, n=n, all=len(exam)) for name, n in counts if n]


_LEARNED_IT = N_(
    "{n} of {all} exam questions stand, nearly so, in the training rows of {run}: this exam was kept apart from the "
    "rows of its own run alone, so the other run's score may be too good. Examine both with questions of your own: "
    "academy evaluate --exam FILE"
)


def _asked(body: Body) -> Iterable[str]:
    if isinstance(body, MessagesBody):
        return [turn.content for turn in body.messages if turn.role == "user"]
    return [body.prompt] if isinstance(body, CompletionBody) else []


def learned(exam: Sequence[Question], covered: Sequence[bool], given: Sequence[str] | None) -> list[Learning | None]:
    """What became of each question that the documents answer.

    Args:
        covered: whether a lesson covers it.
        given: the specialist's answers from memory; None: it did not sit the exam.
    """
    if given is None:
        return [None] * len(exam)
    triples = zip(exam, covered, given, strict=True)
    return [
        _NAMED[bool(containment(answer, question.answers)), known] if question.answerable else None
        for question, known, answer in triples
    ]


_NAMED: dict[tuple[bool, bool], Learning] = {
    (True, True): "learned",
    (True, False): "known",
    (False, True): "not_learned",
    (False, False): "not_taught",
}


def counted(found: Iterable[Learning | None]) -> dict[Learning, int]:
    """How many questions came to each end, all four named; empty when there is none."""
    counts = Counter(outcome for outcome in found if outcome is not None)
    return {outcome: counts[outcome] for outcome in _NAMED.values()} if counts else {}


def chapters(
    answers: Mapping[str, Sequence[str]],
    exam: Sequence[Question],
    outcomes: Sequence[Learning | None],
    resamples: int,
    seed: int,
) -> tuple[Chapter, ...]:
    """The answerable questions chapter by chapter, in the order of the exam."""
    places: dict[str, list[int]] = {}
    for place, question in enumerate(exam):
        if question.answerable:
            places.setdefault(question.chapter, []).append(place)
    return tuple(
        Chapter(
            name=name,
            n=len(chosen),
            candidates=tuple(
                _scores(who, [given[p] for p in chosen], [exam[p] for p in chosen], resamples, seed)
                for who, given in answers.items()
            ),
            learning=counted(outcomes[p] for p in chosen),
        )
        for name, chosen in places.items()
    )


def _scores(
    candidate: str, given: Sequence[str], exam: Sequence[Question], resamples: int, seed: int
) -> CandidateScores:
    found = (measured(metric, given, exam, resamples, seed) for metric in METRICS if metric in BY_CHAPTER)
    return CandidateScores(candidate=candidate, scores=tuple(score for score in found if score))
