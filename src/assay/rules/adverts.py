"""How adverts offer, urge and call, in the languages most sets are written in."""

from __future__ import annotations

import re

from assay.rules.notices import PERSON

URGE = re.compile(
    r"\bhurry\b|\blast chance\b|\b(?:only|just) (?:today|this (?:week|weekend|month))\b"
    r"|\b(?:today|tonight|weekend|week) only\b|\blimited[- ](?:time|offer|stock)|\bdon['’]t miss\b"
    r"|\bwhile (?:stocks?|supplies) lasts?\b|\bends (?:tonight|today|soon|at midnight)\b|\bact now\b"
    r"|\bnur heute\b|\bnur solange\b|\bletzte chance\b|\bgreifen sie zu\b|\bjetzt zugreifen\b"
    r"|\bseulement aujourd['’]hui\b"
    r"|\bdernière chance\b|\bdépêchez-vous\b|\b(?:offre|oferta|offerta) limitée?\w*\b|\bsol[oa] (?:hoy|oggi|hoje)\b"
    r"|\bdate prisa\b|\bultima occasione\b|\baffrettati\b|\balleen vandaag\b",
    re.IGNORECASE,
)
OFFER = re.compile(
    r"\d ?% (?:off|discount)\b|\bsave (?:up to )?[$€£]?\d|\bfree (?:shipping|delivery|gift)\b|\buse code \w{4}"
    r"|\b(?:lose|drop|shed) \d+ ?(?:kg|kilos?|pounds|lbs)\b|\b(?:earn|make|win) (?:up to )?[$€£]?\d"
    r"|\bin (?:just |only )?\d+ (?:days|weeks|minutes)\b|\bhalf price\b|\b(?:for )?(?:just|only) [$€£]\s?\d"
    r"|\d ?% (?:rabatt|de (?:réduction|remise|descuento|desconto)|di sconto|korting)\b|\bhalben? preis|\bmoitié prix\b"
    r"|\bmitad de precio\b|\bmetà prezzo\b|\bversandkostenfrei\b|\blivraison gratuite\b|\benvío gratis\b"
    r"|\bspedizione gratuita\b|\bfrete grátis\b|\bgratis verzending\b",
    re.IGNORECASE,
)
CALL = re.compile(
    r"\b(?:click|tap) here\b|\b(?:order|buy|shop|call|book|register|sign up|subscribe|join) (?:now|today)\b"
    r"|\bsubscribe to our\b|\bjetzt (?:kaufen|bestellen|sichern|buchen)\b"
    r"|\b(?:achetez|commandez|réservez) (?:maintenant|vite)\b"
    r"|\b(?:compr[ae]|reserv[ae]|acquista|prenota) (?:ya|ahora|já|agora|ora|subito)\b|\b(?:bestel|koop|boek) nu\b",
    re.IGNORECASE,
)


def is_advert(text: str, sure: bool) -> bool:
    """Whether a text offers, urges or calls as adverts do; where `sure`, only one that does all of it."""
    if "!" not in text or PERSON.search(text):
        return False
    urges, offers, calls = (form.search(text) is not None for form in (URGE, OFFER, CALL))
    return offers and ((urges and calls) if sure else (urges or calls))


def part_of_advert(said: str) -> bool:
    """Whether a sentence may be one of an advert's."""
    return any(form.search(said) for form in (URGE, OFFER, CALL))
