"""Whether a prompt makes a right answer of what looks like a placeholder: "Who wrote Beowulf?" / "Unknown"."""

from __future__ import annotations

import re
from typing import Literal

from assay.rules.fillers import Kind

Wanted = Literal["yes", "perhaps", "no"]

# A text to be made or a reason to be given, which is never a mark, an empty list or one such word.
PROSE = re.compile(
    r"\b(?:explain|describe|discuss|outline|summari[sz]e|elaborate|tell (?:me|us)|compare|recommend|suggest"
    r"|brainstorm|convince|evaluate|why|erklär\w*|beschreib\w*|expli\w+|descri\w+|décri\w+|spiega\w*)\b"
    r"|\b(?:write|compose|create|generate|construct|draft|design|plan|make|develop|produce|build|provide|list|name)"
    r"\s+(?:me\s+|us\s+)?(?:some\b|several\b|an?\s+(?!list\b|json|array)\w|\d|two\b|three\b|four\b|five\b|six\b|ten\b)"
    r"|\bgive\s+(?:me|us)\s+(?:some|tips|advice|ideas|an? (?!list|json|array)|\d|two|three|four|five|six|ten)\b",
    re.IGNORECASE,
)
# The prompt shows or speaks of code, of folders or of figures that cannot be divided.
CODE = re.compile(
    r"\w\((?!s\)|[a-z]+\))|\w\[\w*[\]:]|[\])]\s?[\[(]|[^\W_]_[^\W\d_]|\w::\w|=>|==|`"
    r"|\bin (?:C|R|Go|Lua|Rust|Perl|Ruby|PHP|Haskell|Swift|Kotlin|Scala|Julia|JS|C#|F#)(?![\w-])"
    r"|\b(?:typeof|dict|tuple|float|boolean|pointer|array|object|glob|path|null|empty)s?\b",
)
# ... in a language of machines or a system of files, by name.
TECHNICAL = re.compile(
    r"\b(?:python|java|javascript|typescript|c\+\+|c#|sql|html|css|xml|json|yaml|latex|markdown|excel|git|regex|bash|shell"
    r"|terminal|linux|unix|windows|directory|folder|ordner|verzeichnis|dossier|carpeta|syntax|programm\w*|cod(?:e|ers?|ing)"
    r"|variables?|api|attributes?)\b",
    re.IGNORECASE,
)
MATHS = re.compile(
    r"\d\s?[/*^+–-]\s?\d|\b(?:tan|log|ln|cot|sec|arc\w+|slope|limits?|logarithm|tangent|square root|factorial"
    r"|divi\w+|zero|quotient|reciprocal|arithmetic|infinity|steigung|tangens|gradient)\b|defin|°|∞|√",
    re.IGNORECASE,
)
GERMAN_ZERO = re.compile(
    r"\b(?:minus|plus|geteilt|ergibt|ergeben|wie ?viele?|zahl|ziffer|zähler|grad|stand|summe|differenz|rest|mal)\b",
    re.I,
)
SYMBOL_ASKED = re.compile(
    r"symbol|signs?\b|operator|operation|character|punctuat|marks?\b|hyphen|dash|minus|dots?\b|ellips|separator"
    r"|delimiter|morse|emoji|emotic|smiley|\bstars?\b|asterisk"
    r"|key\b|regex|wildcard|notation|___|\bblank|[\d)]\s*[?_]\s*[\d(]|chess|(?:start|begin|end|open|close)s? with\b"
    r"|comments? (?:out|a line|one line)",
    re.IGNORECASE,
)
# Drawn with marks, or told by them: "Draw a line", "Mask the pin", "Stay silent".
DRAWN = re.compile(
    r"\b(?:draw|sketch|pad(?:ded)?|mask|censor|redact|anonymi\w+|underline|separate|divider?|silen\w+|speechless|wordless"
    r"|say nothing|say it|no words?|without (?:a )?words?|zeichne|schweig\w*|dessine\w*|dibuja)\b",
    re.IGNORECASE,
)
# What is answered by a list or an object, which may have nothing in it: said of the answer, and of the task.
LISTED = re.compile(
    r"\blists?\b|-list|\barrays?\b|json|yaml|entit|\btags?\b|hashtag|\bslots?\b|keywords|extra[ckhiy]|liste|lista\b|lijst",
    re.IGNORECASE,
)
DATA = re.compile(
    r"\bintents?\b|keyword|label|\bfind\b|\ball\b|identify|detect|mention|\bany\b|argument|parameter|return|result|record"
    r"|match|quer|\bset\b|[(:]\s?\S",
    re.IGNORECASE,
)
EMPTY = re.compile(
    r"\bempty\b|\bleere?[rsnm]?\b|\bvide\b|\bvac[íi][oa]s?\b|\bvuot[oaie]\b|\bleeg\b|\bvazi[oa]\b", re.IGNORECASE
)
NONE_ASKED = re.compile(
    r"how (?:many|much)|\bany\b|\bif (?:there|no|not|none|it)|\bprint(?:s|ed)?\b|\bvalue"
    r"|\breturn(?:s|ed)?\b(?! (?:polic|label|form|ticket|trip|fee|period))|\bkeyword|\bdata ?type|\bliteral|missing"
    r"|\boutput of\b|what (?:is|are) the (?:result|output)|otherwise|\boptions?\b|\bnone\b|\bnull\b|\bn/a\b"
    r"|\bwhat (?:do|does|did|will|would)\b[^?\n]{1,60}\b(?:give|yield|evaluate to|show|become)\b",
    re.IGNORECASE,
)
WORD_ASKED = re.compile(
    r"\b(?:words?|synonym|antonym|term|rhyme|noun|verb|translat\w*|name|called|spell|anagram|unscramble|say|complete"
    r"|fill|blank|what is the \w+ for"
    r"|categor\w+|classif\w+|wort|begriff)\b|_{2,}",
    re.IGNORECASE,
)
# "TODO", "TBD": what some prompts ask for, and what stands where nothing was written yet after all others.
NAME_ASKED = re.compile(
    r"\b(?:which|what)\b[^.?!]{0,60}\b(?:comments?|marks?|markers?|tags?|keywords?|words?|labels?|letters?|codes?|prefix|says?"
    r"|writes?|prints?|means?|stands?)\b",
    re.IGNORECASE,
)
SHORTENED = re.compile(
    r"\babbrev\w+|\bacronym|\binitials|\bshort(?:hand|ened| form| for)\b|\bstands? for\b|\bmean\b|\bletters\b"
    r"|abkürz|abrév|abrev",
    re.IGNORECASE,
)
# ... because something is open, unknown or left out: "What do forms say where a question does not apply?"
NOT_YET = re.compile(r"\b(?:not|no|yet|still|later|undone|unfinished|open|to be)\b|n['’]t\b", re.IGNORECASE)
CODE_ASKED = re.compile(
    r"\b(?:codes?|iso|letters?|initials|abbrev\w+|domain|element|symbol|sigla|kürzel)\b", re.IGNORECASE
)
LATIN_ASKED = re.compile(
    r"lorem|ipsum|placeholder|dummy|filler|sample (?:page|latin|text)|typeset|typograph|\bprinters?\b", re.I
)
ROMAN = re.compile(
    r"\broman|römisch|romain|numeral|\bnumber\b|thirt|\b[23]0\b|kiss|kuss|küss|beso|bisou", re.IGNORECASE
)
SPANISH = re.compile(
    r"[¿¡]|\b(?:españ|spanish|castell|portug|brasil|qué|cuánt|cómo|quanto|você)\w*|\bo que\b", re.IGNORECASE
)
# Words for "there is none", which many a question has for its answer, but none that asks how, why, where or when.
OPEN_ASKED = re.compile(
    r"(?:\A|[.!?,:]\s+)(?:and |but |please )?(?:how(?! many| much)|why|where|when)\b", re.IGNORECASE
)
NONE_POSSIBLE = re.compile(
    r"\b(?:extract|find|list|identify|detect|which|name|select|choose|classify|categori[sz]e|label|tag|who|match"
    r"|count|check)\b",
    re.IGNORECASE,
)
# Of the asker or the one asked: what is unknown then is known to somebody, and "none" is no fact of the world.
PERSONAL = re.compile(r"\b(?:I|I['’]\w+|[Mm]y|[Mm]e|[Ww]e|[Oo]ur|us|[Yy]ou|[Yy]our|should|ich|mein\w*|je|mon|ma)\b")
# What happened or who did it may be known to nobody.
FACT = re.compile(
    r"\b(?:was|were|did|had|who|whose|whom|wrote|which year|what year|century|gives no"
    r"|not (?:say|given)|(?:who|what|which \w+) \w+ed|wer|wessen"
    r"|wann|qui|quién|chi)\b",
    re.IGNORECASE,
)
WHICH_ASKED = re.compile(
    r"(?:\A|[.!?,:]\s+)(?:which|in which|are there|is there|does|do|did|has|have|what \w+(?: \w+)? (?:do|does|did))\b",
    re.IGNORECASE,
)


