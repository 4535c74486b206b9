"""A version for other tools: what is written is what they read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from assay import dataset
from assay.errors import InputError
from assay.export import export
from assay.project import Project
from assay.recipe import parse
from assay.records import Example, Message, example_from_dict
from assay.sources import read
from assay.store import Store

ODD = 'Where is\n"my" card, {{ 7 * 7 }}? Straße \u2028 🙂'


def rows(task: str) -> list[Example]:
    made = []
    for split, count in (("train", 4), ("test", 3)):
        for i in range(count):
            label = ("pay", "lost card")[i % 2] if task == "classify" else None
            answer = label or f"See page {i}."
            turns = (Message("user", f"{ODD} {i}"), Message("assistant", answer))
            made.append(Example(f"{split}{i}", task, turns, label, split=split, uri="a.csv", row=i))  # type: ignore[arg-type]
    return made


@pytest.fixture(params=["classify", "generate"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    recipe = {"name": "My desk!", "task": request.param, "system": 'Answer {% from %} {{ here }}, "pläin\\ly" 🙂.'}
    made = Project(tmp_path / "desk", parse(recipe))
    kept = rows(request.param)
    source = dataset.SourceFile("a.csv", "d", "train", 7, "qa", "CC BY 4.0")
    dataset.commit(
        Store(made.tables), dataset.Rows(kept, kept, [], []), sources=[source], recipe={}, recipe_digest="r",
        ledger=dataset.Ledger(4, 4, 0, 0, 0, frozen=3), human=[], stale=0, message="",
    )  # fmt: skip
    return made


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def test_jsonl_reads_back_as_the_rows_it_was_written_from(project: Project, tmp_path: Path) -> None:
    done = export(project, tmp_path / "out", "jsonl")
    assert done.files == ["test.jsonl", "train.jsonl"]
    assert done.rows == {"train": 4, "validation": 0, "test": 3}
    back = [example_from_dict(row) for name in ("train", "test") for row in lines(tmp_path / "out" / f"{name}.jsonl")]
    assert back == rows(project.recipe.task)


def test_openai_lines_hold_the_system_prompt_and_the_answer_last(project: Project, tmp_path: Path) -> None:
    export(project, tmp_path / "out", "openai")
    told = lines(tmp_path / "out" / "train.jsonl")
    assert len(told) == 4
    for line, row in zip(told, rows(project.recipe.task), strict=False):
        system, user, answer = line["messages"]  # type: ignore[misc]
        assert system == {"role": "system", "content": project.recipe.system}
        assert (user["content"], answer) == (row.prompt, {"role": "assistant", "content": row.answer})


def test_parquet_holds_the_rows_and_a_card_that_names_splits_and_licence(project: Project, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    from assay.records import examples_from_arrow

    export(project, tmp_path / "out", "parquet")
    table = pq.read_table(tmp_path / "out" / "data" / "train-00000-of-00001.parquet")
    assert examples_from_arrow(table) == [row for row in rows(project.recipe.task) if row.split == "train"]
    head, card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8").split("---\n")[1:]
    files = YAML(typ="safe").load(head)["configs"][0]["data_files"]
    assert files == [{"split": split, "path": f"data/{split}-*"} for split in ("train", "test")]
    assert "CC BY 4.0" in card


def test_the_task_of_lm_eval_holds_the_test_rows_and_what_was_tuned_with(project: Project, tmp_path: Path) -> None:
    done = export(project, tmp_path / "out", "lm-eval")
    name = f"my_desk_{done.version[:8]}"
    assert done.files == [f"{name}.yaml", f"{name}_test.jsonl", f"{name}_train.jsonl"]
    assert f"--tasks {name} --apply_chat_template" in done.next
    task = YAML(typ="safe").load((tmp_path / "out" / f"{name}.yaml").read_text(encoding="utf-8"))
    assert (task["task"], task["doc_to_text"], task["target_delimiter"]) == (name, "prompt", "")
    documents = lines(tmp_path / "out" / task["dataset_kwargs"]["data_files"]["test"])
    assert [doc["prompt"] for doc in documents] == [f"{ODD} {i}" for i in range(3)]
    if project.recipe.task == "classify":
        assert task["output_type"] == "multiple_choice"
        assert [doc["choices"][doc["gold"]] for doc in documents] == ["pay", "lost card", "pay"]  # type: ignore[index]
    else:
        assert task["output_type"] == "generate_until"
        assert [doc["answer"] for doc in documents] == [f"See page {i}." for i in range(3)]


def test_a_system_prompt_that_looks_like_a_template_stays_text(project: Project, tmp_path: Path) -> None:
    from jinja2 import Environment

    done = export(project, tmp_path / "out", "lm-eval")
    told = YAML(typ="safe").load((tmp_path / "out" / done.files[0]).read_text(encoding="utf-8"))["description"]
    assert Environment().from_string(told).render() == project.recipe.system


def test_a_folder_that_holds_something_is_left_alone(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="not empty"):
        export(project, folder, "jsonl")
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]


CALL = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Oslo"}'}}
CALLING = [
    {"role": "user", "content": "Weather in Oslo?"},
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "c1", "content": "-3"},
    {"role": "assistant", "content": "It is cold."},
]
WEIGHED = [
    {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yo.", "weight": 0},
    {"role": "user", "content": "Politer?"}, {"role": "assistant", "content": "Good day.", "weight": 1},
]  # fmt: skip


def committed(tmp_path: Path, kept: list[Example]) -> Project:
    made = Project(tmp_path / "calls", parse({"name": "calls", "task": "chat", "system": "Be brief."}))
    dataset.commit(
        Store(made.tables), dataset.Rows(kept, kept, [], []), sources=[], recipe={}, recipe_digest="r",
        ledger=dataset.Ledger(len(kept), len(kept), 0, 0, 0, frozen=0), human=[], stale=0, message="",
    )  # fmt: skip
    return made


def test_openai_lines_hold_calls_of_tools_and_weights_of_turns_as_they_were_read(tmp_path: Path) -> None:
    tools = [{"type": "function", "function": {"name": "weather"}}]
    records = [{"messages": CALLING, "tools": tools}, {"messages": WEIGHED}]
    path = tmp_path / "chats.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    made = export(committed(tmp_path, read(path).examples), tmp_path / "out", "openai")
    told = lines(tmp_path / "out" / "train.jsonl")
    system = {"role": "system", "content": "Be brief."}
    assert sorted(told, key=len) == [{"messages": [system, *WEIGHED]}, {"messages": [system, *CALLING], "tools": tools}]
    assert (made.notes, made.rows["train"]) == ([], 2)


def test_rows_whose_calls_are_lost_or_that_want_an_answer_are_left_out_and_named(tmp_path: Path) -> None:
    turns = tuple(Message(str(turn["role"]), str(turn["content"] or "")) for turn in CALLING)
    kept = [Example("a", "chat", turns, uri="a.jsonl", row=0), Example("b", "chat", turns[:1], uri="a.jsonl", row=1),
            Example("c", "chat", (turns[0], turns[3]), weight=2.0)]  # fmt: skip
    made = export(committed(tmp_path, kept), tmp_path / "out", "openai")
    assert [line["messages"][-1] for line in lines(tmp_path / "out" / "train.jsonl")] == [CALLING[3]]  # type: ignore[index]
    assert made.rows["train"] == 1
    unanswered, lost, weighed = made.notes
    assert "1 row without an answer" in unanswered
    assert "a.jsonl[1]" in unanswered
    assert "a.jsonl[0]" in lost
    assert "build again" in lost
    assert "weight" in weighed
