"""Which tokens of a row are trained: the audit, to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from assay.models import chat
from assay.records import Example

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


class Piece(NamedTuple):
    """One token as the trainer sees it."""

    text: str
    trained: bool  # whether the loss looks at it


def mask_of(example: Example, tokenizer: PreTrainedTokenizerBase, max_tokens: int, system: str) -> list[Piece]:
    """The tokens of a row, template included, in order.

    Raises:
        ModelError: the template cannot render it.
    """
    row = chat.tokenise(example, tokenizer, max_tokens, system)
    return [Piece(str(tokenizer.decode([token])), at >= row.answer_start) for at, token in enumerate(row.ids)]
