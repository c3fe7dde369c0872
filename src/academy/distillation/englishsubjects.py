"""Who or what something is: persons, things, and which pronouns may mean them."""

import re
from collections.abc import Sequence

from academy.distillation.englishclauses import Clause, is_plural
from academy.distillation.englishparse import NOUNS, Parse, Word, core, is_name
from academy.distillation.englishwords import ANIMALS, FEMALE, MALE, OWN, PEOPLE, PERSONAL_VERBS, PERSONS

_THING_KINDS = ("GPE", "LOC", "FAC", "PRODUCT", "EVENT", "WORK_OF_ART", "LAW", "LANGUAGE", "DATE", "QUANTITY", "MONEY")
PARADIGM = {"he": "m", "him": "m", "she": "f", "it": "n", "they": "p", "them": "p", **OWN}
"""Pronoun -> what it stands for: m(ale), f(emale), n(either), p(lural)."""
_COMPANY = re.compile(r"^(?:the|a|an) ", re.IGNORECASE)


def is_person(parse: Parse, places: Sequence[int], head: Word, verb: str = "") -> bool | None:
    """Whether a phrase names persons; None where nobody can tell."""
    lemma = head.lemma.lower()
    if lemma in PERSONS or head.text.lower() in PEOPLE or re.search(r"(?:wom[ae]n|[a-z]m[ae]n)$", lemma):
        return True
    if any(parse[place].lemma.lower() in PEOPLE for place in places if parse[place].at == head.at):
        return True
    if head.tag == "PRP":
        return head.text.lower() in ("you", "he", "she")
    if is_name(head):
        return _named(parse, places, head, verb)
    if head.tag not in NOUNS:
        return False
    return verb in PERSONAL_VERBS or (lemma in ANIMALS and head.tag == "NN" and _is_told(parse))


def _is_told(parse: Parse) -> bool:
    """Whether a sentence tells a story: its main verb is a past form, and an animal acts like a person."""
    return any(word.dep == "ROOT" and word.tag == "VBD" for word in parse.words)


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
    if lemma in MALE or lemma in FEMALE:
        return "m" if lemma in MALE else "f"
    person = is_person(parse, places, head)
    if person:
        return "h"
    return "x" if person is None or lemma in ANIMALS else "n"


def may_mean(pronoun: str, of: str) -> bool:
    """Whether a pronoun may mean a phrase of a group."""
    wanted = PARADIGM.get(pronoun.lower(), "")
    return wanted == of or (wanted in ("m", "f") and of in ("h", "x")) or (wanted == "n" and of == "x")


def pronouns(parse: Parse, places: Sequence[int]) -> list[Word]:
    """The third-person pronouns among some words."""
    found = (parse[place] for place in places)
    return [word for word in found if word.tag in ("PRP", "PRP$") and word.text.lower() in PARADIGM]


def resolved_inside(clause: Clause, places: Sequence[int]) -> bool:
    """Whether all pronouns among some words of a clause mean its subject, which is no pronoun and has no rival."""
    inside = [word for word in pronouns(clause.parse, places) if not owned_nearby(clause.parse, word)]
    if not inside:
        return True
    of = group(clause.parse, clause.subject, clause.head)
    if clause.head.tag == "PRP":
        return False
    return all(
        may_mean(word.text, of) and _may_look_back(clause, word) and not _rivals(clause, word) for word in inside
    )


def owned_nearby(parse: Parse, pronoun: Word) -> bool:
    """Whether "their" in "that the children stopped their games" means the noun subject of its own clause."""
    if pronoun.text.lower() not in OWN:
        return False
    above = pronoun
    while above.head != above.at:
        above = parse[above.head]
        subjects = parse.under(above.at, "nsubj", "nsubjpass")
        if subjects:
            noun = subjects[0]
            fits = noun.tag in NOUNS and noun.at < pronoun.at and pronoun.at not in parse.subtree(noun.at)
            return (
                fits
                and above.dep not in ("ROOT", "conj")
                and may_mean(pronoun.text, group(parse, core(parse, noun.at), noun))
            )
    return False


def _may_look_back(clause: Clause, pronoun: Word) -> bool:
    """Whether grammar lets a pronoun mean the subject: "him" in "The king gave him a horse" is somebody else."""
    if pronoun.tag == "PRP$" or pronoun.text.lower() in OWN:
        return True
    above = clause.parse[pronoun.head]
    while above.at != clause.verb.at and above.head != above.at:
        if clause.parse.under(above.at, "nsubj", "nsubjpass"):
            return True
        above = clause.parse[above.head]
    return False


def _rivals(clause: Clause, pronoun: Word) -> bool:
    """Whether another noun before a pronoun could be meant."""
    if _is_parallel(clause, pronoun):
        return False
    before = [word for word in clause.parse.words if word.at < pronoun.at and word.tag in NOUNS]
    heads = [word for word in before if word.dep in ("nsubj", "nsubjpass", "dobj", "pobj", "attr", "dative", "conj")]
    others = [word for word in heads if word.at not in clause.subject]
    return any(may_mean(pronoun.text, group(clause.parse, core(clause.parse, word.at), word)) for word in others)


def _is_parallel(clause: Clause, pronoun: Word) -> bool:
    """Whether a pronoun is the subject of "while ...", "when ..." behind the clause: then it means the same subject."""
    verb = clause.parse[pronoun.head]
    first = clause.parse[clause.parse.subtree(verb.at)[0]].text.lower()
    parallel = first in ("while", "when", "before", "after", "until", "if", "once")
    return pronoun.dep in ("nsubj", "nsubjpass") and verb.dep == "advcl" and verb.head == clause.verb.at and parallel
