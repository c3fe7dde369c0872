"""Who teaches in a run: the table of teachers that its settings name, what they may do, and what they used up."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from academy.config import ANSWERING, AcademyConfig, DistilConfig, EndpointConfig
from academy.distillation.drafts import Teacher
from academy.distillation.frames import rules_hash
from academy.distillation.prompts import load_prompts
from academy.distillation.rehearsal import disclosure, plan, rehearse
from academy.distillation.remote import Writer, remote
from academy.errors import ConfigError
from academy.models.api import ApiModel
from academy.models.api_cache import AnswerCache, read_spent
from academy.models.api_local import LocalWriter
from academy.models.api_presets import LOCAL, Endpoint, resolve_endpoint
from academy.records import Chunk, content_hash

ANSWERS = "answers.sqlite"
"""The file of answers, in the folder of runs, shared by all of them."""


class Faculty:
    """The teachers of one run; nothing is opened before it is asked.

    Raises:
        ConfigError: a name is no teacher, or an address is not allowed.
    """

    def __init__(self, config: AcademyConfig, folder: Path, offline: Mapping[str, Teacher]) -> None:
        self._config = config
        self._folder = folder
        self._offline = offline
        chosen = config.distil.teacher
        self.names = (chosen,) if isinstance(chosen, str) else chosen
        asked = [name for name in self.names if name not in offline]
        self._local = [name.removeprefix(f"{LOCAL}:") for name in asked if name.startswith(f"{LOCAL}:")]
        self.endpoints: list[Endpoint] = [
            resolve_endpoint(name, config.teacher, config.local_only)
            for name in asked
            if not name.startswith(f"{LOCAL}:")
        ]
        if asked:
            load_prompts(config.distil.kinds)

    @property
    def fingerprint(self) -> str:
        """Everything about the teachers that could change a lesson; the distil section stands beside it."""
        rules = [rules_hash()] if set(self.names) & set(self._offline) else []
        if not self.endpoints and not self._local:
            return content_hash(rules)
        teacher = self._config.teacher.model_dump(mode="json")
        answers = {name: teacher[name] for name in ANSWERING}
        places = [endpoint.base_url for endpoint in self.endpoints]
        return content_hash([places, answers, load_prompts(self._config.distil.kinds).fingerprint, rules])

    @property
    def workers(self) -> int:
        """As many as the endpoints take together; one where all teachers are on this machine's processor."""
        return sum(model.limiter.allowance.concurrency for model in self.models) or 1

    @cached_property
    def cache(self) -> AnswerCache:
        """The file of answers."""
        return AnswerCache(self._path)

    @property
    def _path(self) -> Path:
        return self._config.teacher.cache or self._config.runs / ANSWERS

    @cached_property
    def models(self) -> list[ApiModel]:
        """The clients of the endpoints."""
        return [ApiModel(endpoint, self.cache, str(self._folder.resolve())) for endpoint in self.endpoints]

    @cached_property
    def table(self) -> dict[str, Teacher]:
        """Name -> teacher."""
        writers: dict[str, Writer] = {model.name: model for model in self.models}
        for name in self._local:
            writers[f"{LOCAL}:{name}"] = LocalWriter(name, self.cache, str(self._folder.resolve()))
        return {**self._offline, **{name: remote(writer) for name, writer in writers.items()}}

    def prepare(self, items: Iterable[Chunk], config: DistilConfig, tell: Callable[[str], None]) -> None:
        """Say what leaves the machine and what it will take, then try three passages before the rest is paid for.

        Raises:
            MissingKeyError, ConfigError: it cannot begin.
            DistillationError: the rehearsal brought too little.
        """
        if not self.endpoints and not self._local:
            return
        chunks = list(items)
        for model in self.models:
            if not model.endpoint.local:
                tell(disclosure(model.endpoint, chunks))
            for line in plan(model, chunks, config):
                tell(line)
        for name in self.names:
            if name not in self._offline:
                rehearse(name, self.table, chunks, config, tell)

    def note(self) -> str:
        """Why everybody waits."""
        return next((model.limiter.note for model in self.models if model.limiter.note), "")

    def account(self) -> Mapping[str, Any]:
        """What the run used up until now, by teacher, over all processes and days."""
        spent = read_spent(self._path, str(self._folder.resolve()))
        return {
            name: {
                "requests": one.requests,
                "failed": one.failed,
                "prompt_tokens": one.prompt_tokens,
                "answer_tokens": one.answer_tokens,
                "cost_usd": round(one.cost, 6),
                "sent_to": self._sent_to(name),
            }
            for name, one in spent.items()
        }

    def _sent_to(self, name: str) -> str:
        """Who got what a teacher was asked, "" for this machine; also of one that taught before another took over."""
        if name.startswith(f"{LOCAL}:"):
            return ""
        known = {endpoint.name: endpoint for endpoint in self.endpoints}
        try:
            endpoint = known.get(name) or resolve_endpoint(name, EndpointConfig(presets=self._config.teacher.presets))
        except ConfigError:
            # Its address stood in settings that are gone: its provider is all that is still known.
            return name.partition(":")[0]
        return "" if endpoint.local else endpoint.host

    def close(self) -> None:
        """Call off what is under way; the next look opens everything again."""
        for model in self.__dict__.pop("models", []):
            model.close()
        if cache := self.__dict__.pop("cache", None):
            cache.close()
        self.__dict__.pop("table", None)
