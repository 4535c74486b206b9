"""Text and Markdown to Documents: one a file, paragraphs as they are."""

from __future__ import annotations

import hashlib
from pathlib import Path

from assay.errors import InputError
from assay.records import Document
from assay.sources.disk import bytes_of
from assay.sources.encoding import text_of

SUFFIXES = (".txt", ".md", ".markdown")


def read_documents(path: str | Path, *, licence: str = "") -> list[Document]:
    """The documents of a text file, or of all in a folder and below, in the order of their names; line ends as \\n.

    Raises:
        InputError: no document, or one that cannot be read as text.
    """
    given = Path(path)
    files = [given]
    if given.is_dir():
        files = sorted(file for file in given.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
        if not files:
            raise InputError(f"{path}: no document here", hint=f"Assay reads {', '.join(SUFFIXES)}")
    return [_document(file, given if given.is_dir() else given.parent, licence) for file in files]


def _document(file: Path, root: Path, licence: str) -> Document:
    text = text_of(file, bytes_of(file))
    if not text.clean:
        raise InputError(f"{file}: holds bytes that are not {text.encoding}", hint="save it as UTF-8")
    plain = text.text.replace("\r\n", "\n").replace("\r", "\n")
    name = file.relative_to(root).as_posix()
    return Document(
        hashlib.sha256(f"{name}\n{plain}".encode()).hexdigest()[:16], plain, str(file), "whole file", licence
    )
