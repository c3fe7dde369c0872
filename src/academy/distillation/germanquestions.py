"""Questions about a German clause: a question word takes the place of the phrase that it asks for.

"Im Jahr 1871 wurde das Reich gegründet" -> "Wann wurde das Reich gegründet?" -> "im Jahr 1871".
"""

import re
from collections.abc import Iterator, Sequence

from academy.distillation.clauses import Asked
from academy.distillation.germanclauses import Clause, Phrase, lowered
from academy.distillation.germansubjects import is_person, is_plural, is_temporal, singular, subject_of, time_word, who
from academy.distillation.germanwords import NO_OBJECT, NO_PLACE, PREPOSITIONAL, SUBORDINATORS

MAX_ANSWER = 8


def questions(clause: Clause) -> Iterator[Asked]:
    """Questions that name something: "Was ist einfach?" fits every document."""
    return (one for one in _all_questions(clause) if re.search(r"\s[A-ZÄÖÜ0-9]|[A-Za-z][_/.(0-9]", one.direct))


def _all_questions(clause: Clause) -> Iterator[Asked]:
    subject = subject_of(clause)
    if subject is clause.front and clause.verb.lemma in ("sein", "heißen", "heissen") and not clause.bracket:
        yield from _about_predicate(clause)
        return
    word = _word_for_front(clause, subject is clause.front)
    if word and subject is clause.front:
        yield from _about_subject(clause, word)
    elif word:
        yield _about_front(clause, word)
    if subject is None or clause.middle is None or clause.tail:
        return
    if subject is not clause.front and not is_plural(clause.verb) and len(subject.tokens) <= MAX_ANSWER:
        yield _built(clause, who(subject), subject, None)
    for phrase in clause.middle:
        if phrase is not subject and (inner := _word_for(phrase, clause, subject)):
            yield _built(clause, inner, phrase, subject)
        if phrase is not subject and (count := _counted(phrase, clause)):
            yield _built(clause, count[0], phrase, subject, count[1])


def _about_predicate(clause: Clause) -> Iterator[Asked]:
    """What something is or is called: "Die wichtigste Struktur ist net_device"."""
    if not clause.middle or clause.middle[-1 if clause.verb.lemma != "sein" else 0].kind != "np":
        if clause.verb.lemma == "sein" and not clause.tail and not is_plural(clause.verb):
            yield from _about_subject(clause, who(clause.front))
        return
    front = lowered(clause.front)
    if clause.verb.lemma != "sein":
        others = "".join(f" {phrase.text}" for phrase in clause.middle[:-1])
        yield Asked(
            "Wie", f"{clause.verb.text} {front}{others}", f"{front}{others} {clause.verb.text}", clause.middle[-1].text
        )
        return
    word, answer = "Wer" if is_person(clause.front) else "Was", (clause.rest + clause.tail).strip()
    yield Asked(word, f"{clause.verb.text} {front}", f"{front} {clause.verb.text}", answer)
    one = all(phrase.kind in ("np", "pp") for phrase in clause.middle) and not is_plural(clause.verb)
    if one and len(answer.split()) >= 3 and not clause.tail:
        yield Asked(word, f"{clause.verb.text} {answer}", f"{answer} {clause.verb.text}", clause.front.text)


def _about_subject(clause: Clause, word: str) -> Iterator[Asked]:
    verb = singular(clause.verb)
    if verb is None:
        return
    indirect = "" if clause.tail or clause.middle is None else _verb_last(clause, clause.middle, verb)
    yield Asked(word, f"{verb}{clause.rest}{clause.tail}", indirect, clause.front.text)


def _about_front(clause: Clause, word: str) -> Asked:
    """A question about what stands in front: the rest stays as it is."""
    certain = clause.middle is not None and not clause.tail
    indirect = _verb_last(clause, clause.middle or (), clause.verb.text) if certain else ""
    return Asked(word, f"{clause.verb.text}{clause.rest}{clause.tail}", indirect, lowered(clause.front))


def _built(clause: Clause, word: str, gone: Phrase, subject: Phrase | None, answer: str = "") -> Asked:
    """A question about a phrase behind the verb: the subject follows the verb, the others keep their order.

    A subordinate clause that stood in front goes to the end.
    """
    everything = [clause.front, *(clause.middle or ())]
    others = [
        phrase
        for phrase in everything
        if phrase is not gone and phrase is not subject and phrase.kind not in ("refl", "clause")
    ]
    refl = [phrase for phrase in everything if phrase.kind == "refl"]
    order = [*refl, *([subject] if subject else []), *others]
    bracket = " ".join(token.text for token in clause.bracket)
    end = f", {lowered(clause.front)}" if clause.front.kind == "clause" else ""
    direct = " ".join([clause.verb.text, *(lowered(phrase) for phrase in order), bracket]).strip()
    indirect = _verb_last(clause, order, clause.verb.text)
    return Asked(word, direct + end, indirect and indirect + end, answer or gone.text)


