"""What surrogates stand for, on disk: encrypted under the user's key, which is never written."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.screen import out, plain, print_json
from assay.errors import AssayError, InputError

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

    from assay.rules import Rule

HEAD = "assay vault 1\n"  # then a Fernet token: AES-128-CBC with HMAC-SHA256


def load(path: Path) -> dict[str, str]:
    """Surrogate -> value.

    Raises:
        InputError: no vault, a damaged one, or one under another key.
        NoKey: there is no key.
    """
    from cryptography.fernet import InvalidToken

    box = _box()
    try:
        head, _, token = path.read_bytes().partition(b"\n")
    except OSError as error:
        raise InputError(f"{path}: cannot read: {error.strerror}") from None
    if head + b"\n" != HEAD.encode():
        raise InputError(f"{path}: is no vault of surrogates", hint="name the file that `assay fix --vault` wrote")
    try:
        told: dict[str, str] = json.loads(box.decrypt(token))
    except InvalidToken:
        what = f"{path}: the key in ASSAY_KEY does not open it, or it was changed since it was written"
        raise InputError(what, hint="set ASSAY_KEY to the key it was made with") from None
    return told


def save(path: Path, originals: Mapping[str, str]) -> None:
    """Write what the surrogates stand for, for nobody but the owner of the file and the key.

    Raises:
        StoreError: the path cannot be written.
        NoKey: there is no key.
    """
    from assay.store import write_atomically

    told = json.dumps(originals, ensure_ascii=True, sort_keys=True).encode()
    write_atomically(path, HEAD + _box().encrypt(told).decode() + "\n", mode=0o600)


def opened(path: Path, rules: Sequence[Rule]) -> list[Rule]:
    """The rules with personal data replaced by surrogates, those in the vault first of all.

    Raises:
        AssayError: no rule looks for personal data, there is no key, or the file there is no vault under this key.
    """
    from assay.rules.person_name import PersonName
    from assay.rules.pii import Pii
    from assay.rules.surrogates import key_in_use, surrogates_under

    if not any(isinstance(rule, Pii) for rule in rules):
        raise AssayError("--vault is for S001 (pii), which is left out", hint="choose S001, or leave --vault out")
    names = surrogates_under(key_in_use())
    if path.exists():
        names.know(load(path))
    return [replace(rule, replace="surrogate") if isinstance(rule, Pii | PersonName) else rule for rule in rules]


def closed(path: Path) -> None:
    """Write every surrogate made so far into the vault.

    Raises:
        StoreError: the path cannot be written.
    """
    from assay.rules.surrogates import key_in_use, surrogates_under

    save(path, surrogates_under(key_in_use()).originals)


def put_back(file: Path, output: Path, path: Path | None, *, shape: str, dry_run: bool, as_json: bool) -> None:
    """Write the rows of a file with the values their surrogates stand for; no rule runs.

    Raises:
        AssayError: no vault is named, there is no key or it is another one, or a file cannot be read or written.
    """
    from assay.rules.surrogates import revealer
    from assay.rules.turns import rewritten, with_turns
    from assay.sources import read, write

    if path is None:
        raise AssayError("--reveal needs the vault", hint="assay fix clean.jsonl -o out.jsonl --reveal --vault FILE")
    reveal = revealer(load(path))
    found = read(file, shape=shape)
    told = {example.id: rewritten(example, reveal) for example in found.examples}
    if not dry_run:
        write([with_turns(example, told[example.id]) for example in found.examples], output, like=found)
    changed = sum(map(bool, told.values()))
    if as_json:
        print_json({"rows": found.rows, "revealed": changed, "output": str(output), "dry_run": dry_run})
        return
    out().print(f"{changed:,} of {found.rows:,} rows have their values back" + (" (not written)" if dry_run else ""))
    for problem in found.problems:
        out().print(f"  [yellow]not read, left in {plain(file)}:[/] {plain(problem)}")
    if not dry_run:
        out().print(f"wrote [bold]{plain(output)}[/]: it holds personal data again")


def _box() -> Fernet:
    """The lock under the user's key."""
    from assay.rules.surrogates import key_in_use, keys_of

    key = base64.urlsafe_b64encode(keys_of(key_in_use())[1])
    from cryptography.fernet import Fernet

    return Fernet(key)
