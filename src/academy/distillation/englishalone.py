"""Whether an English sentence stands alone, and what its pronouns mean when that is certain."""

import re
from collections.abc import Iterator, Sequence

from academy.distillation.englishclauses import Clause, clauses
from academy.distillation.englishparse import NOUNS, Parse, Word, balanced, capital, core, parsed, said
from academy.distillation.englishreferences import dangles
from academy.distillation.englishsubjects import PARADIGM, group, may_mean, owned_nearby, pronouns, resolved_inside
from academy.distillation.englishwords import CONNECTIVES, OUTSIDE

_TIES = re.compile(
    r"^(?:However|Therefore|Thus|Hence|Moreover|Furthermore|In addition|Additionally|Also|Consequently|Finally"
    r"|As a result|For this reason|In fact|Indeed|That is|For example|For instance|In particular|Nevertheless"
    r"|Nonetheless|Eventually|Meanwhile|In turn|Similarly|Likewise|Specifically|Then|Now|At last|At once|Suddenly"
    r"|Thereupon|Afterwards?|Later|Soon|Of course|By contrast|In contrast|On the other hand|Instead|Once upon a time"
    r"|Alternatively|One day|At length|Besides|Sure enough|And|But|So|Well|Yet|Still),? "
    r"(?=(?:the|a|an|his|her|their|its|he|she|it|they|when|if|after|once"
    r"|while|as|there|in|at|on|no|every|all|one|two|some|suddenly,?|besides,?|then|soon|now) |[A-Z])(?!it was|it is)"
)
_TIE = re.compile(r"^(?:Additionally|Alternatively|Moreover|Furthermore|In addition|Similarly), (?=[a-z])")
_INNER_TIES = re.compile(
    r", (?:however|therefore|in turn|too|of course|indeed|in fact|moreover|though|for example|for instance),(?= )"
    r"|, too(?=\.$)|(?<!,) (?:also|therefore|thus|likewise|consequently) (?=\w)"
)
_CUT = re.compile(
    r"; |,? (?:because|although|though|whereas) |, (?:but|so|for|yet|while|since) (?!that |as |long |far |example )"
    r"|, (?:and|which|who|where|when|as|if|until|with|including|such as|rather than|resulting|making|\w+ing) "
)
"""Where a sentence can end early: what follows only adds to it."""
_SPEECH = re.compile(r"[,.!?][\"”’]|[\"“”][^\"”]*\b(?:I|you|we|my|your)\b")
_OUTER = re.compile(
    r"\b(?:I|[Ww]e|us|[Mm]e|[Mm]y|[Oo]ur|[Tt]his|[Tt]hese)\b|\b[Tt]hose (?!who|of|that|which)|^That (?:is|was|had)\b"
)
"""Words that point out of a sentence whatever their part of speech: spares parsing it."""
_UNCLEAR = re.compile(
    r"[a-z]\.[A-Z][a-z]|^For (?:on|in|at|he|she|it|they|when|if|the \w+ (?:is|was|were|are|had|has))\b"
    r"|\b[Aa]t (?:the|that|this) time\b(?! of)|\.\.+$|…|^Nearby\b"
    r"|(?:^|[,(;] ?)[Ss]ee (?!that )|^(?:When|Once|If) \w+ed,|^(?:E\.g|I\.e)\.|^No sooner\b|[–—-]\.$"
)
_EXPLETIVE = ("seem", "appear", "rain", "snow", "happen", "take", "turn")
_PRONOUN = re.compile(r"\b(?:he|she|it|they|his|her|its|their)\b", re.IGNORECASE)
_JOINT = re.compile(r"; (?:and |but )?|, (?:and|but) ")
"""Where a second main clause may start."""
_CLAUSE_FIRST = re.compile(r"(?:As|When|While|If|Although|Though|Because|After|Before|Since|Until|Once|Whenever) ")
MAX_ANTECEDENT = 6
MAX_BACK = 4
"""Sentences that may lie between a noun and a pronoun that means it."""
MIN_WORDS = 4


def freed(text: str) -> str:
    """The same statement without what ties it to others: "Therefore, ...", "..., but it was lost"; else ""."""
    plain = _untied(text)
    if stands_alone(plain):
        return plain if plain != text else ""
    return next(_shortened(plain), "")


def _untied(text: str) -> str:
    plain = _INNER_TIES.sub(_blank, text)
    for _round in range(3):
        plain = capital(_TIE.sub("", _TIES.sub("", plain)))
    return plain


def _blank(tie: re.Match[str]) -> str:
    return " " if tie.group().startswith(" ") else ""


def _joins_verbs(text: str, start: int) -> bool:
    """Whether "and" at a place joins two verbs, not the last two things of a list."""
    parse, place = parsed(text), 0
    for word in parse.words:
        place = text.find(word.text, place)
        if place > start and word.text == "and":
            return parse[word.head].tag.startswith("VB")
        place += len(word.text)
    return False


