"""The tokenizer and chat template of a model folder, the same for training and for answering.

Opened with the ``tokenizers`` library and a Jinja sandbox, without transformers, so that a command that only counts
tokens starts in milliseconds.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from academy.errors import ModelError
from academy.messages import _
from academy.records import Message

PLAIN = (
    "{{ bos_token }}{% for m in messages %}{{ m['role'] | capitalize }}: {{ m['content'] }}"
    "{% if m['role'] == 'assistant' %}{{ eos_token }}{% endif %}{{ '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}Assistant:{% endif %}"
)
"""For base models without a template. The prompt ends before the blank, because tokenizers join it to the next word."""
_TODAY = date(2025, 1, 1)
"""Templates that print the date get this one: a prompt must not change overnight between training and answering."""
_GENERATION = re.compile(r"\{%(-?)\s*(end)?generation\s*(-?)%\}")


class ChatTemplate(Protocol):
    """How conversations become tokens.

    Attributes:
        source: the Jinja text of the template; saved with a specialist.
        bos_id: token that starts a text; None for models without one.
        eos_id: token that ends a text.
        stop_ids: tokens that end an assistant's turn, ``eos_id`` among them.
    """

    @property
    def source(self) -> str: ...
    @property
    def bos_id(self) -> int | None: ...
    @property
    def eos_id(self) -> int: ...
    @property
    def stop_ids(self) -> tuple[int, ...]: ...

    def encode(self, text: str) -> list[int]:
        """Token ids of plain text; control tokens spelled out in it stay text."""

    def decode(self, ids: Sequence[int]) -> str:
        """The text of token ids, without control tokens."""

    def count(self, text: str) -> int:
        """How many tokens a plain text has."""

    def render(self, messages: Sequence[Message], generate: bool) -> str:
        """The conversation as text; ``generate`` adds what stands before an assistant's answer."""

    def render_ids(self, messages: Sequence[Message], generate: bool) -> list[int]:
        """The conversation as token ids."""


@dataclass(frozen=True)
class _Codec:
    """What is needed of a tokenizer, whichever library opened it."""

    encode: Callable[[str], list[int]]
    decode: Callable[[Sequence[int]], str]
    specials: Mapping[str, int]
    bos: str | None
    eos: str


class FolderTemplate:
    """The ``ChatTemplate`` of a model folder; see ``load_template``."""

    def __init__(self, codec: _Codec, source: str) -> None:
        self.source = source
        self._codec = codec
        self._jinja = _compile(source)
        self._control = re.compile(
            "|".join(re.escape(s) for s in sorted(codec.specials, key=len, reverse=True)) or r"(?!)"
        )

    @property
    def bos_id(self) -> int | None:
        """See ``ChatTemplate``."""
        return None if self._codec.bos is None else self._codec.specials[self._codec.bos]

    @property
    def eos_id(self) -> int:
        """See ``ChatTemplate``."""
        return self._codec.specials[self._codec.eos]

    @cached_property
    def stop_ids(self) -> tuple[int, ...]:
        """The end-of-sequence token, and the token that the template writes after an answer where it is another one."""
        probe = [Message(role="user", content="a"), Message(role="assistant", content="bcb")]
        tail = self.render(probe, generate=False).rpartition("bcb")[2]
        found = self._control.search(tail)
        turn_end = self._codec.specials[found.group()] if found else self.eos_id
        return tuple(dict.fromkeys((turn_end, self.eos_id)))

    def encode(self, text: str) -> list[int]:
        """See ``ChatTemplate``."""
        return self._codec.encode(self._harmless(text))

    def decode(self, ids: Sequence[int]) -> str:
        """See ``ChatTemplate``."""
        return self._codec.decode(ids)

    def count(self, text: str) -> int:
        """See ``ChatTemplate``."""
        return len(self.encode(text))

    def render(self, messages: Sequence[Message], generate: bool) -> str:
        """See ``ChatTemplate``."""
        rows = [{"role": m.role, "content": self._harmless(m.content)} for m in messages]
        if rows and rows[0]["role"] == "system" and not self._knows_system:
            rows = _folded(rows)
        return self._fill(rows, generate)

    def render_ids(self, messages: Sequence[Message], generate: bool) -> list[int]:
        """See ``ChatTemplate``."""
        return self._codec.encode(self.render(messages, generate))

    @cached_property
    def _knows_system(self) -> bool:
        from jinja2 import TemplateError

        probe = [{"role": "system", "content": "ACADEMY"}, {"role": "user", "content": "a"}]
        try:
            return "ACADEMY" in self._fill(probe, generate=True)
        except TemplateError:
            return False

    def _fill(self, rows: Sequence[Mapping[str, str]], generate: bool) -> str:
        values = {"bos_token": self._codec.bos or "", "eos_token": self._codec.eos}
        # Reasoning models read enable_thinking: the short answers that are taught have no room for thinking.
        return str(self._jinja.render(messages=rows, add_generation_prompt=generate, enable_thinking=False, **values))

    def _harmless(self, text: str) -> str:
        """A document that spells out a control token must not close a turn: a blank breaks the token's spelling."""
        return self._control.sub(lambda found: found.group()[0] + " " + found.group()[1:], text)


