from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow


def used(monkeypatch: pytest.MonkeyPatch, seconds: dict[int, list[float]], steps: int) -> list[int]:
    """Threads of each step, when a step with n threads takes `seconds[n]` (the last one for ever)."""
    torch = pytest.importorskip("torch")
    from assay.models import pace

    clock, threads, taken = [0.0], [2], []
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads[0])
    monkeypatch.setattr(torch, "set_num_threads", lambda n: threads.__setitem__(0, n))
    monkeypatch.setattr(pace.time, "perf_counter", lambda: clock[0])
    steady = pace.Pace()
    for step in range(steps):
        with steady.step(1.0):
            taken.append(threads[0])
            clock[0] += seconds[threads[0]][min(step, len(seconds[threads[0]]) - 1)]
    assert threads[0] == 2  # left as it was found
    return taken


def test_a_quiet_machine_runs_on_all_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    assert used(monkeypatch, {2: [1.0], 1: [1.9]}, 60).count(1) <= 3


def test_a_busy_machine_runs_on_half_and_tries_all_ever_more_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = used(monkeypatch, {2: [20.0], 1: [2.0]}, 200)
    assert taken[2:].count(2) <= 4


def test_it_goes_back_to_all_threads_when_the_neighbours_are_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = used(monkeypatch, {2: [20.0] * 10 + [1.0], 1: [2.0]}, 100)
    assert taken[5] == 1
    assert taken[-20:].count(2) >= 18
