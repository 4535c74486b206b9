"""The one door to the dataframe engine, and the heavy steps that go through it.

Operators are pure functions from Arrow batch to Arrow batch; Daft only schedules them, on this machine or on Ray, so
that both give the same bytes. Results come back in the order the rows went in, whatever the batch size.
"""

from assay.frames.labels import discriminant_probabilities, label_votes, name_probabilities, ridge_probabilities
from assay.frames.large import Picked, blocks, wide
from assay.frames.lexical import lexical_vectors
from assay.frames.pairs import Pairs, band_keys, near_pairs
from assay.frames.rows import BATCH, Interrupted, embed, exact_groups, local, map_rows, send_by_value, use
from assay.frames.spelling import Spelling
from assay.frames.vectors import Neighbours, clusters, neighbours, searched

__all__ = [
    "BATCH", "Interrupted", "Neighbours", "Pairs", "Picked", "Spelling", "band_keys", "blocks", "clusters",
    "discriminant_probabilities", "embed", "exact_groups", "label_votes", "lexical_vectors", "local", "map_rows",
    "name_probabilities", "near_pairs", "neighbours", "ridge_probabilities", "searched", "send_by_value", "use", "wide",
]  # fmt: skip
