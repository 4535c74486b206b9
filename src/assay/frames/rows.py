"""The door itself: pick a runner, map batches of rows, group equal keys."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

from assay.errors import AssayError
from assay.frames.large import LARGE, blocks, room
from assay.recipe import did_you_mean

if TYPE_CHECKING:
    from types import ModuleType

    import numpy as np
    import pyarrow as pa

    from assay.encoders import Encoder

Runner = Literal["native", "ray"]
BATCH = 2048  # rows a task; large enough that scheduling costs nothing beside the work
HERE = 2_000_000  # texts up to which one thread does: a million take 9 s, an engine holds them twice
_ORDER = "__order__"  # the column that brings rows back in the order they came
_chosen: Runner | None = None


class Interrupted(AssayError):
    """The engine was stopped in the middle and gave back a part of the rows."""

    status = 130

    def __init__(self) -> None:
        super().__init__("the engine was interrupted: nothing was written", hint="run it again")


def use(runner: Runner, *, address: str | None = None) -> None:
    """Choose where steps run: "native", threads of this process, or "ray", a cluster (a local one without `address`).

    Native is the default, and chosen by the first step when nobody chose before.

    Raises:
        AssayError: no such runner, or this process already runs on the other one (Daft allows one a process).
    """
    global _chosen
    if runner not in get_args(Runner):
        known = get_args(Runner)
        raise AssayError(f"'{runner}' is not an engine{did_you_mean(runner, known)}", hint=f"one of {', '.join(known)}")
    if _chosen == runner:
        return
    if _chosen is not None:
        raise AssayError(
            f"this process already runs on the {_chosen} runner and cannot change to {runner}",
            hint=f"choose the runner before any other work, or start a new process for {runner}",
        )
    daft = _import_daft()
    if runner == "ray":
        daft.set_runner_ray(address)
    else:
        daft.set_runner_native()
    _chosen = runner


def local() -> bool:
    """Whether steps run in this process, and not on a cluster."""
    return _chosen != "ray"


def _import_daft() -> Any:
    # Daft reports each use over the network from a thread. That breaks the promise to work offline, and the thread
    # crashes the interpreter when it is still alive at exit (6 of 25 short processes; none with it off).
    os.environ["DAFT_ANALYTICS_ENABLED"] = "0"
    # The progress bar of every inner step would bury our own.
    os.environ.setdefault("DAFT_PROGRESS_BAR", "0")
    import daft

    return daft


def _daft() -> Any:
    """Daft with a runner chosen; the native one if nobody chose."""
    if _chosen is None:
        use("native")
    return _import_daft()


def send_by_value(module: ModuleType) -> None:
    """Let what a module defines travel to other processes with its code: they could not import it by name."""
    _import_daft()
    from daft.pickle import cloudpickle

    cloudpickle.register_pickle_by_value(module)


def map_rows(
    table: pa.Table, function: Callable[[pa.Table], pa.Table], schema: pa.Schema, *, batch: int = BATCH
) -> pa.Table:
    """`function` over batches of `table`; row order in is row order out.

    `function` gets a table of at most `batch` rows and returns one of as many rows with the columns of `schema`. It
    travels to other processes on Ray, so it and what it closes over must be picklable.

    Raises:
        AssayError: `function` returned another number of rows than it got.
        Interrupted: the engine was stopped; Daft then gives back what it has as if it were all.
    """
    import numpy as np
    import pyarrow as pa

    if table.num_rows == 0:
        return schema.empty_table()
    daft = _daft()
    kind = daft.DataType.from_arrow_type(pa.struct(list(schema)))
    apply = daft.func.batch(return_dtype=kind)(_on_structs(function, schema))
    frame = daft.from_arrow(table.append_column(_ORDER, pa.array(np.arange(table.num_rows))))
    row = daft.functions.to_struct(*[daft.col(name) for name in table.column_names])
    done = frame.into_batches(batch).select(daft.col(_ORDER), apply(row).alias("row")).to_arrow()
    numbers = done[_ORDER].to_numpy()
    _all_there(numbers, table.num_rows)
    order = np.argsort(numbers, kind="stable")
    structs = done["row"].combine_chunks()
    return pa.Table.from_struct_array(structs).cast(schema).take(pa.array(order))


def _all_there(rows: np.ndarray, count: int) -> None:
    """Every row that went in came out, once."""
    import numpy as np

    if not np.array_equal(np.sort(rows), np.arange(count)):
        raise Interrupted


def _on_structs(function: Callable[[pa.Table], pa.Table], schema: pa.Schema) -> Callable[[Any], pa.Array]:
    """`function` as Daft calls it: one column of structs in, one out."""

    def apply(series: Any) -> pa.Array:
        import pyarrow as pa

        structs = series.to_arrow()
        if isinstance(structs, pa.ChunkedArray):
            structs = structs.combine_chunks()
        result = function(pa.Table.from_struct_array(structs)).select(schema.names).cast(schema).combine_chunks()
        if result.num_rows != len(structs):
            raise AssayError(f"a row operator returned {result.num_rows} rows for {len(structs)}")
        columns = [column.combine_chunks() for column in result.columns]
        return pa.StructArray.from_arrays(columns, fields=list(schema))

    return apply


def exact_groups(keys: Sequence[str]) -> np.ndarray:
    """For each key the smallest index that holds an equal one: exact_groups(["a", "b", "a"]) -> [0, 1, 0].

    Shape (n,), int64. Grouped with an explicit minimum: the engine's own `distinct` keeps whichever row it meets first.

    Raises:
        Interrupted: the engine was stopped.
    """
    import numpy as np
    import pyarrow as pa

    if not keys:
        return np.zeros(0, dtype=np.int64)
    if local():
        seen: dict[str, int] = {}
        return np.fromiter((seen.setdefault(writable(key), i) for i, key in enumerate(keys)), np.int64, len(keys))
    daft = _daft()
    frame = daft.from_arrow(
        pa.table({"key": pa.array([writable(k) for k in keys], pa.large_string()), "i": np.arange(len(keys))})
    )
    col = daft.col
    groups = frame.groupby("key").agg(col("i").min().alias("first"), col("i").list_agg().alias("members")).to_arrow()
    first = np.asarray(groups["first"].combine_chunks(), dtype=np.int64)
    members = groups["members"].combine_chunks()
    rows = np.asarray(members.flatten(), dtype=np.int64)
    _all_there(rows, len(keys))
    out = np.empty(len(keys), dtype=np.int64)
    out[rows] = np.repeat(first, np.asarray(members.value_lengths()))
    return out


def embed(texts: Sequence[str], encoder: Encoder) -> np.ndarray:
    """Vectors of `texts`. Shape (n, encoder.dim), L2-normalised, float32, or float16 beyond `LARGE` texts.

    An empty text is all zeros.

    Raises:
        Interrupted: the engine was stopped.
    """
    import numpy as np

    if local():  # an encoder holds the interpreter: threads would take turns
        if len(texts) <= LARGE:
            return encoder.encode([writable(text) for text in texts])
        out = room(len(texts), encoder.dim)
        for part in blocks(len(texts)):
            out[part] = encoder.encode([writable(text) for text in texts[part]])
        return out
    import pyarrow as pa

    if not texts:
        return np.zeros((0, encoder.dim), dtype=np.float32)
    schema = pa.schema([("vector", pa.list_(pa.float32(), encoder.dim))])

    def encode(batch: pa.Table) -> pa.Table:
        vectors = encoder.encode(batch["text"].to_pylist())
        flat = pa.array(np.ascontiguousarray(vectors, dtype=np.float32).ravel())
        return pa.table({"vector": pa.FixedSizeListArray.from_arrays(flat, encoder.dim)}, schema=schema)

    done = map_rows(pa.table({"text": pa.array([writable(t) for t in texts], pa.large_string())}), encode, schema)
    return np.asarray(done["vector"].combine_chunks().flatten(), dtype=np.float32).reshape(len(texts), encoder.dim)


def writable(text: str) -> str:
    """The text with lone surrogates, which no file can hold, replaced."""
    return text.encode("utf-8", "replace").decode("utf-8")
