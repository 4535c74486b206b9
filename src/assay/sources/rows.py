"""A record and its Example: what the model would learn from it, and an edit put back where it came from."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from assay.records import TURN_FIELDS, Example, Message
from assay.sources.json_rows import KEY, meaning
from assay.sources.shapes import Shape

Record = Mapping[str, Any]
GAP = "\n\n"  # between an instruction and its input, a question and its context, inside one user message
_ROLES = {
    "human": "user", "user": "user", "customer": "user", "prompter": "user",
    "gpt": "assistant", "assistant": "assistant", "bot": "assistant", "chatgpt": "assistant", "model": "assistant",
    "system": "system", "tool": "tool", "function": "tool", "observation": "tool",
}  # fmt: skip


class Unfit(Exception):
    """Why a record is not of the shape: the value met and what was expected."""


class Body(NamedTuple):
    """What a record says, before it is an Example."""

    messages: tuple[Message, ...]
    label: str | None
    context: str | None
    weight: float
    group: str | None


def text_in(record: Record, column: str, *, empty: bool = True) -> str:
    """The value of a column as text: null is "", numbers and truth values as JSON spells them."""
    if column not in record:
        raise Unfit(f"has no '{column}'; found {', '.join(key for key in record if key != KEY) or 'nothing'}")
    value = record[column]
    if isinstance(value, str):
        return value
    if value is None and empty:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return str(value)
    raise Unfit(f"'{column}' is {meaning(value)}; expected text")


def body_of(record: Record, shape: Shape) -> Body:
    """What a record of this shape says.

    Raises:
        Unfit: a column is missing or holds what cannot be used.
    """
    at = shape.columns
    messages: list[Message] = []
    if at.get("system") in record and record[at["system"]]:
        messages.append(Message("system", text_in(record, at["system"])))
    if "messages" in at:
        messages += turns(record, at["messages"])
    else:
        messages += _asked(record, at)
    label = text_in(record, at["label"]) if "label" in at else None
    if shape.answer is not None:
        messages += _answered(record, shape.answer)
    context = text_in(record, at["context"]) if at.get("context") in record else None
    group = record.get(at["group"]) if "group" in at else None
    return Body(
        tuple(messages), label, context, _weight(record, at), None if group is None or group == "" else str(group)
    )


def _asked(record: Record, at: Mapping[str, str]) -> list[Message]:
    if isinstance(record.get(at["prompt"]), list):
        return turns(record, at["prompt"])
    text = text_in(record, at["prompt"])
    second = second_column(at)
    more = text_in(record, second) if second is not None and second in record else ""
    return [Message("user", text + GAP + more if more else text)]


def second_column(at: Mapping[str, str]) -> str | None:
    """The column whose text follows the prompt in the same message: input or context."""
    return at.get("input", at.get("context"))


def _answered(record: Record, column: str) -> list[Message]:
    if isinstance(record.get(column), list):
        return turns(record, column)
    return [Message("assistant", text_in(record, column))]


def _weight(record: Record, at: Mapping[str, str]) -> float:
    value = record.get(at["weight"]) if "weight" in at else None
    if value is None or value == "":
        return 1.0
    try:
        weight = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        weight = math.nan
    if not 0 <= weight < math.inf:
        raise Unfit(f"'{at['weight']}' is {meaning(value)}; expected a weight, a number from 0")
    return weight


def chat_in(record: Record, column: str) -> list[Any]:
    """The turns of a chat column: a list, or the JSON text of one (as CSV files hold it)."""
    value = record.get(column)
    if column not in record:
        raise Unfit(f"has no '{column}'; found {', '.join(key for key in record if key != KEY) or 'nothing'}")
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise Unfit(f"'{column}' is {meaning(record[column])}; expected a JSON list of messages") from None
    if not isinstance(value, list) or not value:
        raise Unfit(f"'{column}' is {meaning(value)}; expected a list of messages")
    return value


def turns(record: Record, column: str) -> list[Message]:
    """The messages of a chat column, {role, content} or {from, value}; one name a role, unknown ones as they are."""
    found = []
    for number, turn in enumerate(chat_in(record, column), 1):
        place = f"'{column}' message {number}"
        if not isinstance(turn, Mapping):
            raise Unfit(f"{place} is {meaning(turn)}; expected an object with role and content")
        who, what = keys_of(turn)
        if who not in turn or (what not in turn and not turn.get("tool_calls")):
            raise Unfit(f"{place} has {', '.join(map(str, turn)) or 'nothing'}; expected role and content")
        role = turn[who]
        if not isinstance(role, str):
            raise Unfit(f"{place}: '{who}' is {meaning(role)}; expected user, assistant, system or tool")
        found.append(Message(_ROLES.get(role.strip().casefold(), role), _content(turn.get(what), place)))
    called = turn.get("tool_calls") or turn.get("function_call")
    if called and found[-1].role == "assistant" and not found[-1].content.strip():
        raise Unfit(f"{place}: the answer is a call of a tool; expected a text, for calls are not read as answers")
    return found


def keys_of(turn: Mapping[str, Any]) -> tuple[str, str]:
    """The names of speaker and text in a turn: ("role", "content") or ("from", "value")."""
    return (
        "from" if "from" in turn and "role" not in turn else "role",
        "value" if "value" in turn and "content" not in turn else "content",
    )


def _content(value: Any, place: str) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list) and all(
        isinstance(p, Mapping) and p.get("type") == "text" and isinstance(p.get("text"), str) for p in value
    ):
        return "\n".join(part["text"] for part in value)
    parts = value if isinstance(value, list) else []
    kinds = sorted(
        {str(p.get("type")) for p in parts if isinstance(p, Mapping) and p.get("type") not in (None, "text")}
    )
    if kinds:
        raise Unfit(f"{place} has parts of type {', '.join(kinds)}; only text is read: leave them out, or put in words")
    raise Unfit(f"{place} is {meaning(value)}; expected text")


# --- and back ---------------------------------------------------------------------------------------------------------


def put_back(example: Example, record: Record, shape: Shape, injected: str) -> dict[str, Any]:
    """The record with what changed in its example changed, and nothing else touched.

    `injected` is the system prompt `read` put in front of rows that had none: it is not written.
    """
    old = body_of(record, shape)
    messages = own_messages(example, old, injected)
    new = dict(record)
    at = shape.columns
    if messages != old.messages:
        _put_messages(new, messages, old.messages, shape)
    if "label" in at and example.label is not None and example.label != old.label:
        new[at["label"]] = typed(example.label, record.get(at["label"]))
    if "weight" in at and example.weight != old.weight:
        new[at["weight"]] = str(example.weight) if isinstance(record.get(at["weight"]), str) else example.weight
    if "context" in at and example.context is not None and example.context != old.context and messages == old.messages:
        new[at["context"]] = example.context
    return new


def own_messages(example: Example, old: Body, injected: str) -> tuple[Message, ...]:
    """The messages of an example without the system prompt that `read` put in front."""
    had = bool(old.messages) and old.messages[0].role == "system"
    front = example.messages[:1] == (Message("system", injected),)
    return example.messages[1:] if injected and front and not had else example.messages


def _put_messages(new: dict[str, Any], messages: tuple[Message, ...], old: tuple[Message, ...], shape: Shape) -> None:
    at = shape.columns
    if (
        at.get("system")
        and messages
        and messages[0].role == "system"
        and ("messages" not in at or new.get(at["system"]))
    ):
        new[at["system"]] = messages[0].content
        messages = messages[1:]
        old = old[1:] if old and old[0].role == "system" else old
    if "messages" in at:
        new[at["messages"]] = _chat(new.get(at["messages"]), messages, old)
        return
    answer = shape.answer
    if answer is not None:
        split = len(messages) - 1 if messages and messages[-1].role == "assistant" else len(messages)
        said = messages[split].content if split < len(messages) else ""
        if isinstance(new.get(answer), list):
            new[answer] = _chat(new[answer], messages[split:], old[-1:])
        elif said != (old[-1].content if old else ""):
            new[answer] = typed(said, new.get(answer))
        messages, old = messages[:split], old[:-1]
    if isinstance(new.get(at["prompt"]), list):
        new[at["prompt"]] = _chat(new[at["prompt"]], messages, old)
    elif messages != old:
        _put_prompt(new, "\n".join(message.content for message in messages), at)


def _put_prompt(new: dict[str, Any], text: str, at: Mapping[str, str]) -> None:
    second = second_column(at)
    first, more = new.get(at["prompt"]), None if second is None else new.get(second)
    if second is None or not isinstance(more, str) or not more or not isinstance(first, str):
        new[at["prompt"]] = typed(text, first)
    elif text.endswith(GAP + more):
        new[at["prompt"]] = text[: -len(GAP + more)]
    else:
        paragraphs, cut = text.split(GAP), first.count(GAP) + 1
        new[at["prompt"]], new[second] = GAP.join(paragraphs[:cut]), GAP.join(paragraphs[cut:])


def _chat(value: Any, messages: tuple[Message, ...], old: tuple[Message, ...]) -> Any:
    """The chat column with the messages that changed changed; as JSON text where it was JSON text."""
    raw = json.loads(value) if isinstance(value, str) else list(value or [])
    who, what = keys_of(raw[0]) if raw and isinstance(raw[0], Mapping) else ("role", "content")
    if [m.role for m in messages] == [m.role for m in old] and len(raw) == len(messages):
        turns = [t if n == o else {**t, keys_of(t)[1]: n.content} for t, n, o in zip(raw, messages, old, strict=True)]
    else:
        spelled = {_ROLES.get(str(t.get(who)).strip().casefold(), t.get(who)): t.get(who) for t in raw}
        usual = {"user": "human", "assistant": "gpt"} if who == "from" else {}
        turns = [{who: spelled.get(m.role, usual.get(m.role, m.role)), what: m.content} for m in messages]
    return json.dumps(turns, ensure_ascii=False) if isinstance(value, str) else turns


def typed(text: str, like: Any) -> Any:
    """The text as a value of the type that stood there: typed("4", 3) -> 4, typed("four", 3) -> "four"."""
    if isinstance(like, bool):
        return {"true": True, "false": False}.get(text, text)
    if like is None and text == "":
        return None
    if isinstance(like, (int, float)):
        try:
            value = type(like)(text)
        except ValueError:
            return text
        return value if str(value) == text and (isinstance(value, int) or math.isfinite(value)) else text
    return text


def from_scratch(example: Example, shape: Shape, sample: Record, injected: str) -> dict[str, Any]:
    """A record for an example that was not read from the file: columns and types as in `sample`, a record of it."""
    at = shape.columns
    extra = {name: value for name, value in json.loads(example.extra).items() if name != TURN_FIELDS}
    new: dict[str, Any] = {column: extra.get(column) for column in sample if column not in at.values()} | extra
    new |= {at[role]: None for role in ("prompt", "input", "context", "system") if role in at}
    blank = {
        column: [] if isinstance(sample.get(column), list) else ""
        for role, column in at.items()
        if role not in ("id", "group", "weight")
    }
    new |= blank
    messages = own_messages(example, Body((), None, None, 1.0, None), injected)
    _put_messages(new, messages, (), shape)
    if shape.answer is not None and not isinstance(sample.get(shape.answer), list):
        new[shape.answer] = typed(example.answer, sample.get(shape.answer))
    if "context" in at and example.context and new.get(at["prompt"], "").endswith(GAP + example.context):
        new[at["prompt"]], new[at["context"]] = new[at["prompt"]][: -len(GAP + example.context)], example.context
    for role, value in (("id", example.id), ("group", example.group), ("weight", example.weight)):
        if role in at:
            new[at[role]] = typed(value, sample.get(at[role])) if isinstance(value, str) else value
    return {column: new[column] for column in [*(c for c in sample if c in new), *(c for c in new if c not in sample)]}
