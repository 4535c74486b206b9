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
# What stands in a letter that is sent to many, in the languages of most of them.
NOUN = (
    r"(?:(?:first|last|full|sur|user|given|family|nick)?[ _]?names?|company|customer|client|agent|recipient|sender"
    r"|guest|patient"
    r"|employee|manager|date|amount|price|number|phone|telephone|mobile|address|e-?mail|city|country|order|invoice"
    r"|id|account"
    r"|product|department|percentage|signature|salutation|(?:pré)?nom(?: de famille)?|numéro|montant|entreprise"
    r"|société|ville|adresse"
    r"|prix|heure|(?:vor|nach|kunden|firmen)?name|firma|betrag|datum|uhrzeit|(?:telefon|kunden|auftrags|bestell"
    r"|vorgangs)?nummer"
    r"|anschrift|preis|nombre|apellidos?|empresa|fecha|hora|número|importe|precio|dirección|ciudad|nome|cognome"
    r"|azienda|numero|importo"
    r"|indirizzo|sobrenome|valor|preço|endereço|naam|voornaam|achternaam|bedrijf|bedrag|adres|prijs|namn|förnamn"
    r"|imię|nazwisko|kwota)"
)
NAMED = re.compile(rf"(?:[\w'’-]+ ){{0,2}}{NOUN}", re.IGNORECASE)
ONE_OF = re.compile(rf"(?:^|_){NOUN}(?:_|$)|(?:^|_)(?:link|url|time|title)(?:_|$)", re.IGNORECASE)
# A letter for a figure, before what is counted or behind a sign of money: "within [X] hours", "$[XX]".
FIGURE = re.compile(
    r"\[(?:[XYN]{1,3}|#{1,4}|_{1,6}|\.{3}|…)\](?=(?:\s|-)(?:business |working |more |calendar )?(?:seconds?"
    r"|minutes?|hours?|days?"
    r"|weeks?|months?|years?|percent|euros?|dollars?|pounds?|points?|people|items?|pieces?|stunden?|tagen?|minuten"
    r"|wochen?|monaten?"
    r"|jahren?|heures?|jours?|semaines?|mois|ans|horas?|días|dias|minutos|semanas?|meses|años|ore|giorni|minuti"
    r"|settimane|uur|dagen"
    r"|%|€|\$)(?!\w)|\s?[%€£])|(?<=[$€£])\s?\[(?:[XYN]{1,4}|#{1,4})\]"
)
NAMED_BRACES = re.compile(r"(?<![\w}\\^$/=@.{'\"-])\{(?P<name>[^\W\d][\w ]{1,30})\}(?![{\w(/='\"])")
DOLLARED = re.compile(r"(?<![\w$\\/{(])\$(?P<name>[A-Z]{2,20}(?:_[A-Z]{1,20}){0,3})(?![\w$(/:{])")
UNDERLINED = re.compile(r"(?<![\w.])__(?P<name>[A-Z]{2,20}(?:_[A-Z]{1,20}){0,3})__(?!\w|[.(]\w)")
MACROS = frozenset({"DATE", "TIME", "FILE", "LINE", "CLASS", "FUNCTION", "METHOD", "NAMESPACE", "DIR"})
FILLED_LATER = re.compile(
    r"\bfill(?:s|ed|ing)?[- ](?:in|out)\b|\bblanks?\b|ausfüll|ausgefüllt|rempli|invullen|ingevuld", re.I
)
LINES_TO_FILL = re.compile(r"(?<=[^\W\d_][ ,])_{3,}(?=[ ,.%?!]|$)(?![ \t]*\n?[ \t]*_)", re.MULTILINE)
# The reader is told what to type: "text JOIN <your postcode> to 555", "password: <your password>".
TO_TYPE = re.compile(
    r"\b(?:typ(?:e|ing)|enter|text|sms|dial|reply|run|format|syntax|search|key in|log ?in|sign in|tipp\w*|geben sie"
    r"|eingabe|saisi\w*"
    r"|tapez|envoyez|escrib\w+|marque|digit\w+)\b[^.!?\n]{0,60}$"
    r"|\b(?:password|passwort|kennwort|mot de passe|contraseña|senha|user(?: ?name|[ -]?id)?|benutzername|login|pin"
    r"|token|(?:api )?key|code"
    r"|passphrase)['\"]?\s?[:=]\s?['\"]?$",
    re.IGNORECASE,
)
# Spoken of, or part of a language in which slots have a meaning.
TECHNICAL = re.compile(
    r"templat|vorlage|modèle|plantilla|placeholder|platzhalter|fill[- ]?in|\bblanks?\b|jinja|handlebars|mustache"
    r"|liquid\b|django|\bformat(?:s|ted)?\b|\bpattern|\bschema|interpolat|\bvariables?\b|\bcod(?:e|ing)\b|script"
    r"|\bshell\b|\bbash\b|batch|python|\bjava|\bsql\b|regex|html|\bxml"
    r"|json|yaml|\bapi\b|\bfunction|programm|syntax|command|config|docker|terraform|ansible|environment|windows"
    r"|makefile|latex|markdown"
    r"|\bmerge fields?|serienbrief|mail ?merge",
    re.IGNORECASE,
)
# A text to be made, or made over.
COMPOSED = re.compile(
    r"\b(?:writ(?:e|ing)|compos\w+|draft\w*|creat\w+|generat\w+|design\w*|develop|prepare|craft|make|construct"
    r"|customi[sz]e|personali[sz]e|simulate|rewrite|rephrase|paraphrase"
    r"|summari[sz]e|translat\w+|edit|correct|proofread|convert|complete|example|sample|schreib\w*|verfass\w*"
    r"|erstell\w*|formulier\w*"
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
    r"|;[ \t]*$|(?<!\{)\{[ \t]*$|^[ \t]*\}+[ \t]*$|</\w+>|__[a-z]+__",
    re.MULTILINE,
)


