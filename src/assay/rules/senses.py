"""Words that offend in one sense and not in another, and words that a text only tells of."""

from __future__ import annotations

import re

from assay.rules.mentions import reported

# Someone tells what he or another was called: "a colleague called me a ...", "called the steward a ...".
CALLED = re.compile(
    r"\b(?:call(?:s|ed|ing)?|label(?:s|l?ed|l?ing)?|brand(?:s|ed|ing)|nam(?:es|ed|ing))\s+(?:(?:me|him|her|us"
    r"|them|my\s+\w+"
    r"|(?:a|the|another|our|his|her|their)\s+\w+)\s+(?:(?:an?|the|such an?)\s+)?"
    r"|(?!you\b)(?:[\w'’-]+\s+){1,5}(?:an?|such an?)\s+)[\"'“„]?(?:[\w-]+\s+){0,2}$",
    re.IGNORECASE,
)
# Somebody else said that one is such a thing, or told one to do it: "a guest wrote that our cook is a ...".
SAID_TO_BE = re.compile(
    r"(?<!\bi )(?<!\bwe )(?<!\byou )(?<!body )(?<!everyone )\b(?:said|says|wrote|writes|told|tells|shouted"
    r"|yelled|screamed|posted"
    r"|commented|texted|replied|claim(?:s|ed)|complained|insinuat(?:es|ed)|remarked|accus(?:es|ed)"
    r"|describ(?:es|ed)|insult(?:s|ed)"
    r"|referr?(?:s|ed))\b(?:(?!, you\b)[^.!?\n]){0,60}?(?:\b(?:is|are|was|were|am|be|being|as|of|like)"
    r"|['’](?:s|re|m))\s+"
    r"(?:(?:an?|the|such an?|just an?|nothing but an?|all|both|too|so)\s+)?(?:[\w-]+\s+){0,2}$"
    r"|(?<!\bi )(?<!\bwe )\b(?:told|tells|asked)\s+(?:me|him|her|us|them|(?:my|our|his|her|the|a"
    r"|their)\s+\w+)\s+to\s+(?:go\s+)?$",
    re.IGNORECASE,
)
# Whoever wrote something is called that by this text itself: "whoever wrote this is a ...".
OF_THE_WRITER = re.compile(
    r"\b(?:whoever|who|that)\s+(?:\w+\s+){0,2}?\w+\s+(?:this|that|it|these|those|here|(?:this|that|the|these)\s+[\w-]+)"
    r"\s+(?:is|are|was|were|must be|has to be|have to be|should be)\s+(?:[\w-]+\s+){0,4}$",
    re.IGNORECASE,
)
# Said with scorn it is no animal and no dish, whatever the rest of the text is about.
SCORNED = re.compile(
    r"\b(?:you|u|ur|that|these|those|damn\w*|stupid|dumb|ugly|fat|lazy|filthy|dirty|bloody|crazy|nasty"
    r"|worthless|useless"
    r"|pathetic|lying|f\w*cking|freaking|little|such an?|what an?)\s+$",
    re.IGNORECASE,
)
# "Your ..." may be the animal of whoever asks: then its other sense must be sure.
YOURS = re.compile(r"\byour?\s+$", re.IGNORECASE)
# A person is called that: "my boss is a ...".
PERSON = re.compile(
    r"\b(?:s?he|you|i|boss|neighbou?r|wife|husband|manager|teacher|sister|brother|mother|father|ex|landlady|landlord"
    r"|woman|girl|man|nurse|doctor|receptionist|secretary|driver|clerk|colleague|girlfriend|lady|judge|queen|karen)"
    r"(?:\s+is|\s+was|['’]s|\s+can be|\s+being|\s+are|['’]re)\s+(?:(?:\w+ )?an?\s+)?(?:\w+\s+)?$",
    re.IGNORECASE,
)
BREED = re.compile(r"(?<![.!?\n] )(?<!^)\b[A-Z][a-z]{3,}\s+$")  # "a Whippet bitch"


def _sense(word: str, sure: str, perhaps: str = "") -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str] | None]:
    weak = re.compile(rf"\b(?:{perhaps})", re.IGNORECASE) if perhaps else None
    return re.compile(rf"(?:{word})", re.IGNORECASE), re.compile(rf"\b(?:{sure})", re.IGNORECASE), weak


