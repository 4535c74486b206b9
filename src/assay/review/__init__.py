"""Review without a web page: what waits for a person, in the order that helps most, and what their answers become."""

from assay.review.queue import Waiting, answer, queue, read_script

__all__ = ["Waiting", "answer", "queue", "read_script"]
