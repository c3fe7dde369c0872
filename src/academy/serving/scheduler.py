"""The transformers engine: one thread that serves all lanes in turn, a step of each.

Continuous batching: a job joins between two steps and leaves with its last token, so that a short answer never waits
for a long one (Yu et al. 2022, Orca).
"""

import sys
from collections.abc import Mapping, Sequence
from threading import Condition, Thread

from academy.errors import AcademyError, ModelError
from academy.messages import _
from academy.models.template import ChatTemplate
from academy.serving.failures import BusyError, StoppedError, TooLongError
from academy.serving.jobs import Failed, Job, Load
from academy.serving.lane import Lane

SWITCH = 0.001
"""Seconds that one thread may keep the interpreter from the other: writing must not wait 5 ms after every operation."""


class Scheduler:
    """An ``Engine`` over transformers models.

    Args:
        lanes: specialist -> its lane; adapters of one base share one.
        contexts: specialist -> longest prompt and answer together, in tokens.
        queue: jobs that may wait.
    """

    def __init__(self, lanes: Mapping[str, Lane], contexts: Mapping[str, int | None], queue: int) -> None:
        self._lanes = lanes
        self._contexts = contexts
        self._queue = queue
        self._distinct = list(dict.fromkeys(lanes.values()))
        self._news = Condition()
        self._new: list[Job] = []
        self._closed = False
        self._thread = Thread(target=self._work, name="academy-engine", daemon=True)

    def start(self) -> "Scheduler":
        """Begin to work."""
        sys.setswitchinterval(SWITCH)
        self._thread.start()
        return self

    @property
    def alive(self) -> bool:
        """See ``Engine``."""
        return self._thread.is_alive() and not self._closed

    @property
    def load(self) -> Load:
        """See ``Engine``."""
        lanes = self._distinct
        prefixes = [prefix for lane in lanes for prefix in lane.prefixes]
        return Load(
            running=sum(len(lane.slots) for lane in lanes),
            waiting=self._waiting,
            prompt_tokens=sum(lane.prompt_tokens for lane in lanes),
            written_tokens=sum(lane.written_tokens for lane in lanes),
            prefix_hits=sum(prefix.hits for prefix in prefixes),
            prefix_tokens=sum(prefix.tokens_saved for prefix in prefixes),
        )

    def template(self, model: str) -> ChatTemplate:
        """See ``Engine``."""
        return self._lanes[model].templates[model]

    def context(self, model: str) -> int | None:
        """See ``Engine``."""
        return self._contexts[model]

    def vocabulary(self, model: str) -> int:
        """See ``Engine``."""
        return self._lanes[model].vocabulary

    def submit(self, job: Job) -> None:
        """See ``Engine``."""
        self._refuse_long(job)
        with self._news:
            if not self.alive:
                raise StoppedError(_("The server is stopping."))
            if self._waiting >= self._queue:
                raise BusyError(_("Too many requests are waiting ({n}).").format(n=self._waiting))
            self._new.append(job)
            self._news.notify()

    def close(self) -> None:
        """See ``Engine``."""
        with self._news:
            self._closed = True
            self._news.notify()
        if self._thread.ident is not None:
            self._thread.join()

    @property
    def _waiting(self) -> int:
        return len(self._new) + sum(len(lane.waiting) for lane in self._distinct)

    def _refuse_long(self, job: Job) -> None:
        context, room = self._contexts[job.model], job.sampling.max_new_tokens
        if not job.prompt:
            raise TooLongError(_("There is no text to continue."), "prompt")
        if context is not None and len(job.prompt) + room > context:
            raise TooLongError(
                _(
                    "{prompt} tokens of prompt and {answer} of answer do not fit into {model}, which reads {context}."
                ).format(prompt=len(job.prompt), answer=room, model=job.model, context=context)
            )

    def _work(self) -> None:
        try:
            while self._take():
                for lane in self._distinct:
                    self._step(lane)
        finally:
            # Also after an error that nobody expected: whoever waits must hear of it, and no job may slip in between.
            with self._news:
                self._closed = True
                new, self._new = self._new, []
            self._fail([job for lane in self._distinct for job in lane.drop_all()] + new)

    def _take(self) -> bool:
        """Hand new jobs to their lanes; sleep while there is nothing to do. False at the end."""
        with self._news:
            self._news.wait_for(lambda: self._closed or self._new or any(map(_busy, self._distinct)))
            jobs, self._new = self._new, []
            for job in jobs:
                self._lanes[job.model].waiting.append(job)
            return not self._closed

    def _step(self, lane: Lane) -> None:
        if not _busy(lane):
            return
        try:
            lane.step()
        except (RuntimeError, ValueError, IndexError, MemoryError) as error:
            # Out of memory, or a model that cannot be batched: these jobs fail, the server lives.
            self._fail(
                lane.drop_all(),
                ModelError(_("The model failed while writing: {kind}.").format(kind=type(error).__name__)),
            )

    def _fail(self, jobs: Sequence[Job], error: AcademyError | None = None) -> None:
        for job in jobs:
            job.deliver([Failed(error or StoppedError(_("The server is stopping.")))])


def _busy(lane: Lane) -> bool:
    return bool(lane.waiting or lane.running)
