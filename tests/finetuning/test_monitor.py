"""When to validate, save and stop."""

import signal
import threading
from collections.abc import Iterator

import pytest

from academy.config import FinetuneConfig
from academy.finetuning.monitor import History, Monitor, ending_gently
from academy.finetuning.plan import Plan, Schedule
from academy.records import LossPoint, Progress


def watch(losses: list[float], **settings: object) -> tuple[Monitor, list[Progress]]:
    plan = Plan(10, 1, 1, tuple(range(10)), tuple(range(0, 1100, 100)))
    seen: list[Progress] = []
    measure = (lambda: losses.pop(0)) if losses else None
    config = FinetuneConfig.model_validate({"evals": 5, "patience": 2, **settings})
    return Monitor(plan, config, Schedule(10, 0.1, None), seen.append, measure, History()), seen


def run(monitor: Monitor) -> list[tuple[int, bool]]:
    """Steps until it stops, each with whether to save."""
    monitor.begin(0)
    made = []
    for step in range(1, 11):
        decision = monitor.after_step(step)
        made.append((step, decision.save))
        if decision.stop:
            break
    return made


def test_validation_is_spread_over_the_run_and_only_better_steps_are_saved() -> None:
    monitor, seen = watch([5.0, 4.0, 4.5, 3.0, 3.5, 2.0])
    assert [step for step, save in run(monitor) if save] == [2, 6, 10]
    assert [(p.step, p.valid) for p in monitor.history.losses] == [
        (0, 5.0), (2, 4.0), (4, 4.5), (6, 3.0), (8, 3.5), (10, 2.0),
    ]  # fmt: skip
    assert (monitor.history.best, monitor.history.best_step) == (2.0, 10)
    assert [p.metrics["valid_loss"] for p in seen if p.metrics] == [4.0, 4.5, 3.0, 3.5, 2.0]


def test_patience_ends_the_run() -> None:
    monitor, _seen = watch([5.0, 4.0, 4.0, 4.1])
    assert run(monitor)[-1] == (6, False)
    assert monitor.history.best_step == 2


def test_training_that_only_harms_still_gives_a_best_trained_step() -> None:
    monitor, _seen = watch([1.0, 4.0, 5.0, 6.0])
    run(monitor)
    assert (monitor.history.best, monitor.history.best_step) == (4.0, 2)


def test_without_validation_only_time_and_the_end_save() -> None:
    monitor, _seen = watch([])
    assert [step for step, save in run(monitor) if save] == [10]
    monitor, _seen = watch([], checkpoint_minutes=1e-9)
    assert all(save for _step, save in run(monitor))


def test_a_resumed_monitor_remembers() -> None:
    history = History([LossPoint(step=3, train=2.0), LossPoint(step=4, valid=1.0)], 1.0, 4, 1, 2, 7.5)
    assert History.load(history.dump()) == history
    monitor, _seen = watch([9.0])
    monitor.history = History.load(history.dump())
    monitor.begin(5)
    assert [monitor.after_step(step).stop for step in (5, 6)] == [False, True]


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Python's own handling of Ctrl-C: a test run in the background is started with Ctrl-C ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_the_first_ctrl_c_waits_and_the_second_does_not() -> None:
    before = signal.getsignal(signal.SIGINT)
    calls: list[int] = []
    with ending_gently(lambda: calls.append(1)):
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert calls == [1]
    assert signal.getsignal(signal.SIGINT) is before


def test_in_another_thread_signals_are_left_alone() -> None:
    seen: list[object] = []

    def work() -> None:
        with ending_gently(lambda: None):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGINT)]
