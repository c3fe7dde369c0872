"""How teachable the embedded base is: real documents through the whole line, then questions that people wrote.

ACADEMY_DATA=FOLDER python -m benchmarks.teachability --out FOLDER [--minutes 3] [--documents 12] [--preview FOLDER]

For every document the offline teacher writes lessons once; then the base, its shape with random weights, the same
base on shuffled answers and (if given) another model are fine-tuned on those lessons, the first for ``--minutes``, the
others for as many steps. All sit the human exam closed-book, beside retrieval and evidence mode. What is finished is
kept in ``--out`` and not made again, so the table can be made in several sittings. Intervals are 95 % paired bootstraps
over questions.
"""

import argparse
import json
import os
import random
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from academy.artefacts import read_records
from academy.config import AcademyConfig, FinetuneConfig, StudentConfig
from academy.evaluation import load_exam
from academy.evaluation.intervals import bootstrap
from academy.evaluation.metrics import containment, token_f1
from academy.finetuning import finetune
from academy.models.local import open_model, open_specialist
from academy.models.student import EMBEDDED_FOLDER, Student, resolve_student
from academy.pipeline import open_run, train
from academy.records import Dataset, Example, Mode, Question
from academy.specialist import Expert, read_index

STORIES, ARTICLES = 8, 4
METRICS: Mapping[str, Callable[[str, Sequence[str]], float]] = {"f1": token_f1, "contains": containment}
PAIRS = (
    ("specialist", "base"), ("specialist", "random twin"), ("specialist", "preview"),
    ("specialist", "shuffled answers"), ("evidence", "retrieval"), ("evidence of the base", "retrieval"),
)  # fmt: skip


def exams(count: int) -> list[Path]:
    """Folders with a document and its exam: two stories for each German article, spread over the alphabet."""
    root = Path(os.environ["ACADEMY_DATA"]) / "exams"
    stories, articles = (sorted((root / name).iterdir()) for name in ("fairytaleqa", "xquad-de"))
    chosen = stories[:: len(stories) // STORIES][:STORIES] + articles[:: len(articles) // ARTICLES][:ARTICLES]
    return sorted(chosen, key=lambda folder: folder.name)[:count] if count < len(chosen) else chosen


def random_twin(out: Path) -> Path:
    """The embedded base's shape and tokenizer with random weights."""
    import torch
    import transformers

    folder = out / "random-twin"
    if not (folder / "model.safetensors").is_file():
        torch.manual_seed(0)
        config = transformers.AutoConfig.from_pretrained(EMBEDDED_FOLDER)
        transformers.AutoModelForCausalLM.from_config(config).to(torch.bfloat16).save_pretrained(folder)
        for path in (*EMBEDDED_FOLDER.glob("*token*"), EMBEDDED_FOLDER / "chat_template.jinja"):
            shutil.copy(path, folder)
    return folder


def shuffled(rows: Sequence[Example]) -> tuple[Example, ...]:
    """The same questions with each other's answers; texts stay as they are."""
    asked = [row for row in rows if row.labels[0] == -100 and row.labels[-1] != -100]
    answers = [tuple(label for label in row.labels if label != -100) for row in asked]
    random.Random(0).shuffle(answers)
    swapped = {row.id: _with_answer(row, answer) for row, answer in zip(asked, answers, strict=True)}
    return tuple(swapped.get(row.id, row) for row in rows)


def _with_answer(row: Example, answer: tuple[int, ...]) -> Example:
    prompt = tuple(token for token, label in zip(row.input_ids, row.labels, strict=True) if label == -100)
    changes = {"input_ids": prompt + answer, "labels": (-100,) * len(prompt) + answer}
    return Example.model_validate(row.model_dump(exclude={"id"}) | changes)


def lessons(document: Path, out: Path) -> tuple[Path, Dataset]:
    """The run folder and the dataset of a document, made once."""
    config = AcademyConfig(runs=out / "runs")
    run = open_run([document / "document.txt"], config, name=document.name, update=True)
    train(run, until="build")
    return run.folder, saved_dataset(run.folder)


def saved_dataset(folder: Path) -> Dataset:
    """The dataset that a run built."""
    parts = {part: tuple(read_records(folder / "4-dataset" / f"{part}.jsonl")) for part in ("train", "valid", "exam")}
    return Dataset(**parts)


def teach(dataset: Dataset, student: Student, config: FinetuneConfig, folder: Path) -> int:
    """Fine-tune once; returns the optimizer steps."""
    note = folder / "steps.json"
    if not note.is_file():
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "product").mkdir(parents=True)
        made = finetune(dataset, config, student, 0, folder / "product", folder / "scratch", lambda _progress: None)
        shutil.rmtree(folder / "scratch", ignore_errors=True)
        note.write_text(json.dumps(made.steps), encoding="utf-8")
    return int(json.loads(note.read_text("utf-8")))


