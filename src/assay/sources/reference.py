"""What says what a dataset is about: queries as they stand in the recipe, and files of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from assay.errors import InputError
from assay.sources.formats import SUFFIXES
from assay.sources.reading import read

TEXT, MARKDOWN = ".txt", (".md", ".markdown")
DATA = tuple(suffix for suffix in SUFFIXES if suffix != TEXT)
WANTED = "one query a line, 20 to 200 of them"
LONGEST = 256  # characters of a path; a longer entry is a query
SENTENCE = 4  # words from which a paragraph of a document says something
_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)")
_MARK = re.compile(r"^\s*(?:#{1,6}|>|[-*+]|\d+[.)])\s+|[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}", re.MULTILINE)


def reference_lines(root: Path, entries: Sequence[str], key: str) -> list[str]:
    """The texts that entries of the recipe name: queries, lines of .txt, paragraphs of Markdown, prompts of data files.

    Args:
        root: folder that paths are relative to.
        entries: a query, or the path of a file. An entry of several words that is no file is a query.
        key: where in the recipe they stand, for the error.

    Raises:
        InputError: a file that is not there, cannot be read or holds no query.
    """
    found: list[str] = []
    for entry in entries:
        path = root / entry
        suffix = path.suffix.lower() if len(entry) < LONGEST else ""
        if suffix not in (TEXT, *MARKDOWN, *DATA) or (" " in entry and not path.exists()):
            found.append(entry)
            continue
        if not path.is_file():
            raise InputError(f"{key}: no such file '{entry}'", hint=WANTED)
        lines = _lines(path, entry, key, suffix)
        if not lines:
            raise InputError(f"{key}: there is no query in '{entry}'", hint=WANTED)
        found += lines
    return found


def _lines(path: Path, entry: str, key: str, suffix: str) -> list[str]:
    if suffix in DATA:
        return [example.prompt for example in read(path).examples if example.prompt.strip()]
    text = _text(path, entry, key)
    return _paragraphs(text) if suffix in MARKDOWN else [line.strip() for line in text.splitlines() if line.strip()]


def _text(path: Path, entry: str, key: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{key}: '{entry}' is not UTF-8: {error.reason}") from None


def _paragraphs(text: str) -> list[str]:
    """The paragraphs of a Markdown document that say something: no front matter, code, headings, or markup."""
    plain = _FENCE.sub("", _FRONT.sub("", text.replace("\r\n", "\n")))
    parts = [" ".join(_MARK.sub("", _LINK.sub(r"\1", part)).split()) for part in re.split(r"\n\s*\n", plain)]
    return [part for part in parts if len(part.split()) >= SENTENCE]
