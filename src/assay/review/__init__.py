"""Review without a web page: what waits for a person, in the order that helps most, and what their answers become."""

from assay.review.audit import Audit, Drawn, audit, draw, marked
from assay.review.queue import Waiting, answer, queue, read_script, unknown_labels

__all__ = ["Audit", "Drawn", "Waiting", "answer", "audit", "draw", "marked", "queue", "read_script", "unknown_labels"]
