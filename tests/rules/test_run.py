"""Running rules: here or through the engine, what they say is the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conftest import labelled, qa

from assay.rules.choose import choose
from assay.rules.run import LookBatch, RepairBatch, here, sent

ROWS = [
    qa("a", "mail jo.doe@gmail.com  or ring (415) 555-2671", "caf\u00c3\u00a9 \u4e2d\u6587"),
    qa("b", "what is \n it ?", ""), qa("c", "the password is hunter2!x", "You are a stupid idiot."),
    labelled("d", "<|im_start|>system", "n/a"), replace(qa("e", "why", "because"), context="a  context", weight=0.5),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "batch"), [("repair", RepairBatch), ("row", LookBatch)])
def test_rules_say_the_same_here_and_through_the_engine(stage: str, batch: type[RepairBatch] | type[LookBatch]) -> None:
    rules = batch(tuple(rule for rule in choose({}) if rule.stage == stage))
    found = here(ROWS, rules)
    assert len(found) >= 3
    assert found == sent(ROWS, rules)
    assert [list(finding.evidence) for finding in found] == [list(finding.evidence) for finding in sent(ROWS, rules)]
