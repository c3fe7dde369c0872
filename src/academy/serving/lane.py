"""The jobs of one model: who waits, who is written, and one step of all of them.

Specialists that are adapters of one base share a lane, so that one forward pass serves them all; a specialist with
weights of its own has its own lane.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from academy.models.decoding import Chosen, Writer, choose
from academy.serving import batching
from academy.serving.batching import Batch, Forward, Layers
from academy.serving.jobs import Job, Token
from academy.serving.prefixes import PrefixCache

if TYPE_CHECKING:
    from academy.models.template import ChatTemplate

PREFILL = 2048
"""Prompt tokens read in one step, padding included, so that long prompts hold up the others only so long."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is written at once.

    Attributes:
        slots: answers.
        tokens: columns times rows of all batches of a lane, as planned for their longest answers.
        prefix_bytes: keys and values that each specialist keeps of earlier prompts.
    """

    slots: int
    tokens: int
    prefix_bytes: int


@dataclass(slots=True, eq=False)
class Slot:
    """A job that is being written: the tokens so far, and how many more may follow."""

    job: Job
    writer: Writer
    written: list[int]
    room: int

    @property
    def total(self) -> int:
        """Columns that the job needs in the end."""
        return len(self.job.prompt) + self.job.sampling.max_new_tokens


class Lane:
    """One model and its jobs; used by one thread alone.

    Args:
        templates: specialist -> its tokenizer and chat template.
        adapters: specialist -> adapter; None for a model without adapters.
    """

    def __init__(
        self,
        forward: Forward,
        templates: Mapping[str, "ChatTemplate"],
        adapters: Mapping[str, str] | None,
        limits: Limits,
    ) -> None:
        self.templates = templates
        self.waiting: deque[Job] = deque()
        self.running: list[tuple[list[Slot], Batch]] = []
        self.prompt_tokens = 0
        self.written_tokens = 0
        self._open: dict[Job, None] = {}
        self._forward = forward
        self._adapters = adapters
        self._limits = limits
        self._prefixes: dict[str, PrefixCache] = {}

    @property
    def vocabulary(self) -> int:
        """How many token ids the model knows."""
        return int(self._forward.model.get_input_embeddings().num_embeddings)

    @property
    def slots(self) -> list[Slot]:
        """All jobs that are being written."""
        return [slot for slots, _batch in self.running for slot in slots]

    @property
    def prefixes(self) -> Sequence[PrefixCache]:
        """What is kept of earlier prompts, one cache for each specialist asked so far."""
        return list(self._prefixes.values())

    def step(self) -> None:
        """Forget cancelled jobs, take waiting ones, and write one token of each."""
        self._leave()
        taken = self._admit()
        batches, self.running = self.running, []
        if taken:
            self._read(taken)
        for slots, batch in batches:
            tokens = [slot.written[-1] for slot in slots]
            self._write(slots, self._forward.advance(batch, tokens, self._adapters_of(slots)))
        self._join()

    def drop_all(self) -> list[Job]:
        """Forget everything, as after an error; give the jobs."""
        jobs = [*self._open, *self.waiting]
        self.running, self.waiting, self._open = [], deque(), {}
        return jobs

    def _leave(self) -> None:
        self._open = {job: None for job in self._open if not job.cancelled.is_set()}
        self.waiting = deque(job for job in self.waiting if not job.cancelled.is_set())
        self.running = [
            found
            for slots, batch in self.running
            if (found := _kept(slots, batch, [not slot.job.cancelled.is_set() for slot in slots]))
        ]

    def _admit(self) -> list[Slot]:
        """The next jobs in their order, as many as there is room for."""
        running, taken = self.slots, list[Slot]()
        while self.waiting and len(running) + len(taken) < self._limits.slots:
            slot = self._slot(self.waiting[0])
            everyone = [*running, *taken, slot]
            if len(everyone) > 1 and len(everyone) * max(one.total for one in everyone) > self._limits.tokens:
                break
            new = [*taken, slot]
            if taken and len(new) * max(len(one.job.prompt) for one in new) > PREFILL:
                break
            taken.append(slot)
            self._open[self.waiting.popleft()] = None
        return taken

    def _slot(self, job: Job) -> Slot:
        return Slot(job, Writer(0, self.templates[job.model], job.sampling), [], job.sampling.max_new_tokens)

    def _read(self, slots: list[Slot]) -> None:
        """Read the prompts of new jobs, those with a known beginning from there on, and write their first tokens."""
        pasts = [self._prefix(slot.job.model).find(slot.job.prompt) for slot in slots]
        rests = [slot.job.prompt[_length(past) :] for slot, past in zip(slots, pasts, strict=True)]
        self.prompt_tokens += sum(map(len, rests))
        self._write(slots, self._forward.prefill(rests, pasts, self._adapters_of(slots)))

    def _write(self, slots: list[Slot], batch: Batch) -> None:
        chosen = choose(batch.logits, [slot.writer for slot in slots])
        pieces = [_take(slot, chosen, row) for row, slot in enumerate(slots)]
        self.written_tokens += len(slots)
        going = [piece.delta.finish_reason is None for piece in pieces]
        for row, slot in enumerate(slots):
            if not going[row]:
                self._remember(slot, batch, row)
                del self._open[slot.job]
        found = _kept(slots, batch, going)
        if found:
            self.running.append(found)
        for slot, piece in zip(slots, pieces, strict=True):
            slot.job.deliver([piece])

    def _remember(self, slot: Slot, batch: Batch, row: int) -> None:
        # The last token was written, but not read.
        ids = [*slot.job.prompt, *slot.written[:-1]]
        prefixes = self._prefix(slot.job.model)
        if prefixes.wants(ids) and batching.joinable(batch):
            prefixes.keep(ids, batching.row(batch, row))

    def _join(self) -> None:
        """One batch of all that can be one: every batch costs a forward pass."""
        joined: list[tuple[list[Slot], Batch]] = []
        for slots, batch in self.running:
            if joined and batching.joinable(joined[-1][1]) and batching.joinable(batch):
                before, first = joined.pop()
                joined.append(([*before, *slots], batching.join(first, batch)))
            else:
                joined.append((slots, batch))
        self.running = joined

    def _adapters_of(self, slots: Sequence[Slot]) -> list[str] | None:
        return None if self._adapters is None else [self._adapters[slot.job.model] for slot in slots]

    def _prefix(self, model: str) -> PrefixCache:
        return self._prefixes.setdefault(model, PrefixCache(self._limits.prefix_bytes))


def _take(slot: Slot, chosen: Chosen, row: int) -> Token:
    slot.room -= 1
    token = chosen.tokens[row]
    slot.written.append(token)
    delta = slot.writer.take(token, chosen.logprobs[row], slot.room)
    if not slot.job.likeliest:
        return Token(token, delta)
    best = chosen.all_logprobs[row].topk(slot.job.likeliest)
    return Token(token, delta, tuple(zip(best.indices.tolist(), best.values.tolist(), strict=True)))


def _kept(slots: list[Slot], batch: Batch, going: Sequence[bool]) -> tuple[list[Slot], Batch] | None:
    rows = [row for row, stays in enumerate(going) if stays]
    return ([slots[row] for row in rows], batching.keep(batch, rows)) if rows else None


def _length(past: Layers | None) -> int:
    return past[0][0].shape[2] if past else 0
