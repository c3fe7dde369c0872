"""★ Start here: the line from documents to a proven specialist.

``train`` is the whole line, one line per stage. ``STAGES`` says what each stage is called, what it makes and what it
needs; ``run`` does everything about disk, resume and progress.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from academy.artefacts import read_records, read_report, write_lines, write_text
from academy.chunking import chunk
from academy.config import AcademyConfig
from academy.dataset import build
from academy.distillation import TEACHERS, distil
from academy.distillation.faculty import Faculty
from academy.errors import DatasetError, DistillationError, SourceError
from academy.evaluation import evaluate, load_exam, render_html, render_markdown
from academy.examination import examined, other_runs
from academy.finetuning import finetune
from academy.ingestion import find_sources, ingest
from academy.models.student import Student, resolve_student
from academy.models.template import load_template
from academy.products import Product
from academy.records import Dataset, Document, Specialist, content_hash, dump
from academy.replay import read_replay
from academy.reports import Report
from academy.run import Run
from academy.runs import choose_run, find_run, read_state, slug
from academy.settings import config_of_run
from academy.stage import Listener, Stage


def train(
    run: Run,
    start: str | None = None,
    until: str | None = None,
    dry: bool = False,
    listener: Listener | None = None,
) -> Report | None:
    """Documents in, a proven specialist out.

    Args:
        run: from ``open_run``.
        start: do this stage and the later ones again.
        until: stop after this stage.
        dry: only tell the listener which stages would run.
        listener: gets every event.

    Returns:
        The report; None when the line stopped earlier.

    Raises:
        AcademyError: one of its family; everything finished is kept.
    """
    sources, report = find_sources(run.sources), None
    with run.session(start, until, dry, listener):
        documents = run.stage(ingest, sources)
        chunks = run.stage(chunk, documents)
        lessons = run.stage(distil, chunks)
        dataset = run.stage(build, lessons, chunks)
        specialist = run.stage(finetune, dataset)
        report = run.stage(evaluate, specialist, dataset, chunks)
    return _as_report(report)


def reexamine(run: Run, listener: Listener | None = None) -> Report | None:
    """The last stage alone, on what the run made before; its sources need not be there any more.

    An exam that is not the run's own gets a report of its own; see ``report_stem``.
    """
    report = None
    with run.session(listener=listener):
        report = run.stage(evaluate, run.made(finetune), run.made(build), run.made(chunk), label=_exam_label(run))
    return _as_report(report)


def report_stem(run: Run) -> str:
    """The name of the report's files without their ending: 6-report, or 6-report.NAME for another exam's file."""
    return ".".join(filter(None, ("6-report", _exam_label(run))))


def _exam_label(run: Run) -> str:
    exam = run.config.evaluate.exam
    return slug([str(exam)]) if exam and exam != run.own.evaluate.exam else ""


def open_run(
    sources: Sequence[str | Path],
    config: AcademyConfig | None = None,
    *,
    name: str | None = None,
    update: bool = False,
    overrides: Sequence[str] = (),
) -> Run:
    """A new run for these sources, or the one that they belong to.

    Args:
        sources: files and folders; none: those of the run ``name`` (or the newest), with its settings.
        config: the settings; None: the defaults.
        name: the run's name; None: made from the first source.
        update: an existing run may take other sources or settings.
        overrides: ``section.key=value`` on top of a stored run's settings.

    Raises:
        RunError: the name is taken or unknown.
    """
    settings = config or AcademyConfig()
    named = [str(source) for source in sources]
    if named:
        read_replay(settings.build)
        run = _run(choose_run(settings, name, named, update), settings, named)
    else:
        run = reopen_run(find_run(settings.runs, name), overrides)
    run.resources.get("faculty")  # a teacher that does not exist or is not allowed is named before anything is read
    return run


def reopen_run(folder: Path, overrides: Sequence[str] = (), passing: Sequence[str] = ()) -> Run:
    """A run as it was made, with its own sources and settings, some of them overridden.

    Args:
        overrides: kept with the run.
        passing: for this time only, such as a user's own exam.
    """
    state = read_state(folder)
    run = _run(folder, config_of_run(state["config"], [*overrides, *passing]), state["sources"])
    run.own = config_of_run(state["config"], overrides)
    return run


def _run(folder: Path, config: AcademyConfig, sources: Sequence[str]) -> Run:
    if config.evaluate.exam:
        load_exam(config.evaluate.exam)  # an exam that cannot be used is named now, not after an hour of training
    other_runs(folder, config)
    return Run(folder, config, sources, STAGES, Workshop(folder, config))


class Workshop:
    """What stages need beside records and settings, made on first use: the student, its template, the seed."""

    def __init__(self, folder: Path, config: AcademyConfig) -> None:
        self.folder = folder
        self.config = config
        self._make: dict[str, Callable[[], Any]] = {
            "student": cache(lambda: resolve_student(config.student)),
            "template": cache(lambda: load_template(self.get("student").folder)),
            "count": lambda: self.get("template").count,
            "seed": lambda: config.seed,
            "documents": cache(lambda: _Shelf(folder / "1-documents.jsonl").find),
            "faculty": cache(lambda: Faculty(config, folder, TEACHERS)),
            "teachers": lambda: self.get("faculty").table,
            "query": lambda: config.query,
            "replay": lambda: read_replay(config.build),
            "cost": lambda: config.cost,
            "examined": lambda: examined(folder, self.get("student"), config),
        }

    def get(self, name: str) -> Any:
        """The thing itself."""
        return self._make[name]()

    def fingerprint(self, name: str) -> str:
        """What the thing depends on, found without making it."""
        if name == "exam":
            exam = self.config.evaluate.exam
            others = [read_state(folder)["stages"] for folder in other_runs(self.folder, self.config)]
            return content_hash([exam.read_text("utf-8") if exam and exam.is_file() else "", others])
        thing = self.get(name)
        return thing.fingerprint if isinstance(thing, Student | Faculty) else content_hash(repr(thing))


class _Shelf:
    """Finds the document of a passage; as passages come in the order of their documents, the file is read once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: Document | None = None
        self._rest: Iterator[Any] = iter(())
        self._lock = Lock()

    def find(self, document_id: str) -> Document | None:
        """The document with this id; None when there is none. Several passages may be worked on at once."""
        with self._lock:
            return self._found(document_id)

    def _found(self, document_id: str) -> Document | None:
        if self._open and self._open.id == document_id:
            return self._open
        for records in (self._rest, read_records(self._path) if self._path.is_file() else ()):
            self._rest = iter(records)
            for record in self._rest:
                if isinstance(record, Document) and record.id == document_id:
                    self._open = record
                    return record
        return None


