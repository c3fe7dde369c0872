"""What clients get from our own endpoints; OpenAI's shapes stand in ``openai``."""

from typing import Literal

from pydantic import BaseModel, Field

from academy.records import Mode, Source


class Usage(BaseModel):
    """Tokens, counted by the specialist's own tokenizer; none where no model was needed."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class GenerateResponse(BaseModel):
    """An answer."""

    text: str
    finish_reason: Literal["stop", "length"]
    usage: Usage
    model: str
    confidence: float = Field(description="Between 0 and 1, see `mode_used`.")
    sources: tuple[Source, ...] = Field(description="Where the answer stands in the documents.")
    mode_used: Mode = Field(description="How it was answered, which may differ from what was asked for.")


class ErrorDetail(BaseModel):
    """What went wrong, in OpenAI's words."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class ErrorResponse(BaseModel):
    """Every error of every endpoint."""

    error: ErrorDetail


class Health(BaseModel):
    """Whether the server lives."""

    status: Literal["ok", "failed"]


class Ready(BaseModel):
    """Whether questions are answered now. By whom is not told: this is asked without a key, and names say much."""

    status: Literal["ready"]
