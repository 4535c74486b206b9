"""A rule that remembers says what the rule itself says, and is asked once."""

from __future__ import annotations

from conftest import qa

from assay.cli.memory import Remembering, remembering
from assay.records import Example, Finding
from assay.rules import RULES, BatchRule, RowRule
from assay.rules.choose import lacking
from assay.rules.pii import Pii
from assay.rules.run import look

ROWS = [
    qa("a", "You stupid bastard, I will kill you", "mail jo.doe@gmail.com"), qa("b", "Where is it?", ""),
    qa("c", "Where is it?", "The password is Kx9ZpQ2v7L, my friend."),
]  # fmt: skip


def test_every_row_rule_says_the_same_the_first_and_the_second_time() -> None:
    rules = [rule() for rule in RULES.values() if rule.stage in ("repair", "row") and not lacking(rule)]
    again = remembering(rules)
    assert [rule.code for rule in again] == [rule.code for rule in rules]
    told = look(ROWS, rules)
    assert {finding.code for finding in told} >= {"S001", "S002", "S003", "F001"}
    assert look(ROWS, again) == told
    assert look(ROWS, again) == told


def test_a_row_is_looked_at_once_and_again_when_its_text_changes() -> None:
    asked: list[str] = []

    class Counting(Pii):
        def check(self, example: Example) -> list[Finding]:  # type: ignore[override]
            asked.append(example.answer)
            return list(super().check(example))

    rule = Remembering(Counting())
    assert isinstance(rule, RowRule)
    assert isinstance(rule, BatchRule)
    for rows in (ROWS, ROWS, [ROWS[0].with_answer("mail [EMAIL]"), *ROWS[1:]]):
        rule.check_batch(rows)
    assert len(asked) == len(ROWS) + 1
