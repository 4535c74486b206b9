"""One thread for the model, and a bounded queue before it: a request waits, is refused, or is answered alone."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator

from assay.serve.refusals import Refused
from assay.serve.wire import Piece

_told = logging.getLogger("assay.serve")


class Job:
    """One answer being made: pieces arrive in `pieces`, then None; a Refused says why there are no more."""

    def __init__(self, work: Callable[[], Iterator[Piece]]) -> None:
        self.work = work
        self.pieces: asyncio.Queue[Piece | Refused | None] = asyncio.Queue()
        self.cancelled = False  # read by the worker between two tokens
        self._loop = asyncio.get_running_loop()

    def cancel(self) -> None:
        """Nobody waits for it any more: stop after the token being made, or never begin."""
        self.cancelled = True

    def send(self, item: Piece | Refused | None) -> None:
        """From the worker's thread to whoever waits."""
        try:
            self._loop.call_soon_threadsafe(self.pieces.put_nowait, item)
        except RuntimeError:  # the loop is closed: nobody is left to tell
            self.cancelled = True


class Worker:
    """The thread that owns the models."""

    def __init__(self, waiting: int) -> None:
        self._limit = waiting  # requests in the queue, the one being answered not counted
        self._queue: deque[Job] = deque()
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="assay-model", daemon=True)

    @property
    def ready(self) -> bool:
        """Whether a request now would be taken."""
        with self._changed:
            return self._thread.is_alive() and not self._stopped and len(self._waiting()) < self._limit

    def start(self) -> None:
        """Begin to take jobs."""
        self._thread.start()

    def stop(self, seconds: float = 30.0) -> None:
        """Finish the job being made, refuse those waiting, and end."""
        with self._changed:
            self._stopped = True
            left, self._queue = self._queue, deque()
            self._changed.notify_all()
        for job in left:
            job.send(Refused(503, "the server is stopping", code="stopping"))
        self._thread.join(seconds)

    def submit(self, job: Job) -> None:
        """Put a job into the queue.

        Raises:
            Refused: 503, the queue is full or the server is stopping.
        """
        with self._changed:
            if self._stopped:
                raise Refused(503, "the server is stopping", code="stopping")
            self._queue = self._waiting()
            if len(self._queue) >= self._limit:
                raise Refused(
                    503, f"{self._limit} requests are waiting already", code="queue_full", hint="try again in a moment"
                )
            self._queue.append(job)
            self._changed.notify()

    def _waiting(self) -> deque[Job]:
        return deque(job for job in self._queue if not job.cancelled)

    def _run(self) -> None:
        while (job := self._next()) is not None:
            try:
                self._do(job)
            except Refused as refused:
                job.send(refused)
            except Exception:  # whatever a model throws, the next request is still answered
                _told.exception("an answer failed")
                job.send(
                    Refused(500, "the model failed on this request; the server's log says why", code="model_failed")
                )

    def _next(self) -> Job | None:
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._stopped)
            return self._queue.popleft() if self._queue else None

    def _do(self, job: Job) -> None:
        if job.cancelled:
            return
        for piece in job.work():
            if job.cancelled:
                return
            job.send(piece)
        job.send(None)
