"""Whether a quote stands in a text, however the text was typeset."""

import unicodedata

_DROPPED = frozenset("-‐‑‒–\u00ad\u200b\u200c\u200d\ufffe\ufeff")
"""Hyphens of every kind: one at a line's end may be the word's own or the typesetter's, so none counts."""


def find_quote(quote: str, text: str) -> tuple[int, int] | None:
    """Where ``quote`` stands in ``text`` as (start, end); hyphenation, ligatures and white space do not count.

    Upper and lower case, punctuation and every letter and digit do count.
    """
    start = text.find(quote) if quote.strip() else -1
    if start >= 0:
        return start, start + len(quote)
    wanted, _places = _squeezed(quote)
    have, places = _squeezed(text)
    at = have.find(wanted) if wanted else -1
    return None if at < 0 else (places[at], places[at + len(wanted) - 1] + 1)


def _squeezed(text: str) -> tuple[str, list[int]]:
    """The characters that count, and where each comes from."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for letter in unicodedata.normalize("NFKC", character):
            if not letter.isspace() and letter not in _DROPPED:
                letters.append(letter)
                places.append(place)
    return "".join(letters), places
