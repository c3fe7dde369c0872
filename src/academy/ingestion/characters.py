"""Characters that no reader of a page sees, or that only a typesetter needs."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable

_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_DROPPED = {
    # Invisible characters carry instructions into a model unseen, and keep a quote from being found.
    "zero_width_removed": "\u180e\u200b-\u200d\u2060-\u2064\ufeff\ufe00-\ufe0f\U000e0100-\U000e01ef\ufff9-\ufffb",
    "bidi_removed": "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069",
    "tags_removed": "\U000e0000-\U000e007f",
    "soft_hyphens_removed": "\u00ad",
    "control_removed": "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff",
}
_PATTERNS = {name: re.compile(f"[{characters}]") for name, characters in _DROPPED.items()}
_ANY = re.compile("[" + "".join(_DROPPED.values()) + "]")
_SPACE = re.compile(f"[{_SPACES}\t]")
_BREAK = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_LIGATURE = re.compile("[\ufb00-\ufb06\ufb13-\ufb17]")
_TRAILING = re.compile(r"[ \t]+(?=\n)")
_BLANK_LINES = re.compile(r"\n{3,}")

_ODD = re.compile("[\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff\x00-\x1f\x7f-\x9f]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_VOWEL = re.compile(
    "[aeiouyAEIOUY\u00c0-\u00c6\u00c8-\u00cf\u00d2-\u00d6\u00d8-\u00e6\u00e8-\u00ef\u00f2-\u00f6\u00f8-\u00fc]"
)
_ENOUGH = 120
"""Shorter texts are never judged."""
_ODD_SHARE = 0.3
_FEW_VOWELS = 0.16
"""German and English have 38 vowels in 100 letters, Czech and Polish hardly fewer."""
_COMMON = "enisratdhulo"
_FEW_COMMON = 0.6
"""These twelve are 80 in 100 letters of German and English; of shuffled letters, about 50."""
_LEADERS = re.compile(r"[.·…_-]{3,}|(?:[.·] ){3,}")
_FEW_LETTERS = 0.25


def clean(text: str, dropped: Counter[str]) -> str:
    """Remove invisible characters and count them in ``dropped``; settle line ends, spaces, ligatures and accents."""
    text = _BREAK.sub("\n", text)
    if _ANY.search(text):
        for name, pattern in _PATTERNS.items():
            text, count = pattern.subn("", text)
            dropped[name] += count
    # NFKC for ligatures only: elsewhere it would turn 10² into 102 and ½ into 1/2.
    text = _LIGATURE.sub(lambda found: unicodedata.normalize("NFKC", found.group()), text)
    text = unicodedata.normalize("NFC", _SPACE.sub(" ", text))
    return _BLANK_LINES.sub("\n\n", _TRAILING.sub("", text))


def one_line(text: str) -> str:
    """The text on one line, single spaces between the words."""
    return " ".join(text.split())


def is_nonsense(text: str) -> bool:
    """Whether a text layer holds the codes of glyphs and not characters: private ones, signs, or letters shuffled."""
    counts = Counter("".join(_LEADERS.sub("", text).split()))
    length = counts.total()
    if length < _ENOUGH:
        return False

    def tally(of: Callable[[str], object]) -> int:
        return sum(count for char, count in counts.items() if of(char))

    if tally(_ODD.match) > _ODD_SHARE * length:
        return True
    letters = tally(_LATIN.match)
    if letters < _ENOUGH or letters < 0.5 * length:
        return text.isascii() and letters + tally(str.isdigit) < _FEW_LETTERS * length
    common = tally(lambda char: char.lower() in _COMMON)
    return common < _FEW_COMMON * letters or tally(_VOWEL.match) < _FEW_VOWELS * letters
