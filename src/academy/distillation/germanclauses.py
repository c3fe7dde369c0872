"""German main clauses taken apart: front | finite verb | middle | right bracket.

German is a verb-second language: exactly one phrase precedes the finite verb of a main clause. Whatever does not fit is
given up: a clause is used only when its parse is certain.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from academy.distillation.germanwords import SUBORDINATORS
from academy.distillation.tagging import Token

FINITE = ("VV(FIN)", "VA(FIN)", "VM(FIN)")
NOMINAL = ("NN", "NE", "NNA", "NNI", "FM", "XY", "TRUNC", "CARD")
_DETERMINERS = ("ART", "PIAT", "PPOSAT", "PDAT", "PIDAT")
_BEFORE_NOUN = ("ADJ(A)", "CARD", "TRUNC")
_CONTRACTED = ("am", "im", "vom", "zum", "zur", "beim", "ins", "mittels")
_UNCLEAR = ("sondern", "als", "wie", "oder", "noch", "der", "die", "das", "den", "dem", "deren", "dessen", "denen")
"""Behind a comma: a contrast that the first part needs, or what may be a relative pronoun taken for an article."""
_JOINS = ("und", "oder", "bzw", "sowie", "bis")
_DEPENDENT = ("PRELS", "PRELAT", "KOUS", "KOUI", "PWAV", "PWS")
_BRACKET = ("PTKVZ", "VV(PP)", "VA(PP)", "VM(PP)", "VV(INF)", "VA(INF)", "VV(IZU)", "PTKZU")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A constituent: np, pp, as ("als ..."), adv, refl, or clause (a subordinate clause in front)."""

    kind: str
    tokens: tuple[Token, ...]
    text: str

    @property
    def head(self) -> Token:
        """The first word."""
        return self.tokens[0]


@dataclass(frozen=True, slots=True)
class Clause:
    """front | verb | middle ... | bracket.

    Attributes:
        rest: everything behind the finite verb, the blank included, without the full stop.
        middle: the phrases of the rest; None where they are not certain.
        bracket: participle, infinitive or separated particle at the end.
        tail: a subordinate clause at the end, from its comma on; the verb cannot simply be moved behind it.
    """

    front: Phrase
    verb: Token
    rest: str
    middle: tuple[Phrase, ...] | None
    bracket: tuple[Token, ...]
    tail: str


def parsed(text: str, tokens: Sequence[Token]) -> Clause | None:
    """The clause, or None where anything about it is uncertain."""
    if len(tokens) < 4 or tokens[-1].text != "." or any(token.text in "?!;:…" for token in tokens[:-1]):
        return None
    place = _verb(tokens)
    if place is None:
        return None
    front = _front(text, tokens[:place])
    verb, behind = tokens[place], tokens[place + 1 : -1]
    cut = _cut(behind)
    if front is None or cut is None or not verb.text[0].islower():
        return None
    core, whole = cut
    if any(token.tag in (*FINITE, "PDS") or token.text == "sie" for token in core):
        return None
    phrases, bracket = _middle(text, core)
    if verb.lemma != "sein" and any(token.tag in ("PTKZU", "VV(IZU)") for token in bracket):
        phrases = None
    rest, tail = text[verb.end : core[-1].end], text[core[-1].end : whole[-1].end]
    return Clause(front, verb, rest, phrases, bracket, tail)


def _cut(behind: Sequence[Token]) -> tuple[Sequence[Token], Sequence[Token]] | None:
    """What stands behind the verb up to the first comma, and with the subordinate clause that follows it."""
    comma = _tail(behind)
    core, after = behind[:comma], behind[comma + 1 :] if comma is not None else ()
    if not core or (after and after[0].text in _UNCLEAR and not _is_dependent(after[:2])):
        return None
    # What follows without a conjunction is another statement or an apposition: the first one is true alone.
    return core, behind if after and _is_dependent(after[:2]) else core


def _tail(behind: Sequence[Token]) -> int | None:
    """The first comma that does not stand in an enumeration."""
    place = 0
    while place < len(behind):
        stop = _noun_phrase(behind, place, len(behind))
        if behind[place].text == ",":
            return place
        place = max(stop, place + 1)
    return None


def _is_dependent(tokens: Sequence[Token]) -> bool:
    """Whether a subordinate clause starts here: "der ...", "wenn ...", "mit dem ..."."""
    first = tokens[0] if tokens else None
    if first is None:
        return False
    relative = first.text.startswith("welch") or first.text in (
        "dass",
        "wenn",
        "weil",
        "da",
        "ob",
        "um",
        "damit",
        "sobald",
    )
    return relative or first.tag in _DEPENDENT or (first.tag == "APPR" and tokens[-1].tag == "PRELS")


def _verb(tokens: Sequence[Token]) -> int | None:
    """Where the finite verb stands; behind the comma when the sentence starts with a subordinate clause."""
    start = 0
    if tokens[0].text.lower() in SUBORDINATORS:
        start = next((n + 1 for n, token in enumerate(tokens) if token.text == ","), 0)
        return start if start and tokens[start].tag in FINITE else None
    depth = 0
    for place, token in enumerate(tokens):
        depth += (token.text == "(") - (token.text == ")")
        if token.text == "," or token.tag in ("KOUS", "PRELS", "KOUI"):
            return None
        if token.tag in FINITE and not depth and place:
            return place
    return None


