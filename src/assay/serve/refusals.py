"""Every error a client can meet, in the shape OpenAI's clients read: {"error": {message, type, param, code}}."""

from __future__ import annotations

from typing import Any

from assay.errors import AssayError

_TYPES = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}


class Refused(AssayError):
    """A request that gets no answer. `http` is the HTTP status."""

    def __init__(
        self, http: int, what: str, *, param: str | None = None, code: str | None = None, hint: str = ""
    ) -> None:
        super().__init__(what, hint=hint)
        self.http = http
        self.param = param
        self.code = code

    @property
    def body(self) -> dict[str, Any]:
        """What is sent."""
        kind = _TYPES.get(self.http, "invalid_request_error" if self.http < 500 else "server_error")
        message = f"{self.what} ({self.hint})" if self.hint else self.what
        return {"error": {"message": message, "type": kind, "param": self.param, "code": self.code}}

    @property
    def headers(self) -> dict[str, str]:
        """Headers that go with it: when to come back, whether to at all, how to say who you are."""
        never = {"x-should-retry": "false"}  # OpenAI's clients obey it: what failed or took too long once would again
        return {500: never, 504: never, 503: {"retry-after": "1"}, 401: {"www-authenticate": "Bearer"}}.get(
            self.http, {}
        )
