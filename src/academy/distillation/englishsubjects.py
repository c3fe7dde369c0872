"""Who or what something is: persons, things, and which pronouns may mean them."""

import re
from collections.abc import Sequence

from academy.distillation.englishclauses import Clause, is_plural
from academy.distillation.englishparse import NOUNS, Parse, Word, core, is_name
from academy.distillation.englishwords import OWN, PEOPLE, PERSONAL_VERBS, PERSONS

_THING_KINDS = ("GPE", "LOC", "FAC", "PRODUCT", "EVENT", "WORK_OF_ART", "LAW", "LANGUAGE", "DATE", "QUANTITY", "MONEY")
_MALE = frozenset(
    "man boy king prince emperor duke pope bishop monk giant wizard father son brother husband uncle lord god hero actor"
    " widower bridegroom lad grandfather grandson nephew baron count sultan".split()
)
_FEMALE = frozenset(
    "woman girl queen princess empress witch mother daughter sister stepmother wife aunt lady maiden goddess heroine"
    " widow bride lass grandmother granddaughter niece countess giantess actress fairy mermaid maid nurse".split()
)
_GROUPS = {"he": "m", "him": "m", "she": "f", "it": "n", "they": "p", "them": "p", **OWN}
_COMPANY = re.compile(r"^(?:the|a|an) ", re.IGNORECASE)


def is_person(parse: Parse, places: Sequence[int], head: Word, verb: str = "") -> bool | None:
    """Whether a phrase names persons; None where nobody can tell."""
    lemma = head.lemma.lower()
    if lemma in PERSONS or head.text.lower() in PEOPLE or re.search(r"(?:wom[ae]n|[a-z]m[ae]n)$", lemma):
        return True
    if head.tag == "PRP":
        return head.text.lower() in ("you", "he", "she")
    if is_name(head):
        return _named(parse, places, head, verb)
    if head.tag not in NOUNS:
        return False
    return True if verb in PERSONAL_VERBS else False


def _named(parse: Parse, places: Sequence[int], head: Word, verb: str) -> bool | None:
    titles = any(parse[place].lemma.lower() in PERSONS for place in places)
    article = parse[places[0]].text.lower() in ("the", "a", "an")
    if titles and not article:
        return True
    if head.kind in ("PERSON", "NORP") and not article:
        return True
    if head.kind == "NORP" and head.tag == "NNPS":
        return True
    if head.kind in _THING_KINDS or (article and head.tag == "NNP"):
        return False
    return True if verb in PERSONAL_VERBS else None


def who(parse: Parse, places: Sequence[int], head: Word, verb: str = "") -> str:
    """The question word for a subject."""
    person = is_person(parse, places, head, verb)
    return {True: "Who", False: "What", None: "Who or what"}[person]


def group(parse: Parse, places: Sequence[int], head: Word) -> str:
    """The pronouns that may mean a phrase: p(lural), m(ale), f(emale), h(uman), n(either), x (nobody can tell)."""
    if is_plural(parse, places, head):
        return "p"
    lemma = head.lemma.lower()
    if lemma in _MALE or lemma in _FEMALE:
        return "m" if lemma in _MALE else "f"
    person = is_person(parse, places, head)
    if person:
        return "h"
    return "x" if person is None or (is_person(parse, places, head, "say") and not is_name(head)) else "n"


def may_mean(pronoun: str, of: str) -> bool:
    """Whether a pronoun may mean a phrase of a group."""
    wanted = _GROUPS.get(pronoun.lower(), "")
    return wanted == of or (wanted in ("m", "f") and of in ("h", "x")) or (wanted == "n" and of == "x")


def pronouns(parse: Parse, places: Sequence[int]) -> list[Word]:
    """The third-person pronouns among some words."""
    found = (parse[place] for place in places)
    return [word for word in found if word.tag in ("PRP", "PRP$") and word.text.lower() in _GROUPS | {"hers": "f"}]


def resolved_inside(clause: Clause, places: Sequence[int]) -> bool:
    """Whether all pronouns among some words of a clause mean its subject, which is no pronoun and has no rival."""
    inside = pronouns(clause.parse, places)
    if not inside:
        return True
    of = group(clause.parse, clause.subject, clause.head)
    if clause.head.tag == "PRP":
        return False
    return all(may_mean(word.text, of) and not _rivals(clause, word) for word in inside)


def _rivals(clause: Clause, pronoun: Word) -> bool:
    """Whether another noun before a pronoun could be meant."""
    before = [word for word in clause.parse.words if word.at < pronoun.at and word.tag in NOUNS]
    heads = [word for word in before if word.dep in ("nsubj", "nsubjpass", "dobj", "pobj", "attr", "dative", "conj")]
    others = [word for word in heads if word.at not in clause.subject]
    return any(may_mean(pronoun.text, group(clause.parse, core(clause.parse, word.at), word)) for word in others)
