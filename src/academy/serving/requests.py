"""What clients send, checked field by field: ours, and OpenAI's."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from academy.records import Message
from academy.specialist import Asking

MOST_PROMPTS = 16
"""Prompts of one completion request."""


def _speakable(text: str) -> str:
    """JSON can spell half characters, which no tokenizer takes."""
    text.encode("utf-8")
    return text


def _as_list(value: Any) -> Any:
    return [] if value is None else [value] if isinstance(value, str) else value


Text = Annotated[str, AfterValidator(_speakable)]
Stop = Annotated[
    list[Annotated[Text, Field(min_length=1, max_length=200)]],
    BeforeValidator(_as_list, json_schema_input_type=str | list[str] | None),
    Field(max_length=8, description="Texts that end the answer; they are not part of it."),
]
MaxTokens = Annotated[int | None, Field(ge=1, description="Longest answer, in tokens.")]
Temperature = Annotated[
    float | None,
    Field(ge=0, le=2, allow_inf_nan=False, description="0 is the default: the same question, the same answer."),
]
TopP = Annotated[float | None, Field(gt=0, le=1, description="Choose among the likeliest tokens of this total share.")]
Seed = Annotated[int | None, Field(ge=0, lt=1 << 62, description="Makes a sampled answer repeatable.")]
ModeField = Annotated[Asking | None, Field(description="How to answer; left out: as the specialist's settings say.")]


class Body(BaseModel):
    """A request: types are taken literally, unknown fields are refused rather than ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class TextPart(Body):
    """A piece of a message's content."""

    type: Literal["text"]
    text: Text


class ChatMessage(Body):
    """One turn; ``developer`` means ``system``."""

    role: Literal["system", "developer", "user", "assistant"]
    content: Text | list[TextPart]
    name: str | None = None

    def plain(self) -> Message:
        """As the library has it."""
        content = self.content if isinstance(self.content, str) else "".join(part.text for part in self.content)
        return Message(role="system" if self.role == "developer" else self.role, content=content)


Messages = Annotated[list[ChatMessage], Field(min_length=1, max_length=1000)]


class GenerateRequest(Body):
    """A question to a specialist: ``prompt``, ``messages``, or ``instruction`` with ``input``; exactly one of them."""

    model: Text | None = Field(None, description="The specialist's name; left out: the first one.")
    prompt: Text | None = Field(None, min_length=1, description="A question.")
    messages: Messages | None = Field(None, description="A conversation that ends with the user's turn.")
    instruction: Text | None = Field(None, min_length=1, description="What to do, with `input` as what to do it to.")
    input: Text | None = None
    max_tokens: MaxTokens = None
    temperature: Temperature = None
    top_p: TopP = None
    stop: Stop = []
    seed: Seed = None
    mode: ModeField = None
    stream: bool = Field(False, description="Send the answer piece by piece, as server-sent events.")

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        if [self.prompt, self.messages, self.instruction].count(None) != 2:
            raise ValueError("give exactly one of prompt, messages and instruction")
        if self.input is not None and self.instruction is None:
            raise ValueError("input needs an instruction")
        return self

    def conversation(self) -> tuple[Message, ...]:
        """The question as messages."""
        if self.messages is not None:
            return tuple(message.plain() for message in self.messages)
        text = self.prompt if self.prompt is not None else "\n\n".join(filter(None, (self.instruction, self.input)))
        return (Message(role="user", content=text),)


class StreamOptions(Body):
    """What a stream tells beside the text."""

    include_usage: bool = False
    include_obfuscation: bool = False


class _Accepted(Body):
    """Fields of OpenAI's that change nothing here."""

    user: str | None = None
    store: bool | None = None
    metadata: dict[str, str] | None = None
    service_tier: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None


class _OpenAI(_Accepted):
    """What both of OpenAI's endpoints take."""

    model: Text = Field(description="The specialist's name; `name:mode` also chooses the way of answering.")
    temperature: Temperature = None
    top_p: TopP = None
    stop: Stop = []
    seed: Seed = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = Field(None, ge=1, le=1, description="One answer per request.")
    presence_penalty: float | None = Field(None, ge=0, le=0, description="Not supported: 0 only.")
    frequency_penalty: float | None = Field(None, ge=0, le=0, description="Not supported: 0 only.")


class ResponseFormat(Body):
    """Text is the only format."""

    type: Literal["text"]


class ChatRequest(_OpenAI):
    """OpenAI's chat completion, with ``mode`` beside it."""

    messages: Messages
    max_tokens: MaxTokens = None
    max_completion_tokens: MaxTokens = None
    logprobs: bool | None = None
    top_logprobs: int | None = Field(None, ge=0, le=20)
    response_format: ResponseFormat | None = None
    parallel_tool_calls: bool | None = None
    mode: ModeField = None

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        if self.max_tokens is not None and self.max_completion_tokens is not None:
            raise ValueError("give max_tokens or max_completion_tokens, not both")
        if self.top_logprobs is not None and not self.logprobs:
            raise ValueError("top_logprobs needs logprobs")
        return self


class CompletionRequest(_OpenAI):
    """OpenAI's completion: the specialist's model goes on with a text, without passages and without a template."""

    prompt: Text | list[Text] | list[int] | list[list[int]]
    max_tokens: MaxTokens = 16
    logprobs: int | None = Field(None, ge=0, le=5)
    best_of: int | None = Field(None, ge=1, le=1)
    echo: Literal[False] | None = None

    def prompts(self) -> Sequence[str | list[int]]:
        """One or several, each a text or token ids."""
        if isinstance(self.prompt, str):
            return [self.prompt]
        if self.prompt and isinstance(self.prompt[0], int):
            return [[token for token in self.prompt if isinstance(token, int)]]
        return [one for one in self.prompt if not isinstance(one, int)]
