"""What the rows of a set are about, beside its targets and the control, as vectors of one encoder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from assay import frames
from assay.encoders import Encoder, Marks, marks_of
from assay.signals.folding import fold
from assay.signals.tongues import encoder_for

if TYPE_CHECKING:
    import numpy as np

    from assay.signals.measured import Measured

TOLD = 20_000  # rows up to which their answers have a say in what they are about
ANSWERED = 600  # characters of an answer that are read
CANNED = 2  # rows that may share an answer: one that more give says nothing of what a row is about
NEIGHBOURS = 20  # nearest rows kept for each row
TOGETHER = 256  # texts a slow encoder reads between two words about how far it is


class Subject:
    """Vectors by the `sharper` encoder where there is one, else by that of the set; each computed once.

    Vectors of two encoders are never compared: what is compared with these comes from here. `tell` hears how far a
    sharper encoder has read. Row numbers are positions in `measured.examples`.
    """

    def __init__(self, measured: Measured, sharper: Encoder | None, tell: Callable[[str], None] | None) -> None:
        self.measured = measured
        self.sharper = sharper
        self.tell = tell

    def only(self, rest: Measured, keep: Sequence[int]) -> Subject:
        """The same of some of the rows, of which `rest` has the signals; what is known is carried over."""
        left = Subject(rest, self.sharper, self.tell)
        rows = list(keep)
        if (
            self.sharper and "topics" in self.__dict__
        ):  # else they are the vectors of the set, and so are those of `rest`
            left.__dict__["topics"] = self.topics[rows]
        if "told" in self.__dict__ and self.told is not self.topics:
            left.__dict__["told"] = self.told[rows]
        for name in ("encoder", "targets", "control"):
            if name in self.__dict__:
                left.__dict__[name] = self.__dict__[name]
        return left

    @cached_property
    def encoder(self) -> Encoder:
        """It, with a space beside it for rows in languages it does not know."""
        return encoder_for(self.measured, self.sharper) if self.sharper else self.measured.encoder

    @property
    def marks(self) -> Marks:
        """What its cosines mean."""
        return marks_of(self.encoder)

    @cached_property
    def topics(self) -> np.ndarray:
        """Shape (n, encoder.dim), L2-normalised: of the topics."""
        return self._read([topic.text for topic in self.measured.topics]) if self.sharper else self.measured.vectors

    @cached_property
    def told(self) -> np.ndarray:
        """Shape (n, encoder.dim), L2-normalised: of the topics and, where these have a say, of the answers, half and
        half: what answers a stranger is strange as well.
        """
        import numpy as np

        rows = self._telling
        if not rows:
            return self.topics
        told = self.topics.copy()
        told[rows] += self.answers(rows) if self.sharper else self.measured.answer_vectors[rows]
        lengths = np.linalg.norm(told, axis=1, keepdims=True)
        return np.asarray(np.divide(told, lengths, out=told, where=lengths > 0))

    @cached_property
    def texts(self) -> list[str]:
        """What these are of: the folded prompts, with the beginnings of those answers."""
        texts = list(self.measured.prompts)
        for row in self._telling:
            texts[row] += " " + fold(self.measured.examples[row].answer[:ANSWERED])
        return texts

    @cached_property
    def _telling(self) -> list[int]:
        """The rows whose answers have a say, where targets name the domain: free text that few others answer, too."""
        measured = self.measured
        if not measured.targets or len(measured.examples) > TOLD:
            return []
        given = Counter(measured.answers)
        return [
            row
            for row, (answer, family) in enumerate(zip(measured.answers, measured.families, strict=True))
            if family is None and answer and given[answer] <= CANNED
        ]

    @cached_property
    def neighbours(self) -> frames.Neighbours:
        """The 20 nearest other rows of each row by their topics."""
        return frames.neighbours(self.topics, NEIGHBOURS) if self.sharper else self.measured.neighbours

    @cached_property
    def told_neighbours(self) -> frames.Neighbours:
        """The same with those answers."""
        return frames.neighbours(self.told, NEIGHBOURS) if self._telling else self.neighbours

    @cached_property
    def targets(self) -> np.ndarray:
        """Shape (targets, encoder.dim), float32, L2-normalised."""
        return self._read(self.measured.targets)

    @cached_property
    def control(self) -> np.ndarray:
        """Shape (lines of the control, encoder.dim), float32, L2-normalised."""
        return self._read(self.measured.control)

    def answers(self, rows: Sequence[int]) -> np.ndarray:
        """The beginnings of the answers of some rows. Shape (rows, encoder.dim), float32, L2-normalised."""
        return self._read([self.measured.examples[row].answer[:ANSWERED] for row in rows])

    def _read(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of texts, telling how far it is where that takes time."""
        import numpy as np

        if self.sharper is None or self.tell is None or not frames.local():
            return frames.embed(texts, self.encoder)
        parts = [np.zeros((0, self.encoder.dim), dtype=np.float32)]
        for low in range(0, len(texts), TOGETHER):
            self.tell(f"{self.encoder.name}: {low:,} of {len(texts):,} texts read")
            parts.append(frames.embed(texts[low : low + TOGETHER], self.encoder))
        return np.concatenate(parts)
