"""What can go wrong, in one family.

AcademyError(message, hint)
├── ConfigError          lists every problem at once, with did-you-mean
├── SourceError          a document cannot be found or read
├── MissingExtraError    names the install line
├── ModelError           a model cannot be opened or does not answer
│   ├── MissingKeyError       names the environment variable
│   ├── KeyRefusedError       the key is wrong, expired or may not do this
│   ├── NoCreditError         the account is empty
│   ├── UnknownModelError     never there, or withdrawn
│   ├── ContentRefusedError   the provider or the model refuses this text
│   ├── ContextTooLongError   prompt and answer do not fit the model; a shorter text may
│   ├── LimitReachedError     the day's requests or the cost ceiling are used up
│   └── EndpointDownError     nobody answers, or only with server errors
├── DistillationError    too many lessons rejected; shows the top reasons and raw answers
├── DatasetError         empty, leaking or too small
├── FinetuningError      does not fit, diverged, ran out of memory
├── RunError             unknown, interrupted, or made by a newer Academy
└── ExportError          unsupported, or the exported model answers differently

A message says what happened to which item; the hint is the next command to type.
"""


class AcademyError(Exception):
    """Base of every error that Academy raises on purpose.

    Args:
        message: what happened, and to which item.
        hint: the next command to type, or the change to make; empty when there is none.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class ConfigError(AcademyError):
    """The configuration or the command line holds one or more mistakes; all are listed."""

    exit_code = 2


class SourceError(AcademyError):
    """A document cannot be found or read."""


class MissingExtraError(AcademyError):
    """An optional library is absent; the hint is its install line."""


class ModelError(AcademyError):
    """A model cannot be opened or does not answer."""


class MissingKeyError(ModelError):
    """An API key is needed; the hint names its environment variable."""


class KeyRefusedError(ModelError):
    """An endpoint refuses the API key."""


class NoCreditError(ModelError):
    """The account behind an API key has no credit left."""


class UnknownModelError(ModelError):
    """An endpoint does not have the model, or no longer."""


class ContentRefusedError(ModelError):
    """The provider or the model refuses to work on a text."""


class ContextTooLongError(ModelError):
    """Prompt and answer together are longer than the model takes."""


class LimitReachedError(ModelError):
    """The requests of the day or the cost ceiling are used up."""


class EndpointDownError(ModelError):
    """An endpoint does not answer, or only with server errors."""


class DistillationError(AcademyError):
    """Too many lessons were rejected."""


class DatasetError(AcademyError):
    """The training rows or the exam are empty, leaking or too few."""


class FinetuningError(AcademyError):
    """Training does not fit the machine, diverged or ran out of memory."""


class RunError(AcademyError):
    """A run is unknown, in use, damaged, or made by a newer Academy."""


class ExportError(AcademyError):
    """The format is unsupported, or the exported model answers differently."""
