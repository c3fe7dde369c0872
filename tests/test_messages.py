"""Which language the user is spoken to in, and whether every sentence exists in it."""

import gettext
import re
from pathlib import Path

import pytest

from academy import messages


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"ACADEMY_LANGUAGE": "de", "LC_ALL": "C"}, "de"),
        ({"LC_ALL": "C", "LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "de_AT.UTF-8"}, "de"),
        ({"LC_MESSAGES": "de_CH", "LANG": "en_US"}, "de"),
        ({}, "en"),
    ],
)
def test_the_language_follows_the_locale(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], language: str
) -> None:
    for name in ("ACADEMY_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert messages.ui_language() == language


def test_german_is_spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACADEMY_LANGUAGE", "de")
    assert messages._("List the runs.") != "List the runs."
    one, many = "{n} document can be read", "{n} documents can be read"
    assert messages.ngettext(one, many, 1) == "{n} Dokument ist lesbar"
    assert messages.ngettext(one, many, 2) == "{n} Dokumente sind lesbar"
    assert messages._("a sentence that nobody wrote") == "a sentence that nobody wrote"


def test_german_is_spoken_in_one_voice() -> None:
    """Hints are infinitives ("Die Datei entfernen"), nobody is called du or Sie, and no sentence stands there twice."""
    path = Path(messages.__file__).parent / "locales" / "de" / "LC_MESSAGES" / "academy.mo"
    with path.open("rb") as file:
        spoken = [text for text in vars(gettext.GNUTranslations(file))["_catalog"].values() if len(text) > 30]
    assert len(spoken) > 200
    assert [text for text in spoken if re.search(r"\w(?:en|ie) Sie\b|\b[Dd]eine?[nmrs]?\b|\b[Dd]u\b", text)] == []
    assert [text for text in spoken if text.count(text[:20]) > 1] == []
