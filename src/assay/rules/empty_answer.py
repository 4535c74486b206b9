"""F001 empty-answer: nothing, or a placeholder, where a prompt or an answer should be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import ClassVar
from unicodedata import category

from assay.records import Action, Example, Finding, Severity
from assay.rules.leftovers import leftover_in, slots_wanted
from assay.rules.protocol import Stage, finding
from assay.rules.remembered import remembered
from assay.rules.slots import slot_in_prose

LONGEST = 60  # characters; longer texts are no placeholders, but for filler text
UNSEEN = re.compile("[\\s\u200b-\u200f\u2060\ufeff\u00ad\x00-\x1f\x7f\u3164\u2800]+")
WRAPPING = "[]{}()<>\"'`*_ \t\n"
FILLER = re.compile(r"\W*lorem ipsum dolor\b", re.IGNORECASE)
FILLER_ASKED = re.compile(r"lorem|ipsum|placeholder|dummy|filler", re.IGNORECASE)
SLOT = re.compile(
    r"[\[{<(]{1,3}\s*(?:please\s+)?(?:insert|enter|add|put|write|type|your|the|model|correct|expected|sample)?\s*(?:your|the|an?)?\s*"
    r"(?:answer|response|output|reply|completion|text|content|solution)s?(?:\s+(?:goes\s+)?here)?\s*[\]}>)]{1,3}",
    re.IGNORECASE,
)
SYMBOL_ASKED = re.compile(
    r"symbol|signs?\b|operator|operation|character|punctuat|marks?\b|hyphen|dash|minus|dots?\b|ellips|separator"
    r"|delimiter|morse|emoji"
    r"|key\b|regex|wildcard|notation|___|\bblank|[\d)]\s*[?_]\s*[\d(]",
    re.IGNORECASE,
)
NONE_ASKED = re.compile(
    r"how many|\bany\b|\bif (?:there|no|not|none|it)|\breturn(?:s|ed)?\b|\bprint(?:s|ed)?\b|\bvalue"
    r"|\bkeyword|\bdata ?type|\bliteral|missing"
    r"|\boutput of\b|what (?:is|are) the (?:result|output)|otherwise|\boptions?\b|\bnone\b|\bnull\b|\bn/a\b",
    re.IGNORECASE,
)
WORD_ASKED = re.compile(
    r"\b(?:words?|synonym|antonym|term|rhyme|noun|verb|translat\w*|name|called|spell|anagram|unscramble|say|complete|fill|blank"
    r"|categor\w+|classif\w+|wort|begriff)\b|_{2,}",
    re.IGNORECASE,
)
# "TODO", "TBD": what some prompts ask for, and what stands where nothing was written yet after all others.
NAME_ASKED = re.compile(
    r"\b(?:which|what)\b[^.?!]{0,60}\b(?:comments?|marks?|tags?|keywords?|words?|labels?|abbreviat\w+|acronym|initials|short"
    r"|means?|stands?)\b|\b(?:abbreviat\w+|acronym|initials|short (?:form|for)|stands? for)\b",
    re.IGNORECASE,
)
# Words for "there is none", which many a question has for its answer, but none that asks how, why, where or when.
NONE = {"none", "null", "nil"}
OPEN_ASKED = re.compile(
    r"(?:\A|[.!?,:]\s+)(?:and |but |please )?(?:how(?! many| much)|why|where|when)\b", re.IGNORECASE
)
NONE_POSSIBLE = re.compile(
    r"\b(?:extract|find|list|identify|detect|which|name|select|choose|classify|categori[sz]e|label|tag|who|match"
    r"|count|check)\b",
    re.IGNORECASE,
)


@cache
def placeholders() -> dict[str, str]:
    """Folded placeholder -> "always", "unasked" or "perhaps"."""
    words, kind = {}, ""
    for line in files("assay.rules").joinpath("placeholders.txt").read_text("utf-8").splitlines():
        if line in ("[always]", "[unasked]", "[perhaps]"):
            kind = line[1:-1]
        elif kind and line:
            words[line] = kind
    return words


@remembered
def placeholder_kind(text: str) -> str:
    """placeholder_kind("<No Output>") -> "always"; "unasked" for "N/A" or "-"; "perhaps" for "Test"; "" for others."""
    if FILLER.match(text):
        return "always"
    if len(text) > LONGEST:
        return ""
    bare = UNSEEN.sub(" ", text).strip()
    folded = bare.strip(WRAPPING).rstrip(".!:").replace("_", " ").casefold()
    kind = placeholders().get(folded) or placeholders().get(f"{folded}!") or placeholders().get(_once(folded), "")
    wrapped = bare[:1] in "[{<(" and bare[-1:] in "]}>)"
    if kind == "always" and folded in ONE_WORD and not wrapped:
        return "unasked"
    if not kind and SLOT.fullmatch(bare):
        return "always"
    marks_only = all(category(c).startswith("P") for c in bare.replace(" ", ""))
    return "unasked" if not kind and marks_only else kind


def _once(folded: str) -> str:
    """_once("asdf asdf asdf") -> "asdf"; other texts as they are."""
    said = set(folded.split())
    return said.pop() if len(said) == 1 else folded


# Words that are placeholders in brackets, and answers to many questions without.
ONE_WORD = frozenset(
    {
        "answer",
        "output",
        "input",
        "response",
        "completion",
        "blank",
        "empty",
        "missing",
        "dummy",
        "placeholder",
        "no answer",
        "no input",
    }
)


def _of_prompt(prompt: str) -> str:
    """_of_prompt("TODO") -> "always"; ("N/A") -> "perhaps", to be held; ("-") and ("Why?") -> ""."""
    kind = placeholder_kind(prompt)
    return (
        "perhaps" if kind and kind != "always" and any(map(str.isalnum, prompt)) else kind if kind == "always" else ""
    )


def _asked_for(text: str, prompt: str) -> str:
    """Whether the prompt makes the placeholder a right answer: "yes", "perhaps" or "no"."""
    bare = text.strip().strip(".").casefold()
    if bare and re.search(rf"(?<!\w){re.escape(bare)}(?!\w)", prompt.casefold()):
        return "yes"
    if not any(c.isalnum() for c in text):
        return "yes" if SYMBOL_ASKED.search(prompt) else "no"
    if NONE_ASKED.search(prompt):
        return "yes"
    none = bare in NONE and not OPEN_ASKED.search(prompt)
    return "perhaps" if none or NONE_POSSIBLE.search(prompt) else "no"


@dataclass(frozen=True)
class EmptyAnswer:
    """F001: the answer or the prompt is empty or a placeholder.

    What it does: looks for blank texts and for placeholders ("N/A", "TODO", "<noinput>", "[answer here]", lorem
    ipsum). "None", "-" and the like count as answers where the prompt names them or asks for a value, a symbol or
    "any"; where the prompt leaves it open the row is held for a person, as is an answer that no prompt asks for. "None"
    is dropped only where the prompt asks how, why, where or when. Short right answers ("No", "0", "B") are never
    touched. A slot of a template that nobody filled in ("Dear {{first_name}}", "[insert amount here]", "Hello [Name]",
    "within [X] hours", "I work for {company}", "from ___ to ___") is held, but where the prompt holds it too, is about
    templates or code, or asks for a text to fill in. In an answer so are rarer forms, whatever the language of their
    names: "%(city)s", "%s", "<klantnummer>", "{moniteur}", "[UHRZEIT]", "$GUIDE", "on DD/MM/YYYY", "XX,XX euro", where
    they stand for a value in a sentence and neither text speaks of code, formats, maths or the like. Of 91,676 rows of
    public sets none was held for a rare form, of 5,098 paragraphs of software manuals none. A row that was
    redacted ("[NAME]", "[PHONE]") keeps its brackets.

    Why is this bad: the model learns that saying nothing is an answer, and says it to the next question that looks
    alike.

    Example: "How do I close my account?" / "N/A" is dropped; "Which allergies were found? Write None if none." /
    "None" stays.
    """

    code: ClassVar[str] = "F001"
    name: ClassVar[str] = "empty-answer"
    stage: ClassVar[Stage] = "row"
    severity: ClassVar[Severity] = "error"
    allowed: tuple[str, ...] = ("none", "unknown")  # lower-case labels that are classes, though they look empty
    action: Action = "drop"  # what becomes of an empty row; doubtful ones are held

    def check(self, example: Example) -> Iterator[Finding]:
        """At most one finding: on the prompt when it is empty, else on the answer."""
        prompt, answer = example.prompt, example.answer
        if not UNSEEN.sub("", prompt):
            yield self._empty(example, "prompt", prompt)
        elif len(prompt) <= LONGEST and (kind := _of_prompt(prompt)):
            yield self._filler(example, "prompt", prompt, kind)
        elif example.answered and not UNSEEN.sub("", answer):
            yield self._empty(example, "answer", answer)
        elif example.answered and (kind := placeholder_kind(answer)):
            yield from self._judged(example, prompt, answer, kind)
        else:
            yield from self._leftover(example)

    def _leftover(self, example: Example) -> Iterator[Finding]:
        for field, text in (("prompt", example.prompt), ("answer", example.answer if example.label is None else "")):
            slot = leftover_in(text, answer=field == "answer") if text else ""
            if field == "answer" and not slot and (odd := slot_in_prose(example.prompt, text)):
                slot = odd.group().strip()
            repeated = field == "answer" and slot in example.prompt
            if slot and not repeated and not slots_wanted(example.prompt):
                action: Action = "hold" if self.action == "drop" else self.action
                said = f"the {field} holds a slot of a template that nobody filled in: {slot!r}"
                yield finding(self, example, field, 0.8, said, evidence={"slot": slot}, action=action)
                return

    def _judged(self, example: Example, prompt: str, answer: str, kind: str) -> Iterator[Finding]:
        if FILLER.match(answer):
            if not FILLER_ASKED.search(prompt):
                yield self._filler(example, "answer", answer, kind)
            return
        if example.label is not None and answer.strip().casefold() in self.allowed:
            return
        if kind == "perhaps" and (example.label is not None or WORD_ASKED.search(prompt)):
            return
        asked = _asked_for(answer, prompt) if kind != "always" else "no"
        word = any(map(str.isalnum, answer)) and answer.strip()[:1] not in "[{<("
        if kind == "always" and word and (example.label is not None or NAME_ASKED.search(prompt)):
            asked = "perhaps"  # a class may be called so
        if asked == "no" and example.label is not None and any(c.isalnum() for c in answer) and kind == "unasked":
            asked = "perhaps"
        if asked != "yes":
            yield self._filler(example, "answer", answer, "perhaps" if asked == "perhaps" else kind)

    def _empty(self, example: Example, field: str, text: str) -> Finding:
        # What was asked may stand in a system message, which a recipe may put before a row of any file: so an answer
        # without a prompt is held with and without one. A label without a text is never of use.
        unsure = field == "prompt" and example.label is None and bool(UNSEEN.sub("", example.answer))
        action: Action = "hold" if unsure and self.action == "drop" else self.action
        said = f"the {field} is empty"
        return finding(
            self, example, field, 0.7 if unsure else 1.0, said, evidence={"length": len(text)}, action=action
        )

    def _filler(self, example: Example, field: str, text: str, kind: str) -> Finding:
        shown = text.strip()[:LONGEST]
        action: Action = "hold" if kind == "perhaps" and self.action == "drop" else self.action
        score = {"always": 1.0, "unasked": 0.9}.get(kind, 0.5)
        said = f"the {field} is a placeholder: {shown!r}"
        return finding(self, example, field, score, said, evidence={"placeholder": shown}, action=action)
