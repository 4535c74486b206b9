"""House style: how the answers of a set are written, by kind of answer, and which are written otherwise."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

PHRASE, SHORT = 3, 8  # words up to which an answer of one line is a phrase, which may be a name; a short one
LONGEST = 4_000  # characters of an answer that are looked at
LEAST = 20  # answers that show a trait before the house has a style
CODE = re.compile(
    r"```|^\s*(?:def|class|import|SELECT|const|let|var|function)\b|[{}=<>\\|]|;\s*$|\w\([^\s()]*\)|://|\S@\S",
    re.MULTILINE,
)
DOUBLED = re.compile(r"[!?]{2}|(?<![.\d])\.\.(?!\.)")
MARK, BLANK_MARK = re.compile(r"[^\W\d_][.!?](?:\s|$)"), re.compile(r"[^\W\d_] [.!?](?:\s|$)")
PAIRS, BLANKS, STOPS = ("!!", "??", "!?", "?!", ".."), (" .", " !", " ?"), ".!?…。！？"
SMILEY, EMOJI = re.compile(r"\s[:;]-?[)(DP](?:\s|$)"), re.compile("[\U0001f300-\U0001faff]\\W*$")
STOP = re.compile(r"[.!?…。！？]$")
FIRST_WORD = re.compile(r"[^\W\d_][\w'’]*")
CURLY, STRAIGHT = re.compile("[“”„]|(?<=[^\\W\\d_])’(?=[^\\W\\d_])"), re.compile("\"|(?<=[^\\W\\d_])'(?=[^\\W\\d_])")
SENTENCE_GAP = re.compile(r"(?<=[^\W\d_]{2}[.!?]) {1,2}(?=[A-Z“\"])")
GROUPED, UNGROUPED = (
    re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])"),
    re.compile(r"(?<![\d.,/:-])\d{5,9}(?![\d.,/:-]|\w)"),
)
PERCENT_SIGN, PERCENT_WORD = re.compile(r"\d\s?%"), re.compile(r"\d (?:percent|per cent)\b")
MINOR = frozenset(("a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"))


class Trait(NamedTuple):
    """One thing a house decides: which of its forms an answer has, "" when it shows none; and how to write another."""

    name: str
    form: Callable[[str], str]
    rewrite: Callable[[str, str], str]  # the answer in a form; itself where that is not certain


class Style(NamedTuple):
    """The form that nearly all answers of a kind have."""

    kind: str  # "phrases", "short answers", "sentences" or "answers"
    trait: str
    form: str  # as a person says it: "a stop at the end"
    share: float  # of the answers that show the trait, 0 to 1
    n: int  # answers that show it
    others: tuple[int, ...]  # rows written otherwise


def _end(text: str) -> str:
    last = text[-1] if not text.rsplit(None, 1)[-1].startswith(("#", "@")) else ""
    return "a stop at the end" if STOP.search(text) else "no stop at the end" if last.isalnum() or last == "%" else ""


def _write_end(text: str, form: str) -> str:
    if form == "a stop at the end":
        return f"{text}." if len(text.split()) <= SHORT else text  # a longer one may have been cut
    return text[:-1] if text.endswith(".") and text.count(".") == 1 and not text.endswith(" .") else text


def _first(text: str) -> str:
    word = FIRST_WORD.match(text)
    if word is None:
        return ""
    if len(word.group()) == 1 and text[1:2] == " " and text[0] != "I":
        return "a capital first" if text[0].isupper() else "a small letter first"  # "a cat", "À Paris"
    if not word.group()[1:].islower() or word.group()[0].lower() == word.group()[0].upper():
        return ""  # "iPhone", "NASA", "I", "3 days"
    return "a capital first" if word.group()[0].isupper() else "a small letter first"


def _write_first(text: str, form: str) -> str:
    return (text[0].upper() if form == "a capital first" else text[0].lower()) + text[1:]


def _case(text: str) -> str:
    words = [word for word in re.findall(r"[^\W\d_]+", text) if word.lower() not in MINOR]
    if len(words) < 2 or not all(word.lower() != word.upper() for word in words):
        return ""
    if all(word.isupper() for word in words):
        return "capitals only"
    return "every word with a capital" if all(word[0].isupper() for word in words) else "words with small letters"


def _shouted(text: str) -> str:
    if text.lower() == text.upper():
        return ""
    if text.upper() != text:
        return "words with small letters"
    return "capitals only" if len(re.findall(r"[^\W\d_]{2,}", text)) >= PHRASE else ""


def _marks(text: str) -> str:
    if any(pair in text for pair in PAIRS) and DOUBLED.search(text):
        return "marks doubled"
    return "single marks" if text[-1] in STOPS else ""


def _write_marks(text: str, form: str) -> str:
    if form != "single marks":
        return text
    return re.sub(r"([!?.])\1+", r"\1", text) if "?!" not in text and "!?" not in text else text


def _smiley(text: str) -> str:
    drawn = (":" in text or ";" in text) and SMILEY.search(text)
    if drawn or (not text.isascii() and EMOJI.search(text[-4:])):
        return "a smiley"
    return "no smiley" if text[-1] in STOPS else ""


def _blanks(text: str) -> str:
    if any(blank in text for blank in BLANKS) and BLANK_MARK.search(text):
        return "" if MARK.search(text) else "a blank before marks"
    return "no blank before marks" if text[-1] in STOPS else ""


def _as_it_is(text: str, form: str) -> str:
    """Left to a person: names cannot be told from other words, and a smiley may be all that is said."""
    return text


def _write_case(text: str, form: str) -> str:
    if form != "every word with a capital" or text.isupper():
        return text  # names cannot be told from other words
    return re.sub(
        r"[^\W\d_]+", lambda m: m.group() if m.group() in MINOR else m.group()[0].upper() + m.group()[1:], text
    )


def _either(one: re.Pattern[str], one_form: str, other: re.Pattern[str], other_form: str) -> Callable[[str], str]:
    def form(text: str) -> str:
        has = bool(one.search(text)), bool(other.search(text))
        return one_form if has == (True, False) else other_form if has == (False, True) else ""

    return form


def _write_quotes(text: str, form: str) -> str:
    if form == "straight quotes":
        return text.translate(str.maketrans("“”„’", '"""\''))
    return re.sub(r"(?<=[^\W\d_])'(?=[^\W\d_])", "’", text) if '"' not in text else text


