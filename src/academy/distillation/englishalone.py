"""Whether an English sentence stands alone, and what its pronouns mean when that is certain."""

import re
from collections.abc import Sequence

from academy.distillation.englishclauses import Clause, clauses
from academy.distillation.englishparse import NOUNS, Parse, Word, capital, core, parsed, said
from academy.distillation.englishsubjects import group, may_mean, pronouns, resolved_inside
from academy.distillation.englishwords import CONNECTIVES, OUTSIDE

_TIES = re.compile(
    r"^(?:However|Therefore|Thus|Hence|Moreover|Furthermore|In addition|Additionally|Also|Consequently|Finally"
    r"|As a result|For this reason|In fact|Indeed|That is|For example|For instance|In particular|Nevertheless"
    r"|Nonetheless|Eventually|Meanwhile|In turn|Similarly|Likewise|Specifically|And|But|So|Then|Now), ?(?=\w)|"
    r"^(?:And|But|So|Then) (?=the |a |[A-Z])"
)
_INNER_TIES = re.compile(r", (?:however|therefore|in turn|too|of course|indeed|in fact|moreover),(?= )|, too(?=\.$)")
_SPEECH = re.compile(r"[,.!?][\"”’]|[\"“”][^\"”]*\b(?:I|you|we|my|your)\b")
_EXPLETIVE = ("seem", "appear", "rain", "snow", "happen", "take", "turn")
MAX_ANTECEDENT = 6


def freed(text: str) -> str:
    """The same statement without the words that tie it to the one before: "Therefore, the kernel ..."; else ""."""
    plain = capital(_INNER_TIES.sub("", _TIES.sub("", text)))
    return plain if plain != text else ""


def stands_alone(text: str) -> bool:
    """Whether a sentence can be understood without the ones before it."""
    words = re.findall(r"\w+", text)
    if len(words) < 4 or not text.endswith(".") or not (text[0].isupper() or text[0].isdigit()):
        return False
    if words[0].lower() in CONNECTIVES or _SPEECH.search(text):
        return False
    parse = parsed(text)
    return not any(_points(parse, word) for word in parse.words) and _pronouns_are_certain(parse)


def _points(parse: Parse, word: Word) -> bool:
    """Whether a word points out of the sentence."""
    low = word.text.lower()
    if low in ("i", "we", "us", "my", "our"):
        return word.tag in ("PRP", "PRP$")
    if low in OUTSIDE:
        return True
    if low in ("this", "that", "these", "those"):
        following = parse[word.at + 1].text.lower() if word.at + 1 < len(parse.words) else ""
        return word.tag in ("DT", "PDT") and not (word.dep != "det" and following in ("of", "who", "which", "that"))
    if low in ("other", "others", "same", "such", "latter", "former"):
        before = parse[word.at - 1].text.lower() if word.at else ""
        return word.at < 4 or before in ("the", "each") or (low == "such" and word.tag == "PDT")
    if low in ("another", "there", "both", "each", "either", "neither", "one", "ones"):
        return word.at < 3 and word.dep not in ("expl", "nummod", "det", "preconj") or (low == "another" and word.at < 4)
    return False


def _pronouns_are_certain(parse: Parse) -> bool:
    """Whether every pronoun means the subject of the main clause."""
    found = pronouns(parse, range(len(parse.words)))
    if not found:
        return True
    first = _main(parse)
    if first is None or found[0].at <= first.subject[-1]:
        return False
    return resolved_inside(first, [word.at for word in found])


def _main(parse: Parse) -> Clause | None:
    return next((clause for clause in clauses(parse) if clause.verb.dep == "ROOT"), None)


def resolved(text: str, before: str) -> str:
    """The sentence with the noun that its subject pronoun means, the subject of the one before; "" where unsure."""
    text = freed(text) or text
    parse = parsed(text)
    pronoun = _leading_pronoun(parse)
    name = _antecedent(parsed(before), pronoun) if pronoun else ""
    if pronoun is None or not name or _is_expletive(parse, pronoun):
        return ""
    if pronoun.tag == "PRP$":
        name += "'" if name.endswith("s") else "'s"
    words = [word.text + (" " if word.space else "") for word in parse.words]
    words[pronoun.at] = (name if pronoun.at else capital(name)) + (" " if pronoun.space else "")
    alone = "".join(words)
    return alone if stands_alone(alone) else ""


def _leading_pronoun(parse: Parse) -> Word | None:
    """The pronoun that is the subject of the main clause, or owns it, or stands before it."""
    found = pronouns(parse, range(len(parse.words)))
    root = next((word for word in parse.words if word.dep == "ROOT"), None)
    if not found or root is None:
        return None
    first = found[0]
    subject = next((word for word in parse.under(root.at, "nsubj", "nsubjpass")), None)
    if first is subject or (first.dep == "poss" and subject is not None and first.head == subject.at):
        return first
    return None


def _is_expletive(parse: Parse, pronoun: Word) -> bool:
    """Whether "it" only fills the place of the subject: "It is known that ..."."""
    root = parse[pronoun.head]
    clausal = parse.under(root.at, "ccomp", "csubj", "advcl", "xcomp") or root.lemma in _EXPLETIVE
    return pronoun.text.lower() == "it" and bool(clausal)


def _antecedent(parse: Parse, pronoun: Word) -> str:
    """The subject of a sentence when a pronoun can mean nothing else in it."""
    clause = _main(parse)
    if clause is None or clause.head.tag not in NOUNS or any(parse[at].tag in ("PRP", "PRP$") for at in clause.subject):
        return ""
    if not may_mean(pronoun.text, group(parse, clause.subject, clause.head)) or len(clause.subject) > MAX_ANTECEDENT:
        return ""
    rivals = [word for word in parse.words if word.tag in NOUNS and _is_rival(clause, word, pronoun)]
    if rivals:
        return ""
    return re.sub(r"^an? ", "the ", said(parse, clause.subject))


def _is_rival(clause: Clause, word: Word, pronoun: Word) -> bool:
    """Whether another noun could be meant; what the subject is said to be is the subject itself."""
    parse = clause.parse
    whole: Sequence[int] = parse.subtree(clause.head.at)
    if word.at in whole or word.dep in ("compound", "nmod", "npadvmod", "attr", "amod"):
        return False
    if word.kind in ("DATE", "TIME", "PERCENT", "QUANTITY", "MONEY", "CARDINAL"):
        return False
    return may_mean(pronoun.text, group(parse, core(parse, word.at), word))
