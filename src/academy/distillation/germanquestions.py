"""Questions about a German clause: a question word takes the place of the phrase that it asks for.

"Im Jahr 1871 wurde das Reich gegründet" -> "Wann wurde das Reich gegründet?" -> "1871".
"""

from collections.abc import Iterator, Sequence
from itertools import chain

from academy.distillation.clauses import Asked
from academy.distillation.germananswers import canonical, is_anchored, is_sound
from academy.distillation.germanclauses import Clause, Phrase, lowered, without_tail
from academy.distillation.germannumbers import amount, count_of, counted, counted_subject
from academy.distillation.germanplaces import means_word, place_word
from academy.distillation.germansubjects import (
    acts_as_person,
    is_person,
    is_plural,
    singular,
    subject_of,
    time_word,
    who,
)
from academy.distillation.germanwords import DATIVE, NO_OBJECT, PREPOSITIONAL, SUBORDINATORS

MAX_ANSWER = 8
MAX_REASON = 12
_CASELESS = ("die", "das", "ein", "eine", "seine", "ihre", "sein", "ihr", "keine", "alle")
_REASONS = {"weil": "Warum", "da": "Warum", "um": "Wozu", "damit": "Wozu"}


def questions(clause: Clause) -> Iterator[Asked]:
    """Sound questions with canonical answers, each thing once."""
    bare = without_tail(clause)
    for one in chain(_all_questions(bare), _about_reason(clause, bare)):
        if is_sound(one):
            answer = canonical(one.word, one.answer)
            yield Asked(one.word, one.direct, one.indirect, answer, is_anchored(one))


def _all_questions(clause: Clause) -> Iterator[Asked]:
    subject = subject_of(clause)
    yield from _existing(clause)
    if subject is clause.front and clause.verb.lemma in ("sein", "heißen", "heissen") and not clause.bracket:
        yield from _measured(clause)
        yield from _about_predicate(clause)
        return
    word = _word_for_front(clause, subject is clause.front)
    if word and subject is clause.front:
        yield from _about_subject(clause, word)
    elif word:
        yield _about_front(clause, word)
    if subject is None or clause.middle is None or clause.tail:
        return
    if subject is not clause.front and not is_plural(clause.verb) and _can_be_asked(subject):
        yield _built(clause, _who(subject, clause), subject, None)
    yield from _about_middle(clause, clause.middle, subject)


def _about_middle(clause: Clause, middle: Sequence[Phrase], subject: Phrase) -> Iterator[Asked]:
    if clause.front is not subject and clause.front.kind == "clause" and len(clause.front.tokens) > MAX_REASON:
        return
    for phrase in middle:
        if phrase is subject:
            continue
        if count := counted(phrase, clause) or amount(phrase, clause):
            yield _built(clause, count[0], phrase, subject, count[1])
        elif inner := _word_for(phrase, clause, subject):
            yield _built(clause, inner, phrase, subject)
        if agent := _agent(phrase, clause):
            yield _built(clause, "Von wem", phrase, subject, agent)
            yield from _active(clause, middle, phrase, subject, agent)


def _about_reason(clause: Clause, bare: Clause) -> Iterator[Asked]:
    """Why, and what for: the tail is the answer."""
    tail = clause.tail.removeprefix(",").strip()
    word = _REASONS.get(tail.split(" ")[0], "") if tail else ""
    subject = subject_of(bare)
    if not word or subject is None or len(tail.split()) > MAX_REASON or "," in tail:
        return
    if bare.middle is not None:
        yield _built(bare, word, None, subject, tail)
    elif subject is bare.front:
        yield Asked(word, f"{bare.verb.text} {lowered(bare.front)}{bare.rest}", "", tail)


def _measured(clause: Clause) -> Iterator[Asked]:
    """For "Die Strecke ist 80 km lang" -> "Wie lang ist die Strecke?"."""
    middle = clause.middle or ()
    if found := next((found for phrase in middle if (found := amount(phrase, clause))), None):
        front = lowered(clause.front)
        yield Asked(found[0], f"{clause.verb.text} {front}", f"{front} {clause.verb.text}", found[1])


def _existing(clause: Clause) -> Iterator[Asked]:
    """What there is: "Für Kulturdenkmäler gibt es viele Regeln", "Es gibt zwei Arten von Treibern"."""
    middle = clause.middle or ()
    phrases = [phrase for phrase in (clause.front, *middle) if phrase.text.lower() != "es"]
    things = [phrase for phrase in phrases if phrase.kind == "np"]
    if clause.verb.text not in ("gibt", "gab") or clause.bracket or len(phrases) > len(middle) or len(things) != 1:
        return
    others = [lowered(phrase) for phrase in phrases if phrase is not things[0]]
    if any(phrase.kind == "clause" for phrase in phrases):
        return
    if things[0] is clause.front or things[0].head.text.lower().startswith("kein"):
        return
    number = count_of(things[0])
    told = " ".join(["es", *others])
    yield Asked(
        number[0] if number else "Was",
        f"{clause.verb.text} {told}",
        f"{told} {clause.verb.text}",
        number[1] if number else things[0].text,
    )


