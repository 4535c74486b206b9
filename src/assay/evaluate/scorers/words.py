"""Words of a text, in any script, and how much two lists of them share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"  # written without spaces: each sign is a word
_WORD = re.compile(rf"[{_IDEOGRAPHS}]|[^\W{_IDEOGRAPHS}]+")


def words(text: str) -> list[str]:
    """Casefolded words without punctuation: words("The Card-PIN!") -> ["the", "card", "pin"]."""
    return _WORD.findall(unicodedata.normalize("NFC", text).casefold())


def common_subsequence(a: Sequence[str], b: Sequence[str]) -> int:
    """Length of the longest common subsequence: common_subsequence("abcd", "xbxd") -> 2."""
    from rapidfuzz.distance import LCSseq

    return int(LCSseq.similarity(a, b))


def f1(common: int, want: int, got: int) -> float:
    """Harmonic mean of precision and recall: f1(2, 3, 2) -> 0.8."""
    return 2 * common / (want + got) if common else 0.0