def load_template(folder: Path) -> FolderTemplate:
    """Open the tokenizer and chat template of a model folder.

    A base model without a template gets ``PLAIN``. A role that the template lacks (system) is folded into the user's
    turn. The template's date, if it prints one, stands still.

    Raises:
        ModelError: a file is missing or damaged, or the tokenizer has no end-of-sequence token.
    """
    from jinja2 import TemplateSyntaxError

    settings = _json(folder / "special_tokens_map.json") | _json(folder / "tokenizer_config.json")
    codec = _fast(folder, settings) if (folder / "tokenizer.json").is_file() else _slow(folder)
    try:
        return FolderTemplate(codec, _template_text(folder, settings))
    except TemplateSyntaxError as error:
        raise ModelError(
            _("The chat template in {folder} cannot be read: {error}").format(folder=folder, error=error),
            _("Repair or delete chat_template.jinja; without one a plain template is used."),
        ) from error


def _template_text(folder: Path, settings: Mapping[str, Any]) -> str:
    file = folder / "chat_template.jinja"
    if file.is_file():
        return file.read_text(encoding="utf-8")
    found = _json(folder / "chat_template.json").get("chat_template") or settings.get("chat_template")
    if isinstance(found, list):
        found = next((item["template"] for item in found if item.get("name") == "default"), None)
    return str(found) if found else PLAIN


def _fast(folder: Path, settings: Mapping[str, Any]) -> _Codec:
    from tokenizers import Tokenizer

    # The library raises a bare Exception for whatever is wrong with the file, so the JSON is looked at first.
    if "model" not in _json(folder / "tokenizer.json"):
        raise _broken(folder / "tokenizer.json", _("it holds no tokenizer"))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    specials = {t.content: i for i, t in sorted(tokenizer.get_added_tokens_decoder().items()) if t.special}
    bos, eos = _token(settings.get("bos_token")), _token(settings.get("eos_token"))
    for token in (bos, eos):
        number = tokenizer.token_to_id(token) if token else None
        if token and number is not None:
            specials.setdefault(token, number)
    return _Codec(
        encode=lambda text: list(tokenizer.encode(text, add_special_tokens=False).ids),
        decode=lambda ids: str(tokenizer.decode(list(ids), skip_special_tokens=True)),
        specials=specials,
        bos=bos if bos in specials else None,
        eos=_required(eos if eos in specials else None, folder),
    )


def _slow(folder: Path) -> _Codec:
    """Tokenizers kept only in an older format (SentencePiece, BERT): transformers converts them."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    specials = {
        token: number
        for token, number in sorted(tokenizer.get_added_vocab().items())
        if token in tokenizer.all_special_tokens
    }
    return _Codec(
        encode=lambda text: list(tokenizer.encode(text, add_special_tokens=False)),
        decode=lambda ids: str(tokenizer.decode(list(ids), skip_special_tokens=True)),
        specials=specials,
        bos=tokenizer.bos_token,
        eos=_required(tokenizer.eos_token or tokenizer.sep_token, folder),
    )


def _required(eos: str | None, folder: Path) -> str:
    if eos is None:
        raise ModelError(
            _("The tokenizer in {folder} has no end-of-sequence token, so answers could not end.").format(
                folder=folder
            ),
            _("Set eos_token in tokenizer_config.json."),
        )
    return eos


def _token(value: object) -> str | None:
    """Settings write a token as text or as {"content": text, ...}."""
    if isinstance(value, dict):
        value = value.get("content")
    return str(value) if value else None


def _json(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise _broken(file, str(error)) from error
    return data if isinstance(data, dict) else {}


def _broken(file: Path, reason: str) -> ModelError:
    return ModelError(
        _("{file} cannot be used: {reason}.").format(file=file, reason=reason),
        _("Fetch the model again, or use the embedded one: --set student.model=embedded"),
    )


def _folded(rows: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    system, user, *rest = (
        [dict(row) for row in rows] if len(rows) > 1 else [dict(rows[0]), {"role": "user", "content": ""}]
    )
    return [{"role": "user", "content": f"{system['content']}\n\n{user['content']}".strip()}, *rest]


def _compile(source: str) -> Any:
    """As Hugging Face compiles templates; its ``generation`` mark, of no use here, becomes a block that always runs."""
    from jinja2 import TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def refuse(message: str) -> None:
        raise TemplateError(message)

    extensions = ["jinja2.ext.loopcontrols"]
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=extensions)
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = refuse
    environment.globals["strftime_now"] = _TODAY.strftime
    return environment.from_string(_GENERATION.sub(_as_block, source))


def _as_block(found: re.Match[str]) -> str:
    return f"{{%{found[1]} {'endif' if found[2] else 'if true'} {found[3]}%}}"


def _to_json(value: object, **options: Any) -> str:
    return json.dumps(value, ensure_ascii=False, **options)
