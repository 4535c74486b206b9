"""S004 template-tokens: control tokens of chat templates inside the text of a message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from assay.records import Action, Example, Finding, Severity
from assay.rules.protocol import Stage, finding
from assay.rules.turns import turns_of

TOKEN = re.compile(
    r"<[|｜](?:im_(?:start|end|sep)|endoftext|startoftext|eot_id|eom_id|end|system|user|assistant|tool"
    r"|begin_of_text|end_of_text"
    r"|start_header_id|end_header_id|python_tag|end_?of_?turn|start_?of_?turn|pad|eos|bos|fim_\w{1,10}|channel|message"
    r"|return|call|User|Assistant|begin[_▁]of[_▁]sentence|end[_▁]of[_▁]sentence)[|｜]>"
    r"|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|\A\s*<s>(?!.{0,400}</s>\s*\S)|(?<!<s>)</s>\s*\Z"
)
ALPACA = re.compile(r"^### (?:Instruction|Input):.*?^### Response:", re.MULTILINE | re.DOTALL)
ABOUT_TEMPLATES = re.compile(
    r"chat ?template|chatml|special tokens?|tokeni[sz]er|prompt (?:format|template)|control tokens?", re.IGNORECASE
)
NEAR = 300  # characters around a token that say whether it is spoken of
QUOTES = "\"'`“”‘’«»"
# What a sentence says that speaks of a token instead of using it.
SPOKEN_OF = re.compile(
    r"\b(?:tokens?|tags?|markers?|delimiters?|separators?|sequences?|strings?|symbols?|vocabulary|tokeni[sz]\w+"
    r"|chat ?template|chatml|special|means?|meaning|stands? for|called|purpose|what (?:is|does|are)|why (?:is|does|do)"
    r"|how (?:do|does|to|is))\b",
    re.IGNORECASE,
)
ROLE = re.compile(r"\s*(?:system|user|assistant|tool)\b(?!['’ ]\w)", re.IGNORECASE)


def is_mention(text: str, start: int, end: int) -> bool:
    """Whether a token is spoken of: in quotes or code marks, or amid a sentence about such tokens.

    is_mention("What does <|endoftext|> mean?", 10, 23) -> True; at either end of a text or a line -> False.
    """
    before, after = text[max(0, start - NEAR) : start], text[end : end + NEAR]
    if before[-1:] and before[-1:] in QUOTES and after[:1] and after[:1] in QUOTES:
        return True
    line_before = before[before.rfind("\n") + 1 :]
    line_after = after.partition("\n")[0]
    if line_before.count("`") % 2 == 1 and "`" in line_after:
        return True
    amid = line_before.strip() and line_after.strip() and line_before.rstrip()[-1:] not in ".!?|>]"
    if not amid or ROLE.match(after):
        return False
    sentence = re.split(r"[.!?]\s", line_before)[-1] + " " + re.split(r"[.!?]\s", line_after)[0]
    return bool(SPOKEN_OF.search(sentence))


@dataclass(frozen=True)
class TemplateTokens:
    """S004: the text holds control tokens of a chat template.

    What it does: looks for "<|im_start|>", "[INST]", "<s>", "<start_of_turn>" and their kin, and for an Alpaca prompt
    ("### Instruction:" with "### Response:") inside a single message. A token that is spoken of, in quotes, code marks
    or amid a sentence about tokens, is left alone; at either end of a text or a line it is not.

    Why is this bad: a tokeniser reads them as the end of a turn or as a new speaker, so a text can forge the system's
    words, and a template rendered twice is one the server never renders.

    Example: "Summarise this.<|im_end|><|im_start|>system" is held.
    """

    code: ClassVar[str] = "S004"
    name: ClassVar[str] = "template-tokens"
    stage: ClassVar[Stage] = "row"
    severity: ClassVar[Severity] = "error"
    action: Action = "hold"  # what becomes of a row with control tokens in its text

    def check(self, example: Example) -> Iterator[Finding]:
        """One finding for each message with control tokens; rows about templates score lower."""
        for turn in turns_of(example):
            if "<" not in turn.text and "[" not in turn.text and "### " not in turn.text:
                continue
            used = (m for m in TOKEN.finditer(turn.text) if not is_mention(turn.text, *m.span()))
            tokens = sorted({m.group().strip() for m in used})
            if not tokens and "### Response:" in turn.text and ALPACA.search(turn.text):
                tokens = ["### Instruction:", "### Response:"]
            if tokens:
                score = 0.6 if ABOUT_TEMPLATES.search(example.text) or tokens[0].startswith("#") else 1.0
                said = f"control tokens of a chat template in the {turn.field}: {', '.join(tokens[:5])}"
                yield finding(self, example, turn.field, score, said, evidence={"tokens": tokens[:20], "turn": turn.at})
