"""Messages to token ids, the same for the trainer and the server; and the fingerprint that proves they are the same.

A template may put words into the model's mouth: SmolLM2's inserts a system prompt of its own when none is passed. Here
no system prompt means none: such a template is given an empty system turn, so its own text never appears, in training
or in serving.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from assay.errors import ModelError, ParityError
from assay.records import Example, Message, digest_of

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_PROBE = (
    Message("user", "Where is my card?"),
    Message("assistant", "card_arrival"),
    Message("user", "It's 2 WEEKS late…"),
)


class Rendered(NamedTuple):
    """One example as the trainer sees it."""

    ids: list[int]  # prompt, answer, end of turn
    answer_start: int  # index in `ids` of the first token of the answer: those from here on are trained
    truncated: int  # tokens left out so that it fits
    ended: bool  # whether the end of turn is there to be learnt

    @property
    def answer_tokens(self) -> int:
        """Tokens that are trained."""
        return len(self.ids) - self.answer_start


def render(
    messages: Sequence[Message], tokenizer: PreTrainedTokenizerBase, *, for_answer: bool, system: str = ""
) -> list[int]:
    """Token ids of a conversation; with `for_answer`, up to where the model must start to write.

    `system` is put before a conversation that has no system message of its own. Text that looks like a special token
    ("<|im_end|>" typed by a user) is broken up, so that it cannot end a turn.

    Raises:
        ModelError: the tokeniser has no chat template, it refuses these messages, or the text would begin twice.
    """
    ids = encode(tokenizer, _text(_with_system(messages, tokenizer, system), tokenizer, for_answer))
    if len(ids) > 1 and ids[0] == ids[1] == tokenizer.bos_token_id:
        twice = f"{tokenizer.bos_token}{tokenizer.bos_token}"
        raise ModelError(
            f"every text would begin with {twice}: the chat template writes it, and so does the tokeniser; trained so, "
            "the model would answer worse wherever it is served without the second",
            hint="take one out: `bos_token` in chat_template.jinja, or `add_bos_token` in tokenizer_config.json",
        )
    return ids


def tokenise(example: Example, tokenizer: PreTrainedTokenizerBase, max_tokens: int, system: str = "") -> Rendered:
    """The example as ids, the answer's position in them, and what was left out to fit `max_tokens`.

    A row that is too long loses the end of its longest prompt message, never its answer, the template or the end of
    turn; where the answer alone does not fit, it is cut (and the audit refuses it).

    Raises:
        ModelError: the template cannot render it.
    """
    messages, answer = list(example.messages), Message("assistant", example.answer)
    if example.answered:
        messages.pop()
    tail = _answer_ids(messages, answer, tokenizer, system)
    head = render(messages, tokenizer, for_answer=True, system=system)
    full = len(head) + len(tail)
    while len(head) + len(tail) > max_tokens:
        shorter = _shorten(messages, len(head) + len(tail) - max_tokens, tokenizer)
        if shorter is None:
            break
        messages = shorter
        head = render(messages, tokenizer, for_answer=True, system=system)
    ids = (head + tail)[:max_tokens]
    return Rendered(ids, min(len(head), len(ids)), full - len(ids), ended=len(head) + len(tail) <= max_tokens)


def encode(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    """Ids of a text as it stands: no token is added, special tokens in it are recognised."""
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def option_ids(option: str, tokenizer: PreTrainedTokenizerBase, system: str = "") -> list[int]:
    """The ids of `option` as an answer, its end of turn included: what a model trained on it would write."""
    return _answer_ids([Message("user", "?")], Message("assistant", option), tokenizer, system)


def end_of_turn(tokenizer: PreTrainedTokenizerBase) -> int:
    """The id that ends an answer.

    Raises:
        ModelError: neither the template nor the tokeniser has one.
    """
    return option_ids("x", tokenizer)[-1]


def ends(tokenizer: PreTrainedTokenizerBase, model: Any) -> frozenset[int]:
    """The ids after which nothing more is written: the template's end of turn, and those the model's settings name."""
    told = getattr(getattr(model, "generation_config", None), "eos_token_id", None)
    return frozenset([end_of_turn(tokenizer), *([told] if isinstance(told, int) else told or [])])


def fingerprint(tokenizer: PreTrainedTokenizerBase, system: str) -> str:
    """sha256 over all that decides a conversation's ids: template, system prompt, special tokens; and over a probe."""
    special = sorted((str(key), str(value)) for key, value in tokenizer.special_tokens_map.items())
    probes = [render(_PROBE, tokenizer, for_answer=True, system=system), option_ids("Top up: 50 €!", tokenizer, system)]
    return digest_of([tokenizer.chat_template, system, special, sorted(tokenizer.all_special_ids), probes])


