from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from assay.errors import InputError
from assay.serve import listening

TOKEN = "a-token-of-some-length"


@pytest.mark.slow
def test_without_a_known_token_nobody_is_let_in(served: Any) -> None:
    from fastapi.testclient import TestClient

    from assay.serve.app import app_for

    with TestClient(app_for(served, tokens=[TOKEN, "b" * 20])) as client:

        def status(value: str | bytes | None, path: str = "/v1/models") -> int:
            return int(client.get(path, headers={"authorization": value} if value else {}).status_code)

        assert status(f"Bearer {TOKEN}") == status(f"bearer {'b' * 20}") == 200
        assert [
            status(v) for v in (None, "Bearer", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer \xe9".encode("latin-1"))
        ] == [401] * 5
        assert status(None, "/healthz") == status(None, "/readyz") == 200
        assert status(None, "/openapi.json") == 401


@pytest.mark.slow
def test_the_log_counts_and_never_quotes(served: Any, tmp_path: Path) -> None:
    from fastapi.testclient import TestClient

    from assay.serve.app import app_for
    from assay.serve.journal import Journal

    path = tmp_path / "state" / "requests.jsonl"
    asked = {"model": "tiny", "messages": [{"role": "user", "content": "my PIN is 9137 100%s"}], "max_tokens": 3}
    with TestClient(
        app_for(served, tokens=[TOKEN], journal=Journal(path)), headers={"authorization": f"Bearer {TOKEN}"}
    ) as client:
        for stream in (False, True):
            answer = client.post("/v1/chat/completions", json=asked | {"stream": stream})
            assert answer.status_code == 200
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(line["outcome"], line["stream"], line["completion_tokens"] > 0) for line in lines] == [
        ("answered", False, True),
        ("answered", True, True),
    ]
    assert TOKEN not in path.read_text()
    assert "PIN" not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_full_log_is_put_aside(tmp_path: Path) -> None:
    from assay.serve.journal import Journal

    journal = Journal(tmp_path / "r.jsonl", max_bytes=200)
    for number in range(20):
        journal.add(id=str(number), outcome="%s %d")
    journal.close()
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["r.jsonl", *(f"r.jsonl.{i}" for i in range(1, 6))]
    assert json.loads((tmp_path / "r.jsonl").read_text().splitlines()[-1])["outcome"] == "%s %d"


def test_an_address_others_can_reach_needs_a_token() -> None:
    for host in ("0.0.0.0", "::", "192.168.0.7", "example.com"):
        with pytest.raises(InputError, match="no token"):
            listening.bind(host, 0, ())
    with listening.bind("0.0.0.0", 0, (TOKEN,)) as bound:
        assert listening.url_of(bound).startswith("http://127.0.0.1:")


def test_a_port_in_use_is_said_before_anything_is_loaded() -> None:
    with listening.bind("127.0.0.1", 0, ()) as bound:
        port = bound.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port} on 127.0.0.1 is in use"):
            listening.bind("127.0.0.1", port, ())


@pytest.mark.parametrize("text", ["", "\n \n", "short\n", "ü" * 20])
def test_a_token_file_that_protects_nothing_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "tokens"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError):
        listening.tokens_from(path)


def test_tokens_come_from_file_and_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "tokens"
    path.write_text(f"{TOKEN}\n\n", encoding="utf-8")
    monkeypatch.setenv(listening.TOKENS, f" {'c' * 20} ,")
    assert listening.tokens_from(path) == (TOKEN, "c" * 20)
    with pytest.raises(InputError, match="cannot be read"):
        listening.tokens_from(tmp_path / "none")
