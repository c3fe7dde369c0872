"""Which language a text is written in."""

import pytest

from academy.languages import detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Der Kernel verwendet seit 2003 den Dienst udev.", "de"),
        ("The kernel has used the service udev since 2003.", "en"),
        ("Die Interrupt Descriptor Table (IDT) ist im Kernel mit dem System Call Handler verknüpft.", "de"),
        (
            "kernel: Beinhaltet die Core-Funktionen und das Scheduling.\n\nlinux\narch\nx86\nblock\nnet\nusb",
            "de",
        ),
        ("", "de"),
        ("123 = 456", "de"),
    ],
)
def test_code_and_names_do_not_change_the_language(text: str, language: str) -> None:
    assert detect(text) == language


def test_only_candidates_are_given() -> None:
    assert detect("Bonjour tout le monde, comment allez-vous ?", ("fr", "en")) == "fr"
    assert detect("Der Hund und die Katze sind im Haus.", ("en",)) == "en"
