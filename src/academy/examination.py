"""Who sits the exam of a run, and what its report says beside the scores; gathered from the run folder for stage 6."""

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import academy
from academy.artefacts import read_records
from academy.config import OTHER_RUN, AcademyConfig, CostConfig, StudentConfig
from academy.energy import cost
from academy.evaluation import Candidate, Examined, load_exam
from academy.evaluation.rating import read_ratings
from academy.models import LanguageModel
from academy.models.student import Student, resolve_student
from academy.quality import as_facts, measure
from academy.records import Answer, Chunk, Document, Example, Fact, Lesson, Mode, Question, Rejection
from academy.runs import find_run, read_state
from academy.shots import shots
from academy.specialist import Expert, open_specialist_of, read_index

SITTERS: dict[str, tuple[str, Mode]] = {
    "base": ("base", "specialist"),
    "base-few-shot": ("few-shot", "specialist"),
    "specialist": ("specialist", "specialist"),
    "retrieval": ("specialist", "retrieval"),
    "evidence": ("specialist", "evidence"),
    "base-evidence": ("base", "evidence"),
}
"""Candidate -> whose model, and how it answers. All of them get the same prompts."""
MODELS = ("base", "specialist")
"""Those of whom likelihoods are asked, too."""
WORKING = ("ingest", "chunk", "distil", "build", "finetune")


def examined(folder: Path, student: Student, config: AcademyConfig) -> Examined:
    """Everything that stage 6 needs from a run whose first five stages are complete.

    Raises:
        RunError: a stage is missing.
        DatasetError: the user's exam cannot be used.
    """
    path = config.evaluate.exam
    exam = load_exam(path) if path else []
    experts = _experts(folder, student, config, exam)
    return Examined(
        candidates=candidates(folder, config, experts),
        exam=exam,
        exam_name=path.name if path else "",
        coverage=coverage(folder),
        facts=facts(folder, config.cost) | {"query_mode": config.query.mode},
        places=places(folder),
        models={name: _opener(experts[name]) for name in MODELS if name in config.evaluate.candidates},
        judge=_judge(config.evaluate.judge),
        ratings=read_ratings(folder),
        others={f"{OTHER_RUN}{other.name}": _trained_on(other) for other in other_runs(folder, config)},
    )


def _experts(folder: Path, student: Student, config: AcademyConfig, exam: Sequence[Question]) -> dict[str, Expert]:
    """Whose model answers; models are opened when they are first asked, each once."""
    expert = Expert(read_index(folder, config.query), config.query, lambda: open_specialist_of(folder, config))
    base = expert.with_model(lambda: _open_base(student))
    found = {"specialist": expert, "base": base}
    if "base-few-shot" in config.evaluate.candidates:
        shown = shots(folder, exam, config.evaluate.shots, config.seed)
        found |= {"few-shot": base.with_model(_opener(base), shown)} if shown else {}
    return found


def _opener(expert: Expert) -> Callable[[], LanguageModel]:
    return lambda: expert.model


def candidates(folder: Path, config: AcademyConfig, experts: Mapping[str, Expert]) -> dict[str, Candidate]:
    """The candidates that the configuration names, without those that this run cannot have."""
    named = (name for name in config.evaluate.candidates if name in SITTERS and SITTERS[name][0] in experts)
    found = {name: _candidate(experts[SITTERS[name][0]], SITTERS[name][1]) for name in named}
    others = other_runs(folder, config)
    return found | {f"{OTHER_RUN}{other.name}": _candidate(Expert.open(other), "specialist") for other in others}


def other_runs(folder: Path, config: AcademyConfig) -> list[Path]:
    """The folders of the other runs whose specialists sit the exam from memory.

    Raises:
        RunError: there is no such run.
    """
    names = [name.removeprefix(OTHER_RUN) for name in config.evaluate.candidates if name.startswith(OTHER_RUN)]
    return [find_run(folder.parent, name) for name in names]


def _trained_on(folder: Path) -> Iterator[Example]:
    """The training rows of a run, read when they are asked for."""
    yield from read_records(folder / "4-dataset" / "train.jsonl")


def _judge(name: str | None) -> Callable[[], LanguageModel] | None:
    return None if name is None else lambda: _open_base(resolve_student(StudentConfig(model=name)))


def _candidate(expert: Expert, mode: Mode) -> Candidate:
    def answer(questions: Sequence[str]) -> list[Answer]:
        return expert.answer(questions, mode)

    return answer


