"""The arms: what the rows would have been, and controls that control what they say."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random
from typing import ClassVar

from conftest import labelled
from hypothesis import given
from hypothesis import strategies as st

from assay.dataset import Rows
from assay.passes import curate
from assay.prove.arms import PEOPLE, Arm, Past, arms_of, length_matched, past_of, placebo, steps_of
from assay.prove.size import part_of
from assay.records import Action, Decision, Example, Finding
from assay.rules import finding


@dataclass(frozen=True)
class Has:
    """Holds rows with a word."""

    code: ClassVar = "F990"
    name: ClassVar = "has"
    stage: ClassVar = "row"
    severity: ClassVar = "error"
    word: str = "bad"
    action: Action = "hold"

    def check(self, example: Example) -> Iterable[Finding]:
        if self.word in example.prompt:
            yield finding(self, example, "prompt", 0.9, f"has {self.word}")


@dataclass(frozen=True)
class Worse(Has):
    """Holds rows with another word."""

    code: ClassVar = "F991"
    name: ClassVar = "worse"
    word: str = "worse"


@dataclass(frozen=True)
class Known(Has):
    """Drops rows the test knows."""

    code: ClassVar = "L990"
    name: ClassVar = "known"
    word: str = "known"
    action: Action = "drop"


@dataclass(frozen=True)
class Trim:
    """Repairs: lower case."""

    code: ClassVar = "A990"
    name: ClassVar = "lower"
    stage: ClassVar = "repair"
    severity: ClassVar = "info"
    action: Action = "edit"

    def check(self, example: Example) -> Iterable[Finding]:
        if example.prompt != example.prompt.lower():
            yield finding(self, example, "prompt", 1, "upper", after=example.with_text({0: example.prompt.lower()}))


RULES = [Trim(), Has(), Worse()]


def rows(*texts: str) -> list[Example]:
    return [replace(labelled(f"r{i}", text, "x"), row=i) for i, text in enumerate(texts)]


def past(read: list[Example], human: Iterable[Decision] = ()) -> Past:
    done = curate(read, RULES, list(human))
    return past_of(Rows(read, done.kept, done.findings, done.decisions), RULES)


def keep(example: Example, reason: str) -> Decision:
    return Decision(example.id, example.digest, "keep", reason, "reviewer:ana")


def ids(examples: Iterable[Example]) -> list[str]:
    return [example.id for example in examples]


def test_a_step_left_out_takes_the_answers_along_that_only_it_asked_for() -> None:
    read = rows("fine", "a bad one", "a bad and worse one", "worse")
    dropped = [Decision(e.id, e.digest, "drop", "F990", "reviewer:ana") for e in read[1:3]]
    made = past(read, dropped)
    steps = {step.name: step for step in steps_of(made)}
    assert {name: step.rows for name, step in steps.items()} == {"has": 2, "worse": 2, PEOPLE: 2}
    # r1 was asked about by `has` alone and comes back; r2 also by `worse`, so its answer stands
    assert ids(made.without(steps["has"])) == ["r0", "r1"]
    assert ids(made.without(steps["worse"])) == ["r0", "r3"]
    assert ids(made.without(steps[PEOPLE])) == ["r0"]
    assert ids(made.only(steps["has"])) == ["r0", "r3"]


def test_an_answer_on_text_that_an_arm_does_not_have_costs_no_row() -> None:
    read = rows("Fine", "A BAD one")
    mended = read[1].with_text({0: "a bad one"})
    made = past(read, [keep(mended, "F990")])
    lower = next(step for step in steps_of(made) if step.name == "lower")
    assert ids(made.without(lower)) == ["r0", "r1"]  # unmended, `BAD` is not seen; the answer is not replayed, nor held


def test_rows_that_the_test_knows_are_in_no_arm_and_their_rule_is_no_step() -> None:
    read = rows("fine", "known to the test", "a bad one", "fine too")
    rules = [*RULES, Known()]
    done = curate(read, rules)
    made = past_of(Rows(read, done.kept, done.findings, done.decisions), rules)
    steps = steps_of(made)
    assert [step.name for step in steps] == ["has"]
    arms = list(arms_of(made, steps, 0, lambda what: None))
    assert all("r1" not in ids(arm.examples) for arm in arms)
    assert ids(arms[0].examples) == ["r0", "r2", "r3"]


def test_rules_with_few_rows_are_one_step_together() -> None:
    made = past(rows("a bad one", "bad", "bad too", "worse", "Upper"))
    assert [(step.name, step.rows) for step in steps_of(made, least=2)] == [("has", 3), ("2 lesser: lower, worse", 2)]


def test_every_control_is_there_and_the_placebo_changes_as_many_rows_as_curation() -> None:
    made = past(rows(*[f"fine {i}" for i in range(20)], "a bad one", "Upper"))
    arms = {arm.name: arm for arm in arms_of(made, steps_of(made), 0, lambda what: None)}
    assert list(arms)[:8] == [
        "raw", "curated", "random 1", "random 2", "random 3", "length-matched", "placebo", "A/A",
    ]  # fmt: skip
    size = len(arms["curated"].examples)
    assert [len(arms[n].examples) for n in ("random 1", "random 2", "random 3", "length-matched")] == [size] * 4
    assert len({frozenset(ids(arms[f"random {n}"].examples)) for n in (1, 2, 3)}) > 1
    assert _changed(arms["raw"], arms["placebo"]) == 2  # one row went, one was mended
    assert arms["A/A"].examples == arms["raw"].examples


def _changed(one: Arm, other: Arm) -> int:
    return sum(a.digest != b.digest for a, b in zip(one.examples, other.examples, strict=True))


@given(st.lists(st.integers(1, 60), min_size=5, max_size=60), st.integers(0, 5))
def test_the_length_matched_control_is_as_large_and_about_as_long(lengths: list[int], seed: int) -> None:
    raw = rows(*["x" * n for n in lengths])
    like = Random(seed).sample(raw, len(raw) // 2)
    matched = length_matched(raw, like, seed)
    assert len(matched) == len(like) == len(set(ids(matched)))
    assert sorted(len(e.text) for e in length_matched(raw, raw, seed)) == sorted(len(e.text) for e in raw)


@given(st.integers(0, 12), st.integers(0, 5))
def test_a_placebo_changes_no_answer_and_as_many_prompts_as_asked(count: int, seed: int) -> None:
    raw = rows(*[f"row {i}{'.' * (i % 2)}" for i in range(12)])
    done = placebo(raw, count, seed)
    assert [e.answer for e in done] == [e.answer for e in raw]
    assert sum(a.prompt != b.prompt for a, b in zip(raw, done, strict=True)) == count


@given(st.integers(0, 5))
def test_a_smaller_share_lies_within_a_larger_one(seed: int) -> None:
    every = rows(*[f"row {i}" for i in range(40)])
    parts = [set(ids(part_of(every, share, seed))) for share in (0.1, 0.25, 0.5, 1.0)]
    assert [len(part) for part in parts] == [4, 10, 20, 40]
    assert parts[0] < parts[1] < parts[2] < parts[3]
