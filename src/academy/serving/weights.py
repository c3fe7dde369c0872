"""Opens the specialists that are served: adapters of one base share its weights, all others have their own.

A single adapter is worked into the base, as ``academy query`` does; only where several share a base are they kept apart
and chosen row by row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from academy.config import AcademyConfig
from academy.models.local import ADAPTER, LocalModel, open_adapters
from academy.models.student import resolve_student
from academy.models.template import ChatTemplate, load_template
from academy.serving.batching import Forward
from academy.serving.lane import Lane, Limits
from academy.serving.scheduler import Scheduler
from academy.specialist import open_specialist_of


@dataclass(frozen=True, slots=True)
class Place:
    """A specialist on disk: the folder and the settings of its run."""

    folder: Path
    config: AcademyConfig

    @property
    def specialist(self) -> Path:
        """The folder of the model."""
        return self.folder / "5-specialist"


def open_scheduler(places: Mapping[str, Place], limits: Limits, queue: int) -> Scheduler:
    """The transformers engine for these specialists, not started yet.

    Raises:
        RunError: a run has no specialist yet.
        ModelError: its files are damaged, or its base is missing or another one now.
    """
    lanes: dict[str, Lane] = {}
    contexts: dict[str, int | None] = {}
    for names in _groups(places):
        model, adapters = _opened({name: places[name] for name in names})
        templates = _templates(model, {name: places[name] for name in names})
        forward = Forward(model.network, model.accepts, model.template.eos_id)
        lane = Lane(forward, templates, adapters, limits)
        lanes |= dict.fromkeys(names, lane)
        contexts |= dict.fromkeys(names, None if model.context is None else int(model.context))
    return Scheduler(lanes, contexts, queue)


def _groups(places: Mapping[str, Place]) -> list[list[str]]:
    """Names that share weights stand together."""
    groups: dict[object, list[str]] = {}
    for name, place in places.items():
        shared: object = name
        if (place.specialist / ADAPTER).is_file():
            student = place.config.student
            shared = (resolve_student(student).folder, student.trust_remote_code)
        groups.setdefault(shared, []).append(name)
    return list(groups.values())


def _opened(places: Mapping[str, Place]) -> tuple[LocalModel, dict[str, str] | None]:
    """The weights, and each specialist's adapter where there are several."""
    first = next(iter(places.values()))
    if len(places) == 1:
        opened = open_specialist_of(first.folder, first.config)
        assert isinstance(opened, LocalModel)
        return opened, None
    # PEFT keeps adapters under names without dots, which a run's name may have.
    adapters = {name: f"specialist{number}" for number, name in enumerate(places)}
    folders = {adapters[name]: place.specialist for name, place in places.items()}
    student = first.config.student
    return open_adapters(folders, resolve_student(student).folder, student.trust_remote_code), adapters


def _templates(model: LocalModel, places: Mapping[str, Place]) -> dict[str, ChatTemplate]:
    if len(places) == 1:
        return dict.fromkeys(places, model.template)
    return {name: load_template(place.specialist) for name, place in places.items()}
