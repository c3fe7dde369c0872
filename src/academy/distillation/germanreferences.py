"""What a German sentence points at: words that need the sentence before it, and the pronouns that can be replaced.

A pronoun is replaced only when it is the subject, the sentence before has a subject of the same gender and number, and
what comes out stands alone.
"""

import re
from collections.abc import Sequence

from academy.distillation.germanclauses import FINITE, Clause, Phrase, lowered, parsed
from academy.distillation.germansubjects import is_plural, subject_of
from academy.distillation.germantagging import tagged
from academy.distillation.germanwords import BACKWARD, CONNECTIVES, CORRELATES, TIES
from academy.distillation.tagging import Token

MAX_TOPIC = 6
"""A longer subject is not said twice."""
_PARTICLES = re.compile(
    r"(?<=\w) (?:also|wiederum|zudem|jedoch|hingegen|allerdings|somit|folglich|nämlich|ebenfalls|übrigens|daher|deshalb"
    r"|deswegen|ausserdem|außerdem|beispielsweise|zum Beispiel|natürlich|eigentlich|ironischerweise|ja"
    r"|doch)(?= [\wÄÖÜ])"
)
"""Words that only tie a sentence to the one before it or colour it."""
_THAT_IS = re.compile(r"^(?:Das hei(?:ß|ss)t|D\. ?h\.|Das bedeutet),? (?!dass)")
_EXAMPLE = re.compile(
    r"^Zum Beispiel|^(?:Der|Die|Das) \w+st[en]+ (?:ist|sind|war|waren|wird|werden)\b|"
    r"^In der Nähe\b|\b[Ii][mn] (?:\w+ )?Beispiele?n?\b|\b[Zz]um (?:einen|anderen)\b|\b[Ff]un [Ff]act|"
    r"\b(?:jedoch|ebenfalls|deswegen|hingegen|allerdings)\b|(?<!,) aber\b|^Wenn nicht \w+,|^Eine Ausnahme\b|"
    r"\b(?:halb|doppelt|dreimal|ebenso|genauso) (?:so )?\w+(?!.* wie )|\b(?:ersten|letzten) (?:beiden|zwei|drei)\b|"
    r"\b(?:nächst|vorig)\w+ (?:Beispiel|Abschnitt|Kapitel|Schritt)|\b[Dd](?:as|ie|er|en) gleichen? (?!.* wie )|"
    r"\bdem am \w+sten\b|\bähnlichen, aber\b|^(?:Frühe|Frühere|Spätere|Weitere|Neuere|Ältere) [A-ZÄÖÜ]\w+ |"
    r"\b[Bb]ereits erwähnt|\b(?:siehe|vgl)\b|\b[Ww]ie (?:oben|zuvor|bereits|schon)\b"
)
_NAMES = ("NE", "FM", "XY")
_NOUNS = ("NN", "NNA", "NNI", *_NAMES)
_MASCULINE = ("der", "den", "dem", "des", "ein", "einen", "einem", "eines", "jeder", "kein")
_POSSESSIVE = re.compile(r"(?:sein|ihr)(?:e[mnrs]?)?$")
_DEMONSTRATIVE = re.compile(r"dies(?:e[mnrs]?)?$|jene[mnrs]?$")
_ANNOUNCED = ("dass", "ob", "wie", "was", "wer", "wo", "wenn", "um", "weil", "indem", "welche", "welcher", "das", "den")
"""What may follow behind "dafür, ..."."""
_PRONOUNS = ("er", "sie", "ihn", "ihm", "ihr", "ihnen")
_OTHERS = ("andere", "anderen", "anderer", "weitere", "weiteren", "solche", "solchen", "beide", "beiden")
_GAPS = (("„", "“"), ("«", "»"), ("(", ")"), ("[", "]"))
_EXPLETIVE = ("möglich", "nötig", "wichtig", "notwendig", "üblich", "sinnvoll", "schwierig", "einfach", "erlaubt")


