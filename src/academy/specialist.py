"""Ask a finished run: from memory, by search, or with passages to read.

    from academy import ask
    ask("Was ist die Mainline?").answer

``Expert`` is the same thing kept open. The model is loaded with the first question that needs it; mode ``retrieval``
never loads it.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from academy.artefacts import read_records
from academy.config import AcademyConfig, QueryConfig
from academy.errors import ModelError, RunError
from academy.languages import detect
from academy.messages import _
from academy.models import LanguageModel, generate
from academy.models.answering import closed_book_messages, evidence_messages, is_refusal, refusal
from academy.models.student import resolve_student
from academy.records import Answer, Conversation, Generation, Message, Mode, Sampling, Source
from academy.retrieval import Index, Passage, Sentence, StrayChunk, support, terms
from academy.trust import Trust, read_trust

SHORT = 12
"""Words of the short form, in which a batch of questions is answered."""
BATCH = 16
"""Questions answered at once."""
SOURCES = 3
"""Places shown beside an answer, at most."""
Told = Callable[[str], None]
"""Is told a question."""
Asking = Mode | Literal["auto"]
"""How to answer; auto: as the newest exam found best."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question made ready.

    Attributes:
        passages: what the answer is read from, or what it is compared with when it comes from memory.
        conversation: what the model is asked; None where it is not needed.
    """

    question: str
    language: str
    mode: Mode
    passages: tuple[Passage, ...] = ()
    conversation: Conversation | None = None


class Expert:
    """Answers questions about the documents of a run.

    Args:
        index: the documents.
        config: passages shown and length of answers.
        open_model: opens the specialist; called once, when a question first needs it.
        trust: what the newest exam found; None: no exam told.
        shots: language -> questions and answers that stand before each question from memory.
    """

    def __init__(
        self,
        index: Index,
        config: QueryConfig,
        open_model: Callable[[], LanguageModel],
        trust: Trust | None = None,
        shots: Mapping[str, Sequence[Message]] | None = None,
    ) -> None:
        self.index = index
        self.config = config
        self.trust = trust or Trust()
        self.shots = shots or {}
        self._open_model = open_model

    @classmethod
    def open(cls, folder: Path, overrides: Sequence[str] = ()) -> "Expert":
        """Open a run.

        Args:
            overrides: ``section.key=value`` on top of the settings that the run was made with, such as
                ``query.passages=2``.

        Raises:
            ConfigError: an override is unknown or impossible.
            RunError: the run is unfinished or damaged.
        """
        from academy.runs import read_state
        from academy.settings import config_of_run

        state = read_state(folder)
        config = config_of_run(state["config"], overrides)
        index, trust = read_index(folder, config.query), read_trust(folder, state)
        return cls(index, config.query, lambda: open_specialist_of(folder, config), trust)

    def with_model(
        self, open_model: Callable[[], LanguageModel], shots: Mapping[str, Sequence[Message]] | None = None
    ) -> "Expert":
        """The same documents and settings with another model, such as the untrained base."""
        return Expert(self.index, self.config, open_model, shots=shots)

    @cached_property
    def model(self) -> LanguageModel:
        """The specialist's model, loaded on first use."""
        return self._open_model()

    def answer(
        self,
        questions: Sequence[str],
        mode: Asking | None = None,
        *,
        full_sentence: bool = False,
        ids: Sequence[str] | None = None,
        too_long: Told | None = None,
    ) -> list[Answer]:
        """Answer a batch of questions.

        A question that does not fit into the model gets the refusal, with confidence 0 and without sources.

        Args:
            mode: how; None: as the run's settings say.
            full_sentence: ask for whole sentences instead of the short form (at most 12 words).
            ids: given back with the answers, one per question.
            too_long: told each question that does not fit.

        Returns:
            One answer per question, in their order.

        Raises:
            ModelError: the model cannot be opened.
        """
        found: list[Answer] = []
        for start in range(0, len(questions), BATCH):
            found += self._answer_batch(questions[start : start + BATCH], mode, full_sentence, too_long)
        names = ids if ids is not None else [""] * len(questions)
        return [answer.model_copy(update={"id": name}) for answer, name in zip(found, names, strict=True)]

    def stream(self, question: str, mode: Asking | None = None, *, full_sentence: bool = False) -> "AnswerStream":
        """Answer one question piece by piece; reading it raises ModelError when it does not fit into the model."""
        return AnswerStream(self, self.prepare(question, mode, full_sentence))

    def _answer_batch(
        self, questions: Sequence[str], mode: Asking | None, full_sentence: bool, too_long: Told | None
    ) -> list[Answer]:
        asked = [self._readable(self.prepare(question, mode, full_sentence), too_long) for question in questions]
        conversations = [one.conversation for one in asked if one.conversation is not None]
        written = iter(generate(self.model, conversations, self.sampling) if conversations else ())
        limit = None if full_sentence else SHORT
        return [
            self.finish(one, next(written), limit) if one.conversation is not None else self.without_model(one)
            for one in asked
        ]

    def _readable(self, asked: Asked, too_long: Told | None) -> Asked:
        """A question that does not fit is not put to the model: it must not cost the others their answers."""
        if asked.conversation is None or self._fits(asked.conversation):
            return asked
        if too_long is not None:
            too_long(asked.question)
        return Asked(asked.question, asked.language, asked.mode)

    @property
    def sampling(self) -> Sampling:
        """Greedy, so that the same question gets the same answer."""
        return Sampling(max_new_tokens=self.config.max_new_tokens)

    def prepare(self, question: str, mode: Asking | None, full_sentence: bool) -> Asked:
        """Decide how a question is answered, and write what the model is asked where it is needed."""
        wanted = mode or self.config.mode
        if wanted == "auto":
            wanted = self.trust.mode
        # Without a general model, combined is exactly evidence, and says so.
        used: Mode = "evidence" if wanted == "combined" else wanted
        language = detect(question)
        if used == "retrieval":
            return Asked(question, language, used)
        if used == "specialist":
            asked = closed_book_messages(question, full_sentence=full_sentence, language=language)
            return Asked(question, language, used, conversation=(*self.shots.get(language, ()), *asked))
        passages = self.index.search(question, self.config.passages)
        if not passages:
            return Asked(question, language, used)
        return self._with_passages(Asked(question, language, used, tuple(passages)), full_sentence)

    def _with_passages(self, asked: Asked, full_sentence: bool) -> Asked:
        """Show as many of the best passages as the model can read; one that is too long alone is shortened."""
        for texts in _shrinking([passage.text for passage in asked.passages]):
            conversation = evidence_messages(texts, asked.question, asked.language, full_sentence=full_sentence)
            if self._fits(conversation):
                break
        return Asked(asked.question, asked.language, asked.mode, asked.passages[: len(texts)], conversation)

    def _fits(self, conversation: Conversation) -> bool:
        template, context = getattr(self.model, "template", None), getattr(self.model, "context", None)
        if template is None or context is None:
            return True
        return len(template.render_ids(conversation, generate=True)) + self.config.max_new_tokens <= int(context)

    def finish(self, asked: Asked, written: Generation, limit: int | None) -> Answer:
        """What the model wrote, as an answer with its sources."""
        text = " ".join(written.text.split()) or refusal(asked.language)
        if limit is not None and not is_refusal(text):
            text = " ".join(text.split()[:limit])
        confidence = min(1.0, max(0.0, written.confidence))
        return Answer(
            question=asked.question,
            answer=text,
            confidence=confidence,
            sources=() if is_refusal(text) else tuple(self._sources(asked, text)),
            mode_used=asked.mode,
            uncertain=None if is_refusal(text) else self.trust.uncertain(asked.mode, confidence),
        )

    def without_model(self, asked: Asked) -> Answer:
        """The best sentence of the documents; the refusal when nothing matches, or when there is no passage to read."""
        best = self.index.best_sentence(asked.question) if asked.mode == "retrieval" else None
        if best is None:
            text = refusal(asked.language)
            return Answer(question=asked.question, answer=text, confidence=0.0, mode_used=asked.mode)
        return Answer(
            question=asked.question,
            answer=" ".join(best.text.split()),
            confidence=best.coverage,
            sources=(_source(best),),
            mode_used=asked.mode,
            uncertain=self.trust.uncertain(asked.mode, best.coverage),
        )

    def _sources(self, asked: Asked, answer: str) -> Iterator[Source]:
        """The sentences that hold the answer, of each passage the best one; at least the best of all."""
        passages = asked.passages or self.index.search(f"{asked.question} {answer}", self.config.passages)
        ranked = [support(passage, answer, asked.question) for passage in passages]
        best = max((sentence for sentence in ranked if sentence), key=lambda sentence: sentence.score, default=None)
        if best is None:
            return
        yield _source(best)
        wanted = set(terms(asked.question, asked.language))
        others = [
            one
            for one in ranked
            if one and one.text != best.text and one.coverage >= 1 and wanted & set(terms(one.text, asked.language))
        ]
        yield from map(_source, others[: SOURCES - 1])


