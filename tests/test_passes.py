"""The passes of a build: every row comes out once, with reasons; people have the last word."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

import pytest
from conftest import labelled
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.passes import STALE, Said, curate
from assay.records import Action, Decision, Example, Finding
from assay.rules import finding
from assay.rules.choose import choose
from assay.rules.exact_duplicate import ExactDuplicate
from assay.rules.inconsistent_answer import InconsistentAnswer
from assay.rules.run import CRASHED


@dataclass(frozen=True)
class Shouting:
    """Repairs: lower case."""

    code: ClassVar = "A990"
    name: ClassVar = "shouting"
    stage: ClassVar = "repair"
    severity: ClassVar = "info"
    action: Action = "edit"

    def check(self, example: Example) -> Iterable[Finding]:
        if example.prompt != example.prompt.lower():
            after = example.with_text({0: example.messages[0].content.lower()})
            yield finding(self, example, "prompt", 1, "shouts", after=after)


@dataclass(frozen=True)
class Word:
    """Drops or holds rows with a word; crashes on another."""

    code: ClassVar = "F990"
    name: ClassVar = "word"
    stage: ClassVar = "row"
    severity: ClassVar = "error"
    word: str = "bad"
    action: Action = "drop"

    def check(self, example: Example) -> Iterable[Finding]:
        if "boom" in example.prompt:
            raise RuntimeError("boom met")
        if self.word in example.prompt:
            yield finding(self, example, "prompt", 0.9, f"has {self.word}", after=example.with_answer("other"))


class Silent(Word):
    """The same, and knows nothing better."""

    def check(self, example: Example) -> Iterable[Finding]:
        yield from (replace(found, after=None) for found in super().check(example))


def rows(*texts: str) -> list[Example]:
    return [replace(labelled(f"r{i}", text, "x"), row=i) for i, text in enumerate(texts)]


def test_repairs_come_before_judgement_and_every_row_comes_out_once():
    done = curate(rows("fine", "BAD apple", "doubt", "FINE too"), [Shouting(), Word(), Word("doubt", "hold")])
    assert [e.id for e in done.kept] == ["r0", "r3"]
    assert [e.prompt for e in done.kept] == ["fine", "fine too"]
    assert ([e.id for e in done.dropped], [e.id for e in done.held]) == (["r1"], ["r2"])
    ledger = done.ledger
    assert (ledger.rows_in, ledger.kept, ledger.dropped, ledger.held, ledger.edited) == (4, 2, 1, 1, 1)


def test_an_edit_that_no_rule_offers_is_a_question_to_a_person():
    done = curate(rows("fine", "bad apple"), [Silent("bad", "edit")])
    assert ([e.id for e in done.kept], [e.id for e in done.held]) == (["r0"], ["r1"])
    assert [f.action for f in done.findings] == ["hold"]
    assert done.ledger.edited == 0


def test_a_crash_in_a_rule_is_told_and_drops_no_row():
    done = curate(rows("fine", "boom", "bad"), [Word()])
    assert [e.id for e in done.kept] == ["r0", "r1"]
    crash = [f for f in done.findings if f.code == CRASHED]
    assert [(f.id, f.action) for f in crash] == [("r1", "keep")]
    assert "boom met" in crash[0].message


def test_rules_never_touch_the_test_split_but_people_do():
    frozen = replace(rows("BAD")[0], id="t", split="test")
    untouched = curate([*rows("ok"), frozen], [Shouting(), Word()])
    assert frozen in untouched.kept
    fixed = Decision("t", frozen.digest, "edit", "review", "reviewer:ana", after=frozen.with_answer("y"))
    assert [e.answer for e in curate([frozen], [Word()], [fixed]).kept] == ["y"]


def test_a_person_overrules_a_rule_on_the_text_they_saw():
    held = curate(rows("doubt it"), [Word("doubt", "hold")]).held[0]
    keep = Decision(held.id, held.digest, "keep", "F990", "reviewer:ana")
    done = curate(rows("doubt it"), [Word("doubt", "hold")], [keep])
    assert ([e.id for e in done.kept], done.held, done.stale) == (["r0"], [], [])
    assert keep in done.decisions
    assert [f.action for f in done.findings] == ["keep"]


def test_a_decision_on_text_that_changed_is_stale_and_the_row_waits_again():
    old = rows("doubt it")[0]
    keep = Decision("r0", old.digest, "keep", "F990", "reviewer:ana")
    done = curate(rows("doubt it now"), [], [keep])
    assert done.stale == [keep]
    assert ([e.id for e in done.held], done.kept) == (["r0"], [])
    assert [f.code for f in done.findings] == [STALE]


def test_people_can_add_rows_and_the_sums_still_hold():
    extra = replace(labelled("new", "from a person", "x"), row=-1)
    add = Decision("new", extra.digest, "add", "edge case", "reviewer:ana", after=extra)
    done = curate(rows("a"), [], [add])
    assert [e.id for e in done.kept] == ["r0", "new"]
    assert done.ledger.rows_in == 2
    assert done.ledger.holds


def test_ids_that_clash_are_refused():
    with pytest.raises(ValueError, match="r0"):
        curate([*rows("a"), *rows("b")], [])


texts = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), max_size=12)
labels = st.sampled_from(["card_arrival", "Card Arrival", "n/a", "", "refund"])


@pytest.mark.slow
@settings(max_examples=25)
@given(st.data(), texts)
def test_no_row_is_lost_and_every_decision_took_effect_under_all_rules(data, found):
    examples = [replace(labelled(f"r{i}", text, data.draw(labels)), row=i) for i, text in enumerate(found)]
    done = curate(examples, choose({}))
    out = [e.id for e in (*done.kept, *done.dropped, *done.held)]
    assert sorted(out) == sorted(e.id for e in examples)
    assert done.ledger.holds
    state = {e.id: e for e in examples}
    for decision in done.decisions:  # replaying the ledger gives what came out
        assert state[decision.id].digest == decision.digest
        assert decision.reason
        assert decision.by.startswith("rule:")
        if decision.action == "edit":
            state[decision.id] = decision.after
    assert {e.id: e for e in done.kept} == {e.id: state[e.id] for e in done.kept}
    assert {d.id for d in done.decisions if d.action == "drop"} == {e.id for e in done.dropped}
    assert {d.id for d in done.decisions if d.action == "hold"} == {e.id for e in done.held}
    assert not [f for f in done.findings if f.code == CRASHED]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the rows that a row rule was asked about."""
    seen: list[str] = []
    check = Word.check

    def noted(self: Word, example: Example) -> Iterable[Finding]:
        seen.append(example.id)
        return check(self, example)

    monkeypatch.setattr(Word, "check", noted)
    return seen


