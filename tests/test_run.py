"""The run folder: resume, change of one item, damage, full disk, interruption; toy stages stand in for the rooms."""

import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from academy import artefacts
from academy.config import AcademyConfig, ChunkConfig, IngestConfig
from academy.errors import RunError, SourceError
from academy.ingestion import SourceFile
from academy.records import Chunk, Dataset, Document, Progress, Rejection
from academy.run import Run
from academy.stage import Event, Stage


class Toys:
    """Three toy stages that count how often they are called."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.trouble: dict[str, BaseException] = {}

    def ingest(self, source: SourceFile, config: IngestConfig) -> Iterator[Document | Rejection]:
        self.calls.append(f"ingest {source.name}")
        if source.name in self.trouble:
            raise self.trouble[source.name]
        text = source.path.read_text()
        if not text:
            yield Rejection(stage="ingest", item_id=source.name, reason="empty", detail=f"{source.name} is empty")
            return
        yield Document(source=source.name, title=source.name, text=text, media_type="text/plain", language="en")

    def chunk(self, document: Document, config: ChunkConfig) -> Iterator[Chunk]:
        self.calls.append(f"chunk {document.source}")
        yield Chunk(document_id=document.id, index=0, text=document.text, start=0, end=len(document.text))

    def build(self, chunks: Any, config: Any, scratch: Path, emit: Any) -> tuple[Dataset, tuple[Rejection, ...]]:
        self.calls.append("build")
        (scratch / "step").write_text("half way")
        emit(Progress(1, 2, "loss 1.0", {"loss": 1.0}))
        if "build" in self.trouble:
            raise self.trouble["build"]
        assert len(list(chunks)) == len(chunks)
        return Dataset(train=(), valid=(), exam=()), (Rejection(stage="build", item_id="x", reason="too_long"),)

    def stages(self) -> tuple[Stage, ...]:
        return (
            Stage("ingest", self.ingest, "1-documents.jsonl", each=True, empty=SourceError),
            Stage("chunk", self.chunk, "2-chunks.jsonl", each=True, depends=("tokenizer",)),
            Stage(
                "build",
                self.build,
                "4-dataset",
                needs=("scratch", "emit"),
                save=lambda product, folder: artefacts.write_text(folder / "train.jsonl", product.id),
                load=lambda folder: (folder / "train.jsonl").read_text(),
            ),
        )


class Shelf:
    """Resources whose fingerprint the test sets."""

    def __init__(self) -> None:
        self.tokenizer = "a"

    def get(self, name: str) -> Any:
        raise KeyError(name)

    def fingerprint(self, name: str) -> str:
        return str(getattr(self, name))


@pytest.fixture
def toys() -> Toys:
    return Toys()


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    for name in ("a", "b", "c"):
        (folder / f"{name}.txt").write_text(f"text of {name}\u2028second line")
    return folder


def files(folder: Path) -> list[SourceFile]:
    return [SourceFile(p.name, p, f"{p.name}{p.read_text()}") for p in sorted(folder.glob("*.txt"))]


def work(toys: Toys, sources: Path, shelf: Shelf | None = None, **options: Any) -> list[Event]:
    """Run the toy line; give its events. The calls are counted anew."""
    toys.calls.clear()
    events: list[Event] = []
    run = Run(sources.parent / "runs" / "toy", AcademyConfig(), [str(sources)], toys.stages(), shelf or Shelf())
    with run.session(listener=events.append, **options):
        documents = run.stage(toys.ingest, files(sources))
        chunks = run.stage(toys.chunk, documents)
        run.stage(toys.build, chunks)
    return events


def made(sources: Path) -> dict[str, bytes]:
    """The bytes of every artefact."""
    folder = sources.parent / "runs" / "toy"
    names = ("1-documents.jsonl", "2-chunks.jsonl", "4-dataset/train.jsonl", "rejected.jsonl")
    return {name: (folder / name).read_bytes() for name in names}


def kinds(events: list[Event]) -> list[str]:
    return [f"{event.kind} {event.stage}" for event in events if event.kind != "progress"]


def test_a_finished_run_does_nothing(toys: Toys, sources: Path) -> None:
    assert kinds(work(toys, sources))[-1] == "finished build"
    before = made(sources)
    assert kinds(work(toys, sources)) == ["kept ingest", "kept chunk", "kept build"]
    assert toys.calls == []
    assert made(sources) == before


def test_an_added_document_redoes_only_that_document(toys: Toys, sources: Path) -> None:
    work(toys, sources)
    (sources / "aa.txt").write_text("new")
    work(toys, sources)
    assert toys.calls == ["ingest aa.txt", "chunk aa.txt", "build"]
    incremental = made(sources)
    fresh = sources.parent / "fresh" / "sources"
    fresh.parent.mkdir()
    sources.rename(fresh)
    work(toys, fresh)
    assert made(fresh) == incremental


def test_a_changed_and_a_removed_document(toys: Toys, sources: Path) -> None:
    work(toys, sources)
    (sources / "b.txt").write_text("changed")
    (sources / "c.txt").unlink()
    work(toys, sources)
    assert toys.calls == ["ingest b.txt", "chunk b.txt", "build"]
    assert [json.loads(line)["source"] for line in made(sources)["1-documents.jsonl"].splitlines()] == [
        "a.txt",
        "b.txt",
    ]


def test_another_tokenizer_redoes_only_what_depends_on_it(toys: Toys, sources: Path) -> None:
    work(toys, sources)
    shelf = Shelf()
    shelf.tokenizer = "b"
    work(toys, sources, shelf)
    assert toys.calls == ["chunk a.txt", "chunk b.txt", "chunk c.txt"], "equal chunks leave the dataset as it is"


def test_an_interrupted_stage_continues_where_it_was(toys: Toys, sources: Path) -> None:
    toys.trouble["c.txt"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        work(toys, sources)
    toys.trouble.clear()
    work(toys, sources)
    assert toys.calls[0] == "ingest c.txt"


def test_a_torn_journal_line_is_dropped(toys: Toys, sources: Path) -> None:
    toys.trouble["c.txt"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        work(toys, sources)
    journal = sources.parent / "runs" / "toy" / ".state" / "ingest.journal"
    journal.write_bytes(journal.read_bytes()[:-5])
    toys.trouble.clear()
    work(toys, sources)
    assert toys.calls[:2] == ["ingest b.txt", "ingest c.txt"]


def test_from_and_until(toys: Toys, sources: Path) -> None:
    assert kinds(work(toys, sources, until="chunk"))[-1] == "finished chunk"
    assert "build" not in toys.calls
    work(toys, sources)
    work(toys, sources, start="chunk")
    assert toys.calls == ["chunk a.txt", "chunk b.txt", "chunk c.txt", "build"]


def test_a_dry_run_tells_and_changes_nothing(toys: Toys, sources: Path) -> None:
    assert kinds(work(toys, sources, dry=True)) == ["planned ingest", "planned chunk", "planned build"]
    assert toys.calls == []
    assert not (sources.parent / "runs").exists()
    work(toys, sources, until="ingest")
    assert kinds(work(toys, sources, dry=True)) == ["kept ingest", "planned chunk", "planned build"]


def test_rejections_of_all_stages_stand_in_one_file(toys: Toys, sources: Path) -> None:
    (sources / "bad.txt").write_text("")
    work(toys, sources)
    rows = [json.loads(line) for line in made(sources)["rejected.jsonl"].splitlines()]
    assert [(row["stage"], row["item_id"]) for row in rows] == [("ingest", "bad.txt"), ("build", "x")]


def test_nothing_readable_is_an_error_that_says_why(toys: Toys, sources: Path) -> None:
    for path in sources.glob("*.txt"):
        path.write_text("")
    with pytest.raises(SourceError, match=r"a\.txt is empty"):
        work(toys, sources)


@pytest.mark.parametrize("name", ["1-documents.jsonl", "4-dataset/train.jsonl"])
def test_a_changed_artefact_is_noticed_and_named(toys: Toys, sources: Path, name: str) -> None:
    work(toys, sources)
    path = sources.parent / "runs" / "toy" / name
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(RunError, match="is missing or was changed") as caught:
        work(toys, sources)
    assert "--from" in caught.value.hint
    path.unlink()
    with pytest.raises(RunError, match=name):
        work(toys, sources)


def test_a_broken_run_yaml_is_named(toys: Toys, sources: Path) -> None:
    work(toys, sources)
    (sources.parent / "runs" / "toy" / "run.yaml").write_text("format: [")
    with pytest.raises(RunError, match="is broken"):
        work(toys, sources)


def test_a_newer_run_is_refused(toys: Toys, sources: Path) -> None:
    work(toys, sources)
    path = sources.parent / "runs" / "toy" / "run.yaml"
    path.write_text(path.read_text().replace("format: 1", "format: 99"))
    with pytest.raises(RunError, match="newer Academy"):
        work(toys, sources)


def test_a_full_disk_is_named_and_loses_nothing(toys: Toys, sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work(toys, sources, until="ingest")
    before = (sources.parent / "runs" / "toy" / "1-documents.jsonl").read_bytes()

    def full(_file: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(artefacts, "sync", full)
    with pytest.raises(RunError, match="disk is full") as caught:
        work(toys, sources)
    assert "repeat the same command" in caught.value.hint
    monkeypatch.undo()
    monkeypatch.chdir(sources.parent)
    assert (sources.parent / "runs" / "toy" / "1-documents.jsonl").read_bytes() == before
    work(toys, sources)
    assert toys.calls == ["chunk a.txt", "chunk b.txt", "chunk c.txt", "build"]


def test_a_whole_stage_keeps_its_scratch_until_it_is_done(toys: Toys, sources: Path) -> None:
    toys.trouble["build"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        work(toys, sources)
    state = sources.parent / "runs" / "toy" / ".state"
    assert len(list(state.glob("build.work-*/step"))) == 1
    toys.trouble.clear()
    work(toys, sources)
    assert list(state.glob("build.work-*")) == []


def test_two_processes_never_share_a_run(toys: Toys, sources: Path) -> None:
    run = Run(sources.parent / "runs" / "toy", AcademyConfig(), [], toys.stages(), Shelf())
    with run.session(), pytest.raises(RunError, match="another Academy process"):
        work(toys, sources)


def test_events_are_kept(toys: Toys, sources: Path) -> None:
    work(toys, sources)
    rows = [json.loads(line) for line in (sources.parent / "runs" / "toy" / "events.jsonl").read_text().splitlines()]
    assert [row["stage"] for row in rows if row["kind"] == "finished"] == ["ingest", "chunk", "build"]
    assert [row["metrics"] for row in rows if row["kind"] == "progress"] == [{"loss": 1.0}]
    assert all(row["time"] > 1e9 for row in rows)


def test_a_kill_between_the_renames_of_a_stage_leaves_a_usable_run(
    toys: Toys, sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(toys, sources)
    (sources / "d.txt").write_text("new")
    real, count = os.replace, 0

    def dying(source: str, target: str) -> None:
        nonlocal count
        count += 1
        if Path(target).name == "ingest.items":
            raise KeyboardInterrupt
        real(source, target)

    monkeypatch.setattr(os, "replace", dying)
    with pytest.raises(KeyboardInterrupt):
        work(toys, sources)
    monkeypatch.setattr(os, "replace", real)
    work(toys, sources)
    interrupted = made(sources)
    work(toys, sources, start="ingest")
    assert count
    assert made(sources) == interrupted