def stands_alone(text: str) -> bool:
    """Whether a sentence can be understood without the ones before it."""
    if not text.endswith(".") or not (text[0].isupper() or text[0].isdigit()) or _EXAMPLE.search(text):
        return False
    if any(text.count(left) != text.count(right) for left, right in _GAPS) or text.count('"') % 2:
        return False
    tokens = tagged(text, "de")
    first = tokens[0].text
    if first in ("Sie", "Ihr", "Ihre", "Es") and not text.startswith(("Es gibt ", "Es gab ")):
        return False
    conjunction = first in ("Da", "Während", "Wie") and tokens[0].tag == "KOUS"
    if first.lower() in CONNECTIVES and not conjunction:
        return False
    return not any(_points_back(tokens, place) for place in range(len(tokens)))


def freed(text: str) -> str:
    """The same statement without the words that tie it to the one before: "Deshalb wurde udev entwickelt."; else ""."""
    said = _THAT_IS.sub("", text)
    if said != text:
        return said[0].upper() + said[1:]
    if any("," in text[: found.start()] or "zuletzt" in text for found in _PARTICLES.finditer(text)):
        return ""  # behind a comma the word joins two halves: without it they contradict each other
    plain = _PARTICLES.sub("", text)
    if plain.split()[0].lower() not in TIES:
        return plain if plain != text else ""
    clause = parsed(plain, tagged(plain, "de"))
    subject = subject_of(clause) if clause else None
    if clause is None or subject is None or clause.front.kind != "adv":
        return ""
    return _subject_first(clause, subject)


def resolved(text: str, before: str) -> str:
    """The statement with its pronoun replaced by the subject of the sentence before; "" when that is not certain."""
    text = _PARTICLES.sub("", text)
    tokens = tagged(text, "de")
    topic, plural = _topic(before) if before and len(tokens) >= 4 else (None, False)
    if topic is None or not _can_be_topic(topic):
        return ""
    said = _with_topic(text, tokens, topic, plural) or ("" if plural else _with_owner(text, tokens, topic))
    return said if said and stands_alone(said) else ""


def _topic(before: str) -> tuple[Phrase | None, bool]:
    """The subject of a sentence and whether it is plural; in front it can be seen without parsing all of it."""
    tokens = tagged(before, "de")
    if clause := parsed(before, tokens):
        return subject_of(clause), is_plural(clause.verb)
    verb = next((place for place, token in enumerate(tokens) if token.tag in FINITE or token.text == ","), 0)
    if not verb or tokens[verb].text == "," or verb + 2 >= len(tokens):
        return None, False
    probe = f"{before[: tokens[verb].end]} dort."
    clause = parsed(probe, tagged(probe, "de"))
    follows = tokens[verb + 1].text.lower()
    seen = clause is not None and clause.front.kind == "np" and follows not in ("der", "er", "es", "man", "ein")
    return (subject_of(clause), is_plural(clause.verb)) if seen and clause else (None, False)


def _subject_first(clause: Clause, subject: Phrase) -> str:
    middle = clause.middle or ()
    refl = [phrase.text for phrase in middle if phrase.kind == "refl"]
    rest = [phrase.text for phrase in middle if phrase is not subject and phrase.kind != "refl"]
    bracket = [token.text for token in clause.bracket]
    words = " ".join([subject.text, clause.verb.text, *refl, *rest, *bracket])
    return words[0].upper() + words[1:] + clause.tail + "."


def _points_back(tokens: Sequence[Token], place: int) -> bool:
    """Whether the word at ``place`` needs something that this sentence does not say before it."""
    token, word = tokens[place], tokens[place].text.lower()
    named = any(one.tag in _NOUNS for one in tokens[:place])
    commas = [number for number, one in enumerate(tokens[:place]) if one.text == ","]
    later = named and any(one.tag in FINITE for one in tokens[: commas[-1] if commas else 0])
    if word in BACKWARD:
        return not (word == "dann" and tokens[0].text in ("Wenn", "Falls"))
    counted = word == "alle" and not place and len(tokens) > 1 and tokens[1].tag == "CARD"
    if counted or (word in _OTHERS and place < 2):
        return True
    if token.tag == "PPOSAT":
        return not (_POSSESSIVE.match(word) and named)
    if word == "es" or token.tag == "PPER" or word in _PRONOUNS:
        allowed = word == "es" or (word in _PRONOUNS and _may_mean(word, tokens[:place]))
        return not (later and allowed) and not (word == "es" and _is_expletive(tokens, place))
    follows = [one.text for one in tokens[place + 1 : place + 3]]
    announced = follows[:1] == [","] and follows[-1] in _ANNOUNCED
    correlate = (token.tag == "PROAV" or word in CORRELATES) and not (announced or token.tag == "KOUS")
    return not later and (correlate or token.tag in ("PDS", "PDAT") or bool(_DEMONSTRATIVE.match(word)))