def leftover_in(text: str, *, answer: bool = False) -> str:
    """The first slot of a template that nobody filled in; "" for none, and in code.

    Signs that a question may also hold ("The ___ is", "[X] hours", "$PRICE") are slots only in an `answer`.

    leftover_in("Dear {{first_name}}, hello") -> "{{first_name}}"; ("See [1] and [EMAIL].") -> ""
    """
    if not any(sign in text for sign in ("[", "{", "<", "%", "$", "__")):
        return ""
    text = text[:LONGEST]
    found = BRACED.search(text) or next((m for m in BRACKETED.finditer(text) if _told(m)), None) or _named(text, answer)
    if found is None and answer:
        found = _in_answer(text)
    return "" if found is None or CODE.search(text) else found.group().strip()


def _told(match: re.Match[str]) -> bool:
    """Whether a text in brackets tells what belongs there, and is no placeholder of a redaction."""
    said = match["square"] or match["angle"]
    redacted = PLACEHOLDER.fullmatch(match.group()) and not said.startswith(("YOUR_", "INSERT_", "ENTER_"))
    if redacted or TOLD.fullmatch(said.strip()) is None:
        return False
    readers = said.lower().startswith(("your", "dein", "ihr", "votre", "su "))
    return not (readers and TO_TYPE.search(match.string[max(0, match.start() - 80) : match.start()]))


def _named(text: str, answer: bool) -> re.Match[str] | None:
    """A slot in single braces by the name of what belongs there: "I work for {company}"; a prompt may show a form."""
    if "{" not in text:
        return None
    found = (m for m in NAMED_BRACES.finditer(text) if ONE_OF.search(m["name"]) and (answer or "_" in m["name"]))
    return next(found, None)


def _in_answer(text: str) -> re.Match[str] | None:
    if "[" in text:
        bracketed = (m for m in BRACKETED.finditer(text) if m["square"] and _is_noun(m))
        if found := next(bracketed, None) or FIGURE.search(text):
            return found
    if "$" in text and (found := next((m for m in DOLLARED.finditer(text) if ONE_OF.search(m["name"])), None)):
        return None if TO_TYPE.search(text[max(0, found.start() - 80) : found.start()]) else found
    if "__" not in text:
        return None
    upper = (m for m in UNDERLINED.finditer(text) if ONE_OF.search(m["name"]) and m["name"] not in MACROS)
    return next(upper, None) or (None if FILLED_LATER.search(text) else LINES_TO_FILL.search(text))


def _is_noun(match: re.Match[str]) -> bool:
    """_is_noun of "[Name]" and "[PRÉNOM]" -> True, of "[NAME]", which a redaction leaves, and of "[sic]" -> False."""
    return NAMED.fullmatch(match["square"].strip()) is not None and PLACEHOLDER.fullmatch(match.group()) is None


def slots_wanted(prompt: str) -> bool:
    """Whether a prompt is about templates or code, or asks for a text that its reader is to fill in."""
    prompt = prompt[:LONGEST]
    if TECHNICAL.search(prompt) or COMPOSED.search(prompt):
        return True
    return PAPER.search(prompt) is not None and not QUESTION.search(prompt)
