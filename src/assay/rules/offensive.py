"""S002 offensive: insults, threats and slurs; not the words alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from assay.records import Action, Example, Finding, Severity
from assay.rules.abuse import ABOUT_WORDS, Place, listed, places_in, quoted, sentence
from assay.rules.mentions import reported
from assay.rules.protocol import Stage, finding
from assay.rules.senses import other_sense, told_of
from assay.rules.turns import Turn, turns_of
from assay.signals.profanity import profanity


class Candidate(NamedTuple):
    """A place of one example, with what the classifier is to read."""

    row: int  # position of the example in the batch
    field: str
    place: Place
    sentence: str


@dataclass(frozen=True)
class Offensive:
    """S002: the text insults, threatens or swears at someone.

    What it does: looks for threats and insults said to the reader, and for slurs and swear words; a word counts only
    where a classifier that reads its sentence agrees. "Kill the process", Scunthorpe, anatomy, a "stupid fee", words
    that mean something else in what the row speaks of ("the bitch had puppies"), what somebody is said to have called
    another, and words that the text explains are left alone. In Dutch, German, French, Spanish, Italian and Portuguese
    an insult is looked for by how it is said ("domme trut", "halt die Klappe", "bande de cons"), in some ten more
    languages by lists of phrases alone.

    Why is this bad: a few such answers are enough for the model to insult a user; in prompts they teach nothing.

    Example: "Only a moron would ask that." is held; "How do I kill a zombie process?" is not.
    """

    code: ClassVar[str] = "S002"
    name: ClassVar[str] = "offensive"
    stage: ClassVar[Stage] = "row"
    severity: ClassVar[Severity] = "error"
    threshold: float = 0.5  # least probability, 0 to 1, that a sentence with a listed word is profane
    action: Action = "hold"  # what becomes of an offensive row

    def check(self, example: Example) -> Iterator[Finding]:
        """At most one finding: the surest place of the example."""
        yield from self.check_batch([example])[0]

    def check_batch(self, examples: Sequence[Example]) -> list[list[Finding]]:
        """The findings of each example; the classifier reads all sentences at once."""
        candidates = [c for row, example in enumerate(examples) for c in _candidates(row, example)]
        best: dict[int, tuple[float, Candidate]] = {}
        for candidate, probability in zip(candidates, probabilities([c.sentence for c in candidates]), strict=True):
            sure = candidate.place.kind in ("threat", "insult")  # they stand by themselves; words need the classifier
            score = max(0.9, probability) if sure else probability
            if score >= self.threshold and score > best.get(candidate.row, (0.0, None))[0]:
                best[candidate.row] = (score, candidate)
        return [[self._said(example, *best[row])] if row in best else [] for row, example in enumerate(examples)]

    def _said(self, example: Example, score: float, candidate: Candidate) -> Finding:
        kind, start, end = candidate.place
        what = {"threat": "a threat", "insult": "an insult"}.get(kind, "offensive language")
        evidence = {"kind": kind, "span": [start, end], "sentence": candidate.sentence}
        return finding(self, example, candidate.field, score, f"{what} in the {candidate.field}", evidence=evidence)


def probabilities(texts: Sequence[str]) -> list[float]:
    """Shape (n,): how probable the linear classifier of alt-profanity-check finds it that each text is profane."""
    return [round(p, 6) for p in profanity(texts).tolist()] if texts else []


def _candidates(row: int, example: Example) -> Iterator[Candidate]:
    turns = [turn for turn in turns_of(example) if turn.at < 0 or example.messages[turn.at].role != "system"]
    for turn in turns:
        for place in places_in(turn.text):
            if not _spoken_of(turn, place, turns):
                said = sentence(turn.text, place)
                alone = listed("loaded")[0].sub(" ", said.lower()) if place.kind == "loaded" else said
                yield Candidate(row, turn.field, place, alone)


def _spoken_of(turn: Turn, place: Place, turns: list[Turn]) -> bool:
    """Whether the words are explained, reported, or mean something else in this row."""
    if quoted(turn.text, place.start) and any(ABOUT_WORDS.search(t.text[:2000]) for t in turns):
        return True
    if place.kind == "threat":
        return reported(turn.text, place.start, asked=False)
    if told_of(turn.text, place.start):
        return True
    row = "\n".join(t.text[:2000] for t in turns)
    return place.kind in ("strong", "loaded") and other_sense(turn.text, place.start, row)
