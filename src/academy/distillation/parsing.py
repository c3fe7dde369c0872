"""What a language model wrote, as entries: thoughts and fences removed, broken JSON mended, every entry checked."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from academy.distillation.prompts import Kind

_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_OPEN_THOUGHT = re.compile(r"<(?:think|thinking|reasoning)>.*", re.DOTALL | re.IGNORECASE)
_CLOSED_THOUGHT = re.compile(r"^.*</(?:think|thinking|reasoning)>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"```[\w-]*[ \t]*\n(.*?)(?:\n[ \t]*```|\Z)", re.DOTALL)
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry that has the shape it should have."""

    kind: Kind
    values: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A field of text; "" when it is absent."""
        return str(self.values.get(name, ""))


@dataclass(frozen=True, slots=True)
class Parsed:
    """What an answer holds.

    Attributes:
        entries: those that have the right shape, in order.
        wrong: what is wrong with the others.
        problem: why the answer as a whole cannot be used, in words for the model; "" when it can.
    """

    entries: tuple[Entry, ...] = ()
    wrong: tuple[str, ...] = ()
    problem: str = ""


def parse(text: str, kinds: Mapping[str, Kind], complete: bool = True) -> Parsed:
    """The entries of an answer.

    Args:
        text: what the model wrote.
        kinds: what it was asked for.
        complete: False when the answer was cut off: its last entry is then dropped.
    """
    data = _json(bare(text))
    lists = _lists(data, kinds)
    if lists is None:
        return Parsed(problem=f"not a JSON object with the lists {', '.join(kinds)}")
    if not complete:
        _drop_last(lists)
    entries: list[Entry] = []
    wrong: list[str] = []
    for name, items in lists.items():
        for item in items:
            values = _fitting(item, kinds[name])
            if values is None:
                wrong.append(f"{name}: {json.dumps(item, ensure_ascii=False, default=str)[:SHOWN]}")
            else:
                entries.append(Entry(kinds[name], values))
    if len(wrong) > len(entries) or not entries:
        shapes = "; ".join(f"{name}: {', '.join(kinds[name].fields)}" for name in kinds)
        return Parsed(tuple(entries), tuple(wrong), f"entries lack fields. Each needs: {shapes}")
    return Parsed(tuple(entries), tuple(wrong))


def bare(text: str) -> str:
    """The answer without thoughts and fences."""
    text = _THOUGHT.sub("", text)
    text = _CLOSED_THOUGHT.sub("", text)
    text = _OPEN_THOUGHT.sub("", text)
    blocks = _FENCE.findall(text)
    return str(max(blocks, key=len)).strip() if blocks else text.strip()


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return _mended(text)


def _mended(text: str) -> Any:
    """JSON as models write it: text around it, quotes inside texts, trailing commas, an end that is missing."""
    import json_repair

    start = min((place for place in (text.find("{"), text.find("[")) if place >= 0), default=-1)
    if start < 0:
        return None
    try:
        return json_repair.loads(text[start:])
    except (ValueError, RecursionError):
        return None


def _lists(data: Any, kinds: Mapping[str, Kind]) -> dict[str, list[Any]] | None:
    """Kind -> entries; a bare list is taken for the only kind, and an object around the object is opened."""
    if isinstance(data, list):
        wrapped = next((item for item in data if isinstance(item, dict) and set(item) & set(kinds)), None)
        data = wrapped or ({next(iter(kinds)): data} if len(kinds) == 1 else None)
    if not isinstance(data, dict):
        return None
    if not set(data) & set(kinds) and len(data) == 1:
        return _lists(next(iter(data.values())), kinds)
    found = {name: data[name] for name in kinds if isinstance(data.get(name), list)}
    return found or None


def _drop_last(lists: dict[str, list[Any]]) -> None:
    last = next((name for name in reversed(lists) if lists[name]), None)
    if last:
        lists[last] = lists[last][:-1]


def _fitting(item: Any, kind: Kind) -> dict[str, Any] | None:
    """The fields of an entry with the right types; None when one is missing."""
    if not isinstance(item, dict):
        return None
    values: dict[str, Any] = {}
    for name, sort in kind.fields.items():
        value = _as(sort, item.get(name))
        if value is None and name in kind.optional:
            value = ""
        if value is None or (value == "" and name not in kind.optional):
            return None
        values[name] = value
    return values


def _as(sort: str, value: Any) -> Any:
    if sort == "text":
        return (
            " ".join(str(value).split())
            if isinstance(value, str | int | float) and not isinstance(value, bool)
            else None
        )
    if sort == "number":
        return _number(value)
    numbers = [_number(one) for one in value] if isinstance(value, list) else [_number(value)]
    return None if None in numbers else numbers


def _number(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    digits = re.search(r"\d+", value) if isinstance(value, str) else None
    return int(digits.group()) if digits else None
