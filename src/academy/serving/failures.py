"""What a request can fail with, beyond the errors of the library."""

from academy.errors import AcademyError


class BusyError(AcademyError):
    """More is asked than can wait; the client is told when to come again."""


class StoppedError(AcademyError):
    """The server stops, or its engine has ended."""


class UnknownModelError(AcademyError):
    """A specialist that is not served here."""


class RequestError(AcademyError):
    """A request that says something impossible.

    Args:
        field: the field of the request that is wrong.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class TooLongError(RequestError):
    """A prompt that does not fit into the model."""


class SlowError(AcademyError):
    """An answer that took longer than the server allows."""
