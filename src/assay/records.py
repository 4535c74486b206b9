"""The records that flow through Assay: Document, Message, Example, Finding, Decision; and their Arrow schemas.

All are immutable. A record that changes is a new record with another digest; what changed it is a Decision.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    import pyarrow as pa

Split = Literal["train", "validation", "test"]
Kind = Literal["examples", "findings", "decisions"]  # of table
Task = Literal["classify", "generate", "chat"]
Action = Literal["keep", "edit", "drop", "hold", "add"]
Severity = Literal["error", "warning", "info"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
NO_LINE = -1  # of a record that is no line: in Parquet, JSON and packed files, or not read at all
TURN_FIELDS = "fields of the turns"  # the key in `Example.extra` of what turns say beside role and content, one by one
SETTLED = "settled by"  # the evidence key that says a person has the last word on a finding


_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical_json(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no spaces, any unicode as it is (lone surrogates escaped)."""
    text = _CANONICAL.encode(value)
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def digest_of(value: Any) -> str:
    """sha256 of the canonical JSON, as 64 hexadecimal digits: the same on every machine."""
    return hashlib.sha256(canonical_json(value).encode("utf-8")).hexdigest()


def place_of(uri: str, row: int, line: int) -> str:
    """place_of("a.csv", 12, 14) -> "a.csv:14"; ("a.parquet", 12, -1) -> "a.parquet[12]"; ("", -1, -1) -> "dataset"."""
    if line != NO_LINE:
        return f"{uri}:{line}"
    return f"{uri}[{row}]" if row >= 0 else uri or "dataset"


class Message(NamedTuple):
    """One turn of a conversation."""

    role: str  # "system", "user", "assistant" or "tool"
    content: str


@dataclass(frozen=True, slots=True)
class Document:
    """One unit of raw text with its place of origin."""

    id: str
    text: str
    uri: str  # the file or address it was read from
    locator: str  # where inside it: "line 12", "page 3", "row 7"
    licence: str = ""

    @property
    def digest(self) -> str:
        """Of the text alone: two documents that say the same share it."""
        return digest_of(self.text)


