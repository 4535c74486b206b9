"""Scorers of texts: what rests on a source, what admits that it does not know, what has the form asked for."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.errors import InputError, RecipeError
from assay.evaluate.scorers import (
    Abstains,
    Answers,
    Compression,
    Faithfulness,
    Groundedness,
    SchemaValid,
    Scorer,
    Similarity,
    scorers_for,
)
from assay.evaluate.scorers.conduct import abstains
from assay.evaluate.scorers.facts import facts
from assay.records import Example, Message

HANDBOOK = (
    "Employees receive 25 days of paid leave a year. Requests go to Maria Lopez at least three weeks before. Unused "
    "days expire on 31 March; up to 1,000 euros of travel costs are paid back."
)


def asked(answer: str, *, context: str | None = HANDBOOK, question: str = "How much leave?") -> Example:
    return Example("e", "generate", (Message("user", question), Message("assistant", answer)), context=context)


def test_groundedness_falls_with_every_word_the_source_does_not_hold() -> None:
    score = Groundedness().score
    assert score(asked("x"), "Employees receive 25 days of paid leave.") == 1.0
    assert score(asked("x"), "Employees receive 40 days of unlimited holiday.") == pytest.approx(3 / 6)
    assert score(asked("x", context=None), "Anything at all.") is None
    assert score(asked("x"), "...") is None


def test_a_prompt_that_carries_the_document_is_the_source() -> None:
    row = asked("x", context=None, question=f"{HANDBOOK} {HANDBOOK}\nSummarise.")
    assert Groundedness().score(row, "Unused days expire.") == 1.0


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("You get 25 days; ask Maria Lopez.", 1.0),
        ("You get 30 days; ask Maria Lopez.", 2 / 3),
        ("You get 25 days; ask Peter Lopez.", 2 / 3),
        ("Ask at least 3 weeks before.", 1.0),
        ("Up to 1000 euros are paid back.", 1.0),
        ("Days expire on 1 March.", 0.5),
    ],
)
def test_faithfulness_counts_the_numbers_and_names_that_the_source_holds(written: str, expected: float) -> None:
    assert Faithfulness().score(asked("x"), written) == pytest.approx(expected)


def test_an_answer_without_numbers_or_names_has_no_faithfulness() -> None:
    assert Faithfulness().score(asked("x"), "It depends on your contract.") is None


def test_a_name_is_no_word_that_begins_a_sentence() -> None:
    assert facts("Leave is paid. Ask Ana. Then I wait.\nRead it.") == {"ana"}
    assert facts("It costs 3.50 at 12:30, not 1,250.") == {"3.5", "12:30", "1250"}


def test_compression_is_the_share_of_words_saved() -> None:
    assert Compression().score(asked("x", context="word " * 100), "word " * 20) == pytest.approx(0.8)
    assert Compression().score(asked("x", context="two words"), "now it is longer") == 0.0
    assert Compression().score(asked("x"), "") is None


@pytest.mark.parametrize(
    "answer",
    [
        "I don't know.", "I do not have that information.", "The handbook does not say.",
        "That is not covered by our policy.",
        "There is no information about parking in the document.", "Not stated.", "I’m not sure.", "Unknown",
        "I'm sorry, but I can't help with that.", "It cannot be determined from the text.",
    ],
)  # fmt: skip
def test_an_answer_that_admits_it_does_not_know_abstains(answer: str) -> None:
    assert abstains(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "25 days.", "You do not know your balance until HR confirms it.", "Tell your manager if you are not sure.", "",
        "The cost is not included in the rent.", "No, you cannot carry days over.",
        "Parking is not provided at weekends.",
        "Employees who do not have information about their rota ask the desk.",
    ],
)  # fmt: skip
def test_an_answer_that_says_no_or_speaks_of_others_does_not_abstain(answer: str) -> None:
    assert not abstains(answer)


def test_abstention_is_judged_where_the_gold_abstains_and_answering_where_it_answers() -> None:
    unknown, known = asked("The handbook does not say."), asked("25 days.")
    assert Abstains().score(unknown, "I don't know.") == 1.0
    assert Abstains().score(unknown, "30 days.") == 0.0
    assert Abstains().score(known, "I don't know.") is None
    assert Answers().score(known, "I don't know.") == 0.0
    assert Answers().score(known, "  ") == 0.0
    assert Answers().score(unknown, "30 days.") is None


def test_an_answer_of_the_schema_is_json_and_nothing_else() -> None:
    scorer = SchemaValid({"type": "object", "required": ["days"], "properties": {"days": {"type": "integer"}}})
    written = ['{"days": 3}', ' {"days": 3}\n', '{"days": "3"}', '{"day": 3}', 'Sure! {"days": 3}', '{"days": NaN}', ""]
    assert [scorer.score(asked("x"), text) for text in written] == [1, 1, 0, 0, 0, 0, 0]
    assert scorer.score(asked("x"), "[" * 100_000) == 0.0
    assert [SchemaValid({"type": "number"}).score(asked("x"), text) for text in ("1.5", "NaN", "Infinity")] == [1, 0, 0]


def test_a_schema_that_names_another_document_is_refused_before_anything_is_fetched(tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    path.write_text('{"prefixItems": [{"$ref": "http://localhost:9/schema.json"}]}', encoding="utf-8")
    with pytest.raises(InputError, match="refers to other documents"):
        SchemaValid.read(path)
    path.write_text('{"$ref": "#/$defs/n", "$defs": {"n": {"type": "number"}}}', encoding="utf-8")
    assert [SchemaValid.read(path).score(asked("x"), text) for text in ("1", '"1"')] == [1, 0]


def test_a_schema_that_is_none_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    for text in ("[", "[]", '{"type": "objekt"}'):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match="schema"):
            SchemaValid.read(path)
    with pytest.raises(InputError, match="No such file"):
        SchemaValid.read(tmp_path / "none.json")
    path.write_text(json.dumps({"type": "string"}), encoding="utf-8")
    assert SchemaValid.read(path).score(asked("x"), '"a"') == 1.0


def test_similarity_knows_meaning_and_nothing_written_is_nothing_alike() -> None:
    row = asked("Ask your manager for leave.")
    near, far = (Similarity().score(row, text) for text in ("Request vacation from your boss.", "The cat sat down."))
    assert near is not None
    assert far is not None
    assert near > far + 0.2
    assert Similarity().score(row, "") == 0.0
    assert Similarity().score(replace(row, messages=(*row.messages[:1], Message("assistant", ""))), "x") is None


def test_the_metric_of_the_recipe_comes_first_and_a_misspelt_one_is_told() -> None:
    assert [scorer.key for scorer in scorers_for("generate")][:2] == ["rouge-l", "token-f1"]
    assert next(scorer.key for scorer in scorers_for("generate", "similarity")) == "similarity"
    assert [scorer.key for scorer in scorers_for("classify")] == ["accuracy"]
    with pytest.raises(RecipeError, match="did you mean 'rouge-l'"):
        scorers_for("generate", "rougel")
    with pytest.raises(RecipeError, match=r"eval\.metric: 'token-f1' is not a metric of one row for task classify"):
        scorers_for("classify", "token-f1")


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=200))
def test_every_score_of_any_text_lies_between_0_and_1(written: str, expected: str, source: str) -> None:
    scorers: list[Scorer] = [*scorers_for("generate"), SchemaValid({"type": "number"})]
    assert len(scorers) == 10
    for scorer in scorers:
        score = scorer.score(asked(expected, context=source), written)
        assert score is None or 0 <= score <= 1