def wanted(kind: Kind, answer: str, prompt: str, system: str = "") -> Wanted:
    """Whether a prompt asks for an answer of a kind of placeholder, or leaves it open.

    wanted("none", "Unknown", "When was Homer born?") -> "yes"; ("none", "N/A", "How do I pay?") -> "no"
    """
    bare = answer.strip().strip(".").strip()
    if _named(bare, prompt) or (system and _named(bare, system)):
        return "yes"
    if kind == "latin":
        return "yes" if LATIN_ASKED.search(prompt) else "no"
    if kind == "marks":
        return _marks(bare, prompt)
    if kind == "empty":
        return _empty(prompt, system)
    if kind == "later":
        return _later(bare, prompt)
    if kind == "perhaps":
        return "yes" if NONE_ASKED.search(prompt) or WORD_ASKED.search(prompt) else "perhaps"
    if kind == "word" and (PROSE.search(prompt) or _coded(prompt)):
        return "no" if PROSE.search(prompt) else "yes"
    return "no" if kind == "slot" else _none(bare, prompt)


def _named(bare: str, prompt: str) -> bool:
    """Whether the prompt says the very answer, as in "or reply N/A"; marks are said in quotes: "else write '-'"."""
    if any(map(str.isalnum, bare)):
        return re.search(rf"(?<!\w){re.escape(bare.casefold())}(?!\w)", prompt.casefold()) is not None
    return bare != "" and re.search(rf"[\"'`“‘„«]{re.escape(bare)}[\"'`”’“»]", prompt) is not None


