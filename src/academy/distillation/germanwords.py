"""German words that the grammar needs to know one by one."""

from academy.distillation.clauses import word_set

BACKWARD = word_set(
    "dortige dortigen dortiger dort dorthin dorther hier hierher dann danach davor zuvor vorher vorhin hierauf nun",
    "jetzt",
    "damals inzwischen mittlerweile obige obigen oberen vorherige vorherigen vorherigem vorigen voriger derselbe",
    "dieselbe dasselbe denselben derselben demselben letztere letzterer letzteres letzteren erstere ersterer ersteres",
    "folgende folgenden folgender folgendes folgendem genannte genannten erwähnte erwähnten besagte besagten solcher",
    "solches solchem wir ich uns mich mir du dich dir euch mein meine meinem meinen meiner dein deine deinem deinen",
    "unser unsere unserem unseren unserer sonst ebenda jener jene jenes jenem jenen ebenso letzten sowas",
    "solche solchen nachfolgende nachfolgenden",
)
"""Words that point outside of the sentence wherever they stand."""
CORRELATES = word_set(
    "dabei dadurch dafür dagegen daher damit daneben daran darauf daraus darin darüber darum darunter davon dazu",
    "dazwischen dahinter daraufhin hierbei hierdurch hierfür hiermit hierzu hieraus hiervon stattdessen infolgedessen",
)
"""Words that point back unless a clause follows that says what is meant: "dafür, dass ..."."""
CONNECTIVES = word_set(
    "erstens zweitens drittens gestern zuvor vorher umgekehrt möchten betrachtet betrachten",
    "und aber oder denn doch sondern also jedoch allerdings dennoch trotzdem zudem außerdem ausserdem ferner",
    "weiterhin deshalb deswegen daher darum somit folglich dann danach anschließend anschliessend schließlich",
    "schliesslich zunächst zuerst zuletzt dabei dadurch so auch nun jetzt hier dort da damals inzwischen",
    "mittlerweile ebenso gleichzeitig beispielsweise insbesondere nämlich stattdessen andernfalls sonst",
    "ansonsten dagegen hingegen vielmehr leider natürlich vielleicht wieder noch bitte wer was wie wo",
    "wann warum welche welcher welches wieso weshalb ja nein abschließend letztlich erneut später früher bald",
    "darauf tatsächlich offenbar einerseits andererseits möchte soll sollen sollte sollten wird werden ist",
    "sind kann",
)
"""A sentence that starts so leans on the one before it, or is a question or a condition without "wenn"."""
TIES = word_set(
    "deshalb deswegen daher darum somit folglich zudem außerdem ausserdem ferner weiterhin anschließend anschliessend",
    "schließlich schliesslich zunächst zuerst jedoch allerdings insbesondere beispielsweise grundsätzlich",
)
"""Adverbs in front that can be left out when the subject takes their place."""
SUBORDINATORS = {
    "sobald": "Wann",
    "nachdem": "Wann",
    "bevor": "Wann",
    "während": "Wann",
    "wenn": "In welchem Fall",
    "weil": "Warum",
    "da": "Warum",
    "falls": "In welchem Fall",
    "um": "Wozu",
}
"""Conjunction -> question word for the clause that it starts."""
SINGULAR = {
    "sind": "ist",
    "waren": "war",
    "werden": "wird",
    "wurden": "wurde",
    "haben": "hat",
    "hatten": "hatte",
    "können": "kann",
    "konnten": "konnte",
    "müssen": "muss",
    "mussten": "musste",
    "sollen": "soll",
    "sollten": "sollte",
    "dürfen": "darf",
    "durften": "durfte",
    "wollen": "will",
    "wollten": "wollte",
    "mögen": "mag",
    "erhalten": "erhält",
    "enthalten": "enthält",
    "lassen": "lässt",
    "laufen": "läuft",
    "stehen": "steht",
    "gehen": "geht",
    "liegen": "liegt",
    "heißen": "heißt",
    "geben": "gibt",
    "nehmen": "nimmt",
    "entsprechen": "entspricht",
    "beginnen": "beginnt",
    "begannen": "begann",
    "kamen": "kam",
    "standen": "stand",
    "gingen": "ging",
    "lagen": "lag",
    "blieben": "blieb",
    "erhielten": "erhielt",
    "nahmen": "nahm",
    "gaben": "gab",
    "sahen": "sah",
    "fanden": "fand",
    "befinden": "befindet",
    "befanden": "befand",
    "bilden": "bildet",
    "trugen": "trug",
    "zogen": "zog",
    "verloren": "verlor",
    "gewannen": "gewann",
    "hielten": "hielt",
    "ließen": "ließ",
    "liefen": "lief",
    "riefen": "rief",
    "wissen": "weiß",
}
"""Plural -> singular of verbs that do not follow the rule."""
VOWEL_CHANGE = tuple(  # str.endswith takes a tuple
    sorted(
        word_set(
            "geben nehmen sehen lesen sprechen treffen werfen helfen gelten fahren laufen halten lassen fallen tragen",
            "schlagen wachsen fangen raten schlafen stoßen essen messen treten brechen sterben stehlen empfehlen",
            "befehlen werben bergen laden graben waschen braten blasen saufen wissen tun fechten flechten quellen",
            "schmelzen schwellen erlöschen gebären geschehen",
        )
    )
)
"""Strong verbs whose third person singular changes the vowel."""
DATIVE = word_set(
    "entsprechen gehören helfen folgen dienen gleichen ähneln gefallen fehlen drohen gehorchen zustimmen unterliegen",
    "unterstehen begegnen schaden nützen",
)
"""Verbs whose object is a dative: the phrase in front is their subject."""
INTRANSITIVE = word_set(
    "sein stecken liegen stehen existieren leben wohnen befinden sterben entstehen wachsen erscheinen stattfinden",
    "sitzen folgen kommen gehen laufen fallen bestehen werden beginnen enden arbeiten erfolgen geschehen dauern",
)
"""Verbs without an object: the only noun phrase is their subject."""
HUMAN = word_set(
    "sagen sprechen denken glauben wissen fragen antworten rufen lachen weinen heiraten schreiben komponieren erfinden",
    "studieren träumen erzählen lernen lehren malen singen tanzen hoffen fürchten lieben hassen wünschen befehlen",
    "versprechen lesen meinen behaupten vermuten erklären entdecken unterrichten promovieren predigen verheiraten",
    "gebären sterben schwören lächeln schweigen zanken loben hinterbringen reiten",
)
"""Verbs whose subject is a person; "sterben" and "gebären" take animals, too, which "wer" does not hurt."""
HUMAN_PASSIVE = word_set(
    "geboren ernannt befördert verhaftet gewählt getauft beerdigt begraben beigesetzt verheiratet geschieden gekrönt",
    "ausgebildet eingeschult entlassen verurteilt hingerichtet ermordet berufen promoviert verbannt",
)
"""Participles of what is done to people."""
PLACES = word_set(
    "stadt dorf land haus hof berg wald meer see fluss insel straße platz schule kirche schloss burg garten park raum",
    "zimmer küche keller dach hafen bahnhof museum universität krankenhaus gefängnis theater zentrum region gebiet",
    "provinz staat bezirk gemeinde ort stelle nähe hauptstadt norden süden osten westen welt erde mond weltraum all",
    "verzeichnis ordner datei speicher arbeitsspeicher festplatte menü fenster quelltext register tabelle liste",
    "kernel userspace kernelspace usermode kernelmode server rechner computer prozessor dateisystem gebäude halle turm",
    "wüste tal küste ufer heimat ausland europa afrika asien amerika australien deutschland körper gehirn blut wasser",
    "luft boden himmel feld wiese gebirge ozean atlantik pazifik viertel stadtteil altstadt vorort",
)
"""Nouns that "wo" asks for; compounds count, too."""
MEASURED = ("lang", "hoch", "breit", "tief", "groß", "gross", "schwer", "alt", "dick", "weit", "schnell", "stark")
"""Adjectives behind a measure: "80 km lang"."""
AMOUNT = {
    "dauern": "Wie lange",
    "kosten": "Wie viel",
    "wiegen": "Wie viel",
    "betragen": "Wie viel",
    "messen": "Wie viel",
}
"""Verb -> question word for the amount that it takes."""
NO_OBJECT = word_set(
    "sein bleiben heissen heißen werden scheinen gelten gehören gefallen fehlen dienen entsprechen gleichen helfen",
    "folgen gehorchen kosten dauern betragen sprechen wiegen messen",
)
"""Verbs without an accusative object."""
PREPOSITIONAL = {
    ("bezeichnen", "als"): "Als was",
    ("dienen", "als"): "Als was",
    ("gelten", "als"): "Als was",
    ("verwenden", "als"): "Als was",
    ("bestehen", "aus"): "Woraus",
    ("basieren", "auf"): "Worauf",
    ("beruhen", "auf"): "Worauf",
    ("dienen", "zu"): "Wozu",
    ("dienen", "zur"): "Wozu",
    ("dienen", "zum"): "Wozu",
    ("stehen", "für"): "Wofür",
    ("sorgen", "für"): "Wofür",
    ("abhängen", "von"): "Wovon",
    ("handeln", "von"): "Wovon",
    ("liegen", "in"): "Wo",
    ("liegen", "im"): "Wo",
    ("liegen", "auf"): "Wo",
    ("liegen", "an"): "Wo",
    ("befinden", "in"): "Wo",
    ("befinden", "im"): "Wo",
    ("befinden", "auf"): "Wo",
    ("wohnen", "in"): "Wo",
    ("wohnen", "im"): "Wo",
    ("leben", "in"): "Wo",
    ("stammen", "aus"): "Woher",
}
"""(verb, preposition) -> question word, where the pair decides it."""
PERSONS = word_set(
    "mann frau kind junge mädchen könig königin prinz prinzessin kaiser kaiserin herzog graf gräfin papst",
    "bischof mönch riese hexe zauberer müller bauer bäuerin jäger schneider schuster soldat ritter mutter",
    "vater sohn tochter bruder schwester großmutter großvater onkel tante freund freundin lehrer lehrerin",
    "schüler schülerin student studentin autor autorin komponist komponistin musiker musikerin sänger",
    "sängerin entwickler maintainer benutzer anwender programmierer administrator physiker chemiker",
    "mathematiker forscher wissenschaftler erfinder arzt ärztin präsident präsidentin minister kanzler",
    "kanzlerin bürgermeister einwohner bürger mensch menschen leute person personen historiker philosoph",
    "dichter maler architekt ingenieur astronaut kapitän general händler kaufmann diener magd knecht spieler",
    "trainer spielerin torvalds wikinger normannen hugenotten käufer verkäufer kunde kunden nutzer leser",
    "hörer herr dame baby kinder kindern söhne töchter brüder schwestern männer frauen eltern bauern ritter fürst",
    "fürsten pfarrer priester offizier hauptmann feldherr erzbischof missionar reformator schriftsteller",
    "schriftstellerin",
    "philosophin regisseur schauspieler schauspielerin kosmonaut pilot astronom biologe biologin geologe professor",
    "wirt koch schmied bäcker fischer händlerin nachbar nachbarin gast gäste volk römer griechen germanen franzosen",
    "engländer deutschen russen polen fachleute experten leser anführer gründer gründerin besitzer sieger verlierer",
)
"""Nouns that "wer" asks for."""
THING_ENDINGS = (
    "ung",
    "heit",
    "keit",
    "tion",
    "ität",
    "ismus",
    "ment",
    "tur",
    "ik",
    "ie",
    "enz",
    "anz",
    "chen",
    "lein",
)
TEMPORAL_NOUNS = word_set(
    "tag tage tagen tages woche wochen monat monate monaten jahr jahre jahren jahres jahrhundert jahrhunderts",
    "jahrhunderten krieg krieges kriegs kriegen winter sommer frühling herbst morgen abend mittag nacht",
    "mitternacht anfang ende zeit zeiten mittelalter antike gegenwart vergangenheit zukunft weihnachten",
    "ostern montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz april mai juni",
    "juli august september oktober november dezember weltkrieg weltkriegs weltkrieges stunde stunden minute",
    "minuten sekunden tod geburt",
)
TEMPORAL_ENDINGS = ("zeit", "jahr", "jahre", "jahren", "jahrhundert", "krieg", "kriege", "krieges", "monaten")
NO_PLACE = word_set(
    "allgemeinen regel fall fälle fällen normalfall gegensatz vergleich zusammenhang laufe lauf folge grund",
    "sinn sinne praxis theorie prinzip hinblick bezug weise art form hinsicht umgang anschluss rahmen verlauf",
    "einzelnen wesentlichen grunde durchschnitt schritt schritten idealfall beispiel mittelpunkt vordergrund",
    "beginn gegenteil verbindung ergänzung zusammenarbeit anlehnung abhängigkeit kombination reihe kraft",
    "frage deutsch englisch englischen deutschen übrigen besonderen musik",
)
"""Nouns behind "in" or "auf" that make no place."""
