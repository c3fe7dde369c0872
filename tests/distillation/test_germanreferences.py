"""German pronouns: replaced when it is certain what they mean, else the sentence is left alone."""

import pytest

from academy.distillation.german import freed, resolved, stands_alone


@pytest.mark.parametrize(
    ("before", "text", "said"),
    [
        ("Der König baute das Schloss.", "Er lebte in Dresden.", "Der König lebte in Dresden."),
        ("Der König baute das Schloss.", "1955 verkaufte er das Haus.", "1955 verkaufte der König das Haus."),
        ("Die Firmware startet den Kernel.", "Sie prüft den Speicher.", "Die Firmware prüft den Speicher."),
        ("Gagarin lebte in Moskau.", "Seine Mutter starb 1984.", "Gagarins Mutter starb 1984."),
    ],
)
def test_a_pronoun_is_replaced_by_the_subject_before(before: str, text: str, said: str) -> None:
    assert resolved(text, before) == said


@pytest.mark.parametrize(
    ("before", "text"),
    [
        ("Die Firmware startet den Kernel.", "Er lebte in Dresden."),
        ("Der König baute das Schloss.", "Sie lebte in Dresden."),
        ("Der König baute das Schloss.", "Es gibt viele Räume."),
        ("Man baute das Schloss.", "Er lebte in Dresden."),
        ("", "Er lebte in Dresden."),
    ],
)
def test_what_does_not_agree_is_left_alone(before: str, text: str) -> None:
    assert resolved(text, before) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Die Menschen rissen die Häuser ab, weil sie die Häuser hässlich fanden.",
        "Die Mutter hatte ihre Freude an dem schönen Burschen.",
        "Der Kernel sorgt dafür, dass der Speicher frei wird.",
        "Das Verzeichnis enthält den Code, damit der Kernel das Gerät kennt.",
        "Für Kulturdenkmäler gibt es viele Regeln.",
    ],
)
def test_words_that_point_inside_the_sentence_do_no_harm(text: str) -> None:
    assert stands_alone(text)


@pytest.mark.parametrize(
    "text",
    [
        "Nach seiner Meinung verursachte die Maschine den Absturz.",
        "Alban sah ihn mitleidig an.",
        "Alle drei hatten keine Tentakel.",
        "Damals kam der König nach Dresden.",
        "Andere Denkmäler sind für mehrere Menschen da.",
        "Der komprimierte Kernel wird in dieser Phase entpackt.",
        "Der Treiber unterscheidet damit die Partitionen.",
    ],
)
def test_words_that_point_outside_are_noticed(text: str) -> None:
    assert not stands_alone(text)


def test_words_that_only_colour_a_sentence_are_left_out() -> None:
    assert freed("Der Nachteil des Verfahrens ist jedoch der Preis.") == "Der Nachteil des Verfahrens ist der Preis."


@pytest.mark.parametrize(
    "text",
    [
        "Bei Atomstrom laufen die Turbinen halb so schnell.",
        "Das nächste Beispiel zeigt den Code.",
        "Wenn nicht vorhanden, beträgt der Standardwert 100.",
        "In den ersten beiden Fällen nennt man die Dreiklänge terzverwandt.",
        "Frühe Versionen waren ab 1851 in Gebrauch.",
        "Ein Beispiel für solche Inseln sind die Azoren.",
        "Die Benennung richtet sich aber nach dem Ausgangston.",
    ],
)
def test_comparisons_and_pointers_do_not_stand_alone(text: str) -> None:
    assert not stands_alone(text)


def test_a_contrast_behind_a_comma_is_not_smoothed_away() -> None:
    assert freed("Die Leiste hat die Länge des Fensters, muss es jedoch nicht haben.") == ""
