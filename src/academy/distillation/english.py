"""English clauses taken apart: subject, verb group, object, a time or place behind or in front.

Questions need do-support unless they ask for the subject or the verb group has an auxiliary; only verb forms whose base
form is certain are turned.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from academy.distillation.clauses import Analysis, Asked, word_set
from academy.distillation.tagging import Token, tagged

MAX_ANSWER = 8
_AUXILIARY = word_set(
    "is was are were has had have can could will would may might must should shall does did do be been"
)
_TURNABLE = _AUXILIARY - {"have", "do", "be", "been"}
_PLURAL = {"are": "is", "were": "was", "have": "has"}
_FINITE = ("VVZ", "VVD", "VVB", "VBZ", "VBD", "VBB", "VHZ", "VHD", "VHB", "VDZ", "VDD", "VM0")
_NOMINAL = ("NN0", "NN1", "NN2", "NP0", "CRD", "ORD", "UNC", "ZZ0")
_BEFORE_NOUN = ("AT0", "AJ0", "AJC", "AJS", "DT0", "DPS", "CRD", "ORD", "POS")
_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_YEAR = r"(?:1[0-9]|20)\d\d"
_TIME = (
    rf"(?:[Ii]n (?:{_MONTH} )?{_YEAR}|[Oo]n (?:\d\d? {_MONTH}|{_MONTH} \d\d?,?)(?: {_YEAR})?|[Bb]y {_YEAR}"
    rf"|[Ii]n the {_YEAR}s|(?:[Ii]n|[Dd]uring) the \d{{1,2}}(?:st|nd|rd|th) century)"
)
_TIME_FRONT = re.compile(rf"({_TIME}),? ")
_TIME_INSIDE = re.compile(rf" ({_TIME})(?=\.$| by )")
_TAIL = re.compile(
    r", (?:which|who|whose|whom|where|when|while|whereas|although|because|since|but|so"
    r"|and (?:he|she|it|they|the|a|this)) .*$"
)
"""A clause at the end that a question about the first one leaves out."""
_TIES = re.compile(
    r"^(?:However|Therefore|Thus|Hence|Moreover|Furthermore|In addition|Additionally|Also|Consequently|Finally"
    r"|As a result|For this reason|In fact|Indeed|That is), "
)
_SUBJECT_JOINS = ("of", "and", "in", "for", "from", "between", "with", "on", "at", "to")
_PERSONS = word_set(
    "man woman child boy girl king queen prince princess emperor duke pope bishop monk giant witch wizard farmer",
    "hunter soldier knight mother father son daughter brother sister teacher student author composer musician singer",
    "engineer scientist chemist physicist president minister people person children men women historian poet painter",
    "architect user developer programmer",
)
_ANAPHORS = word_set(
    "he she it they him her them his hers its their theirs this these those that we us our i my me you your here",
    "there such both former latter",
)
_DEICTIC = word_set("above below following aforementioned latter former respectively i we us our my you your")
_CONNECTIVES = word_set(
    "and but or so then thus therefore hence however moreover furthermore also besides nevertheless nonetheless",
    "instead otherwise later afterwards meanwhile finally eventually first second third next still yet because if",
    "when while although though since what who why how where which is are do does did can once now again perhaps for",
    "nor",
)


@dataclass(frozen=True, slots=True)
class Clause:
    """[time] subject verb rest [time].

    Attributes:
        verb: the finite verb.
        rest: behind it, without the full stop and without ``time``.
        behind: the tokens of the rest.
        time: a time that stood in front or at the end.
    """

    subject: str
    subject_tokens: tuple[Token, ...]
    verb: Token
    rest: str
    behind: tuple[Token, ...]
    time: str


def stands_alone(text: str) -> bool:
    """Whether a sentence can be understood without the ones before it."""
    words = re.findall(r"\w+", text.lower())
    if not text.endswith(".") or not (text[0].isupper() or text[0].isdigit()) or len(words) < 4:
        return False
    if words[0] in _CONNECTIVES | _ANAPHORS or any(word in _DEICTIC for word in words):
        return False
    return not any(word in _ANAPHORS for word in words[:5]) and not any(mark in text for mark in '"“”')


def freed(text: str) -> str:
    """The same statement without the word that ties it to the one before: "Therefore, the kernel ..."; else ""."""
    said = _TIES.sub("", text)
    return said[0].upper() + said[1:] if said != text else ""


def resolved(text: str, before: str) -> str:
    """The statement with its pronoun replaced by the subject of the sentence before; "" when that is not certain."""
    return ""


def analysed(text: str) -> Analysis | None:
    """Questions, word orders and gaps of one English sentence."""
    tokens = tagged(text, "en")
    if not any(token.tag in _FINITE for token in tokens[1:]):
        return None
    gaps = tuple(dict.fromkeys(_gaps(text, tokens)))
    clause = _clause(text)
    if clause is None:
        return Analysis(gaps=gaps)
    asked = list(dict.fromkeys(_questions(clause)))
    topic, meaning = _definition(clause)
    return Analysis(tuple(asked), tuple(_orders(clause)), gaps, topic, meaning)


def subjectless(text: str) -> bool:
    """Whether an entry leaves out its subject, the term before it: "Contains the code"."""
    tokens = tagged(text, "en")
    return len(tokens) > 2 and tokens[0].tag == "VVZ" and tokens[0].text.endswith("s")


def _clause(text: str) -> Clause | None:
    text = re.sub(r" \([^()]*\)", "", text)
    if any(mark in text for mark in ";:()–—"):
        return None
    time, text = _without_time(_TAIL.sub(".", text))
    tokens = tagged(text, "en")
    if not tokens or tokens[-1].text != ".":
        return None
    place = _noun_phrases(tokens, 0, len(tokens), _SUBJECT_JOINS)
    if not place or place + 1 >= len(tokens) - 1:
        return None
    verb, behind = tokens[place], tokens[place + 1 : -1]
    if not _is_finite(verb, behind) or not _is_plain(behind):
        return None
    subject = text[tokens[0].start : tokens[place - 1].end]
    rest = text[behind[0].start : behind[-1].end]
    return Clause(subject, tuple(tokens[:place]), verb, rest, tuple(behind), time)


def _is_plain(behind: Sequence[Token]) -> bool:
    """No second finite verb, no comma, no negation, no loose end."""
    if behind[0].text == "not" or behind[-1].text in ("and", "or", "but"):
        return False
    return not any(token.text == "," or token.tag in ("VVZ", "VBZ", "VBD", "VHZ", "VM0") for token in behind)


def _without_time(text: str) -> tuple[str, str]:
    front = _TIME_FRONT.match(text)
    if front:
        rest = text[front.end() :]
        return front[1], rest[0].upper() + rest[1:]
    inside = _TIME_INSIDE.search(text)
    return (inside[1], text[: inside.start()] + text[inside.end() :]) if inside else ("", text)


def _is_finite(verb: Token, behind: Sequence[Token]) -> bool:
    if verb.text in _TURNABLE or verb.tag == "VVZ":
        return True
    if verb.tag == "VVN":
        return behind[0].tag in ("AT0", "DPS", "CRD", "NP0", "DT0")
    return verb.tag == "VVD" and behind[0].text not in ("by", "in", "as", "from")


def _noun_phrase(tokens: Sequence[Token], place: int, end: int) -> int:
    start = place
    while place < end and tokens[place].tag in _BEFORE_NOUN:
        place += 1
    nouns = place
    while place < end and (tokens[place].tag in _NOMINAL or tokens[place].tag == "POS"):
        place += 1
    return place if place > nouns else start


def _noun_phrases(tokens: Sequence[Token], place: int, end: int, joins: Sequence[str] = ("of", "and")) -> int:
    """Noun phrases joined by prepositions or "and"."""
    place = _noun_phrase(tokens, place, end)
    while place and place < end and tokens[place].text in joins:
        after = _noun_phrase(tokens, place + 1, end)
        if after == place + 1:
            break
        place = after
    return place


def _questions(clause: Clause) -> Iterator[Asked]:
    subject, verb, time = _lowered(clause), clause.verb.text, clause.time
    tail = f" {_small(time)}" if time else ""
    finite = _PLURAL.get(verb, verb)
    names = any(token.tag[0] in "NC" for token in clause.behind)
    if verb != "have" and names and len(clause.subject_tokens) <= MAX_ANSWER:
        yield Asked(
            _who(clause.subject_tokens),
            f"{finite} {clause.rest}{tail}",
            f"{finite} {clause.rest}{tail}",
            clause.subject,
        )
    if verb in ("is", "was", "are", "were") and clause.behind[0].tag == "AT0":
        yield Asked("What", f"{verb} {subject}{tail}", f"{subject} {verb}{tail}", clause.rest)
    turned = _turned(clause)
    if turned is None:
        return
    auxiliary, base = turned
    if time:
        body = f"{auxiliary} {subject} {base} {clause.rest}".replace("  ", " ")
        yield Asked("When", body, f"{subject} {verb} {clause.rest}", _small(time))
    yield from _about_agent(clause, tail)
    yield from _about_object(clause, auxiliary, base, tail)


def _about_agent(clause: Clause, tail: str) -> Iterator[Asked]:
    """By whom something was done: only for names at the very end."""
    words = [token.text for token in clause.behind]
    if clause.verb.text not in ("was", "were", "is", "are") or words.count("by") != 1:
        return
    by = words.index("by")
    agent = clause.behind[by + 1 :]
    if not by or not agent or any(token.tag != "NP0" for token in agent) or clause.behind[by - 1].tag != "VVN":
        return
    done = clause.rest[: clause.behind[by].start - clause.behind[0].start].strip()
    subject, name = _lowered(clause), clause.rest[agent[0].start - clause.behind[0].start :]
    yield Asked(
        "By whom", f"{clause.verb.text} {subject} {done}{tail}", f"{subject} {clause.verb.text} {done}{tail}", name
    )


def _about_object(clause: Clause, auxiliary: str, base: str, tail: str) -> Iterator[Asked]:
    """What the subject does something to; how many."""
    if not base or clause.verb.tag not in ("VVZ", "VVD", "VVN"):
        return
    stop = _noun_phrases(clause.behind, 0, len(clause.behind))
    if not stop or stop > MAX_ANSWER:
        return
    following = clause.behind[stop : stop + 1]
    if following and following[0].tag not in ("PRP", "AV0"):
        return
    first = clause.behind[0].start
    thing = clause.rest[: clause.behind[stop - 1].end - first]
    others = clause.rest[len(thing) :].strip()
    subject = _lowered(clause)
    direct = f"{auxiliary} {subject} {base} {others}".strip() + tail
    indirect = f"{subject} {clause.verb.text} {others}".strip() + tail
    words = thing.split()
    if clause.behind[0].tag == "CRD" and len(words) == 2 and clause.behind[stop - 1].tag == "NN2":
        yield Asked(f"How many {words[1]}", direct, indirect, words[0])
    else:
        yield Asked("What", direct, indirect, thing)


def _turned(clause: Clause) -> tuple[str, str] | None:
    """(auxiliary, what remains of the verb): ("did", "create"), ("was", "")."""
    verb = clause.verb
    if verb.text in _TURNABLE:
        return verb.text, ""
    if not verb.lemma or verb.lemma == verb.text or not verb.lemma.isalpha() or verb.lemma[0] != verb.text[0].lower():
        return None
    return ("does" if verb.tag == "VVZ" else "did"), verb.lemma


def _orders(clause: Clause) -> Iterator[str]:
    """The time in front and at the end."""
    if clause.time:
        start = clause.time[0].upper() + clause.time[1:]
        yield f"{start}, {_lowered(clause)} {clause.verb.text} {clause.rest}."
        yield f"{clause.subject} {clause.verb.text} {clause.rest} {_small(clause.time)}."


def _definition(clause: Clause) -> tuple[str, str]:
    if clause.verb.text not in ("is", "was") or clause.behind[0].text not in ("a", "an") or clause.time:
        return "", ""
    return clause.subject, clause.rest


def _who(tokens: Sequence[Token]) -> str:
    nouns = [token for token in tokens if token.tag in _NOMINAL]
    lemmas = {token.lemma.lower() for token in nouns} | {token.text.lower() for token in nouns}
    if lemmas & _PERSONS:
        return "Who"
    named = any(token.tag == "NP0" for token in nouns) and tokens[0].tag != "AT0"
    peoples = any(token.text[0].isupper() and token.tag == "NN2" for token in nouns if token is not tokens[0])
    return "Who or what" if named or peoples else "What"


def _gaps(text: str, tokens: Sequence[Token]) -> Iterator[str]:
    numbers = [token.text for token in tokens if token.tag == "CRD" and token.text[0].isdigit()]
    names = [token.text for token in tokens[1:] if token.tag == "NP0" and len(token.text) > 2]
    nouns = sorted((t.text for t in tokens if t.tag in ("NN1", "NN2") and len(t.text) > 4), key=len, reverse=True)
    for word in [*numbers, *names, *nouns]:
        if len(re.findall(rf"(?<!\w){re.escape(word)}(?!\w)", text)) == 1:
            yield word


def _lowered(clause: Clause) -> str:
    """The subject as it stands inside a sentence."""
    first = clause.subject_tokens[0]
    nation = first.text.endswith(("ish", "ian", "ese", "can", "ean", "nch", "rman"))
    if first.tag == "NP0" or nation or not (first.text[1:].islower() or first.text == "A"):
        return clause.subject
    return _small(clause.subject)


def _small(text: str) -> str:
    return text[0].lower() + text[1:]
