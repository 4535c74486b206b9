"""How many threads are fastest now, found by trial: on a busy machine fewer are, many times over.

Threads that share a matrix product wait for each other; where other programs hold a core, all wait for the slowest: two
threads on two cores beside several busy programs trained twenty times slower than alone. The results do not change.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

_FIRST_TRIAL = 16  # steps before the other number of threads is tried again; doubled whenever it loses


class Pace:
    """Runs each step with the number of threads that did the most work a second so far: all of them, or half."""

    def __init__(self) -> None:
        import torch

        self._all = torch.get_num_threads()
        self._speed: dict[int, float] = {}  # threads -> work a second, of the last step run with them
        self._using = self._all
        self._wait = self._until_trial = _FIRST_TRIAL
        self._warm = False  # the first step is slower whatever its threads, so it is not compared

    @contextmanager
    def step(self, work: float) -> Iterator[None]:
        """One step that does so much work, in any unit that is the same for all steps (tokens)."""
        import torch

        threads = self._next()
        torch.set_num_threads(threads)
        begun = time.perf_counter()
        try:
            yield
        finally:
            torch.set_num_threads(self._all)
        self._learn(threads, work / max(time.perf_counter() - begun, 1e-9))

    def _next(self) -> int:
        """The threads of the next step: the best known, or in its turn the other number."""
        half = max(1, self._all // 2)
        other = half if self._using == self._all else self._all
        if not self._warm or self._all not in self._speed:
            return self._all
        return other if half not in self._speed or self._until_trial <= 0 else self._using

    def _learn(self, threads: int, speed: float) -> None:
        if not self._warm:
            self._warm = True
            return
        self._speed[threads] = speed
        self._until_trial -= 1
        if threads == self._using:
            return
        won = speed > self._speed[self._using]
        self._wait = _FIRST_TRIAL if won else 2 * self._wait
        self._until_trial = self._wait
        self._using = threads if won else self._using