def _is_expletive(tokens: Sequence[Token], place: int) -> bool:
    """For "gibt es", "es gibt", "ist es möglich"."""
    near = [token.lemma for token in tokens[max(0, place - 1) : place + 2]]
    following = tokens[place + 1].text if place + 1 < len(tokens) else ""
    return "geben" in near or following in _EXPLETIVE


def _may_mean(pronoun: str, before: Sequence[Token]) -> bool:
    """Whether something in ``before`` can be meant by the pronoun."""
    bare = any(
        token.tag in _NAMES and (not place or before[place - 1].tag != "ART") for place, token in enumerate(before)
    )
    return pronoun not in ("er", "ihn", "ihm") or bare or any(token.text.lower() in _MASCULINE for token in before)


def _can_be_topic(topic: Phrase) -> bool:
    words = [token.text.lower() for token in topic.tokens]
    vague = ("man", "niemand", "jeder", "jede", "jedes", "kein", "keine", "keiner", "alle", "viele", "einige", "manche")
    pointing = any(token.tag in ("PPOSAT", "PDAT", "PDS", "PPER") for token in topic.tokens)
    return len(words) <= MAX_TOPIC and words[0] not in vague and not pointing


def _genders(topic: Phrase, plural: bool) -> str:
    """The pronouns that can mean the topic, as a string of "er", "sie", "es" and "Sie" for several."""
    first = topic.head.text.lower()
    if plural:
        return "plural"
    by_article = {"der": "er", "das": "es", "die": "sie", "eine": "sie", "ein": "er es"}
    if first in by_article:
        return by_article[first]
    return "er sie" if all(token.tag in _NAMES for token in topic.tokens) else ""


def _with_topic(text: str, tokens: Sequence[Token], topic: Phrase, plural: bool) -> str:
    """For "Er lief" and "1955 lief er" with the topic in place of the pronoun."""
    verb = next((place for place, token in enumerate(tokens) if token.tag in FINITE or token.text == ","), None)
    if verb is None or tokens[verb].text == "," or verb + 1 >= len(tokens):
        return ""
    place = 0 if verb == 1 and tokens[0].text in ("Er", "Sie", "Es") else verb + 1
    pronoun = tokens[place]
    if pronoun.text.lower() not in ("er", "sie", "es") or (place and pronoun.text != pronoun.text.lower()):
        return ""
    wanted = "plural" if pronoun.text.lower() == "sie" and is_plural(tokens[verb]) else pronoun.text.lower()
    if wanted not in _genders(topic, plural).split() or _is_expletive(tokens, place):
        return ""
    if wanted == "es" and (place == 0 and tokens[verb].tag != "VV(FIN)"):
        return ""
    if place and tokens[0].text.lower() in TIES and verb == 1:
        return f"{topic.text[0].upper()}{topic.text[1:]} {tokens[verb].text}{text[pronoun.end :]}"
    said = lowered(topic) if place else topic.text[0].upper() + topic.text[1:]
    return text[: pronoun.start] + said + text[pronoun.end :]


def _with_owner(text: str, tokens: Sequence[Token], topic: Phrase) -> str:
    """For "Seine Mutter" -> "Gagarins Mutter"; only names have such a genitive."""
    first = tokens[0].text
    if first not in ("Sein", "Seine", "Ihr", "Ihre") or tokens[0].tag != "PPOSAT":
        return ""
    if any(token.tag not in _NAMES for token in topic.tokens) or topic.text[-1] in "sxzß":
        return ""
    return f"{topic.text}s{text[tokens[0].end :]}"