@dataclass(frozen=True, slots=True)
class Example:
    """What a model learns from: messages whose last one is the answer, and where they came from."""

    id: str  # stable for life
    task: Task
    messages: tuple[Message, ...]
    label: str | None = None  # of a classification; then the last message says the same
    context: str | None = None  # the text an answer must rest on
    weight: float = 1.0
    split: Split = "train"
    group: str | None = None  # conversation or document: never straddles splits
    uri: str = ""  # the file it was read from
    row: int = -1  # 0-based record in that file
    documents: tuple[str, ...] = ()  # ids of the documents it was made from
    extra: str = "{}"  # JSON of the fields of the source row that Assay does not use: written back as they were
    rests_on_prompt: bool = dataclasses.field(default=False, compare=False)  # read as a document and its summary
    line: int = dataclasses.field(default=NO_LINE, compare=False)  # of that file, from 1, where the record begins

    @property
    def digest(self) -> str:
        """Of everything the model would learn from; not of where it came from."""
        return digest_of([self.task, self.messages, self.label, self.context, self.weight])

    @property
    def place(self) -> str:
        """Where it was read, "train.jsonl:13", or "rows.parquet[12]" where there are no lines; else its id."""
        return place_of(self.uri, self.row, self.line) if self.uri else self.id

    @property
    def prompt(self) -> str:
        """What the user said, all turns but the answer, system prompt left out."""
        turns = self.messages[:-1] if self.answered else self.messages
        return "\n".join(turn.content for turn in turns if turn.role != "system")

    @property
    def query(self) -> str:
        """The prompt without the context, where it ends with that: what was asked."""
        return self.prompt.removesuffix(self.context).rstrip() if self.context else self.prompt

    @property
    def answer(self) -> str:
        """The last assistant message, or "" when there is none."""
        return self.messages[-1].content if self.answered else ""

    @property
    def answered(self) -> bool:
        """Whether the last message is the assistant's."""
        return bool(self.messages) and self.messages[-1].role == "assistant"

    @property
    def text(self) -> str:
        """Prompt and answer together, for rules that look at both."""
        return f"{self.prompt}\n{self.answer}"

    def with_answer(self, answer: str) -> Example:
        """The same example with another answer (and label, for a classification)."""
        kept = self.messages[:-1] if self.answered else self.messages
        label = answer if self.label is not None else None
        return replace(self, messages=(*kept, Message("assistant", answer)), label=label)

    def with_text(self, rewrite: Mapping[int, str]) -> Example:
        """The same example with the contents of some messages replaced; `rewrite` maps index to new content."""
        messages = tuple(Message(m.role, rewrite.get(i, m.content)) for i, m in enumerate(self.messages))
        label = messages[-1].content if self.label is not None and self.answered else self.label
        return replace(self, messages=messages, label=label)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule saw on one example: it changes nothing. The recipe says what becomes of it."""

    code: str  # stable: "D002"
    name: str  # of the rule: "near-duplicate"
    id: str  # of the example; "" for a finding about the dataset as a whole
    field: str  # "prompt", "answer", "label", "row" or "dataset"
    action: Action  # what the rule proposes: "keep" means: nothing, it is only said
    severity: Severity
    score: float  # 0 to 1: how sure the rule is that this is the fault it looks for
    message: str  # one sentence a person can act on
    evidence: Mapping[str, Any] = dataclasses.field(default_factory=dict)  # JSON: the twin, the span, numbers
    after: Example | None = None  # the suggested edit
    row: int = -1  # 0-based record in `uri`
    uri: str = ""
    line: int = NO_LINE  # of `uri`, from 1, where the record begins

    @property
    def place(self) -> str:
        """Where to look: "train.jsonl:13", "rows.parquet[12]", the file alone, or "dataset"."""
        return place_of(self.uri, self.row, self.line)

    def as_dict(self) -> dict[str, Any]:
        """The finding as the JSON object `assay check --format jsonl` prints."""
        suggested = {}
        if self.after:
            suggested["suggestion"] = self.after.answer if self.field in ("answer", "label") else self.after.prompt
        return {
            "code": self.code, "name": self.name, "id": self.id, "row": self.row, "uri": self.uri,
            "line": self.line if self.line != NO_LINE else None, "field": self.field,
            "action": self.action, "severity": self.severity, "score": round(self.score, 4), "message": self.message,
            "evidence": dict(self.evidence), **suggested,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decision:
    """Whatever changes the dataset, whoever took it: a rule, a reviewer, a production complaint."""

    id: str  # of the example
    digest: str  # of the example it was taken on; another digest now means the decision is stale
    action: Action
    reason: str  # code of the rule, or a reviewer's reason
    by: str  # "rule:near-duplicate" or "reviewer:ana"
    evidence: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    after: Example | None = None  # for "edit" and "add"

    @property
    def human(self) -> bool:
        """Whether a person took it: then it is data, replayed; a rule's is recomputed."""
        return not self.by.startswith("rule:")


# --- Arrow: what is written reads back equal, for any unicode ---------------------------------------------------------


def example_to_dict(example: Example) -> dict[str, Any]:
    """A row of the examples table."""
    return {
        "id": example.id, "digest": example.digest, "task": example.task,
        "messages": [{"role": m.role, "content": m.content} for m in example.messages],
        "label": example.label, "context": example.context, "weight": example.weight, "split": example.split,
        "group": example.group, "uri": example.uri, "row": example.row, "line": example.line,
        "documents": list(example.documents), "extra": example.extra,
    }  # fmt: skip


def example_from_dict(row: Mapping[str, Any]) -> Example:
    """The inverse of `example_to_dict`; the digest is computed, not read."""
    return Example(
        id=row["id"], task=row["task"], messages=tuple(Message(m["role"], m["content"]) for m in row["messages"]),
        label=row["label"], context=row["context"], weight=row["weight"], split=row["split"], group=row["group"],
        uri=row["uri"], row=row["row"], line=row.get("line") or NO_LINE, documents=tuple(row["documents"]),
        extra=row["extra"],
    )  # fmt: skip


