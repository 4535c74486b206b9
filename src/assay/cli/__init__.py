"""The command line: one file a verb; parse, call, print. Heavy libraries are imported by the verbs that need them."""

from __future__ import annotations

import io
import os
import signal
import sys
from contextlib import suppress
from typing import NoReturn

INTERRUPTED = 130  # 128 + SIGINT, as shells have it


def main() -> None:
    """Run `assay`. Exit status: 0 fine, 1 a gate or check failed, 2 usage or input that cannot be used, 130 Ctrl-C."""
    try:
        _run()
    except KeyboardInterrupt:
        _leave("interrupted: nothing was lost\n")
    except SystemExit as ended:  # Typer makes this of Ctrl-C
        if ended.code != INTERRUPTED:
            raise
        _leave("interrupted: nothing was lost\n")


def _run() -> None:
    from assay.cli.app import app
    from assay.cli.extras import extra_of, how_to_install
    from assay.cli.screen import tell_error
    from assay.errors import AssayError

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter is no reason to stop
    try:
        app(standalone_mode=True)
    except AssayError as error:
        from assay.cli.lines import by_line

        tell_error(by_line(error))
        if error.status == INTERRUPTED:
            _leave("")
        sys.exit(error.status)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except ModuleNotFoundError as missing:
        extra = extra_of(missing.name or "")
        if extra is None:
            raise
        what = f"this needs {missing.name}, which is not installed"
        tell_error(AssayError(what, hint=how_to_install(extra)))
        sys.exit(2)
    except OSError as error:
        tell_error(AssayError(f"{error.filename or 'the disk'}: {error.strerror or error}", hint=_disk_hint(error)))
        sys.exit(2)


def _leave(word: str) -> NoReturn:
    """End at once: a thread of the dataframe engine still at work would abort an interpreter that shuts down."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError, ValueError):  # whoever read the output may be gone
        sys.stdout.flush()
    with suppress(OSError, ValueError):
        sys.stderr.write(word)
        sys.stderr.flush()
    os._exit(INTERRUPTED)


def _disk_hint(error: OSError) -> str:
    import errno

    return "free some disk space and run it again: nothing was lost" if error.errno == errno.ENOSPC else ""
