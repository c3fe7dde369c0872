"""Which endpoint a name such as ``openrouter:some/model`` means: presets are data, keys come from the environment."""

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from academy.config import EndpointConfig, nearest, plain_address
from academy.errors import ConfigError, MissingKeyError
from academy.messages import _, ui_language

FILE = Path(__file__).parent / "presets.yaml"
LOCAL = "local"
"""Provider of models that transformers opens on this machine."""
Structured = Literal["schema", "object", "none"]
_VARIABLE = re.compile(r"\$\{(\w+)\}")


class Preset(BaseModel):
    """One provider of presets.yaml; the file explains the fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str = ""
    key: str = ""
    key_page: str = ""
    token_command: tuple[str, ...] = ()
    headers: Mapping[str, str] = {}
    body: Mapping[str, Any] = {}
    structured: Structured = "none"
    answer_limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    usage_in_stream: bool = True
    routed: bool = False
    limits: Mapping[str, float] = {}
    policy: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model is asked, and how.

    Attributes:
        name: provider and model as the user wrote them; what lessons and reports say.
        key_variable: environment variable of the key; empty when none is needed.
        local: whether the address is this machine.
    """

    name: str
    provider: str
    model: str
    base_url: str
    preset: Preset
    key_variable: str = ""
    local: bool = False
    config: EndpointConfig = field(default_factory=EndpointConfig)

    @property
    def host(self) -> str:
        """Who gets what is sent."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def structured(self) -> Structured:
        """How JSON is asked for."""
        chosen = self.config.structured
        return self.preset.structured if chosen == "auto" else chosen

    @property
    def policy(self) -> str:
        """What the provider does with what it gets, as far as the preset knows."""
        return self.preset.policy.get(ui_language(), self.preset.policy.get("en", ""))

    @property
    def free(self) -> bool:
        """Whether nothing has to be paid: a model here, or one that OpenRouter gives away."""
        return self.local or (self.preset.routed and self.model.endswith(":free"))

    @property
    def priced(self) -> bool:
        """Whether what an answer costs can be known: the provider says so, or the user's prices do."""
        own = self.config.price_prompt is not None and self.config.price_answer is not None
        return own or self.free or self.preset.routed


def resolve_endpoint(name: str, config: EndpointConfig, local_only: bool = False) -> Endpoint:
    """The endpoint that ``provider:model`` names.

    Args:
        name: such as ``ollama:qwen3:8b``; everything behind the first colon is the model.
        config: overrides what the preset says.
        local_only: refuse every address that is not this machine.

    Raises:
        ConfigError: unknown provider, no model, no address, an address that cannot be used or is not allowed.
    """
    provider, _colon, model = name.partition(":")
    known = presets(config.presets)
    names = ["offline", LOCAL, *known]
    if provider not in known:
        raise ConfigError(
            _("There is no teacher or provider '{name}'.").format(name=provider)
            + nearest(provider, ["offline", LOCAL, *known]),
            _("Known: {known}. Write it as provider:model, such as ollama:qwen3:8b").format(known=", ".join(names)),
        )
    if not model:
        raise ConfigError(
            _("'{name}' names no model.").format(name=name), _("Write it as provider:model, such as ollama:qwen3:8b")
        )
    preset = known[provider]
    base_url = _address(provider, config.base_url or preset.base_url)
    local = is_local(base_url)
    if local_only and not local:
        raise ConfigError(
            _("'{name}' is at {host}, and --local-only refuses everything that is not this machine.").format(
                name=name, host=urlsplit(base_url).hostname
            ),
            _("Take a teacher here: --set distil.teacher=offline, or leave out --local-only"),
        )
    return _affordable(
        Endpoint(name, provider, model, base_url, preset, config.key_variable or preset.key, local, config)
    )


def _affordable(endpoint: Endpoint) -> Endpoint:
    """The endpoint, unless it has a ceiling that nobody could watch."""
    if endpoint.config.max_cost is not None and not endpoint.priced:
        raise ConfigError(
            _("teacher.max_cost cannot be kept: nobody says what an answer of '{name}' costs.").format(
                name=endpoint.name
            ),
            _("Give its prices: --set teacher.price_prompt=DOLLARS --set teacher.price_answer=DOLLARS"),
        )
    return endpoint


def presets(own: Path | None = None) -> dict[str, Preset]:
    """Every provider by name; a user's file adds to and replaces those that are shipped."""
    return {**_read(FILE), **(_read(own) if own else {})}


@lru_cache(maxsize=4)
def _read(file: Path) -> dict[str, Preset]:
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
        return {str(name): Preset.model_validate(values or {}) for name, values in dict(data).items()}
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError, ValueError, ValidationError) as error:
        raise ConfigError(
            _("{file} cannot be used as presets: {error}").format(file=file, error=error),
            _("Write it like Academy's own: {file}").format(file=FILE),
        ) from None


def _address(provider: str, written: str) -> str:
    """The address with variables filled in; keys in it are refused, because addresses are stored and shown."""
    absent = [name for name in _VARIABLE.findall(written) if not os.environ.get(name)]
    if absent:
        raise ConfigError(
            _("'{provider}' needs the environment variable {name}.").format(provider=provider, name=absent[0]),
            f"export {absent[0]}=...",
        )
    address = _VARIABLE.sub(lambda found: os.environ[found.group(1)], written).rstrip("/")
    if not address:
        raise ConfigError(
            _("'{provider}' has no address.").format(provider=provider),
            "--set teacher.base_url=http://localhost:8000/v1",
        )
    try:
        plain_address(address)
    except ValueError as error:
        raise ConfigError(
            _("The address of '{provider}' {problem}.").format(provider=provider, problem=error),
            _("Put the key into an environment variable and name that one: --set teacher.key_variable=NAME"),
        ) from None
    return address


def is_local(address: str) -> bool:
    """Whether an address is this machine: nothing that is sent there leaves it."""
    host = urlsplit(address).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_key(endpoint: Endpoint) -> str:
    """The API key from the environment; "" when the endpoint needs none.

    Raises:
        MissingKeyError: the variable is not set.
    """
    name = endpoint.key_variable
    key = os.environ.get(name, "").strip() if name else ""
    if name and not key:
        page = endpoint.preset.key_page
        where = _("; a key can be made at {page}").format(page=page) if page else ""
        raise MissingKeyError(
            _("'{name}' needs an API key in the environment variable {variable}, which is not set{where}.").format(
                name=endpoint.name, variable=name, where=where
            ),
            _set_command(name),
        )
    if not key.isascii() or any(character.isspace() for character in key):
        raise MissingKeyError(
            _(
                "The environment variable {variable} does not hold a usable key: there are blanks or other signs in it."
            ).format(variable=name),
            _set_command(name),
        )
    return key


def _set_command(name: str) -> str:
    return f'$env:{name} = "..."' if os.name == "nt" else f"export {name}=..."
