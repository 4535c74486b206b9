from __future__ import annotations

import pytest
from conftest import labelled, qa
from hypothesis import given
from hypothesis import strategies as st

from assay.records import Finding
from assay.rules.repetition_loop import RepetitionLoop, loop_in

PROSE = "Use a long password and store it in a manager. Never send it by mail."


def _found(question: str, answer: str) -> list[Finding]:
    return list(RepetitionLoop().check(qa("a", question, answer)))


@pytest.mark.parametrize(("loop", "times"), [
    (" manager" * 8, 8),
    (" and" * 14, 14),
    (" mail, mail." * 6, 6),
    (" in the manager it" * 4, 4),
    (" password" * 6, 6),
    ("!" * 40, 40),
    (" 🙂" * 40, 40),
    (" Never send it by mail, they said." * 3, 3),
    (" Das Passwort gehört in den Tresor." * 4, 4),
    (" " + "a" * 40, 40),
    (" " + "xyz" * 20, 20),
])  # fmt: skip
def test_a_loop_after_an_answer_is_held_with_the_answer_as_the_suggestion(loop: str, times: int) -> None:
    (found,) = _found("How do I keep it safe?", PROSE + loop)
    assert (found.action, found.field) == ("hold", "answer")
    assert found.evidence["times"] >= times
    assert found.after is not None
    assert found.after.answer.startswith(PROSE)
    assert len(found.after.answer) < len(PROSE) + len(loop)
    assert list(RepetitionLoop().check(found.after)) == []


def test_a_loop_is_found_where_words_have_no_spaces() -> None:
    (found,) = _found("为什么", "密码很重要。" + "我不知道。" * 6)
    assert found.after is not None
    assert found.after.answer == "密码很重要。"


def test_an_answer_told_twice_is_told_once_in_the_suggestion() -> None:
    (found,) = _found("How?", f"{PROSE} {PROSE}")
    assert found.after is not None
    assert found.after.answer == PROSE


def test_a_list_of_the_same_line_is_a_loop_whatever_its_numbers() -> None:
    answer = "\n".join(f"{i}. Drink a glass of water." for i in range(1, 9))
    (found,) = _found("Name eight habits", answer)
    assert found.evidence["unit"] == "Drink a glass of water."


def test_a_line_that_is_told_between_others_is_a_loop() -> None:
    answer = " ".join(f"{PROSE} Then {word}." for word in ("wait", "sleep", "eat", "go"))
    assert len(_found("How?", answer)) == 1


@pytest.mark.parametrize(("question", "answer"), [
    ("How?", PROSE),
    ("What did he say?", "Never, never, never give up; it is very, very, very important"),
    ("Tell a joke", "Ha ha ha ha ha ha ha ha! That was a good one."),
    ("Sing it", "Row, row, row your boat, gently down the stream. Merrily, merrily, merrily, merrily, it is a dream."),
    ("Write a song", "We will rise again tonight, my friend.\n" * 4),
    ("Repeat the word cat ten times", "cat " * 10),
    ("Write the line 'I must not talk' 5 times", "I must not talk in class at all. " * 5),
    ("Wiederhole den Satz", "Der Hund schläft in seinem Haus im Garten. " * 5),
    ("True or false?", "True False True False True False True False True False"),
    ("Sort these", "\n".join(f"{i}. Fruit" for i in range(1, 10))),
    ("Make a table", "| a | b |\n| --- | --- |\n" + "| none at all | none at all |\n" * 5),
    ("Write code", "```\n" + "print('hello world')\n" * 5 + "```"),
    ("Write code", "def f():\n" + "    print('hello world again')\n" * 4),
    ("Fill the matrix with zeros", "0 " * 30),
    ("Draw a line", "* * * * * * * * * * * * * * * * * * * *"),
    ("Was it funny?", "Oh yes: ha ha ha ha ha ha ha ha ha."),
    ("Is it far?", "It is very very very very very very very very very far."),
    ("Why?", "Noooooooo! That is sad, hahahahahahaha."),
    ("Say it", "Buffalo buffalo Buffalo buffalo buffalo buffalo Buffalo buffalo."),
    ("Signs?", "What are the signs of the rare mosaic trisomy 9? The signs of the rare mosaic trisomy 9 vary."),
    ("Plan", "\n".join(f"- You should try to {verb} every day." for verb in ("run", "eat", "sleep", "walk", "sing"))),
])  # fmt: skip
def test_what_repeats_for_a_reason_is_left_alone(question: str, answer: str) -> None:
    assert _found(question, answer) == []


def test_a_label_never_loops() -> None:
    assert list(RepetitionLoop().check(labelled("a", "which?", "spam " * 20))) == []


@given(st.lists(st.sampled_from(["red", "green", "blue", "black", "white"]), min_size=1, max_size=5, unique=True))
def test_any_phrase_said_ten_times_is_found_where_it_stands(words: list[str]) -> None:
    unit = " ".join(words)
    loop = loop_in(f"These are colours. {' '.join([unit] * 12)}")
    assert loop is not None
    assert (loop.unit, loop.times, loop.start) == (unit, 12, 19)


@pytest.mark.parametrize("word", ["out", "card", "the", "fee", "und"])
def test_a_short_word_nine_times_is_a_loop_in_a_short_answer(word: str) -> None:
    (found,) = _found("When is it paid?", f"It is paid {' '.join([word] * 9)}...")
    assert (found.evidence["unit"], found.evidence["times"]) == (word, 9)


@pytest.mark.parametrize(("answer", "times"), [
    ("No worries no worries no worries no worries no worries no worries", 6),
    ("bla bla bla bla bla bla bla bla", 8),
    ("Wash it.\nWash it.\nWash it.\nWash it.", 4),
    ("Use soap and use soap and use soap and use soap and use soap", 4),
    ("Yes. Yes. Yes. Yes. Yes. Yes. Yes. Yes.", 8),
    ("1. Clean it. 2. Clean it. 3. Clean it. 4. Clean it.", 4),
    ("Um neun Uhr. Um neun Uhr. Um neun Uhr. Um neun Uhr.", 4),
    ("Surelysurelysurelysurelysurelysurelysurelysurely", 8),
])  # fmt: skip
def test_an_answer_that_is_nothing_but_a_repeat_is_a_loop_sooner(answer: str, times: int) -> None:
    [finding] = _found("How is it done?", answer)
    assert finding.evidence["times"] == times


@pytest.mark.parametrize(("question", "answer"), [
    ("What did the crowd shout?", "Out! Out! Out! Out! Out! Out! Out!"),
    ("How does the sheep call?", "Baa baa baa baa baa baa baa baa baa!"),
    ("How do I march?", "Left, right, left, right, left, right, left, right."),
    ("How does a waltz go?", "One two three, one two three, one two three, one two three, one two three."),
    ("Answer each of these sentences.", "1. It is true. 2. It is true. 3. It is true. 4. It is true."),
    ("What is the training plan?", "Run 1 min, walk 1 min, run 1 min, walk 1 min, run 1 min, walk 1 min."),
    ("What does he cry?", '"Land ho! Land ho! Land ho! Land ho!"'),
    ("Is it safe? Is it cheap? Is it new?", "Yes. Yes. Yes. Yes. Yes. Yes."),
])  # fmt: skip
def test_an_answer_that_may_be_nothing_but_a_repeat_is_left_alone(question: str, answer: str) -> None:
    assert _found(question, answer) == []
