"""Review without a web page: what waits for a person, in the order that helps most, and what their answers become."""

from assay.review.asked import ask_about, asked_about
from assay.review.audit import Audit, Drawn, audit, draw, marked
from assay.review.queue import Waiting, answer, queue, read_script, unknown_labels

__all__ = [
    "Audit", "Drawn", "Waiting", "answer", "ask_about", "asked_about", "audit", "draw", "marked", "queue",
    "read_script", "unknown_labels",
]  # fmt: skip