def _save_dataset(dataset: Dataset, folder: Path) -> None:
    for part in ("train", "valid", "exam"):
        write_lines(folder / f"{part}.jsonl", (dump(row).encode("utf-8") for row in getattr(dataset, part)))


def _load_dataset(folder: Path) -> Dataset:
    parts = {part: tuple(read_records(folder / f"{part}.jsonl")) for part in ("train", "valid", "exam")}
    return Dataset(**parts)


def _save_specialist(specialist: Specialist, folder: Path) -> None:
    write_text(folder / "specialist.json", specialist.model_dump_json(indent=2))


def _load_specialist(folder: Path) -> Specialist:
    return Specialist.model_validate_json((folder / "specialist.json").read_bytes())


def _save_report(report: Report, folder: Path) -> None:
    write_text(folder / "6-report.json", report.model_dump_json(indent=2))
    write_text(folder / "6-report.md", render_markdown(report))
    write_text(folder / "6-report.html", render_html(report))


def _load_report(folder: Path, stem: str = "6-report") -> Report:
    return read_report(folder / f"{stem}.json")


def _as_report(product: Product | None) -> Report | None:
    """The report itself; None when the line stopped before it."""
    report = product.read() if product else None
    assert report is None or isinstance(report, Report)
    return report


STAGES = (
    Stage("ingest", ingest, "1-documents.jsonl", each=True, version=3, empty=SourceError),
    Stage("chunk", chunk, "2-chunks.jsonl", each=True, needs=("count",), depends=("student",), empty=SourceError),
    Stage(
        "distil",
        distil,
        "3-lessons.jsonl",
        each=True,
        needs=("documents", "teachers"),
        depends=("faculty",),
        version=3,
        empty=DistillationError,
        crew="faculty",
    ),
    Stage(
        "build",
        build,
        "4-dataset",
        needs=("template", "seed", "replay"),
        depends=("student", "seed", "replay"),
        empty=DatasetError,
        save=_save_dataset,
        load=_load_dataset,
    ),
    Stage(
        "finetune",
        finetune,
        "5-specialist",
        needs=("student", "seed", "folder", "scratch", "emit"),
        depends=("student", "seed"),
        save=_save_specialist,
        load=_load_specialist,
        blind=("exam.jsonl",),
    ),
    Stage(
        "evaluate",
        evaluate,
        "6-report.*",
        needs=("examined", "seed", "emit"),
        depends=("student", "seed", "query", "exam", "cost"),
        version=2,
        save=_save_report,
        load=_load_report,
    ),
)
"""The line, in order: verb, function, artefact."""