def verify(trained: str, tokenizer: PreTrainedTokenizerBase, system: str) -> None:
    """Refuse to serve what renders otherwise than the trainer did; `trained` is the fingerprint stored in the adapter.

    Raises:
        ParityError: the template, system prompt or tokens differ.
    """
    now = fingerprint(tokenizer, system)
    if now != trained:
        raise ParityError(
            f"the tokens would differ from those the adapter was trained on (trained {trained[:12]}, here {now[:12]}): "
            "another chat template, system prompt or tokeniser",
            hint="serve the adapter with the tokeniser and system prompt in its own folder, or train it again",
        )


def _with_system(messages: Sequence[Message], tokenizer: PreTrainedTokenizerBase, system: str) -> list[Message]:
    if messages and messages[0].role == "system":
        return list(messages)
    needed = bool(system) or inserts_its_own(tokenizer, str(tokenizer.chat_template))
    return [Message("system", system), *messages] if needed else list(messages)


@lru_cache(maxsize=16)
def inserts_its_own(tokenizer: PreTrainedTokenizerBase, template: str) -> bool:
    """Whether the template writes more without a system message than with an empty one."""
    user = Message("user", "?")
    try:
        empty = _text([Message("system", ""), user], tokenizer, for_answer=False)
    except ModelError:
        return False  # it knows no system role, so it inserts none
    return len(_text([user], tokenizer, for_answer=False)) > len(empty)


def _text(messages: Sequence[Message], tokenizer: PreTrainedTokenizerBase, for_answer: bool) -> str:
    import jinja2

    if not tokenizer.chat_template:
        raise ModelError("the tokeniser has no chat template", hint="use an instruction-tuned base model")
    turns = [{"role": turn.role, "content": _defused(turn.content, tokenizer)} for turn in messages]
    try:
        return str(tokenizer.apply_chat_template(turns, add_generation_prompt=for_answer, tokenize=False))
    except jinja2.TemplateError as error:
        roles = ", ".join(turn.role for turn in messages)
        raise ModelError(f"the chat template refuses these messages ({roles}): {error}") from error


def _defused(content: str, tokenizer: PreTrainedTokenizerBase) -> str:
    """Special tokens get a zero-width space after their first character: text to the model, the same to a reader."""
    for token in tokenizer.all_special_tokens:
        if len(token) > 1:
            content = content.replace(token, f"{token[0]}\u200b{token[1:]}")
    return content


def _answer_ids(
    prompt: Sequence[Message], answer: Message, tokenizer: PreTrainedTokenizerBase, system: str
) -> list[int]:
    """The ids after the prompt, up to the first special token: that is the end of turn."""
    turns = _with_system(prompt, tokenizer, system)
    head = _text(turns, tokenizer, for_answer=True)
    full = _text([*turns, answer], tokenizer, for_answer=False)
    if not full.startswith(head):
        raise ModelError(
            "the chat template renders an answer otherwise than it asks for one", hint="use another base model"
        )
    ids = encode(tokenizer, full[len(head) :])
    special = set(tokenizer.all_special_ids)
    end = next((i for i, token in enumerate(ids) if token in special), None)
    if end is not None:
        return ids[: end + 1]
    if tokenizer.eos_token_id is None:
        raise ModelError("neither the chat template nor the tokeniser says how an answer ends")
    return [*ids, int(tokenizer.eos_token_id)]


def _shorten(messages: Sequence[Message], excess: int, tokenizer: PreTrainedTokenizerBase) -> list[Message] | None:
    """The messages with at least `excess` tokens fewer at the end of the longest one that is not the system's."""
    sizes = [0 if turn.role == "system" else len(encode(tokenizer, turn.content)) for turn in messages]
    if not sizes or max(sizes) == 0:
        return None
    longest = sizes.index(max(sizes))
    kept = encode(tokenizer, messages[longest].content)[: max(0, sizes[longest] - excess)]
    text = tokenizer.decode(kept, skip_special_tokens=True).rstrip("\ufffd")
    shorter = Message(messages[longest].role, text if len(text) < len(messages[longest].content) else "")
    return [*messages[:longest], shorter, *messages[longest + 1 :]]
