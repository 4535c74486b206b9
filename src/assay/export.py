"""A version handed to other tools: rows for other trainers, and its test rows as a task of lm-evaluation-harness.

jsonl     one line a row with all that is known of it
openai    {"messages": [...]} lines, the recipe's system prompt first; calls of tools and weights of turns as read
parquet   a folder that Hugging Face's `load_dataset` reads, with its card
lm-eval   a task file and its rows: `lm_eval --include_path . --tasks NAME --apply_chat_template`
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from assay import dataset
from assay.dataset import Version
from assay.errors import InputError
from assay.evaluate.rungs import prompt_of
from assay.project import Project
from assay.records import SPLITS, TURN_FIELDS, Example, by_split, example_to_dict, to_arrow
from assay.store import Store, write_atomically

To = Literal["jsonl", "openai", "parquet", "lm-eval"]
BESIDE = ("tools", "functions", "parallel_tool_calls")  # fields of a row that chat trainers read beside the messages
PLACES = 3  # rows that a note names
LONGEST = 512  # tokens lm-eval lets a text have


class Exported(NamedTuple):
    """What was written."""

    version: str
    folder: Path
    files: list[str]  # relative to the folder
    rows: dict[str, int]  # by split
    next: str  # what to type with it
    notes: list[str]  # what the format does not hold, with how many rows and what to do


class Written(NamedTuple):
    """What a format makes of a version."""

    files: Mapping[str, str | bytes]
    rows: Sequence[Example]  # that the files hold
    next: str
    notes: Sequence[str] = ()


def export(project: Project, folder: Path, to: To, *, version: str = "") -> Exported:
    """Write a version, the newest when none is named, into a new or empty folder.

    Raises:
        InputError: the folder holds something, or the version has no rows of the kind asked for.
        StoreError: no such version, or the folder cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder}: is there and not empty", hint="name a new folder")
    store = Store(project.tables)
    chosen = dataset.load_version(store, version or None)
    kept = dataset.load_rows(store, chosen).kept
    made = FORMATS[to](project, chosen, kept)
    for name, content in made.files.items():
        path = folder / name
        if isinstance(content, str):
            write_atomically(path, content)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    rows: dict[str, int] = {split: len(by_split(made.rows, split)) for split in SPLITS}
    return Exported(chosen.id, folder, sorted(made.files), rows, made.next.format(folder=folder), list(made.notes))


Files = Mapping[str, str | bytes]


def _jsonl(project: Project, version: Version, kept: Sequence[Example]) -> Written:
    return Written(_lines(kept, example_to_dict), kept, "each line is a row with its digest, split and place of origin")


def _openai(project: Project, version: Version, kept: Sequence[Example]) -> Written:
    """Calls of tools, names and weights of turns and the tools of a row are written as they were read."""
    answered = [row for row in kept if row.answer.strip()]
    chats = {row.id: _chat(row, project.recipe.system) for row in answered}
    whole = [row for row in answered if chats[row.id] is not None]
    weighed = sum(row.weight != 1 for row in whole)
    notes = [
        f"{count:,} row{'s' if count > 1 else ''} {told}: {', '.join(row.place for row in rows[:PLACES])}"
        + (" and others" if count > PLACES else "") + f"; {hint}"
        for rows, told, hint in (
            ([row for row in kept if not row.answer.strip()], "without an answer left out", "answer them in a review"),
            ([row for row in answered if chats[row.id] is None],
             "left out with a turn that is empty, or answers a call that was not read",
             "build again from the file that has the calls of tools, or export with --to jsonl"),
        ) if (count := len(rows))
    ]  # fmt: skip
    if weighed:
        notes.append(f"{weighed:,} rows have a weight other than 1, which these lines do not hold: --to jsonl keeps it")
    files = _lines(whole, lambda row: chats[row.id] or {})
    return Written(files, whole, "any trainer that reads chat messages reads these", notes)


def _chat(row: Example, system: str) -> dict[str, Any] | None:
    """A row as chat messages; None where a turn is empty because what it says was not read."""
    extra = json.loads(row.extra)
    told = extra.get(TURN_FIELDS, [])
    turns: list[dict[str, Any]] = [turn._asdict() for turn in (*prompt_of(row, system), row.messages[-1])]
    front = len(turns) - len(told)  # a system prompt that the file had not
    if told and front in (0, 1):
        turns = [*turns[:front], *(turn | more for turn, more in zip(turns[front:], told, strict=True))]
    for turn in turns:
        if turn["role"] == "assistant" and not turn["content"].strip():
            if not (turn.get("tool_calls") or turn.get("function_call")):
                return None
            turn["content"] = turn["content"] or None
        if turn["role"] == "tool" and "tool_call_id" not in turn:
            if "name" not in turn:
                return None
            turn["role"] = "function"  # as it was called before tools
    return {"messages": turns} | {name: extra[name] for name in BESIDE if extra.get(name) is not None}


def _lines(kept: Sequence[Example], told: Callable[[Example], dict[str, Any]]) -> Files:
    """A file a split that has rows."""
    return {
        f"{split}.jsonl": "".join(json.dumps(told(row), ensure_ascii=True) + "\n" for row in rows)
        for split in SPLITS
        if (rows := by_split(kept, split))
    }


