"""A server that plays an OpenAI-compatible endpoint on this machine, for tests: it answers what it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Said = tuple[int, Any]  # status, and the text to answer with (200) or the body


@dataclass
class Seen:
    """What the server was asked, in order."""

    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@contextmanager
def endpoint(answer: Callable[[dict[str, Any], int], Said], port: int = 0) -> Iterator[Seen]:
    """Serve `answer(body, how many came before)` until the block ends."""
    seen, lock = Seen(), threading.Lock()

    class Plays(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                count = len(seen.bodies)
                seen.bodies.append(body)
                seen.keys.append(self.headers.get("Authorization", ""))
                seen.paths.append(self.path)
            status, said = answer(body, count)
            if status == 200 and isinstance(said, str):
                used = {"prompt_tokens": 100, "completion_tokens": 10}
                said = {"choices": [{"message": {"role": "assistant", "content": said}}], "usage": used}
            text = said if isinstance(said, str) else json.dumps(said)
            self.send_response(status)
            if status in (301, 302, 307):
                self.send_header("Location", text)
            if status == 429:
                self.send_header("Retry-After", "0")
            self.end_headers()
            self.wfile.write(text.encode())

        def do_GET(self) -> None:
            with lock:
                seen.keys.append(self.headers.get("Authorization", ""))
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Plays)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    seen.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
