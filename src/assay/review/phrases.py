"""phrases.yaml: which answers are ways to write another one; proposed by the rules, agreed on by a person.

phrases:
  - phrase: Invoice Generated Successfully
    agreed: ask          # yes: every build rewrites the variants; no: they stay, and are not proposed again
    variants: [inv. done, Invoice generated]
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from assay.errors import Problem, RecipeError
from assay.records import Example, Finding
from assay.review.shorthand import USUAL, shorthands
from assay.signals.canned import stray_form
from assay.signals.folding import fold
from assay.store import write_atomically

HEAD = (
    "Answers that several rows write in several ways. Write `agreed: yes` and every build rewrites the variants, in\n"
    "new rows too; `no` and they stay and are not proposed again. `assay review --phrases` adds what it finds.\n"
)
VARIANT_OF_A003 = ("like_rows", "tie")  # what the evidence of A003 has when it speaks of two ways to write one answer


class Phrase(BaseModel):
    """A phrase and other ways to write it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    phrase: str = Field(min_length=1)
    agreed: Literal["yes", "no", "ask"] = "ask"
    variants: tuple[str, ...] = Field(min_length=1)

    @field_validator("agreed", mode="before")
    @classmethod
    def _word(cls, value: object) -> object:
        return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    phrases: tuple[Phrase, ...] = ()


def read_phrases(path: Path) -> tuple[Phrase, ...]:
    """The phrases in a file; none when there is no file.

    Raises:
        RecipeError: not YAML, or mistakes in it: all of them.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    if not path.is_file():
        return ()
    try:
        raw = YAML(typ="safe").load(path.read_text(encoding="utf-8")) or {}
        table = _Table.model_validate(raw)
    except (YAMLError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path.name}: not YAML: {error}") from None
    except ValidationError as error:
        problems = [
            Problem(f"{path.name}: {'.'.join(str(part) for part in mistake['loc'])}", mistake["msg"].lower())
            for mistake in error.errors()
        ]
        hint = "a phrase has `phrase`, `agreed: yes, no or ask` and `variants`"
        raise RecipeError(f"{path.name}: {len(problems)} mistakes", problems=problems, hint=hint) from None
    problems = _conflicts(table.phrases, path.name)
    if problems:
        raise RecipeError(f"{path.name}: phrases that contradict each other", problems=problems)
    return table.phrases


def _conflicts(phrases: Sequence[Phrase], name: str) -> list[Problem]:
    """Variants agreed to mean two phrases, and agreed phrases that are variants themselves."""
    home: dict[str, str] = {}
    problems = []
    agreed = [phrase for phrase in phrases if phrase.agreed == "yes"]
    forms = {fold(phrase.phrase): phrase.phrase for phrase in agreed}
    for phrase in agreed:
        if forms[fold(phrase.phrase)] != phrase.phrase:
            problems.append(Problem(f"{name}: {phrase.phrase}", f"is also written {forms[fold(phrase.phrase)]!r}"))
        for variant in phrase.variants:
            other = home.setdefault(fold(variant), phrase.phrase)
            if other != phrase.phrase:
                problems.append(Problem(f"{name}: {phrase.phrase}", f"{variant!r} is also a variant of {other!r}"))
            if fold(variant) in forms and fold(variant) != fold(phrase.phrase):
                problems.append(Problem(f"{name}: {phrase.phrase}", f"its variant {variant!r} is a phrase itself"))
    return problems


def agreed(phrases: Iterable[Phrase]) -> tuple[tuple[str, str], ...]:
    """The pairs of a variant and its phrase that a person agreed on, sorted."""
    return tuple(sorted((v, p.phrase) for p in phrases if p.agreed == "yes" for v in p.variants))


def proposed(findings: Iterable[Finding], examples: Mapping[str, Example]) -> dict[str, Counter[str]]:
    """By phrase the answers that are other ways to write it, by the rules or by form, with how many rows write so.

    What is itself another way to write a phrase gives its own ways to that one.
    """
    table: dict[str, Counter[str]] = defaultdict(Counter)
    written = Counter(example.answer for example in examples.values())
    for found in findings:
        if found.code == "A003" and found.id in examples:
            answer = examples[found.id].answer
            phrase = _meant(found, answer, written)
            if phrase and phrase != answer:
                table[phrase][answer] += 1
    told = {answer for ways in table.values() for answer in ways}
    for phrase, ways in shorthands(example.answer for example in examples.values() if example.answered).items():
        table[phrase].update({answer: n for answer, n in ways.items() if answer not in told})
    homes = {
        fold(answer): phrase for phrase, ways in table.items() for answer in ways if written[phrase] > written[answer]
    }
    for phrase in sorted(table, key=lambda phrase: (written[phrase], phrase)):  # the rarest first: ways of ways move up
        home = homes.get(fold(phrase), phrase)
        if fold(home) != fold(phrase):
            table[home].update(table.pop(phrase))
    return {phrase: ways for phrase, ways in table.items() if ways}


def _meant(found: Finding, answer: str, written: Mapping[str, int]) -> str:
    """The phrase that an answer is another way to write, by what A003 says of its row; "" for none.

    Where two rows ask the same, it is the far more usual form, if it says nothing else.
    """
    suggested, twin = found.evidence.get("suggestion"), found.evidence.get("twin_answer")
    if isinstance(suggested, str) and any(key in found.evidence for key in VARIANT_OF_A003):
        return suggested
    if not isinstance(twin, str) or written[twin] < USUAL:
        return ""
    forms = Counter({fold(answer): written[answer], fold(twin): written[twin]})
    return twin if len(twin.split()) > 1 and stray_form(fold(answer), fold(twin), forms) else ""


def fresh(phrases: Sequence[Phrase], table: Mapping[str, Mapping[str, int]]) -> dict[str, list[str]]:
    """What a table of proposals adds to the phrases: by phrase the variants that stand under none, most rows first.

    What holds line breaks or control characters is no phrase.
    """
    known = {(fold(phrase.phrase), variant) for phrase in phrases for variant in phrase.variants}
    found = {
        phrase: [
            variant for variant, _ in sorted(variants.items(), key=lambda item: (-item[1], item[0]))
            if (fold(phrase), variant) not in known and variant != phrase and variant.isprintable()
        ]
        for phrase, variants in sorted(table.items(), key=lambda item: (-sum(item[1].values()), item[0]))
        if phrase.isprintable()
    }  # fmt: skip
    return {phrase: variants for phrase, variants in found.items() if variants}


def add_to(path: Path, proposals: Mapping[str, Sequence[str]]) -> None:
    """Add proposals to a file of phrases, each to be agreed on; what a person wrote there stays, remarks too.

    Raises:
        StoreError: the file cannot be written.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap

    yaml = YAML()
    yaml.width, yaml.allow_unicode = 4096, True
    yaml.indent(mapping=2, sequence=4, offset=2)
    body = yaml.load(path.read_text(encoding="utf-8")) if path.is_file() else None
    if body is None:
        body = CommentedMap()
        body.yaml_set_start_comment(HEAD)
    body.setdefault("phrases", [])
    for phrase, variants in proposals.items():
        entry = CommentedMap(phrase=phrase, agreed="ask", variants=list(variants))
        body["phrases"].append(entry)
    text = StringIO()
    yaml.dump(body, text)
    write_atomically(path, text.getvalue())
