"""What an English noun phrase leaves open: "the site", "early versions", and what may follow a sentence."""

import re

from academy.distillation.clauses import word_set
from academy.distillation.englishparse import NAMES, NOUNS, Parse, Word, core, parsed, verbs
from academy.distillation.englishsubjects import group, may_mean, pronouns
from academy.distillation.englishwords import OUTSIDE

_RELATIONAL = word_set(
    "version speed type part result effect cause majority minority member example kind form number amount level size",
    "percentage proportion rest remainder half feature purpose aspect component origin advantage disadvantage exhibit",
    "nucleus",
)
"""Nouns that need an "of ..." to mean something."""
_VAGUE = word_set(
    "site collection exhibition museum engine cycle study report experiment incident event agreement decision proposal",
    "project embargo treaty act movement group theory concept attack invasion battle crisis campaign discovery",
    "city network university country war game team exception",
)
"""Nouns that "the" alone does not tell apart from others of their kind."""
_TOLD = word_set(
    "state company organisation organization system machine device area region population",
    "empire station building program programme law period process government party church school network",
    "industry market increase decrease change mission flight crew ship province island dynasty reign treatment",
)
"""The same in a sentence about the past; in the present "the machine" may be any."""
_WEAK = word_set(
    "current whole entire new old early late later first second third last next main original large largest big",
    "biggest great small typical common various several many few certain different similar own modern most",
)
"""Adjectives that do not say which one."""
_FOLLOWS_OTHERS = re.compile(
    r"\b(?:see|below|above|same|such|former|latter|other|others|another|those"
    r"|I|we|us|our|my|(?:sub)?chapters?|sections?|this manual)\b"
    r"|^(?:When|Once|If) \w+ed,|^(?:E\.g|I\.e)\."
    r"|[\"“”?!]|^(?:And|But|So|Or) ",
    re.IGNORECASE,
)
"""What a sentence behind another one may not hold: it points to the page, to speech, or further back."""


def dangles(parse: Parse, known: frozenset[str] = frozenset()) -> bool:
    """Whether a phrase means something that the sentence does not name.

    Args:
        known: base forms of nouns that were said before.
    """
    root = next((word for word in parse.words if word.dep == "ROOT"), None)
    past = root is not None and (
        root.tag == "VBD" or any(word.tag == "VBD" for word in parse.under(root.at, "aux", "auxpass"))
    )
    said_before = set(known)
    for word in parse.words:
        low = word.lemma.lower()
        if word.tag in NOUNS and _is_open(parse, word, low, past=past) and low not in said_before:
            return True
        if (
            word.dep in ("nsubj", "nsubjpass")
            and word.tag == "CD"
            and word.text.isalpha()
            and not _is_described(parse, word)
        ):
            return True
        if word.tag in NOUNS:
            said_before.add(low)
    return False


def _is_open(parse: Parse, word: Word, low: str, *, past: bool) -> bool:
    if _is_described(parse, word):
        return False
    first = [one.text.lower() for one in parse.under(word.at, "det", "poss")]
    relational = low in _RELATIONAL
    if "the" in first:
        return relational or low in _VAGUE or (past and low in _TOLD)
    starts = word.dep in ("nsubj", "nsubjpass") and parse[word.head].dep == "ROOT"
    return relational and not first and starts and word.tag == "NNS"


def _is_described(parse: Parse, word: Word) -> bool:
    """Whether something beside the noun says which one is meant."""
    following = parse[word.at + 1].text.lower() if word.at + 1 < len(parse.words) else ""
    deps = ("prep", "relcl", "acl", "appos", "compound", "nmod", "nummod", "conj")
    plain = [one for one in parse.under(word.at, *deps) if one.tag != "CD" or one.at > word.at]
    telling = [one for one in parse.under(word.at, "amod") if one.lemma.lower() not in _WEAK]
    owned = [one for one in parse.under(word.at, "poss") if one.tag in NOUNS]
    named = word.dep == "compound" or (word.tag in NAMES and word.at and parse[word.at - 1].tag in NAMES)
    return bool(plain or telling or owned or named) or following in ("of", "that", "who", "which")


def follows(before: str, text: str) -> bool:
    """Whether a sentence is understood behind ``before``: each pronoun and open noun has its noun there."""
    first, second = parsed(before), parsed(text)
    if _FOLLOWS_OTHERS.search(text) or not any(verbs(first)) or not any(verbs(second)):
        return False
    if any(word.text.lower() in OUTSIDE for word in second.words):
        return False
    nouns = [(parse, word) for parse in (first, second) for word in parse.words if word.tag in NOUNS]
    for pronoun in pronouns(second, range(len(second.words))):
        earlier = [one for one in nouns if one[0] is first or one[1].at < pronoun.at]
        if not any(may_mean(pronoun.text, group(of, core(of, word.at), word)) for of, word in earlier):
            return False
    return not dangles(second, frozenset(word.lemma.lower() for word in first.words if word.tag in NOUNS))
