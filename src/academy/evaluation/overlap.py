"""How much of a text another one repeats: ROUGE, BLEU and chrF. The best of the accepted answers counts, as elsewhere.

ROUGE is our own, because rouge_score cuts German words at every umlaut; on ASCII both agree. BLEU and chrF are
sacreBLEU's (Post 2018).
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

_WORD = re.compile(r"[^\W_]+")


def rouge_words(text: str) -> list[str]:
    """Lower case letters and digits of any script, whole: "Straßenbahn-Übung" is two words."""
    return _WORD.findall(unicodedata.normalize("NFC", text).casefold())


def rouge_n(answer: str, accepted: Sequence[str], n: int) -> float:
    """ROUGE-N (Lin 2004): harmonic mean of precision and recall over word n-grams; 0 for texts shorter than n words."""
    given = _grams(rouge_words(answer), n)
    return max((_f1(given, _grams(rouge_words(reference), n)) for reference in accepted), default=0.0)


def rouge_l(answer: str, accepted: Sequence[str]) -> float:
    """ROUGE-L (Lin 2004): the same over the longest common subsequence of words."""
    return max((_lcs_f1(rouge_words(answer), rouge_words(reference)) for reference in accepted), default=0.0)


def _grams(words: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[start : start + n]) for start in range(len(words) - n + 1))


def _f1(given: Counter[tuple[str, ...]], expected: Counter[tuple[str, ...]]) -> float:
    total = given.total() + expected.total()
    return 2 * (given & expected).total() / total if total else 0.0


def _lcs_f1(given: Sequence[str], expected: Sequence[str]) -> float:
    row = [0] * (len(expected) + 1)
    for word in given:
        diagonal = 0
        for place, other in enumerate(expected, start=1):
            above = row[place]
            row[place] = diagonal + 1 if word == other else max(above, row[place - 1])
            diagonal = above
    total = len(given) + len(expected)
    return 2 * row[-1] / total if total else 0.0


def chrf(answer: str, accepted: Sequence[str]) -> float:
    """chrF2 of one answer (Popović 2015), between 0 and 1, as sacreBLEU's ``sentence_chrf``."""
    return float(_chrf().sentence_score(answer, list(accepted)).score) / 100


def bleu_counts(answer: str, accepted: Sequence[str]) -> tuple[int, ...]:
    """What BLEU adds up over questions: matching 1- to 4-grams, given ones, words given, words of the reference."""
    found = _bleu().sentence_score(answer, list(accepted))
    return (*found.counts, *found.totals, found.sys_len, found.ref_len)


def bleu(counts: Sequence[float]) -> float:
    """BLEU of added-up counts, between 0 and 1, as sacreBLEU's ``BLEU(effective_order=True)``.

    With the effective order, answers that are all shorter than four words are compared by their shorter n-grams
    instead of getting 0.
    """
    whole = [int(count) for count in counts]
    found = _bleu().compute_bleu(
        whole[:4], whole[4:8], whole[8], whole[9], smooth_method="exp", effective_order=True, max_ngram_order=4
    )
    return float(found.score) / 100


@cache
def _chrf() -> Any:
    from sacrebleu.metrics.chrf import CHRF

    return CHRF()


@cache
def _bleu() -> Any:
    from sacrebleu.metrics.bleu import BLEU

    return BLEU(effective_order=True)
