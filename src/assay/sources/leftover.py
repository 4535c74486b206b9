"""What a record holds beside its Example: kept with it as JSON, and written back to whoever reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from assay.records import TURN_FIELDS
from assay.sources.json_rows import KEY
from assay.sources.rows import Record, chat_in
from assay.sources.shapes import Shape

# What the turn of a chat may say beside who speaks and what: calls of tools, and whether it is to be learnt
OF_A_TURN = ("name", "weight", "tool_calls", "tool_call_id", "function_call", "refusal")


def unused(record: Record, shape: Shape) -> str:
    """JSON of the fields the Example does not use: unused({"text": "a", "by": 7}, ...) -> '{"by":7}'.

    Those of its turns stand under `records.TURN_FIELDS`, an object a turn, where one of them has some.
    """
    used = set(shape.columns.values()) | {KEY}
    rest = {key: value for key, value in record.items() if key not in used}
    turns = _of_turns(record, shape)
    if any(turns):
        rest[TURN_FIELDS] = turns
    return json.dumps(rest, ensure_ascii=False, separators=(",", ":"), default=str) if rest else "{}"


def _of_turns(record: Record, shape: Shape) -> list[dict[str, Any]]:
    """The fields of each turn that no message holds; none where the prompt and the answer are texts."""
    at = shape.columns
    if "messages" in at:
        chat = chat_in(record, at["messages"])
    elif isinstance(record.get(at.get("prompt", "")), list) and isinstance(record.get(shape.answer or ""), list):
        chat = [*record[at["prompt"]], *record[shape.answer or ""]]
    else:
        return []
    return [
        {key: turn[key] for key in OF_A_TURN if turn.get(key) is not None} if isinstance(turn, Mapping) else {}
        for turn in chat
    ]
