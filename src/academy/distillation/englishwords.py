"""English words that the grammar needs to know one by one."""

import re

from academy.distillation.clauses import word_set

PLURAL_PRONOUNS = ("they", "these", "those", "we", "you", "both", "many", "few", "several")
ANAPHORS = word_set(
    "he she it they him them his hers its their theirs himself herself itself themselves this these those that",
    "such both former latter here there another other others one ones each either neither same",
)
"""Words that point at something said before."""
OWN = {
    "his": "m",
    "her": "f",
    "its": "n",
    "their": "p",
    "himself": "m",
    "herself": "f",
    "itself": "n",
    "themselves": "p",
}
"""Possessives and reflexives that may mean the subject of their own clause."""
OUTSIDE = word_set(
    "above below following aforementioned respectively i we us our ours my me mine today yesterday tomorrow now",
    "nowadays ago here hereby thereby latter former foregoing currently recently tonight thee thou thy ye shall",
)
"""Words that only the place or the time of writing explains."""
CONNECTIVES = word_set(
    "and but or so then thus therefore hence however moreover furthermore also besides nevertheless nonetheless",
    "instead otherwise later afterwards meanwhile finally eventually first second third next still yet what who",
    "why how where which is are do does did can could will would has have had now again perhaps nor likewise",
    "similarly conversely soon maybe let please oh ah yes no alas indeed well good come another others",
    "additionally alternatively",
)
"""A sentence that starts so leans on the one before it, or is a question or an exclamation."""
PERSONS = word_set(
    "man woman child boy girl king queen prince princess emperor empress duke pope bishop monk giant giantess",
    "witch wizard farmer hunter soldier knight mother father son daughter brother sister stepmother husband wife",
    "uncle aunt teacher student author composer musician singer engineer scientist chemist physicist president",
    "minister person historian poet painter architect user developer programmer player coach quarterback captain",
    "general lord lady maiden fairy dwarf troll ogre robber thief merchant servant maid smith miller tailor",
    "shepherd fisherman sailor page nurse god goddess hero heroine youth stranger guest neighbour neighbor friend",
    "lover bride bridegroom widow widower orphan beggar judge lawyer doctor physician professor philosopher",
    "theologian mathematician explorer inventor researcher astronaut commander officer governor mayor senator",
    "member leader founder director manager owner citizen inhabitant resident scholar artist designer writer",
    "editor critic actor actress dancer cook master mistress peasant warrior ambassador courtier councillor baron",
    "count countess lad lass fellow grandfather grandmother grandson granddaughter nephew niece cousin twin baby",
    "infant settler immigrant worker employee customer buyer seller reader listener administrator maintainer",
    "operator technician geologist biologist economist politician suitor tenant pilgrim bandit outlaw prisoner",
    "victim patient nun priest rabbi colonist rebel pirate minstrel magician sorcerer enchanter sultan caliph",
    "vizier mercenary spirit angel devil mermaid",
)
ANIMALS = word_set(
    "wolf fox bear lion dog cat bird mouse rat horse cow ox goat sheep pig donkey ass frog snake dragon swan",
    "raven eagle hen cock cockerel goose duck sparrow hare rabbit hedgehog deer stag elephant monkey tiger fish",
    "whale ant bee spider crow owl dove pigeon nightingale bull calf lamb kid colt mare pony crocodile tortoise",
    "turtle crab animal beast monster",
)
"""Nouns that "he", "she" and "it" may mean."""
MALE = word_set(
    "man boy king prince emperor duke pope bishop monk giant wizard father son brother husband uncle lord god",
    "hero actor widower bridegroom lad grandfather grandson nephew baron count sultan",
)
FEMALE = word_set(
    "woman girl queen princess empress witch mother daughter sister stepmother wife aunt lady maiden goddess",
    "heroine widow bride lass grandmother granddaughter niece countess giantess actress fairy mermaid maid nurse",
)
PEOPLE = word_set(
    "companies mercenaries people men women children folk parents settlers protesters police nobility crew team",
    "congress",
)
"""Nouns for several persons."""
PERSONAL_VERBS = word_set(
    "say ask tell answer reply think believe marry invent write compose argue decide wish hope laugh weep cry",
    "sing promise propose suggest discover coin paint win play teach live die study describe report bear",
)
PLACES = word_set(
    "heavens roof yard pad city town village country kingdom castle palace forest wood garden house hut home",
    "church temple school university street road river sea ocean lake island mountain hill valley field farm room",
    "kitchen hall cave tower bridge region state province district county area park museum library hospital",
    "station port harbor harbour coast desert plain north south east west northwest northeast southwest southeast",
    "center centre world continent capital court market shop inn ship boat tree well window menu toolbar dialog",
    "editor panel page tab mixer list ruler bottom top side corner screen folder directory file header session",
    "clipboard basement cellar chamber meadow path wall gate door shore beach bank sky heaven hell prison dungeon",
    "stable barn nest table bed neighborhood suburb campus stadium building factory laboratory theatre theater",
    "cathedral monastery border bay gulf basin canyon peninsula headquarters",
)
"""Nouns behind "in", "at" or "on" that make a place."""
PLACE_PREPOSITIONS = word_set(
    "in on at near inside under above behind beside between across along outside within throughout around beneath",
    "below",
)
WAYS = ("into", "onto", "to", "toward", "towards", "through", "over")
MOTION = word_set(
    "wander hasten hurry creep climb gallop jump leap descend go come move travel run walk return ride fly flee",
    "emigrate sail march swim migrate escape retreat bring carry send take lead drive",
)
FEELINGS = word_set(
    "sad happy angry afraid glad lonely jealous frightened sorry surprised astonished delighted proud ashamed",
    "anxious terrified amazed unhappy worried pleased curious grieved furious joyful miserable tired hungry",
    "thirsty overjoyed scared grateful relieved disappointed weary cross content wretched",
)
REPORTING = word_set(
    "say believe think claim argue state suggest report propose show find hope fear know declare",
)
WILL = word_set(
    "want try decide plan promise refuse agree attempt hope intend wish long manage fail help offer learn",
)
NAMING = word_set("call name title dub nickname term entitle rename")
IDIOMS = word_set(
    "step seat leave heart pity place part birth care advantage sense way rise turn hold root form shape effect",
    "use note lot deal fact progress attempt effort difference impression contribution appearance mistake",
)
"""Objects that make one meaning with their verb: "take place", "play a part"."""
STRANDED = word_set("of to for from with on as about into in against at through towards")
"""Prepositions that can stand at the end of a question."""
MEASURES = {
    "high": "How high",
    "tall": "How tall",
    "long": "How long",
    "wide": "How wide",
    "deep": "How deep",
    "old": "How old",
}
MONTHS = word_set(
    "January February March April May June July August September October November December",
)
_MONTH = "(?:" + "|".join(sorted(MONTHS)) + ")"
_YEAR = r"(?:1\d|20)\d\d"
_TIME = re.compile(
    rf"(?:(?:in|on|at|by|since|until|till|before|after|during|around|about|from|between|circa) )?"
    rf"(?:the )?(?:(?:early|mid|late|end of|beginning of|middle of|start of|summer of|spring of|winter of|autumn of"
    rf"|fall of|year|years|night of|morning of|month of)[ -](?:the )?)*"
    rf"(?:{_MONTH}(?: \d\d?)?(?:,? {_YEAR})?|\d\d? {_MONTH}(?: {_YEAR})?|{_YEAR}s?|\d+(?:st|nd|rd|th) centur(?:y|ies)"
    rf"|\d{{2,4}} (?:BC|AD|BCE|CE)|AD \d+)(?: (?:BC|AD|BCE|CE))?"
    rf"(?:(?: and | to | until |[–-])(?:the )?(?:{_MONTH} ?)?"
    rf"(?:\d+(?:st|nd|rd|th) centur(?:y|ies)|[\d ]+|{_YEAR}s?))?,?",
    re.IGNORECASE,
)
_TIME_NOUNS = (
    r"(?:morning|evening|night|midnight|noon|day|days|week|month|year|years|spring|summer|autumn|winter|war|century"
    r"|Middle Ages|Renaissance|reign|childhood|season|World War I{1,2})"
)
_NAMED_TIME = re.compile(
    rf"(?:in|on|at|during|after|before|until|since|by) (?:the )?(?:\w+ ){{0,3}}{_TIME_NOUNS}(?: of [\w ]+)?",
    re.IGNORECASE,
)
_SPAN = re.compile(
    r"(?:for )?(?:(?:about|almost|nearly|over|more than|at least|some|around|only) )?(?:the )?"
    r"(?:[\d.,]+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|many"
    r"|several|a|an|another)(?: (?:hundred|thousand|million|whole|long|full|more))* "
    r"(?:seconds?|minutes?|hours?|days?|nights?|weeks?|months?|years?|decades?|centur(?:y|ies))",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"\b(?:that|this|these|those|last|next|same|recent|past|previous|following|other|first)\b", re.IGNORECASE
)


def is_time(text: str) -> bool:
    """Whether a phrase is a point or period of time that needs no context: "in 1991", "during the 19th century"."""
    return bool(_TIME.fullmatch(text)) and bool(re.search(r"\d|" + _MONTH, text))


def is_named_time(text: str) -> bool:
    """Whether a phrase names a time without a date: "at midnight", "during the war"."""
    return bool(_NAMED_TIME.fullmatch(text)) and not _POINTING.search(text)


def is_span(text: str) -> bool:
    """Whether a phrase tells how long something lasted."""
    return bool(_SPAN.fullmatch(text))


STOP = word_set(
    "a an the is are was were be been being do does did has have had can could will would may might must should",
    "shall of in on at by for to from with as into and or that which who whom what when where why how it its his",
    "her their he she they this these there than then so even more up down out off away back not you your",
)
"""Words that people leave out when they type into a search box."""