class AnswerStream:
    """An answer while it is written: iterate over its pieces of text, then read ``answer``."""

    def __init__(self, expert: Expert, asked: Asked) -> None:
        self._expert = expert
        self._asked = asked
        self._answer: Answer | None = None

    def __iter__(self) -> Iterator[str]:
        if self._asked.conversation is None:
            self._answer = self._expert.without_model(self._asked)
            yield self._answer.answer
            return
        pieces: list[str] = []
        logprobs: list[float] = []
        for delta in self._expert.model.stream([self._asked.conversation], self._expert.sampling):
            pieces.append(delta.text)
            logprobs.append(delta.logprob)
            if delta.text:
                yield delta.text
        confidence = math.exp(sum(logprobs) / max(1, len(logprobs)))
        written = Generation("".join(pieces), "stop", len(logprobs), confidence)
        self._answer = self._expert.finish(self._asked, written, None)

    @property
    def answer(self) -> Answer:
        """The finished answer with its sources; reads on to the end when the stream was not read yet."""
        if self._answer is None:
            for _piece in self:
                pass
        assert self._answer is not None
        return self._answer


def ask(question: str, run: str | None = None, mode: Asking | None = None) -> Answer:
    """Ask a run of the current folder one question.

    Args:
        run: its name; None: the newest.
        mode: specialist, retrieval, evidence, combined or auto; None: as the run's settings say.

    Raises:
        AcademyError: there is no such run, or its model cannot be opened.
    """
    from academy.runs import find_run
    from academy.settings import load_config

    return Expert.open(find_run(load_config().runs, run)).stream(question, mode).answer


