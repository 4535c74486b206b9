"""The doctor: looks at a project before it costs hours, and at a model before anyone meets it.

signs     Sign: one line, red, amber or green: what, why, which rows, what to type
data      the sources, the splits, what waits
training  tokens, template, truncation, labels, memory, minutes
mask      which tokens of a row are trained
rates     the learning rate: a short sweep on the real rows
serving   the adapter, its template, what it learnt and what it forgot
cure      the fixes that need no person
"""

from assay.doctor.cure import cure
from assay.doctor.data import data_signs
from assay.doctor.mask import Piece, mask_of
from assay.doctor.serving import serve_signs
from assay.doctor.signs import Sign
from assay.doctor.training import train_signs

__all__ = ["Piece", "Sign", "cure", "data_signs", "mask_of", "serve_signs", "train_signs"]