def _about_predicate(clause: Clause) -> Iterator[Asked]:
    """What something is or is called: "Die wichtigste Struktur ist net_device"."""
    if not clause.middle or clause.middle[-1 if clause.verb.lemma != "sein" else 0].kind != "np":
        if clause.verb.lemma == "sein" and not clause.rest.strip() and clause.tail.startswith(", dass"):
            front = lowered(clause.front)
            tail = clause.tail.removeprefix(", ")
            yield Asked("Was", f"{clause.verb.text} {front}", f"{front} {clause.verb.text}", tail)
        elif clause.verb.lemma == "sein" and not clause.tail and not is_plural(clause.verb):
            yield from _about_subject(clause, _who(clause.front, clause))
        return
    front = lowered(clause.front)
    if clause.verb.lemma != "sein":
        others = "".join(f" {phrase.text}" for phrase in clause.middle[:-1])
        yield Asked(
            "Wie", f"{clause.verb.text} {front}{others}", f"{front}{others} {clause.verb.text}", clause.middle[-1].text
        )
        return
    answer = (clause.rest + clause.tail).strip()
    word = "Wer" if is_person(clause.front) or is_person(clause.middle[0]) else "Was"
    if not amount(clause.middle[0], clause):
        yield Asked(word, f"{clause.verb.text} {front}", f"{front} {clause.verb.text}", answer)
    one = all(phrase.kind in ("np", "pp") for phrase in clause.middle) and not is_plural(clause.verb)
    if one and len(answer.split()) >= 3 and not clause.tail:
        yield Asked(word, f"{clause.verb.text} {answer}", f"{answer} {clause.verb.text}", clause.front.text)


def _about_subject(clause: Clause, word: str) -> Iterator[Asked]:
    indirect = "" if clause.tail or clause.middle is None else _verb_last(clause, clause.middle, clause.verb.text)
    if count := counted_subject(clause):
        yield Asked(count[0], f"{clause.verb.text}{clause.rest}{clause.tail}", indirect, count[1])
    verb = singular(clause.verb)
    if verb is None or not _can_be_asked(clause.front) or (word == "Was" and _object_may_act(clause)):
        return
    indirect = "" if clause.tail or clause.middle is None else _verb_last(clause, clause.middle, verb)
    yield Asked(word, f"{verb}{clause.rest}{clause.tail}", indirect, clause.front.text)


def _object_may_act(clause: Clause) -> bool:
    """Whether "Was umkreist die Linie?" could ask for what the line does: its form shows no case."""
    if clause.verb.lemma in ("sein", "werden", *DATIVE):
        return False
    if clause.middle is None:
        return clause.rest.split()[0] in _CASELESS
    return any(
        phrase.kind == "np" and not time_word(phrase) and (phrase.head.text in _CASELESS or phrase.head.tag == "NE")
        for phrase in clause.middle
    )


def _about_front(clause: Clause, word: str) -> Asked:
    """A question about what stands in front: the rest stays as it is."""
    certain = clause.middle is not None and not clause.tail
    indirect = _verb_last(clause, clause.middle or (), clause.verb.text) if certain else ""
    return Asked(word, f"{clause.verb.text}{clause.rest}{clause.tail}", indirect, lowered(clause.front))


def _built(clause: Clause, word: str, gone: Phrase | None, subject: Phrase | None, answer: str = "") -> Asked:
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
    if subject and subject.head.tag != "PPER" and refl and subject.kind == "np":
        order = [subject, *refl, *others] if subject.text == "man" else order
    bracket = " ".join(token.text for token in clause.bracket)
    end = f", {lowered(clause.front)}" if clause.front.kind == "clause" and gone is not clause.front else ""
    direct = " ".join([clause.verb.text, *(lowered(phrase) for phrase in order), bracket]).strip()
    indirect = _verb_last(clause, order, clause.verb.text)
    return Asked(word, direct + end, indirect and indirect + end, answer or (gone.text if gone else ""))


def _verb_last(clause: Clause, phrases: Sequence[Phrase], verb: str) -> str:
    """The order of a subordinate clause: a separated particle joins its verb again."""
    last = [token.text for token in clause.bracket]
    if clause.bracket and clause.bracket[-1].tag == "PTKVZ" and clause.verb.lemma != "sein":
        if len(last) > 1:
            return ""
        apart = last[-1] in ("zugrunde", "zustande", "instand", "infrage", "zugute")
        last = [last[-1], verb] if apart else [last[-1] + verb]
    elif clause.bracket and len(clause.bracket) > 1 and clause.bracket[-1].tag.endswith("(INF)"):
        return ""
    else:
        last = [*last, verb]
    return " ".join([*(lowered(phrase) for phrase in phrases), *last])


