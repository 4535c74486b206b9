"""The shape of rows: which column is the prompt, which the answer; detected and stated, or named by the user."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from assay.errors import InputError
from assay.recipe import did_you_mean
from assay.sources.csv_rows import normal
from assay.sources.json_rows import KEY

_TEXT = ("text", "query", "utterance", "sentence", "body", "content")
_LABEL = ("label", "category", "intent", "class", "target")
_SAMPLE = 2000  # rows whose columns are looked at, spread over the file


class Known(NamedTuple):
    """A shape and the column names that stand for its roles."""

    required: Mapping[str, tuple[str, ...]]
    optional: Mapping[str, tuple[str, ...]] = {}


_SYSTEM = {"system": ("system", "system_prompt")}
_GIVEN = {"context": ("context", "passage", "reference", "source_text"), **_SYSTEM}
# Most telling first: where two shapes share a column the earlier one is meant, because it explains more of the row.
SHAPES: dict[str, Known] = {
    "messages": Known({"messages": ("messages",)}),
    "sharegpt": Known({"messages": ("conversations", "conversation")}, _SYSTEM),
    "alpaca": Known(
        {"prompt": ("instruction",), "answer": ("output", "response", "answer", "completion")},
        {"input": ("input", "context"), **_SYSTEM},
    ),
    "prompt-completion": Known(
        {"prompt": ("prompt",), "answer": ("completion", "response", "output", "answer", "reply")},
        {"input": ("input",), **_GIVEN},
    ),
    "question-answer": Known(
        {
            "prompt": ("question", "query", "user_query", "request"),
            "answer": ("answer", "response", "output", "reply", "completion"),
        },
        _GIVEN,
    ),
    "input-output": Known({"prompt": ("input",), "answer": ("output", "response", "answer", "reply")}, _GIVEN),
    "summary": Known(
        {
            "prompt": ("document", "article", "original_text", "dialogue", *_TEXT),
            "answer": ("summary", "reference_summary", "highlights"),
        },
        _SYSTEM,
    ),
    "text-label": Known({"prompt": _TEXT, "label": _LABEL}, _SYSTEM),
    "text": Known({"prompt": _TEXT}),
}
_ANY: dict[str, tuple[str, ...]] = {
    "id": ("id", "_id", "uuid", "guid", "example_id"),
    "group": (
        "conversation_id",
        "group",
        "group_id",
        "doc_id",
        "document_id",
        "thread",
        "thread_id",
        "session_id",
        "dialogue_id",
    ),
    "weight": ("weight", "sample_weight"),
}
ROLES = ("messages", "prompt", "input", "context", "answer", "label", "system", "id", "group", "weight")
COLUMNS = frozenset(
    name
    for known in (*SHAPES.values(), Known(_ANY))
    for part in (known.required, known.optional)
    for names in part.values()
    for name in names
)


@dataclass(frozen=True)
class Shape:
    """Which column plays which role; `str` of it is the statement the user reads."""

    name: str  # one of SHAPES, or "mapping"
    columns: Mapping[str, str] = field(default_factory=dict)  # role -> column
    unused: tuple[str, ...] = field(default=(), compare=False)  # columns most rows have and no role takes

    def __str__(self) -> str:
        roles = ", ".join(
            role if role == column else f"{role}={column}" for role, column in self.columns.items() if column != KEY
        )
        return f"{self.name} ({roles})"

    @property
    def rests_on_prompt(self) -> bool:
        """Whether the prompt is the text that the answer must rest on: the answer's column is a summary."""
        return self.answer is not None and normal(self.answer) in SHAPES["summary"].required["answer"]

    @property
    def answer(self) -> str | None:
        """The column of the answer or label, if there is one."""
        return self.columns.get("answer", self.columns.get("label"))


def parse_mapping(spec: str) -> dict[str, str]:
    """parse_mapping("prompt=body,answer=reply") -> {"prompt": "body", "answer": "reply"}; {} for a bare name.

    Raises:
        InputError: an unknown role, a role twice, or no role that gives a prompt.
    """
    if "=" not in spec:
        return {}
    found: dict[str, str] = {}
    for pair in spec.split(","):
        role, _, column = (part.strip() for part in pair.partition("="))
        if role not in ROLES:
            raise InputError(
                f"shape '{spec}': there is no role '{role}'{did_you_mean(role, ROLES)}",
                hint=f"roles: {', '.join(ROLES)}",
            )
        if not column or role in found:
            raise InputError(
                f"shape '{spec}': expected one column for '{role}'", hint="write it as role=column,role=column"
            )
        found[role] = column
    if ("messages" in found) == ("prompt" in found) or ("answer" in found and "label" in found):
        raise InputError(
            f"shape '{spec}': expected either messages, or prompt with at most one of answer and label",
            hint="for example prompt=question,answer=reply",
        )
    return found


