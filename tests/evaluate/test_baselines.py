from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from assay.errors import InputError, ModelError
from assay.evaluate import baselines, prompting
from assay.evaluate.prompting import PromptPlan, plans, prompts_for, search
from assay.evaluate.rungs import ask, gold_scores, prompt_of, run_rung
from assay.evaluate.similarity import neighbours
from assay.evaluate.speakers import EchoSpeaker, LookupSpeaker, Prompt, Written
from assay.records import Message

from .rows import LABELS, LetterEncoder, example, examples


def said(prompts: Sequence[Prompt]) -> str:
    return "\n".join(message.content for prompt in prompts for message in prompt)


class InContextSpeaker(LookupSpeaker):
    """Repeats the last answer among the examples shown as turns: right when the nearest example comes last."""

    def reply(self, prompt: Prompt) -> str:
        return next((turn.content for turn in reversed(prompt) if turn.role == "assistant"), "")


def test_majority_says_the_most_frequent_label_and_breaks_ties_by_alphabet() -> None:
    train = [example(i, label=label) for i, label in enumerate(["b", "a", "b", "c", "a"])]
    assert {answer.written for answer in baselines.majority(train, examples(4)).answers[0]} == {"a"}


def test_nearest_copies_the_label_of_the_most_similar_training_row() -> None:
    train = [example(0, "aaab", "x"), example(1, "cccd", "y"), replace(example(2, "ccc"), label=None)]
    test = [example(3, "cc"), example(4, "aa")]
    rung = baselines.nearest(train, test, LetterEncoder())
    assert [answer.written for answer in rung.answers[0]] == ["y", "x"]
    assert rung.train_rows == 2
    assert rung.size_mb == pytest.approx(2 * 94 * 4 / 1e6)
    assert all(answer.seconds is not None for answer in rung.answers[0])


def test_baselines_that_need_labels_say_so() -> None:
    bare = [replace(example(0), label=None)]
    with pytest.raises(InputError, match="majority: none of the 1"):
        baselines.majority(bare, examples(1))
    with pytest.raises(InputError, match="nearest: none of the 1"):
        baselines.nearest(bare, examples(1), LetterEncoder())
    with pytest.raises(InputError, match="few-shot: 0 of 1"):
        baselines.few_shot(LookupSpeaker({}), bare, examples(1), LABELS, LetterEncoder())


def test_neighbours_come_most_similar_first_and_of_equals_the_first() -> None:
    found = neighbours(["aab"], ["b", "aab", "a", "aab"], LetterEncoder(), k=3)
    assert found.row.tolist() == [[1, 3, 2]]
    assert found.cosine[0, 0] == pytest.approx(1, abs=1e-5)
    assert neighbours(["a"], ["a"], LetterEncoder(), k=5).row.tolist() == [[0]]


def test_zero_shot_tells_the_labels_and_hides_the_answer() -> None:
    speaker = LookupSpeaker({"question 0": "card_arrival"}, default="I am not sure about that")
    rung = baselines.zero_shot(speaker, examples(2), LABELS, count_tokens=len)
    assert [answer.written for answer in rung.answers[0]] == ["card_arrival", "I am not sure about that"]
    assert all(label in speaker.asked[0][0].content for label in LABELS)
    assert [message.role for message in speaker.asked[0]] == ["system", "user"]
    assert rung.answers[0][0].tokens_in == 2


def test_zero_shot_choice_is_freed_of_what_the_model_favours_whatever_is_asked() -> None:
    class Habitual(LookupSpeaker):
        """Always favours the first label, a little less when another one is right."""

        def choose(self, prompts: Sequence[Prompt], options: Sequence[str]) -> np.ndarray:
            right = np.array([[option in prompt[-1].content for option in options] for prompt in prompts])
            return right * 1.0 + np.array([9.0, *[0.0] * (len(options) - 1)])

    rows = [example(i, f"about {LABELS[i % 3]}", LABELS[i % 3]) for i in range(9)]
    plain = baselines.zero_shot(Habitual({}), rows, LABELS)
    freed = baselines.zero_shot(Habitual({}), rows, LABELS, unlabelled=rows)
    assert {answer.choice for answer in plain.answers[0]} == {LABELS[0]}
    assert [answer.choice for answer in freed.answers[0]] == [row.label for row in rows]
    assert "calibrated on 9 unlabelled rows" in freed.note


def test_the_search_for_a_prompt_cannot_see_test_rows() -> None:
    assert "test" not in inspect.signature(search).parameters
    speaker, encoder, tested = InContextSpeaker({}), LetterEncoder(), []
    train, test = examples(40), [example(i, f"secret {i}") for i in range(100, 110)]
    original = baselines.search

    def spy(*args: object, **settings: object) -> object:
        found = original(*args, **settings)  # type: ignore[arg-type]
        tested.append((said(speaker.asked), list(encoder.seen)))
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(baselines, "search", spy)
        baselines.few_shot(speaker, train, test, LABELS, encoder, held_out=8)
    asked, encoded = tested[0]
    assert "question" in asked
    assert "secret" not in asked
    assert not any("secret" in text for text in encoded)


