"""The routes: POST /v1/chat/completions, GET /v1/models, /healthz, /readyz."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.exceptions import HTTPException

from assay.serve.answering import answer
from assay.serve.guard import MAX_BODY, Guard, hashed
from assay.serve.journal import Journal
from assay.serve.refusals import Refused
from assay.serve.voices import Served, Voice
from assay.serve.wire import Asked, ChatRequest, Head, Piece, parse, usage
from assay.serve.worker import Job, Worker

_PATHS = "POST /v1/chat/completions, GET /v1/models, GET /healthz, GET /readyz"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one server takes on."""

    waiting: int = 32  # requests in the queue
    seconds: float = 120.0  # from a request's arrival to the end of its answer
    body_bytes: int = MAX_BODY


def app_for(
    served: Served, *, tokens: Iterable[str] = (), journal: Journal | None = None, limits: Limits | None = None
) -> FastAPI:
    """The application that answers with `served`.

    `tokens`: whoever sends one of them is let in; none: everyone who calls it by a local name is.
    """
    limits = limits or Limits()
    worker = Worker(limits.waiting)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        worker.start()
        yield
        await asyncio.to_thread(worker.stop)
        if journal:
            journal.close()

    app = FastAPI(title="Assay", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.add_middleware(Guard, tokens=hashed(tokens), max_body=limits.body_bytes)
    _tell_errors(app)
    _add_models(app, served)
    app.add_api_route("/healthz", lambda: {"status": "ok"}, methods=["GET"])

    @app.get("/readyz")
    async def readyz() -> JSONResponse:
        return JSONResponse({"status": "ready" if worker.ready else "busy"}, 200 if worker.ready else 503)

    shape = {
        "requestBody": {"required": True, "content": {"application/json": {"schema": ChatRequest.model_json_schema()}}}
    }

    @app.post("/v1/chat/completions", openapi_extra=shape, response_model=None)
    async def chat(request: Request) -> JSONResponse | StreamingResponse:
        async with asyncio.timeout(limits.seconds):
            asked = parse(_json(await request.body()))
        talk = _Talk(request, asked, served.find(asked.model), journal, limits.seconds)
        worker.submit(talk.job)
        return await talk.reply()

    return app


@dataclass(eq=False)
class _Talk:
    """One request on its way to its answer."""

    request: Request
    asked: Asked
    voice: Voice
    journal: Journal | None
    seconds: float
    job: Job = field(init=False)
    head: Head = field(init=False)
    pieces: list[Piece] = field(default_factory=list)  # those met so far
    begun: float = field(default_factory=time.monotonic)
    first: float | None = None  # seconds to the first token
    outcome: str = "cancelled"  # "answered", the code of an error, or nobody waited

    def __post_init__(self) -> None:
        self.job = Job(lambda: answer(self.voice, self.asked))
        self.head = Head(f"chatcmpl-{uuid.uuid4().hex}", self.voice.id, int(time.time()), self.voice.fingerprint)

    async def reply(self) -> JSONResponse | StreamingResponse:
        """The response; a stream begins once the worker has taken it on, so that a refusal still has its status."""
        warning = self.voice.warning(self.asked.messages)
        headers = {"x-assay-warning": warning} if warning else {}
        watch = asyncio.create_task(self._watch())
        try:
            met = self._met()
            if self.asked.stream:
                await anext(met)
                return _Stream(self, met, headers)
            async for _ in met:
                continue
            return JSONResponse(self.head.completion(self.pieces, self.asked.n), headers=headers)
        except BaseException:
            self.close()
            raise
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch
            if not self.asked.stream:
                self.close()

    async def events(self, met: AsyncIterator[Piece]) -> AsyncIterator[str]:
        """The parts of a stream, as server-sent events."""
        spoken: set[int] = set()
        more = {"usage": None} if self.asked.usage_in_stream else {}
        try:
            async for piece in met:
                if piece.text or piece.scores or piece.finish:
                    yield _event({**self.head.chunk(piece, first=piece.choice not in spoken), **more})
                    spoken.add(piece.choice)
        except Refused as refused:
            yield _event(refused.body)
            return
        if self.asked.usage_in_stream:
            yield _event(self.head.usage_chunk(self.pieces))
        yield "data: [DONE]\n\n"

    def close(self) -> None:
        """Stop the worker if it is still at it, and note what happened, once."""
        self.job.cancel()
        if self.journal:
            self.journal.add(
                id=self.request.state.request_id, model=self.voice.id, fingerprint=self.voice.fingerprint,
                version=self.voice.version, outcome=self.outcome, stream=self.asked.stream,
                seconds=round(time.monotonic() - self.begun, 4), seconds_to_first_token=self.first,
                **usage(self.pieces),
            )  # fmt: skip
            self.journal = None

    async def _met(self) -> AsyncIterator[Piece]:
        """The pieces as they come, each kept.

        Raises:
            Refused: no answer can be made, or not in time.
        """
        while True:
            try:
                async with asyncio.timeout(max(0.0, self.begun + self.seconds - time.monotonic())):
                    item = await self.job.pieces.get()
            except TimeoutError:
                self.outcome = "timeout"
                raise Refused(
                    504, f"no answer within {self.seconds:g} seconds", code="timeout", hint="ask for fewer tokens"
                ) from None
            if item is None:
                self.outcome = "answered"
                return
            if isinstance(item, Refused):
                self.outcome = item.code or "refused"
                raise item
            if item.tokens and self.first is None:
                self.first = round(time.monotonic() - self.begun, 4)
            self.pieces.append(item)
            yield item

    async def _watch(self) -> None:
        """Until the client hangs up."""
        while (await self.request.receive())["type"] != "http.disconnect":
            continue
        self.job.cancel()
        self.job.pieces.put_nowait(Refused(499, "the client hung up", code="cancelled"))


class _Stream(StreamingResponse):
    """Server-sent events; however they end, the worker is told."""

    def __init__(self, talk: _Talk, met: AsyncIterator[Piece], headers: dict[str, str]) -> None:
        plain = {"cache-control": "no-cache", "x-accel-buffering": "no"}
        super().__init__(talk.events(met), media_type="text/event-stream", headers=plain | headers)
        self._talk = talk

    async def __call__(self, *connection: Any) -> None:
        try:
            await super().__call__(*connection)
        finally:
            self._talk.close()


def _add_models(app: FastAPI, served: Served) -> None:
    started = int(time.time())

    def card(voice: Voice) -> dict[str, Any]:
        return {"id": voice.id, "object": "model", "created": started, "owned_by": "assay"}

    @app.get("/v1/models")
    async def models() -> dict[str, Any]:
        return {"object": "list", "data": [card(voice) for voice in served.voices]}

    @app.get("/v1/models/{name:path}")
    async def model(name: str) -> dict[str, Any]:
        return card(served.find(name))


def _tell_errors(app: FastAPI) -> None:
    async def refused(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Refused)
        return JSONResponse(error.body, error.http, headers=error.headers)

    async def unrouted(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        told = Refused(error.status_code, str(error.detail), hint=f"there are {_PATHS}")
        return JSONResponse(told.body, told.http, headers=error.headers)

    async def late(_: Request, error: Exception) -> JSONResponse:
        told = Refused(408, "the body did not arrive in time", code="timeout")
        return JSONResponse(told.body, told.http)

    async def broken(_: Request, error: Exception) -> JSONResponse:
        told = Refused(500, "the server failed on this request; its log says why", code="internal")
        return JSONResponse(told.body, told.http, headers=told.headers)

    for kind, tell in ((Refused, refused), (HTTPException, unrouted), (TimeoutError, late), (Exception, broken)):
        app.add_exception_handler(kind, tell)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"the body is not JSON: {str(error)[:200]}", code="invalid_json") from None


def _event(value: Any) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False, separators=(',', ':'))}\n\n"
