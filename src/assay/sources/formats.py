"""What kind of file it is, and its bytes as text: format, compression, encoding; all detected and stated."""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

from assay.errors import InputError

Kind = Literal["jsonl", "json", "csv", "parquet", "text"]
SUFFIXES: dict[str, Kind] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet",
    ".txt": "text",
}  # fmt: skip
MAX_UNPACKED = 2 << 30  # bytes a .gz may hold: more than a person can review, less than would fill the memory
MAX_RATIO = 200  # unpacked over packed: text of rows packs 3 to 30 times; a bomb near 1000
RATIO_FROM = 16 << 20  # bytes; below this a high ratio does no harm
_CHUNK = 1 << 20
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_BINARY = {
    b"PK\x03\x04": "a zip archive or office document", b"%PDF": "a PDF", b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image", b"GIF8": "a GIF image", b"SQLite format 3\x00": "an SQLite database",
    b"\x7fELF": "a program", b"BZh": "a bzip2 archive", b"\xfd7zXZ": "an xz archive", b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"\x80\x02": "a pickle, which is never loaded", b"\x80\x03": "a pickle, which is never loaded",
    b"\x80\x04": "a pickle, which is never loaded", b"\x80\x05": "a pickle, which is never loaded",
    b"\xd0\xcf\x11\xe0": "an old office document", b"\x93NUMPY": "a NumPy array",
}  # fmt: skip
# Asked of charset-normalizer only when the bytes are no UTF: the encodings spreadsheets and old exports write.
_LEGACY = ("cp1252", "mac_roman", "cp1250", "cp1251", "cp1253", "shift_jis", "gb18030", "big5", "euc_kr", "euc_jp")


@dataclass(frozen=True)
class Format:
    """How the rows lie in the file: everything `write` needs to write such a file again."""

    kind: Kind
    encoding: str = "utf-8"
    gzip: bool = False
    newline: str = "\n"
    delimiter: str = ","  # CSV
    quoted: bool = True  # CSV: whether '"' quotes a cell
    header: bool = True  # CSV: whether the first line names the columns
    columns: tuple[str, ...] = ()  # CSV: the header as it stands, repeats included
    element: Literal["object", "array", "string"] = "object"  # JSON: what one row is
    container: Literal["list", "key", "mapping"] = "list"  # JSON: [rows], {"data": [rows]} or {"id": row}
    key: str = ""  # JSON: of the list, in a "key" container
    outer: str = "{}"  # JSON: the whole object around the list, the list left empty
    compact: bool = False  # JSON: {"a":1} rather than {"a": 1}
    ascii: bool = False  # JSON: other letters written as \u escapes
    indent: int | None = None  # JSON: spaces a level
    schema: Any = field(default=None, repr=False)  # Parquet: pyarrow.Schema

    def __str__(self) -> str:
        name = {"jsonl": "JSON Lines", "json": "JSON", "csv": "CSV", "parquet": "Parquet", "text": "lines of text"}[
            self.kind
        ]
        parts = [name]
        if self.kind == "csv":
            parts[0] = "TSV" if self.delimiter == "\t" else "CSV"
            parts += [_DELIMITERS[self.delimiter]] if self.delimiter not in ",\t" else []
            parts += [] if self.header else ["no header"]
        parts += [self.encoding] if self.kind != "parquet" and self.encoding != "utf-8" else []
        return ", ".join(parts + (["gzip"] if self.gzip else []))


class Row(NamedTuple):
    """One record of a file, good or bad: a bad one says why."""

    at: int  # 1-based: line of JSON Lines, CSV and text; number of the record in JSON and Parquet
    record: dict[str, Any] | None
    problem: str = ""


class Loaded(NamedTuple):
    """Every record of a file in its order, and how they lay in it."""

    rows: list[Row]
    format: Format


class Text(NamedTuple):
    """The text of a file. Bytes that are not of its encoding stand in it as lone surrogates."""

    text: str
    encoding: str
    clean: bool  # whether every byte was of the encoding


def kind_of(path: Path, head: bytes) -> Kind:
    """The format by suffix (.gz left off), else by the first bytes.

    Raises:
        InputError: neither says.
    """
    if head.startswith(b"PAR1"):
        return "parquet"
    name = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    known = SUFFIXES.get(name.suffix.lower())
    if known:
        return known
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start in (b"{", b"["):
        return "json"
    raise InputError(
        f"{path}: unknown kind of file '{name.suffix or name.name}'",
        hint=f"Assay reads {', '.join(SUFFIXES)} and .gz of them: rename or convert the file",
    )


