"""What a template leaves behind: slots that somebody should have filled in, as in "Dear {{first_name}}"."""

from __future__ import annotations

import re

from assay.rules.personal import PLACEHOLDER

LONGEST = 20_000  # characters of a text that are looked at
BRACKETED = re.compile(
    r"\[(?P<square>[^\[\]\n<>{}|]{3,60})\](?![(\[:])|(?<![\w\\/=@.:-])<(?P<angle>[^<>\n{}=/@|]{4,60})>(?![\w\\/=@.(]\w)"
)
BRACED = re.compile(
    r"(?<![\w}\\^$])\{\{\s?[^\W\d][\w.' -]{2,40}\s?\}\}(?!\{)|(?<![\w$])\$\{[^\W\d]\w{2,40}\}"
    r"|(?<![\w%])%[A-Z]{2,20}(?:_[A-Z]{1,20}){1,4}%(?![\w\\/])"
)
REST = r"[\w'’/,.&: -]{2,50}"
# What a slot tells its reader to do, or whose name or number belongs there.
TOLD = re.compile(
    rf"(?:please )?(?:insert|enter|fill in|type|write|add|put|provide|specify)[ :_-]{REST}|your[ _]{REST}"
    r"|(?:the )?(?:recipient|sender|customer|client|company|employee|manager|user|contact|order|account|phone|invoice"
    r"|hotel|website)(?:['’]s)?[ _](?:full[ _])?(?:name|address|number|no\.?|id|link|url|e-?mail|title)(?: here)?"
    rf"|(?:first|last|full)[ _]name(?: here)?|(?:[\w'’/-]+ ){{1,4}}(?:goes )?here"
    rf"|(?:deine?|ihre?|votre|su|il tuo) {REST}|(?:hier|bitte) {REST}|(?:vor|nach)name"
    r"|(?:[\w'’/-]+ ){1,5}(?:einfügen|eintragen|einsetzen|ergänzen|angeben|eingeben|invoegen|invullen)"
    rf"|(?:insér\w+|saisi\w+|indiquer|insertar|inserte|introducir|indicar|inserir\w*|inserisci|insira) {REST}",
    re.IGNORECASE,
)
# Spoken of, or part of a language in which slots have a meaning.
TECHNICAL = re.compile(
    r"templat|vorlage|modèle|plantilla|placeholder|platzhalter|fill[- ]?in|\bblanks?\b|jinja|handlebars|mustache"
    r"|liquid\b|django|interpolat|\bvariables?\b|\bcod(?:e|ing)\b|script|\bshell\b|\bbash\b|batch|python|\bjava|\bsql\b|regex|html|\bxml"
    r"|json|yaml|\bapi\b|\bfunction|programm|syntax|command|config|docker|terraform|ansible|environment|windows|makefile|latex|markdown"
    r"|\bmerge fields?|serienbrief|mail ?merge",
    re.IGNORECASE,
)
# A text to be made, or made over.
COMPOSED = re.compile(
    r"\b(?:writ(?:e|ing)|compos\w+|draft\w*|creat\w+|generat\w+|design\w*|develop|prepare|craft|make|rewrite|rephrase|paraphrase"
    r"|summari[sz]e|translat\w+|edit|correct|proofread|convert|complete|example|sample|schreib\w*|verfass\w*|erstell\w*|formulier\w*"
    r"|entwurf|give (?:me |us )?advice|respond|reply to|pretend|imagine|act as|role-?play"
    r"|übersetz\w*|rédige\w*|écri\w*|escrib\w*|redact\w*|tradu\w*|scriv\w*)\b",
    re.IGNORECASE,
)
PAPER = re.compile(
    r"letter|e-?mail|message|brief|memo|contract|agreement|form\b|speech|invoice|resume|\bcv\b|post\b", re.I
)
QUESTION = re.compile(r"\?\s*\Z")
CODE = re.compile(
    r"```|`[^`\n]*[{<\[%$]|^[ \t]*(?:def|class|import|const|let|var|function|echo|export)\b"
    r"|;[ \t]*$|(?<!\{)\{[ \t]*$|^[ \t]*\}+[ \t]*$|</\w+>",
    re.MULTILINE,
)


def leftover_in(text: str) -> str:
    """The first slot of a template that nobody filled in; "" for none, and in code.

    leftover_in("Dear {{first_name}}, hello") -> "{{first_name}}"; ("See [1] and [EMAIL].") -> ""
    """
    if not any(sign in text for sign in "[{<%"):
        return ""
    text = text[:LONGEST]
    found = BRACED.search(text) or next((m for m in BRACKETED.finditer(text) if _told(m)), None)
    return "" if found is None or CODE.search(text) else found.group()


def _told(match: re.Match[str]) -> bool:
    """Whether a text in brackets tells what belongs there, and is no placeholder of a redaction."""
    said = match["square"] or match["angle"]
    redacted = PLACEHOLDER.fullmatch(match.group()) and not said.startswith(("YOUR_", "INSERT_", "ENTER_"))
    return not redacted and TOLD.fullmatch(said.strip()) is not None


def slots_wanted(prompt: str) -> bool:
    """Whether a prompt is about templates or code, or asks for a text that its reader is to fill in."""
    prompt = prompt[:LONGEST]
    if TECHNICAL.search(prompt) or COMPOSED.search(prompt):
        return True
    return PAPER.search(prompt) is not None and not QUESTION.search(prompt)
