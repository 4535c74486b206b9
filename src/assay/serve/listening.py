"""Address and tokens, checked before a model is loaded; then the server, until it is told to stop."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from assay.errors import InputError

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

TOKENS = "ASSAY_TOKENS"  # environment variable: tokens with commas between them
_SHORTEST = 16  # characters: 64 bits as hexadecimal digits, the least that cannot be tried out
_GRACE = 30  # seconds that answers being made get to end


def tokens_from(file: Path | None) -> tuple[str, ...]:
    """The tokens in a file, one a line, and those of the environment.

    Raises:
        InputError: the file cannot be read or holds none, or a token is too short or not ASCII.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines() if file else []
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: cannot be read: {error}") from None
    tokens = tuple(token.strip() for token in [*lines, *os.environ.get(TOKENS, "").split(",")] if token.strip())
    hint = "make one: python -c 'import secrets; print(secrets.token_urlsafe())'"
    if file and not any(line.strip() for line in lines):
        raise InputError(f"{file}: no token in it", hint=hint)
    if any(len(token) < _SHORTEST or not token.isascii() for token in tokens):
        raise InputError(f"a token has at least {_SHORTEST} ASCII characters", hint=hint)
    return tokens


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach it: is_loopback("127.0.0.1") -> True."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def bind(host: str, port: int, tokens: tuple[str, ...]) -> socket.socket:
    """A socket on that address; port 0 takes any that is free.

    Raises:
        InputError: the port is taken or not allowed, the host unknown, or others could reach it without a token.
    """
    if not tokens and not is_loopback(host):
        hint = f"give --token-file FILE or set {TOKENS}; or leave --host out to serve this machine only"
        raise InputError(f"{host}: others could reach the model, and there is no token to keep them out", hint=hint)
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
    except (socket.gaierror, OverflowError) as error:
        raise InputError(f"{host}:{port}: no such address: {error}") from None
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(128)  # a second server is refused from here on, not after its model is loaded
    except OSError as error:
        bound.close()
        taken = error.errno == errno.EADDRINUSE
        why, hint = (
            ("is in use", f"try --port {port + 1}")
            if taken
            else (f"cannot be used: {error.strerror}", "try another --port")
        )
        raise InputError(f"port {port} on {host} {why}", hint=hint) from None
    return bound


def url_of(bound: socket.socket) -> str:
    """Where it can be reached: "http://127.0.0.1:8000"."""
    host, port = bound.getsockname()[:2]
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def listen(app: FastAPI, bound: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM; answers being made may end."""
    with suppress(KeyboardInterrupt):  # raised again after the shutdown it asked for
        server_for(app).run(sockets=[bound])


def server_for(app: FastAPI) -> uvicorn.Server:
    """The server `listen` runs."""
    import uvicorn

    config = uvicorn.Config(app, log_level="warning", server_header=False, proxy_headers=False, limit_concurrency=512,
                            timeout_graceful_shutdown=_GRACE)  # fmt: skip
    return uvicorn.Server(config)
