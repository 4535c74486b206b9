from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from conftest import qa
from hypothesis import given, settings
from hypothesis import strategies as st

from assay import frames
from assay.encoders import WordLlama
from assay.errors import AssayError
from assay.frames.labels import EXACTLY, likeliest_factor
from assay.frames.pairs import CROWD

QUICK = settings(max_examples=25, deadline=None)
LENGTHS = pa.schema([("text", pa.string()), ("length", pa.int64())])


def _lengths(batch: pa.Table) -> pa.Table:
    texts = batch["text"].to_pylist()
    return pa.table({"text": texts, "length": [len(text) for text in texts]}, schema=LENGTHS)


@pytest.mark.parametrize("batch", [1, 7, 100])
def test_rows_come_back_in_the_order_they_went_in(batch: int) -> None:
    texts = [f"row {i} é" for i in range(60)]
    done = frames.map_rows(pa.table({"text": texts}), _lengths, LENGTHS, batch=batch)
    assert done["text"].to_pylist() == texts
    assert done["length"].to_pylist() == [len(text) for text in texts]
    assert done.schema == LENGTHS


def test_no_rows_give_an_empty_table_of_the_schema() -> None:
    assert frames.map_rows(pa.table({"text": pa.array([], pa.string())}), _lengths, LENGTHS).schema == LENGTHS