def detect(records: Sequence[Mapping[str, Any]], where: str, shape: str = "") -> Shape:
    """The shape of these rows; `shape` is a name of SHAPES or a mapping, and decides when given.

    Raises:
        InputError: none fits, more than one does, or the one asked for does not; with the columns found.
    """
    sample = records[:: max(1, len(records) // _SAMPLE)]
    counts = Counter(column for record in sample for column in record)
    mapping = parse_mapping(shape)
    if mapping:
        missing = [column for column in mapping.values() if column not in counts]
        if missing:
            near = did_you_mean(missing[0], list(counts))
            raise _unfit(where, f"there is no column '{missing[0]}'{near}", counts)
        return _shape("mapping", mapping, sample, counts)
    if shape and shape not in SHAPES:
        raise InputError(f"{where}: there is no shape '{shape}'{did_you_mean(shape, list(SHAPES))}", hint=_hint())
    found = _matches([shape] if shape else list(SHAPES), sample, counts, where)
    if not shape and not found:
        found = _nameless(sample, counts)
    if not found:
        asked = f"the rows have not the shape '{shape}'" if shape else "the shape of the rows is not one Assay knows"
        raise _unfit(where, asked, counts)
    name, columns = next(iter(found.items()))
    rivals = [
        other for other, its in found.items() if not set(its.values()) & set(columns.values()) and other != "text"
    ]
    if rivals:
        raise _unfit(where, f"the rows have two shapes at once, {name} and {rivals[0]}", counts)
    return _shape(name, columns, sample, counts)


def _shape(name: str, columns: Mapping[str, str], sample: Sequence[Mapping[str, Any]], counts: Counter[str]) -> Shape:
    """The shape with the columns any shape may have, and those it leaves."""
    roles = {**columns, **_anywhere(sample, counts, set(columns.values()), set(columns))}
    taken = {KEY, *roles.values()}
    return Shape(name, roles, tuple(c for c, n in counts.items() if c not in taken and n * 2 >= len(sample)))


def _hint() -> str:
    named = "or name the columns: --shape prompt=COLUMN,answer=COLUMN (or label=COLUMN)"
    return f"give --shape (`shape:` in assay.yaml) one of {', '.join(SHAPES)}; {named}"


def _unfit(where: str, what: str, counts: Counter[str]) -> InputError:
    names = [name for name in counts if name != KEY]
    more = f" and {len(names) - 20} more" if len(names) > 20 else ""
    found = ", ".join(f"'{name[:40]}'" for name in names[:20]) + more
    return InputError(f"{where}: {what}; columns found: {found or 'none'}", hint=_hint())


def _matches(
    names: Sequence[str], sample: Sequence[Mapping[str, Any]], counts: Counter[str], where: str
) -> dict[str, dict[str, str]]:
    """The shapes that fit, most telling first, with their columns. A conversation says all: it ends the search."""
    found: dict[str, dict[str, str]] = {}
    for name in names:
        choices = _choices(SHAPES[name], sample, counts)
        unsure = {role: columns for role, columns in choices.items() if len(columns) > 1}
        if unsure and not found:
            role, columns = next(iter(unsure.items()))
            raise _unfit(where, f"more than one column could be the {role}: {', '.join(columns)}", counts)
        if choices and not unsure:
            found[name] = {role: columns[0] for role, columns in choices.items()}
            found[name] |= _optional(SHAPES[name], counts, set(found[name].values()))
        if name in ("messages", "sharegpt") and found:
            break
    return found


def _choices(known: Known, sample: Sequence[Mapping[str, Any]], counts: Counter[str]) -> dict[str, list[str]]:
    """For each required role the columns that at least half of the rows have; {} when a role has none."""
    found: dict[str, list[str]] = {}
    for role, names in known.required.items():
        columns = [column for column in _named(names, counts) if counts[column] * 2 >= len(sample)]
        if role == "messages":
            columns = [column for column in columns if _share(sample, column, _is_chat) >= 0.5]
        own = [column for column in columns if normal(column) not in _TEXT]
        found[role] = own if role == "prompt" and len(own) == 1 else columns  # document before text
    return found if all(found.values()) else {}


def _optional(known: Known, counts: Counter[str], used: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for role, names in known.optional.items():
        columns = [column for column in _named(names, counts) if column not in used]
        if columns:
            found[role] = min(columns, key=lambda column: names.index(normal(column)))
    return found


def _named(names: Sequence[str], counts: Counter[str]) -> list[str]:
    return [column for column in counts if normal(column) in names]


def _share(sample: Sequence[Mapping[str, Any]], column: str, fits: Callable[[Any], bool]) -> float:
    values = [record[column] for record in sample if column in record]
    return sum(map(fits, values)) / max(1, len(values))


def _is_chat(value: Any) -> bool:
    return isinstance(value, list) or (isinstance(value, str) and value.lstrip().startswith("[{"))


def _is_weight(value: Any) -> bool:
    try:
        return value is None or value == "" or (not isinstance(value, bool) and 0 <= float(value) < float("inf"))
    except (TypeError, ValueError):
        return False


def _anywhere(
    sample: Sequence[Mapping[str, Any]], counts: Counter[str], used: set[str], taken: set[str]
) -> dict[str, str]:
    """The columns any shape may have: id, group, weight."""
    found: dict[str, str] = {"id": KEY} if KEY in counts else {}
    for role, names in _ANY.items():
        columns = [column for column in _named(names, counts) if column not in used]
        if role == "weight":
            columns = [column for column in columns if _share(sample, column, _is_weight) >= 0.5]
        if columns and role not in taken and role not in found:
            found[role] = min(columns, key=lambda column: names.index(normal(column)))
    return found


def _nameless(sample: Sequence[Mapping[str, Any]], counts: Counter[str]) -> dict[str, dict[str, str]]:
    """A column without a name is text; of two, the one whose values repeat and are short is the label."""
    names = list(counts)
    if names == ["column_1"]:
        return {"text": {"prompt": "column_1"}}
    if sorted(names) != ["column_1", "column_2"] or len(sample) < 4:
        return {}
    values = {name: [str(record[name]) for record in sample if name in record] for name in names}
    distinct = {name: len(set(column)) / len(column) for name, column in values.items()}
    length = {name: sum(map(len, column)) / len(column) for name, column in values.items()}
    label = min(names, key=lambda name: distinct[name])
    (text,) = (name for name in names if name != label)
    if distinct[label] > 0.5 or distinct[text] < 1.5 * distinct[label] or length[label] > length[text]:
        return {}
    return {"text-label": {"prompt": text, "label": label}}
