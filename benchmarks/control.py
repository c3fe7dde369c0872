"""Did a run learn its documents, or only how answers look? The specialist against a control on shuffled answers.

python -m benchmarks.control RUN_FOLDER EXAM.jsonl --out FOLDER

The control is the same base, trained for as many steps on the same rows, except that the questions got each other's
answers. Both answer the exam closed-book, beside the untrained base and retrieval. The control is kept in ``--out``.
Intervals: 95 % paired bootstraps over the questions that the documents answer.
"""

import argparse
import json
from functools import partial
from pathlib import Path

from academy.evaluation import load_exam
from academy.models.local import open_model, open_specialist
from academy.models.student import resolve_student
from academy.pipeline import reopen_run
from academy.records import Dataset, Specialist
from academy.specialist import Expert
from benchmarks.teachability import saved_dataset, shuffled, sit, table, teach


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("exam", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    config = reopen_run(args.run).config
    made = Specialist.model_validate_json((args.run / "5-specialist" / "specialist.json").read_bytes())
    dataset = saved_dataset(args.run)
    mixed = Dataset(train=shuffled(dataset.train), valid=shuffled(dataset.valid), exam=dataset.exam)
    student = resolve_student(config.student)
    # Neither the clock nor a bad validation loss may end the control earlier than the specialist.
    settings = {"max_steps": made.steps, "max_minutes": None, "epochs": 10_000.0, "patience": 10_000}
    teach(mixed, student, config.finetune.model_copy(update=settings), args.out)
    exam = [question for question in load_exam(args.exam) if question.answerable]
    expert = Expert.open(args.run)
    control = expert.with_model(partial(open_specialist, args.out / "product", student.folder))
    answers = {
        "specialist": sit(expert, exam, "specialist"),
        "shuffled answers": sit(control, exam, "specialist"),
        "base": sit(expert.with_model(partial(open_model, student)), exam, "specialist"),
        "retrieval": sit(expert, exam, "retrieval"),
    }
    rows = [
        {"question": q.question, "accepted": list(q.answers), **{name: given[i] for name, given in answers.items()}}
        for i, q in enumerate(exam)
    ]
    (args.out / "answers.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    summary = table([{"rows": rows}])
    print(json.dumps({"benchmark": "control", "exam": args.exam.name, "steps": made.steps, **summary}))


if __name__ == "__main__":
    main()
