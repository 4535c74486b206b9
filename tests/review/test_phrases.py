from __future__ import annotations

from pathlib import Path

import pytest
from conftest import qa

from assay.errors import RecipeError
from assay.review.phrases import add_to, agreed, fresh, proposed, read_phrases
from assay.rules.inconsistent_answer import InconsistentAnswer
from assay.signals import Measured

DONE = "Invoice Generated Successfully"


def test_proposals_are_the_variants_the_rules_found() -> None:
    names = ("Ana Diaz", "Bo Chen", "Cem Aydin", "Dee Jones", "Eva Novak", "Finn Berg", "Gil Roy", "Hana Sato")
    said = [DONE] * 6 + ["inv. done"] * 2
    rows = [
        qa(str(i), f"create the invoice for {name}", text)
        for i, (name, text) in enumerate(zip(names, said, strict=True))
    ]
    findings = list(InconsistentAnswer().survey(Measured(rows)))
    table = proposed(findings, {row.id: row for row in rows})
    assert {phrase: dict(variants) for phrase, variants in table.items()} == {DONE: {"inv. done": 2}}  # fmt: skip


def test_ways_to_write_another_way_belong_to_the_phrase_itself() -> None:
    firms = ("Brook Ltd", "Vega", "Acme", "Miller Sons")
    asks = (
        "make out an invoice to {}, order {}",
        "Create the invoice for {}, order {}",
        "I need an invoice for {}, order {}",
    )
    bills = [(asks[i % 3].format(firms[i % 4], 100 + i), DONE) for i in range(48)]
    bills += [(asks[2].format(firms[i], 100 + i), "inv. done") for i in (2, 2)]
    bills += [(asks[0].format(firms[0], 201), "inv done"), (asks[1].format(firms[3], 202), "INV. DONE")]
    parcels = [(f"Where is parcel {i}?", "Parcel In Transit") for i in range(30)]
    rows = [qa(str(i), asked, said) for i, (asked, said) in enumerate([*bills, *parcels])]
    findings = list(InconsistentAnswer().survey(Measured(rows)))
    table = proposed(findings, {row.id: row for row in rows})
    assert set(table) == {DONE}
    assert set(table[DONE]) == {"inv. done", "inv done", "INV. DONE"}


def test_what_a_person_wrote_stays_and_only_new_variants_are_added(tmp_path: Path) -> None:
    file = tmp_path / "phrases.yaml"
    add_to(file, {DONE: ["inv. done", "№ 5: done"]})
    assert [phrase.agreed for phrase in read_phrases(file)] == ["ask"]
    assert agreed(read_phrases(file)) == ()
    file.write_text(file.read_text("utf-8").replace("agreed: ask", "agreed: yes  # Ana, March"), "utf-8")
    assert agreed(read_phrases(file)) == (("inv. done", DONE), ("№ 5: done", DONE))
    table = {DONE: {"inv. done": 2, "done!": 3}, "Sent": {"snt": 1}}
    new = fresh(read_phrases(file), table)
    assert new == {DONE: ["done!"], "Sent": ["snt"]}
    add_to(file, new)
    assert "# Ana, March" in file.read_text("utf-8")
    assert [(p.phrase, p.agreed) for p in read_phrases(file)] == [(DONE, "yes"), (DONE, "ask"), ("Sent", "ask")]
    assert fresh(read_phrases(file), table) == {}


def test_what_cannot_be_typed_is_not_proposed() -> None:
    assert fresh((), {DONE: {"do\x1bne": 2, "two\nlines": 1, "\ud800": 1}, "a\x00": {"b": 1}}) == {}


def test_a_refused_variant_is_not_proposed_again(tmp_path: Path) -> None:
    file = tmp_path / "phrases.yaml"
    file.write_text(f"phrases:\n  - phrase: {DONE}\n    agreed: no\n    variants: [done]\n", "utf-8")
    assert fresh(read_phrases(file), {DONE: {"done": 9}}) == {}
    assert agreed(read_phrases(file)) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("phrases: [", "not YAML"),
        ("phrases:\n  - phrase: a\n    agred: yes\n    variants: [b]", "agred"),
        ("phrases:\n  - phrase: a\n    agreed: maybe\n    variants: [b]", "'yes', 'no' or 'ask'"),
        (
            "phrases:\n  - {phrase: a, agreed: yes, variants: [x]}\n  - {phrase: b, agreed: yes, variants: [X]}",
            "'X' is also a variant of 'a'",
        ),
        (
            "phrases:\n  - {phrase: a, agreed: yes, variants: [b]}\n  - {phrase: b, agreed: yes, variants: [c]}",
            "its variant 'b' is a phrase itself",
        ),
    ],
)
def test_mistakes_in_the_file_are_told(tmp_path: Path, text: str, expected: str) -> None:
    file = tmp_path / "phrases.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(RecipeError) as caught:
        read_phrases(file)
    assert expected in str(caught.value)


def test_no_file_is_no_phrase(tmp_path: Path) -> None:
    assert read_phrases(tmp_path / "phrases.yaml") == ()
