"""S004 template-tokens: control tokens of chat templates inside the text of a message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from assay.records import Action, Example, Finding, Severity
from assay.rules.protocol import Stage, finding
from assay.rules.turns import Turn, turns_of

TOKEN = re.compile(
    r"<[|｜](?:im_(?:start|end|sep)|endoftext|startoftext|eot_id|eom_id|end|system|user|assistant|tool"
    r"|begin_of_text|end_of_text"
    r"|start_header_id|end_header_id|python_tag|end_?of_?turn|start_?of_?turn|pad|eos|bos|fim_\w{1,10}|channel|message"
    r"|return|call|User|Assistant|begin[_▁]of[_▁]sentence|end[_▁]of[_▁]sentence)[|｜]>"
    r"|<[|｜][A-Z_]{2,24}_TOKEN[|｜]>|<reserved_\d{1,4}>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|\A\s*<s>(?!.{0,400}</s>\s*\S)|(?<!<s>)</s>\s*\Z"
)
# Tokens that are words in pointed or square brackets stand for themselves at an end of the text, and in a row.
PLAIN = re.compile(
    r"\A\s*<(?:bos|pad|sep|cls)>|(?:(?<=[.!?…\"'”»)])\s*|(?<=\S))<(?:eos|eot|pad|sep)>\s*\Z|\A\s*<(?:eos|eot)>\s*\Z|(?:<pad>){2}"
    r"|\[CLS\](?=[^\[\]]{1,2000}\[SEP\])|\[BOS\](?=[^\[\]]{1,2000}\[EOS\])|(?:\[PAD\]\s?){2}"
    r"|\A\s*<(assistant|user)>(?=[\s\S]*</\1>\s*\Z)",
    re.IGNORECASE,
)
# A prompt with its answer in one text, as "### Instruction: ... ### Response:", on one line or several.
PAIRED = re.compile(
    r"(?:^|(?<=\s))(?P<asked>###? ?(?:Instruction|Input|Human|User)):"
    r".*?\s(?P<told>###? ?(?:Response|Assistant|Output)):",
    re.DOTALL,
)
# Speakers as the templates of older models name them, each at the beginning of a line, or in capitals.
SPEAKERS = re.compile(
    r"(?:^|\n)[ \t]*(?P<asked>Human|User|USER|HUMAN) ?:[^\n]*(?:\n(?![ \t]*\w+ ?:)[^\n]*){0,40}?"
    r"\n[ \t]*(?P<told>Assistant|ASSISTANT|AI) ?:"
    r"|(?:^|\n)[ \t]*(?P<capital>USER): [^\n]{1,2000}?\s(?P<answer>ASSISTANT):"
)
STAGED = re.compile(
    r"\b(?:dialog(?:ue)?s?|conversations?|transcripts?|screenplay|script|scene|chats?|chat ?(?:bot|log)s?|role-?play"
    r"|interview|novel|play|characters?|skit|story|simulat\w+|messages)\b",
    re.IGNORECASE,
)
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


def _tokens(text: str) -> list[str]:
    """The control tokens in a text that are used, not spoken of."""
    if "<" not in text and "[" not in text:
        return []
    used = [m for m in TOKEN.finditer(text) if not is_mention(text, *m.span())]
    used += [m for m in PLAIN.finditer(text) if not is_mention(text, *m.span())]
    return sorted({m.group().strip() for m in used})


def _turns(turn: Turn, example: Example) -> list[str]:
    """The speakers a text names as a template does, unless somebody wrote a conversation because he was asked to."""
    if ":" not in turn.text:
        return []
    match = PAIRED.search(turn.text) if "###" in turn.text else None
    if not match and ("ssistant" in turn.text or "ASSISTANT" in turn.text or "AI" in turn.text):
        match = SPEAKERS.search(turn.text)
        if match and (STAGED.search(turn.text[: match.start()]) or any(map(STAGED.search, _others(turn, example)))):
            return []
    return [f"{speaker}:" for speaker in match.groupdict().values() if speaker] if match else []


def _others(turn: Turn, example: Example) -> list[str]:
    return [other.text for other in turns_of(example) if other.at != turn.at]


@dataclass(frozen=True)
class TemplateTokens:
    """S004: the text holds control tokens of a chat template.

    What it does: looks for "<|im_start|>", "[INST]", "<s>", "<start_of_turn>" and their kin, for "<bos>" and "<eos>" at
    the ends of a text, for an Alpaca prompt ("### Instruction:" with "### Response:") and for the speakers of older
    templates ("Human:" with "Assistant:") inside a single message. A token that is spoken of, in quotes, code marks or
    amid a sentence about tokens, is left alone; at either end of a text or a line it is not. Speakers are left alone
    where the row speaks of a dialogue, a scene or a transcript.

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
            tokens = _tokens(turn.text) or _turns(turn, example)
            if tokens:
                doubtful = ABOUT_TEMPLATES.search(example.text) or tokens[0][-1] == ":"
                score = 0.6 if doubtful else 1.0
                said = f"control tokens of a chat template in the {turn.field}: {', '.join(tokens[:5])}"
                yield finding(self, example, turn.field, score, said, evidence={"tokens": tokens[:20], "turn": turn.at})
