"""A017: sentences with a grammatical slip."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from assay.records import Action, Example, Finding, Severity
from assay.rules.protocol import Stage, finding

KINDS = frozenset({"Agreement", "Grammar", "Usage", "Repetition", "Eggcorn"})
MASS = "is a mass noun"  # was wrong in 8 of 8 findings on well-written answers ("a passion", "a greeting")
LONGEST = 20_000  # characters of an answer that are read
WORDS = 5  # fewer are a label or a title, no sentence


@dataclass(frozen=True)
class Grammar:
    """A017: an answer has a grammatical slip.

    What it does: reads answers of five words or more with Harper, an offline English grammar checker, and reports what
    it says of agreement, usage and repeated words, with its suggestion where there is one only. Spelling (A011), style
    and capitals are left to other rules. Off by default, for half of what it says is of use: of 17 learners' sentences
    that it mended (JFLEG, 400 sentences) 9 came closer to what people wrote instead, 6 went further away. Some 10 ms a
    sentence; English only. It needs the extra: `pip install "assay[grammar]"`.

    Why is this bad: the model learns to write it.

    Example: "The documents was sent to you" for "were sent"
    """

    code: ClassVar[str] = "A017"
    name: ClassVar[str] = "grammar"
    stage: ClassVar[Stage] = "row"
    severity: ClassVar[Severity] = "info"
    optional: ClassVar[bool] = True
    needs: ClassVar[tuple[str, str]] = ("harper", "grammar")  # the module, and the extra that brings it

    dialect: str = "american"  # american, british, australian, canadian or indian
    action: Action = "keep"

    def __post_init__(self) -> None:
        if self.dialect not in ("american", "british", "australian", "canadian", "indian"):
            raise ValueError(f"expected american, british, australian, canadian or indian, not {self.dialect!r}")

    def check(self, example: Example) -> Iterable[Finding]:
        """At most one finding a row: its slips, and the answer with those mended that have one suggestion only."""
        text = example.answer
        if example.label is not None or len(text.split()) < WORDS or len(text) > LONGEST:
            return
        said_of = _linter(self.dialect).lint(text, isolate_english=True)
        lints = [lint for lint in said_of if lint.lint_kind in KINDS and MASS not in lint.message]
        if lints:
            mended = _mended(text, lints)
            said = "; ".join(f"{lint.problem_text!r}: {lint.message}" for lint in lints[:3])
            yield finding(
                self, example, "answer", 0.6, said,
                evidence={"slips": [{"text": lint.problem_text, "kind": lint.lint_kind} for lint in lints[:20]]},
                after=example.with_answer(mended) if mended != text else None,
            )  # fmt: skip


def _mended(text: str, lints: list[Any]) -> str:
    """The text with every slip mended that has exactly one suggestion, the last one first."""
    import harper

    for lint in sorted(lints, key=lambda lint: -lint.span.start):
        if lint.suggestion_count == 1:
            (only,) = lint.suggestions
            start, end = lint.span.start, lint.span.end
            if only.kind == harper.SuggestionKind.INSERT_AFTER:
                start = end
            text = text[:start] + only.replacement_text + text[end:]
    return text


@lru_cache(maxsize=5)
def _linter(dialect: str) -> Any:
    import harper

    return harper.Linter(harper.Dialect[dialect.upper()])
