"""Records: what is written reads back equal, for any unicode."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from assay.records import (
    Decision,
    Example,
    Finding,
    Message,
    decisions_from_arrow,
    examples_from_arrow,
    findings_from_arrow,
    to_arrow,
)

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
messages = st.lists(st.builds(Message, st.sampled_from(["system", "user", "assistant"]), words), max_size=4).map(tuple)
optional = st.none() | words
examples = st.builds(
    Example, id=words, task=st.sampled_from(["classify", "generate", "chat"]), messages=messages, label=optional,
    context=optional, weight=st.floats(0, 10), split=st.sampled_from(["train", "validation", "test"]), group=optional,
    uri=words, row=st.integers(-1, 10**9), documents=st.lists(words, max_size=2).map(tuple),
)  # fmt: skip
evidence = st.dictionaries(words, st.none() | st.booleans() | st.integers(-(2**53), 2**53) | words, max_size=3)


@given(st.lists(examples, max_size=4))
def test_examples_read_back_equal(rows):
    assert examples_from_arrow(to_arrow(rows, "examples")) == rows


@given(examples, evidence, st.none() | examples)
def test_findings_and_decisions_read_back_equal(example, facts, after):
    found = Finding("A001", "mojibake", example.id, "prompt", "edit", "warning", 0.5, "m", facts, after, 3, "f")
    taken = Decision(example.id, example.digest, "edit", "A001", "reviewer:ana", facts, after)
    assert findings_from_arrow(to_arrow([found], "findings")) == [found]
    assert decisions_from_arrow(to_arrow([taken], "decisions")) == [taken]


@given(examples, words)
def test_the_digest_is_of_what_is_learnt_not_of_where_it_came_from(example, other):
    assert replace(example, uri=other, row=7, id=other, group=other, split="train").digest == example.digest
    if other != example.context:
        assert replace(example, context=other).digest != example.digest


def test_a_new_answer_is_a_new_label_too():
    example = Example("a", "classify", (Message("user", "hi"), Message("assistant", "greet")), label="greet")
    changed = example.with_answer("welcome")
    assert (changed.label, changed.answer, changed.prompt) == ("welcome", "welcome", "hi")


def test_what_was_asked_is_the_prompt_without_the_context_at_its_end() -> None:
    turns = (Message("user", "How long is it?\n\nIt is 3 m long."), Message("assistant", "3 m"))
    asked = Example("a", "generate", turns, context="It is 3 m long.")
    assert asked.query == "How long is it?"
    assert replace(asked, context=None).query == asked.prompt
