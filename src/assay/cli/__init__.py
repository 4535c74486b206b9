"""The command line: one file a verb; parse, call, print. Heavy libraries are imported by the verbs that need them."""

from __future__ import annotations

import io
import sys


def main() -> None:
    """Run `assay`. Exit status: 0 fine, 1 a gate or check failed, 2 usage or input that cannot be used."""
    from assay.cli.app import app
    from assay.cli.screen import tell_error
    from assay.errors import AssayError

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter is no reason to stop
    try:
        app(standalone_mode=True)
    except AssayError as error:
        tell_error(error)
        sys.exit(error.status)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        tell_error(AssayError(f"{error.filename or 'the disk'}: {error.strerror or error}", hint=_disk_hint(error)))
        sys.exit(2)


def _disk_hint(error: OSError) -> str:
    import errno

    return "free some disk space and run it again: nothing was lost" if error.errno == errno.ENOSPC else ""
