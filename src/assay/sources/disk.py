"""The bytes of a file, gzip unpacked within limits; and bytes to a file in one step."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

from assay.errors import InputError
from assay.store import refuse_special

MAX_UNPACKED = 2 << 30  # bytes a .gz may hold: more than a person can review, less than would fill the memory
MAX_RATIO = 200  # unpacked over packed: text of rows packs 3 to 30 times; a bomb near 1000
RATIO_FROM = 16 << 20  # bytes; below this a high ratio does no harm
_CHUNK = 1 << 20


def bytes_of(path: Path) -> bytes:
    """The bytes of a file, unpacked when it is gzip.

    Raises:
        InputError: missing, a folder, a device, unreadable, empty, a damaged gzip, or beyond the limits above.
    """
    if path.is_dir():
        raise InputError(f"{path}: is a folder", hint="give a file in it")
    if path.is_char_device() or path.is_block_device():
        raise InputError(f"{path}: is a device", hint="give a file, or a pipe")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file", hint=f"this was looked for in {path.absolute().parent}") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    data = _gunzip(path, data) if data[:2] == b"\x1f\x8b" else data
    if not data.strip(b" \t\r\n\0"):
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
                        f"{path}: {len(packed)} bytes unpack to over {total >> 20} MiB: refused as a possible bomb",
                        hint="unpack it yourself if you trust it, and give the unpacked file",
                    )
            if not unpack.eof:
                raise zlib.error("it ends too early")
            rest = rest.lstrip(b"\0")  # padding some writers leave
    except zlib.error as error:
        raise InputError(f"{path}: damaged gzip: {error}", hint="download or pack it again") from None
    return b"".join(parts)


def write_bytes(path: Path, data: bytes) -> None:
    """The file in one step: it is there whole, or (disk full, no permission) not at all.

    Raises:
        InputError: it cannot be written; what was there before is left as it was.
    """
    import tempfile

    temporary = ""
    try:
        refuse_special(path)
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
