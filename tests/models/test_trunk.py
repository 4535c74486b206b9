from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assay.models.tree import tree_of
from models import tiny

if TYPE_CHECKING:
    from assay.models.base import Loaded
    from assay.models.trunk import Trunk

pytestmark = pytest.mark.slow


def ids(loaded: Loaded, count: int) -> list[list[int]]:
    from assay.models.chat import tokenise

    return [tokenise(example, loaded.tokenizer, 500).ids for example in tiny.rows(count)]


def trunk(loaded: Loaded, **settings: int) -> Trunk:
    from assay.models.stack import stack_of
    from assay.models.trunk import Trunk

    stack = stack_of(loaded.model)
    assert stack is not None
    return Trunk(stack, 2, **settings)


def test_a_rows_states_do_not_depend_on_the_rows_beside_it(loaded: Loaded) -> None:
    import torch

    rows = ids(loaded, 40)
    together, few = trunk(loaded).states(rows, 10), trunk(loaded).states(rows[::7], 10)
    assert all(torch.equal(a, b) for a, b in zip(together[::7], few, strict=True))


def test_a_shared_beginning_gives_the_states_of_whole_rows(loaded: Loaded) -> None:
    import torch

    rows = ids(loaded, 9)
    for whole, part in zip(trunk(loaded).states(rows), trunk(loaded).states(rows, 10), strict=True):
        assert torch.allclose(whole[10:], part, atol=1e-5)


def test_what_does_not_fit_in_memory_is_the_same_from_the_file(loaded: Loaded) -> None:
    import torch

    rows, tree = ids(loaded, 12), tree_of([[5, 6, 2], [5, 7, 2]])
    roomy, tight = trunk(loaded), trunk(loaded, memory_bytes=20_000)
    kept, read = roomy.states(rows, 10, tree=tree), tight.states(rows, 10, tree=tree)
    assert 0 < tight._held <= 20_000 < roomy._held
    assert all(torch.equal(a, b) for a, b in zip(kept, read, strict=True))


def test_a_row_is_computed_once(loaded: Loaded) -> None:
    shared, told = trunk(loaded), []
    rows = ids(loaded, 12)
    shared.states(rows[:8], 10)
    before = shared.tokens
    shared.states(rows, 10, report=lambda done, total: told.append((done, total)))
    assert shared.tokens - before == sum(len(row) - 10 for row in rows[8:])
    assert told[-1] == (4, 4)
