"""What can be set: one frozen section per stage, each default stated once, here. ``settings`` fills it."""

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from academy.messages import N_, _
from academy.records import Mode

EMBEDDED = "embedded"
"""Name of the base model that is part of Academy."""
AUTO = "auto"
"""The mode that the newest exam of a run found best."""
MODES: tuple[str, ...] = (AUTO, *get_args(Mode))


UserPath = Annotated[Path, AfterValidator(Path.expanduser)]
"""A path as a user writes it, with ``~``."""


class Section(BaseModel):
    """A group of settings: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


def _as_text(value: object) -> object:
    """YAML reads a commit such as 1234567 as a number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class StudentConfig(Section):
    """The small model that learns."""

    model: str = Field(EMBEDDED, description=N_("'embedded', a folder, or a Hugging Face id"))
    revision: Annotated[str | None, BeforeValidator(_as_text)] = Field(
        None, description=N_("branch, tag or commit on the Hugging Face hub")
    )
    trust_remote_code: bool = Field(
        False, description=N_("run Python code that comes with the model; off unless you trust it")
    )


class IngestConfig(Section):
    """Stage 1: sources -> documents."""

    max_file_mb: int = Field(500, ge=1, description=N_("larger files are refused, in MiB"))
    min_characters: int = Field(20, ge=1, description=N_("documents with fewer characters of text are refused"))
    max_characters: int = Field(50_000_000, ge=1, description=N_("files that give more text than this are refused"))
    max_pages: int = Field(5000, ge=1, description=N_("files with more pages are refused"))
    max_seconds: int = Field(60, ge=1, description=N_("processor seconds that reading one file may take"))
    max_memory_mb: int = Field(1536, ge=256, description=N_("memory that reading one file may take, in MiB"))


class ChunkConfig(Section):
    """Stage 2: documents -> chunks."""

    max_tokens: int = Field(256, ge=32, description=N_("longest passage, in tokens of the student"))
    min_tokens: int = Field(
        24, ge=1, description=N_("shorter passages are merged with a neighbour of the same section")
    )


class DistilConfig(Section):
    """Stage 3: chunks -> lessons."""

    teacher: str | Annotated[tuple[str, ...], Field(min_length=1)] = Field(
        "offline",
        description=N_(
            "who writes the lessons: 'offline' needs no language model; 'provider:model' asks one, such as "
            "'ollama:qwen3:8b'; a list of them shares the work"
        ),
    )
    kinds: tuple[str, ...] = Field(
        ("statement", "qa", "cloze", "summary", "unanswerable", "exam"),
        description=N_("what a language model is asked for besides facts; each kind is a prompt file"),
    )
    items: int = Field(30, ge=6, le=100, description=N_("most entries that a language model writes about a passage"))
    floor: float = Field(
        0.3, ge=0, le=1, description=N_("least share of a language model's entries that must be proven in a rehearsal")
    )
    questions_per_fact: int = Field(6, ge=1, description=N_("at most this many differently worded questions per fact"))
    unanswerable_share: float = Field(
        0.01,
        ge=0,
        le=0.5,
        description=N_("questions that the document does not answer, as a share of the others; they teach to say so"),
    )
    exam_share: float = Field(
        0.5, ge=0, le=1, description=N_("share of the facts that also get an exam question in other words")
    )


def _variable_name(value: str) -> str:
    """A key that is written here by mistake must neither be stored with a run nor shown."""
    if not value.isidentifier() or value != value.upper():
        raise ValueError(
            _("must be the name of an environment variable, such as OPENROUTER_API_KEY, not the key itself")
        )
    return value


