"""The request log: one JSON object a request, with counts and times. No prompt, no answer, no token is ever in it."""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from assay.errors import InputError

MAX_BYTES, KEPT = 10_000_000, 5  # of one file; files kept beside the current one


class _OwnersFile(RotatingFileHandler):
    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        return open(descriptor, "a", encoding=self.encoding)


class Journal:
    """Appends to a file that only its owner can read, and starts another when it is full."""

    def __init__(self, path: Path, *, max_bytes: int = MAX_BYTES) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = _OwnersFile(path, maxBytes=max_bytes, backupCount=KEPT, encoding="utf-8")
        except OSError as error:
            raise InputError(
                f"{path}: cannot be written: {error.strerror}", hint="serve without --log, or free the path"
            ) from error

    def add(self, **fields: Any) -> None:
        """One request. A disk that is full costs lines of the log, never an answer."""
        line = json.dumps({"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **fields}, sort_keys=True)
        self._file.handle(logging.LogRecord("assay.requests", logging.INFO, "", 0, line, (), None))

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
