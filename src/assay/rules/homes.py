"""Street addresses that the words before them make somebody's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assay.rules.personal import Span, before

POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"  # of the United Kingdom
TOWN = rf"(?!{POSTCODE})[A-Z][\w'’-]{{1,20}}"
STREET = re.compile(
    r"(?<![\w.,/-])(?:(?:Flat|Apartment|Apt|Unit|Suite)\.? \w{1,5},? )?\d{1,5}[A-Za-z]?,? (?:[A-Z][\w'’.-]{0,20} ){1,3}"
    r"(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Way|Court|Ct|Boulevard|Blvd|Place|Terrace|Close|Crescent|Square"
    r"|Gardens|Grove|Parkway|Pkwy|Highway|Circle|Trail|Row|Mews|Walk|Hill)\b\.?"
    r"(?:,? (?:Apt|Apartment|Unit|Flat|Suite|#)\.? ?\w{1,5})?"
    rf"(?:(?:,? {TOWN}(?: {TOWN})?){{0,2}},? (?P<code>{POSTCODE})"
    rf"|(?:,? {TOWN}(?: {TOWN})?)?(?:,? (?:[A-Z]{{2}} )?\d{{5}}(?:-\d{{4}})?)?)"
)
# The street's kind comes first, or ends its name, and the number stands before or after: "12 rue de la Paix".
ABROAD = re.compile(
    r"(?<![\w.,/-])(?:\d{1,4}(?: bis| ter)?,? (?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Aa]llée|[Cc]hemin|[Ii]mpasse"
    r"|[Qq]uai|[Pp]lace)(?: (?:de|du|des|la|le|les|d'|l')){0,2} ?[A-ZÀ-Ý][\w'’-]{1,20}(?: [A-ZÀ-Ý][\w'’-]{1,20}){0,2}"
    r"|(?:[A-ZÄÖÜ][\w-]{1,24}(?:straße|strasse|str\.|weg|allee|platz|gasse|damm|ufer|straat|gracht|laan|plein|kade|gatan"
    r"|vägen)|(?:Calle|Avenida|Paseo|Via|Viale|Piazza|Corso|Rua)(?: (?:de|del|della|la|da|do|dos))?"
    r" [A-ZÀ-Ý][\w'’-]{1,20}(?: [A-ZÀ-Ý][\w'’-]{1,20}){0,2}),? (?:n[.º°]? ?)?\d{1,4}[a-z]?)(?!\w)"
    r"(?:,? \d{4,5}(?: [A-Z]{2})? [A-ZÀ-Ý][\w-]{1,20})?"
)
# Without one of these no street abroad is looked for.
KINDS = (
    "straße", "strasse", "str.", "weg", "allee", "platz", "gasse", "damm", "ufer", "straat", "gracht", "laan", "plein",
    "kade", "gatan", "vägen", "rue ", "venue ", "oulevard ", "llée ", "hemin ", "mpasse ", "uai ", "Calle ", "Avenida ",
    "Paseo ", "Via ", "Viale ", "Piazza ", "Corso ", "Rua ",
)  # fmt: skip
HOME = re.compile(
    r"\b(?:lives?|lived|living|resid\w+|(?:my|his|her|their|our) (?:home|house|flat|apartment|place)|moved|stays?"
    r"|(?:my|his|her|their|home|mailing|postal|billing|shipping|delivery) address|address(?: is|:)"
    r"|(?:deliver|ship|mail|send|post|return)\w*(?: \w+){0,2} to"
    r"|wohn\w*|adresse|habite\w*|vivo en|vive en|direcci[oó]n|abito|abita|indirizzo|moro|mora|endereço|woon\w*|adres)"
    r"\b[^.!?\n]{0,24}$"
)


# Before a full address only: "how do I write to 10 Downing Street" asks after a sight.
WRITTEN_TO = re.compile(r"\bwrit(?:e|ing)(?: \w+){0,2} to(?: (?:him|her|them|me|my \w+))?(?: at)? $")


def homes(text: str) -> Iterator[Span]:
    """Street addresses that the words before say someone lives at or gets post at; sights and companies stay."""
    for shape in (STREET, ABROAD) if any(kind in text for kind in KINDS) else (STREET,):
        for match in shape.finditer(text):
            words = before(text, match.start())
            full = shape is STREET and match["code"]
            if HOME.search(words) or (full and WRITTEN_TO.search(words)):
                yield Span("ADDRESS", *match.span())
