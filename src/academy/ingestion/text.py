"""Plain text files."""

import codecs
from collections import Counter

from academy.ingestion.reading import OPTIONS, Options, Reading, UnreadableError
from academy.messages import _

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ODD_SHARE = 0.05
"""Above this share of impossible characters a file is not text in any encoding we know."""


def read_text(data: bytes, _options: Options = OPTIONS) -> Reading:
    """Read a plain text file; form feeds become line breaks."""
    facts: Counter[str] = Counter()
    text = decode(data, facts)
    return Reading((text,), "text/plain", facts=dict(facts))


def decode(data: bytes, facts: Counter[str]) -> str:
    """Decode by byte order mark, as UTF-8, or else as Windows-1252 with the odd characters counted.

    Raises:
        UnreadableError: "encoding" when the bytes contradict their mark, "not_text" when they are no text at all.
    """
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise _wrong_encoding(encoding, error) from None
        text = _windows(data, facts)
    if "\0" in text or _controls(text) > _ODD_SHARE * len(text):
        raise UnreadableError(
            "not_text", _("the file holds binary data, not text."), _("Give it the ending of its real format.")
        )
    return text


def _windows(data: bytes, facts: Counter[str]) -> str:
    text = data.decode("cp1252", "replace")
    odd = text.count("\ufffd")
    if odd + _controls(text) > _ODD_SHARE * len(text):
        raise UnreadableError(
            "encoding", _("the text is neither UTF-8 nor Windows-1252."), _("Save it as UTF-8 and try again.")
        )
    facts["decoded_as_cp1252"] = 1
    if odd:
        facts["odd_characters"] = odd
    return text


def _controls(text: str) -> int:
    return sum(text.count(chr(code)) for code in range(32) if chr(code) not in "\t\n\r\f")


def _wrong_encoding(encoding: str, error: UnicodeDecodeError) -> UnreadableError:
    message = _("the file starts as {encoding}, but byte {position} does not fit.")
    return UnreadableError(
        "encoding",
        message.format(encoding=encoding.upper(), position=error.start),
        _("Save it as UTF-8 and try again."),
    )
