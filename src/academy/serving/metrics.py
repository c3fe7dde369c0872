"""Figures for Prometheus, of this server alone."""

from functools import partial
from typing import TYPE_CHECKING

from academy.serving.jobs import Engine

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


class Metrics:
    """Counters and times; the engine is asked when somebody looks."""

    def __init__(self, engine: Engine) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram

        own = self.registry = CollectorRegistry()
        self.requests = Counter(
            "academy_requests", "Requests by endpoint and status.", ["endpoint", "status"], registry=own
        )
        self.seconds = Histogram(
            "academy_request_seconds", "Time until the last byte.", ["endpoint"], buckets=SECONDS, registry=own
        )
        self.first_token = Histogram(
            "academy_first_token_seconds", "Time until the first token.", buckets=SECONDS, registry=own
        )
        _watch(self.registry, engine)

    def text(self) -> bytes:
        """All figures, in the text format of Prometheus."""
        from prometheus_client import generate_latest

        return generate_latest(self.registry)


def _watch(registry: "CollectorRegistry", engine: Engine) -> None:
    from prometheus_client import Gauge

    told = {
        "running": "Answers that are being written.",
        "waiting": "Answers that wait for a slot.",
        "prompt_tokens": "Prompt tokens read since the start.",
        "written_tokens": "Tokens written since the start.",
        "prefix_hits": "Prompts whose beginning was known.",
        "prefix_tokens": "Prompt tokens that were not read again.",
    }
    for name, words in told.items():
        Gauge(f"academy_{name}", words, registry=registry).set_function(partial(_figure, engine, name))


def _figure(engine: Engine, name: str) -> float:
    return float(getattr(engine.load, name))
