"""The configuration: one frozen section per stage, each default stated once, here.

One chain of precedence: defaults < recipe < file < environment (``ACADEMY_FINETUNE__EPOCHS=3``) < ``--set``. Unknown keys
are refused; all mistakes are listed at once, with the nearest known key.
"""

import difflib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from academy.errors import ConfigError
from academy.messages import N_, _
from academy.records import Mode

RECIPES = Path(__file__).parent / "recipes"
PREFIX = "ACADEMY_"
NOT_CONFIG = ("ACADEMY_LANGUAGE", "ACADEMY_DATA", "ACADEMY_DEBUG")
EMBEDDED = "embedded"


class Section(BaseModel):
    """A group of settings: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class StudentConfig(Section):
    """The small model that learns."""

    model: str = Field(EMBEDDED, description=N_("'embedded', a folder, or a Hugging Face id"))
    revision: str | None = Field(None, description=N_("branch, tag or commit on the Hugging Face hub"))
    trust_remote_code: bool = Field(False, description=N_("run Python code that comes with the model; off unless you trust it"))


class IngestConfig(Section):
    """Stage 1: sources -> documents."""

    max_file_mb: int = Field(500, ge=1, description=N_("larger files are refused, in MiB"))
    min_characters: int = Field(20, ge=1, description=N_("documents with less text than this are refused"))


class ChunkConfig(Section):
    """Stage 2: documents -> chunks."""

    max_tokens: int = Field(256, ge=32, description=N_("longest passage, in tokens of the student"))
    min_tokens: int = Field(24, ge=1, description=N_("shorter passages are merged with a neighbour of the same section"))


class DistilConfig(Section):
    """Stage 3: chunks -> lessons."""

    teacher: str = Field("offline", description=N_("who writes the lessons; 'offline' needs no language model"))
    questions_per_fact: int = Field(6, ge=1, description=N_("at most this many differently worded questions per fact"))
    exam_share: float = Field(0.5, ge=0, le=1, description=N_("share of the facts that also get an exam question in other words"))
    min_lessons: int = Field(1, ge=0, description=N_("stop when the documents yield fewer lessons than this"))


class BuildConfig(Section):
    """Stage 4: lessons -> dataset."""

    max_length: int = Field(512, ge=32, description=N_("longest training row, in tokens; longer ones are refused and counted"))
    text_share: float = Field(0.5, ge=0, le=1, description=N_("share of learned tokens that are statements and passages; the rest are questions"))
    evidence_share: float = Field(0.2, ge=0, le=1, description=N_("share of the question rows that show passages, as evidence mode does"))
    unanswerable_share: float = Field(0.01, ge=0, le=0.5, description=N_("largest share of rows whose answer is the refusal"))
    valid_share: float = Field(0.05, gt=0, lt=0.5, description=N_("share of the facts whose rows are kept for validation in other wordings"))
    exam_size: int = Field(80, ge=1, description=N_("largest number of exam questions"))


class FinetuneConfig(Section):
    """Stage 5: dataset -> specialist."""

    backend: str = Field("hf", description=N_("which trainer"))
    method: Literal["auto", "full", "lora"] = Field("auto", description=N_("auto: full below 100 M parameters, else LoRA"))
    epochs: float = Field(10, gt=0, description=N_("passes over the training rows, at most"))
    max_minutes: float | None = Field(None, gt=0, description=N_("stop after this many minutes of training; the best checkpoint is kept"))
    max_steps: int | None = Field(None, ge=1, description=N_("stop after this many optimizer steps"))
    learning_rate: float | None = Field(None, gt=0, description=N_("peak rate; empty: 5e-4 for full, 1e-3 for LoRA on small models, 2e-4 above 1 B"))
    warmup_share: float = Field(0.05, ge=0, lt=1, description=N_("share of the steps with a rising rate"))
    weight_decay: float = Field(0.01, ge=0, description=N_("AdamW weight decay"))
    batch_size: int = Field(16, ge=1, description=N_("rows per optimizer step"))
    micro_batch_size: int | None = Field(None, ge=1, description=N_("rows computed at once; empty: batch_size"))
    rank: int = Field(16, ge=1, description=N_("LoRA rank"))
    alpha: int = Field(32, ge=1, description=N_("LoRA scale; alpha / rank multiplies the adapter"))
    dropout: float = Field(0.0, ge=0, lt=1, description=N_("LoRA dropout"))
    targets: str | tuple[str, ...] = Field("all-linear", description=N_("modules that get an adapter"))
    precision: Literal["auto", "bf16", "fp32"] = Field("auto", description=N_("auto: bf16 where the processor computes it natively"))
    evals: int = Field(10, ge=1, description=N_("validation passes over the whole run"))
    patience: int = Field(3, ge=1, description=N_("stop when this many validation passes in a row were no better"))
    checkpoint_minutes: float = Field(2.0, gt=0, description=N_("a killed run loses at most about this much training"))


class EvaluateConfig(Section):
    """Stage 6: specialist -> report."""

    exam: Path | None = Field(None, description=N_("your own questions (JSON lines); empty: those that stage 3 wrote"))
    candidates: tuple[Literal["base", "specialist", "retrieval", "evidence", "base-evidence"], ...] = Field(
        ("base", "specialist", "retrieval", "evidence"), min_length=1, description=N_("who sits the exam")
    )
    batch_size: int = Field(16, ge=1, description=N_("questions answered at once"))
    resamples: int = Field(2000, ge=100, description=N_("bootstrap resamples behind each interval"))
    language: Literal["auto", "de", "en"] = Field("auto", description=N_("language of the report"))


class QueryConfig(Section):
    """How questions are answered."""

    mode: Mode = Field("evidence", description=N_("specialist, retrieval or evidence"))
    passages: int = Field(3, ge=1, description=N_("passages that evidence mode reads"))
    passage_words: int = Field(110, ge=20, description=N_("longest passage that evidence mode reads, in words"))
    max_new_tokens: int = Field(48, ge=1, description=N_("longest answer, in tokens"))


class AcademyConfig(Section):
    """Everything that can be set."""

    recipe: str = Field("document-expert", description=N_("the recipe that these settings started from"))
    runs: Path = Field(Path("runs"), description=N_("folder that holds the runs"))
    seed: int = Field(0, ge=0, description=N_("makes every random choice repeatable"))
    student: StudentConfig = StudentConfig()
    ingest: IngestConfig = IngestConfig()
    chunk: ChunkConfig = ChunkConfig()
    distil: DistilConfig = DistilConfig()
    build: BuildConfig = BuildConfig()
    finetune: FinetuneConfig = FinetuneConfig()
    evaluate: EvaluateConfig = EvaluateConfig()
    query: QueryConfig = QueryConfig()


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
    named = [layer.values["recipe"] for layer in (from_file, from_env, from_set) if "recipe" in layer.values]
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


def recipes() -> list[str]:
    """The names of the recipes that are shipped."""
    return sorted(path.stem for path in RECIPES.glob("*.yaml"))


def nearest(word: str, known: Sequence[str]) -> str:
    """" did you mean ...?" with the most similar known word, or nothing."""
    found = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return " " + _("Did you mean '{word}'?").format(word=found[0]) if found else ""


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


def _flat(data: Mapping[object, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _environment_layer(environment: Mapping[str, str]) -> Layer:
    known = dict(fields())
    values: dict[str, object] = {}
    for name in sorted(environment):
        if not name.startswith(PREFIX) or name in NOT_CONFIG:
            continue
        key = name.removeprefix(PREFIX).lower().replace("__", ".")
        # A foreign variable such as ACADEMY_HOME must not stop the program; one with a section name is a typing mistake.
        if key in known or "." in key:
            values[key] = _scalar(environment[name])
    return Layer(_("environment"), values)


def _override_layer(overrides: Sequence[str]) -> Layer:
    values: dict[str, object] = {}
    for item in overrides:
        key, equals, value = item.partition("=")
        if not equals:
            raise ConfigError(_("--set {item}: write it as section.key=value.").format(item=item), "academy config explain")
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
    by_last = [name for name in names if name.split(".")[-1] == key.split(".")[-1]]
    guess = nearest(key, by_last or names) or nearest(key, names)
    return _("{origin}: unknown key '{key}'.").format(origin=origin, key=key) + guess


def _invalid(item: dict[str, Any], origin: Mapping[str, str]) -> str:
    key = ".".join(str(part) for part in item["loc"])
    place = next((origin[name] for name in origin if key.startswith(name)), _("default"))
    return _("{origin}: {key} = {value!r}: {problem}").format(
        origin=place, key=key, value=item.get("input"), problem=item["msg"]
    )


def _config_error(problems: Sequence[str]) -> ConfigError:
    return ConfigError("\n".join(problems), _("See all settings: academy config explain"))


MODES: tuple[str, ...] = get_args(Mode)
