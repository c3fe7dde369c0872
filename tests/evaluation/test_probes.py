"""Forgetting, leaning and memorising: told from noise, on models whose likelihoods are known."""

import hashlib
import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from academy.evaluation.probes import overfitting, preferences, probe, probes, warnings
from academy.models.likelihood import Scoring
from academy.records import LossPoint
from academy.reports import Sample

BYTE = 1.5
"""Nats that a byte costs on average."""


class Known:
    """A model whose nats of a text are a function of the text."""

    context = None

    def __init__(self, nats: Callable[[str], float]) -> None:
        self.template: Any = self
        self.bos_id = 0
        self.nats = nats

    def encode(self, text: str) -> list[int]:
        return list(text.encode("utf-8"))

    def score(self, rows: Sequence[tuple[Sequence[int], int]]) -> list[float]:
        assert all(ids[0] == 0 and start == 1 for ids, start in rows)
        return [-self.nats(bytes(ids[1:]).decode("utf-8")) for ids, _start in rows]


def noise(text: str) -> float:
    """Between -1 and 1, always the same for a text."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:6], 16) / 2**23 - 1


def plain(text: str) -> float:
    return BYTE * len(text.encode("utf-8"))


def test_the_sets_are_what_they_claim_to_be() -> None:
    found = probes()
    for language in ("de", "en"):
        assert len(set(found.general[language])) == 40
        assert len({first for first, _second in found.pairs[language]}) == 40
        assert all(first != second for first, second in found.pairs[language])


def test_bits_per_byte_by_hand() -> None:
    rows = probe(Known(plain), Known(lambda text: 1.1 * plain(text)), 200, 0)
    german = rows[0]
    assert (german.name, german.language, german.base.n) == ("forgetting", "de", 40)
    assert german.base.value == pytest.approx(BYTE / math.log(2))
    assert german.difference.value == pytest.approx(0.1 * BYTE / math.log(2))
    assert german.finding == "worse"
    assert german.difference.p is not None
    assert german.difference.p < 0.01


def test_noise_is_no_forgetting_and_gain_is_better() -> None:
    shaken = Known(lambda text: plain(text) * (1 + 0.05 * noise(text)))
    assert {row.finding for row in probe(Known(plain), shaken, 500, 0) if row.name == "forgetting"} == {"same"}
    better = Known(lambda text: 0.9 * plain(text))
    assert {row.finding for row in probe(Known(plain), better, 200, 0) if row.name == "forgetting"} == {"better"}


def test_leaning_is_the_share_of_likelier_stereotypes() -> None:
    pairs = probes().pairs["de"]
    firsts = {first for pair in probes().pairs.values() for first, _second in pair}
    leaning = Known(lambda text: 1.0 if text in firsts else 2.0)
    assert preferences(leaning, pairs) == [1.0] * 40
    assert preferences(Known(lambda text: 1.0), pairs) == [0.5] * 40
    even = {pair[place % 2] for table in probes().pairs.values() for place, pair in enumerate(table)}
    fair = Known(lambda text: 1.0 if text in even else 2.0)
    rows = [row for row in probe(fair, leaning, 300, 0) if row.name == "bias"]
    assert [(row.language, row.base.value, row.specialist.value, row.finding) for row in rows] == [
        ("de", 0.5, 1.0, "worse"),
        ("en", 0.5, 1.0, "worse"),
    ]
    back = [row for row in probe(leaning, fair, 300, 0) if row.name == "bias"]
    assert {row.finding for row in back} == {"better"}
    assert rows[0].base.low < 0.5 < rows[0].base.high


def curve(*valid: float) -> list[LossPoint]:
    points = [LossPoint(step=10 * step, train=3.0 - 0.2 * step) for step in range(len(valid))]
    return points + [LossPoint(step=10 * step, valid=loss) for step, loss in enumerate(valid)]


def test_overfitting_is_a_validation_loss_that_rises_again() -> None:
    assert overfitting([LossPoint(step=1, train=2.0)], 1) is None
    risen = overfitting(curve(3.0, 2.0, 2.5), 10)
    assert risen is not None
    assert (risen.best_step, risen.last_step, risen.valid_best, risen.valid_last, risen.rising) == (
        10,
        20,
        2.0,
        2.5,
        True,
    )
    assert (risen.train_best, risen.train_last) == (2.8, 2.6)
    for losses, best in ((curve(3.0, 2.0, 2.01), 10), (curve(3.0, 2.0, 1.9), 20)):
        found = overfitting(losses, best)
        assert found is not None
        assert not found.rising


def test_warnings_name_what_to_do() -> None:
    found = probe(Known(plain), Known(lambda text: 1.2 * plain(text)), 200, 0)
    seen = Sample(question="a?", answers=("b",), answerable=True, candidates={}, seen=True)
    said = warnings(found, overfitting(curve(3.0, 2.0, 2.5), 10), [seen], "en")
    assert [line.partition(" ")[0] for line in said] == ["The", "The", "From", "1"]
    assert "forgotten some general German: 2.16 bits per byte before, 2.60 after" in said[0]
    assert "--set build.replay=general.txt --set build.replay_share=0.1" in said[0]
    assert "Deutsch verlernt: vorher 2,16 Bit je Byte" in warnings(found, None, [], "de")[0]
    assert warnings([], overfitting(curve(3.0, 2.0), 10), [], "en") == ()
    assert isinstance(Known(plain), Scoring)
