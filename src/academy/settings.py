"""Where settings come from, in one chain of precedence.

Defaults < recipe < file < environment (``ACADEMY_FINETUNE__EPOCHS=3``) < ``--set``. Unknown keys are refused; all
mistakes are listed at once, with the nearest known key.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from academy.config import SECTIONS, AcademyConfig, Section, nearest
from academy.errors import ConfigError
from academy.messages import _

RECIPES = Path(__file__).parent / "recipes"
PREFIX = "ACADEMY_"
HIDDEN = "..."
"""Shown for a value that may be a key written in the wrong place."""
NOT_CONFIG = ("ACADEMY_LANGUAGE", "ACADEMY_DATA", "ACADEMY_DEBUG", "ACADEMY_PDF_PASSWORD")


@dataclass(frozen=True, slots=True)
class Setting:
    """One resolved setting for ``academy config explain``."""

    key: str
    value: object
    origin: str
    description: str


@dataclass(frozen=True, slots=True)
class Layer:
    """Settings of one origin, as dotted keys."""

    origin: str
    values: Mapping[str, object]


def load_config(
    file: Path | None = None,
    overrides: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    recipe: str | None = None,
) -> AcademyConfig:
    """Resolve the configuration.

    Args:
        file: a YAML file; None: ``academy.yaml`` here, when there is one.
        overrides: ``section.key=value`` as given to ``--set``.
        environment: usually ``os.environ``.
        recipe: a recipe's name; None: the file's, else the default one.

    Raises:
        ConfigError: with every problem in one message.
    """
    return build_config(layers(file, overrides, environment, recipe))


def layers(
    file: Path | None = None,
    overrides: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    recipe: str | None = None,
) -> list[Layer]:
    """All origins in rising precedence: recipe, file, environment, command line."""
    from_file = _file_layer(file)
    from_env = _environment_layer(os.environ if environment is None else environment)
    from_set = _override_layer(overrides)
    named = [layer.values["recipe"] for layer in (from_file, from_env, from_set) if layer.values.get("recipe")]
    name = recipe or str(named[-1] if named else AcademyConfig.model_fields["recipe"].default)
    return [_recipe_layer(name), from_file, from_env, from_set]


def build_config(stack: Sequence[Layer]) -> AcademyConfig:
    """Merge layers, the later one winning, and validate the result."""
    merged: dict[str, object] = {}
    origin: dict[str, str] = {}
    problems: list[str] = []
    known = dict(fields())
    for layer in stack:
        for key, value in layer.values.items():
            if key not in known:
                problems.append(_unknown(key, layer.origin, known))
            else:
                merged[key], origin[key] = value, layer.origin
    try:
        config = AcademyConfig.model_validate(_nested(merged))
    except ValidationError as error:
        problems += [_invalid(dict(item), origin) for item in error.errors()]
        raise _config_error(problems) from None
    if problems:
        raise _config_error(problems)
    return config


def config_of_run(stored: Mapping[str, Any], overrides: Sequence[str] = ()) -> AcademyConfig:
    """The settings that a run was made with, some of them overridden."""
    return build_config([Layer("run.yaml", dict(_flat(stored))), _override_layer(overrides)])


def fields(model: type[BaseModel] = AcademyConfig, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every dotted key with its English description, in order."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            yield from fields(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", field.description or ""


def explain(stack: Sequence[Layer]) -> list[Setting]:
    """Every setting with its value, where the value comes from, and what it means."""
    config = build_config(stack).model_dump(mode="json")
    rows = []
    for key, description in fields():
        value: Any = config
        for part in key.split("."):
            value = value[part]
        origin = next((layer.origin for layer in reversed(stack) if key in layer.values), _("default"))
        rows.append(Setting(key, value, origin, _(description)))
    return rows


def dump_config(config: AcademyConfig) -> str:
    """The resolved configuration as YAML that ``load_config`` reads back."""
    return yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def commented(recipe: str) -> str:
    """The settings of a recipe as YAML, each with its meaning; lines that state a default are commented out."""
    lines: list[str] = []
    section = ""
    for setting in explain([_recipe_layer(recipe)]):
        *path, key = setting.key.split(".")
        if path and path[0] != section:
            section = path[0]
            lines += ["", f"{section}:"]
        value = yaml.safe_dump(setting.value, default_flow_style=True, allow_unicode=True).removesuffix("...\n").strip()
        mark = "# " if setting.origin == _("default") else ""
        lines += [f"{'  ' * len(path)}# {setting.description}", f"{'  ' * len(path)}{mark}{key}: {value}"]
    return "\n".join(lines) + "\n"


def recipes() -> list[str]:
    """The names of the recipes that are shipped."""
    return sorted(path.stem for path in RECIPES.glob("*.yaml"))


def _file_layer(file: Path | None) -> Layer:
    if file is None:
        file = Path("academy.yaml")
        if not file.exists():
            return Layer(str(file), {})
    if not file.is_file():
        raise ConfigError(_("There is no configuration file {file}.").format(file=file), "academy init")
    return Layer(str(file), _read_yaml(file))


def _recipe_layer(name: str) -> Layer:
    path = RECIPES / f"{name}.yaml"
    if name not in recipes():
        known = recipes()
        raise ConfigError(
            _("There is no recipe '{name}'.").format(name=name) + nearest(name, known),
            _("Known recipes: {known}").format(known=", ".join(known)),
        )
    return Layer(f"recipe {name}", {**_read_yaml(path), "recipe": name})


def _read_yaml(file: Path) -> dict[str, object]:
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(_("{file} is not valid YAML: {error}").format(file=file, error=error)) from None
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise ConfigError(_("{file} must hold 'section:' blocks.").format(file=file), "academy config show")
    return dict(_flat(data))


def _flat(data: Mapping[Any, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        elif value is None and key in SECTIONS:
            continue  # a section whose settings are all commented out
        else:
            yield f"{prefix}{key}", value


def _environment_layer(environment: Mapping[str, str]) -> Layer:
    known = dict(fields())
    values: dict[str, object] = {}
    for name in sorted(environment):
        if not name.startswith(PREFIX) or name in NOT_CONFIG:
            continue
        key = name.removeprefix(PREFIX).lower().replace("__", ".")
        # A foreign variable such as ACADEMY_HOME must not stop the program; one with a section is a typing mistake.
        if key in known or "." in key:
            values[key] = _scalar(environment[name])
    return Layer(_("environment"), values)


def _override_layer(overrides: Sequence[str]) -> Layer:
    values: dict[str, object] = {}
    for item in overrides:
        key, equals, value = item.partition("=")
        if not equals:
            raise ConfigError(
                _("--set {item}: write it as section.key=value.").format(item=item), "academy config explain"
            )
        values[key.strip()] = _scalar(value)
    return Layer("--set", values)


def _scalar(text: str) -> object:
    """Read a value as YAML; 1e-5, which YAML 1.1 takes for text, is left to pydantic, which reads it as a number."""
    try:
        return yaml.safe_load(text) if text.strip() else None
    except yaml.YAMLError:
        return text


def _nested(flat: Mapping[str, object]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for key, value in flat.items():
        *sections, last = key.split(".")
        place = root
        for section in sections:
            place = place.setdefault(section, {})
        place[last] = value
    return root


def _unknown(key: str, origin: str, known: Mapping[str, str]) -> str:
    names = list(known)
    if key.split(".")[-1] in ("key", "api_key", "token"):
        hint = _("Keys never stand in settings: put it into an environment variable, and name that in key_variable.")
        return _("{origin}: unknown key '{key}'.").format(origin=origin, key=key) + " " + hint
    by_last = [name for name in names if name.split(".")[-1] == key.split(".")[-1]]
    guess = nearest(key, by_last or names) or nearest(key, names)
    return _("{origin}: unknown key '{key}'.").format(origin=origin, key=key) + guess


def _invalid(item: dict[str, Any], origin: Mapping[str, str]) -> str:
    key = ".".join(str(part) for part in item["loc"])
    place = next((origin[name] for name in origin if key.startswith(name)), _("default"))
    value = HIDDEN if key.split(".")[-1] in ("key_variable", "base_url") else item.get("input")
    problem = item["msg"].removeprefix("Value error, ")  # pydantic's, before a sentence of ours
    return _("{origin}: {key} = {value!r}: {problem}").format(origin=place, key=key, value=value, problem=problem)


def _config_error(problems: Sequence[str]) -> ConfigError:
    return ConfigError("\n".join(problems), _("See all settings: academy config explain"))