def read_index(folder: Path, config: QueryConfig) -> Index:
    """The documents of a run, ready to be searched.

    Raises:
        RunError: the run has not come far enough, or its chunks are not those of its documents.
    """
    paths = folder / "1-documents.jsonl", folder / "2-chunks.jsonl"
    if not all(path.is_file() for path in paths):
        raise _unfinished(folder)
    documents, chunks = map(read_records, paths)
    try:
        return Index.build(documents, chunks, config.passage_words)
    except StrayChunk:
        raise RunError(
            _("Run '{name}' is half updated: its documents are newer than what was made of them.").format(
                name=folder.name
            ),
            f"academy train --name {folder.name}",
        ) from None


def open_specialist_of(folder: Path, config: AcademyConfig) -> LanguageModel:
    """The model of a run.

    Raises:
        RunError: nothing was trained yet.
        ModelError: its files are damaged, or its base is missing or another one now.
    """
    from academy.models.local import ADAPTER, open_specialist

    place = folder / "5-specialist"
    if not (place / "specialist.json").is_file():
        raise _unfinished(folder)
    base = resolve_student(config.student).folder if (place / ADAPTER).is_file() else None
    try:
        return open_specialist(place, base, config.student.trust_remote_code)
    except ModelError as error:
        # Whatever is wrong with a folder that a run made: the run makes it again.
        raise ModelError(error.message, f"academy train --name {folder.name} --from finetune") from error


def _unfinished(folder: Path) -> RunError:
    return RunError(
        _("Run '{name}' is not finished: there is nothing to ask yet.").format(name=folder.name),
        f"academy train --name {folder.name}",
    )


def _shrinking(texts: Sequence[str]) -> Iterator[list[str]]:
    """Fewer and fewer passages, then less and less of the best one."""
    for count in range(len(texts), 0, -1):
        yield list(texts[:count])
    words = texts[0].split()
    while len(words) > 1:
        words = words[: len(words) // 2]
        yield [" ".join(words)]


def _source(sentence: Sentence) -> Source:
    passage = sentence.passage
    quote = " ".join(sentence.text.split())
    return Source(document=passage.document.source, page=sentence.page, headings=passage.headings, quote=quote)