def test_rows_that_row_rules_spoke_of_are_not_asked_about_again(asked: list[str]) -> None:
    said, rules = Said(), [Shouting(), Word()]
    first = curate(rows("bad apple", "fine", "boom", "LOUD", "ok"), rules, said=said)
    assert asked == ["r0", "r1", "r2", "r3", "r4"]
    asked.clear()
    again = curate(first.kept, rules, said=said)
    assert asked == []
    assert again._replace(measured=None) == curate(first.kept, rules)._replace(measured=None)
    changed = [replace(row, weight=2.0) if row.id == "r1" else row for row in first.kept]
    asked.clear()
    curate(changed, rules, said=said)
    assert asked == ["r1"]


def test_a_run_that_changed_nothing_is_not_repeated_on_the_same_rows() -> None:
    said, rules = Said(), [Shouting(), Word()]
    first = curate(rows("fine", "ok"), rules, said=said)
    assert curate(first.kept, rules, said=said) is first
    assert curate(first.kept[:1], rules, said=said) is not first
    one = first.kept[0]
    decided = Decision(one.id, one.digest, "drop", "F990", "reviewer:ana")
    assert [row.id for row in curate(first.kept, rules, [decided], said=said).kept] == ["r1"]


@pytest.mark.slow
@given(st.lists(st.sampled_from(["drop it", "hold it", "fine", "LOUD fine", "see a@b.org", "", "  wide"]), max_size=8))
@settings(max_examples=20, deadline=None)
def test_what_was_said_before_changes_nothing_of_a_second_run(texts: list[str]) -> None:
    chosen, said = choose({}), Said()
    kept = curate(rows(*texts), chosen, said=said).kept
    plain, reused = curate(kept, chosen), curate(kept, chosen, said=said)
    assert reused._replace(measured=None) == plain._replace(measured=None)


def test_a_row_set_aside_says_how_many_were_dropped_as_repeats_of_it():
    texts = {"a": ("Where is my card?", "x"), "b": ("where is my card", "x"), "c": ("Where is my card ??", "x"),
             "d": ("Where is my card?", "y")}  # fmt: skip
    done = curate([labelled(id, *said) for id, said in texts.items()], [ExactDuplicate(), InconsistentAnswer()])
    assert (len(done.dropped), len(done.held)) == (2, 2)
    (told,) = [found for found in done.findings if "repeats" in found.evidence]
    assert (told.id, told.evidence["repeats"]) == ("a", 2)
    assert "2 repeats of it dropped" in told.message
