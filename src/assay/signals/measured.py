"""The signals of one set of examples, each computed once, when first asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from assay import frames
from assay.encoders import Encoder, default_encoder
from assay.records import Example
from assay.signals.carried import carry_over
from assay.signals.classification import Classification, classifications, has_labels
from assay.signals.folding import essence, fold, words
from assay.signals.inputs import given_beside
from assay.signals.language import Main, main_language
from assay.signals.oddity import Oddities
from assay.signals.sameness import ALIKE, says_the_same
from assay.signals.subject import Subject
from assay.signals.tongues import encoder_for
from assay.signals.topics import SHARED, Topic, first_line, split_topics
from assay.signals.wording import general_text, templated

if TYPE_CHECKING:
    import numpy as np

COPIED = 0.85  # shingle Jaccard from which two prompts are one when no word that matters differs
ASKED, ANSWERED = 2000, 600  # characters of a prompt with its context, and of an answer, that are made a vector
NEIGHBOURS = 20  # nearest rows kept for each row


class Measured:
    """The signals of `examples` (those rules may touch), beside the frozen `test` rows and the `targets` of the domain.

    The `control` is text known to be of no use; general text, in English, where none is given.

    What rows are about is compared by the `sharper` encoder where one is given, and `tell` hears how far it has read;
    vectors of two encoders are never compared. Row numbers in every signal are positions in `examples`.
    """

    def __init__(
        self, examples: Sequence[Example], *, test: Sequence[Example] = (), targets: Sequence[str] = (),
        control: Sequence[str] = (), encoder: Encoder | None = None, sharper: Encoder | None = None, seed: int = 0,
        tell: Callable[[str], None] | None = None,
    ) -> None:  # fmt: skip
        self.examples = list(examples)
        self.test = list(test)
        self.targets = list(dict.fromkeys(target for target in targets if target.strip()))
        self._control = list(control)
        self.given = encoder or default_encoder()
        self._sharper = sharper
        self._tell = tell
        self.seed = seed

    def only(self, ids: Collection[str]) -> Measured:
        """The signals of the examples with these ids, order kept; what stays the same is carried over, much let go."""
        wanted = set(ids)
        keep = [i for i, example in enumerate(self.examples) if example.id in wanted]
        if len(keep) == len(self.examples):
            return self
        rest = Measured(
            [self.examples[i] for i in keep], test=self.test, targets=self.targets, control=self._control,
            encoder=self.given, sharper=self._sharper, seed=self.seed, tell=self._tell,
        )  # fmt: skip
        carry_over(self, rest, keep)
        return rest

    # --- texts ---------------------------------------------------------------------------------------------------

    @cached_property
    def topics(self) -> list[Topic]:
        """Each prompt in two parts: a first line that many rows share ("Classify the message as ..."), and the rest."""
        return split_topics(
            [example.prompt for example in self.examples], {head for head, n in self._heads.items() if n >= SHARED}
        )

    @cached_property
    def test_topics(self) -> list[Topic]:
        """The same of the test rows; the shared first lines are those of both."""
        return split_topics(
            [example.prompt for example in self.test], {head for head, n in self._heads.items() if n >= SHARED}
        )

    @cached_property
    def _heads(self) -> Counter[str]:
        return Counter(first_line(example.prompt) for example in (*self.examples, *self.test))

    @cached_property
    def prompts(self) -> list[str]:
        """What each answer answers, folded: the topic without its head, after the text the answer must rest on."""
        return [fold(_within(e, t.text)) for e, t in zip(self.examples, self.topics, strict=True)]

    @cached_property
    def answers(self) -> list[str]:
        """The answers, folded."""
        return [fold(example.answer) for example in self.examples]

    @cached_property
    def test_prompts(self) -> list[str]:
        """The same of the test rows."""
        return [fold(_within(e, t.text)) for e, t in zip(self.test, self.test_topics, strict=True)]

    @cached_property
    def word_rows(self) -> Counter[str]:
        """In how many rows each word of a prompt occurs."""
        return Counter(chain.from_iterable(set(words(prompt)) for prompt in self.prompts))

    @cached_property
    def oddities(self) -> Oddities:
        """How many odd things each row's text shows: broken characters, odd spacing, words no other row has."""
        return Oddities(self.examples, self.prompts, self.answers, lambda: self.word_rows)

    # --- languages -----------------------------------------------------------------------------------------------

    @cached_property
    def main_language(self) -> Main:
        """The language most prompts and answers are in."""
        return main_language(self.examples)

    @cached_property
    def languages(self) -> list[str]:
        """The code of the language of each topic, "" where it cannot be told."""
        return [self.main_language.of(topic.text) for topic in self.topics]

    @cached_property
    def control(self) -> list[str]:
        """Text known to be of no use; general text in the language of the set where there is one, else nothing."""
        return self._control or (list(general_text()) if self.main_language.code in ("", "en") else [])

    @cached_property
    def encoder(self) -> Encoder:
        """The given encoder, with a space beside it for rows in languages it does not know."""
        return encoder_for(self, self.given)

    @cached_property
    def subject(self) -> Subject:
        """What rows, targets and control are about."""
        return Subject(self, self._sharper, self._tell)

    @cached_property
    def natural(self) -> np.ndarray:
        """Shape (n,), bool: the rows that no template made, by their word pairs."""
        return ~templated(self.prompts)

    # --- vectors -------------------------------------------------------------------------------------------------

    @cached_property
    def vectors(self) -> np.ndarray:
        """Shape (n, encoder.dim), L2-normalised, float32 (float16 beyond 200,000 rows): of the topics."""
        return frames.embed([topic.text for topic in self.topics], self.encoder)

    @cached_property
    def test_vectors(self) -> np.ndarray:
        """Shape (test rows, encoder.dim), float32, L2-normalised: of the test topics."""
        return frames.embed([topic.text for topic in self.test_topics], self.encoder)

    @cached_property
    def asked_vectors(self) -> np.ndarray:
        """Shape (n, encoder.dim), float32, L2-normalised: of all an answer must rest on, context included."""
        if not any(example.context for example in self.examples):
            return self.vectors
        return frames.embed(
            [_within(e, t.text)[:ASKED] for e, t in zip(self.examples, self.topics, strict=True)], self.encoder
        )

    @cached_property
    def answer_vectors(self) -> np.ndarray:
        """Shape (n, encoder.dim), float32, L2-normalised: of the beginnings of the answers."""
        return frames.embed([example.answer[:ANSWERED] for example in self.examples], self.encoder)

    @cached_property
    def neighbours(self) -> frames.Neighbours:
        """The 20 nearest other rows of each row."""
        return frames.neighbours(self.vectors, NEIGHBOURS)

    @property
    def shortened(self) -> str:
        """What was looked at less closely because the set is large, for people; "" when nothing was."""
        n = len(self.examples)
        if "neighbours" not in self.__dict__ or frames.searched(n) == n:
            return ""
        return f"the nearest of {n:,} rows were looked for among some {frames.searched(n):,} around each, not among all"

    # --- repeats -------------------------------------------------------------------------------------------------

    @cached_property
    def prompt_groups(self) -> np.ndarray:
        """For each row the first row with the same folded prompt. Shape (n,), int64."""
        return frames.exact_groups([f"{fold(t.head)}\x1d{p}" for t, p in zip(self.topics, self.prompts, strict=True)])

    @cached_property
    def exact_groups(self) -> np.ndarray:
        """For each row the first row that says the same in all its turns, answer included. Shape (n,), int64.

        Of a classification the label family is compared, not its spelling.
        """
        return frames.exact_groups([self._identity(i) for i in range(len(self.examples))])

    def _identity(self, row: int) -> str:
        example = self.examples[row]
        family = self.families[row]
        answer = self.answers[row] if family is None else f"\x1e{family}"
        return "\x1d".join((example.task, self.systems[row], fold(self.topics[row].head), self.prompts[row], answer))

    @cached_property
    def near_pairs(self) -> frames.Pairs:
        """Pairs of rows whose prompts are alike once politeness is left out (shingle Jaccard of at least 0.55)."""
        return frames.near_pairs(self.essences, ALIKE, keys=self.band_keys)

    @cached_property
    def essences(self) -> list[str]:
        """The folded prompts without politeness."""
        return [essence(prompt) for prompt in self.prompts]

    @cached_property
    def band_keys(self) -> np.ndarray:
        """Shape (n, 25), uint64: essences that share a key may be alike."""
        return frames.band_keys(self.essences)

    @cached_property
    def copies(self) -> np.ndarray:
        """For each row the number of its group of prompts that say the same, chained: they are one witness."""
        import numpy as np

        pairs, everyone = self.near_pairs.at_least(COPIED), np.arange(len(self.examples))
        alike = zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)
        same = np.array([says_the_same(self.topics[a].text, self.topics[b].text) for a, b in alike], dtype=bool)
        left = np.concatenate([pairs.left[same], self.prompt_groups])
        right = np.concatenate([pairs.right[same], everyone])
        return frames.clusters(len(everyone), pairs._replace(left=left, right=right))

    @cached_property
    def test_pairs(self) -> frames.Pairs:
        """Pairs of a row (`left`) and a test row (`right`, a position in `test`) whose prompts are alike."""
        import numpy as np

        n, asked = len(self.examples), [essence(prompt) for prompt in self.test_prompts]
        keys = np.concatenate([self.band_keys, frames.band_keys(asked)])
        pairs = frames.near_pairs([*self.essences, *asked], ALIKE, split=n, keys=keys)
        return pairs._replace(right=pairs.right - n)

    # --- labels --------------------------------------------------------------------------------------------------

    @cached_property
    def classifications(self) -> list[Classification]:
        """The parts of the set that choose among few labels; empty for free text."""
        if not has_labels(self.examples):
            return []  # and no vectors are needed
        return classifications(
            self.examples, self._asked, self.vectors, lambda: self.copies,
            lambda: self.neighbours, lambda texts: frames.embed(texts, self.encoder), self.seed,
        )  # fmt: skip

    @cached_property
    def systems(self) -> list[str]:
        """What stands beside the question of each row: system prompts, folded, and tools and the like.

        The same question beside others is another question.
        """
        told = [tuple(m.content for m in example.messages if m.role == "system") for example in self.examples]
        folded = {texts: "\x1f".join(map(fold, texts)) for texts in set(told)}
        return [folded[texts] + given_beside(example) for texts, example in zip(told, self.examples, strict=True)]

    @property
    def _asked(self) -> list[str]:
        """The folded topics: the prompts, where no context stands before them."""
        rows = zip(self.examples, self.topics, self.prompts, strict=True)
        return [fold(topic.text) if example.context else prompt for example, topic, prompt in rows]

    @cached_property
    def families(self) -> list[str | None]:
        """The canonical label of each row; None where it answers freely."""
        out: list[str | None] = [None] * len(self.examples)
        for part in self.classifications:
            for row, family in zip(part.rows, part.families, strict=True):
                out[int(row)] = family
        return out

    @cached_property
    def label_confidence(self) -> list[float | None]:
        """How probable each row's own label is to models that saw neither the row nor its copies, 0 to 1."""
        out: list[float | None] = [None] * len(self.examples)
        for part in self.classifications:
            own = part.probabilities[range(len(part.rows)), part.codes].tolist()
            for row, probability in zip(part.rows.tolist(), own, strict=True):
                out[row] = probability
        return out


def _within(example: Example, text: str) -> str:
    """The text after the context its answer must rest on."""
    return f"{example.context}\n{text}" if example.context else text
