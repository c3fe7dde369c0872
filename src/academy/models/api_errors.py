"""What an endpoint's refusal means, and what the user can do about it. No key ever stands in a message."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from academy.errors import (
    ContentRefusedError,
    ContextTooLongError,
    KeyRefusedError,
    ModelError,
    NoCreditError,
    UnknownModelError,
)
from academy.messages import _
from academy.models.api_presets import Endpoint

SHOWN = 300
"""Characters of an endpoint's own words that a message repeats."""
HIDDEN = "[hidden]"
PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
"""Statuses that may be gone at the next try."""
_SECRET = re.compile(r"\b(?:sk|pk|key|AIza|ya29|Bearer)[-_ .][\w\-.]{8,}|\bAIza[\w-]{20,}")
_TOO_LONG = re.compile(
    r"context.?length|context.?window|context.?size|maximum context|too many tokens|prompt is too long|too long|"
    r"exceeds? the (?:available|maximum|model)|max(?:imum)?.?(?:model|input).?(?:len|tokens)",
    re.IGNORECASE,
)
_REFUSED = re.compile(r"moderation|content.?(?:filter|policy|management)|flagged|safety|prohibited", re.IGNORECASE)
_NO_MODEL = re.compile(
    r"model.{0,80}(?:not (?:found|exist|available|a valid|loaded|supported)|does not exist|deprecated|withdrawn|"
    r"decommissioned|no longer)|no endpoints|invalid model|unknown model|pull.{0,10} model|not a valid model",
    re.IGNORECASE | re.DOTALL,
)
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that brought no answer.

    Attributes:
        status: HTTP status, or the code that the body of a 200 holds; 0 when nothing came.
        words: the endpoint's own, keys removed.
        wait: seconds that it asks to wait; None when it does not say.
    """

    status: int
    words: str
    wait: float | None = None

    @property
    def passing(self) -> bool:
        """Whether another try may succeed; without credit only when the endpoint says when."""
        if self.status == 402:
            return self.wait is not None
        if "insufficient_quota" in self.words or (self.status == 500 and _TOO_LONG.search(self.words)):
            return False
        return self.status == 0 or self.status in PASSING


def hide(text: str, key: str) -> str:
    """The text without the key, and without anything else that looks like one."""
    for secret in (key, key[:-4]) if len(key) >= 12 else (key,) if key else ():
        text = text.replace(secret, HIDDEN)
    return _SECRET.sub(HIDDEN, text)


def read_failure(status: int, headers: Mapping[str, str], body: Any, key: str) -> Failure:
    """The failure that an answer tells of: its own status, or an error inside a 200."""
    found = body.get("error") if isinstance(body, dict) else None
    words, code = _words(found if found is not None else body)
    if 200 <= status < 300:
        status = code or 500  # an error that names no code is taken for one of the server's
    nested = found.get("metadata") if isinstance(found, dict) else None
    inner = nested.get("headers") if isinstance(nested, dict) else None
    wait = wait_asked(headers)
    if wait is None and isinstance(inner, dict):
        wait = wait_asked({str(name).lower(): str(value) for name, value in inner.items()})
    return Failure(status, hide(" ".join(words.split()), key)[:SHOWN], wait)


def _words(found: Any) -> tuple[str, int]:
    if not isinstance(found, dict):
        return str(found or ""), 0
    raw = found.get("metadata", {}).get("raw") if isinstance(found.get("metadata"), dict) else None
    message = found.get("message") or found.get("detail") or found
    code = found.get("code", found.get("status"))
    number = int(code) if isinstance(code, int | str) and str(code).isdigit() else 0
    kinds = " ".join(str(found[name]) for name in ("type", "code") if isinstance(found.get(name), str))
    return " ".join(str(part) for part in (message, raw, kinds) if part), number


def wait_asked(headers: Mapping[str, str]) -> float | None:
    """Seconds that Retry-After or, when nothing is left, X-RateLimit-Reset asks to wait."""
    if (value := headers.get("retry-after-ms")) and value.isdigit():
        return int(value) / 1000
    if value := headers.get("retry-after"):
        return _seconds(value)
    return nothing_left(headers)


def nothing_left(headers: Mapping[str, str]) -> float | None:
    """Seconds until requests are allowed again, where the headers say that none is left now."""
    for suffix in ("", "-requests", "-tokens"):
        left, reset = (headers.get(f"x-ratelimit-{word}{suffix}") for word in ("remaining", "reset"))
        if left is not None and reset is not None and left.strip() in ("0", "0.0"):
            return _seconds(reset)
    return None


def _seconds(value: str) -> float | None:
    """A number of seconds, a moment since 1970 in seconds or milliseconds, "6m0s", or an HTTP date."""
    value = value.strip()
    try:
        number = float(value)
    except ValueError:
        if parts := _DURATION.findall(value):
            return sum(float(count) * _UNITS[unit] for count, unit in parts)
        return _until_date(value)
    if number > 1e12:
        number /= 1000
    return max(0.0, number - time.time() if number > 1e9 else number)


def _until_date(value: str) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def as_error(failure: Failure, endpoint: Endpoint) -> ModelError:
    """The error to raise for a failure that will not pass by itself."""
    said = _(" It said: {words}").format(words=failure.words) if failure.words else ""
    for sort in (_key_or_credit, _model, _content):
        if error := sort(failure, endpoint, said):
            return error
    return ModelError(
        _("{model} at {host} answered with an error (status {status}).").format(
            model=endpoint.name, host=endpoint.host, status=failure.status
        )
        + said,
        _("See whether it works at all: academy check"),
    )


def _key_or_credit(failure: Failure, endpoint: Endpoint, said: str) -> ModelError | None:
    if failure.status == 402 or (failure.status == 429 and "insufficient_quota" in failure.words):
        return NoCreditError(
            _("The account at {host} has no credit left.").format(host=endpoint.host) + said,
            _("Everything paid for is kept. Add credit, or take another teacher: --set distil.teacher=PROVIDER:MODEL"),
        )
    if failure.status == 401 or (failure.status == 403 and not _REFUSED.search(failure.words)):
        variable = endpoint.key_variable
        named = _("the key in {variable}").format(variable=variable) if variable else _("a request without key")
        return KeyRefusedError(
            _("{host} refuses {key}.").format(host=endpoint.host, key=named) + said,
            _("Put a valid key into the environment variable, then: academy check")
            if variable
            else _("Name the variable that holds the key: --set teacher.key_variable=NAME"),
        )
    return None


def _model(failure: Failure, endpoint: Endpoint, said: str) -> ModelError | None:
    if "data policy" in failure.words:
        return UnknownModelError(
            _("No provider of {model} promises what teacher.data_collection and teacher.zdr ask for.").format(
                model=endpoint.name
            )
            + said,
            _("Take another model, or let providers keep your text: --set teacher.data_collection=allow"),
        )
    if failure.status == 404 or (failure.status in (400, 410, 422) and _NO_MODEL.search(failure.words)):
        pull = f"ollama pull {endpoint.model}"
        other = _("Take another one: --set distil.teacher={provider}:MODEL").format(provider=endpoint.provider)
        return UnknownModelError(
            _("{host} does not have the model '{model}', or no longer.").format(
                host=endpoint.host, model=endpoint.model
            )
            + said,
            pull if endpoint.provider == "ollama" else other,
        )
    return None


def _content(failure: Failure, endpoint: Endpoint, said: str) -> ModelError | None:
    if failure.status in (400, 413, 422, 500) and _TOO_LONG.search(failure.words):
        return ContextTooLongError(
            _("The passage and its answer are too long for {model}.").format(model=endpoint.name) + said,
            _("Shorter passages: --set chunk.max_tokens=128, or shorter answers: --set distil.items=10"),
        )
    if failure.status in (400, 403, 451) and _REFUSED.search(failure.words):
        return refused(endpoint, said)
    return None


def refused(endpoint: Endpoint, said: str = "") -> ContentRefusedError:
    """The provider's filter, or the model itself, does not want this text."""
    return ContentRefusedError(
        _("{model} refuses to work on a passage.").format(model=endpoint.name) + said,
        _("The passage is left out and named in: academy show rejected. Another teacher may take it."),
    )
