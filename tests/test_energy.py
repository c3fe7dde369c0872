"""Energy: counters that begin again, counters that cannot be read, and what is said where there are none."""

from pathlib import Path

import pytest

from academy.config import CostConfig
from academy.energy import Meter, cost


def package(folder: Path, number: int, energy: int) -> Path:
    place = folder / f"intel-rapl:{number}"
    place.mkdir(exist_ok=True)
    (place / "energy_uj").write_text(f"{energy}\n")
    (place / "max_energy_range_uj").write_text("10000000\n")
    return place


def test_packages_are_added_and_a_counter_may_begin_again(tmp_path: Path) -> None:
    package(tmp_path, 0, 9_000_000), package(tmp_path, 1, 0)
    (tmp_path / "intel-rapl:0:0").mkdir()
    meter = Meter(tmp_path)
    package(tmp_path, 0, 9_500_000), package(tmp_path, 1, 250_000)
    meter.look()
    package(tmp_path, 0, 500_000)
    assert meter.joules == 1.75


def test_a_counter_that_cannot_be_read_measures_nothing(tmp_path: Path) -> None:
    assert Meter(tmp_path).joules is None
    place = package(tmp_path, 0, 5)
    meter = Meter(tmp_path)
    (place / "energy_uj").write_text("secret")
    assert meter.joules is None


def finished(stage: str, seconds: float, **metrics: float) -> dict[str, object]:
    return {"kind": "finished", "stage": stage, "seconds": seconds, "metrics": metrics}


def test_cost_is_measured_only_when_every_stage_was() -> None:
    whole = [finished("ingest", 1800.0, joules=90_000), finished("finetune", 1800.0, joules=270_000)]
    told = cost(whole, ("ingest", "finetune"), CostConfig(price_per_kwh=0.5))
    assert told == {
        "minutes": 60.0,
        "kwh": pytest.approx(0.1),
        "watts": 100,
        "energy_by": "measured",
        "money": pytest.approx(0.05),
        "price_per_kwh": 0.5,
        "currency": "EUR",
    }
    half = cost([whole[0], finished("finetune", 1800.0)], ("ingest", "finetune"), CostConfig())
    assert (half["energy_by"], half["watts"]) == ("assumed", 65)
    own = cost(whole, ("ingest", "finetune"), CostConfig(watts=200))
    assert (own["energy_by"], own["kwh"]) == ("assumed", pytest.approx(0.2))
    assert cost([], ("ingest",), CostConfig()) == {}
