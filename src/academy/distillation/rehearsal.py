"""Before money or days are spent: what leaves the machine, what the work will take, and a try on three passages."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from academy.config import DistilConfig
from academy.distillation.curation import summed
from academy.distillation.drafts import Teacher, Teaching
from academy.distillation.proof import find_quote
from academy.errors import DistillationError
from academy.languages import detect
from academy.messages import _
from academy.models.api import ApiModel
from academy.models.api_presets import Endpoint
from academy.records import Chunk

PASSAGES = 3
CALLS = 2
"""Requests a passage: lessons, then exam questions."""
TOKENS = (1600, 1500)
"""Tokens of prompt (beside the passage) and of answer that a request takes, about; for the plan alone."""
FREE_A_DAY, PAID_A_DAY = 50, 1000
"""Requests a day to free models of OpenRouter: without, and after having bought 10 dollars of credit."""
SHOWN = 600


def disclosure(endpoint: Endpoint, chunks: Sequence[Chunk]) -> str:
    """What leaves the machine, to whom, and what becomes of it as far as known."""
    characters = sum(len(chunk.text) for chunk in chunks)
    said = _("The text of {n} passages ({characters:,} characters) goes to {host}, for {model}.").format(
        n=len(chunks), characters=characters, host=endpoint.host, model=endpoint.model
    )
    policy = endpoint.policy or _("What becomes of it there is not known to Academy.")
    return f"{said} {policy}"


def plan(model: ApiModel, chunks: Sequence[Chunk], config: DistilConfig) -> Iterator[str]:
    """How many requests, how many days, and what a paid model would cost."""
    requests = len(chunks) * (CALLS if config.exam_share else 1)
    yield _("About {n} requests to {model}; answers that are known already cost nothing.").format(
        n=requests, model=model.name
    )
    if model.endpoint.preset.routed:
        yield from _openrouter(model, requests, chunks)


def _openrouter(model: ApiModel, requests: int, chunks: Sequence[Chunk]) -> Iterator[str]:
    account = model.get("/key")
    data: Mapping[str, Any] = account.get("data", {}) if isinstance(account, dict) else {}
    if model.endpoint.free:
        allowed = model.endpoint.config.requests_per_day or (
            FREE_A_DAY if data.get("is_free_tier", True) else PAID_A_DAY
        )
        model.limiter.set_day(allowed)
        yield _(
            "Free requests: {a} a day, finished after {b} days; with 1,000 a day after {c}. It pauses by itself."
        ).format(a=allowed, b=-(-requests // allowed), c=-(-requests // PAID_A_DAY))
    elif (price := _price(model)) is not None:
        text = sum(len(chunk.text) for chunk in chunks) / 3
        per_request = TOKENS[0] * price[0] + TOKENS[1] * price[1]
        cost = requests * per_request + CALLS * text * price[0]
        yield _("This model will cost about {cost:.2f} dollars.").format(cost=cost)
    left = data.get("limit_remaining")
    if isinstance(left, int | float):
        yield _("The key has {left:.2f} dollars left.").format(left=left)


def _price(model: ApiModel) -> tuple[float, float] | None:
    """Dollars per token of prompt and answer."""
    listed = model.get("/models")
    rows = listed.get("data", []) if isinstance(listed, dict) else []
    for row in rows:
        if isinstance(row, dict) and row.get("id") == model.endpoint.model and isinstance(row.get("pricing"), dict):
            return float(row["pricing"].get("prompt", 0)), float(row["pricing"].get("completion", 0))
    return None


def rehearse(
    name: str,
    teachers: Mapping[str, Teacher],
    chunks: Sequence[Chunk],
    config: DistilConfig,
    tell: Callable[[str], None],
) -> None:
    """Let a teacher work on three passages and look at what is proven; they are not paid for again afterwards.

    Raises:
        DistillationError: less than ``distil.floor`` of the entries were proven; the message shows them.
    """
    step = max(1, len(chunks) // PASSAGES)
    tried = [(chunk, teachers[name](chunk, detect(chunk.text), config)) for chunk in chunks[::step][:PASSAGES]]
    kinds: Counter[str] = Counter()
    refused: list[tuple[str, str]] = []
    for chunk, teaching in tried:
        kinds.update(_yield(chunk, teaching))
        refused += [(one.reason, one.detail) for one in teaching.refused]
    kept = sum(kinds.values())
    listed = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())) or _("nothing")
    tell(_("Rehearsal of {name} on {n} passages: {kinds}; refused {refused}.").format(
        name=name, n=len(tried), kinds=listed, refused=len(refused)
    ))  # fmt: skip
    if tried and config.floor and (kept == 0 or kept < config.floor * (kept + len(refused))):
        reasons = ", ".join(f"{reason} {count}" for reason, count in summed(reason for reason, _d in refused).items())
        shown = "\n".join(f"  {reason}: {detail[:SHOWN]}" for reason, detail in refused[:8])
        raise DistillationError(
            _("{name} wrote too little that can be proven: {kept} entries kept, {refused} refused ({reasons}).").format(
                name=name, kept=kept, refused=len(refused), reasons=reasons
            )
            + f"\n{shown}",
            _("Take a stronger model, or let it pass: --set distil.floor=0"),
        )


def _yield(chunk: Chunk, teaching: Teaching) -> Counter[str]:
    """Lessons by kind whose fact stands in the passage."""
    found: Counter[str] = Counter(extra.sketch.kind for extra in teaching.extras)
    for draft in teaching.drafts:
        if draft.quotes and all(find_quote(quote, chunk.text) for quote in draft.quotes):
            found.update(["fact", *(sketch.kind for sketch in draft.lessons)])
    return found
