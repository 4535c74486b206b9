"""What a run is: the same identity gives the same weights, another one is another run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assay.models.adapter import Adapter
from assay.models.base import BaseModel, describe
from assay.recipe import TrainSpec
from assay.records import Example, digest_of

_FIRST = ("method", "rank", "layers", "learning_rate", "epochs", "batch_size", "max_tokens", "seed")
_SHOWN = 60  # characters of a value
_WORDS = {"budget": "budget of answer tokens", "dtype": "precision", "system": "system prompt", "path": "path",
          "start": "the adapter it goes on from", "validation": "validation rows", "version": "version"}  # fmt: skip


def identity_of(
    examples: Sequence[Example], *, base: BaseModel, dtype: str, fingerprint: str, system: str, spec: TrainSpec,
    budget: int | None, version: str, validation: Sequence[Example] = (), start: Adapter | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The identity of a run, known before a weight is loaded, but for the path that the architecture allows."""
    return {
        "base": describe(base), "dtype": dtype, "fingerprint": fingerprint, "system": system,
        "settings": settings_kept(spec), "budget": budget, "version": version, "data": data_digest(examples),
        **({"validation": data_digest(validation)} if validation else {}),
        **({"start": start.weights_digest} if start else {}),
    }  # fmt: skip


def settings_kept(spec: TrainSpec) -> dict[str, Any]:
    """What the weights depend on. Those at their default are left out, but for the first: a run outlives new ones."""
    more = spec.model_dump(mode="json", exclude_defaults=True, exclude={"effort", "report_to", "precision"})
    return spec.model_dump(mode="json", include=set(_FIRST)) | more


def data_digest(examples: Sequence[Example]) -> str:
    """One digest of rows in their order."""
    return digest_of([[example.id, example.digest] for example in examples])


def changes(was: Mapping[str, Any], now: Mapping[str, Any], *, unknown: Sequence[str] = ()) -> list[str]:
    """What differs, for people: ["epochs 2 -> 1", "system prompt 'a' -> 'b'"]; rows are left to `row_changes`.

    `unknown` keys are not looked at where `now` does not hold them.
    """
    looked = sorted({*was, *now} - {"data"} - (set(unknown) - now.keys()))
    keys = [key for key in looked if was.get(key) != now.get(key)]
    told: list[str] = []
    for key in ("settings", *(key for key in keys if key != "settings")):
        if key in keys:
            told += _of(key, was, now)
    return told


def _of(key: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    before, after = was.get(key), now.get(key)
    if key == "fingerprint":
        if was.get("system") == now.get("system"):
            yield "the chat template or its tokens"
    elif key == "base" and isinstance(before, Mapping) and isinstance(after, Mapping):
        same = before.get("name") == after.get("name")
        yield f"model {before.get('name')} -> {after.get('name')}" + (", other weights of that name" if same else "")
    elif key in ("start", "validation"):
        yield f"{_WORDS[key]}"
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in sorted({*before, *after}):
            if before.get(name) != after.get(name):
                yield f"{name} {_value(before.get(name))} -> {_value(after.get(name))}"
    else:
        yield f"{_WORDS.get(key, key)} {_value(before)} -> {_value(after)}"


def _value(value: Any) -> str:
    if value is None:
        return "not set"
    text = repr(value) if isinstance(value, str) else f"{value:,}" if type(value) is int else str(value)
    text = f"{value:g}" if isinstance(value, float) else text
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 2]}…'"


def row_changes(old: Sequence[Sequence[str]], new: Sequence[Sequence[str]]) -> list[str]:
    """How rows, as id and digest, differ: ["1 rows are gone, the first: r2"]; [] for the same rows in one order."""
    before, after = {row[0]: row[1] for row in old}, {row[0]: row[1] for row in new}
    gone, come = [i for i in before if i not in after], [i for i in after if i not in before]
    edited = [i for i in before if i in after and before[i] != after[i]]
    kinds = [("rows are gone", gone), ("rows are new", come), ("rows were edited", edited)]
    told = [f"data: {len(ids)} {what}, the first: {', '.join(ids[:5])}" for what, ids in kinds if ids]
    return told or (["data: the same rows in another order"] if list(map(list, old)) != list(map(list, new)) else [])