def bytes_of(path: Path) -> bytes:
    """The bytes of a file, unpacked when it is gzip.

    Raises:
        InputError: missing, a folder, unreadable, empty, a damaged gzip or one that unpacks beyond `MAX_UNPACKED` or `MAX_RATIO`.
    """
    if path.is_dir():
        raise InputError(f"{path}: is a folder", hint="give a file in it")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file", hint=f"this was looked for in {path.absolute().parent}") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    data = _gunzip(path, data) if data[:2] == b"\x1f\x8b" else data
    if not data.strip():
        raise InputError(f"{path}: is empty", hint="expected at least one row")
    return data


def _gunzip(path: Path, packed: bytes) -> bytes:
    parts: list[bytes] = []
    total, rest = 0, packed
    try:
        while rest:
            unpack = zlib.decompressobj(wbits=31)
            while rest and not unpack.eof:
                part = unpack.decompress(rest, _CHUNK)
                rest = unpack.unused_data if unpack.eof else unpack.unconsumed_tail
                parts.append(part)
                total += len(part)
                if total > MAX_UNPACKED or (total > RATIO_FROM and total > MAX_RATIO * len(packed)):
                    raise InputError(
                        f"{path}: unpacks to over {total >> 20} MiB from {len(packed)} bytes: refused as a possible bomb",
                        hint="unpack it yourself if you trust it, and give the unpacked file",
                    )
            if not unpack.eof:
                raise zlib.error("it ends too early")
            rest = rest.lstrip(b"\0")  # padding some writers leave
    except zlib.error as error:
        raise InputError(f"{path}: damaged gzip: {error}", hint="download or pack it again") from None
    return b"".join(parts)


def text_of(path: Path, data: bytes) -> Text:
    """The text of the bytes and their encoding: a mark at the start, else UTF-8, UTF-16, or the likeliest old one.

    Raises:
        InputError: the bytes are no text.
    """
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _decode(path, data, encoding)
    for magic, what in _BINARY.items():
        if data.startswith(magic):
            raise InputError(f"{path}: is {what}, not rows of text", hint=f"Assay reads {', '.join(SUFFIXES)}")
    head = data[:4096]
    if head.count(0) > len(head) // 4:
        low = head[1::2].count(0) >= head[::2].count(0)
        return _decode(path, data, "utf-16-le" if low else "utf-16-be")
    odd = sum(byte < 32 and byte not in b"\t\n\r\x0b\x0c\x1b" for byte in head)
    if odd > len(head) // 10:
        raise InputError(f"{path}: is binary, not rows of text", hint=f"Assay reads {', '.join(SUFFIXES)}")
    try:
        return Text(data.decode("utf-8"), "utf-8", True)
    except UnicodeDecodeError:
        return _mostly_utf8(data) or _legacy(path, data)


def _decode(path: Path, data: bytes, encoding: str) -> Text:
    try:
        return Text(data.decode(encoding), encoding, True)
    except UnicodeDecodeError:
        if encoding == "utf-8-sig":
            return Text(data[3:].decode("utf-8", "surrogateescape"), encoding, False)
    try:
        return Text(data.decode(encoding, "surrogatepass").removeprefix("\ufeff"), encoding, False)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: starts as {encoding}, but byte {error.start} is not", hint="save it as UTF-8"
        ) from None


def _mostly_utf8(data: bytes) -> Text | None:
    """UTF-8 with some stray bytes: then the lines that hold them are named, and the others are kept."""
    text = data.decode("utf-8", "surrogateescape")
    stray = sum("\udc80" <= letter <= "\udcff" for letter in text)
    right = sum(letter > "\x7f" for letter in text) - stray
    return Text(text, "utf-8", False) if right > 2 * stray else None


def _legacy(path: Path, data: bytes) -> Text:
    from charset_normalizer import from_bytes

    best = from_bytes(data[: 1 << 20], cp_isolation=list(_LEGACY)).best()
    for encoding in (best.encoding if best else "cp1252", "cp1252"):
        try:
            return Text(data.decode(encoding), encoding, True)
        except UnicodeDecodeError:
            continue
    raise InputError(f"{path}: is neither UTF-8 nor any encoding known", hint="save it as UTF-8")


def write_bytes(path: Path, data: bytes) -> None:
    """The file in one step: it is there whole, or (disk full, no permission) not at all.

    Raises:
        InputError: it cannot be written; what was there before is left as it was.
    """
    import tempfile

    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
    except (OSError, ValueError) as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise InputError(
            f"{path}: cannot be written: {getattr(error, 'strerror', None) or error}", hint="nothing was written"
        ) from None
