"""German answers in their canonical form, and whether a question can be put."""

import re

from academy.distillation.clauses import Asked, word_set

MAX_QUESTION_WORDS = 22
LONG = 7
"""So many words name enough, whatever they are."""
_YEAR_FRONT = re.compile(
    r"^(?:im Jahre? |im |am |seit |in |ab |bis )(?=\d{3,4}\b|\d{1,2}\. [A-ZÄÖÜ]|(?:[A-ZÄÖÜ]\w+ \d{4}$))", re.I
)
_BARE = re.compile(
    r"^(?:in|aus|auf|von|für|mit|durch|zu|als|bei) (?=[A-ZÄÖÜ\d/_.][\w/_.-]*(?: |$|\())(?!Form |Richtung )"
)
_TIME_WORDS = ("Wann", "Seit wann", "Ab wann", "Bis wann")
_LOWERED = re.compile(
    r"^(?:Der|Die|Das|Den|Dem|Des|Ein|Eine|Einen|Einem|Einer|Eines|Jede[rsnm]?|Alle|Viele|Einige|Mehrere|Zwei|Drei|Vier|Fünf"
    r"|Sechs|Sieben|Acht|Neun|Zehn|Beide|Zahlreiche|Manche|Im|In|Am|An|Auf|Bei|Beim|Mit|Zu|Zur|Zum|Von|Vom|Aus|Durch)\b"
)
_POINTING = re.compile(
    r"\b(?:er|sie|ihn|ihm|ihnen|dies\w{0,2}|dabei|dazu|dafür|davon|damit|daran|darauf|dort|hier|jene[rsnm]?)\b",
    re.IGNORECASE,
)
_NAMES_SOMETHING = re.compile(r"(?<![\w/])(?:[A-ZÄÖÜ]\w+|\d[\d.,]*|\w*[_/(]\w*|\w+\.\w+)")
_SUPERLATIVE = re.compile(r"(?:ist|sind|war|waren) (?:der|die|das) \w+st(?:e|en|er|es) \w+")
"""The most important function of what?"""
_LOOSE = re.compile(
    r"\b(?:aber|weiterhin|jedoch|ebenfalls|auch|nämlich|sonst|deshalb|deswegen|gewöhnlich|kaum|ansonsten)\b|"
    r"^(?:ist|sind|war|waren|wird|wurde)$"
)
"""Words that lean on another sentence, and a predicate that was cut off."""
_VAGUE = re.compile(r"(?:einige|manche) \w+|die (?:\w+en )?[A-ZÄÖÜ]\w+(?:ung|keit|heit|ität)(?:en)?", re.IGNORECASE)
"""Some browsers; the naming (of what?)."""
_SPECIFIC = re.compile(
    r"\b(?:der|die|das|den|dem|des|im|am|vom|zum|zur|ins|beim|als)\b|\d|[/_()]|\w[A-ZÄÖÜ]"
    r"|\b(?:in|nach|aus|von|gegen) [A-ZÄÖÜ]"
)
_LIGHT = word_set("ist sind war waren wird werden wurde wurden hat haben hatte hatten kann können muss soll es gibt")
_FILLER = word_set("der die das den dem des ein eine einen einem einer und oder in im an am auf aus von zu mit")


def canonical(word: str, answer: str) -> str:
    """The answer as short as German allows: "im Jahr 1871" -> "1871", "Die Saite" -> "die Saite"."""
    text = _LOWERED.sub(lambda found: found.group().lower(), answer.strip().rstrip(",;"))
    if word in _TIME_WORDS:
        return _YEAR_FRONT.sub("", text)
    if word.startswith("Wo") or word in ("Als was", "Von wem"):
        return _BARE.sub("", text)
    return text


def is_anchored(one: Asked) -> bool:
    """Whether a question for the subject names something definite: "Was eröffnet neue Möglichkeiten?" does not."""
    asks_subject = one.word in ("Wer", "Was", "Wer oder was")
    return not asks_subject or len(one.direct.split()) > LONG or bool(_SPECIFIC.search(one.direct))


def is_sound(one: Asked) -> bool:
    """Whether the question names enough to be understood alone, points at nothing, and has an answer that says a thing.

    "Was ist einfach?" fits every document; "Wer sah, dass er kam?" lost what "er" means.
    """
    words = one.direct.split()
    if len(words) > MAX_QUESTION_WORDS or not _NAMES_SOMETHING.search(one.direct) or not one.answer:
        return False
    telling = [word for word in [*words, *one.word.split()[2:]] if word.lower() not in _LIGHT | _FILLER]
    enough = len(telling) >= 2 or (
        words[0] in ("ist", "war", "sind", "waren", "heißt", "bedeutet") and len(telling) >= 1
    )
    first = one.direct.split(",")[0]
    asks_subject = one.word in ("Wer", "Was", "Wer oder was")
    lost = _POINTING.search(one.direct if asks_subject else first)
    said = {word.strip(",.").lower() for word in words} - _FILLER
    new = [word for word in one.answer.lower().split() if word not in _FILLER and word not in said]
    vague = _SUPERLATIVE.fullmatch(one.direct) or not new or (asks_subject and _VAGUE.fullmatch(one.answer))
    lost = lost or _LOOSE.search(first)
    balanced = one.direct.count("(") == one.direct.count(")") and one.answer.count("(") == one.answer.count(")")
    return enough and not lost and not vague and balanced and not _POINTING.match(one.answer)
