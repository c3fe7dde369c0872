"""Which endpoint a name means, and every way in which it cannot be one."""

import json
from pathlib import Path

import pytest

from academy.config import EndpointConfig
from academy.errors import ConfigError
from academy.models.api_cache import Reply
from academy.models.api_presets import is_local, presets, resolve_endpoint
from academy.models.api_wire import read_whole, request_body
from academy.records import Message
from academy.settings import load_config

SECRET = "sk-or-v1-0123456789abcdef0123456789abcdef"


def test_every_preset_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "p")
    monkeypatch.setenv("GOOGLE_CLOUD_LOCATION", "europe-west3")
    known = presets()
    assert {"openrouter", "openai", "gemini", "vertex", "mistral", "ollama", "vllm", "llama.cpp", "lm-studio"} < set(
        known
    )
    for name, preset in known.items():
        endpoint = resolve_endpoint(
            f"{name}:m", EndpointConfig(base_url=None if preset.base_url else "http://localhost/v1")
        )
        assert endpoint.host
        assert endpoint.local or endpoint.policy, f"{name}: what does it do with what it gets?"
        assert endpoint.local or endpoint.key_variable or preset.token_command
        assert set(preset.policy) in (set(), {"de", "en"})
    assert resolve_endpoint("vertex:google/gemini", EndpointConfig()).base_url.startswith(
        "https://europe-west3-aiplatform.googleapis.com/v1/projects/p/locations/europe-west3/"
    )


def test_everything_behind_the_first_colon_is_the_model() -> None:
    endpoint = resolve_endpoint("ollama:qwen3:8b", EndpointConfig())
    assert (endpoint.provider, endpoint.model, endpoint.local) == ("ollama", "qwen3:8b", True)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("olama:qwen3", "Did you mean 'ollama'"),
        ("ollama", "names no model"),
        ("ollama:", "names no model"),
        ("custom:m", "has no address"),
        ("vertex:m", "GOOGLE_CLOUD_LOCATION"),
    ],
)
def test_names_that_are_no_endpoint(monkeypatch: pytest.MonkeyPatch, name: str, message: str) -> None:
    monkeypatch.delenv("GOOGLE_CLOUD_LOCATION", raising=False)
    with pytest.raises(ConfigError, match=message) as caught:
        resolve_endpoint(name, EndpointConfig())
    assert caught.value.hint


@pytest.mark.parametrize("text", ["- a", "x: {nope: 1}", "a: [", "x: {structured: maybe}"])
def test_presets_of_ones_own_that_are_wrong(tmp_path: Path, text: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match="cannot be used as presets"):
        presets(file)


def test_presets_of_ones_own_add_to_the_others(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(json.dumps({"office": {"base_url": "http://10.0.0.5:8000/v1", "structured": "schema"}}))
    endpoint = resolve_endpoint("office:llama", EndpointConfig(presets=file))
    assert (endpoint.base_url, endpoint.local, endpoint.structured) == ("http://10.0.0.5:8000/v1", False, "schema")


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        (f"teacher.key_variable={SECRET}", "not the key itself"),
        (f"teacher.base_url=https://x.org/v1?key={SECRET}", "plain address"),
        (f"teacher.base_url=https://user:{SECRET}@x.org/v1", "plain address"),
        (f"teacher.api_key={SECRET}", "Keys never stand in settings"),
    ],
)
def test_a_key_in_the_settings_is_refused_and_not_repeated(setting: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told) as caught:
        load_config(None, [setting], {})
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("http://localhost:1/v1", True),
        ("http://127.0.0.1/v1", True),
        ("http://127.9.9.9/v1", True),
        ("http://[::1]:8000/v1", True),
        ("http://10.0.0.5/v1", False),
        ("http://localhost.example.com/v1", False),
        ("https://openrouter.ai/api/v1", False),
    ],
)
def test_what_is_this_machine(address: str, here: bool) -> None:
    assert is_local(address) is here


def test_local_only_refuses_what_is_not_this_machine() -> None:
    resolve_endpoint("ollama:m", EndpointConfig(), local_only=True)
    with pytest.raises(ConfigError, match="local-only"):
        resolve_endpoint("openrouter:m", EndpointConfig(), local_only=True)
    with pytest.raises(ConfigError, match="local-only"):
        resolve_endpoint("ollama:m", EndpointConfig(base_url="http://10.0.0.5:11434/v1"), local_only=True)


def test_openrouter_is_told_what_may_happen_to_the_text() -> None:
    ask = [Message(role="user", content="?")]
    plain = EndpointConfig(fallback_models=("b/c:free",), zdr=True)
    body = request_body(resolve_endpoint("openrouter:a/b:free", plain), ask, {"type": "object"}, "schema")
    assert body["provider"] == {
        "data_collection": "deny",
        "enforce_distillable_text": True,
        "zdr": True,
        "require_parameters": True,
    }
    assert body["models"] == ["a/b:free", "b/c:free"]
    assert "provider" not in request_body(resolve_endpoint("openai:gpt", EndpointConfig()), ask)


def test_a_ceiling_needs_somebody_who_knows_the_price() -> None:
    with pytest.raises(ConfigError, match="max_cost cannot be kept") as caught:
        resolve_endpoint("openai:m", EndpointConfig(max_cost=5))
    assert "teacher.price_prompt" in caught.value.hint
    prices = EndpointConfig(max_cost=5, price_prompt=1, price_answer=2)
    assert resolve_endpoint("openai:m", prices).priced
    assert resolve_endpoint("openrouter:a/b", EndpointConfig(max_cost=5)).priced
    assert resolve_endpoint("ollama:m", EndpointConfig(max_cost=5)).priced


def test_own_prices_count_for_a_paid_service_behind_this_machine() -> None:
    usage = {"usage": {"prompt_tokens": 1_000_000, "completion_tokens": 500_000}}
    whole = {"choices": [{"message": {"content": "x"}}], **usage}
    priced = resolve_endpoint("ollama:m", EndpointConfig(price_prompt=1, price_answer=2))
    reply = read_whole(whole, {}, priced, "")
    assert isinstance(reply, Reply)
    assert reply.cost == 2.0
    free = read_whole(whole, {}, resolve_endpoint("ollama:m", EndpointConfig()), "")
    assert isinstance(free, Reply)
    assert free.cost == 0.0


@pytest.mark.parametrize("address", ["https://me:SECRET@host/v1", "https://host/v1?key=SECRET"])
def test_no_key_gets_in_through_the_address_of_an_own_preset(tmp_path: Path, address: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(json.dumps({"mine": {"base_url": address}}), "utf-8")
    with pytest.raises(ConfigError, match="without user, password or key") as caught:
        resolve_endpoint("mine:m", EndpointConfig(presets=file))
    assert "SECRET" not in f"{caught.value.message} {caught.value.hint}"
