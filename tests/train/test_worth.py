"""A run that teaches nothing, or destroys the model, never ends as if it had worked; an honest one is let be."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from models import tiny

from assay.models.chat import Rendered
from assay.recipe import TrainSpec
from assay.train.world import World
from assay.train.worth import Probe, Reading, Ruined, Watch, constant_loss, destroyed, forgotten, probe_of

if TYPE_CHECKING:
    from assay.models.base import Loaded

SPEC = TrainSpec(rank=4, layers=2, batch_size=4, epochs=2, learning_rate=1e-2, max_tokens=200)
VOCABULARY = 49152
GUESS = math.log(VOCABULARY)


class Told:
    """A probe that reads what it is told: the last value again and again."""

    rows = (0,)
    rendered: Sequence[Rendered] = ()

    def __init__(self, *losses: float) -> None:
        self.losses = list(losses)

    def read(self) -> Reading:
        return Reading(self.losses.pop(0) if len(self.losses) > 1 else self.losses[0], 1, 2, VOCABULARY)


def watch(probe: Sequence[float], general: Sequence[float] = (3.5,), steps: int = 100, **more: Any) -> Watch:
    texts = list(general)
    made = Watch(
        cast(Probe, Told(*probe)), lambda: texts.pop(0) if len(texts) > 1 else texts[0], SPEC, steps, 5, **more
    )
    made.begin()
    return made


def stopped_after(one: Watch, losses: Sequence[float]) -> int | None:
    for done, loss in enumerate(losses, start=1):
        try:
            one.step(done, loss)
        except Ruined:
            return done
    return None


def test_blind_guessing_stops_a_run_within_a_few_steps() -> None:
    assert stopped_after(watch([4.0, GUESS]), [4.0, 22.7, *[GUESS] * 98]) == 4


def test_blind_guessing_is_seen_where_the_base_model_was_worse_than_that() -> None:
    assert stopped_after(watch([12.6, GUESS], [3.9, GUESS]), [12.6, 22.7, *[GUESS] * 98]) == 4
    assert stopped_after(watch([12.6, 12.0], [3.9, 4.0]), [12.6, 12.5, 12.3, 12.0, *[5.0] * 90]) is None


def test_a_loss_that_stays_above_that_of_the_base_model_stops_a_run_after_a_while() -> None:
    done = stopped_after(watch([4.0, 6.0]), [4.0] * 10 + [6.0] * 90)
    assert done is not None
    assert 25 < done < 40


@pytest.mark.parametrize("losses", [
    [4.0, 6.0, 8.0, 9.0, 7.0, 5.0, 4.0, *[2.0] * 93],  # a bad beginning
    [4.0, 3.0, 2.0, 9.0, 9.5, 3.0, *[1.5] * 94],  # a leap
    [*[4.0, 4.3] * 50],  # no progress, which the end tells
    [*[0.02, 0.06] * 50],  # near the floor
])  # fmt: skip
def test_what_recovers_is_let_be(losses: list[float]) -> None:
    assert stopped_after(watch([losses[0], losses[-1]]), losses) is None


def test_a_tiny_random_model_that_begins_at_guessing_is_let_be() -> None:
    begun = [GUESS + 0.2, GUESS]
    assert stopped_after(watch(begun, [GUESS]), [GUESS + 0.1] * 100) is None


@pytest.mark.parametrize(("before", "after", "goes_on", "said"), [
    (4.0, 3.998, False, "nothing was learnt"), (4.0, 3.9, False, ""), (4.0, 4.2, False, "nothing was learnt"),
    (4.0, 5.0, False, "destroyed"), (4.0, math.nan, False, "destroyed"), (0.02, 0.02, False, ""),
    (0.02, 0.03, True, ""), (1.0, 1.0, True, ""), (1.0, 1.5, True, "destroyed"),
])  # fmt: skip
def test_the_end_is_kept_only_with_a_real_margin(before: float, after: float, goes_on: bool, said: str) -> None:
    one = watch([before, after], goes_on=goes_on)
    if not said:
        assert one.end()["answer_loss"]["after"] == after
        return
    with pytest.raises(Ruined, match=said) as told:
        one.end()
    assert "assay doctor train --rates" in told.value.hint
    assert "rank" not in told.value.hint


def test_one_answer_to_everything_from_a_model_without_language_is_not_kept() -> None:
    def rendered(answer: int) -> Rendered:
        return Rendered([1, 2, answer, 9], 2, 0, True)

    rows = [rendered(3), rendered(4)] * 8
    assert constant_loss(rows) == pytest.approx(math.log(2) / 2)
    for after, kept in ((math.log(2) / 2, False), (0.01, True)):
        one = watch([12.0, after], [3.9, 10.7])
        cast(Told, one.probe).rendered = rows
        if kept:
            assert one.end()["general_loss"] == {"before": 3.9, "after": 10.7}
        else:
            with pytest.raises(Ruined, match=r"general sentences 10\.700"):
                one.end()


@given(st.floats(0.1, 20), st.floats(0.1, 20))
def test_what_is_destroyed_is_forgotten_and_what_got_better_is_neither(before: float, after: float) -> None:
    assert forgotten(before, after, VOCABULARY) or not destroyed(before, after, VOCABULARY)
    if after <= before:
        assert not forgotten(before, after, VOCABULARY)


@given(st.integers(1, 300), st.integers(1, 4))
def test_a_few_rows_that_are_trained_are_probed(rows: int, size: int) -> None:
    chosen = probe_of([(0, range(rows))], None, World(0, size))
    assert 1 <= len(chosen) <= 32
    assert set(chosen) <= set(range(rows))


@pytest.mark.slow
def test_a_rate_that_destroys_the_model_keeps_nothing_and_a_sound_one_then_trains(
    tmp_path: Path, loaded: Loaded
) -> None:
    from assay.train.lora import fit

    def tune(**changed: Any) -> Any:
        spec = SPEC.model_copy(update=changed)
        return fit(tiny.rows(16), base=loaded, spec=spec, out=tmp_path / "run", system="Answer.", resume=True)

    with pytest.raises(Ruined, match=r"destroyed the model|not a number") as told:
        tune(learning_rate=500.0, epochs=8)
    assert "lower train.learning_rate" in told.value.hint
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["state"] == "stopped"
    assert record["why"] == told.value.what
    assert not (tmp_path / "run" / "adapter").exists()
    with pytest.raises(Ruined, match="nothing was learnt"):
        tune(learning_rate=1e-9)
    run = tune()
    assert run.answer_loss is not None
    assert run.answer_loss["after"] < run.answer_loss["before"]
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert (record["state"], "why" in record) == ("done", False)


@pytest.mark.slow
def test_the_answers_it_is_said_to_know_are_those_it_writes(tmp_path: Path, loaded: Loaded) -> None:
    from assay.evaluate.rungs import prompt_of
    from assay.models import adapter
    from assay.models.speaker import Speaker
    from assay.train.lora import fit

    rows = tiny.rows(24)
    run = fit(rows, base=loaded, spec=SPEC.model_copy(update={"epochs": 40}), out=tmp_path / "run", system="Answer.")
    assert run.answers_known is not None
    written = Speaker(loaded, adapter.read(run.adapter)).write([prompt_of(row, "Answer.") for row in rows], 16)
    right = sum(reply.text.strip() == row.answer for reply, row in zip(written, rows, strict=True))
    assert run.answers_known == {"known": right, "rows": 24}
    assert right > 0


@pytest.mark.slow
@pytest.mark.parametrize(("method", "rate"), [("lora", 2e-3), ("prompt", 0.02), ("prefix", 0.02), ("full", 1e-4)])
def test_an_honest_short_run_is_kept(tmp_path: Path, loaded: Loaded, method: str, rate: float) -> None:
    from assay.train.lora import fit

    spec = TrainSpec(method=method, rank=4, layers=2, epochs=1, learning_rate=rate, virtual_tokens=6, max_tokens=200)  # type: ignore[arg-type]
    assert fit(tiny.rows(24), base=loaded, spec=spec, out=tmp_path / "run", system="Answer.").steps == 3
