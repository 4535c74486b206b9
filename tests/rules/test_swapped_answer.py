from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from conftest import labelled, qa

from assay.records import Example, Finding
from assay.rules.swapped_answer import SwappedAnswer
from assay.signals import Measured

THINGS = [
    "invoice",
    "passport",
    "printer",
    "garden",
    "kitchen",
    "bicycle",
    "password",
    "telescope",
    "saddle",
    "aquarium",
    "violin",
    "mortgage",
    "vaccine",
    "tractor",
    "orchid",
    "chimney",
    "mattress",
    "carburettor",
    "umbrella",
    "sourdough",
    "puzzle",
    "lantern",
    "parachute",
    "beehive",
    "compass",
    "dentist",
    "piano",
    "glacier",
    "volcano",
    "harbour",
]
ASKS = (
    ("How do I clean a {}?", "Wipe the {0} with a damp cloth; never soak a {0} in water."),
    ("What does a {} cost?", "Prices begin at 40 euros for a simple {0}, and a good {0} cleaned three times as much."),
    ("Where can I keep my {}?", "- A dry shelf suits the {0}\n- Do not put another {0} on top of it"),
)


def _rows() -> list[Example]:
    """Ninety questions whose answers name what was asked about."""
    pairs = [(ask.format(thing), said.format(thing)) for thing in THINGS for ask, said in ASKS]
    Random(0).shuffle(pairs)
    return [qa(f"q{i:02}", *pair) for i, pair in enumerate(pairs)]


def _dealt(rows: list[Example], sources: dict[int, int]) -> list[Example]:
    return [row.with_answer(rows[sources.get(i, i)].answer) for i, row in enumerate(rows)]


def _found(rows: list[Example]) -> dict[str, Finding]:
    return {f.id: f for f in SwappedAnswer().survey(Measured(rows))}


def test_two_rows_with_each_others_answers_are_held_with_the_answer_that_fits() -> None:
    rows = _rows()
    assert rows[3].prompt.split()[-1] != rows[40].prompt.split()[-1]
    found = _found(_dealt(rows, {3: 40, 40: 3}))
    assert set(found) == {"q03", "q40"}
    assert [found[id].after for id in ("q03", "q40")] == [rows[3], rows[40]]
    assert found["q03"].evidence["source"] == "q40"
    assert all(f.action == "hold" and f.score > 0.5 for f in found.values())
    json.dumps([dict(f.evidence) for f in found.values()])


def test_answers_dealt_round_among_five_rows_find_their_way_back() -> None:
    rows = _rows()
    ring = [5, 21, 38, 60, 77]
    found = _found(_dealt(rows, dict(zip(ring, ring[1:] + ring[:1], strict=True))))
    assert set(found) == {f"q{i:02}" for i in ring}
    assert all(f.after == rows[int(id[1:])] for id, f in found.items())


@pytest.mark.parametrize("step", [1, -1])
def test_a_stretch_shifted_by_one_row_is_found(step: int) -> None:
    rows = _rows()
    stretch = list(range(30, 50))
    moved = stretch[step:] + stretch[:step]
    found = _found(_dealt(rows, dict(zip(stretch, moved, strict=True))))
    assert len(found) >= 18
    assert set(found) <= {f"q{i:02}" for i in stretch}
    assert sum(f.after == rows[int(id[1:])] for id, f in found.items()) >= 18


def test_a_file_whose_answers_are_all_one_row_off_is_found() -> None:
    rows = _rows()
    found = _found(_dealt(rows, {i: i - 1 for i in range(len(rows))}))
    assert len(found) >= 80
    assert sum(f.after == rows[int(id[1:])] for id, f in found.items()) >= 80


def test_a_clean_set_has_no_findings() -> None:
    assert _found(_rows()) == {}


def test_a_bad_answer_that_fits_no_other_row_is_left_to_other_rules() -> None:
    rows = _rows()
    assert _found([rows[0].with_answer("The moon landing took place in July of that year."), *rows[1:]]) == {}


def test_sets_whose_answers_do_not_echo_their_prompts_are_silent() -> None:
    rng = Random(1)
    sky = [
        "amber",
        "birch",
        "cedar",
        "delta",
        "ember",
        "frost",
        "grove",
        "haven",
        "inlet",
        "jewel",
        "knoll",
        "lunar",
        "maple",
        "north",
        "ocean",
        "pearl",
    ]
    rows = [row.with_answer(" ".join(rng.sample(sky, 6))) for row in _rows()]
    assert _found(rows) == {}


def test_labels_short_answers_and_canned_answers_are_silent() -> None:
    rows = _rows()
    assert _found([labelled(row.id, row.prompt, f"class {i % 3}") for i, row in enumerate(rows)]) == {}
    assert _found([row.with_answer(["yes", "no", "not sure"][i % 3]) for i, row in enumerate(rows)]) == {}
    canned = ["Your request was sent to the team.", "This was done as you asked for."]
    assert _found([row.with_answer(canned[i % 2]) for i, row in enumerate(rows)]) == {}