def _write_blanks(text: str, form: str) -> str:
    if form == "no blank before marks":
        return re.sub(r"(?<=[^\W\d_]) (?=[.!?](?:\s|$))", "", text)
    return re.sub(r"(?<=[^\W\d_])(?=[.!?](?:\s|$))", " ", text)


def _gap(text: str) -> str:
    gaps = {len(gap) for gap in SENTENCE_GAP.findall(text)}
    return "" if len(gaps) != 1 else "two blanks between sentences" if gaps == {2} else "one blank between sentences"


def _write_gap(text: str, form: str) -> str:
    return SENTENCE_GAP.sub("  " if form == "two blanks between sentences" else " ", text)


def _write_groups(text: str, form: str) -> str:
    if form == "commas in thousands":
        return UNGROUPED.sub(lambda m: f"{int(m.group()):,}" if m.group()[0] != "0" else m.group(), text)
    return GROUPED.sub(lambda m: m.group().replace(",", ""), text)


def _write_percent(text: str, form: str) -> str:
    if form == "percent as a sign":
        return re.sub(r"(?<=\d) (?:percent|per cent)\b", "%", text)
    return re.sub(r"(?<=\d)\s?%", " percent", text)


ENDS = Trait("end", _end, _write_end)
FIRST = Trait("first letter", _first, _write_first)
TRAITS = {
    "phrases": (ENDS, FIRST, Trait("case", _case, _write_case)),
    "short answers": (ENDS, FIRST, Trait("case", _case, _write_case)),
    "sentences": (ENDS, FIRST, Trait("gaps", _gap, _write_gap), Trait("case", _shouted, _as_it_is)),
}
ANYWHERE = (
    Trait("marks", _marks, _write_marks),
    Trait("smileys", _smiley, _as_it_is),
    Trait("blanks before marks", _blanks, _write_blanks),
    Trait("quotes", _either(CURLY, "curly quotes", STRAIGHT, "straight quotes"), _write_quotes),
    Trait("thousands", _either(GROUPED, "commas in thousands", UNGROUPED, "no commas in thousands"), _write_groups),
    Trait("percent", _either(PERCENT_SIGN, "percent as a sign", PERCENT_WORD, "percent as a word"), _write_percent),
)


def kind_of(answer: str) -> str:
    """ "phrases", "short answers", "sentences", or "" for code, lists, tables and texts of several lines."""
    if not answer or "\n" in answer or len(answer) > LONGEST or CODE.search(answer):
        return ""
    words = len(answer.split())
    return "phrases" if words <= PHRASE else "short answers" if words <= SHORT else "sentences"


def house(answers: Sequence[str], clear: float, least: int = LEAST) -> list[Style]:
    """The styles of a set: the traits that at least the share `clear` of the answers that show them have in one form.

    "" stands for rows that are not to be judged, such as labels. A trait that fewer than `least` answers show has none.
    """
    seen: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row, raw in enumerate(answers):
        answer = raw.strip()
        kind = kind_of(answer)
        for name, trait in _traits(kind):
            if form := trait.form(answer):
                seen[name, trait.name][form].append(row)
    found = []
    for (kind, trait_name), forms in seen.items():
        counts = Counter({form: len(rows) for form, rows in forms.items()})
        form, n = min(counts.items(), key=lambda item: (-item[1], item[0]))
        total = counts.total()
        agree = 1 - (1 - clear) / 2 if kind == "phrases" else clear  # they differ for more reasons
        if total >= least and n >= agree * total:
            others = tuple(sorted(row for other, rows in forms.items() if other != form for row in rows))
            found.append(Style(kind, trait_name, form, n / total, total, others))
    return found


def _traits(kind: str) -> list[tuple[str, Trait]]:
    return [(kind, t) for t in TRAITS.get(kind, ())] + [("answers", t) for t in ANYWHERE] if kind else []


def rewritten(answer: str, styles: Sequence[Style]) -> str:
    """The answer in these styles, as far as that is certain."""
    known = {trait.name: trait for traits in (*TRAITS.values(), ANYWHERE) for trait in traits}
    text = answer.strip()
    for style in styles:
        text = known[style.trait].rewrite(text, style.form)
    return text
