"""The engine: what is written together is what is written alone, whoever joins, leaves or fails."""

import queue
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from academy.errors import ModelError
from academy.models import generate
from academy.records import Generation, Message, Sampling
from academy.runs import read_state
from academy.serving.failures import BusyError, StoppedError, TooLongError
from academy.serving.jobs import Failed, Job, Piece
from academy.serving.lane import Limits
from academy.serving.scheduler import Scheduler
from academy.serving.weights import Place, open_scheduler
from academy.settings import config_of_run
from academy.specialist import open_specialist_of
from tests.serving.runs import adapter_run, full_run, lively
from tests.tiny import tiny_model

TEXTS = (
    "Wer?",
    "Was ist die Mainline, und wessen Arbeitsstand ist sie?",
    "Wo liegen Treiber in Arbeit, die neu sind?" * 3,
)
ROOMY = Limits(slots=8, tokens=1 << 16, prefix_bytes=0)
Start = Callable[..., Scheduler]


@pytest.fixture(autouse=True)
def _exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """fp32, where the order of a sum does not decide between two tokens."""
    monkeypatch.setattr("academy.models.local.computes_bf16", lambda _device: False)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts engines that end with the test."""
    started: list[Scheduler] = []

    def begin(folders: Sequence[Path], limits: Limits = ROOMY, queue: int = 64) -> Scheduler:
        started.append(open_scheduler(places(folders), limits, queue).start())
        return started[-1]

    yield begin
    for engine in started:
        engine.close()


def places(folders: Sequence[Path]) -> Mapping[str, Place]:
    return {folder.name: Place(folder, config_of_run(read_state(folder)["config"])) for folder in folders}


class Listener:
    """A job with its pieces as they come."""

    def __init__(self, engine: Scheduler, model: str, text: str, sampling: Sampling, likeliest: int = 0) -> None:
        self.pieces: queue.Queue[Piece] = queue.Queue()
        prompt = engine.template(model).render_ids([Message(role="user", content=text)], generate=True)
        self.job = Job(model, tuple(prompt), sampling, lambda new: [self.pieces.put(p) for p in new], likeliest)
        self.begun = ""
        engine.submit(self.job)

    def begin(self) -> "Listener":
        """Wait for the first piece: it is being written."""
        piece = self.pieces.get(timeout=60)
        assert not isinstance(piece, Failed)
        self.begun = piece.delta.text
        return self

    def text(self) -> str:
        """The whole answer; an error is raised."""
        found = self.begun
        while True:
            piece = self.pieces.get(timeout=60)
            if isinstance(piece, Failed):
                raise piece.error
            found += piece.delta.text
            if piece.delta.finish_reason:
                return found


def alone(folder: Path, text: str, sampling: Sampling) -> Generation:
    model = open_specialist_of(folder, places([folder])[folder.name].config)
    return generate(model, [[Message(role="user", content=text)]], sampling)[0]


@pytest.mark.parametrize("architecture", ["llama", "gpt2", "qwen2"])
@pytest.mark.parametrize("temperature", [0.0, 1.5])
def test_served_together_is_what_it_is_alone(
    tmp_path: Path, start: Start, architecture: str, temperature: float
) -> None:
    folder = full_run(tmp_path / "r", architecture=architecture)
    engine = start([folder])
    samplings = [Sampling(max_new_tokens=12 + 30 * n, temperature=temperature, seed=n) for n in range(3)]
    listeners = [Listener(engine, "r", text, s) for text, s in zip(TEXTS, samplings, strict=True)]
    expected = [alone(folder, text, s).text for text, s in zip(TEXTS, samplings, strict=True)]
    assert [listener.text() for listener in listeners] == expected
    assert len(set(expected)) == 3


def test_who_joins_later_changes_nobody(tmp_path: Path, start: Start) -> None:
    folder = full_run(tmp_path / "r")
    engine = start([folder])
    sampling = Sampling(max_new_tokens=60)
    first = Listener(engine, "r", TEXTS[0], sampling).begin()
    later = [Listener(engine, "r", text, Sampling(max_new_tokens=20)) for text in TEXTS]
    assert [one.text() for one in later] == [alone(folder, text, Sampling(max_new_tokens=20)).text for text in TEXTS]
    assert first.text() == alone(folder, TEXTS[0], sampling).text


def test_a_sliding_window_is_not_joined_and_still_right(tmp_path: Path, start: Start) -> None:
    """Its cache keeps fewer columns than tokens, so each such batch is written on its own."""
    folder = full_run(tmp_path / "r", architecture="mistral")
    engine = start([folder], Limits(slots=8, tokens=1 << 16, prefix_bytes=1 << 20))
    sampling = Sampling(max_new_tokens=40)
    first = Listener(engine, "r", TEXTS[0], sampling).begin()
    second = Listener(engine, "r", TEXTS[2], sampling)
    assert second.text() == alone(folder, TEXTS[2], sampling).text
    assert first.text() == alone(folder, TEXTS[0], sampling).text
    assert engine.load.prefix_hits == 0


def test_adapters_of_one_base_share_a_batch(tmp_path: Path, start: Start) -> None:
    base = lively(tiny_model(tmp_path / "base"), 0)
    folders = [adapter_run(tmp_path / f"r.{n}", base, seed=n) for n in range(3)]
    engine = start([*folders, full_run(tmp_path / "own", seed=5)])
    sampling = Sampling(max_new_tokens=16)
    names = ["r.0", "r.1", "r.2", "own"]
    listeners = [Listener(engine, name, TEXTS[1], sampling) for name in names]
    expected = [alone(tmp_path / name, TEXTS[1], sampling).text for name in names]
    assert [listener.text() for listener in listeners] == expected
    assert len(set(expected)) == 4
    assert len(engine._distinct) == 2


def test_what_was_read_before_is_not_read_again(tmp_path: Path, start: Start) -> None:
    folder = full_run(tmp_path / "r")
    engine = start([folder], Limits(slots=8, tokens=1 << 16, prefix_bytes=1 << 20))
    sampling = Sampling(max_new_tokens=10)
    first = Listener(engine, "r", TEXTS[1], sampling).text()
    read = engine.load.prompt_tokens
    again = Listener(engine, "r", TEXTS[1], sampling).text()
    longer = Listener(engine, "r", TEXTS[1] + " Und warum?", sampling).text()
    assert (first, longer) == (again, alone(folder, TEXTS[1] + " Und warum?", sampling).text)
    assert engine.load.prompt_tokens - read < read
    assert engine.load.prefix_hits == 2


def test_a_cancelled_job_frees_its_slot(tmp_path: Path, start: Start) -> None:
    folder = full_run(tmp_path / "r")
    engine = start([folder], Limits(slots=1, tokens=1 << 16, prefix_bytes=0))
    endless = Listener(engine, "r", TEXTS[0], Sampling(max_new_tokens=1900)).begin()
    waiting = Listener(engine, "r", TEXTS[0], Sampling(max_new_tokens=3))
    endless.job.cancelled.set()
    waiting.text()
    assert endless.pieces.qsize() < 1800


def test_the_queue_is_bounded(tmp_path: Path, start: Start) -> None:
    engine = start([full_run(tmp_path / "r")], Limits(slots=1, tokens=1 << 16, prefix_bytes=0), queue=2)
    long = Sampling(max_new_tokens=1500)
    first = Listener(engine, "r", TEXTS[0], long).begin()
    others = [Listener(engine, "r", TEXTS[0], long) for _ in range(2)]
    with pytest.raises(BusyError, match="waiting"):
        Listener(engine, "r", TEXTS[0], long)
    for listener in [first, *others]:
        listener.job.cancelled.set()


def test_a_prompt_that_leaves_no_room_is_refused(tmp_path: Path, start: Start) -> None:
    engine = start([full_run(tmp_path / "r", context=64)])
    with pytest.raises(TooLongError, match="64"):
        Listener(engine, "r", TEXTS[0], Sampling(max_new_tokens=60))


def test_a_failing_model_fails_its_jobs_and_the_engine_lives(
    tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = start([full_run(tmp_path / "r")])
    lane = engine._lanes["r"]
    with monkeypatch.context() as broken:
        broken.setattr(lane._forward, "advance", lambda *_: (_ for _ in ()).throw(RuntimeError("out of memory")))
        with pytest.raises(ModelError, match="RuntimeError"):
            Listener(engine, "r", TEXTS[0], Sampling(max_new_tokens=5)).text()
    assert Listener(engine, "r", TEXTS[0], Sampling(max_new_tokens=5)).text()
    assert engine.alive


def test_closing_tells_everyone_who_waits(tmp_path: Path, start: Start) -> None:
    engine = start([full_run(tmp_path / "r")])
    listener = Listener(engine, "r", TEXTS[0], Sampling(max_new_tokens=1900))
    engine.close()
    with pytest.raises(StoppedError):
        listener.text()
    with pytest.raises(StoppedError):
        Listener(engine, "r", TEXTS[0], Sampling(max_new_tokens=5))
    assert not engine.alive


def test_alternatives_are_told_with_their_probabilities(tmp_path: Path, start: Start) -> None:
    engine = start([full_run(tmp_path / "r")])
    listener = Listener(engine, "r", TEXTS[0], Sampling(max_new_tokens=2), likeliest=4)
    piece = listener.pieces.get(timeout=60)
    assert not isinstance(piece, Failed)
    assert len(piece.likeliest) == 4
    assert piece.likeliest[0] == (piece.id, pytest.approx(piece.delta.logprob))