def _front(text: str, tokens: Sequence[Token]) -> Phrase | None:
    if not tokens:
        return None
    if tokens[0].text.lower() in SUBORDINATORS:
        inner = tokens[:-1]
        return Phrase("clause", tuple(inner), text[inner[0].start : inner[-1].end])
    phrases, bracket = _middle(text, tokens)
    whole = text[tokens[0].start : tokens[-1].end]
    if phrases is None or bracket or not phrases:
        return None
    kinds = [phrase.kind for phrase in phrases]
    if kinds[0] == "np" and all(kind == "pp" for kind in kinds[1:]):
        return Phrase("np", tuple(tokens), whole)
    if kinds[0] == "pp" and all(kind == "pp" for kind in kinds[1:]) and len(kinds) <= 2:
        return Phrase("pp", tuple(tokens), whole)
    return Phrase(kinds[0], tuple(tokens), whole) if kinds in (["adv"], ["as"]) else None


def _middle(text: str, tokens: Sequence[Token]) -> tuple[tuple[Phrase, ...] | None, tuple[Token, ...]]:
    """Phrases, and the right bracket; None for phrases when a word fits nowhere."""
    end = len(tokens)
    while end and tokens[end - 1].tag in _BRACKET:
        end -= 1
    bracket = tuple(tokens[end:])
    phrases: list[Phrase] = []
    place = 0
    while place < end:
        stop, kind = _phrase(tokens, place, end)
        if stop == place:
            return None, bracket
        inner = tuple(tokens[place:stop])
        if kind == "as" and phrases and _compares(phrases[-1]):
            return None, bracket
        phrases.append(Phrase(kind, inner, text[inner[0].start : inner[-1].end]))
        place = stop
    return tuple(phrases), bracket


def _compares(phrase: Phrase) -> bool:
    """Whether "als" goes on with a comparison: "andere Treiber als", "größer als"."""
    return any(
        token.text.startswith("ander") or token.text.endswith(("er", "ere", "eren", "mehr")) for token in phrase.tokens
    )


def _phrase(tokens: Sequence[Token], place: int, end: int) -> tuple[int, str]:
    """Where the phrase that starts at ``place`` ends, and its kind; ``place`` itself when there is none."""
    token = tokens[place]
    if token.tag == "PRF" or token.text == "sich":
        return place + 1, "refl"
    if token.text.lower() == "als" and (stop := _noun_phrase(tokens, place + 1, end)) > place + 1:
        return _with_genitive(tokens, stop, end), "as"
    if token.tag.startswith("APPR") or token.text.lower() in _CONTRACTED:
        stop = _noun_phrase(tokens, place + 1, end)
        return (_with_genitive(tokens, stop, end), "pp") if stop > place + 1 else (place, "")
    stop = _noun_phrase(tokens, place, end)
    if stop > place:
        return _with_genitive(tokens, stop, end), "np"
    if token.tag in ("ADV", "PROAV", "ADJ(D)", "PTKNEG", "PIS"):
        return place + 1, "adv"
    return place, ""


def _noun_phrase(tokens: Sequence[Token], place: int, end: int) -> int:
    """Determiners and adjectives, then nouns; "a, b und c" is one phrase."""
    start = place
    if place < end and re.fullmatch(r"(?:1\d|20)\d\d", tokens[place].text):
        return place + 1
    place += place < end and tokens[place].tag in _DETERMINERS
    while place < end and tokens[place].tag in _BEFORE_NOUN:
        place += 1
    nouns = place
    while place < end and tokens[place].tag in NOMINAL:
        place += 1
    if place == nouns and not any(token.tag == "CARD" for token in tokens[start:place]):
        return start
    if place < end and tokens[place].text == "(":
        close = next((n for n in range(place, end) if tokens[n].text == ")"), None)
        place = close + 1 if close is not None else place
    if place + 1 < end and tokens[place].text == "," and _enumerates(tokens, place, end):
        return _noun_phrase(tokens, place + 1, end)
    if place < end and tokens[place].text in _JOINS:
        after = _noun_phrase(tokens, place + 1, end)
        place = after if after > place + 1 else start
    return place


def _enumerates(tokens: Sequence[Token], comma: int, end: int) -> bool:
    """Whether "a, b und c" goes on at the comma: only such a list holds commas inside of a phrase."""
    stop = _noun_phrase(tokens, comma + 1, end)
    return any(token.text in ("und", "oder", "sowie") for token in tokens[comma:stop])


def _with_genitive(tokens: Sequence[Token], place: int, end: int) -> int:
    """A genitive or a phrase with "von" belongs to the noun before it."""
    while place < end and tokens[place].text in ("des", "eines", "der", "einer", "von", "vom"):
        after = _noun_phrase(tokens, place + (tokens[place].text in ("von", "vom")), end)
        if after <= place + 1:
            return place
        place = after
    return place


def lowered(phrase: Phrase) -> str:
    """The phrase as it stands inside a sentence."""
    if phrase.head.tag in ("NN", "NE", "NNA", "FM", "XY", "TRUNC", "NNI") or not phrase.head.text[1:].islower():
        return phrase.text
    return phrase.text[0].lower() + phrase.text[1:]
