"""Every sentence that a user reads, in the user's language.

``_`` translates now, ``N_`` marks a text that is translated where it is shown. The language comes from
``ACADEMY_LANGUAGE``, else from the locale variables; English stands in the code, other languages in ``locales``.
"""

import gettext
import os
from functools import lru_cache
from pathlib import Path

LANGUAGES = ("en", "de")
GERMAN = 0x07
"""Primary language id of German in Windows."""
_LOCALES = Path(__file__).parent / "locales"


def ui_language() -> str:
    """The language to speak to the user: ``de`` or ``en``."""
    wanted = os.environ.get("ACADEMY_LANGUAGE", "")[:2].lower()
    if wanted in LANGUAGES:
        return wanted
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(variable):
            # The first one that is set decides, as POSIX has it.
            return "de" if os.environ[variable][:2].lower() == "de" else "en"
    return _windows_language()


def _windows_language() -> str:
    """Windows sets none of those variables; its interface language is asked instead."""
    import ctypes

    windows = getattr(ctypes, "windll", None)  # absent on every other system
    if windows is None:
        return "en"
    return "de" if windows.kernel32.GetUserDefaultUILanguage() & 0x3FF == GERMAN else "en"


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
