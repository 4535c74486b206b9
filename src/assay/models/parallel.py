"""Independent pieces of work on all cores, one thread each.

Threads that share one matrix product wait for each other, so beside other busy programs all wait for the slowest: with
two threads on two cores, training was then twenty times slower than alone. Pieces that share nothing wait for nobody.
Sums are added in the same order on any number of cores, so results are the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")


class Pool:
    """Worker threads, each computing with one thread. Made by `pool()`."""

    def __init__(self, executor: ThreadPoolExecutor, workers: int) -> None:
        self._executor = executor
        self._workers = workers

    def map(self, function: Callable[[Piece], Result], pieces: Iterable[Piece]) -> Iterator[Result]:
        """`function` of each piece, in order. At most two pieces a worker are begun ahead of the one awaited."""
        waiting: list[Future[Result]] = []
        try:
            for piece in pieces:
                waiting.append(self._executor.submit(function, piece))
                if len(waiting) > 2 * self._workers:
                    yield waiting.pop(0).result()
            while waiting:
                yield waiting.pop(0).result()
        finally:
            for future in waiting:
                future.cancel()


@contextmanager
def pool() -> Iterator[Pool]:
    """A pool of as many workers as torch has threads; afterwards torch has as many as before."""
    import torch

    threads = torch.get_num_threads()
    workers = threads if not torch.cuda.is_available() else 1
    with ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,)) as executor:
        try:
            yield Pool(executor, workers)
        finally:
            torch.set_num_threads(threads)
