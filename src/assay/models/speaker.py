"""A loaded model that answers: it writes greedily, in batches, and scores given options.

Exact, but for the rounding of the dtype, to one plain forward pass a token; faster by what need not be done twice: the
beginning that all prompts share is read once, options are read as one tree, lower layers that an adapter leaves alone
come from a trunk shared with other speakers, and an answer that follows an option is not computed again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assay.errors import ModelError
from assay.models import adapter as adapters
from assay.models import chat, whole
from assay.models.adapter import Adapter
from assay.models.base import Loaded
from assay.models.begun import Begun
from assay.models.greedy import greedy
from assay.models.parallel import pool
from assay.models.seq2seq import continuing
from assay.models.stack import KeyValues, Stack, padded, padded_states, shared_beginning, stack_of
from assay.models.tree import Tree, tree_of
from assay.models.trunk import Trunk
from assay.models.whole import Written
from assay.records import Message

if TYPE_CHECKING:
    from torch import Tensor

_POSITIONS = 1024  # read in one batch: enough to keep a core busy, few enough for some 100 MB
_HEAD = 512  # positions whose logits are held at once: 100 MB at 49,152 tokens


class _Reading(NamedTuple):
    """What a model makes of prompts followed by a tree."""

    best: NDArray[
        np.int64
    ]  # (prompts, nodes): the most probable next token after each node; node 0 is the prompt's end
    scores: dict[tuple[int, int], NDArray[np.float64]]  # edge -> (prompts,): natural log-probability of its token
    seconds: NDArray[np.float64]  # (prompts,): wall seconds of the batch of each


class Speaker:
    """A base model, or one with an adapter, that answers conversations.

    `drafts` are answers it is likely to write (the labels): they are read ahead, which changes no answer and saves
    nearly all the time of a model that writes them. `trunk` (of the base model, see `Trunk`) is shared by speakers.

    Raises:
        ParityError, ModelError: the adapter was not trained on this base model and tokeniser.
    """

    def __init__(
        self, loaded: Loaded, adapter: Adapter | None = None, *, drafts: Sequence[str] = (), trunk: Trunk | None = None,
        report: Callable[[int, int], None] | None = None,
    ) -> None:  # fmt: skip
        self.tokenizer = loaded.tokenizer
        self.system = adapter.system if adapter else ""
        self.drafts = tuple(drafts)
        self.report = report or (lambda done, total: None)  # called with prompts read or written
        self.model = adapters.applied(loaded, adapter) if adapter else continuing(loaded.model)
        self.stack: Stack | None = stack_of(self.model.inner if isinstance(self.model, Begun) else self.model)
        self._learnt = self.model.past() if isinstance(self.model, Begun) else KeyValues()
        self.ends = chat.ends(self.tokenizer, self.model)
        fits = trunk is not None and self.stack is not None and self.stack.dtype == trunk.stack.dtype
        fits = fits and (trunk is None or adapter is None or adapter.lowest_layer >= trunk.depth)
        self.trunk = trunk if fits and not self._learnt.layers else None
        self._last: tuple[list[list[int]], tuple[str, ...], _Reading] | None = None

    def render(self, messages: Sequence[Message]) -> list[int]:
        """The ids the model reads for a conversation; its own system prompt is put before one that has none."""
        return chat.render(messages, self.tokenizer, for_answer=True, system=self.system)

    def write(self, prompts: Sequence[Sequence[Message]], max_new_tokens: int) -> list[Written]:
        """One answer a prompt, in order: the most probable token each time, to the end of turn or `max_new_tokens`."""
        rows = [self.render(prompt) for prompt in prompts]
        if self.stack is None:
            return whole.write(self.model, self.tokenizer, rows, max_new_tokens, self.ends)
        begun = [list[int]() for _ in rows]
        seconds = np.zeros(len(rows))
        if self.drafts and rows:
            tree, reading = self._read(rows, self.drafts)
            begun = [self._follow(tree, best, max_new_tokens) for best in reading.best.tolist()]
            seconds += reading.seconds
        going_on = [i for i, ids in enumerate(begun) if len(ids) < max_new_tokens and not self._ended(ids)]
        done = len(rows) - len(going_on)
        limits = [max_new_tokens - len(begun[i]) for i in going_on]
        for batch, more, took in self._decode([[*rows[i], *begun[i]] for i in going_on], limits):
            for j, ids in zip(batch, more, strict=True):
                begun[going_on[j]] += ids
                seconds[going_on[j]] += took
            done += len(batch)
            self.report(done, len(rows))
        return [self._written(ids, took) for ids, took in zip(begun, seconds.tolist(), strict=True)]

    def choose(self, prompts: Sequence[Sequence[Message]], options: Sequence[str]) -> NDArray[np.float64]:
        """Shape (prompts, options): natural log-probability of each option and its end of turn as the whole answer.

        Totals, not means over tokens: they are probabilities of an answer, so options can be compared and summed.
        """
        if not options or not prompts:
            return np.zeros((len(prompts), len(options)))
        rows = [self.render(prompt) for prompt in prompts]
        if self.stack is None:
            return whole.choose(self.model, rows, [self._option(option) for option in options])
        tree, reading = self._read(rows, tuple(options))
        return np.stack([sum(reading.scores[edge] for edge in path) for path in tree.paths], axis=1)

    def score(self, prompts: Sequence[Sequence[Message]], answers: Sequence[str]) -> NDArray[np.float64]:
        """Shape (prompts,): natural log-probability of each prompt's own answer and its end of turn, in batches."""
        heads = [self.render(prompt) for prompt in prompts]
        return self.score_ids(heads, [self._option(answer) for answer in answers])

    def score_ids(self, heads: Sequence[list[int]], answers: Sequence[list[int]]) -> NDArray[np.float64]:
        """The same of ids as they are: shape (heads,); of an answer without ids 0."""
        if not heads:
            return np.zeros(0)
        if self.stack is None:
            return whole.score(self.model, heads, answers)
        rows = [[*head, *answer][:-1] for head, answer in zip(heads, answers, strict=True)]
        shared = min(shared_beginning(rows), min(map(len, heads)) - 1)
        lower = self.trunk.states(rows, shared) if self.trunk else []
        past, batches = self._begin(rows[0][:shared], self.trunk), self._batches(rows, shared, 0)
        found, done = np.zeros(len(rows)), 0

        def look(batch: list[int]) -> list[float]:
            own = [lower[i] for i in batch] if lower else []
            states = self._after([rows[i][shared:] for i in batch], past, own)
            return self._totals(states, [len(heads[i]) - 1 - shared for i in batch], [answers[i] for i in batch])

        with pool() as workers:
            for batch, totals in zip(batches, workers.map(look, batches), strict=True):
                found[batch] = totals
                done += len(batch)
                self.report(done, len(rows))
        return found

    def _after(self, rows: Sequence[list[int]], past: KeyValues, lower: Sequence[Tensor]) -> Tensor:
        """States (b, t, d) of rows after what is in `past`; `lower` are theirs above the trunk."""
        import torch

        stack = self._stack
        with torch.inference_mode():
            low = self.trunk.depth if self.trunk else 0
            states = padded_states(lower) if self.trunk else stack.embed(padded(rows, stack.device))
            return stack.run_after(KeyValues(past, keep=False), states.to(stack.device), low, stack.depth)

    def _totals(self, states: Tensor, starts: Sequence[int], answers: Sequence[list[int]]) -> list[float]:
        """Of each row, the summed log-probability of an answer whose first id is predicted at position `start`."""
        import torch

        places = [(i, start + t) for i, start in enumerate(starts) for t in range(len(answers[i]))]
        targets = torch.tensor([token for answer in answers for token in answer], device=states.device)
        with torch.inference_mode():
            kept = states[[i for i, _ in places], [t for _, t in places]]
            parts = zip(torch.split(kept, _HEAD), torch.split(targets, _HEAD), strict=True)
            logs = [self._stack.logits(part).log_softmax(-1).gather(-1, want[:, None])[:, 0] for part, want in parts]
        return [float(one.double().sum()) for one in torch.split(torch.cat(logs), [len(a) for a in answers])]

    def _option(self, option: str) -> list[int]:
        return chat.option_ids(option, self.tokenizer, self.system)

    def _read(self, rows: list[list[int]], options: tuple[str, ...]) -> tuple[Tree, _Reading]:
        """Prompts followed by the tree of options; kept until other prompts or options come."""
        tree = tree_of([self._option(option) for option in options])
        if self._last is None or self._last[:2] != (rows, options):
            self._last = (rows, options, self._read_tree(rows, tree))
        return tree, self._last[2]

    def _read_tree(self, rows: list[list[int]], tree: Tree) -> _Reading:
        best = np.zeros((len(rows), tree.size + 1), dtype=np.int64)
        scores = {edge: np.zeros(len(rows)) for edge in tree.edges}
        seconds = np.zeros(len(rows))
        shared, done = shared_beginning(rows), 0
        lower = self.trunk.states(rows, shared, tree=tree) if self.trunk else []
        past = self._begin(rows[0][:shared], self.trunk)
        batches = self._batches(rows, shared, tree.size)

        def read(batch: list[int]) -> tuple[NDArray[np.int64], NDArray[np.float64], float]:
            own = [lower[i] for i in batch] if lower else []
            return self._read_batch([rows[i] for i in batch], shared, past, tree, own)

        with pool() as workers:
            made = workers.map(read, batches)
            for batch, (tops, logs, took) in zip(batches, made, strict=True):
                best[batch], seconds[batch] = tops, took
                for edge, column in zip(tree.edges, logs, strict=True):
                    scores[edge][batch] = column
                done += len(batch)
                self.report(done, len(rows))
        return _Reading(best, scores, seconds)

    def _read_batch(
        self, rows: Sequence[list[int]], shared: int, past: KeyValues, tree: Tree, lower: Sequence[Tensor]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], float]:
        """Most probable tokens (b, 1 + n), log-probabilities (edges, b), and the seconds it took."""
        import torch

        begun = time.perf_counter()
        stack, lengths = self._stack, [len(row) - shared for row in rows]
        with torch.inference_mode():
            if self.trunk:
                own = padded_states([part[:length] for part, length in zip(lower, lengths, strict=True)])
                nodes = torch.stack([part[length:] for part, length in zip(lower, lengths, strict=True)])
                low, states = self.trunk.depth, torch.cat([own, nodes], dim=1).to(stack.device)
            else:
                width = max(lengths)
                ids = [[*row[shared:], *[0] * (width - n), *tree.tokens] for row, n in zip(rows, lengths, strict=True)]
                low, states = 0, stack.embed(torch.tensor(ids, device=stack.device))
            out = stack.run_after(KeyValues(past, keep=False), states, low, stack.depth, lengths=lengths, tree=tree)
            ends = out[torch.arange(len(rows)), torch.tensor(lengths) - 1][:, None]
            tops, logs = self._predictions(torch.cat([ends, out[:, out.shape[1] - tree.size :]], dim=1), tree)
        return tops, logs, time.perf_counter() - begun

    def _predictions(self, states: Tensor, tree: Tree) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """States (b, 1 + n, d) -> most probable next tokens (b, 1 + n), log-probabilities of the edges (edges, b)."""
        import torch

        nodes = torch.tensor([node for node, _ in tree.edges], device=states.device)
        tokens = torch.tensor([token for _, token in tree.edges], device=states.device)
        tops, logs = [], []
        for rows in torch.split(states, max(1, _HEAD // states.shape[1])):
            logits = self._stack.logits(rows)
            tops.append(logits.argmax(-1))
            logs.append(logits[:, nodes, tokens] - logits.logsumexp(-1)[:, nodes])
        return torch.cat(tops).cpu().numpy(), torch.cat(logs).T.double().cpu().numpy()

    def _follow(self, tree: Tree, best: Sequence[int], limit: int) -> list[int]:
        """What the model writes as far as the tree foresaw it, and the first token beyond."""
        ids: list[int] = []
        node = 0
        while node >= 0 and len(ids) < limit and not self._ended(ids):
            ids.append(best[node])
            node = tree.edges.get((node, best[node]), -1)
        return ids

    def _decode(
        self, rows: Sequence[list[int]], limits: Sequence[int]
    ) -> Iterator[tuple[list[int], list[list[int]], float]]:
        """Batches of indices of rows, the ids written after each, and the seconds of the batch."""
        if not rows:
            return
        shared = shared_beginning(rows)
        past = self._begin(rows[0][:shared], None)
        batches = self._batches(rows, shared, 0)

        def write(batch: list[int]) -> tuple[list[list[int]], float]:
            begun = time.perf_counter()
            own = [rows[i][shared:] for i in batch]
            written = greedy(self._stack, own, [limits[i] for i in batch], self.ends, past=past)
            return written, time.perf_counter() - begun

        with pool() as workers:
            for batch, (written, took) in zip(batches, workers.map(write, batches), strict=True):
                yield batch, written, took

    def _begin(self, ids: Sequence[int], trunk: Trunk | None) -> KeyValues:
        """Keys and values of learnt positions and of a shared beginning after them, in the layers above the trunk."""
        import torch

        past = KeyValues(self._learnt)
        with torch.inference_mode():
            if ids and trunk:
                self._stack.run(trunk.beginning(ids), trunk.depth, self._stack.depth, past=past)
            elif ids:
                states = self._stack.embed(padded([ids], self._stack.device))
                self._stack.run_after(past, states, 0, self._stack.depth)
        return past

    def _batches(self, rows: Sequence[Sequence[int]], shared: int, extra: int) -> list[list[int]]:
        """Indices of rows, alike in length, so many that a batch reads about `_POSITIONS` positions."""
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]), reverse=True)
        batches: list[list[int]] = []
        while order:
            count = max(1, _POSITIONS // (len(rows[order[0]]) - shared + extra))
            batches.append(order[:count])
            order = order[count:]
        return batches

    def _written(self, ids: Sequence[int], seconds: float) -> Written:
        said = ids[:-1] if self._ended(ids) else ids
        return Written(str(self.tokenizer.decode(list(said), skip_special_tokens=True)), len(ids), seconds)

    def _ended(self, ids: Sequence[int]) -> bool:
        return bool(ids) and ids[-1] in self.ends

    @property
    def _stack(self) -> Stack:
        if self.stack is None:
            raise ModelError("this architecture cannot be run in slices")
        return self.stack
