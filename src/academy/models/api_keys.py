"""The key that a request carries: from the environment, or a short-lived one from a command, renewed in time."""

import shutil
import subprocess
import threading
import time

from academy.errors import MissingKeyError
from academy.messages import _
from academy.models.api_presets import Endpoint, read_key

RENEW_AFTER = 45 * 60.0
"""Seconds; the tokens of Google Cloud live for an hour."""
COMMAND_SECONDS = 60


class Credential:
    """Gives the key of an endpoint; it is never stored, logged or shown."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._lock = threading.Lock()
        self._token = ""
        self._made = 0.0

    def key(self) -> str:
        """The key of now; "" for endpoints without one.

        Raises:
            MissingKeyError: it is not set, or the command that makes it fails.
        """
        command = self._endpoint.preset.token_command
        if not command or self._endpoint.config.key_variable:
            return read_key(self._endpoint)
        with self._lock:
            if not self._token or time.monotonic() - self._made > RENEW_AFTER:
                self._token = _printed(self._endpoint.name, command)
                self._made = time.monotonic()
            return self._token

    def renew(self, refused: str) -> bool:
        """Forget a short-lived key that was refused; whether there is hope that another one works."""
        with self._lock:
            hope = bool(self._token) and (self._token != refused or time.monotonic() - self._made > 1.0)
            if self._token == refused:
                self._token = ""
            return hope


def _printed(name: str, command: tuple[str, ...]) -> str:
    program = shutil.which(command[0])
    if program is None:
        raise MissingKeyError(
            _("'{name}' takes its key from the program {program}, which is not installed.").format(
                name=name, program=command[0]
            ),
            _("Install it and log in, or name a variable that holds a key: --set teacher.key_variable=NAME"),
        )
    try:
        done = subprocess.run([program, *command[1:]], capture_output=True, text=True, timeout=COMMAND_SECONDS)
    except subprocess.TimeoutExpired:
        done = None
    if done is None or done.returncode != 0 or not done.stdout.strip():
        raise MissingKeyError(
            _("'{name}': the command {command} gave no key.").format(name=name, command=" ".join(command)),
            _("Log in first: gcloud auth login") if command[0] == "gcloud" else " ".join(command),
        )
    return done.stdout.strip()