def sit(expert: Expert, exam: Sequence[Question], mode: Mode) -> list[str]:
    """The answers in one mode."""
    return [answer.answer for answer in expert.answer([question.question for question in exam], mode)]


def examine(document: Path, out: Path, minutes: float, preview: Path | None) -> dict[str, Any]:
    """All candidates on one document."""
    folder, dataset = lessons(document, out)
    exam = [question for question in load_exam(document / "exam.jsonl") if question.answerable]
    config, query = FinetuneConfig(max_minutes=minutes), AcademyConfig().query
    embedded = resolve_student(StudentConfig())
    at = out / "models" / document.name
    steps = teach(dataset, embedded, config, at / "specialist")
    others = {"random twin": (dataset, resolve_student(StudentConfig(model=str(random_twin(out)))))}
    mixed = Dataset(train=shuffled(dataset.train), valid=shuffled(dataset.valid), exam=dataset.exam)
    others["shuffled answers"] = (mixed, embedded)
    if preview:
        others["preview"] = (dataset, resolve_student(StudentConfig(model=str(preview))))
    for name, (rows, student) in others.items():
        teach(rows, student, FinetuneConfig(max_steps=steps, epochs=10_000, patience=10_000), at / name)
    index = read_index(folder, query)
    models = {name: partial(open_specialist, at / name / "product", None) for name in ("specialist", *others)}
    answers = {name: sit(Expert(index, query, opener), exam, "specialist") for name, opener in models.items()}
    base, taught = Expert(index, query, lambda: open_model(embedded)), Expert(index, query, models["specialist"])
    answers |= {
        "base": sit(base, exam, "specialist"),
        "retrieval": sit(taught, exam, "retrieval"),
        "evidence": sit(taught, exam, "evidence"),
        "evidence of the base": sit(base, exam, "evidence"),
    }
    rows = [
        {"question": q.question, "accepted": list(q.answers), **{name: given[i] for name, given in answers.items()}}
        for i, q in enumerate(exam)
    ]
    return {"document": document.name, "steps": steps, "rows": rows}


def results(documents: Sequence[Path], out: Path, minutes: float, preview: Path | None) -> Iterator[dict[str, Any]]:
    """One finished document after the other; finished ones are read."""
    for document in documents:
        place = out / f"{document.name}.json"
        if not place.is_file():
            found = examine(document, out, minutes, preview)
            place.with_suffix(".part").write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
            place.with_suffix(".part").rename(place)
            shutil.rmtree(out / "models" / document.name)
        yield json.loads(place.read_text(encoding="utf-8"))


def table(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Mean and paired differences over all questions, printed as Markdown and returned."""
    rows = [row for document in found for row in document["rows"]]
    names = [name for name in rows[0] if name not in ("question", "accepted")]
    values = {
        name: {metric: [score(row[name], row["accepted"]) for row in rows] for metric, score in METRICS.items()}
        for name in names
    }
    summary: dict[str, Any] = {"documents": len(found), "questions": len(rows)}
    print(f"| candidate (n = {len(rows)}) | token F1 | containment |\n|---|---|---|")
    for name in names:
        cells = [_cell(values[name][metric]) for metric in METRICS]
        summary[name] = {metric: sum(values[name][metric]) / len(rows) for metric in METRICS}
        print(f"| {name} | {' | '.join(cells)} |")
    print("\n| difference | token F1 | containment |\n|---|---|---|")
    for first, second in PAIRS:
        if first in values and second in values:
            gaps = [_gaps(values[first][metric], values[second][metric]) for metric in METRICS]
            print(f"| {first} - {second} | {' | '.join(_cell(gap, -1.0) for gap in gaps)} |")
    return summary


def _gaps(first: Sequence[float], second: Sequence[float]) -> list[float]:
    return [a - b for a, b in zip(first, second, strict=True)]


def _cell(found: Sequence[float], least: float = 0.0) -> str:
    low, high = bootstrap(found, 2000, 0, least)
    return f"{sum(found) / len(found):.3f} [{low:.3f}, {high:.3f}]"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--documents", type=int, default=STORIES + ARTICLES)
    parser.add_argument("--preview", type=Path, help="another model of the same tokenizer, to compare with")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    summary = table(list(results(exams(args.documents), args.out, args.minutes, args.preview)))
    print(json.dumps({"benchmark": "teachability", "minutes": args.minutes, **summary}))


if __name__ == "__main__":
    main()
