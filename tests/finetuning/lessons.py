"""Rows for tiny models."""

from pathlib import Path

from academy.config import FinetuneConfig
from academy.finetuning import finetune
from academy.models.rows import conversation_row
from academy.models.student import Student
from academy.models.template import load_template
from academy.records import Dataset, Example, Message, MessagesBody, Progress, Specialist

PAIRS = (("Farbe?", "blau"), ("Tier?", "Käfer"), ("Zahl der Ringe?", "7"), ("Ort?", "am See"), ("Wer?", "Ada"))


def asked(question: str) -> tuple[Message, ...]:
    return (Message(role="user", content=question),)


def example(folder: Path, question: str, answer: str) -> Example:
    messages = (*asked(question), Message(role="assistant", content=answer))
    row = conversation_row(messages, load_template(folder))
    return Example(
        lesson_ids=(question,), body=MessagesBody(messages=messages), input_ids=row.input_ids, labels=row.labels
    )


def dataset(folder: Path, valid: tuple[tuple[str, str], ...] = PAIRS[:2]) -> Dataset:
    rows = tuple(example(folder, *pair) for pair in PAIRS)
    return Dataset(train=rows, valid=tuple(example(folder, *pair) for pair in valid), exam=())


class Bench:
    """A student with its lessons, and a folder to train in."""

    def __init__(self, student: Student, work: Path) -> None:
        self.student, self.work = student, work
        self.data = dataset(student.folder)
        self.scratch = work / "scratch"
        self.progress: list[Progress] = []

    def train(self, seed: int = 0, name: str = "specialist", **settings: object) -> Specialist:
        """Train with few steps unless told otherwise; a finished folder says which record it has."""
        config = FinetuneConfig.model_validate({"epochs": 8, "batch_size": 2, "evals": 4, "patience": 4, **settings})
        folder = self.work / name
        folder.mkdir()
        self.scratch.mkdir(exist_ok=True)
        specialist = finetune(self.data, config, self.student, seed, folder, self.scratch, self.emit)
        (folder / "specialist.json").write_text(specialist.model_dump_json())
        return specialist

    def emit(self, progress: Progress) -> None:
        self.progress.append(progress)

    def weights(self, name: str = "specialist") -> bytes:
        """The bytes of the trained weights."""
        return next((self.work / name).glob("*.safetensors")).read_bytes()
