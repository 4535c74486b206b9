"""Laws every registered rule keeps."""

from __future__ import annotations

import dataclasses
import inspect
import re
import time
import typing
from typing import Any

import pytest
from conftest import labelled, qa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.records import Action, Example, Finding, Message, finding_from_dict, finding_to_dict
from assay.rules import RULES, BatchRule, RowRule, SetRule, Stage
from assay.rules.choose import lacking
from assay.signals import Measured

NAMES = sorted(RULES)
ROW_RULES = [name for name in NAMES if hasattr(RULES[name], "check")]
REPAIRS = [name for name in ROW_RULES if RULES[name].stage == "repair"]
BATCHED = [name for name in NAMES if hasattr(RULES[name], "check_batch")]


def _run(names: list[str]) -> list[Any]:
    """The names as parameters; those whose extra is not installed are skipped, and that is said."""
    return [
        pytest.param(
            name,
            marks=pytest.mark.skipif(
                bool(lacking(RULES[name])), reason=f"{name} needs {' and '.join(lacking(RULES[name]))}, not installed"
            ),
        )
        for name in names
    ]


FRAGMENTS = (
    "caf\u00c3\u00a9", "  ", " ,", " .", "\u200b", "\xa0", "N/A", "jo@gmail.com", "415-555-2671",
    "4111 1111 1111 1111", "[PHONE]", "call", "card",
    "\ufffd", "\ud83d", "\x1b[0m", "you idiot", "password: ", "hunter2", "<|im_end|>", "\n", "0",
    "+44 20 7946 0958", "iban", "\u200d", "\u05d0", "{}", "```",
)  # fmt: skip
TEXTS = st.one_of(
    st.text(st.characters(codec=None), max_size=80),
    st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(st.characters(codec=None), max_size=5)), max_size=8).map(
        "".join
    ),
)
EXAMPLES = st.one_of(
    st.builds(qa, st.just("a"), TEXTS, TEXTS),
    st.builds(labelled, st.just("a"), TEXTS, TEXTS),
    st.builds(
        lambda messages, context: Example("a", "chat", tuple(messages), context=context),
        st.lists(st.builds(Message, st.sampled_from(("system", "user", "assistant", "tool", "x")), TEXTS), max_size=5),
        st.none() | TEXTS,
    ),
)
LAW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _found(rule: object, example: Example) -> list[Finding]:
    return list(rule.check(example) if isinstance(rule, RowRule) else rule.survey(Measured([example])))  # type: ignore[attr-defined]


def test_the_rules_cover_rows_and_repairs() -> None:
    assert {"mojibake", "spacing", "pii"} <= set(REPAIRS)
    assert {"empty-answer", "malformed", "secret", "offensive", "template-tokens"} <= set(ROW_RULES)


def test_codes_and_names_are_unique() -> None:
    assert len({rule.code for rule in RULES.values()}) == len({rule.name for rule in RULES.values()}) == len(RULES)


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_is_a_frozen_dataclass_with_a_stable_code(name: str) -> None:
    rule = RULES[name]
    assert rule.name == name
    assert re.fullmatch(r"[RADBFSL]\d{3}", rule.code)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
    assert rule.stage in typing.get_args(Stage)
    assert rule.severity in ("error", "warning", "info")
    assert dataclasses.is_dataclass(rule)
    with pytest.raises(dataclasses.FrozenInstanceError):
        rule().action = "keep"
    assert isinstance(rule(), RowRule if rule.stage in ("repair", "row") else SetRule)


@pytest.mark.parametrize("name", NAMES)
def test_every_field_is_a_setting_with_a_default_and_action_is_one(name: str) -> None:
    fields = {f.name: f for f in dataclasses.fields(RULES[name])}
    assert fields["action"].default in typing.get_args(Action)
    assert all(f.default is not dataclasses.MISSING for f in fields.values())


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_explained_beside_it(name: str) -> None:
    source = inspect.getsource(RULES[name])
    for field in dataclasses.fields(RULES[name]):
        if field.name == "action":  # what it means is said once, in the protocol
            continue
        assert re.search(rf"^ +{field.name}: .*#|#.*\n +{field.name}: ", source, re.MULTILINE), field.name


@pytest.mark.parametrize("name", NAMES)
def test_the_docstring_is_a_page(name: str) -> None:
    page = inspect.getdoc(RULES[name]) or ""
    assert page.startswith(f"{RULES[name].code}: ")
    places = [page.find(f"\n\n{part}") for part in ("What it does:", "Why is this bad:", "Example")]
    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.parametrize("name", NAMES)
def test_the_repr_is_provenance(name: str) -> None:
    assert "action=" in repr(RULES[name]())
    assert RULES[name]() == RULES[name]()


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ROW_RULES])
def test_no_rows_give_no_findings_on_rows(name: str) -> None:
    assert [f for f in RULES[name]().survey(Measured([])) if f.id] == []


@pytest.mark.parametrize("name", _run(ROW_RULES))
@LAW
@given(EXAMPLES)
def test_a_row_rule_survives_any_text_and_names_the_row(name: str, example: Example) -> None:
    rule = RULES[name]()
    findings = _found(rule, example)
    for found in findings:
        assert (found.code, found.name, found.id) == (rule.code, name, example.id)
        assert found.field in ("prompt", "answer", "label", "row")
        assert 0 <= found.score <= 1
        assert found.message
        assert finding_from_dict(finding_to_dict(found)).evidence == found.evidence
        assert found.after is None or found.after.id == example.id
    assert findings == _found(rule, example), "a rule is pure"


@pytest.mark.parametrize("name", _run(REPAIRS))
@LAW
@given(EXAMPLES)
def test_a_repair_is_done_in_one_go(name: str, example: Example) -> None:
    rule = RULES[name]()
    edits = [f.after for f in _found(rule, example) if f.action == "edit"]
    assert len(edits) <= 1, "two edits of one row would undo each other"
    for after in edits:
        assert after is not None
        assert after.digest != example.digest
        assert len(after.messages) == len(example.messages)
        assert [f for f in _found(rule, after) if f.action == "edit"] == []


@pytest.mark.parametrize("name", _run(BATCHED))
@settings(max_examples=30, deadline=None)
@given(st.lists(EXAMPLES, max_size=6))
def test_a_batch_finds_what_single_rows_find(name: str, examples: list[Example]) -> None:
    rule = RULES[name]()
    assert isinstance(rule, BatchRule)
    assert rule.check_batch(examples) == [list(rule.check(example)) for example in examples]


@pytest.mark.parametrize("name", _run(ROW_RULES))
@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "1",
        "1 ",
        "a.",
        "a@",
        "Ã©",
        "  x",
        " ,",
        "<",
        "you ",
        "-----BEGIN ",
        "a:",
        "(",
        "https://a:",
        "\u200b",
        "1-",
        "###",
    ],
)
def test_half_a_megabyte_takes_linear_time(name: str, unit: str) -> None:
    rule = RULES[name]()
    list(rule.check(qa("w", "you are 1@b.co password: x1", "é")))

    def cost(size: int) -> float:
        start = time.process_time()
        list(rule.check(qa("a", unit * (size // len(unit)), "ok")))
        return time.process_time() - start

    assert cost(400_000) < 20 * max(cost(50_000), 0.02)
