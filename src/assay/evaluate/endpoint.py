"""Other people's models behind an OpenAI-compatible address: asked the same rows, and timed.

The address and the key come from the environment alone; the key goes to that address and nowhere else: redirects are
refused, and no error or kept answer holds it.
"""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assay.errors import ModelError
from assay.evaluate.replies import Replies
from assay.evaluate.speakers import Prompt

TIMED = 12  # requests sent one at a time, before the others go four at a time
AT_ONCE = 4
TRIES = 4
SILENT = 2  # requests without an answer, before any was answered, after which an endpoint counts as down
LARGEST = 4_000_000  # bytes of a reply that are read
LONGEST_WAIT = 30.0  # seconds between tries
BUSY = {408, 409, 425, 429, 500, 502, 503, 504, 529}


class Told(NamedTuple):
    """A reply of an endpoint."""

    text: str
    tokens: int  # written, as the endpoint counts them; 0 where it does not say
    seconds: float | None  # None for requests that ran beside others
    tokens_in: int | None = None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass(frozen=True)
class Endpoint:
    """A model behind POST {url}/chat/completions; it writes at temperature 0, and is asked for no probabilities."""

    url: str
    model: str
    key: str = field(default="", repr=False)
    timeout: float = 60.0  # seconds a request may take
    wait: float = 1.0  # seconds before the second try, doubled each time
    report: Callable[[int, int], None] | None = None  # requests done, of how many
    replies: Replies | None = field(default=None, repr=False)  # those of an interrupted asking, and where to keep more

    def write(self, prompts: Sequence[Prompt], max_new_tokens: int) -> list[Told | None]:
        """One reply a prompt, in order; None where none came after four tries.

        Raises:
            ModelError: the endpoint refuses (address, key, model), or none of the first requests was answered.
        """
        replies: list[Told | None] = []
        for prompt in prompts[:TIMED]:
            replies.append(self._once(prompt, max_new_tokens, self._timed))
            if not any(replies) and len(replies) == min(SILENT, len(prompts)):
                what = f"{self.url}: no answer from '{self.model}' to {len(replies)} requests"
                raise ModelError(what, hint="is it running?")
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for reply in pool.map(lambda prompt: self._once(prompt, max_new_tokens, self.ask), prompts[TIMED:]):
                replies.append(reply)
                if self.report:
                    self.report(len(replies), len(prompts))
        return replies

    def choose(self, prompts: Sequence[Prompt], options: Sequence[str]) -> NDArray[np.float64]:
        """Unknown, so NaN: few endpoints tell the probability of a given answer."""
        return np.full((len(prompts), len(options)), np.nan)

    def _once(self, prompt: Prompt, max_new_tokens: int, ask: Callable[[Prompt, int], Told | None]) -> Told | None:
        """The reply kept from before, else asked for now and kept."""
        if self.replies is None:
            return ask(prompt, max_new_tokens)
        asked = (self.url, self.model, max_new_tokens, [turn._asdict() for turn in prompt])
        known = self.replies.of(*asked)
        if known is not None:
            return Told(*known)
        reply = ask(prompt, max_new_tokens)
        if reply:
            self.replies.keep(list(reply), *asked)
        return reply

    def _timed(self, prompt: Prompt, max_new_tokens: int) -> Told | None:
        begun = time.perf_counter()
        reply = self.ask(prompt, max_new_tokens)
        return reply._replace(seconds=time.perf_counter() - begun) if reply else None

    def ask(self, prompt: Prompt, max_new_tokens: int) -> Told | None:
        """One reply; None when the endpoint stays busy or silent.

        Raises:
            ModelError: it refuses.
        """
        body: dict[str, Any] = {
            "model": self.model, "messages": [turn._asdict() for turn in prompt], "max_tokens": max_new_tokens,
            "temperature": 0,
        }  # fmt: skip
        pause = self.wait
        for attempt in range(TRIES):
            status, raw, after = self._post(body)
            if status == 200:
                return _told(raw)
            if status == 400 and "max_completion_tokens" in raw and "max_tokens" in body:  # newer models of OpenAI
                body["max_completion_tokens"] = body.pop("max_tokens")
                del body["temperature"]
                continue
            if status and status not in BUSY:
                why = _excerpt(raw).replace(self.key, "***") if self.key else _excerpt(raw)
                raise ModelError(f"{self.url}: refuses '{self.model}': {status} {why}", hint=HINT)
            if attempt + 1 < TRIES:
                time.sleep(min(LONGEST_WAIT, max(pause, after)))
                pause *= 2
        return None

    def _post(self, body: dict[str, Any]) -> tuple[int, str, float]:
        """Status (0: nobody answered), body, and the seconds to wait that the endpoint names."""
        headers = {"Content-Type": "application/json", "User-Agent": "assay"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        data = json.dumps(body, ensure_ascii=True).encode()
        request = urllib.request.Request(f"{self.url}/chat/completions", data, headers)
        try:
            with urllib.request.build_opener(_NoRedirect).open(request, timeout=self.timeout) as reply:
                return int(reply.status), reply.read(LARGEST).decode("utf-8", "replace"), 0.0
        except urllib.error.HTTPError as error:
            with error:
                after = str(error.headers.get("Retry-After", ""))
                said = error.read(LARGEST).decode("utf-8", "replace")
            return error.code, said, float(after) if after.isdigit() else 0.0
        except (OSError, ValueError):
            return 0, "", 0.0


HINT = "ASSAY_ENDPOINT_URL names the address up to /v1, ASSAY_ENDPOINT_KEY the key, the rung the model"


def from_environment(model: str, prefix: str = "ASSAY_ENDPOINT", **settings: Any) -> Endpoint:
    """The model at $PREFIX_URL, with the key in $PREFIX_KEY.

    Raises:
        ModelError: no address, or one that is not http.
    """
    url = os.environ.get(f"{prefix}_URL", "").strip().rstrip("/")
    if not url:
        raise ModelError(f"'{model}' needs an address", hint=f"export {prefix}_URL=https://api.example.com/v1")
    if not url.startswith(("http://", "https://")):
        raise ModelError(f"{prefix}_URL is no http address", hint=f"export {prefix}_URL=http://localhost:8000/v1")
    return Endpoint(url, model, os.environ.get(f"{prefix}_KEY", "").strip(), **settings)


def cost_of_thousand(tokens_in: float | None, tokens_out: float | None, into: float, out: float) -> float | None:
    """What 1,000 requests cost: mean tokens of one, prices of a million; None where the tokens are not known."""
    if tokens_in is None or tokens_out is None:
        return None
    return (tokens_in * into + tokens_out * out) / 1000


def _told(raw: str) -> Told | None:
    """The first choice of a reply; None when it holds no text."""
    try:
        body = json.loads(raw)
        text = body["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    if not isinstance(text, str):
        return None
    usage = body.get("usage") if isinstance(body.get("usage"), dict) else {}
    into, out = usage.get("prompt_tokens"), usage.get("completion_tokens")
    text = text.encode("utf-8", "replace").decode("utf-8")
    return Told(text, out if isinstance(out, int) else 0, None, into if isinstance(into, int) else None)


def _excerpt(raw: str) -> str:
    return " ".join(raw.split())[:200]
