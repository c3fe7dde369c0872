"""Schemathesis sends what the OpenAPI description allows, and what it does not: never a status 500."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.serving.conftest import Address

schemathesis = pytest.importorskip("schemathesis", reason="not installed: pip install schemathesis")
httpx = pytest.importorskip("httpx")
TRIES = settings(
    max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


def test_no_request_brings_the_server_down(served: Address) -> None:
    schema = schemathesis.openapi.from_url(f"{served.url}/openapi.json")
    tried: list[str] = []
    for result in schema.get_all_operations():
        operation = result.ok()

        wrong = operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)

        @TRIES
        @given(case=operation.as_strategy() | wrong)
        def attempt(case: Any) -> None:
            response = case.call(base_url=served.url, timeout=120)
            assert response.status_code < 500, response.text

        attempt()
        tried.append(operation.path)
    assert set(tried) >= {"/generate", "/v1/chat/completions", "/v1/completions", "/v1/models/{model}"}


def test_the_description_has_examples_that_work(served: Address) -> None:
    described = httpx.get(f"{served.url}/openapi.json", timeout=120).json()
    generate = described["paths"]["/generate"]["post"]
    assert "422" not in generate["responses"]
    examples = generate["requestBody"]["content"]["application/json"]["examples"]
    assert len(examples) >= 4
    for example in examples.values():
        assert httpx.post(f"{served.url}/generate", json=example["value"], timeout=120).status_code == 200
