from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from assay.serve.refusals import Refused
from assay.serve.wire import Piece
from assay.serve.worker import Job, Worker


def test_a_full_queue_refuses_and_a_cancelled_job_makes_room() -> None:
    async def scene() -> None:
        worker, release, begun = Worker(waiting=2), threading.Event(), threading.Event()

        def slow() -> Iterator[Piece]:
            begun.set()
            release.wait(10)
            yield Piece(text="done")

        worker.start()
        jobs = [Job(slow) for _ in range(4)]
        worker.submit(jobs[0])
        await asyncio.to_thread(begun.wait, 10)
        worker.submit(jobs[1])
        worker.submit(jobs[2])
        assert not worker.ready
        with pytest.raises(Refused) as refused:
            worker.submit(jobs[3])
        assert refused.value.http == 503
        assert refused.value.headers == {"retry-after": "1"}
        jobs[1].cancel()
        assert worker.ready
        worker.submit(jobs[3])
        release.set()
        assert await asyncio.wait_for(jobs[3].pieces.get(), 10) == Piece(text="done")
        assert jobs[1].pieces.empty()
        await asyncio.to_thread(worker.stop)

    asyncio.run(scene())


def test_a_cancelled_answer_ends_at_the_next_token() -> None:
    async def scene() -> None:
        worker, steps = Worker(waiting=2), []

        def endless() -> Iterator[Piece]:
            while True:
                steps.append(1)
                yield Piece(text="x")

        worker.start()
        job, after = Job(endless), Job(lambda: iter([Piece(text="next")]))
        worker.submit(job)
        await asyncio.wait_for(job.pieces.get(), 10)
        job.cancel()
        worker.submit(after)
        assert await asyncio.wait_for(after.pieces.get(), 10) == Piece(text="next")
        made = len(steps)
        await asyncio.to_thread(worker.stop)
        assert len(steps) == made

    asyncio.run(scene())


def test_a_model_that_fails_costs_one_answer(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        worker = Worker(waiting=2)

        def failing() -> Iterator[Piece]:
            yield Piece()
            raise RuntimeError("out of memory")

        worker.start()
        bad, good = Job(failing), Job(lambda: iter([Piece(text="fine")]))
        worker.submit(bad)
        worker.submit(good)
        await bad.pieces.get()
        failed = await asyncio.wait_for(bad.pieces.get(), 10)
        assert isinstance(failed, Refused)
        assert failed.http == 500
        assert "memory" not in failed.what
        assert await asyncio.wait_for(good.pieces.get(), 10) == Piece(text="fine")
        await asyncio.to_thread(worker.stop)

    asyncio.run(scene())
    assert "out of memory" in caplog.text


def test_stopping_refuses_those_that_wait_and_ends_the_thread() -> None:
    async def scene() -> None:
        worker, release, begun = Worker(waiting=2), threading.Event(), threading.Event()

        def slow() -> Iterator[Piece]:
            begun.set()
            release.wait(10)
            yield Piece(text="done")

        worker.start()
        now, later = Job(slow), Job(slow)
        worker.submit(now)
        await asyncio.to_thread(begun.wait, 10)
        worker.submit(later)
        threading.Timer(0.05, release.set).start()
        await asyncio.to_thread(worker.stop)
        assert await now.pieces.get() == Piece(text="done")
        assert isinstance(await later.pieces.get(), Refused)
        with pytest.raises(Refused, match="stopping"):
            worker.submit(Job(slow))
        assert not worker.ready

    asyncio.run(scene())
