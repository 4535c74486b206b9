from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from assay.models.stack import shared_beginning
from assay.models.tree import tree_of

OPTIONS = st.lists(
    st.lists(st.integers(0, 3), min_size=1, max_size=5).map(lambda ids: [*ids, 9]), min_size=1, max_size=6
)


@given(OPTIONS)
def test_each_option_is_found_along_its_path(options: list[list[int]]) -> None:
    tree = tree_of(options)
    assert [[token for _, token in path] for path in tree.paths] == options
    for path in tree.paths:
        for (node, token), (following, _) in pairwise(path):
            assert tree.edges[node, token] == following
        assert path[0][0] == 0
        assert tree.edges[path[-1]] == -1


@given(OPTIONS)
def test_a_node_sees_the_tokens_that_lead_to_it_and_no_others(options: list[list[int]]) -> None:
    tree = tree_of(options)
    prefixes = {tuple(option[:n]) for option in options for n in range(1, len(option))}
    seen = [tuple(tree.tokens[n] for n in line) for line in tree.lines]
    assert sorted(seen) == sorted(prefixes)  # each beginning once: none is read twice


def test_an_option_that_begins_another_keeps_both() -> None:
    tree = tree_of([[1, 2], [1, 2, 3]])
    assert [[token for _, token in path] for path in tree.paths] == [[1, 2], [1, 2, 3]]
    assert tree.tokens == (1, 2)


@given(st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=6), min_size=1, max_size=5))
def test_a_shared_beginning_is_the_longest_that_leaves_each_row_an_id(rows: list[list[int]]) -> None:
    shared = shared_beginning(rows)
    assert len({tuple(row[:shared]) for row in rows}) == 1
    assert all(len(row) > shared for row in rows)
    longer = {tuple(row[: shared + 1]) for row in rows}
    assert len(longer) > 1 or min(len(row) for row in rows) == shared + 1
