"""What every request passes first: it gets an id, says who it is, names a host it may, and is not too large."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assay.serve.refusals import Refused

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 1 << 20  # bytes
_OPEN = frozenset({"/healthz", "/readyz"})  # for a supervisor that has no token
_LOCAL = re.compile(r"(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?", re.IGNORECASE)
_ID = re.compile(r"[\w.:-]{1,128}", re.ASCII)


def hashed(tokens: Iterable[str]) -> frozenset[bytes]:
    """sha256 of each token: the tokens themselves are not kept."""
    return frozenset(hashlib.sha256(token.encode()).digest() for token in tokens)


@dataclass(frozen=True, slots=True)
class Guard:
    """Wraps an application.

    With `tokens`, a request carries one as `Authorization: Bearer`. Without, the server is for this machine alone, and
    a request must call it by a local name: a web page elsewhere cannot reach it under a name of its own.
    """

    app: ASGIApp
    tokens: frozenset[bytes] = frozenset()  # of `hashed`
    max_body: int = MAX_BODY

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection, as ASGI has it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {key: value.decode("latin-1") for key, value in scope["headers"]}
        given = headers.get(b"x-request-id", "")
        name = given if _ID.fullmatch(given) else f"req-{uuid.uuid4().hex}"
        scope.setdefault("state", {})["request_id"] = name

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-request-id", name.encode())]
            await send(message)

        try:
            self._admit(scope, headers)
        except Refused as refused:
            await _say(refused, named)
            return
        await self.app(scope, _limited(receive, self.max_body), named)

    def _admit(self, scope: Scope, headers: dict[bytes, str]) -> None:
        if not self.tokens and not _LOCAL.fullmatch(headers.get(b"host", "")):
            raise Refused(
                403, "this server answers on this machine only, as localhost or 127.0.0.1", code="host_not_allowed"
            )
        if self.tokens and scope["path"] not in _OPEN and not self._knows(headers.get(b"authorization", "")):
            raise Refused(
                401, "a valid token is needed", code="invalid_api_key", hint="send `Authorization: Bearer TOKEN`"
            )
        if (
            scope["method"] == "POST"
            and headers.get(b"content-type", "").partition(";")[0].strip().lower() != "application/json"
        ):
            raise Refused(
                415,
                "the body must be JSON",
                code="unsupported_media_type",
                hint="send `Content-Type: application/json`",
            )
        length = headers.get(b"content-length", "0")
        if not length.isdecimal() or int(length[:20]) > self.max_body:
            raise _too_large(self.max_body)

    def _knows(self, authorization: str) -> bool:
        scheme, _, token = authorization.partition(" ")
        digest = hashlib.sha256(token.strip().encode("latin-1")).digest()
        matches = [hmac.compare_digest(digest, known) for known in self.tokens]
        return scheme.lower() == "bearer" and any(matches)


def _limited(receive: Receive, most: int) -> Receive:
    """Counts a body that did not say how long it is."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise _too_large(most)
        return message

    return counted


def _too_large(most: int) -> Refused:
    return Refused(413, f"the body is larger than {most:,} bytes", code="request_too_large")


async def _say(refused: Refused, send: Send) -> None:
    body = json.dumps(refused.body).encode()
    headers: dict[str, Any] = {"content-type": "application/json", "content-length": str(len(body)), **refused.headers}
    pairs = [(key.encode(), value.encode()) for key, value in headers.items()]
    await send({"type": "http.response.start", "status": refused.http, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
