"""German main clauses taken apart: front | finite verb | middle | right bracket.

German is a verb-second language: exactly one phrase precedes the finite verb of a main clause. Whatever does not fit is
given up: a clause is used only when its parse is certain.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

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
        kind: what the tail does: "reason" and "relative" can be left out, "object" and "condition" cannot.
    """

    front: Phrase
    verb: Token
    rest: str
    middle: tuple[Phrase, ...] | None
    bracket: tuple[Token, ...]
    tail: str
    kind: str = ""


def without_tail(clause: Clause) -> Clause:
    """The clause alone where what it says is still true without its tail."""
    return replace(clause, tail="", kind="") if clause.kind in ("reason", "relative") else clause


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
    kind = _tail_kind(whole[len(core) + 1 :]) if tail else ""
    return Clause(front, verb, rest, phrases, bracket, tail, kind)


def _tail_kind(tokens: Sequence[Token]) -> str:
    first = tokens[0].text if tokens else ""
    if first in ("weil", "da", "um", "damit", "obwohl", "sodass", "wobei", "wodurch", "wofür", "womit", "worauf"):
        return "reason"
    if first in ("wenn", "falls", "sobald", "solange", "nachdem", "bevor", "bis", "während", "als", "indem", "sofern"):
        return "condition"
    if tokens and (tokens[0].tag in ("PRELS", "PRELAT") or first.startswith("welch") or tokens[0].tag == "APPR"):
        return "relative"
    return "object"


def _cut(behind: Sequence[Token]) -> tuple[Sequence[Token], Sequence[Token]] | None:
    """What stands behind the verb up to the first comma, and with the subordinate clause that follows it."""
    comma = _tail(behind)
    core, after = behind[:comma], behind[comma + 1 :] if comma is not None else ()
    infinitive = any(token.tag in ("PTKZU", "VV(IZU)") for token in after) and not any(t.tag in FINITE for t in after)
    dependent = bool(after) and (infinitive or _is_dependent(after[:2]))
    if not core or (after and after[0].text in _UNCLEAR and not dependent):
        return None
    # What follows without a conjunction is another statement or an apposition: the first one is true alone.
    return core, _without_statement(behind, comma) if dependent and comma is not None else core


def _without_statement(behind: Sequence[Token], comma: int) -> Sequence[Token]:
    """Up to a second main clause: "..., der dort lebt, und er ging", "..., weil es regnet, sie geht"."""
    for place in range(comma + 2, len(behind) - 1):
        first, second = behind[place + 1], behind[min(place + 2, len(behind) - 1)]
        if (
            behind[place].text == ","
            and (first.tag == "KON" or second.tag in FINITE)
            and not _is_dependent(behind[place + 1 :])
        ):
            return behind[:place]
    return behind


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
        "falls",
        "nachdem",
        "bevor",
        "obwohl",
        "sodass",
        "solange",
        "indem",
        "während",
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
        conceded = [token.text.lower() for token in tokens[:2]] in (["wenn", "auch"], ["wenn", "nicht"])
        return None if conceded else Phrase("clause", tuple(inner), text[inner[0].start : inner[-1].end])
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
        year = stop == place + 1 and token.tag == "CARD"
        return stop if year else _with_genitive(tokens, stop, end), "np"
    single = "np" if token.text.lower() in ("man", "es") else "adv"
    fits = single == "np" or token.tag in ("ADV", "PROAV", "ADJ(D)", "PTKNEG", "PIS")
    return (place + 1, single) if fits else (place, "")


def _noun_phrase(tokens: Sequence[Token], place: int, end: int) -> int:
    """Determiners and adjectives, then nouns; "a, b und c" is one phrase."""
    start = place
    if place < end and re.fullmatch(r"(?:1\d|20)\d\d", tokens[place].text):
        return place + 1
    place = _before_nouns(tokens, place, end)
    nouns = place
    while place < end and tokens[place].tag in NOMINAL:
        place += 1
    if place > nouns and place < end and tokens[place].tag == "ADJ(A)":
        return start  # "auf einer mit Titan verkleideten Säule"
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


def _before_nouns(tokens: Sequence[Token], place: int, end: int) -> int:
    """Behind the determiner, the numbers and the adjectives."""
    start = place
    place += place < end and tokens[place].tag in _DETERMINERS and tokens[place].text != "mehr"
    place = _past_approximation(tokens, place, end)
    tags = [token.tag for token in tokens[place : min(place + 3, end)]]
    if tags == ["CARD", "NN", "ADJ(A)"]:
        place += 2  # "das 13 Meter hohe Denkmal"
    if place > start and tags[:2] in (["ADV", "ADJ(A)"], ["ADJ(D)", "ADJ(A)"]):
        place += 1
    while place < end and tokens[place].tag in _BEFORE_NOUN:
        place += 1
    return place


def _past_approximation(tokens: Sequence[Token], place: int, end: int) -> int:
    """Behind "mehr als", "rund", "etwa" when a number follows."""
    words = [token.text.lower() for token in tokens[place : min(place + 2, end)]]
    length = 2 if words in (["mehr", "als"], ["weniger", "als"], ["bis", "zu"]) else 1
    alone = bool(words) and words[0] in (
        "rund",
        "etwa",
        "ca",
        "knapp",
        "fast",
        "über",
        "ungefähr",
        "circa",
        "mindestens",
    )
    number = place + length < end and tokens[place + length].tag == "CARD"
    return place + length if number and (length == 2 or alone) else place


def _enumerates(tokens: Sequence[Token], comma: int, end: int) -> bool:
    """Whether "a, b und c" goes on at the comma: only such a list holds commas inside of a phrase."""
    stop = _noun_phrase(tokens, comma + 1, end)
    return any(token.text in ("und", "oder", "sowie") for token in tokens[comma:stop])


def _with_genitive(tokens: Sequence[Token], place: int, end: int) -> int:
    """A genitive or a phrase with "von" belongs to the noun before it."""
    while place < end and tokens[place].text in ("des", "eines", "der", "einer", "von", "vom"):
        origin = tokens[place].text in ("von", "vom")
        after = _noun_phrase(tokens, place + origin, end)
        if after <= place + 1 or (origin and after < end and tokens[after].text in ("in", "nach", "zu", "bis", "auf")):
            return place
        place = after
    return place


def lowered(phrase: Phrase) -> str:
    """The phrase as it stands inside a sentence."""
    if phrase.head.tag in ("NN", "NE", "NNA", "FM", "XY", "TRUNC", "NNI") or not phrase.head.text[1:].islower():
        return phrase.text
    return phrase.text[0].lower() + phrase.text[1:]
