"""R002: rows in a language the set is not in, or that the prompt does not ask for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, NamedTuple

from assay.records import Action, Example, Finding, Severity
from assay.rules.protocol import Stage, finding
from assay.signals import Measured
from assay.signals.folding import fold, words
from assay.signals.language import (
    Spoken,
    alphabet,
    close,
    language,
    language_name,
    named,
    speaks_of_translating,
    writes,
)

FEWEST = 10  # texts whose language can be told, below which a set has none
FOLLOWS = 0.9  # share of rows answered in the language of their prompt from which that is the custom of a set
MIXED = 0.05  # share of rows in other languages, asked and answered alike, from which such rows are the custom of a set
THIRD = 1 / 3  # share of words known in the main language up to which a short text is told by its script
QUOTED = 0.3  # share of the answer's words that stand in the prompt, from which the answer takes up what it was given
_PARTS = re.compile(r"[\n:\"“”«»„]|(?<=[.?!])\s")
_INTO = re.compile(
    r"\b(?i:translat\w+\b[^\n]{0,80}?\b(?:in)?to|(?:answer|reply|respond|write|rewrite)\b[^\n.?!]{0,60}?\bin)"
    r"\s+(?:the\s+)?(?P<name>[A-Z]\w+)",
)


# A prompt that asks for words of a language, where it names one.
_WORDS = re.compile(
    r"\b(?:in|into|to|auf|ins|en|em|på|na|po|по|на)\s+(?:the\s+)?(?P<name>[^\W\d_]+)"
    r"|\bthe [^\W\d_]+ for\b|\b(?:say|says|said|call(?:ed)?|words?|terms?|phrases?|sentences?|expressions?"
    r"|names?|means?|meaning|language|speak|spoken"
    r"|sagt|sagen|heißt|dit|dire|dice|decir|dire|diz|dizer|zeg|zegt|accent|dialect|signs?|characters?|equivalent)\b",
    re.IGNORECASE,
)
# A prompt that asks for what somebody said or wrote, whatever its language.
_QUOTE = re.compile(
    r"\b(?:say|said|dit-on|sagt man|se dice|si dice|se diz"
    r"|zegt? (?:je|men)|säger man|mottos?|proverbs?|sayings?|quot\w+|verses?|lyrics?|songs?|poems?|prayers?|anthems?"
    r"|slogans?|titles?"
    r"|(?:first|last|opening) (?:line|words?|sentence)|tongue[ -]?twisters?|pronounc\w+"
    r"|spell(?:ed|ing)?|alphabet|cyrillic"
    r"|kanji|hiragana|katakana|script|greet\w*|inscription|written|writes?|labels?|toast|carol|hymn)\b",
    re.IGNORECASE,
)
SHORT = 16  # words up to which an answer may be no more than what was said or written


class Foreign(NamedTuple):
    """What is wrong with the language of a row."""

    field: str  # "prompt", "answer" or "row"
    code: str  # the language it is in
    expected: str  # the language it should be in
    said: str


@dataclass(frozen=True)
class WrongLanguage:
    """R002: the row, or its answer, is in another language than the set or than the prompt asks for.

    What it does: tells the language of each prompt and answer (fastText's small model of 176 languages, or the script
    where that decides), and holds rows in a language that few rows of the set are in. The languages of a set are those
    that at least `usual` of its prompts or answers are in; among these, an answer must be in the language of its prompt
    where that is the custom of the set. A short text is in another language where its script is none of the set's, and
    a sentence where nearly none of its words are known in the set and the main language is most unlikely. An answer is
    left alone where the prompt asks for words of its language ("the German word for", "in French"), for what somebody
    said or wrote, speaks of translating, or holds text in that language or script; but not where it is in another
    language than the prompt says to translate into. Where a twentieth of the rows are asked and answered alike in other
    languages, or classified, such rows are the custom of the set, and only told. Names, lists, code and whatever the
    model is not sure of have no language.

    Why is this bad: a small model that was taught two languages for one kind of question answers in the wrong one, and
    rows of another language take the place of rows that would be asked.

    Example: "Which vitamins are in spinach?" / "Les épinards contiennent surtout des vitamines A, C et K."
    """

    code: ClassVar[str] = "R002"
    name: ClassVar[str] = "wrong-language"
    stage: ClassVar[Stage] = "survey"
    severity: ClassVar[Severity] = "error"

    usual: float = 0.1  # share of the prompts, or of the answers, from which a language is one of the set's own
    action: Action = "hold"

    def survey(self, measured: Measured) -> Iterable[Finding]:
        """At most one finding a row."""
        spoken = Spoken(measured)
        if sum(code != "" for code in (*spoken.prompts, *spoken.answers)) < FEWEST:
            return
        own = [code for code, share in spoken.shares.items() if share >= self.usual]
        follows = _answers_follow(spoken)
        prompts, answers = _with_alphabets(measured, spoken, self.usual)
        rows = zip(prompts, answers, strict=True)  # a label has no language
        others = sum(_foreign(p, own) and (not a or close(p, a)) for p, a in rows)
        mixed = others >= MIXED * len(prompts)
        for row, example in enumerate(measured.examples):
            prompt, answer = prompts[row], answers[row]
            if prompt == answer and prompt in own and not _INTO.search(example.prompt):
                continue
            found = next(_judged(example, prompt, answer, own, follows), None)
            if found is not None:
                one = finding(
                    self, example, found.field, 0.9, found.said,
                    evidence={"language": found.code, "expected": found.expected, "languages": own},
                )  # fmt: skip
                agree = found.field == "row" or (not prompt and measured.main_language.strange(example.prompt, THIRD))
                agree |= example.label is not None and found.field == "prompt"
                told = mixed and agree  # whoever asks in a language is answered in it
                yield replace(one, severity="info", action="keep") if told else one


def _judged(example: Example, prompt: str, answer: str, own: list[str], follows: bool) -> Iterator[Foreign]:
    """What is wrong with the languages of a row: the first that is given counts."""
    asked = "\n".join(message.content for message in example.messages if message.role == "system") + example.prompt
    target = _target(asked)
    if target:
        signs = {answer, target} == {"ja", "zh"} and len(example.answer) <= SHORT  # a name is written the same in both
        if answer and not close(answer, target) and not signs:
            yield Foreign(
                "answer",
                answer,
                target,
                f"the prompt asks for {language_name(target)}, the answer is in {language_name(answer)}",
            )
        return
    if close(prompt, answer) and not _foreign(prompt, own):
        return
    if not (_foreign(prompt, own) or _foreign(answer, own) or (follows and prompt and answer)):
        return
    if speaks_of_translating(asked) or _asks_for(asked, example.answer, answer if _foreign(answer, own) else prompt):
        return
    main, spoken = ", ".join(own), " and ".join(language_name(code) for code in own)
    if _foreign(prompt, own) and (not answer or close(prompt, answer)):
        yield Foreign("row", prompt, main, f"is in {language_name(prompt)}; the set is in {spoken}")
    elif _foreign(answer, own) and not _holds(example, answer):
        yield Foreign("answer", answer, main, f"the answer is in {language_name(answer)}; the set is in {spoken}")
    elif _foreign(prompt, own) and not _foreign(answer, own):
        yield Foreign("prompt", prompt, main, f"the prompt is in {language_name(prompt)}; the set is in {spoken}")
    elif follows and prompt in own and answer in own and not close(prompt, answer) and not _holds(example, answer):
        said = f"the prompt is in {language_name(prompt)}, the answer in {language_name(answer)}"
        yield Foreign("answer", answer, prompt, said)


def _asks_for(asked: str, said: str, code: str) -> bool:
    """Whether a prompt asks for words of this language, or for what somebody said or wrote and the answer is that."""
    if _QUOTE.search(asked) and len(said.split()) <= SHORT:
        return True
    if not any(close(code, one) for one in named(asked)):
        return False
    return any(not found["name"] or named(found["name"]) for found in _WORDS.finditer(asked))


def _with_alphabets(measured: Measured, spoken: Spoken, usual: float) -> tuple[list[str], list[str]]:
    """The languages of prompts and answers; that of a short text by its script, where few of the set are in that."""
    texts = [example.prompt for example in measured.examples], [example.answer for example in measured.examples]
    main, families = measured.main_language, measured.families
    told = [
        ["" if family is not None and side else alphabet(text) for text, family in zip(rows, families, strict=True)]
        for side, rows in enumerate(texts)
    ]
    told = [
        [code if code and main.strange(text, THIRD) else "" for code, text in zip(codes, rows, strict=True)]
        for codes, rows in zip(told, texts, strict=True)
    ]
    own = {code for side in told for code, n in Counter(side).items() if n >= usual * len(side)}
    first, second = (
        [code or (script if script not in own else "") for code, script in zip(codes, scripts, strict=True)]
        for codes, scripts in zip((spoken.prompts, spoken.answers), told, strict=True)
    )
    return first, [
        code or ("" if family is not None else main.foreign(text))
        for code, text, family in zip(second, texts[1], families, strict=True)
    ]


def _foreign(code: str, own: list[str]) -> bool:
    """Whether a language is none of the set's, nor so alike to one that they are mixed up."""
    return code != "" and not any(close(code, one) for one in own)


def _holds(example: Example, code: str) -> bool:
    """Whether a part of the prompt is in this language, or much of the answer stands in it: then it is no surprise."""
    prompt = example.prompt[:2000]
    said, asked = set(words(fold(example.answer[:600]))), set(words(fold(prompt)))
    if len(said & asked) >= QUOTED * len(said) or writes(prompt, code):
        return True
    return any(close(language(part), code) for part in _PARTS.split(prompt) if part.strip())


def _target(asked: str) -> str:
    """The one language a prompt says to translate into, or to answer in; "" where it says none, or names several."""
    codes = {code for found in _INTO.finditer(asked) for code in named(found["name"])}
    return codes.pop() if len(codes) == 1 and len(named(asked)) == 1 else ""


def _answers_follow(spoken: Spoken) -> bool:
    """Whether answers are nearly always in the language of their prompts."""
    both = [(p, a) for p, a in zip(spoken.prompts, spoken.answers, strict=True) if p and a]
    return len(both) >= FEWEST and sum(close(p, a) for p, a in both) >= FOLLOWS * len(both)