def _open_base(student: Student) -> LanguageModel:
    from academy.models.local import open_model

    return open_model(student)


def coverage(folder: Path) -> dict[str, int]:
    """How many facts are taught from each page, in reading order; pages without facts count 0.

    Keys are page numbers, with "document · " before them when there are several documents. Formats without pages are
    counted by heading.
    """
    documents: dict[str, Document] = {doc.id: doc for doc in read_records(folder / "1-documents.jsonl")}
    chunks: dict[str, Chunk] = {chunk.id: chunk for chunk in read_records(folder / "2-chunks.jsonl")}
    several = len(documents) > 1
    found = places(folder)
    counts: Counter[str] = Counter()
    for document in documents.values():
        counts.update({_page_key(document, str(page + 1), several): 0 for page in range(len(document.pages))})
    for chunk in chunks.values():
        counts[_place(documents[chunk.document_id], chunk, 0, several)] += 0
    counts.update(found.values())
    return dict(counts)


def places(folder: Path) -> dict[str, str]:
    """Fact -> the page or chapter that it was taught from, named as in ``coverage``."""
    documents: dict[str, Document] = {doc.id: doc for doc in read_records(folder / "1-documents.jsonl")}
    chunks: dict[str, Chunk] = {chunk.id: chunk for chunk in read_records(folder / "2-chunks.jsonl")}
    found = {}
    for fact in _facts(folder):
        if fact.chunk_ids and fact.chunk_ids[0] in chunks:
            chunk = chunks[fact.chunk_ids[0]]
            inside = max(0, chunk.text.find(fact.quotes[0])) if fact.quotes else 0
            found[fact.id] = _place(documents[chunk.document_id], chunk, inside, len(documents) > 1)
    return found


def _place(document: Document, chunk: Chunk, inside: int, several: bool) -> str:
    if document.pages:
        return _page_key(document, str(bisect_right(document.pages, chunk.start + inside)), several)
    return _page_key(document, chunk.headings[1] if len(chunk.headings) > 1 else document.title, several)


def _page_key(document: Document, page: str, several: bool) -> str:
    return f"{document.title} · {page}" if several else page


def _facts(folder: Path) -> Iterator[Fact]:
    lessons = folder / "3-lessons.jsonl"
    if lessons.is_file():
        yield from (record for record in read_records(lessons) if isinstance(record, Fact))


def facts(folder: Path, price: CostConfig) -> dict[str, str | int | float]:
    """Counts, refused items by reason, minutes of work and their price, and what left the machine."""
    titles = [document.title for document in read_records(folder / "1-documents.jsonl")]
    lessons = [record for record in read_records(folder / "3-lessons.jsonl") if isinstance(record, Lesson)]
    refused = Counter(record.reason for record in _rejections(folder))
    return {
        "run": folder.name,
        "title": titles[0] if len(titles) == 1 else folder.name,
        "documents": len(titles),
        "lessons": len(lessons),
        **{f"rejected.{reason}": count for reason, count in sorted(refused.items())},
        **as_facts(measure(folder)),
        **_cost(folder, price),
        "academy": academy.__version__,
        "sent": sent(folder),
    }


def sent(folder: Path) -> str:
    """To whom passages of the documents went; "nothing" when they stayed on this machine."""
    stages = read_state(folder)["stages"] if (folder / "run.yaml").is_file() else {}
    usage = stages.get("distil", {}).get("usage", {})
    return ", ".join(f"{name} ({used['sent_to']})" for name, used in usage.items() if used["sent_to"]) or "nothing"


def _rejections(folder: Path) -> Iterator[Rejection]:
    path = folder / "rejected.jsonl"
    return read_records(path) if path.is_file() else iter(())


def _cost(folder: Path, price: CostConfig) -> dict[str, str | float]:
    """Minutes, energy and money of stages 1 to 5; nothing when the events are lost."""
    path = folder / "events.jsonl"
    return cost(_events(path), WORKING, price) if path.is_file() else {}


def _events(path: Path) -> Iterator[dict[str, Any]]:
    """What was noted; lines that a kill cut off are skipped, for they are written without waiting for the disk."""
    for line in path.read_text(encoding="utf-8", errors="replace").split("\n"):
        with suppress(ValueError):
            event = json.loads(line)
            if isinstance(event, dict):
                yield event
