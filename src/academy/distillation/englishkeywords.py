"""What people type into a search box for an English question: nouns, names, numbers and the verb, in order."""

import re
from dataclasses import replace

from academy.distillation.clauses import Asked
from academy.distillation.englishclauses import Clause
from academy.distillation.englishparse import NOUNS

LEAST, MOST = 2, 6
_EMPTY_VERBS = ("be", "have", "do", "become", "make", "take", "get")


def with_keywords(clause: Clause, one: Asked) -> Asked:
    """The question with its words for a search box; none without a noun of the subject, or where they are too many."""
    nouns = {word.text.lower() for word in clause.parse.words if word.tag in (*NOUNS, "CD")}
    subject = {clause.parse[place].text.lower() for place in clause.subject if clause.parse[place].tag in NOUNS}
    verb = set() if clause.verb.lemma in _EMPTY_VERBS else {clause.verb.text.lower(), clause.verb.lemma.lower()}
    count = "how many " if one.word.startswith("How many ") else ""
    spoken = re.findall(r"\w[\w.'’-]*", f"{one.word.removeprefix('How many ')} {one.direct}" if count else one.direct)
    parts = {word: {part.lower() for part in re.split(r"['’-]", word) if part} | {word.lower()} for word in spoken}
    kept = [word for word in dict.fromkeys(spoken) if parts[word] & (nouns | verb)]
    named = (one.word != "When" or re.search(r"\d", one.answer)) and any(parts[word] & subject for word in kept)
    least = LEAST + (one.word.startswith("Who") or one.word == "What")
    if clause.negated or not named or not least <= len(kept) <= MOST or re.search(r"[%$€°]", one.direct):
        return one
    return replace(one, keywords=count + " ".join(kept))
