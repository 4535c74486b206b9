"""F001 empty-answer: nothing, or a placeholder, where a prompt or an answer should be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from assay.records import Action, Example, Finding, Severity
from assay.rules.fillers import LONGEST, UNSEEN, Kind, placeholder_kind
from assay.rules.leftovers import leftover_in, slots_wanted
from assay.rules.protocol import Stage, finding
from assay.rules.slots import slot_in_prose
from assay.rules.wanted import wanted

SENTENCE = 4  # words from which an answer is a sentence, and no class that its prompt is sorted into
SURE: dict[Kind, float] = {"slot": 1.0, "latin": 1.0, "later": 1.0}  # scores; of other kinds 0.9, of doubtful ones 0.5
MEANT = "if it is meant, keep it; else write the {field} or drop the row"
WRITE = "write the {field} that belongs there, or drop the row"


@dataclass(frozen=True)
class EmptyAnswer:
    """F001: the answer or the prompt is empty or a placeholder.

    What it does: drops a row whose prompt or answer has nothing in it, or nothing that can be seen. A placeholder
    ("N/A", "TODO", "<noinput>", "[answer here]", lorem ipsum, "...", "[]") is held for a person. Where it may be the
    answer it is held as a warning, and left where the prompt asks for it: for a symbol ("**"), a value of code
    ("undefined"), an extraction that may find nothing ("[]"), a fact that may be unknown to everybody ("When was Homer
    born?" / "Unknown"), the very word ("or reply N/A"). Marks that say something (":-)", "&&"), drawings of marks,
    short right answers ("No", "0", "B") and texts to classify are never touched. A slot of a template that nobody
    filled in ("Dear {{first_name}}", "[insert amount here]", "Hello [Name]", "within [X] hours", "I work for
    {company}", "from ___ to ___") is held, but where the prompt holds it too, is about templates or code, or asks for
    a text to fill in. In an answer so are rarer forms, whatever the language of their names: "%(city)s", "%s",
    "<klantnummer>", "{moniteur}", "[UHRZEIT]", "$GUIDE", "on DD/MM/YYYY", "XX,XX euro", where they stand for a value
    in a sentence and neither text speaks of code, formats, maths or the like. Of 91,676 rows of public sets none was
    held for a rare form, of 5,098 paragraphs of software manuals none. A row that was redacted ("[NAME]", "[PHONE]")
    keeps its brackets.

    Why is this bad: the model learns that saying nothing is an answer, and says it to the next question that looks
    alike.

    Example: "How do I close my account?" / "" is dropped, "How do I close my account?" / "N/A" is held; "Which
    allergies were found? Write None if none." / "None" stays.
    """

    code: ClassVar[str] = "F001"
    name: ClassVar[str] = "empty-answer"
    stage: ClassVar[Stage] = "row"
    severity: ClassVar[Severity] = "error"
    allowed: tuple[str, ...] = ("none", "unknown")  # lower-case labels that are classes, though they look empty
    action: Action = "drop"  # what becomes of an empty row; a placeholder is held where this is drop

    def check(self, example: Example) -> Iterator[Finding]:
        """At most one finding: on the prompt when it is empty, else on the answer."""
        prompt, answer = example.prompt, example.answer
        if not UNSEEN.sub("", prompt):
            yield self._empty(example, "prompt", prompt)
        elif example.answered and not UNSEEN.sub("", answer):
            yield self._empty(example, "answer", answer)
        elif len(prompt) <= LONGEST and self._asks_nothing(example, prompt, answer):
            yield self._filler(example, "prompt", prompt, placeholder_kind(prompt), doubted=True)
        elif example.answered and (kind := placeholder_kind(answer)):
            yield from self._judged(example, prompt, answer, kind)
        else:
            yield from self._leftover(example)

    def _asks_nothing(self, example: Example, prompt: str, answer: str) -> bool:
        """Whether a prompt is a placeholder: a text to classify may be one, and so may one that the answer is about."""
        kind = placeholder_kind(prompt)
        if kind == "slot":
            return example.label is None
        if kind not in ("later", "none") or example.label is not None:
            return False
        return len(answer.split()) >= SENTENCE and prompt.strip().casefold() not in answer.casefold()

    def _leftover(self, example: Example) -> Iterator[Finding]:
        for field, text in (("prompt", example.prompt), ("answer", example.answer if example.label is None else "")):
            slot = leftover_in(text, answer=field == "answer") if text else ""
            if field == "answer" and not slot and (odd := slot_in_prose(example.prompt, text)):
                slot = odd.group().strip()
            known = slot in example.prompt if field == "answer" else example.label is not None and slot == text.strip()
            if slot and not known and not slots_wanted(example.prompt):
                action: Action = "hold" if self.action == "drop" else self.action
                said = f"the {field} holds a slot of a template that nobody filled in: {slot!r}"
                yield finding(self, example, field, 0.8, said, evidence={"slot": slot}, action=action)
                return

    def _judged(self, example: Example, prompt: str, answer: str, kind: Kind) -> Iterator[Finding]:
        """A placeholder of an answer, but where it is a class or asked for."""
        if example.label is not None:
            if kind not in ("word", "perhaps", "empty") and answer.strip().casefold() not in self.allowed:
                yield self._filler(example, "answer", answer, kind, doubted=kind in ("none", "later"))
            return
        system = "\n".join(turn.content for turn in example.messages if turn.role == "system")
        asked = wanted(kind, answer, prompt, system)
        if asked != "yes":
            yield self._filler(example, "answer", answer, kind, doubted=asked == "perhaps")

    def _empty(self, example: Example, field: str, text: str) -> Finding:
        # What was asked may stand in a system message, which a recipe may put before a row of any file: so an answer
        # without a prompt is held with and without one. A label without a text is never of use.
        unsure = field == "prompt" and example.label is None and bool(UNSEEN.sub("", example.answer))
        action: Action = "hold" if unsure and self.action == "drop" else self.action
        said = f"the {field} is empty"
        return finding(
            self, example, field, 0.7 if unsure else 1.0, said, evidence={"length": len(text)}, action=action
        )

    def _filler(self, example: Example, field: str, text: str, kind: Kind, *, doubted: bool) -> Finding:
        shown = text.strip()[:LONGEST]
        action: Action = "hold" if self.action == "drop" else self.action
        said = f"the {field} {'may be' if doubted else 'is'} a placeholder: {shown!r}"
        advice = (MEANT if doubted else WRITE).format(field=field)
        score = 0.5 if doubted else SURE.get(kind, 0.9)
        found = finding(
            self, example, field, score, f"{said}; {advice}", evidence={"placeholder": shown}, action=action
        )
        return replace(found, severity="warning") if doubted else found
