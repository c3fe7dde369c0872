"""What both grammars hand over: questions with literal answers, and other word orders."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that a sentence answers.

    Attributes:
        word: the question word or phrase, capitalised: "Seit wann", "What".
        direct: the rest of a direct question, without the mark: "verwendet der Kernel udev".
        indirect: the rest of an indirect question, the finite verb last in German: "der Kernel udev verwendet"; empty
            where the order is not certain.
        answer: words of the sentence, standing alone as an answer.
        anchored: whether the question names something that no other document is likely to mean; "What did the king
            see?" does not, and is asked with the document's name.
        keywords: what people type into a search box for it, where a grammar can tell; empty for none.
    """

    word: str
    direct: str
    indirect: str
    answer: str
    anchored: bool = True
    keywords: str = ""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What one sentence gives.

    Attributes:
        asked: questions, the best first.
        orders: the same statement in other word orders.
        gaps: words that a gap may replace, the best first.
        topic, meaning: "X is a Y" as X and "a Y"; both empty for other sentences.
        themes: two things that the sentence speaks about, where a grammar can tell.
    """

    asked: tuple[Asked, ...] = ()
    orders: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    topic: str = ""
    meaning: str = ""
    themes: tuple[str, ...] = ()


def word_set(*lines: str) -> frozenset[str]:
    """The words of some lines, as the word lists of the grammars are written."""
    return frozenset(" ".join(lines).split())
