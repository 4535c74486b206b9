"""Rows in languages whose meaning the encoder does not know: which they are, and vectors for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay import frames
from assay.encoders import Encoder, Marks, marks_of
from assay.signals.language import Main

if TYPE_CHECKING:
    import numpy as np

    from assay.signals.measured import Measured

FEWEST, SHARE = 20, 0.02  # rows in such languages, and their share, from which they get vectors of their own: a
#                           direction needs texts, and few foreign rows are no reason to read a large set in two spaces


@dataclass(frozen=True)
class TwoSpaces:
    """Texts the encoder knows by their meaning, the others by their spelling: each in a space where the other is zero.

    Texts of the two kinds are unlike each other, whatever they say.
    """

    meaning: Encoder
    spelling: frames.Spelling
    main: Main
    languages: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Of both."""
        return f"{self.meaning.name}+{self.spelling.name}"

    @property
    def dim(self) -> int:
        """Of both spaces together."""
        return self.meaning.dim + self.spelling.dim

    @property
    def marks(self) -> Marks:
        """Of the space of meaning."""
        return marks_of(self.meaning)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Shape (n, dim), float32, L2-normalised; an empty text is all zeros."""
        import numpy as np

        spelt = np.array([unknown(self.main.of(text), self.main, self.meaning) for text in texts], dtype=bool)
        out = np.zeros((len(texts), self.dim), dtype=np.float32)
        known, others = (np.flatnonzero(part).tolist() for part in (~spelt, spelt))
        out[known, : self.meaning.dim] = self.meaning.encode([texts[i] for i in known])
        out[others, self.meaning.dim :] = self.spelling.encode([texts[i] for i in others])
        return out


def unknown(code: str, main: Main, encoder: Encoder) -> bool:
    """Whether the encoder does not know a language; a text whose language cannot be told is in that of the set."""
    asked, languages = code or main.code, getattr(encoder, "languages", ())
    return bool(languages) and asked != "" and asked not in languages


def unread(measured: Measured) -> dict[str, int]:
    """The languages whose meaning the encoder does not know, with their rows, most first; {} where they are few."""
    main, encoder = measured.main_language, measured.given
    counts = Counter(code or main.code for code in measured.languages if unknown(code, main, encoder))
    enough = max(FEWEST, SHARE * len(measured.examples))
    return dict(counts.most_common()) if counts.total() >= enough else {}


def encoder_for(measured: Measured, given: Encoder) -> Encoder:
    """An encoder, with a space for the spelling of rows in languages it does not know, where there are any."""
    if not unread(measured):
        return given
    main = measured.main_language
    rows = zip(measured.topics, measured.languages, strict=True)
    texts = [topic.text for topic, code in rows if unknown(code, main, given)]
    return TwoSpaces(given, frames.Spelling(texts, seed=measured.seed), main)
