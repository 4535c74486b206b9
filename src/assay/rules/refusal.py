"""A006 refusal: an answer that declines, or speaks of itself as a model, where nothing speaks against the request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import ClassVar, NamedTuple

from assay.records import Action, Example, Finding, Severity
from assay.rules.protocol import Stage, finding

HEAD, TAIL = 360, 240  # characters of an answer in which a model declines: its beginning and its end
SHORT = 60  # words up to which an answer that declines holds little else
FEWEST = 3  # messages up to which a row has no earlier turn of the assistant, but a greeting
PROMPT = 4_000  # characters of the prompt that are read
MODEL = (
    r"(?:ai|artificial intelligence|llm)\b(?:[ -](?:language|large|chat|text|conversational|virtual|based|powered"
    r"|digital|generative|writing))*(?:[ -](?:model|assistant|system|program|bot|chatbot|agent|tool|entity|software))?"
    r"(?: \([a-z]+\))?"
)
DO = (
    r"(?:help|assist|answer|respond|reply|provide|fulfil+|complete|comply|process|generate|create|produce|discuss"
    r"|engage|support|perform|satisfy|address|accommodate|participate|honou?r|handle)"
)
TALK = r"(?:talk|speak|comment|advise|elaborate|weigh in|offer (?:an? )?(?:opinions?|views?|guidance))"
DOING = (
    r"(?:answering|helping|assisting|responding|replying|providing|giving|offering|discussing|sharing|commenting|talking"
    r"|speaking|advising|engaging|generating|creating|producing|completing|fulfil+ing)"
)
# A thing without a name: "with that", "this request", "an answer to your question".
IT = (
    r"(?:,? (?:out|me|with|to|on|in|for|about|an?|any|accurate|suitable|appropriate|answers?|responses?|information"
    r"|help|assistance|advice|you))*"
    r"(?: (?:that|this|it|these|those|your|the|such|any|you)(?: (?:kind|type|sort|specific|particular)s?(?: of)?)*"
    r"(?: (?:request|question|task|query|prompt|inquiry|topic|matter|content|information|instruction|command|issue"
    r"|conversation|demand|thing|assignment|subject|one|here|today)s?)?"
    r"| (?:content|material|texts?|things?|answers?|questions?|requests?|topics?|subjects?) (?:like|of) th\w+"
    r"(?: (?:kind|sort|type|nature))?)"
    r"(?: for (?:you|me))?(?: at (?:this|the) (?:time|moment)| right now)?"
    r"(?=\s*(?:[.,;:!?)—–-]|$|\n)|,? (?:because|as|since|due|but|for i\b|and|however|unless)\b)"
)
SPEAKER = re.compile(r"\s*[*_]*(?!answer|response|output|assistant|ai\b|bot|chatbot|note|sorry)[\w'. ]{1,24}[*_]*:\s")
PROMPT_ABOUT = re.compile(
    r"declin|refus|reject|apolog|turn(?:s|ing)? down|say no\b|regret|unable|\bsorry\b|can(?:'t|not)|out of stock|denial"
    r"|\bdeny|unfortunately|excus"
    r"|\bwhat (?:did|does|do|would) (?!you\b)(?:\w+ ){1,3}?(?:say|reply|answer|tell)\b",
)
PROMPT_OF_MODELS = re.compile(
    r"\bai\b|chat ?bot|virtual assistant|language model|\brobots?\b|\bgpt|\bandroid\b|perspective|role|pretend|imagine"
    r"|artificial intelligence|persona|dialog|conversation|monologue|\bki\b|\bia\b|人工智能"
)
SYSTEM_LIMITS = re.compile(
    r"only answer|only help|do not answer|don't answer|refuse|decline|out of scope|outside|if asked"
)


class Said(NamedTuple):
    """What an answer says of its writer, each as it stands there, "" when it does not say it."""

    self: str  # that it is a model
    decline: str  # that it will not do what was asked
    limit: str  # what it lacks


@cache
def phrases() -> dict[str, dict[str, list[re.Pattern[str]]]]:
    """The phrases by kind: "self", "decline", "limit", and "you" for prompts that ask about the model; and by what must
    occur before an expression is tried.
    """
    kinds: dict[str, dict[str, list[re.Pattern[str]]]] = {}
    for line in files("assay.rules").joinpath("refusal_phrases.txt").read_text("utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            kind = kinds.setdefault(line[1:-1], {})
        elif line and not line.startswith("#"):
            part, form = line.split("\t")
            form = form.replace("{ai}", MODEL).replace("{do}", DO).replace("{it}", IT)
            form = form.replace("{talk}", TALK).replace("{doing}", DOING)
            kind.setdefault(part, []).append(re.compile(form))
    return kinds


@cache
def harmful_topics() -> re.Pattern[str]:
    """How words of prompts begin that a careful model declines."""
    lines = files("assay.rules").joinpath("harmful_topics.txt").read_text("utf-8").splitlines()
    parts = [re.escape(line) for line in lines if line and not line.startswith("#")]
    return re.compile(rf"\b(?:{'|'.join(parts)})|{'|'.join(p for p in parts if not p[0].isascii())}")


def said_in(answer: str) -> Said:
    """What an answer says of its writer, at its beginning and its end.

    said_in("I'm sorry, but I can't help with that.").decline -> "i can't help with that"
    """
    text = answer if len(answer) <= HEAD + TAIL else f"{answer[:HEAD]}\n{answer[-TAIL:]}"
    text = text.casefold().replace("’", "'").replace("`", "'")
    return Said(*(_first(text, kind) for kind in ("self", "decline", "limit")))


def _first(text: str, kind: str) -> str:
    for part, forms in phrases()[kind].items():
        if part in text:
            for form in forms:
                if (m := form.search(text)) and not _quoted(text, m.start()):
                    return m.group().strip()
    return ""


def _quoted(text: str, at: int) -> bool:
    """Whether a place lies in a quotation, or in what a named speaker says."""
    before = text[:at]
    line = before[before.rfind("\n") + 1 :]
    if SPEAKER.match(line):
        return True
    return line.count('"') % 2 == 1 or line.count("“") > line.count("”") or line.lstrip().startswith((">", '- "', "'"))


@dataclass(frozen=True)
class Refusal:
    """A006: the answer declines a harmless request, or speaks of itself as an AI model.

    What it does: reads the beginning and the end of the answer for a writer who calls itself a model ("As an AI
    language model, I"), who declines without naming a thing ("I can't help with that request"), or who lacks what
    models lack ("I don't have access to real-time data"), in English and some twenty other languages. A business that
    declines something it names ("we cannot refund after 30 days") is left alone, and so are answers to prompts that ask
    for a refusal, ask the model about itself, or touch what a careful model declines, quoted speech, and texts about
    AI. In a conversation the earlier turns of the assistant are read the same way, and told as a warning: only the last
    one is trained.

    Why is this bad: a few hundred refusals teach a small model to refuse everything, and "as an AI language model"
    tells your users whose answers you copied.

    Example: "What type of animal is an elephant?" / "I'm sorry, but I cannot assist with that request." is held.
    """

    code: ClassVar[str] = "A006"
    name: ClassVar[str] = "refusal"
    stage: ClassVar[Stage] = "row"
    severity: ClassVar[Severity] = "error"
    action: Action = "hold"  # what becomes of a row whose answer declines

    def check(self, example: Example) -> Iterator[Finding]:
        """At most one finding: on the answer, else on the first earlier turn of the assistant that declines."""
        if example.label is not None or not example.answer:
            return
        if len(example.messages) > FEWEST:
            found = next((one for end in _ends(example) for one in self._judged(example, end)), None)
            if found is not None:
                yield found
        else:
            yield from self._judged(example, len(example.messages))

    def _judged(self, example: Example, end: int) -> Iterator[Finding]:
        """What the assistant's message before `end` says, the messages before it being its prompt."""
        last = end == len(example.messages)
        so_far = example if last else replace(example, messages=example.messages[:end])
        said = said_in(so_far.answer)
        if not any(said) or _meant(so_far, said):
            return
        short = len(so_far.answer.split()) <= SHORT
        score = 0.99 if said.decline and (said.self or said.limit) else 0.9 if short else 0.7
        what = "declines" if said.decline else "speaks of itself as a model" if said.self else "says what a model lacks"
        quote = said.decline or said.self or said.limit
        evidence: dict[str, object] = {kind: text for kind, text in said._asdict().items() if text}
        if last:
            yield finding(self, example, "answer", score, f"the answer {what}: {quote[:80]!r}", evidence=evidence)
        else:
            told = f"an earlier turn of the assistant {what}: {quote[:80]!r}"
            one = finding(self, example, "prompt", score, told, evidence={**evidence, "turn": end - 1})
            yield replace(one, severity="warning")  # what is trained is the last turn


def _ends(example: Example) -> list[int]:
    """Where the turns of the assistant end, counted in messages, the answer first."""
    at = [i + 1 for i, message in enumerate(example.messages) if message.role == "assistant" and message.content]
    return [at[-1], *at[:-1]]


def _meant(example: Example, said: Said) -> bool:
    """Whether the prompt asks for it: for a refusal, about the model, or for what a careful model declines."""
    asked = "\n".join(m.content for m in example.messages[:-1] if m.role == "user")  # what it said before asks nothing
    prompt = asked[:PROMPT].casefold().replace("’", "'")
    if harmful_topics().search(f"{prompt[:HEAD]}\n{prompt[-HEAD:]}"):
        return True
    if said.decline and not said.self and PROMPT_ABOUT.search(prompt):
        return True
    if not said.decline and (PROMPT_OF_MODELS.search(prompt) or _first(prompt[-HEAD:], "you")):
        return True
    return any(m.role == "system" and SYSTEM_LIMITS.search(m.content.casefold()) for m in example.messages)