# How a word begins; what stands beside it in its other sense, one of which tells; what tells where two of it stand.
SENSES = (
    _sense(
        "bitch",
        r"pupp(?:y|ies)\b|pups\b|whelp|litters?\b|kennel|breed(?:s|er|ers|ing)?\b|dogs?\b|spay|stud\b|canine|oestr|estrus"
        r"|in season|on heat|in heat|mated\b|mating|phantom|vulva|teats?\b|lactat|fertile|neuter|caesar|vaccin"
        r"|(?:her|its) (?:cycle|paws?|hind|coat|collar)\b|paws?\b|hind legs?|worm(?:ed|ing)\b|(?:micro)?chipped|scanned"
        r"|barks?\b|barking|kilos?\b|bitch(?:es)? (?:of|aged) \w+ (?:weeks|months|years)",
        r"nurs|milk|sire\b|dam\b|vet\b|veterin|operation|surgery|walk|jab\b|leash|lead\b|collar|show\b|class\b|ring\b|feed"
        r"|eats?\b|weigh|limp|fight|bleed|due in\b|younger|older|grown|months?\b|years?\b|injection|box\b|field|trial"
        r"|pregnan|nipples",
    ),
    _sense(
        "faggot", r"meatball|offal|gravy|mushy peas|firewood|kindling|brushwood|bundles? of|embroider|stitch|suet",
        r"peas\b|butcher|liver|minced?\b|dish(?:es)?\b|recipe|cook|bak(?:e|ing)|oven|pork|pudding|cuisine"
        r"|twigs?|sticks?\b|onion",
    ),
    _sense("slag", r"furnace|steel|smelt|weld|cement|concrete|slag heap|\bores?\b|molten|flux\b|metallurg"),
    _sense("tosser", r"caber|pancake|coin toss|salad"),
    _sense("skank", r"reggae|\bska\b|dubstep|offbeat|off-beat"),
    _sense("spic", r"spic (?:and|&|n['’]?) span|spic-and-span"),
    _sense("jackass", r"penguin|donkey|mules?\b"),
    _sense("dick", r"spotted dick|moby[- ]dick|custard|cheney|dick tracy|dick turpin|tom, dick|dick van"),
    _sense(
        "cock", r"rooster|hens?\b|coop\b|poultry|feather|chickens?\b"
        r"|weather ?cock|stop ?cock|ball ?cock|cock-a|crow(?:s|ed|ing)?\b|valve",
        r"farm|pistol|hammer|trigger|bird|pub\b|inn\b|water|tap\b",
    ),
    _sense("tit", r"(?:blue|great|coal|marsh|willow|crested|bearded|long-tailed) tits?\b|bird|nest|fledg"),
    _sense("ass", r"donkey|mules?\b|wild ass|onager|bray|equid|foal|goats?\b|hay\b|oats\b|stable\b|manure"),
    _sense("coon", r"maine coon|raccoon|coonhound"),
    _sense("hoe", r"garden|soil|weed|rake|crop|spade|plough|plow|till(?:age|ing)|seedl|trowel"),
    _sense(
        "prick",
        r"needle|finger|allerg|glucose|lancet|thorn|spindle|skin[- ]prick|fork\b|sausages?\b|pastry|dough|grill",
    ),
    _sense("dyke", r"flood|levee|polder|magma|embankment|sea wall|geolog|\bditch|canal"),
    _sense("chink", r"chinks? of light|chinks? in|armou?r|log cabin"),
    _sense("pussy", r"pussy[- ]?(?:willow|cat)|willow"),
    _sense("retard", r"flame|ignition|timing|spark|throttle|ferment|dough|tardive|corrosion"),
    _sense("homo", r"sapiens|erectus|neandert|habilis|hominin|genus"),
    _sense("kraut", r"sauerkraut|cabbage|ferment|bratwurst"),
    _sense("bastard", r"sword|toadflax|illegitim|heir\b|throne|rasp|bastard file|wedlock"),
)  # fmt: skip


def told_of(text: str, start: int) -> bool:
    """told_of("she called the driver a X", 24) -> True: whether the text tells that someone was called or told it."""
    before = text[max(0, start - 110) : start]
    if OF_THE_WRITER.search(before):
        return False
    return bool(CALLED.search(before) or SAID_TO_BE.search(before)) or reported(text, start, asked=False)


def other_sense(text: str, start: int, row: str) -> bool:
    """Whether a word stands for something that is no insult: an animal, a dish, a tool, by what the `row` speaks of."""
    for word, sure, perhaps in SENSES:
        if word.match(text, start):
            before = text[max(0, start - 40) : start]
            if SCORNED.search(before) or PERSON.search(before):
                return False
            if sure.search(row):
                return True
            hints = (
                {m.group().lower() for m in perhaps.finditer(row)} if perhaps and not YOURS.search(before) else set()
            )
            return len(hints) + bool(BREED.search(before)) >= 2
    return False
