"""What the doctor says before and after a training, with a tiny model of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import labelled
from models import small, tiny

from assay.doctor import Piece, Sign, mask_of, serve_signs, train_signs
from assay.doctor.training import seconds
from assay.errors import TrainingError
from assay.models.base import load, load_tokenizer, locate
from assay.project import Project
from assay.recipe import Recipe, TrainSpec
from assay.records import Example
from assay.train.lora import fit

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save(tmp_path_factory.mktemp("base") / "tiny")


def project(root: Path, base: Path, max_tokens: int = 256) -> Project:
    spec = TrainSpec(max_tokens=max_tokens, layers=2, rank=4, epochs=1)
    return Project(root, Recipe(name="desk", model=str(base), system="Name the intent.", train=spec))


def row(name: str, text: str, label: str) -> Example:
    return labelled(name, text, label)


def by_name(signs: list[Sign]) -> dict[str, Sign]:
    return {sign.name: sign for sign in signs}


def rows() -> list[Example]:
    return [row(f"r{i}", f"Where is number {i}?", tiny.LABELS[i % 4]) for i in range(24)]


def test_a_sound_set_is_green_and_the_end_of_turn_is_named(tmp_path: Path, base: Path) -> None:
    signs = by_name(train_signs(project(tmp_path, base), rows()))
    assert {sign.level for sign in signs.values()} == {"green"}
    assert "<|im_end|>" in signs["template"].what
    assert "kept out" in signs["template"].what


def test_a_method_this_machine_cannot_train_is_red_with_a_way_out(tmp_path: Path, base: Path) -> None:
    made = project(tmp_path, base)
    assert "rank 4" in by_name(train_signs(made, rows()))["method"].what
    spec = TrainSpec(method="prefix", checkpointing=True)
    broken = Project(tmp_path, made.recipe.model_copy(update={"train": spec}))
    sign = by_name(train_signs(broken, rows()))["method"]
    assert (sign.level, sign.fix) == ("red", "set train.checkpointing: false, or train.method: prompt")


def test_an_encoder_decoder_is_looked_at_before_and_after_training(tmp_path: Path) -> None:
    spec = TrainSpec(max_tokens=128, layers=1, rank=4, epochs=1)
    recipe = Recipe(name="desk", model=str(small.t5(tmp_path / "t5")), system="Name the intent.", train=spec)
    made = Project(tmp_path, recipe)
    signs = by_name(train_signs(made, rows()))
    assert signs["template"].level == "green"
    assert "</s>" in signs["template"].what
    fit(rows(), base=load(recipe.model), spec=spec, out=made.runs / "curated-v1-s0", system=recipe.system)
    after = by_name(serve_signs(made, rows()))
    assert after["adapter"].level == "green"
    assert "forgot" not in after


def test_long_rows_are_named_with_the_length_that_saves_them(tmp_path: Path, base: Path) -> None:
    long = [*rows(), row("long", "word " * 200, "pin")]
    sign = by_name(train_signs(project(tmp_path, base), long))["length"]
    assert (sign.level, sign.rows) == ("amber", ("long",))
    longer = sign.setting["train.max_tokens"]
    assert by_name(train_signs(project(tmp_path, base, longer), long))["length"].level == "green"


def test_answers_that_cannot_be_trained_are_red(tmp_path: Path, base: Path) -> None:
    sign = by_name(train_signs(project(tmp_path, base), [*rows(), row("empty", "Where?", " ")]))["answers"]
    assert sign.level == "red"
    assert "empty" in sign.rows[0]


def test_one_number_saves_every_answer(tmp_path: Path, base: Path) -> None:
    long = [*rows(), *(row(f"long{i}", "Where?", "pin " * 30 * (i + 1)) for i in range(3))]
    made = project(tmp_path, base, 64)
    sign = by_name(train_signs(made, long))["answers"]
    number = sign.setting["train.max_tokens"]
    assert sign.fix == f"set train.max_tokens to {number}: every answer fits then"
    with pytest.raises(TrainingError) as told:
        fit(long, base=load(str(base)), spec=made.recipe.train, out=tmp_path / "run", system=made.recipe.system)
    assert str(told.value).count("max_tokens to") == 1
    assert sign.fix in told.value.hint
    assert by_name(train_signs(project(tmp_path, base, number), long))["answers"].level == "green"
    mixed = by_name(train_signs(made, [*long, row("empty", "Where?", " ")]))["answers"]
    assert "fill in the empty answers" in mixed.fix


@pytest.mark.parametrize(("count", "level"), [(1, "red"), (12, "amber")])
def test_a_set_too_small_to_learn_from_is_told(tmp_path: Path, base: Path, count: int, level: str) -> None:
    assert by_name(train_signs(project(tmp_path, base), rows()[:count]))["rows"].level == level
    assert "rows" not in by_name(train_signs(project(tmp_path, base), rows()))


def test_an_empty_set_does_not_send_one_in_a_circle(tmp_path: Path, base: Path) -> None:
    sign = by_name(train_signs(project(tmp_path, base), []))["rows"]
    assert sign.level == "red"
    assert "assay build" not in sign.fix
    assert "assay diff raw" in sign.fix


def test_a_short_run_takes_seconds(tmp_path: Path, base: Path) -> None:
    assert "about 3s a run of 1 pass on" in by_name(train_signs(project(tmp_path, base), rows()[:2]))["time"].what
    assert (seconds(0.2), seconds(59.4), seconds(59.7), seconds(75)) == ("1s", "59s", "1m00s", "1m15s")


def test_piped_masks_mark_what_is_trained() -> None:
    from assay.cli.healing import marked

    pieces = [Piece("Where?", False), Piece("top", True), Piece("_up", True), Piece("\n", False)]
    assert marked(pieces) == "Where?[[top_up]]\n"


def test_a_label_that_begins_another_is_told(tmp_path: Path, base: Path) -> None:
    sign = by_name(train_signs(project(tmp_path, base), [*rows(), row("x", "Which?", "card")]))["label tokens"]
    assert sign.rows == ("'card' begins 'card_arrival'", "'card' begins 'card_lost'")


def test_a_missing_model_is_red_with_a_way_out(tmp_path: Path) -> None:
    (sign,) = train_signs(project(tmp_path, tmp_path / "nowhere"), rows())
    assert (sign.level, sign.name) == ("red", "model")
    assert sign.fix


def test_the_mask_shows_the_answer_and_its_end_as_trained_and_nothing_else(base: Path) -> None:
    tokenizer = load_tokenizer(locate(str(base)))
    pieces = mask_of(row("a", "Where?", "top_up"), tokenizer, 256, "Name the intent.")
    assert "".join(piece.text for piece in pieces if piece.trained).replace(" ", "") == "top_up<|im_end|>"
    assert "Where?" in "".join(piece.text for piece in pieces if not piece.trained)


def test_a_model_that_learnt_nothing_is_red_and_what_is_not_there_too(
    tmp_path: Path, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assay.train import worth

    made = project(tmp_path, base)
    (missing,) = serve_signs(made, rows())
    assert (missing.level, missing.name) == ("red", "adapter")
    spec = made.recipe.train.model_copy(update={"learning_rate": 1e-9})
    monkeypatch.setattr(worth, "LEARNT", 0.0)  # such a run is not kept otherwise
    fit(rows(), base=load(str(base)), spec=spec, out=made.runs / "curated-v1-s0", system=made.recipe.system)
    signs = by_name(serve_signs(made, rows()))
    assert signs["adapter"].level == "green"
    assert signs["learnt"].level == "red"
    assert "--rates" in signs["learnt"].fix
    assert signs["forgot"].level == "green"


@pytest.mark.parametrize(("after", "level"), [(3.6, "green"), (4.5, "amber"), (6.6, "red"), (10.8, "red")])
def test_a_model_that_lost_the_language_is_red_and_the_rate_is_blamed(
    base: Path, monkeypatch: pytest.MonkeyPatch, after: float, level: str
) -> None:
    from assay.doctor import serving

    loaded, losses = load(str(base)), iter((3.5, after))
    monkeypatch.setattr(serving, "general_loss", lambda tokenizer, model: next(losses))
    monkeypatch.setattr(loaded.model.config, "vocab_size", 49152)
    sign = serving._forgot(loaded, loaded.model)
    assert sign.level == level
    assert ("--rates" in sign.fix) == (level == "red")


def test_a_prompt_that_changed_after_training_is_amber() -> None:
    from assay.doctor import serving

    assert serving._prompt("Name it.", "Name it.", "raw") == []
    (sign,) = serving._prompt("Name it.", "Say what it is.", "raw")
    assert (sign.level, sign.name) == ("amber", "prompt")
    assert "'Name it.'" in sign.what
    assert "'Say what it is.'" in sign.what
    assert "--on raw --fresh" in sign.fix
