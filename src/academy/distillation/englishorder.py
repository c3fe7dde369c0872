"""The word order of English questions: do-support or an auxiliary in front of the subject."""

import re
from collections.abc import Sequence

from academy.distillation.clauses import Asked
from academy.distillation.englishclauses import Clause, Part, base_form
from academy.distillation.englishparse import Parse, balanced, is_name, joined, said
from academy.distillation.englishwords import MONTHS, STOP

MAX_WORDS = 22


def asked(parse: Parse, word: str, direct: str, indirect: str, answer: str) -> Asked:
    named = sum(is_name(token) and token.text in direct and token.text not in MONTHS for token in parse.words)
    anchored = bool(named or re.search(r"\d", direct))
    return Asked(word, direct, indirect, answer, anchored)


def is_fit(one: Asked) -> bool:
    """Whether a question is short enough, whole, and says enough to be answered."""
    whole = f"{one.word} {one.direct}"
    if re.search(r" [–—-] ", whole):
        return False
    words = whole.split()
    if not one.direct or not one.answer or len(words) > MAX_WORDS or not (balanced(whole) and balanced(one.answer)):
        return False
    content = [word for word in words[1:] if word.lower().strip(",") not in STOP]
    dashed = re.search(r"[–—-]$|^[–—-]|[a-z]\.[A-Z]", f"{one.direct}") or re.search(r"[–—-]$|^[–—-]", one.answer)
    return (
        len(content) >= 2
        and not dashed
        and not re.search(r"[?!;:]|\b(?:it|this|these|those) *$", f"{whole} {one.answer}")
    )


def _front(clause: Clause, gone: Sequence[Part]) -> list[str]:
    return [clause.text(part) for part in clause.parts if part.front and part not in gone]


def behind(clause: Clause, gone: Sequence[Part]) -> str:
    """Everything behind the main verb, particles at their places; what stood in front comes last."""
    pieces = [(part.places[0], clause.text(part)) for part in clause.parts if not part.front and part not in gone]
    pieces += [(place, clause.parse[place].text) for place in clause.group if place > clause.verb.at]
    return joined(*(text for _place, text in sorted(pieces)), *_front(clause, gone))


def turned(clause: Clause, gone: Sequence[Part], more: str = "") -> str:
    """The words of a direct question behind the question word: "did the engineer create the kernel"."""
    subject, finite = said(clause.parse, clause.subject), clause.finite
    before = [place for place in clause.group if place != finite.at and place <= clause.verb.at]
    if finite.at != clause.verb.at or finite.lemma == "be":
        return joined(finite.text.lower(), subject, words_at(clause.parse, before), behind(clause, gone), more)
    base = base_form(finite)
    helper = {"VBZ": "does", "VBD": "did", "VBP": "do"}.get(finite.tag, "")
    if not base or not helper or base == "be":
        return ""
    return joined(helper, subject, words_at(clause.parse, before), base, behind(clause, gone), more)


def straight(clause: Clause, gone: Sequence[Part], more: str = "") -> str:
    """The words of an indirect question: "the engineer created the kernel"."""
    group = [place for place in clause.group if place <= clause.verb.at]
    return joined(said(clause.parse, clause.subject), words_at(clause.parse, group), behind(clause, gone), more)


def words_at(parse: Parse, places: Sequence[int]) -> str:
    return said(parse, places) if places else ""


def ask(clause: Clause, word: str, gone: Sequence[Part], answer: str, more: str = "") -> Asked:
    direct = turned(clause, gone, more)
    return asked(clause.parse, word, direct, straight(clause, gone, more) if direct else "", answer)


def put_in(whole: str, gone: str, middle: str) -> str:
    """A clause with ``middle`` in the place of a part; "" where its place is not certain."""
    return whole.replace(gone, middle, 1) if whole.count(gone) == 1 else ""