def test_a_few_rows_say_nothing_of_what_is_usual() -> None:
    assert _found(_dealt(_rows()[:40], {3: 30, 30: 3})) == {}


def test_an_answer_copied_from_another_row_is_held_where_it_does_not_fit() -> None:
    rows = _rows()
    found = _found(_dealt(rows, {3: 40}))
    assert set(found) == {"q03"}
    assert found["q03"].evidence["owner"] == "q40"
    assert found["q03"].after is None


PLACED = ("kennel", "stable", "aviary", "hutch", "pond", "barn")
CONTRARY = (
    ("What may I feed in the {} before the check?", "Nothing solid past nine; fresh water does no harm."),
    ("What may I feed in the {} after the check?", "Begin with a spoonful of something mild, and keep it quiet."),
)  # fmt: skip


@pytest.mark.parametrize("exchanged", [False, True])
def test_prompts_that_differ_in_a_word_their_answers_do_not_name_are_left_alone(exchanged: bool) -> None:
    order = -1 if exchanged else 1
    pairs = [
        (ask.format(place), said)
        for place in PLACED
        for (ask, _), (_, said) in zip(CONTRARY, CONTRARY[::order], strict=True)
    ]
    twins = [qa(f"t{i}", ask, f"{said} Part {i} of the {PLACED[i // 2]} plan.") for i, (ask, said) in enumerate(pairs)]
    assert not [f.id for f in SwappedAnswer().survey(Measured(_rows() + twins)) if f.id.startswith("t")]


def test_prompts_that_differ_in_what_their_answers_name_are_found() -> None:
    rows = _rows()
    cleaned = [at for at, row in enumerate(rows) if row.prompt.startswith("How do I")]
    found = {
        f.id for f in SwappedAnswer().survey(Measured(_dealt(rows, {cleaned[4]: cleaned[9], cleaned[9]: cleaned[4]})))
    }
    assert found == {rows[cleaned[4]].id, rows[cleaned[9]].id}


GERMAN = (
    "die Rechnung", "der Drucker", "das Fahrrad", "die Heizung", "der Vertrag", "das Paket", "die Lampe", "der Herd",
    "das Konto", "die Karte", "der Sessel", "das Visum", "die Gitarre", "der Rasen", "das Zelt", "die Brille",
    "der Kamin", "das Klavier", "die Pumpe", "der Anhänger", "das Mikroskop", "die Leiter",
)  # fmt: skip
GERMAN_ASKS = (
    ("Wann wird {} endlich geliefert, ich warte schon lange?", "Wir bitten um Geduld, es dauert noch einige Tage."),
    ("Wo kann ich {} zur Reparatur abgeben?", "Unsere Werkstatt hat werktags bis sechs Uhr geöffnet."),
    ("Ich möchte {} zurückgeben, was muss ich tun?", "Füllen Sie bitte das Formular aus und schicken Sie es uns."),
)


def test_in_a_language_without_vectors_answers_that_name_nothing_are_left_alone() -> None:
    rows = [
        qa(f"g{i:02}", ask.format(thing), f"{said} Vorgang {i * 7 + j}, Abteilung {(i * j) % 5}.")
        for i, thing in enumerate(GERMAN)
        for j, (ask, said) in enumerate(GERMAN_ASKS)
    ]
    assert list(SwappedAnswer().survey(Measured(rows))) == []


def test_in_a_language_without_vectors_rare_words_tell_an_exchange() -> None:
    rows = [
        qa(
            f"g{i:02}{j}",
            f"{ask.format(thing)} Nummer {i * 31 + j} aus Los {i * 17 + j + 2000}.",
            f"Los {i * 17 + j + 2000}, {thing}, Nummer {i * 31 + j}: {said}",
        )
        for i, thing in enumerate(GERMAN)
        for j, (ask, said) in enumerate(GERMAN_ASKS)
    ]
    found = {f.id for f in SwappedAnswer().survey(Measured(_dealt(rows, {4: 40, 40: 4})))}
    assert found == {rows[4].id, rows[40].id}


def test_good_rows_of_like_questions_are_not_told() -> None:
    """Questions to a club of beekeepers, some the contrary of others, all rightly answered."""
    lines = (Path(__file__).parent / "like_questions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [qa(f"b{at:02}", **json.loads(line)) for at, line in enumerate(lines)]
    assert len(rows) == 93
    assert _found(rows) == {}


@pytest.mark.parametrize("seed", range(6))
def test_exchanges_among_few_rows_are_told_and_nothing_beside_them(seed: int) -> None:
    rows, rng = _rows(), Random(seed)
    one, other = rng.sample(range(len(rows)), 2)
    found = _found(_dealt(rows, {one: other, other: one}))
    assert set(found) <= {rows[one].id, rows[other].id}
    assert all((f.severity == "error") == (f.action == "hold") == (f.after is not None) for f in found.values())
