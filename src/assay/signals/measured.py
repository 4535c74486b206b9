"""The signals of one set of examples, each computed once, when first asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from assay.records import Example

if TYPE_CHECKING:
    import numpy as np


class Measured:
    """The signals of `examples` (those rules may touch), beside the frozen `test` rows and the `targets` of the domain."""

    def __init__(self, examples: Sequence[Example], *, test: Sequence[Example] = (), targets: Sequence[str] = ()) -> None:
        self.examples = list(examples)
        self.test = list(test)
        self.targets = list(targets)

    @cached_property
    def vectors(self) -> np.ndarray:
        """Shape (n, 256), float32, L2-normalised: of the prompts."""
        raise NotImplementedError
