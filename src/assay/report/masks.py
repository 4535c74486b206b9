"""What a model was trained on in a few rows: the text it read, and the part of it the loss looked at."""

from __future__ import annotations

import importlib.util
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assay.errors import ModelError
from assay.records import Example
from assay.report.contents import Mask

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

SHOWN = 3  # rows: the shortest, the one in the middle, the longest


def masks(adapter: Mapping[str, Any], rows: Sequence[Example], private: Collection[str]) -> tuple[Mask, ...]:
    """A few training rows as the run of an adapter saw them, template included; none of those in `private`.

    Empty where the tokeniser of its base model cannot be had here: nothing is fetched for a report.
    """
    shown = [row for row in rows if row.split == "train" and row.answer.strip() and row.id not in private]
    tokenizer = _tokenizer(str(adapter.get("base", ""))) if shown else None
    if tokenizer is None:
        return ()
    limit = (adapter.get("settings") or {}).get("max_tokens")
    system = str(adapter.get("system") or "")
    shown.sort(key=lambda row: len(row.text))
    picked = dict.fromkeys(round(k * (len(shown) - 1) / (SHOWN - 1)) for k in range(SHOWN))
    try:
        return tuple(mask(shown[at], tokenizer, int(limit or 512), system) for at in picked)
    except ModelError:
        return ()  # its template refuses them: the audit of the run has said so


def mask(row: Example, tokenizer: PreTrainedTokenizerBase, max_tokens: int, system: str) -> Mask:
    """One row as text in two parts, what is only read and what is trained.

    Raises:
        ModelError: the template cannot render it.
    """
    from assay.models import chat

    seen = chat.tokenise(row, tokenizer, max_tokens, system)
    read, trained = (
        str(tokenizer.decode(ids)) for ids in (seen.ids[: seen.answer_start], seen.ids[seen.answer_start :])
    )
    return Mask(row.place, read, trained, len(seen.ids), seen.answer_tokens, seen.truncated)


def _tokenizer(base: str) -> PreTrainedTokenizerBase | None:
    if not base or importlib.util.find_spec("transformers") is None:
        return None
    from assay.models.base import is_here, load_tokenizer, locate

    try:
        return load_tokenizer(locate(base)) if is_here(base) else None
    except ModelError:
        return None