def _verb_last(clause: Clause, phrases: Sequence[Phrase], verb: str) -> str:
    """The order of a subordinate clause: a separated particle joins its verb again."""
    last = [token.text for token in clause.bracket]
    if clause.bracket and clause.bracket[-1].tag == "PTKVZ":
        if len(last) > 1:
            return ""
        last = [last[-1] + verb]
    elif clause.bracket and len(clause.bracket) > 1 and clause.bracket[-1].tag.endswith("(INF)"):
        return ""
    else:
        last = [*last, verb]
    return " ".join([*(lowered(phrase) for phrase in phrases), *last])


def _word_for_front(clause: Clause, is_subject: bool) -> str:
    front = clause.front
    if is_subject:
        return who(front)
    if front.kind == "as":
        return PREPOSITIONAL.get((_full_lemma(clause), "als"), "")
    if front.kind == "clause":
        return SUBORDINATORS[front.head.text.lower()] if len(front.tokens) <= 12 else ""
    if front.kind == "pp" and len(front.tokens) <= MAX_ANSWER:
        return time_word(front) or _place_word(front) or _means_word(front)
    return time_word(front) if len(front.tokens) <= MAX_ANSWER else ""


def _word_for(phrase: Phrase, clause: Clause, subject: Phrase) -> str:
    """The question word for a phrase behind the verb, or "" where it is not certain."""
    if len(phrase.tokens) > MAX_ANSWER:
        return ""
    if word := time_word(phrase):
        return word
    if phrase.kind in ("pp", "as"):
        return PREPOSITIONAL.get((_full_lemma(clause), phrase.head.text.lower()), "")
    if clause.verb.lemma == "werden":
        return "Wie" if phrase.kind == "np" and clause.bracket and clause.bracket[-1].text == "genannt" else ""
    if not _is_object(phrase, clause, subject):
        return ""
    return "Wen" if is_person(phrase) else "Was"


def _is_object(phrase: Phrase, clause: Clause, subject: Phrase) -> bool:
    """Whether a phrase is the accusative object: the only noun phrase beside the subject, and no dative."""
    others = [other for other in clause.middle or () if other.kind == "np" and other is not subject]
    first = phrase.head.text.lower()
    denied = first.startswith("kein") or first in ("dem", "der", "einem", "einer", "des", "eines")
    return others == [phrase] and not denied and clause.verb.lemma not in NO_OBJECT


def _full_lemma(clause: Clause) -> str:
    """The verb that decides: the participle of a passive, else the finite verb with its particle."""
    if clause.verb.lemma == "werden" and clause.bracket and clause.bracket[-1].tag == "VV(PP)":
        return clause.bracket[-1].lemma
    particle = clause.bracket[-1].text if clause.bracket and clause.bracket[-1].tag == "PTKVZ" else ""
    return particle + clause.verb.lemma


def _counted(phrase: Phrase, clause: Clause) -> tuple[str, str] | None:
    """("Wie viele Saiten", "sechs") for "sechs Saiten"."""
    words = phrase.text.split()
    if phrase.kind != "np" or phrase.head.tag != "CARD" or len(words) != 2 or time_word(phrase):
        return None
    if words[0] in ("ein", "eine", "einen") or phrase.tokens[-1].tag != "NN" or clause.verb.lemma == "werden":
        return None
    return f"Wie viele {words[1]}", words[0]


def _means_word(phrase: Phrase) -> str:
    first = phrase.head.text.lower()
    if is_person(phrase) or any(token.text.lower() in NO_PLACE for token in phrase.tokens):
        return ""
    return {"mit": "Womit", "mittels": "Womit", "mithilfe": "Womit", "durch": "Wodurch"}.get(first, "")


def _place_word(phrase: Phrase) -> str:
    """Where, for a phrase in front with a place preposition and a thing that is no abstraction."""
    nouns = [token.text.lower() for token in phrase.tokens if token.tag in ("NN", "NE", "FM", "XY")]
    if phrase.head.text.lower() not in ("in", "im", "auf", "unter", "an", "am") or not nouns:
        return ""
    if any(noun in NO_PLACE or is_temporal(noun) for noun in nouns) or any(map(str.isdigit, phrase.text)):
        return ""
    return "Wo"
