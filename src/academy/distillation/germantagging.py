"""German tokens with the tagger's known slips mended."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from academy.distillation import tagging
from academy.distillation.tagging import Token

FINITE = ("VV(FIN)", "VA(FIN)", "VM(FIN)")
_PREPOSITIONS = ("Über", "Unter", "Während", "Seit", "Ab", "Bis", "Trotz", "Wegen", "Laut", "Dank", "Mittels")
_AFTER_PREPOSITION = ("XY", "NE", "FM", "ART", "NN", "PPOSAT", "PDAT", "PIAT", "ADJ(A)", "CARD")


@lru_cache(maxsize=512)
def tagged(text: str, language: str = "de") -> tuple[Token, ...]:
    """The tokens of one German sentence."""
    tokens = tagging.tagged(text, language)
    return tuple(_mended(tokens, place) for place in range(len(tokens)))


def _mended(tokens: Sequence[Token], place: int) -> Token:
    token, before = tokens[place], tokens[place - 1] if place else None
    after = tokens[place + 1] if place + 1 < len(tokens) else None
    if token.text[0].isupper() and before and token.tag in ("VV(FIN)", "VV(INF)", "VV(PP)"):
        nominal = before.tag in ("ART", "APPR", "APPRART", "ADJ(A)", "PPOSAT")
        return replace(token, tag="NNI") if nominal else token
    if token.text in _PREPOSITIONS and after and not place and after.tag in _AFTER_PREPOSITION and token.tag == "ADV":
        return replace(token, tag="APPR")
    if token.text.endswith("-") and len(token.text) > 1:
        return replace(token, tag="TRUNC")
    if token.tag in ("ADJ(D)", "ADV", "VV(FIN)", "VV(PP)", "VV(INF)") and any(
        mark in token.text for mark in "/_0123456789(.@"
    ):
        return replace(token, tag="XY")
    named = token.tag in ("ADJ(D)", "FM") and before and before.tag == "NN" and after and after.tag in FINITE
    return (
        replace(token, tag="XY")
        if named and token.text.islower() and not any(t.tag in FINITE for t in tokens[:place])
        else token
    )