def test_an_operator_that_loses_rows_is_refused() -> None:
    with pytest.raises(Exception, match="returned 2 rows for 3"):
        frames.map_rows(pa.table({"text": ["a", "b", "c"]}), lambda batch: _lengths(batch.slice(1)), LENGTHS)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps go through the engine, as they do on a cluster, and not where the rows are."""
    for module in ("rows", "pairs"):
        monkeypatch.setattr(f"assay.frames.{module}.local", lambda: False)


@pytest.fixture(params=[0, 2])
def stopped(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, engine: None) -> None:
    """The engine, stopped in the middle: it gives back some of the rows, and no error."""
    import daft

    whole = daft.DataFrame.to_arrow
    monkeypatch.setattr(daft.DataFrame, "to_arrow", lambda frame: whole(frame).slice(0, request.param))


@pytest.mark.usefixtures("stopped")
def test_a_part_of_the_rows_is_never_taken_for_all_of_them() -> None:
    texts = ["a", "b", "c"]
    with pytest.raises(frames.Interrupted, match="run it again"):
        frames.map_rows(pa.table({"text": texts}), _lengths, LENGTHS)
    with pytest.raises(frames.Interrupted):
        frames.exact_groups(texts)
    with pytest.raises(frames.Interrupted):
        frames.embed(texts, WordLlama())
    with pytest.raises(frames.Interrupted):
        frames.band_keys(texts)


def test_the_engine_and_this_process_give_the_same(request: pytest.FixtureRequest) -> None:
    texts = [f"Wie geht {i % 7} 中文 \ud800?" for i in range(5000)] + [""]

    def made() -> list[np.ndarray]:
        return [frames.exact_groups(texts), frames.embed(texts, WordLlama()), frames.band_keys(texts)]

    here = made()
    request.getfixturevalue("engine")
    assert all((one == other).all() for one, other in zip(here, made(), strict=True))


@pytest.mark.usefixtures("stopped")
def test_an_engine_that_was_stopped_is_not_told_as_a_rule_that_crashed() -> None:
    from assay.rules.exact_duplicate import ExactDuplicate
    from assay.rules.run import survey
    from assay.signals import Measured

    with pytest.raises(frames.Interrupted):
        survey(ExactDuplicate(), Measured([qa(str(i), f"question {i}", "yes") for i in range(3)]))


def test_a_second_runner_in_one_process_is_refused_with_a_hint() -> None:
    frames.use("native")
    frames.use("native")
    with pytest.raises(AssayError, match="cannot change to ray") as raised:
        frames.use("ray")
    assert "start a new process" in raised.value.hint


def test_the_engine_reports_its_use_to_nobody() -> None:
    frames.map_rows(pa.table({"text": ["a"]}), _lengths, LENGTHS)
    assert os.environ["DAFT_ANALYTICS_ENABLED"] == "0"


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=3), max_size=40))
@QUICK
def test_the_first_of_equal_keys_stands_for_all(keys: list[str]) -> None:
    assert frames.exact_groups(keys).tolist() == [keys.index(key) for key in keys]


def _grams(text: str) -> set[str]:
    padded = text.ljust(4)
    return {padded[i : i + 4] for i in range(len(padded) - 3)}


WORDS = st.lists(
    st.sampled_from(["card", "cash", "late", "lost", "my", "new", "pin", "the", "top", "up", "why", "中文"]),
    min_size=1,
    max_size=9,
)


@given(st.lists(WORDS.map(" ".join), min_size=2, max_size=25))
@QUICK
def test_every_pair_said_to_be_alike_is_as_alike_as_said(texts: list[str]) -> None:
    pairs = frames.near_pairs(texts, 0.5)
    found = set()
    for a, b, jaccard in zip(pairs.left.tolist(), pairs.right.tolist(), pairs.jaccard.tolist(), strict=True):
        one, other = _grams(texts[a]), _grams(texts[b])
        assert a < b
        assert jaccard == pytest.approx(len(one & other) / len(one | other))
        found.add((a, b))
    equal = {(a, b) for b in range(len(texts)) for a in range(b) if texts[a] == texts[b]}
    assert equal <= found


def test_nearly_all_alike_pairs_are_proposed() -> None:
    rng = np.random.default_rng(0)
    texts = []
    for _ in range(300):
        text = " ".join(
            rng.choice(
                ["account", "bank", "card", "delay", "euro", "fee", "help", "issue", "limit", "money", "pin"], 9
            ).tolist()
        )
        at = int(rng.integers(len(text)))
        texts += [text, text[:at] + "x" + text[at + 1 :]]
    found = set(zip(*frames.near_pairs(texts, 0.7)[:2], strict=True))
    planted = [i for i in range(0, 600, 2) if _jaccard(texts[i], texts[i + 1]) >= 0.7]
    assert len(planted) > 250
    assert sum((i, i + 1) in found for i in planted) >= 0.97 * len(planted)


def _jaccard(one: str, other: str) -> float:
    return len(_grams(one) & _grams(other)) / len(_grams(one) | _grams(other))


def test_many_rows_of_few_templates_cost_a_few_pairs_each_and_stay_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"where is the parcel that I sent to {name}" for name in range(400)]
    every = frames.near_pairs(texts, 0.5)
    monkeypatch.setattr("assay.frames.pairs.WIDE", 100)
    monkeypatch.setattr("assay.frames.pairs.PAIRS", 4)
    fewer = frames.near_pairs(texts, 0.5)
    assert len(fewer.left) < len(every.left) / 2
    assert set(zip(fewer.left, fewer.right, strict=True)) <= set(zip(every.left, every.right, strict=True))
    assert set(frames.clusters(len(texts), fewer)) == {0}


def test_a_crowd_of_equal_texts_stays_connected_at_linear_cost() -> None:
    n = 5 * CROWD
    pairs = frames.near_pairs(["the same text"] * n, 0.9)
    assert len(pairs.left) <= n * (CROWD + 1)
    assert len(set(frames.clusters(n, pairs).tolist())) == 1


def test_empty_texts_pair_with_nothing() -> None:
    assert not len(frames.near_pairs(["", "", "a", "b"]).left)


def test_pairs_across_a_split_cross_it() -> None:
    pairs = frames.near_pairs(["reset my card", "lost my phone", "reset my card", "reset my card"], 0.9, split=2)
    assert list(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)) == [(0, 2), (0, 3)]


def test_neighbours_are_those_of_a_full_search_without_the_row_itself() -> None:
    vectors = np.random.default_rng(1).normal(size=(50, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    near = frames.neighbours(vectors, 3)
    full = vectors @ vectors.T
    np.fill_diagonal(full, -2)
    assert (near.rows == np.argsort(-full, axis=1)[:, :3]).all()
    assert frames.neighbours(vectors[:2], 3).rows.tolist() == [[1, -1, -1], [0, -1, -1]]


def test_equal_rows_are_each_others_neighbours_but_never_their_own() -> None:
    vectors = np.tile(np.array([[1.0, 0.0]], dtype=np.float32), (30, 1))
    near = frames.neighbours(vectors, 5)
    assert not (near.rows == np.arange(30)[:, None]).any()


def test_among_many_vectors_nearly_all_of_the_nearest_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(7)
    vectors = (rng.normal(size=(60, 16))[rng.integers(0, 60, 6000)] + 0.4 * rng.normal(size=(6000, 16))).astype("f4")
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    exact, asked = frames.neighbours(vectors, 5), frames.neighbours(vectors, 5, queries=vectors[:50])
    monkeypatch.setattr("assay.frames.vectors.EXACT", 1000)
    near = frames.neighbours(vectors, 5)
    shared = [len(set(a) & set(b)) for a, b in zip(near.rows.tolist(), exact.rows.tolist(), strict=True)]
    assert np.mean(shared) > 0.95 * 5
    assert not (near.rows == np.arange(6000)[:, None]).any()
    assert (np.diff(near.similarity, axis=1) <= 0).all()
    assert (frames.neighbours(vectors, 5, queries=vectors[:50]).rows == asked.rows).mean() > 0.95


def test_components_are_found_along_a_chain_and_numbered_by_their_first_rows() -> None:
    order = np.random.default_rng(3).permutation(500)
    left, right = np.minimum(order[:-1], order[1:]), np.maximum(order[:-1], order[1:])
    chain = frames.Pairs(left + 2, right + 2, np.ones(499), np.zeros(0, np.int64))
    assert frames.clusters(503, chain).tolist() == [0, 1, *[2] * 500, 3]


def test_texts_beyond_those_the_words_were_learnt_on_have_lexical_vectors_too(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"{kind} {i % 9} is {'late' if i % 2 else 'lost'}" for i in range(300) for kind in ("card", "cash")]
    whole = frames.lexical_vectors(texts)
    monkeypatch.setattr("assay.frames.lexical.FITTED", 200)
    part = frames.lexical_vectors(texts, seed=1)
    assert np.allclose(np.linalg.norm(part, axis=1), 1, atol=1e-5)
    assert np.corrcoef((whole @ whole[:40].T).ravel(), (part @ part[:40].T).ravel())[0, 1] > 0.95


def _blobs(seed: int, spread: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    """Ninety vectors around three centres, and their labels."""
    labels = np.repeat([0, 1, 2], 30)
    noise = np.random.default_rng(seed).normal(size=(90, 16))
    return (np.eye(16)[labels] + spread * noise).astype(np.float32), labels


def _believed(vectors: np.ndarray, labels: np.ndarray, voters: np.ndarray) -> list[np.ndarray]:
    return [
        frames.ridge_probabilities(vectors, vectors[:, :4], labels, voters),
        frames.discriminant_probabilities(vectors, labels, voters),
    ]


def test_names_near_their_rows_tell_the_class_and_names_far_from_all_tell_nothing() -> None:
    vectors, labels = _blobs(5, 0.1)
    telling = frames.name_probabilities(vectors, np.eye(16, dtype=np.float32)[:3], labels)
    assert (telling.argmax(1) == labels).mean() > 0.95
    mute = frames.name_probabilities(vectors, np.zeros((3, 16), dtype=np.float32), labels)
    exchanged = frames.name_probabilities(vectors, np.eye(16, dtype=np.float32)[[1, 2, 0]], labels)
    for nothing in (mute, exchanged):
        assert np.allclose(nothing, 1 / 3, atol=0.05)


def test_what_names_say_is_worth_what_makes_the_labels_likeliest() -> None:
    scores = np.random.default_rng(0).normal(size=(200, 3))
    odds = np.exp(4 * scores)
    chosen = np.random.default_rng(1).random((200, 1)) < np.cumsum(odds / odds.sum(1, keepdims=True), axis=1)
    labels = chosen.argmax(1)
    shares = np.log(np.bincount(labels) / 200)

    def unlikely(factor: float) -> float:
        raised = np.exp(factor * scores + shares)
        return -float(np.log(raised[np.arange(200), labels] / raised.sum(1)).mean())

    likeliest = min(np.arange(0, 24, 0.01), key=unlikely)
    assert abs(likeliest_factor(scores, labels) - likeliest) <= EXACTLY


@pytest.mark.parametrize("model", [0, 1])
def test_leaving_a_row_out_by_formula_is_the_fit_without_it(model: int) -> None:
    vectors, labels = _blobs(3)
    everyone = np.ones(90, dtype=bool)
    at_once = _believed(vectors, labels, everyone)[model]
    one_by_one = []
    for row in range(90):
        others = everyone.copy()
        others[row] = False
        one_by_one.append(_believed(vectors, labels, others)[model][row])
    apart = np.abs(at_once - np.array(one_by_one))
    assert apart.max() < (1e-3, 0.05)[model]
    assert apart.mean() < 0.002
    assert (at_once.argmax(1) == labels).mean() > 0.95


@pytest.mark.parametrize("model", [0, 1])
def test_what_a_row_is_labelled_says_nothing_about_itself(model: int) -> None:
    vectors, labels = _blobs(4, spread=0.1)
    labels[7] = 2
    believed = _believed(vectors, labels, np.ones(90, dtype=bool))[model]
    assert believed[7].argmax() == 0
    assert np.allclose(believed.sum(1), 1, atol=1e-5)


@pytest.mark.parametrize("labels", [[0], [0, 0, 0], [0, 1], [0, 1, 1, 2]])
def test_odd_sets_have_probabilities_too(labels: list[int]) -> None:
    vectors, codes = np.ones((len(labels), 4), dtype=np.float32), np.array(labels)
    for out in _believed(vectors, codes, np.ones(len(labels), dtype=bool)):
        assert out.shape == (len(labels), len(set(labels)))
        assert np.allclose(out.sum(1), 1, atol=1e-5)


def test_neighbours_vote_for_their_labels_and_those_without_a_voice_do_not() -> None:
    near = frames.Neighbours(np.array([[1, 2], [0, -1], [0, 1]]), np.array([[1.0, 1.0], [1.0, -1.0], [0.5, 1.0]]))
    labels = np.array([0, 1, 2])
    votes = frames.label_votes(near, labels, np.array([True, True, True]))
    assert np.allclose(votes, [[0, 0.5, 0.5], [1, 0, 0], [1 / 17, 16 / 17, 0]])
    silent = frames.label_votes(near, labels, np.array([False, True, False]))
    assert np.allclose(silent, [[0, 1, 0], [0, 0, 0], [0, 1, 0]])


def test_texts_without_a_common_word_have_empty_lexical_vectors() -> None:
    assert not frames.lexical_vectors(["one", "two", ""]).any()
    assert frames.lexical_vectors(["card lost", "card late", "cash late"]).shape[0] == 3


def test_vectors_do_not_depend_on_what_stands_beside_a_text() -> None:
    texts = ["my card is late", "", "中文", "\ud800", "a" * 500]
    together = frames.embed(texts, WordLlama())
    assert (together == np.concatenate([frames.embed([text], WordLlama()) for text in texts])).all()


SCRIPT = """
import sys, numpy as np
from assay import frames
from assay.encoders import WordLlama
frames.use(sys.argv[1])
texts = [f"my card number {i % 7} is late {'x' * (i % 3)}" for i in range(300)]
pairs = frames.near_pairs(texts, 0.8)
print(frames.exact_groups(texts).tolist(), pairs.left.tolist(), frames.embed(texts, WordLlama()).tobytes().hex()[:4000])
"""


def _run(runner: str) -> str:
    env = {**os.environ, "RAY_DISABLE_MEMORY_MONITOR": "1", "RAY_memory_monitor_refresh_ms": "0"}
    done = subprocess.run([sys.executable, "-c", SCRIPT, runner], capture_output=True, text=True, env=env, timeout=180)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.slow
def test_ray_gives_the_same_bytes_as_the_native_runner() -> None:
    pytest.importorskip("ray", reason="the ray extra is not installed")
    assert _run("ray") == _run("native")
