"""What was taught and from what: counts that show a teacher's mistakes before a model learns them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from academy.artefacts import read_records
from academy.records import Body, Chunk, Document, Fact, Lesson, MessagesBody


@dataclass(frozen=True, slots=True)
class Quality:
    """The data of a run in figures.

    Attributes:
        languages: ISO code -> documents.
        passages: passages of all documents.
        passages_taught: those from which at least one fact was taught.
        kinds: kind -> lessons; facts are no lessons.
        teachers: who wrote -> lessons.
        duplicates: lessons that say, but for case and spaces, what an earlier one says.
        lengths: words of the shortest, the middle and the longest lesson; empty without lessons.
    """

    languages: Counter[str]
    passages: int
    passages_taught: int
    facts: int
    lessons: int
    kinds: Counter[str]
    teachers: Counter[str]
    duplicates: int
    lengths: tuple[int, ...]


def measure(folder: Path) -> Quality:
    """The data of a run that has been distilled.

    Raises:
        RunError: a file is damaged.
    """
    documents: list[Document] = list(read_records(folder / "1-documents.jsonl"))
    chunks: Iterator[Chunk] = read_records(folder / "2-chunks.jsonl")
    records = list(read_records(folder / "3-lessons.jsonl"))
    facts = [record for record in records if isinstance(record, Fact)]
    lessons = [record for record in records if isinstance(record, Lesson)]
    texts = [text_of(lesson.body) for lesson in lessons]
    taught = {name for fact in facts for name in fact.chunk_ids}
    present = [chunk.id in taught for chunk in chunks]
    return Quality(
        languages=Counter(document.language for document in documents),
        passages=len(present),
        passages_taught=sum(present),
        facts=len(facts),
        lessons=len(lessons),
        kinds=Counter(lesson.kind for lesson in lessons),
        teachers=Counter(lesson.teacher for lesson in lessons),
        duplicates=_repeated(texts),
        lengths=_lengths(texts),
    )


def as_facts(quality: Quality) -> dict[str, str | int | float]:
    """The same, flat, as a report keeps it: ``language.de``, ``kind.question``, ``teacher.offline`` and so on."""
    counted = {"language": quality.languages, "kind": quality.kinds, "teacher": quality.teachers}
    names = ("words_least", "words_middle", "words_most")
    return {
        "facts": quality.facts,
        "passages_taught": quality.passages_taught,
        "duplicates": quality.duplicates,
        **dict(zip(names, quality.lengths, strict=False)),
        **{f"{group}.{name}": n for group, counts in counted.items() for name, n in sorted(counts.items())},
    }


def text_of(body: Body) -> str:
    """Everything that a lesson says, its parts one below the other."""
    if isinstance(body, MessagesBody):
        return "\n".join(message.content for message in body.messages)
    return "\n".join(str(value) for key, value in body if key != "type")


def _repeated(texts: Iterable[str]) -> int:
    counts = Counter(" ".join(text.lower().split()) for text in texts)
    return sum(count - 1 for count in counts.values())


def _lengths(texts: Sequence[str]) -> tuple[int, ...]:
    words = [len(text.split()) for text in texts]
    return (min(words), round(median(words)), max(words)) if words else ()
