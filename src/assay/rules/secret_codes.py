"""What opens a door, an account or a network: codes, PINs, combinations, passwords beside a user's name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assay.rules.abuse import lowered
from assay.rules.remembered import remembered
from assay.rules.secret_named import DUMMY, NO_PASSWORD, Place

BEFORE = 26  # characters before the word "code" in which stands what it opens
# What a code opens, or by which way it comes: without one of them a code is a product's, a country's, an error's.
OPENS = re.compile(
    r"(?<!\w)(?:(?:front|back|side|cellar|garage|car|house)?doors?|gates?|alarms?|entry|entrance|access|safes?"
    r"|lock(?:er|box)?s?|padlocks?|vaults?|key ?(?:pad|box)\w*|voice ?mail|unlock\w*|verification|one-time|otp|2fa"
    r"|two-factor|backup|recovery|security|intercom"
    r"|portes?|portail|portillon|coffre\w*|cartes? (?:bleue|bancaire)|entrée|accès|immeuble|puertas?|port[oó]n"
    r"|caja fuerte|tarjeta|acceso|entrada|portal|cancello|porta|allarme|cassaforte|bancomat|portone|port[aã]o|cofre"
    r"|cartão|\w*deur|poort|kluis|pas|bram\w*|domofon\w*|drzwi|sejf\w*|furtk\w*"
    r"|двер\w*|домофон\w*|сейф\w*|подъезд\w*|ворот)(?!\w)"
    r"|(?<!\w)(?:(?:haus|keller|garagen)?tür|tor|alarm|zugang|zutritt|tresor|safe|dør|port)(?!\w*(?:al|o|ion)\b)\w*"
)
# What a PIN alone opens: the code of an account is its number in the books.
ACCOUNTS = re.compile(
    r"(?<!\w)(?:accounts?|bank\w*|credit|debit|cards?|sim|konto\w*|karte\w*|cartes?|cuenta|carta|conto|conta|rekening"
    r"|kont\w*|kart\w*|карт\w*)(?!\w)"
)
CODE = (
    r"(?:\w{0,12}?(?:codes?|koden?|kód|código|codigo|codice)|digicode|kod|код|combinations?|combinai?son|combinación"
    r"|combinazione|combinação|combinatie|kombination|(?:voice)?pin(?:-?code)?|otp|пин(?:-код)?|clave|senha)(?![\w-])"
)
# What follows the word until it is told: "for the garage", "de la porte", "they texted me".
MEANT_FOR = (
    r"(?:\s+(?:for|of|to|on|at|in|from|they|that|we|you|i|she|he|für|zu[mr]|vo[nm]|de[rs]?|meine\w*|du|pour|del\w*|à|para"
    r"|d[aeo]s?|al|van|voor|do|od|dla|till?|от|для)\b|\s+d['’]|\s+de\s+l['’]|\s+dell['’])[^.!?\n\d:=]{0,36}?"
)
LINK = (
    r"(?:['\"]?\s{0,3}[:=：]\s{0,3}"
    r"|\s+(?:is|was|are|est|es|ist|lautet|è|é|to|är|er|-|–|—)(?:\s+(?:now|le|el|il|la|jetzt|ora|ahora|nu))?\s*:?\s+)"
)
UNIT = r"(?:digits?|char|letters|days?|hours|min|years|pages|euro|mm|cm|m\b|km|mg|kg|stellen)"
DIGITS = (
    r"['\"“]?(?P<value>[#*]?(?:\d{3,8}(?:[a-z]\d{0,3})?|\d{2}[a-z]\d{2,3}|\d{1,3}(?:\s?[-–]\s?\d{1,3}){2,3}|\d{3,4}-\d{3,4}|[a-z]\d{3,5})"
    rf"[#*]?)(?![\w%€$£]|[-/:.,]\d|\s+{UNIT})"
)
NAMED_CODE = re.compile(rf"(?<!\w)(?P<code>{CODE})(?:{MEANT_FOR})?{LINK}{DIGITS}")
# "safe code 902144", "opens with code 1907#": no more between them than a blank.
BARE_CODE = re.compile(rf"(?<!\w){CODE}\s+{DIGITS}")
ENTERED = re.compile(
    r"\b(?:opens?|opened|unlock(?:s|ed)?|let yourself in|get in|enter(?:s|ed)? it)(?: \w+)? (?:with|by)(?: the)? $"
)
ALONE = ("otp", "digicode", "pincode", "pin-code", "пин", "пин-код")  # they open something by themselves
# Codes of other things, whatever may be opened nearby.
OF_THINGS = re.compile(
    r"\b(?:error|fault|zip|post(?:al)?|area|dial\w*|country|promo\w*|discount|coupon|voucher|colou?r|product|course|qr"
    r"|bar|sort|status|exit|dress|item|model|tax|source|test|sample|example|dummy|fehler|farb|gutschein|rabatt"
    r"|vorwahl|artikel|swift|airport|station|billing|diagnos\w+|procedure|icd|cpt)[- ]?$"
    r"|\b(?:postal|promo\w*|d['’]erreur|de error|di errore|erro|fiscal\w*|sconto|foutcode|pocztowy|rabatowy)\b"
)
TRIVIAL = re.compile(r"(\d)\1*|0?123(?:4(?:5(?:6(?:7(?:89?)?)?)?)?)?|4321|654321")
LOCKED = (
    r"(?:pass(?: ?(?:word|code|phrase))?|passwd|pwd?|passwort|kennwort|mot de passe|contraseña|senha|wachtwoord|hasło"
    r"|lösenord|пароль)"
)
IS = r"(?:\s*[:=]\s*|\s+(?:is|was|est|es|ist|lautet|è|é|to|är|er|-)\s+)"
VALUE = r"['\"“]?(?P<value>[^\s'\"“”`<>,;]{6,64})"
# What opens a network: "wifi key: ...", "SSID Harbour, password ...", "la clave del wifi es ...".
NETWORK = re.compile(
    r"(?<!\w)(?:wi-?fi|wlan|ssid|router|hotspot|wpa2?)(?!\w)[^.!?\n]{0,40}?(?<![^\W_])"
    rf"(?:{LOCKED}|key|code|psk|schlüssel|clave|clé|chiave)\b[^.!?\n:=]{{0,24}}?(?:{IS}|\s+){VALUE}"
)
OF_NETWORK = re.compile(
    rf"(?<!\w)(?:{LOCKED}|code|key|clave|clé|chiave)\s[^.!?\n:=]{{0,24}}?(?:wi-?fi|wlan|вай-?фай)\w*"
    rf"[^.!?\n:=]{{0,16}}?{IS}{VALUE}"
)
# A user's name and what stands beside it: "log in as admin / ...", "user root, password ...".
SIGN_IN = re.compile(
    r"(?<!\w)(?:log(?:ged|ging)?[- ]?(?:in|on)|sign(?:ed)?[- ]?(?:in|on)|credentials?|(?:admin|root|ssh|vpn) access"
    r"|username|user|zugangsdaten|anmelde(?:n|daten|namen?)|benutzer(?:name)?|identifiants?|utilisateur|usuario"
    r"|credenciales|utente|credenziali|credenciais|usuário|inloggegevens|gebruiker(?:snaam)?|логин|dane logowania)"
    r"(?!\w)"
    r"(?:\s*[:=]\s*|\s+(?:(?:as|with|is|mit|als|avec|con|com|met|the|user(?:name)?|name|account|für|for)\s+){0,3})"
    r"['\"]?[\w.@+-]{2,60}['\"]?(?:(?:\s*[/:,|]\s*|\s+(?:and|und|et|y|e|en|i|и)\s+)|\s+(?=pass|pw))"
    rf"(?:(?:the\s+)?{LOCKED}(?:\s*[:=]\s*|\s+(?:is\s+)?))?{VALUE}"
)
# The value alone behind the word: "with the password ...", "api key ...".
BESIDE = re.compile(rf"(?<![^\W_]){LOCKED}\s+{VALUE}")
KEY_BESIDE = re.compile(
    r"(?<![^\W_])(?:(?:secret|api|access|private|auth|signing|encryption|client|master)[ _-]?(?:key|token|secret)|token"
    r"|secret)\s+['\"“]?(?P<value>(?=[a-z_-]*\d)[a-z0-9_-]{20,200})(?![\w/.-]\w)"
)
# Marks, a figure within a word ("gr4vel"), or words and a figure joined ("perro-verde88").
LOOKS = re.compile(r"[^\w\s./:@-]|[A-Za-z]\d+[A-Za-z]|^[^\W\d_]{3,}(?:[-_.][^\W\d_]{3,})+[-_.]?\d+$")
DIGIT = re.compile(r"\d")
STEMS = ("code", "pin", "kod", "cód", "cod", "kód", "combin", "kombin", "otp", "код", "пин", "clave", "senha")
NETWORKS = ("wi-fi", "wifi", "wlan", "ssid", "router", "hotspot", "wpa", "фай")
USERS = (
    "log", "sign", "credent", "credenc", "credenz", "access", "user", "zugangsd", "anmelde", "benutzer", "identifiant",
    "utilis", "usu", "utente", "gebruik", "логин",
)  # fmt: skip
WORDS = ("pass", "pw", "kennwort", "contraseña", "senha", "wachtwoord", "hasło", "lösenord", "пароль")
KEYS = ("key", "token", "secret")
# What is looked for where one of the words stands.
SEARCHES = (
    ("wifi key", NETWORKS, NETWORK), ("wifi key", NETWORKS, OF_NETWORK), ("password", USERS, SIGN_IN),
    ("password", WORDS, BESIDE), ("key", KEYS, KEY_BESIDE),
)  # fmt: skip


@remembered
def codes_in(text: str) -> list[Place]:
    """Where a text tells what opens something; each of them holds a digit."""
    if not DIGIT.search(text):
        return []
    low = lowered(text)
    found = list(_codes(text, low)) if any(stem in low for stem in STEMS) else []
    for kind, words, pattern in SEARCHES:
        if any(word in low for word in words):
            found += (Place(kind, *match.span("value")) for match in pattern.finditer(low) if _opens(text, match))
    return found


def _codes(text: str, low: str) -> Iterator[Place]:
    for match in NAMED_CODE.finditer(low):
        before = low[max(0, match.start() - BEFORE) : match.start("value")]
        itself = match["code"] in ALONE or text[match.start("code") : match.end("code")] == "PIN"
        opens = OPENS.search(before) or ("pin" in match["code"] and ACCOUNTS.search(before))
        if (itself or opens) and not _of_things(low, match):
            yield Place("code", *match.span("value"))
    for match in BARE_CODE.finditer(low):
        beside = OPENS.search(low[max(0, match.start() - 12) : match.start("value")])
        entered = ENTERED.search(low[max(0, match.start() - BEFORE) : match.start()])
        if (beside or entered) and len(match["value"]) > 3 and not _of_things(low, match):
            yield Place("code", *match.span("value"))


def _of_things(low: str, match: re.Match[str]) -> bool:
    """Whether it is the code of a thing, or no one's: "error code", "1234"."""
    of_thing = OF_THINGS.search(low[max(0, match.start() - BEFORE) : match.start()]) or OF_THINGS.search(match.group())
    return of_thing is not None or TRIVIAL.fullmatch(match["value"].strip("#*")) is not None


def _opens(text: str, match: re.Match[str]) -> bool:
    """Whether a value has the look of a password, "S3agull!2024", and not of a name, "user2"."""
    value = text[match.start("value") : match.end("value")].rstrip(".,?)]}")
    digits, letters = sum(c.isdigit() for c in value), sum(c.isalpha() for c in value)
    if not digits or letters < 2 or digits + letters < 6 or DUMMY.search(value) or value.lower() in NO_PASSWORD:
        return False
    if len(value) >= 20:
        return value.isalnum()
    mixed = value[1:] != value[1:].lower() and value != value.upper()
    return "/" not in value and (mixed or LOOKS.search(value) is not None)
