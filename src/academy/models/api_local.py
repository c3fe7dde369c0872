"""A teacher that transformers opens on this machine, behind the same door as an endpoint: its answers are kept, too."""

import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from academy.config import StudentConfig
from academy.errors import ContextTooLongError, ModelError
from academy.messages import _
from academy.models import LanguageModel, generate
from academy.models.api_cache import AnswerCache, Reply, answer_key
from academy.models.api_presets import LOCAL
from academy.records import Message, Sampling

LONGEST = 3000
"""Tokens of an answer."""


class LocalWriter:
    """Any model folder or hub id as a teacher; one request at a time.

    Attributes:
        name: stands in every lesson.
    """

    def __init__(self, model: str, cache: AnswerCache, run: str) -> None:
        self.name = f"{LOCAL}:{model}"
        self._model_name = model
        self._cache = cache
        self._run = run
        self._lock = threading.Lock()

    @cached_property
    def _model(self) -> tuple[LanguageModel, str]:
        from academy.models.local import open_model
        from academy.models.student import resolve_student

        student = resolve_student(StudentConfig(model=self._model_name))
        return open_model(student), student.fingerprint

    def complete(self, messages: Sequence[Message], schema: Mapping[str, Any] | None = None, attempt: int = 0) -> Reply:
        """The answer to a conversation; the schema is only told in words."""
        with self._lock:
            model, fingerprint = self._model
            body = {"model": fingerprint, "messages": [message.model_dump() for message in messages], "limit": LONGEST}
            key = answer_key(self.name, body, attempt)
            if kept := self._cache.get(key):
                return kept
            try:
                [answer] = generate(model, [messages], Sampling(max_new_tokens=LONGEST))
            except ModelError as error:
                raise ContextTooLongError(error.message, _("Shorter passages: --set chunk.max_tokens=128")) from error
            reply = Reply(answer.text, self._model_name, answer.finish_reason, 0, answer.tokens, 0.0)
            self._cache.keep(key, self.name, self._run, reply)
            return reply