def plain_address(value: str) -> str:
    """An address is stored with the run and shown, so no key may stand in it."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password or parts.query:
        raise ValueError(_("must be a plain address such as http://localhost:8000/v1, without user, password or key"))
    return value.rstrip("/")


class EndpointConfig(Section):
    """A language model behind an endpoint: how it is reached, how fast, and what it may cost."""

    base_url: Annotated[str, AfterValidator(plain_address)] | None = Field(
        None, description=N_("address of the endpoint, up to /v1; empty: the provider's")
    )
    key_variable: Annotated[str, AfterValidator(_variable_name)] | None = Field(
        None,
        description=N_("environment variable with the API key (its name, not the key); empty: the provider's"),
    )
    cache: UserPath | None = Field(
        None, description=N_("file that keeps every answer; empty: answers.sqlite in the folder of runs")
    )
    presets: UserPath | None = Field(None, description=N_("a YAML file with providers of your own"))
    fallback_models: tuple[str, ...] = Field(
        (), description=N_("models that OpenRouter may use when the first one does not answer")
    )
    data_collection: Literal["deny", "allow"] = Field(
        "deny", description=N_("OpenRouter: whether providers that keep or train on your text may be used")
    )
    zdr: bool = Field(False, description=N_("OpenRouter: only providers that keep nothing at all"))
    structured: Literal["auto", "schema", "object", "none"] = Field(
        "auto",
        description=N_("how JSON is asked for: by schema, as any object, or in words alone; auto: the preset's"),
    )
    temperature: float | None = Field(None, ge=0, le=2, description=N_("empty: the model's own"))
    max_tokens: int = Field(8000, ge=64, description=N_("longest answer, in tokens"))
    stream: bool = Field(False, description=N_("receive answers piece by piece; helps where a proxy cuts long waits"))
    timeout_seconds: float = Field(180, gt=0, description=N_("longest wait for the next piece of an answer"))
    attempts: int = Field(6, ge=1, description=N_("tries per request when the endpoint fails for a moment"))
    concurrency: int = Field(
        16, ge=1, description=N_("most requests at the same time; fewer where the endpoint asks for it")
    )
    requests_per_minute: float | None = Field(None, gt=0, description=N_("empty: the preset's, if it has one"))
    tokens_per_minute: float | None = Field(None, gt=0, description=N_("tokens of prompts and answers together"))
    requests_per_day: int | None = Field(None, ge=1, description=N_("empty: what the provider says of your key"))
    wait_hours: float = Field(
        72, ge=0, description=N_("how long to pause for the next day's requests before giving up for now")
    )
    max_cost: float | None = Field(None, ge=0, description=N_("most money that a run may cost, in US dollars"))
    price_prompt: float | None = Field(None, ge=0, description=N_("US dollars for a million tokens of prompt"))
    price_answer: float | None = Field(None, ge=0, description=N_("US dollars for a million tokens of answer"))


ANSWERING = ("base_url", "fallback_models", "data_collection", "zdr", "structured", "temperature", "max_tokens")
"""Settings of an endpoint that could change an answer; the others only say how fast, how long and for how much."""


class BuildConfig(Section):
    """Stage 4: lessons -> dataset."""

    max_length: int = Field(
        512, ge=32, description=N_("longest training row, in tokens; longer ones are refused and counted")
    )
    text_share: float = Field(
        0.5,
        ge=0,
        le=1,
        description=N_("share of learned tokens that are statements and passages; the rest are questions"),
    )
    evidence_share: float = Field(
        0.2,
        ge=0,
        le=1,
        description=N_("share of the questions that are asked once more with passages, as evidence mode does"),
    )
    unanswerable_share: float = Field(
        0.01, ge=0, le=0.5, description=N_("largest share of rows whose right answer is: that is not in the documents")
    )
    valid_share: float = Field(
        0.05, gt=0, lt=0.5, description=N_("share of the facts whose rows are kept for validation in other wordings")
    )
    exam_size: int = Field(80, ge=1, description=N_("largest number of exam questions"))
    replay: UserPath | None = Field(
        None, description=N_("a text file of general sentences to mix in, so that less is forgotten")
    )
    replay_share: float = Field(
        0.0, ge=0, le=0.9, description=N_("share of learned tokens that are general sentences; 0: none")
    )


class FinetuneConfig(Section):
    """Stage 5: dataset -> specialist."""

    backend: str = Field("hf", description=N_("which trainer: hf (TRL, PEFT, transformers)"))
    method: Literal["auto", "full", "lora"] = Field(
        "auto", description=N_("auto: full below 100 M parameters, else LoRA")
    )
    epochs: float = Field(10, gt=0, description=N_("passes over the training rows, at most"))
    max_minutes: float | None = Field(
        None, gt=0, description=N_("longest training, in minutes; the best checkpoint is kept")
    )
    max_steps: int | None = Field(None, ge=1, description=N_("longest training, in optimizer steps"))
    learning_rate: float | None = Field(
        None, gt=0, description=N_("peak rate; empty: 5e-4 for full, 1e-3 for LoRA on small models, 2e-4 above 1 B")
    )
    warmup_share: float = Field(0.05, ge=0, lt=1, description=N_("share of the steps with a rising rate"))
    weight_decay: float = Field(0.01, ge=0, description=N_("AdamW weight decay"))
    batch_size: int = Field(16, ge=1, description=N_("rows per optimizer step"))
    micro_batch_size: int | None = Field(None, ge=1, description=N_("rows computed at once; empty: batch_size"))
    rank: int = Field(16, ge=1, description=N_("LoRA rank"))
    alpha: int = Field(32, ge=1, description=N_("LoRA scale; alpha / rank multiplies the adapter"))
    dropout: float = Field(0.0, ge=0, lt=1, description=N_("LoRA dropout"))
    targets: str | tuple[str, ...] = Field("all-linear", description=N_("modules that get an adapter"))
    precision: Literal["auto", "bf16", "fp32"] = Field(
        "auto", description=N_("auto: bf16 where the processor computes it natively")
    )
    evals: int = Field(10, ge=1, description=N_("validation passes over the whole run"))
    patience: int = Field(3, ge=1, description=N_("stop after so many validation passes in a row that were no better"))
    checkpoint_minutes: float = Field(
        2.0, gt=0, description=N_("minutes between checkpoints: what a killed run loses at most")
    )


CANDIDATES = ("base", "base-few-shot", "specialist", "retrieval", "evidence", "base-evidence")
OTHER_RUN = "run:"
"""Before the name of another run, whose specialist sits the exam too."""


def _candidate(name: str) -> str:
    if name not in CANDIDATES and (not name.startswith(OTHER_RUN) or name == OTHER_RUN):
        known = ", ".join((*CANDIDATES, f"{OTHER_RUN}NAME"))
        raise ValueError(_("there is no candidate '{name}'; known: {known}").format(name=name, known=known))
    return name


class EvaluateConfig(Section):
    """Stage 6: specialist -> report."""

    exam: UserPath | None = Field(
        None, description=N_("your own questions (JSON lines); empty: those that stage 3 wrote")
    )
    candidates: tuple[Annotated[str, AfterValidator(_candidate)], ...] = Field(
        ("base", "base-few-shot", "specialist", "retrieval", "evidence"),
        min_length=1,
        description=N_(
            "who sits the exam: base, base-few-shot, specialist, retrieval, evidence, base-evidence, run:NAME"
        ),
    )
    shots: int = Field(4, ge=1, description=N_("lessons that base-few-shot is shown before each question"))
    judge: str | None = Field(
        None, description=N_("a language model that judges answers ('embedded', a folder, or a Hugging Face id)")
    )
    probes: bool = Field(
        True, description=N_("measure forgetting and bias on general sentences, base against specialist")
    )
    batch_size: int = Field(16, ge=1, description=N_("questions answered at once"))
    resamples: int = Field(2000, ge=100, description=N_("bootstrap resamples behind each interval"))
    language: Literal["auto", "de", "en"] = Field("auto", description=N_("language of the report"))


class QueryConfig(Section):
    """How questions are answered."""

    mode: Mode | Literal["auto"] = Field(
        "auto",
        description=N_("auto (what the exam found best), evidence, specialist, retrieval or combined"),
    )
    passages: int = Field(3, ge=1, description=N_("passages that evidence mode reads"))
    passage_words: int = Field(110, ge=20, description=N_("longest passage that evidence mode reads, in words"))
    max_new_tokens: int = Field(48, ge=1, description=N_("longest answer, in tokens"))


class CostConfig(Section):
    """What the report says about energy and money."""

    watts: float | None = Field(
        None, gt=0, description=N_("what your machine draws while it works, in watts; empty: measured or assumed")
    )
    assumed_watts: float = Field(
        65, gt=0, description=N_("taken where the processor does not tell; a laptop needs about 30, a big GPU 400")
    )
    price_per_kwh: float = Field(0.35, ge=0, description=N_("price of one kWh"))
    currency: str = Field("EUR", description=N_("currency of that price"))


class ServeConfig(Section):
    """Serving over HTTP."""

    host: str = Field("127.0.0.1", description=N_("address to listen on; others than this machine's own need a key"))
    port: int = Field(8000, ge=0, le=65535, description=N_("port to listen on; 0 chooses a free one"))
    slots: int = Field(64, ge=1, description=N_("answers written at once per model"))
    queue: int = Field(256, ge=1, description=N_("answers that may wait; more are refused with status 429"))
    batch_tokens: int = Field(
        65536, ge=64, description=N_("memory for answers written at once: their number times the longest, in tokens")
    )
    prefix_mb: int = Field(64, ge=0, description=N_("memory for prompts read before, per specialist in MiB; 0: none"))
    max_new_tokens: int = Field(1024, ge=1, description=N_("longest answer that a client may ask for, in tokens"))
    max_body_kb: int = Field(1024, ge=1, description=N_("largest request, in KiB"))
    body_seconds: float = Field(30, gt=0, description=N_("seconds in which a request must have arrived"))
    timeout_seconds: float = Field(
        300, gt=0, description=N_("longest time for one answer in seconds, waiting included")
    )
    connections: int = Field(1000, ge=1, description=N_("connections at once; more are refused with status 503"))
    grace_seconds: int = Field(10, ge=0, description=N_("seconds that answers in progress get when the server stops"))


class AcademyConfig(Section):
    """Everything that can be set."""

    recipe: str = Field("document-expert", description=N_("the recipe that these settings started from"))
    runs: UserPath = Field(Path("runs"), description=N_("folder that holds the runs"))
    seed: int = Field(0, ge=0, description=N_("makes every random choice repeatable"))
    local_only: bool = Field(False, description=N_("refuse everything that would leave this machine"))
    student: StudentConfig = StudentConfig()
    ingest: IngestConfig = IngestConfig()
    chunk: ChunkConfig = ChunkConfig()
    distil: DistilConfig = DistilConfig()
    teacher: EndpointConfig = EndpointConfig()
    build: BuildConfig = BuildConfig()
    finetune: FinetuneConfig = FinetuneConfig()
    evaluate: EvaluateConfig = EvaluateConfig()
    query: QueryConfig = QueryConfig()
    serve: ServeConfig = ServeConfig()
    cost: CostConfig = CostConfig()


SECTIONS = tuple(name for name, field in AcademyConfig.model_fields.items() if isinstance(field.default, Section))


def nearest(word: str, known: Sequence[str]) -> str:
    """Say which known word was probably meant, or nothing."""
    found = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return " " + _("Did you mean '{word}'?").format(word=found[0]) if found else ""
