"""Every sentence that a user reads, in the user's language.

``_`` translates now, ``N_`` marks a text that is translated where it is shown. The language comes from
``ACADEMY_LANGUAGE``, else from the locale variables; English stands in the code, other languages in ``locales``.
"""

import gettext
import os
from functools import lru_cache
from pathlib import Path

LANGUAGES = ("en", "de")
_LOCALES = Path(__file__).parent / "locales"


def ui_language() -> str:
    """The language to speak to the user: ``de`` or ``en``."""
    for variable in ("ACADEMY_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        code = os.environ.get(variable, "")[:2].lower()
        if code in LANGUAGES:
            return code
    return "en"


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(language: str) -> gettext.NullTranslations:
    """The sentences of one language; English is the fallback."""
    return gettext.translation("academy", _LOCALES, languages=[language], fallback=True)


def _(text: str, language: str | None = None) -> str:
    """Translate a sentence. Placeholders are filled after translation: ``_("{n} pages").format(n=3)``."""
    return catalogue(language or ui_language()).gettext(text)


def ngettext(singular: str, plural: str, n: int) -> str:
    """Translate a sentence that depends on a number."""
    return catalogue(ui_language()).ngettext(singular, plural, n)


def N_(text: str) -> str:  # noqa: N802 - the name that gettext tools know
    """Mark a text for translation without translating it."""
    return text
