"""What work costs: minutes, energy and money; measured where the processor tells, else assumed, and said so.

Intel and AMD processors count their energy (RAPL, https://docs.kernel.org/power/powercap/powercap.html). Linux shows
the counters, on most machines only to root.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from academy.config import CostConfig

COUNTERS = Path("/sys/class/powercap")
_JOULES_PER_KWH = 3_600_000


class Meter:
    """Adds up the energy of all processor packages between two looks; look often enough that no counter wraps twice.

    Args:
        folder: where Linux shows the counters.
    """

    def __init__(self, folder: Path = COUNTERS) -> None:
        self._last = {place: _read(place / "energy_uj") for place in sorted(folder.glob("intel-rapl:[0-9]"))}
        self._microjoules: int | None = 0 if self._last and None not in self._last.values() else None

    @property
    def joules(self) -> float | None:
        """Energy up to now; None where the processor does not tell."""
        self.look()
        return None if self._microjoules is None else self._microjoules / 1e6

    def look(self) -> None:
        """Read the counters; one that is smaller than before has begun again at zero."""
        for place, before in self._last.items():
            now, top = _read(place / "energy_uj"), _read(place / "max_energy_range_uj")
            if self._microjoules is None or now is None or before is None:
                self._microjoules = None
                return
            self._microjoules += now - before if now >= before else now + (top or before) - before
            self._last[place] = now


def _read(path: Path) -> int | None:
    try:
        return int(path.read_text("ascii"))
    except (OSError, ValueError):
        return None


def cost(events: Iterable[Mapping[str, Any]], stages: Iterable[str], config: CostConfig) -> dict[str, str | float]:
    """Minutes, energy and money of the stages, each as it was when it last ran.

    Args:
        events: of the run, in order.
        stages: those that are counted.

    Returns:
        ``minutes``, ``kwh``, ``money``, ``currency``, ``watts`` and ``energy_by`` (measured, assumed); nothing when no
        event tells of those stages.
    """
    last = {event["stage"]: event for event in events if event.get("kind") == "finished"}
    ran = [last[stage] for stage in stages if stage in last]
    if not ran:
        return {}
    seconds = sum(float(event.get("seconds", 0.0)) for event in ran)
    told = [event.get("metrics", {}).get("joules") for event in ran]
    measured = [float(joules) for joules in told if joules is not None]
    known = len(measured) == len(ran) and config.watts is None
    watts = sum(measured) / max(seconds, 1e-9) if known else config.watts or config.assumed_watts
    kwh = seconds * watts / _JOULES_PER_KWH
    return {
        "minutes": round(seconds / 60, 1),
        "kwh": kwh,
        "watts": round(watts),
        "energy_by": "measured" if known else "assumed",
        "money": kwh * config.price_per_kwh,
        "price_per_kwh": config.price_per_kwh,
        "currency": config.currency,
    }
