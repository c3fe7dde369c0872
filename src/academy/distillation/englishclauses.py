"""English clauses taken apart: subject, verb group, and the parts before and behind; given up where anything is unsure.

"In 1991 the engineer created the kernel": front "in 1991", subject "the engineer", verb "created", object "the kernel".
Verbs joined by "and" share their subject; a relative clause behind a comma speaks about the noun before it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from academy.distillation.clauses import word_set
from academy.distillation.englishparse import FINITE, NOUNS, Parse, Word, core, inflected, said
from academy.distillation.englishwords import MONTHS, PLURAL_PRONOUNS, is_time

_PARTS = ("dobj", "dative", "attr", "acomp", "oprd", "prep", "agent", "advcl", "npadvmod", "advmod", "xcomp", "ccomp")
_SILENT = ("punct", "cc", "conj", "mark", "preconj", "aux", "auxpass", "neg", "nsubj", "nsubjpass", "prt", "expl")
_ADDED = ("advcl", "npadvmod", "prep", "xcomp", "ccomp", "advmod")
"""Behind a comma these only add something; the clause is true without them."""
_WHERE = word_set("downstairs upstairs down up out away off in there here below above beyond beside")
"""These stand first when the subject follows the verb."""
_ARTICLED = (*NOUNS, "CD", "VBG")
"""What an article may belong to."""
_SPELLED = {"instal": "install", "enrol": "enroll", "enthral": "enthrall"}
_LINKING = word_set("prove seem appear become remain grow wax turn look feel sound")
_LIGHT = word_set("however therefore thus hence moreover furthermore also additionally consequently finally indeed too")
"""Adverbs that tie a sentence to the one before; they say nothing themselves."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something that a verb governs: object, predicate, prepositional phrase, clause, adverb.

    Attributes:
        role: its label; "prep" for a phrase with a preposition.
        at: its first governing word, the preposition of a "prep".
        places: its words, without what is only added in commas or brackets.
        front: whether it stands before the verb.
    """

    role: str
    at: int
    places: tuple[int, ...]
    front: bool


@dataclass(frozen=True, slots=True)
class Clause:
    """Subject, verb group, parts.

    Attributes:
        subject: words of the subject.
        head: its noun.
        group: finite verb, auxiliaries, adverbs and negation between them, main verb, particle, in order.
        verb: the main verb.
        parts: in the order in which they stand.
    """

    parse: Parse
    subject: tuple[int, ...]
    head: Word
    group: tuple[int, ...]
    verb: Word
    parts: tuple[Part, ...]

    @property
    def finite(self) -> Word:
        """The verb that agrees with the subject."""
        return self.parse[self.group[0]]

    @property
    def passive(self) -> bool:
        """Whether the verb group is a passive."""
        return any(self.parse[place].dep == "auxpass" for place in self.group)

    @property
    def negated(self) -> bool:
        """Whether the verb is denied."""
        return any(self.parse[place].dep == "neg" for place in self.group)

    def text(self, part: Part) -> str:
        """A part as it stands inside a sentence."""
        return said(self.parse, part.places)


def clauses(parse: Parse) -> Iterator[Clause]:
    """The clauses that are certain: the main one, those joined to it, and relative ones behind a comma."""
    root = next((word for word in parse.words if word.dep == "ROOT"), None)
    if root is None:
        return
    first = _built(parse, root, None)
    if first:
        yield first
    joints = [
        word for word in parse.words if word.dep == "conj" and _reaches(parse, word, root) and _has_and(parse, word)
    ]
    for word in joints:
        clause = _built(parse, word, first)
        if clause:
            yield clause
    yield from _relatives(parse)


def _reaches(parse: Parse, word: Word, root: Word) -> bool:
    """Whether a word is joined to the root, directly or through other joined words."""
    while word.dep == "conj":
        word = parse[word.head]
    return word.at == root.at


def _has_and(parse: Parse, word: Word) -> bool:
    """Whether "and", "or" or "but" stands before a joined verb; without it, it may be a participle."""
    first = parse.subtree(word.at)[0]
    return first > 0 and (
        parse[first - 1].tag == "CC" or (parse[first - 1].tag == "RB" and parse[first - 2].tag == "CC")
    )


def _relatives(parse: Parse) -> Iterator[Clause]:
    """Clauses like ", which was built in 1900": only behind a name or a plain noun, so that its subject is certain."""
    for word in parse.words:
        if word.dep != "relcl" or word.at <= word.head:
            continue
        inner = parse.subtree(word.at)
        noun = parse[word.head]
        plain = [place for place in core(parse, noun.at) if place < inner[0]]
        certain = noun.tag in NOUNS and not any(
            parse[place].dep in ("prep", "conj", "cc", "relcl", "poss") for place in plain
        )
        named = noun.dep in ("nsubj", "nsubjpass", "dobj", "pobj", "attr") and plain and plain[-1] == inner[0] - 2
        if not certain or not named or parse[inner[0] - 1].text != "," or parse[inner[0]].text not in ("which", "who"):
            continue
        if parse[inner[0]].dep in ("nsubj", "nsubjpass") and parse[inner[0]].head == word.at:
            clause = _built(parse, word, None, tuple(plain), noun)
            if clause:
                yield clause


def _built(
    parse: Parse, verb: Word, first: Clause | None, subject: tuple[int, ...] = (), head: Word | None = None
) -> Clause | None:
    own = parse.under(verb.at, "nsubj", "nsubjpass")
    if not subject and own:
        if len(own) > 1 or own[0].at > verb.at or own[0].tag not in (*NOUNS, "PRP", "CD", "DT", "VBG", "EX"):
            return None
        head = own[0]
        subject = tuple(core(parse, head.at))
    inherits = not own and not subject
    if inherits:
        if first is None or parse.under(verb.at, "expl", "mark"):
            return None
        subject, head = first.subject, first.head
    if inherits and first is not None and first.passive and _may_be_passive(parse, verb):
        return None
    group = _group(parse, verb, first if inherits else None)
    if not group or head is None or parse.under(verb.at, "expl", "csubj", "csubjpass"):
        return None
    parts = _all_parts(parse, verb, () if inherits else subject)
    if parts is None or _is_broken(parse, subject, verb, parts) or not _agrees(parse, subject, head, parse[group[0]]):
        return None
    return Clause(parse, subject, head, group, verb, tuple(_merged(parse, parts)))


def _is_broken(parse: Parse, subject: Sequence[int], verb: Word, parts: Sequence[Part]) -> bool:
    """Whether something is missing or does not belong: "the exchange was", "Downstairs ran the giant"."""
    first = parse[subject[0]].text.lower() if subject else ""
    empty = verb.lemma == "be" and not any(
        part.role in ("attr", "acomp", "prep") and not part.front and not is_time(said(parse, part.places))
        for part in parts
    )
    linked = verb.lemma in _LINKING and any(part.role == "dobj" for part in parts)
    mixed = any(
        word.dep == "conj"
        and parse[word.head].tag in NOUNS
        and word.tag.startswith("VB")
        and parse[word.head].dep != "ROOT"
        for part in parts
        for word in (parse[place] for place in part.places)
    )
    return first in _WHERE or (empty and verb.dep != "auxpass") or linked or mixed or _is_misread(parse, subject, parts)


def _is_misread(parse: Parse, subject: Sequence[int], parts: Sequence[Part]) -> bool:
    """Whether the tree contradicts itself: an article without noun, a verb taken for a noun, a torn subject."""
    places = [*subject, *(place for part in parts for place in part.places)]
    words = [parse[place] for place in places]
    bare = any(word.text.lower() in ("a", "an", "the") and parse[word.head].tag not in _ARTICLED for word in words)
    tails = any(
        word.dep == "conj"
        and word.text.endswith("ing")
        and not word.text[0].isupper()
        and not parse[word.head].text.endswith("ing")
        and not parse.children[word.at]
        for word in words
    )
    dated = any(
        word.text in ("date", "dates")
        and parse[word.at - 1].tag in (*NOUNS, "RB")
        and parse[min(word.at + 1, len(parse.words) - 1)].text in ("from", "back")
        for word in words
        if word.tag in NOUNS
    )
    between = bool(subject) and any(part.front and part.places[0] > subject[-1] for part in parts)
    return bare or tails or dated or between


def _may_be_passive(parse: Parse, verb: Word) -> bool:
    """Whether "destroyed" in "was built and destroyed" was taken for the active."""
    if verb.tag != "VBD" or parse.under(verb.at, "dobj", "attr", "acomp", "xcomp", "ccomp", "aux"):
        return False
    return verb.text.lower() in inflected(verb.lemma.lower(), "VBN")


def _group(parse: Parse, verb: Word, first: Clause | None) -> tuple[int, ...]:
    """The verb group; of a joined verb without auxiliaries those of the first: "was built and (was) destroyed"."""
    helpers = [word.at for word in parse.under(verb.at, "aux", "auxpass", "neg") if word.at < verb.at]
    denied = [word.at for word in parse.under(verb.at, "neg") if word.at > verb.at]
    adverbs = [word.at for word in parse.under(verb.at, "advmod") if helpers and helpers[0] < word.at < verb.at]
    direct = [word.at for word in parse.under(verb.at, "advmod") if not helpers and word.at == verb.at - 1]
    light = [at for at in (*adverbs, *direct) if parse[at].text.lower() in _LIGHT or parse[at].tag in ("WRB", "WDT")]
    particles = [word.at for word in parse.under(verb.at, "prt")]
    inner = [at for at in (*adverbs, *direct) if at not in light and not parse.children[at]]
    group = tuple(sorted((*helpers, *inner, verb.at, *particles, *denied)))
    finite = next((at for at in group if parse[at].tag in FINITE), None)
    if finite is None:
        shared = first is not None and not helpers and verb.tag == first.verb.tag and verb.tag in ("VBN", "VBG", "VB")
        if first is None or not shared:
            return ()
        before = tuple(at for at in first.group if at < first.verb.at and parse[at].dep in ("aux", "auxpass"))
        return (*before, *group) if before and not inner else ()
    if any(parse[at].text[0] in "'’" or parse[at].text in ("n't", "n’t", "ca", "wo") for at in group):
        return ()
    leading = [at for at in group if at < finite]
    return (finite, *leading, *(at for at in group if at > finite)) if not leading or finite == verb.at else ()


def _all_parts(parse: Parse, verb: Word, subject: Sequence[int]) -> list[Part] | None:
    """The parts in order; None when a word fits nowhere."""
    parts: list[Part] = []
    for word in parse.under(verb.at):
        if word.dep in _SILENT or (word.dep == "advmod" and word.text.lower() in _LIGHT):
            continue
        inner = parse.subtree(word.at)
        if word.dep == "advmod" and word.at < verb.at and (not subject or word.at > subject[-1]):
            if parse.children[word.at]:
                return None
            continue
        if word.dep not in _PARTS or (word.dep in ("ccomp", "dobj", "attr", "acomp", "oprd") and word.at < verb.at):
            return None
        reason = word.dep == "advcl" and parse[inner[0]].text.lower() == "because"
        if inner[0] > verb.at and parse[inner[0] - 1].text == "," and word.dep in _ADDED and not reason:
            continue
        places = core(parse, word.at)
        if _is_torn(parse, word, places):
            return None
        role = "prep" if word.dep == "dative" and word.tag == "IN" else word.dep
        parts.append(Part(role, word.at, tuple(places), word.at < verb.at))
    return parts


def _is_torn(parse: Parse, word: Word, places: Sequence[int]) -> bool:
    """Whether a part cannot be one: a clause with a comma inside, a year with more words behind it."""
    inside = [parse[place] for place in places]
    if word.dep == "advcl" or (
        word.dep == "prep" and not parse.under(word.at, "pobj", "pcomp", "prep", "advmod", "amod")
    ):
        return any(one.text == "," for one in inside) or len(inside) < 2
    years = [one for one in inside if re.fullmatch(r"1\d\d\d|20\d\d", one.text) and one.dep in ("nummod", "pobj")]
    return any(one.dep == "nummod" and one.at > word.at and parse[one.head].text not in MONTHS for one in years)


def _merged(parse: Parse, parts: Sequence[Part]) -> Iterator[Part]:
    """A time at the end of an object goes to the verb; "from 1939" and "to 1945" are one part."""
    pending: Part | None = None
    for part in (piece for whole in parts for piece in _detached(parse, whole)):
        first = parse[part.at].text.lower()
        if pending is not None:
            if part.role == "prep" and first in ("to", "until", "till") and pending.places[-1] + 1 == part.places[0]:
                yield Part("prep", pending.at, (*pending.places, *part.places), pending.front)
                pending = None
                continue
            yield pending
            pending = None
        if part.role == "prep" and first == "from" and re.search(r"\d", said(parse, part.places)):
            pending = part
        else:
            yield part
    if pending is not None:
        yield pending


def _detached(parse: Parse, part: Part) -> Iterator[Part]:
    """Object "the kernel in 1991" as object -> "the kernel", "in 1991"."""
    for word in parse.words[part.places[0] : part.places[-1] + 1]:
        if (
            word.dep != "prep"
            or word.at == part.at
            or word.text.lower() not in ("in", "on", "since", "until", "during")
        ):
            continue
        inner = core(parse, word.at)
        rest = tuple(place for place in part.places if place not in inner)
        whole = set(inner) <= set(part.places) and inner[-1] == part.places[-1] and parse[word.head].tag in NOUNS
        if part.role in ("dobj", "attr", "prep", "agent", "oprd") and whole and is_time(said(parse, inner)) and rest:
            yield Part(part.role, part.at, rest, part.front)
            yield Part("prep", word.at, tuple(inner), part.front)
            return
    yield part


def _agrees(parse: Parse, subject: Sequence[int], head: Word, finite: Word) -> bool:
    """Singular with singular: where it fails, the parse is wrong."""
    plural = is_plural(parse, subject, head)
    if finite.tag == "VBZ" or finite.text.lower() == "was":
        return not plural
    if finite.tag == "VBP" or finite.text.lower() == "were":
        return plural or head.text.lower() in ("you", "i")
    return True


def is_plural(parse: Parse, subject: Sequence[int], head: Word) -> bool:
    """Whether a subject is plural: by its noun, its pronoun, or because several are joined."""
    joined = any(parse[place].dep == "conj" and parse[place].head == head.at for place in subject)
    ands = any(parse[place].text == "and" and parse[place].head == head.at for place in subject)
    return head.tag in ("NNS", "NNPS") or (joined and ands) or head.text.lower() in PLURAL_PRONOUNS


def base_form(verb: Word) -> str:
    """The base form of a finite verb, "" where the form does not prove it."""
    lemma = _SPELLED.get(verb.lemma.lower(), verb.lemma.lower())
    return lemma if verb.text.lower() in inflected(lemma, verb.tag) else ""


def third_person(verb: Word) -> str:
    """The singular that "who" and "what" need: "are" -> "is", "build" -> "builds"; "" where it is not certain."""
    text = verb.text.lower()
    if text in ("are", "were", "have", "do"):
        return {"are": "is", "were": "was", "have": "has", "do": "does"}[text]
    if verb.tag != "VBP":
        return text
    forms = inflected(verb.lemma.lower(), "VBZ")
    return forms[0] if forms else ""
