"""What a stage takes in and makes, and the fingerprints that tell whether it changed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from academy.artefacts import Records
from academy.records import content_hash


@dataclass(frozen=True, slots=True)
class Product:
    """What a whole stage made; ``read`` loads it, so that a run with nothing to do loads nothing."""

    files: Mapping[str, str]
    read: Callable[[], Any]

    @property
    def fingerprint(self) -> str:
        """Hash of all its files."""
        return self.seen_by(())

    def seen_by(self, blind: tuple[str, ...]) -> str:
        """Hash of its files but those whose names end so."""
        return content_hash({name: mark for name, mark in self.files.items() if not name.endswith(blind)})


def item_fingerprint(item: Any) -> str:
    """The content id of a record, or the fingerprint of a source file."""
    return str(item.id if hasattr(item, "id") else item.fingerprint)


def input_fingerprint(value: Any, blind: tuple[str, ...] = ()) -> str:
    """The fingerprint of a product that a stage takes in; files whose names end with ``blind`` do not count."""
    if isinstance(value, Product):
        return value.seen_by(blind)
    if isinstance(value, Records):
        return value.fingerprint
    if isinstance(value, Iterable) and not hasattr(value, "id"):
        return content_hash([item_fingerprint(item) for item in value])
    return item_fingerprint(value)
