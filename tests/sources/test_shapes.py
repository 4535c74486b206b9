"""Shapes are detected, stated, asked for by name or by column; what is not clear is refused with what to type."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assay.errors import InputError
from assay.records import Message
from assay.sources import Read, read


def rows(tmp_path: Path, *records: dict[str, Any], **options: Any) -> Read:
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, records)))
    return read(path, **options)


@pytest.mark.parametrize(
    ("record", "stated"),
    [
        ({"messages": [{"role": "user", "content": "a"}]}, "messages (messages)"),
        ({"conversations": [{"from": "human", "value": "a"}], "id": "x"}, "sharegpt (messages=conversations, id)"),
        ({"instruction": "a", "input": "b", "output": "c"}, "alpaca (prompt=instruction, answer=output, input)"),
        (
            {"instruction": "a", "context": "b", "response": "c", "category": "d"},
            "alpaca (prompt=instruction, answer=response, input=context)",
        ),
        ({"prompt": "a", "completion": "b"}, "prompt-completion (prompt, answer=completion)"),
        ({"Question": "a", "Answer": "b"}, "question-answer (prompt=Question, answer=Answer)"),
        (
            {"context": "a", "query": "b", "output": "c", "by": "d"},
            "question-answer (prompt=query, answer=output, context)",
        ),
        (
            {"prompt": "a", "context": "b", "completion": "c"},
            "prompt-completion (prompt, answer=completion, context)",
        ),
        ({"query": "a", "intent": "b"}, "text-label (prompt=query, label=intent)"),
        ({"input": "a", "output": "b"}, "input-output (prompt=input, answer=output)"),
        ({"document": "a", "summary": "b"}, "summary (prompt=document, answer=summary)"),
        ({"text": "a", "summary": "b"}, "summary (prompt=text, answer=summary)"),
        ({"utterance": "a", "intent": "b", "thread": 3}, "text-label (prompt=utterance, label=intent, group=thread)"),
        ({"text": "a", "class": 3, "weight": 0.5}, "text-label (prompt=text, label=class, weight)"),
        ({"content": "a", "source": "b"}, "text (prompt=content)"),
    ],
)  # fmt: skip
def test_a_shape_is_detected_and_stated(tmp_path: Path, record: dict[str, Any], stated: str) -> None:
    assert str(rows(tmp_path, record, record).shape) == stated


def test_columns_that_no_role_takes_are_named(tmp_path: Path) -> None:
    record = {"query": "a", "output": "b", "by": "c", "seen": 1}
    assert rows(tmp_path, record, record, {"query": "a", "output": "b", "rare": 1}).shape.unused == ("by", "seen")


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"text": "a", "sentence": "b", "label": "c"}, "more than one column could be the prompt: text, sentence"),
        ({"text": "a", "label": "b", "category": "c"}, "more than one column could be the label: label, category"),
        (
            {"question": "a", "answer": "b", "text": "c", "label": "d"},
            "two shapes at once, question-answer and text-label",
        ),
        ({"chosen": "a", "rejected": "b"}, "columns found: 'chosen', 'rejected'"),
    ],
)
def test_an_unclear_shape_is_refused_with_what_to_type(tmp_path: Path, record: dict[str, Any], expected: str) -> None:
    with pytest.raises(InputError, match=expected) as caught:
        rows(tmp_path, record)
    assert "--shape prompt=COLUMN,answer=COLUMN" in caught.value.hint


def test_a_shape_is_asked_for_by_name_or_by_columns(tmp_path: Path) -> None:
    record = {"body": "a", "reply": "b", "text": "c", "label": "d"}
    example = rows(tmp_path, record, shape="prompt=body,answer=reply").examples[0]
    assert (example.prompt, example.answer, example.task) == ("a", "b", "generate")
    example = rows(tmp_path, record, shape="prompt=body,label=label").examples[0]
    assert (example.label, example.task) == ("d", "classify")
    assert rows(tmp_path, {"question": "a", "answer": "b", "text": "c"}, shape="text").examples[0].prompt == "c"


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("mesages", "no shape 'mesages'; did you mean 'messages'"),
        ("promt=a", "no role 'promt'; did you mean 'prompt'"),
        ("prompt=boddy,answer=reply", "no column 'boddy'; did you mean 'body'"),
        ("answer=reply", "expected either messages, or prompt"),
        ("prompt=body,answer=reply,label=x", "at most one of answer and label"),
        ("alpaca", "the rows have not the shape 'alpaca'"),
    ],
)
def test_a_wrong_request_says_what_was_meant(tmp_path: Path, shape: str, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        rows(tmp_path, {"body": "a", "reply": "b"}, shape=shape)


def test_what_a_row_says_becomes_messages(tmp_path: Path) -> None:
    chat = [
        {"role": "user", "content": [{"type": "text", "text": "hi"}]},
        {"role": "assistant", "content": None, "tool_calls": [1]},
        {"role": "assistant", "content": "Done."},
    ]
    assert rows(tmp_path, {"messages": chat}).examples[0].messages == (
        Message("user", "hi"), Message("assistant", ""), Message("assistant", "Done."),
    )  # fmt: skip
    alpaca = {"instruction": "Add.", "input": "1 2", "output": 3, "system": "Count."}
    assert rows(tmp_path, alpaca, system="Other.").examples[0].messages == (
        Message("system", "Count."), Message("user", "Add.\n\n1 2"), Message("assistant", "3"),
    )  # fmt: skip
    asked = {"question": "Who?", "context": "Ana did.", "answer": None}
    example = rows(tmp_path, asked, system="Read.").examples[0]
    assert (example.messages[0], example.prompt, example.context, example.answer) == (
        Message("system", "Read."), "Who?\n\nAna did.", "Ana did.", "",
    )  # fmt: skip
    listed = {"prompt": [{"role": "user", "content": "a"}], "completion": [{"role": "assistant", "content": "b"}]}
    assert rows(tmp_path, listed).examples[0].messages == (Message("user", "a"), Message("assistant", "b"))


@pytest.mark.parametrize("key", ["tool_calls", "function_call"])
def test_a_row_whose_answer_is_a_call_of_a_tool_is_told_and_not_taken_for_empty(tmp_path: Path, key: str) -> None:
    chat = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "", key: [{"name": "look"}]}]
    with pytest.raises(InputError, match="fits the shape") as told:
        rows(tmp_path, {"messages": chat})
    assert "call of a tool" in str(told.value.problems[0])


def test_weight_group_and_task_are_honoured_and_a_bad_weight_is_named(tmp_path: Path) -> None:
    record = {"prompt": "a", "completion": "b", "weight": 2, "conversation_id": 7}
    got = rows(tmp_path, record, {**record, "weight": "0.5"}, {**record, "weight": -1}, task="classify")
    assert [(e.weight, e.group, e.label) for e in got.examples] == [(2.0, "7", "b"), (0.5, "7", "b")]
    assert "'weight' is a number -1" in got.problems[0].what
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}] * 2
    assert rows(tmp_path, {"messages": turns}).examples[0].task == "chat"


def test_ids_are_the_rows_own_when_unique_and_else_hang_on_content_and_name(tmp_path: Path) -> None:
    own = rows(tmp_path, {"id": 1, "text": "a"}, {"id": 2, "text": "a"})
    assert [e.id for e in own.examples] == ["1", "2"]
    repeated = rows(tmp_path, {"id": 1, "text": "a"}, {"id": 1, "text": "a"}, {"id": 1, "text": "b"})
    first, second, third = (e.id for e in repeated.examples)
    assert second == f"{first}-2"
    assert len(first) == len(third) == 16
    assert rows(tmp_path, {"text": "a"}).examples[0].id == "2761f14391049989"  # the same on every machine
    assert rows(tmp_path, {"text": "a"}, name="data/rows.jsonl").examples[0].id != "2761f14391049989"


@pytest.mark.parametrize(
    ("name", "text", "stated"),
    [
        ("a.tsv", "my card is late\tarrival\nwhere is it\tarrival\nwrong pin?\tpin\nblocked pin\tpin\n", "no header"),
        ("b.csv", "a sentence;label\n1;2\n", "semicolons"),
        ("c.json", '{"text": "a"}\n{"text": "b"}\n', "JSON Lines"),
        ("d.jsonl", '[{"text": "a"},\n {"text": "b"}]', "JSON"),
        ("e.json", '{"x": {"text": "a"}, "y": {"text": "b"}}', "JSON"),
        ("f.txt", "one line\n\ntwo lines\n", "lines of text"),
        ("g.json", '[["hello there", "hi"], ["hello you", "hi"], ["go away", "no"], ["go now", "no"]]', "JSON"),
        ("i.tsv", 'text\tlabel\n"No" he said\tx\n"Yes" she said\ty\n', "TSV"),
        ("h.csv", '"a ""quoted"" line",x\nplain,x\nother,y\nmore,y\n', "no header"),
    ],
)
def test_a_format_is_detected_and_stated(tmp_path: Path, name: str, text: str, stated: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    got = read(path, shape="prompt=a sentence,label=label" if name == "b.csv" else "")
    assert stated in str(got.format)
    assert got.problems == []
    assert got.rows == {"a": 4, "b": 1, "g": 4, "h": 4}.get(name[0], 2)


def test_one_of_several_lists_is_picked_by_name(tmp_path: Path) -> None:
    path = tmp_path / "all.json"
    path.write_text(json.dumps({"train": [{"text": "a"}], "test": [{"text": "b"}]}))
    assert read(f"{path}#test").examples[0].prompt == "b"
    with pytest.raises(InputError, match="found 'train', 'test'"):
        read(path)
