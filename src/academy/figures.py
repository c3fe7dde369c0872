"""Numbers as people write them in their language: 1,234.5 in English, 1.234,5 in German."""

from datetime import datetime

from academy.messages import ui_language

_SWAPPED = str.maketrans(",.", ".,")
_DAYS = {"de": "%d.%m.%Y, %H:%M", "en": "%Y-%m-%d %H:%M"}
_UNITS = ("B", "kB", "MB", "GB", "TB")


def whole(number: int, language: str | None = None) -> str:
    """A count with its thousands apart."""
    return _spoken(f"{number:,}", language)


def decimal(number: float, places: int = 1, language: str | None = None) -> str:
    """A number with so many decimals."""
    return _spoken(f"{number:,.{places}f}", language)


def significant(number: float, language: str | None = None) -> str:
    """Two significant digits: what an estimate deserves."""
    if not number:
        return "0"
    rounded = float(f"{number:.1e}")
    places = max(0, 1 - int(f"{number:e}".partition("e")[2]))
    return decimal(rounded, places, language)


def percent(share: float, language: str | None = None) -> str:
    """A share between 0 and 1 in whole percent."""
    return _spoken(f"{100 * share:.0f} %", language)


def size(count: int, language: str | None = None) -> str:
    """Bytes in the unit that leaves at most three digits."""
    number, unit = float(count), 0
    while number >= 999.5 and unit < len(_UNITS) - 1:
        number, unit = number / 1000, unit + 1
    return f"{decimal(number, 0 if number >= 10 or not unit else 1, language)} {_UNITS[unit]}"


def moment(seconds: float, language: str | None = None) -> str:
    """A time since 1970, in the place where the reader is."""
    return datetime.fromtimestamp(seconds).strftime(_DAYS[language or ui_language()])


def _spoken(english: str, language: str | None) -> str:
    return english.translate(_SWAPPED) if (language or ui_language()) == "de" else english
