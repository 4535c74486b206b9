"""What a row gives the model beside its messages: the tools it may call, the choices of a question, pictures."""

from __future__ import annotations

import json
import re

from assay.records import Example, canonical_json

# Fields of a source row that change which answer is right; all others (ids, dates, origins) say nothing of it
FIELDS = (
    "tools", "functions", "tool_choice", "function_call", "response_format", "choices", "options", "candidates",
    "image", "images", "audio", "video", "file", "files", "attachments", "table", "schema", "database",
)  # fmt: skip
_MENTIONED = re.compile(rf'"(?:{"|".join(FIELDS)})":', re.IGNORECASE)


def given_beside(example: Example) -> str:
    """The fields that change what is right, as canonical JSON; "" when the row has none of them."""
    if len(example.extra) <= 2 or not _MENTIONED.search(example.extra):
        return ""
    extra = json.loads(example.extra)
    told = {name: value for name, value in extra.items() if name.lower() in FIELDS and value not in (None, "", [], {})}
    return canonical_json(told) if told else ""