def _after_json(after: Example | None) -> str | None:
    return canonical_json(example_to_dict(after)) if after else None


def _after_from(text: str | None) -> Example | None:
    return example_from_dict(json.loads(text)) if text else None


def finding_to_dict(finding: Finding) -> dict[str, Any]:
    """A row of the findings table."""
    return {
        "code": finding.code, "name": finding.name, "id": finding.id, "field": finding.field, "action": finding.action,
        "severity": finding.severity, "score": finding.score, "message": finding.message,
        "evidence": canonical_json(dict(finding.evidence)), "after": _after_json(finding.after), "row": finding.row,
        "uri": finding.uri, "line": finding.line,
    }  # fmt: skip


def finding_from_dict(row: Mapping[str, Any]) -> Finding:
    """The inverse of `finding_to_dict`."""
    return Finding(**{**row, "evidence": json.loads(row["evidence"]), "after": _after_from(row["after"])})


def decision_to_dict(decision: Decision) -> dict[str, Any]:
    """A row of the decisions table."""
    return {
        "id": decision.id, "digest": decision.digest, "action": decision.action, "reason": decision.reason,
        "by": decision.by, "evidence": canonical_json(dict(decision.evidence)), "after": _after_json(decision.after),
    }  # fmt: skip


def decision_from_dict(row: Mapping[str, Any]) -> Decision:
    """The inverse of `decision_to_dict`."""
    return Decision(**{**row, "evidence": json.loads(row["evidence"]), "after": _after_from(row["after"])})


def schema(kind: Kind) -> pa.Schema:
    """The Arrow schema of a table of examples, findings or decisions."""
    import pyarrow as pa

    text, optional = pa.string(), pa.string()
    columns: dict[str, list[tuple[str, pa.DataType]]] = {
        "examples": [
            ("id", text), ("digest", text), ("task", text),
            ("messages", pa.list_(pa.struct([("role", text), ("content", text)]))),
            ("label", optional), ("context", optional), ("weight", pa.float64()), ("split", text), ("group", optional),
            ("uri", text), ("row", pa.int64()), ("line", pa.int64()), ("documents", pa.list_(text)), ("extra", text),
        ],
        "findings": [
            ("code", text), ("name", text), ("id", text), ("field", text), ("action", text), ("severity", text),
            ("score", pa.float64()), ("message", text), ("evidence", text), ("after", optional), ("row", pa.int64()),
            ("uri", text), ("line", pa.int64()),
        ],
        "decisions": [
            ("id", text), ("digest", text), ("action", text), ("reason", text), ("by", text), ("evidence", text),
            ("after", optional),
        ],
    }  # fmt: skip
    return pa.schema(columns[kind])


def to_arrow(records: Sequence[Example] | Sequence[Finding] | Sequence[Decision], kind: Kind) -> pa.Table:
    """The records as an Arrow table with the schema of their kind; row order kept."""
    import pyarrow as pa

    writers: Mapping[Kind, Callable[[Any], dict[str, Any]]] = {
        "examples": example_to_dict, "findings": finding_to_dict, "decisions": decision_to_dict,
    }  # fmt: skip
    return pa.Table.from_pylist([writers[kind](record) for record in records], schema=schema(kind))


def examples_from_arrow(table: pa.Table) -> list[Example]:
    """The inverse of `to_arrow(..., "examples")`."""
    return [example_from_dict(row) for row in table.to_pylist()]


def findings_from_arrow(table: pa.Table) -> list[Finding]:
    """The inverse of `to_arrow(..., "findings")`."""
    return [finding_from_dict(row) for row in table.to_pylist()]


def decisions_from_arrow(table: pa.Table) -> list[Decision]:
    """The inverse of `to_arrow(..., "decisions")`."""
    return [decision_from_dict(row) for row in table.to_pylist()]


def by_split(examples: Iterable[Example], split: Split) -> list[Example]:
    """Those of one split, order kept."""
    return [example for example in examples if example.split == split]