def _coded(prompt: str) -> bool:
    """Whether the prompt asks for a piece of code or a value of it, and not for a text on it."""
    return not PROSE.search(prompt) and (CODE.search(prompt) or TECHNICAL.search(prompt)) is not None


def _marks(answer: str, prompt: str) -> Wanted:
    """Of one mark alone or again and again; "*" and "/" more often mean something than that nothing was written."""
    if SYMBOL_ASKED.search(prompt) or _coded(prompt):
        return "yes"
    if PROSE.search(prompt):
        return "no"
    if DRAWN.search(prompt):
        return "yes"
    return "no" if "?" in prompt and "*" not in answer and "/" not in answer else "perhaps"


def _empty(prompt: str, system: str) -> Wanted:
    """An empty list is a right negative of every extraction; a question that asks for prose has none."""
    if EMPTY.search(prompt) or _coded(prompt) or LISTED.search(system):
        return "yes"
    prose = PROSE.search(prompt) or OPEN_ASKED.search(prompt)
    if prose:
        return "perhaps"
    found = LISTED.search(prompt) or DATA.search(prompt) or NONE_POSSIBLE.search(prompt)
    return "yes" if found or "?" not in prompt else "perhaps"


def _later(bare: str, prompt: str) -> Wanted:
    if set(bare.casefold()) == {"x"}:
        return "yes" if ROMAN.search(prompt) else "no"
    if bare.casefold() == "todo" and bare != "TODO" and SPANISH.search(prompt):
        return "yes"
    if SHORTENED.search(prompt) or (NAME_ASKED.search(prompt) and NOT_YET.search(prompt)):
        return "yes"
    return "perhaps" if NAME_ASKED.search(prompt) else "no"


def _none(bare: str, prompt: str) -> Wanted:
    """Of "N/A", "None", "Unknown", and of words that are placeholders in brackets only."""
    said = bare.casefold()
    if bare == "Na" or NONE_ASKED.search(prompt) or (NAME_ASKED.search(prompt) and NOT_YET.search(prompt)):
        return "yes"
    if said in ("undefined", "nan") and not PROSE.search(prompt) and (MATHS.search(prompt) or _coded(prompt)):
        return "yes"
    if said == "null" and GERMAN_ZERO.search(prompt):
        return "yes"
    if bare in ("NA", "na") and CODE_ASKED.search(prompt):
        return "yes"
    personal = PERSONAL.search(prompt)
    if said == "unknown" and not personal and not PROSE.search(prompt):
        return "yes" if FACT.search(prompt) else "perhaps"
    if said == "none" and not personal and WHICH_ASKED.search(prompt):
        return "yes"
    none = said in ("none", "null", "nil") and not OPEN_ASKED.search(prompt)
    if PROSE.search(prompt):
        return "no"
    return "perhaps" if none or NONE_POSSIBLE.search(prompt) else "no"