def test_held_out_rows_are_never_shown_as_examples() -> None:
    speaker = LookupSpeaker({})
    found = search(speaker, examples(60), LABELS, LetterEncoder(), seed=0, held_out=12)
    assert {row.id for row in found.held_out}.isdisjoint(row.id for row in found.pool)
    assert len(found.held_out) == 12
    assert len(found.pool) == 48
    shown = {m.content for prompt in speaker.asked for m in prompt[:-1] if m.role == "user"}
    assert shown
    assert shown.isdisjoint(row.prompt for row in found.held_out)


def test_the_search_finds_the_prompt_that_works() -> None:
    letters = dict(zip(LABELS, "xyz", strict=True))
    train = [example(i, letters[LABELS[i % 3]] * (1 + i % 7) + "!" * (i % 2)) for i in range(60)]
    found = search(InContextSpeaker({}), train, LABELS, LetterEncoder(), seed=0, held_out=24)
    assert found.winner.plan.choice == "nearest"
    assert found.winner.accuracy.value == 1.0
    assert found.winner.accuracy.n == 24
    assert str(found).startswith("best of 9 prompts: told, 5 nearest examples (1.00 [")


def test_every_plan_is_tried_on_a_few_rows_and_the_better_third_on_all() -> None:
    found = search(LookupSpeaker({}), examples(60), LABELS, LetterEncoder(), seed=0, held_out=24)
    assert [trial.accuracy.n for trial in found.trials] == [6] * 9 + [24] * 3
    assert {trial.plan for trial in found.trials} == set(plans(LABELS))


def test_a_search_may_be_confined_to_some_plans() -> None:
    plan = PromptPlan("shown", "random", 4)
    found = search(LookupSpeaker({}), examples(20), LABELS, LetterEncoder(), seed=0, held_out=8, candidates=[plan])
    assert {trial.plan for trial in found.trials} == {plan}
    assert [trial.accuracy.n for trial in found.trials] == [2, 8]


def test_with_many_labels_no_plan_shows_one_example_of_each() -> None:
    assert {plan.choice for plan in plans([str(i) for i in range(77)])} == {"random", "nearest"}


@pytest.mark.parametrize("plan", plans(LABELS), ids=str)
def test_a_prompt_never_holds_what_its_row_expects(plan: PromptPlan) -> None:
    pool = [replace(row, label="known") for row in examples(10)]
    row = example(50, label="secret_label")
    prompts = prompts_for(plan, [row], pool, ["known"], LetterEncoder(), seed=0)
    assert "secret_label" not in said(prompts)
    assert "question 50" in prompts[0][-1].content
    assert prompts[0][-1].role == "user"
    assert sum("known" in m.content for m in prompts[0]) >= (1 if plan.template == "listed" else plan.shots)


def test_one_example_per_class_covers_the_classes() -> None:
    prompt = prompts_for(PromptPlan("shown", "per-class", 3), [example(99)], examples(50), LABELS, None, seed=0)[0]
    assert {m.content for m in prompt if m.role == "assistant"} == set(LABELS)


def test_the_most_similar_example_comes_last() -> None:
    pool = [example(0, "aaaa"), example(1, "aabb"), example(2, "bbbb"), example(3, "cccc")]
    prompt = prompts_for(
        PromptPlan("shown", "nearest", 3), [example(9, "aaaa")], pool, LABELS, LetterEncoder(), seed=0
    )[0]
    assert [m.content for m in prompt if m.role == "user"] == ["bbbb", "aabb", "aaaa", "aaaa"]


def test_examples_stop_before_the_context_is_full() -> None:
    pool = [example(i, "long " * 1_000) for i in range(9)]
    prompt = prompts_for(PromptPlan("shown", "random", 8), [example(99)], pool, LABELS, None, seed=0)[0]
    assert len(said([prompt])) < prompting.MAX_SHOT_CHARS + 200


def test_a_prompt_keeps_its_own_system_message() -> None:
    row = example(0, "hi")
    own = replace(row, messages=(Message("system", "mine"), *row.messages))
    assert prompt_of(row, "yours") == (Message("system", "yours"), Message("user", "hi"))
    assert prompt_of(own, "yours")[0].content == "mine"
    assert prompt_of(row) == (Message("user", "hi"),)


def test_run_rung_asks_each_seed_and_keeps_what_it_said() -> None:
    test = examples(3)
    right = LookupSpeaker({row.prompt: row.label or "" for row in test})
    rung = run_rung("curated", iter([(0, right), (7, EchoSpeaker())]), test, LABELS, system="Answer.", train_rows=9)
    assert rung.seeds == (0, 7)
    assert [answer.written for answer in rung.answers[0]] == [row.label for row in test]
    assert [answer.choice for answer in rung.answers[0]] == [row.label for row in test]
    assert [answer.written for answer in rung.answers[1]] == [row.prompt for row in test]
    assert right.asked[0][0] == Message("system", "Answer.")
    assert np.exp(gold_scores(rung, test)[0]) == pytest.approx(27 / 29)


def test_a_speaker_that_loses_replies_is_refused() -> None:
    class Forgetful(LookupSpeaker):
        def write(self, prompts: Sequence[Prompt], max_new_tokens: int) -> list[Written]:
            return super().write(prompts, max_new_tokens)[1:]

    test = examples(2)
    with pytest.raises(ModelError, match="2 prompts got 1 replies"):
        ask(Forgetful({}), test, [prompt_of(row) for row in test])
