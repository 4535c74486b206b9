"""Parquet: records from a table and back, with the schema they came with."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from assay.errors import InputError
from assay.sources.formats import Format, Loaded, Row

_BATCH = 4096  # rows turned into Python objects at a time


def read_parquet(path: Path, data: bytes) -> Loaded:
    """The rows of a table, values as Python objects.

    Raises:
        InputError: damaged, or no Parquet at all.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    records: list[dict[str, Any]] = []
    try:
        file = pq.ParquetFile(io.BytesIO(data))
        for batch in file.iter_batches(_BATCH):
            records += batch.to_pylist()
        return Loaded(
            [Row(i + 1, record) for i, record in enumerate(records)], Format("parquet", schema=file.schema_arrow)
        )
    except (pa.ArrowException, OSError, ValueError, TypeError, OverflowError, MemoryError) as error:
        raise InputError(
            f"{path}: damaged Parquet: {str(error).splitlines()[0][:150]}", hint="write or download it again"
        ) from None


def write_parquet(records: Iterable[Mapping[str, Any]], format: Format) -> bytes:
    """The bytes of a table of these records under the schema they were read with.

    Raises:
        InputError: a value no longer fits its column.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    try:
        pq.write_table(pa.Table.from_pylist(list(records), schema=format.schema), sink)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise InputError(f"a value does not fit its Parquet column: {str(error).splitlines()[0][:150]}") from None
    return sink.getvalue()
