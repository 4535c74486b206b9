"""Baselines of a task whose answers are texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from assay.errors import InputError
from assay.evaluate import texts
from assay.evaluate.rungs import ask
from assay.evaluate.scorers import RougeL
from assay.evaluate.speakers import LookupSpeaker, Prompt
from assay.records import Example, Message

from .rows import LetterEncoder


def qa(name: str, question: str, answer: str, context: str | None = None) -> Example:
    return Example(name, "generate", (Message("user", question), Message("assistant", answer)), context=context)


TRAIN = [qa("a", "aaaa", "about a"), qa("b", "bbbb", "about b"), qa("c", "cccc", "about c", context="the page on c")]
TEST = [qa("t", "aab", "secret t"), qa("u", "ccb", "secret u")]


class LastAnswer(LookupSpeaker):
    """Repeats the last answer shown as a turn, or what the first note says."""

    def reply(self, prompt: Prompt) -> str:
        turns = [turn.content for turn in prompt if turn.role == "assistant"]
        notes = prompt[0].content.partition("[1] ")[2].partition("\n\n")[0]
        return turns[-1] if turns else notes


def test_nearest_copies_the_answer_of_the_most_similar_training_row() -> None:
    rung = texts.nearest_answer(TRAIN, TEST, LetterEncoder())
    assert [answer.written for answer in rung.answers[0]] == ["about a", "about c"]
    assert rung.memory_mb == pytest.approx(3 * 94 * 4 / 1e6)


def test_retrieval_gives_the_most_similar_rows_as_notes_and_a_context_before_an_answer() -> None:
    speaker = LastAnswer({})
    rung = texts.retrieval(speaker, TRAIN, TEST, LetterEncoder(), system="Be brief.")
    assert [answer.written for answer in rung.answers[0]] == ["aaaa\nabout a", "the page on c"]
    system, *turns = speaker.asked[0]
    assert system.content.startswith("Be brief.\n\nAnswer from these notes")
    assert turns == [Message("user", "aab")]
    assert rung.note == "3 training rows as notes"


def test_no_prompt_holds_what_its_row_expects() -> None:
    speaker = LookupSpeaker({})
    texts.retrieval(speaker, TRAIN, TEST, LetterEncoder())
    for plan in texts.PLANS:
        speaker.asked += texts.shown(plan, TEST, TRAIN, LetterEncoder(), "Be brief.")
    assert len(speaker.asked) == 2 * (1 + len(texts.PLANS))
    assert all("secret" not in turn.content for prompt in speaker.asked for turn in prompt)
    assert all(prompt[-1].role == "user" for prompt in speaker.asked)
    assert all([turn.role for turn in prompt].count("system") <= 1 for prompt in speaker.asked)


def test_the_search_finds_the_examples_that_help_and_sees_no_test_row() -> None:
    speaker, encoder = LastAnswer({}), LetterEncoder()
    train = [qa(f"{letter}{i}", letter * (1 + i), f"about {letter}") for letter in "abcdef" for i in range(6)]
    held = texts.few_shot_text(speaker, train, [qa("x", "abc", "about a")], encoder, RougeL(), held_out=12)
    assert "nearest examples (1.00 [" in held.note
    assert held.note.endswith("on 12 training rows)")
    assert not any("secret" in turn.content for prompt in speaker.asked for turn in prompt)
    rung = texts.few_shot_text(speaker, train, TEST, encoder, RougeL(), held_out=12)
    assert [answer.written for answer in rung.answers[0]] == ["about a", "about c"]


def test_training_rows_without_answers_are_told() -> None:
    bare = [replace(row, messages=row.messages[:1]) for row in TRAIN]
    with pytest.raises(InputError, match="nearest: none of the 3 training rows has an answer"):
        texts.nearest_answer(bare, TEST, LetterEncoder())
    with pytest.raises(InputError, match="few-shot: one training row"):
        texts.few_shot_text(LastAnswer({}), TRAIN[:1], TEST, LetterEncoder(), RougeL())


def test_the_limit_of_an_answer_is_what_training_answers_need_and_a_quarter_more() -> None:
    rows = [qa(str(i), "?", "w " * i) for i in range(1, 101)]
    count = lambda text: len(text.split())  # noqa: E731
    assert texts.length_limit(rows, count) == int(1.25 * np.quantile(range(1, 101), 0.95))
    assert texts.length_limit(rows[:2], count) == 16
    assert texts.length_limit([qa("x", "?", "w " * 9000)], count) == texts.LONGEST
    assert texts.length_limit(rows, count, labels=["one two", "w " * 30]) == 31


def test_the_expected_answers_of_texts_are_scored_one_by_one() -> None:
    class Sure(LookupSpeaker):
        def choose(self, prompts: Sequence[Prompt], options: Sequence[str]) -> np.ndarray:
            assert (len(prompts), len(options)) == (1, 1)
            return np.array([[-float(len(options[0]))]])

    prompts = [(row.messages[0],) for row in TEST]
    answers = ask(Sure({}), TEST, prompts, count_answer=lambda text: len(text.split()))
    assert [(answer.gold, answer.gold_tokens, answer.choice) for answer in answers] == [(-8.0, 2, None)] * 2
    assert [a.gold for a in ask(Sure({}), TEST, prompts)] == [None, None]


def test_the_most_similar_example_comes_last_and_stays_when_there_is_no_room_for_all() -> None:
    pool = [qa("a", "aaaa", "A"), qa("b", "aabb", "B"), qa("c", "cccc", "C")]
    (prompt,) = texts.shown(texts.Shots("nearest", 2), [qa("t", "aaa", "?")], pool, LetterEncoder(), "Be brief.")
    assert [turn.content for turn in prompt] == ["Be brief.", "aabb", "B", "aaaa", "A", "aaa"]
    long = [pool[0], replace(pool[1], messages=(Message("user", "aab" * 3000), Message("assistant", "B")))]
    (prompt,) = texts.shown(texts.Shots("nearest", 2), [qa("t", "aaa", "?")], long, LetterEncoder(), "")
    assert [turn.content for turn in prompt] == ["aaaa", "A", "aaa"]