def _can_be_asked(subject: Phrase) -> bool:
    vague = (
        "man",
        "es",
        "niemand",
        "nichts",
        "kein",
        "keine",
        "keiner",
        "jeder",
        "jede",
        "jedes",
        "alles",
        "nur",
        "etwas",
    )
    return len(subject.tokens) <= MAX_ANSWER and subject.head.text.lower() not in vague


def _who(phrase: Phrase, clause: Clause) -> str:
    return "Wer" if acts_as_person(clause) and "chen" not in phrase.text else who(phrase)


def _word_for_front(clause: Clause, is_subject: bool) -> str:
    front = clause.front
    if is_subject:
        return _who(front, clause)
    if front.kind == "as":
        return PREPOSITIONAL.get((_full_lemma(clause), "als"), "")
    if front.kind == "clause":
        return SUBORDINATORS[front.head.text.lower()] if len(front.tokens) <= MAX_REASON else ""
    if front.kind == "pp" and len(front.tokens) <= MAX_ANSWER:
        return time_word(front) or place_word(front) or means_word(front) or _occasion_word(front)
    return time_word(front) if len(front.tokens) <= MAX_ANSWER else ""


def _occasion_word(phrase: Phrase) -> str:
    """For "beim Beenden" tells when; "für Geräte" what for."""
    first, noun = phrase.head.text.lower(), phrase.tokens[-1]
    process = phrase.tokens[1].tag == "NNI" or (
        phrase.tokens[1].text.endswith("en") and phrase.tokens[1].text[0].isupper()
    )
    if first == "beim" and process:
        return "Wann"
    things = first == "für" and not is_person(phrase) and noun.tag in ("NN", "XY") and len(phrase.tokens) <= 5
    return "Wofür" if things and not time_word(phrase) else ""


def _word_for(phrase: Phrase, clause: Clause, subject: Phrase) -> str:
    """The question word for a phrase behind the verb, or "" where it is not certain."""
    if len(phrase.tokens) > MAX_ANSWER:
        return ""
    if word := time_word(phrase):
        return word
    if phrase.kind in ("pp", "as"):
        bound = PREPOSITIONAL.get((_full_lemma(clause), phrase.head.text.lower()), "")
        return bound if bound != "Wo" or place_word(phrase) else "" if bound else place_word(phrase)
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
    return others == [phrase] and not denied and _full_lemma(clause) not in NO_OBJECT


def _full_lemma(clause: Clause) -> str:
    """The verb that decides: the participle of a passive, else the finite verb with its particle."""
    if clause.verb.lemma in ("werden", "sein", "haben") and clause.bracket and clause.bracket[-1].tag == "VV(PP)":
        return clause.bracket[-1].lemma
    particle = clause.bracket[-1].text if clause.bracket and clause.bracket[-1].tag == "PTKVZ" else ""
    return particle + clause.verb.lemma


def _agent(phrase: Phrase, clause: Clause) -> str:
    """Who did it, in a passive with "von": a name or a person."""
    passive = clause.verb.lemma == "werden" and clause.bracket and clause.bracket[-1].tag == "VV(PP)"
    if not passive or phrase.kind != "pp" or phrase.head.text not in ("von", "vom"):
        return ""
    inner = Phrase("np", phrase.tokens[1:], "")
    named = all(token.tag == "NE" for token in inner.tokens)
    if not inner.tokens or not (named or is_person(inner)) or time_word(phrase):
        return ""
    return phrase.text.split(" ", 1)[1] if named else phrase.text


def _active(clause: Clause, middle: Sequence[Phrase], agent: Phrase, subject: Phrase, name: str) -> Iterator[Asked]:
    """For "Wer hat das Buch geschrieben?": only where the accusative of the subject looks like its nominative."""
    same = subject.head.text.lower() in ("die", "das", "eine") or all(token.tag == "NE" for token in subject.tokens)
    if not same or clause.verb.text not in ("wurde", "wurden") or len(clause.bracket) != 1 or name.startswith("vo"):
        return
    rest = [phrase for phrase in (clause.front, *middle) if phrase is not agent and phrase is not subject]
    if any(phrase.kind not in ("pp", "np") for phrase in rest) or not all(t.tag == "NE" for t in agent.tokens[1:]):
        return
    words = [lowered(subject), *(lowered(phrase) for phrase in rest), clause.bracket[0].text]
    told = " ".join(words)
    yield Asked("Wer", f"hat {told}", f"{told} hat", name)