def _parquet(project: Project, version: Version, kept: Sequence[Example]) -> Written:
    import pyarrow.parquet as pq

    files: dict[str, str | bytes] = {}
    configs = []
    for split in SPLITS:
        if rows := by_split(kept, split):
            buffer = io.BytesIO()
            pq.write_table(to_arrow(rows, "examples"), buffer)
            files[f"data/{split}-00000-of-00001.parquet"] = buffer.getvalue()
            configs.append({"split": split, "path": f"data/{split}-*"})
    head = {"configs": [{"config_name": "default", "data_files": configs}]}
    licences = sorted({source.licence or "not stated" for source in version.sources})
    card = (
        f"Version {version.id} of {json.dumps(project.recipe.name)}.\nLicences of the sources: {', '.join(licences)}.\n"
    )
    files["README.md"] = f"---\n{_yaml(head)}---\n\n{card}"
    return Written(files, kept, 'datasets.load_dataset("{folder}")')


def _lm_eval(project: Project, version: Version, kept: Sequence[Example]) -> Written:
    """The test rows as a task: labels as choices, texts written to the end of the turn.

    The prompt is what the model was tuned with when lm-eval is given `--apply_chat_template`: the description is the
    system prompt, nothing stands between prompt and answer.
    """
    test = [row for row in by_split(kept, "test") if row.answer.strip()]
    if not test:
        raise InputError("there are no test rows with an answer", hint="add a source with `split: test` to assay.yaml")
    name = f"{re.sub(r'[^a-z0-9]+', '_', project.recipe.name.lower()).strip('_') or 'task'}_{version.id[:8]}"
    train = [row for row in by_split(kept, "train") if row.answer.strip()]
    labels = sorted({row.label for row in test if row.label})
    choices = labels if project.recipe.task == "classify" else []
    shown = [row for row in train if not choices or row.label in choices]
    files: dict[str, str | bytes] = {f"{name}_test.jsonl": _documents(test, choices)}
    splits = {"test": f"{name}_test.jsonl"}
    if shown:
        files[f"{name}_train.jsonl"] = _documents(shown, choices)
        splits["train"] = f"{name}_train.jsonl"
    files[f"{name}.yaml"] = _yaml(_task(project, name, version, splits, bool(choices)))
    told = f"cd {{folder}} && lm_eval --include_path . --tasks {name} --apply_chat_template --model hf ..."
    return Written(files, [*test, *shown], told)


def _task(project: Project, name: str, version: Version, splits: Mapping[str, str], choice: bool) -> dict[str, Any]:
    task: dict[str, Any] = {
        "task": name, "dataset_path": "json", "dataset_name": None, "dataset_kwargs": {"data_files": dict(splits)},
        "test_split": "test", "doc_to_text": "prompt", "target_delimiter": "", "num_fewshot": 0,
        "metadata": {"version": 1.0, "assay_version": version.id},
    }  # fmt: skip
    if project.recipe.system:
        quoted = json.dumps(project.recipe.system, ensure_ascii=False)  # a template that says this text, whatever it is
        task["description"] = f"{{{{ {quoted} }}}}"
    if "train" in splits:
        task |= {"training_split": "train", "fewshot_split": "train"}
    if choice:
        metrics = [
            {"metric": metric, "aggregation": "mean", "higher_is_better": True} for metric in ("acc", "acc_norm")
        ]
        return task | {
            "output_type": "multiple_choice", "doc_to_choice": "choices", "doc_to_target": "gold",
            "metric_list": metrics,
        }  # fmt: skip
    longest = project.recipe.eval.max_new_tokens or LONGEST
    stripped = [{"function": "remove_whitespace"}, {"function": "take_first"}]
    return task | {
        "output_type": "generate_until", "doc_to_target": "answer",
        "generation_kwargs": {"until": ["<|endoftext|>"], "do_sample": False, "max_gen_toks": longest},
        "filter_list": [{"name": "stripped", "filter": stripped}],
        "metric_list": [
            {"metric": "exact_match", "aggregation": "mean", "higher_is_better": True},
            {"metric": "chrf", "aggregation": "chrf", "higher_is_better": True},
        ],
    }  # fmt: skip


def _documents(rows: Sequence[Example], choices: Sequence[str]) -> str:
    lines = []
    for row in rows:
        document: dict[str, Any] = {"id": row.id, "prompt": row.prompt, "answer": row.answer}
        if choices:
            document |= {"choices": list(choices), "gold": choices.index(row.label or "")} if row.label else {}
        if not choices or row.label:
            lines.append(json.dumps(document, ensure_ascii=True) + "\n")
    return "".join(lines)


def _yaml(body: Mapping[str, Any]) -> str:
    from ruamel.yaml import YAML

    text = io.StringIO()
    writer = YAML(typ="safe")
    writer.default_flow_style = False
    writer.allow_unicode = True
    writer.dump(dict(body), text)
    return text.getvalue()


FORMATS: Mapping[str, Callable[[Project, Version, Sequence[Example]], Written]] = {
    "jsonl": _jsonl, "openai": _openai, "parquet": _parquet, "lm-eval": _lm_eval,
}  # fmt: skip
