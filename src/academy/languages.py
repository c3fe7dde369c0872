"""Which language a text is written in."""

from functools import lru_cache
from typing import Any

SUPPORTED = ("de", "en")
"""The languages that prompts, lessons and answers exist in."""
_ENOUGH = 2000
"""Characters looked at; more do not change the verdict and cost time on whole books."""


def detect(text: str, candidates: tuple[str, ...] = SUPPORTED) -> str:
    """The ISO 639-1 code of the most likely language of ``text`` among ``candidates``; the first one for no text.

    Runs py3langid (BSD, model in the package), about 1 ms for 2,000 characters.
    """
    sample = text[:_ENOUGH]
    if not any(character.isalpha() for character in sample):
        return candidates[0]
    return str(_identifier(candidates).classify(sample)[0])


@lru_cache(maxsize=8)
def _identifier(candidates: tuple[str, ...]) -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=False)
    identifier.set_languages(list(candidates))
    return identifier