def _shortened(text: str) -> Iterator[str]:
    """The sentence up to each place where it could end, the longest first."""
    for cut in reversed(list(_CUT.finditer(text))):
        short = re.sub(r"[,;]?(?: and| but)?$", "", text[: cut.start()]) + "."
        if (_CLAUSE_FIRST.match(short) and "," not in short) or text[cut.start() :].startswith(", as well as "):
            continue
        if cut.group().startswith(", and ") and not _joins_verbs(text, cut.start()):
            continue
        if cut.group().endswith("ing ") and re.search(r", (?:and|or) [^,]*$", short):
            continue  # ", and the old fairy, taking her hand, said" has its verb behind the cut
        if len(short.split()) > MIN_WORDS and stands_alone(short) and _main(parsed(short)) is not None:
            yield short
    for piece in _JOINT.split(text.rstrip("."))[1:]:
        alone = capital(piece) + "."
        clause = _main(parsed(alone)) if len(piece.split()) >= MIN_WORDS and stands_alone(alone) else None
        if clause is not None and clause.head.tag in NOUNS and clause.subject[0] == 0:
            yield alone


def stands_alone(text: str) -> bool:
    """Whether a sentence can be understood without the ones before it."""
    words = re.findall(r"\w+", text)
    if not balanced(text) or len(words) < 4 or not text.endswith(".") or not (text[0].isupper() or text[0].isdigit()):
        return False
    if words[0].lower() in CONNECTIVES or _SPEECH.search(text) or _UNCLEAR.search(text):
        return False
    if _OUTER.search(text):
        return False
    parse = parsed(text)
    pointing = any(_points(parse, word) for word in parse.words)
    return not pointing and not dangles(parse) and _pronouns_are_certain(parse)


def _points(parse: Parse, word: Word) -> bool:
    """Whether a word points out of the sentence."""
    low = word.text.lower()
    if low in ("i", "we", "us", "my", "our"):
        return word.tag in ("PRP", "PRP$")
    if low in OUTSIDE:
        return low != "following" or word.tag != "VBG" or word.dep == "amod"
    if low in ("this", "that", "these", "those"):
        following = parse[word.at + 1].text.lower() if word.at + 1 < len(parse.words) else ""
        return word.tag in ("DT", "PDT") and not (word.dep != "det" and following in ("of", "who", "which", "that"))
    if low in ("other", "others", "same", "such", "latter", "former"):
        before = parse[word.at - 1].text.lower() if word.at else ""
        return word.at < 4 or before in ("the", "each") or (low == "such" and word.tag == "PDT")
    if low in ("another", "there", "both", "each", "either", "neither", "one", "ones"):
        return (word.at < 3 and word.dep not in ("expl", "nummod", "det", "preconj")) or (
            low == "another" and word.at < 4
        )
    return False


def _pronouns_are_certain(parse: Parse) -> bool:
    """Whether every pronoun means the subject of the main clause."""
    found = pronouns(parse, range(len(parse.words)))
    if not found:
        return True
    first = _main(parse)
    if first is None:
        return False
    others = [word for word in found if not owned_nearby(parse, word)]
    early = [word for word in others if word.at <= first.subject[-1]]
    if any(word.at in first.subject for word in early):
        return False  # "Its first note was sweet"
    return all(word.tag == "PRP$" for word in early) and resolved_inside(first, [word.at for word in others])


def _main(parse: Parse) -> Clause | None:
    return next((clause for clause in clauses(parse) if clause.verb.dep == "ROOT"), None)


def resolved(text: str, before: str) -> str:
    """The sentence with the noun that its subject pronoun means, the subject of the one before; "" where unsure."""
    return in_context(text, [before])


def in_context(text: str, before: Sequence[str]) -> str:
    """The sentence with the noun that its subject pronoun means; "" where that is not certain.

    Args:
        before: the sentences before it in the same paragraph.
    """
    if not _PRONOUN.search(text):
        return ""
    for plain in dict.fromkeys((_untied(text), text)):
        parse = parsed(plain)
        pronoun = _leading_pronoun(parse)
        name = _looked_up(before, pronoun) if pronoun else ""
        if pronoun is None or not name or _is_expletive(parse, pronoun):
            continue
        whole = _replaced(parse, pronoun, name)
        alone = next((one for one in (whole, freed(whole)) if one and stands_alone(one)), "")
        if alone:
            return alone
    return ""


def _replaced(parse: Parse, pronoun: Word, name: str) -> str:
    if pronoun.tag == "PRP$":
        name += "'" if name.endswith("s") else "'s"
    words = [word.text + (" " if word.space else "") for word in parse.words]
    words[pronoun.at] = (name if pronoun.at else capital(name)) + (" " if pronoun.space else "")
    return "".join(words)


def _looked_up(before: Sequence[str], pronoun: Word) -> str:
    """The noun that a pronoun means: back through sentences that have the same pronoun as subject."""
    for text in reversed(before[-MAX_BACK:]):
        parse = parsed(_untied(text))
        stands_for = {PARADIGM.get(word.text.lower()) for word in pronouns(parse, range(len(parse.words)))}
        name = "" if PARADIGM.get(pronoun.text.lower()) in stands_for else _antecedent(parse, pronoun)
        if name:
            return name
        earlier = _leading_pronoun(parse)
        same = earlier is not None and PARADIGM.get(earlier.text.lower()) == PARADIGM.get(pronoun.text.lower())
        if _has_rival(parse, pronoun) or (earlier is not None and not same):
            return ""
    return ""


def _has_rival(parse: Parse, pronoun: Word) -> bool:
    subjects = [word for word in parse.words if word.tag in NOUNS and word.dep not in ("compound", "attr", "npadvmod")]
    return any(may_mean(pronoun.text, group(parse, core(parse, word.at), word)) for word in subjects)


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
