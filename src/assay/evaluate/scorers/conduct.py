"""How an answer behaves: whether it admits that it does not know, and whether it has the form that was asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar

from assay.errors import InputError
from assay.records import Example
from assay.rules.refusal import said_in

SHORT = 60  # words up to which an answer that says it does not know says little else


@dataclass(frozen=True)
class Abstains:
    """Where the expected answer says that it does not know or declines: 1 when this one does; None elsewhere."""

    key: ClassVar[str] = "abstains"
    metric: ClassVar[str] = "says so where the answer is not known"

    def score(self, expected: Example, written: str) -> float | None:
        """score(answer "I do not know.", "That is not stated in the handbook.") -> 1.0"""
        return float(abstains(written)) if abstains(expected.answer) else None


@dataclass(frozen=True)
class Answers:
    """Where the expected answer answers: 1 when this one does, 0 when it says nothing or abstains; None elsewhere."""

    key: ClassVar[str] = "answers"
    metric: ClassVar[str] = "answers where there is an answer"

    def score(self, expected: Example, written: str) -> float | None:
        """score(answer "20 days.", "I am not sure.") -> 0.0"""
        if not expected.answer.strip() or abstains(expected.answer):
            return None
        return float(bool(written.strip()) and not abstains(written))


def abstains(answer: str) -> bool:
    """Whether a short answer declines or says that it does not know: abstains("I don't know.") -> True."""
    if not answer.strip() or len(answer.split()) > SHORT:
        return False
    said = said_in(answer)
    text = answer.casefold().replace("’", "'")
    return bool(said.decline or said.limit) or any(form.search(text) for form in _forms())


@cache
def _forms() -> tuple[re.Pattern[str], ...]:
    lines = files("assay.evaluate.scorers").joinpath("abstentions.txt").read_text("utf-8").splitlines()
    return tuple(re.compile(line) for line in lines if line and not line.startswith("#"))


@dataclass(frozen=True)
class SchemaValid:
    """1 when the answer is JSON that the schema allows, and nothing else; there is nothing it cannot judge."""

    key: ClassVar[str] = "schema"
    metric: ClassVar[str] = "answers that are JSON of the schema"
    schema: Mapping[str, Any]

    def score(self, expected: Example, written: str) -> float | None:
        """score(schema {"type": "object"}, "{}") -> 1.0; "Sure! {}" -> 0.0"""
        try:
            value = json.loads(written, parse_constant=_refused)
            return float(_validator(json.dumps(self.schema, sort_keys=True)).is_valid(value))
        except (ValueError, RecursionError):
            return 0.0

    @classmethod
    def read(cls, path: Path) -> SchemaValid:
        """The scorer of a file that holds a JSON schema.

        Raises:
            InputError: no such file, not JSON, or not a schema.
        """
        from jsonschema.exceptions import SchemaError
        from jsonschema.validators import validator_for

        try:
            schema = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(schema, dict):
                raise InputError(f"{path}: a JSON schema is an object", hint='start with {"type": "object"}')
            validator_for(schema).check_schema(schema)
            if elsewhere := [name for name in _references(schema) if not name.startswith("#")]:
                what = f"{path}: the schema refers to other documents, which are not fetched: {', '.join(elsewhere)}"
                raise InputError(what, hint='move them into its "$defs"')
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}", hint="eval.answer_schema names a file") from None
        except (ValueError, SchemaError) as error:
            raise InputError(f"{path}: not a JSON schema: {str(error).splitlines()[0]}") from None
        return cls(schema)


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from (value for key, value in schema.items() if key in ("$ref", "$dynamicRef") and isinstance(value, str))
        schema = list(schema.values())
    if isinstance(schema, list):
        for part in schema:
            yield from _references(part)


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


@cache
def _validator(schema: str) -> Any:
    """A validator that fetches nothing."""
    from jsonschema.validators import validator_for
    from referencing import Registry

    body = json.loads(schema)
    return validator_for(body)(body, registry=Registry())
