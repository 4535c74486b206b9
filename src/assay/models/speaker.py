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
from assay.models.pace import Pace
from assay.models.stack import KeyValues, Stack, padded, padded_states, shared_beginning, stack_of
from assay.models.tree import Tree, tree_of
from assay.models.trunk import Trunk
from assay.models.whole import Written
from assay.records import Message

if TYPE_CHECKING:
    from torch import Tensor, nn

_POSITIONS = 2048  # read in one batch: enough to keep the cores busy, few enough for some 100 MB
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
        self.model: nn.Module = adapters.applied(loaded, adapter) if adapter else loaded.model
        self.stack: Stack | None = stack_of(self.model)
        self.ends = chat.ends(self.tokenizer, self.model)
        fits = trunk is not None and self.stack is not None and (adapter is None or adapter.lowest_layer >= trunk.depth)
        self.trunk = trunk if fits else None
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
        open_rows = [
            i for i, ids in enumerate(begun) if len(ids) < max_new_tokens and not (ids and ids[-1] in self.ends)
        ]
        for batch, ids, took in self._decode(
            open_rows, [[*rows[i], *begun[i]] for i in open_rows], begun, max_new_tokens
        ):
            for i, more in zip(batch, ids, strict=True):
                begun[i] = [*begun[i], *more]
                seconds[i] += took
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

    def _option(self, option: str) -> list[int]:
        return chat.option_ids(option, self.tokenizer, self.system)

    def _read(self, rows: list[list[int]], options: tuple[str, ...]) -> tuple[Tree, _Reading]:
        """Prompts followed by the tree of options; kept until other prompts or options come."""
        tree = tree_of([self._option(option) for option in options])
        if self._last is None or self._last[:2] != (rows, options):
            self._last = (rows, options, self._read_tree(rows, tree))
        return tree, self._last[2]

    def _read_tree(self, rows: list[list[int]], tree: Tree) -> _Reading:
        import torch

        best = np.zeros((len(rows), tree.size + 1), dtype=np.int64)
        scores = {edge: np.zeros(len(rows)) for edge in tree.edges}
        seconds = np.zeros(len(rows))
        source, target = [node for node, _ in tree.edges], [token for _, token in tree.edges]
        shared, done, pace = shared_beginning(rows), 0, Pace()
        with torch.inference_mode():
            past = self._begin(rows[0][:shared])
            for batch in self._batches(rows, shared, tree.size):
                begun = time.perf_counter()
                with pace.step(sum(len(rows[i]) - shared + tree.size for i in batch)):
                    states = self._last_states([rows[i] for i in batch], shared, past, tree)
                    for i, row in zip(batch, states, strict=True):
                        tops, logs = self._predictions(row, source, target)
                        best[i] = tops
                        for edge, log in zip(tree.edges, logs, strict=True):
                            scores[edge][i] = log
                seconds[batch] = time.perf_counter() - begun
                done += len(batch)
                self.report(done, len(rows))
        return _Reading(best, scores, seconds)

    def _last_states(self, rows: Sequence[list[int]], shared: int, past: KeyValues, tree: Tree) -> Tensor:
        """States (b, 1 + n, d) of the last layer at the end of each prompt and at each node."""
        import torch

        stack, lengths = self._stack, [len(row) - shared for row in rows]
        if self.trunk:
            low, parts = self.trunk.depth, self.trunk.states(rows, shared, tree=tree)
            own = padded_states([part[:length] for part, length in zip(parts, lengths, strict=True)])
            nodes = torch.stack([part[length:] for part, length in zip(parts, lengths, strict=True)])
            states = torch.cat([own, nodes], dim=1).to(stack.device)
        else:
            low, width = 0, max(lengths)
            ids = [[*row[shared:], *[0] * (width - n), *tree.tokens] for row, n in zip(rows, lengths, strict=True)]
            states = stack.embed(torch.tensor(ids, device=stack.device))
        out = stack.run_after(KeyValues(past, keep=False), states, low, stack.depth, lengths=lengths, tree=tree)
        ends = out[torch.arange(len(rows)), torch.tensor(lengths) - 1][:, None]
        return torch.cat([ends, out[:, out.shape[1] - tree.size :]], dim=1)

    def _predictions(self, states: Tensor, source: list[int], target: list[int]) -> tuple[list[int], list[float]]:
        """States (1 + n, d) of one prompt -> most probable token after each node, and log-probability of each edge."""
        import torch

        tops: list[Tensor] = []
        logs: list[Tensor] = []
        for start in range(0, len(states), _HEAD):
            logits = self._stack.logits(states[start : start + _HEAD])
            tops.append(logits.argmax(-1))
            chosen = [(n - start, token) for n, token in zip(source, target, strict=True) if start <= n < start + _HEAD]
            nodes, tokens = (
                torch.tensor(chosen, dtype=torch.long).T if chosen else (torch.zeros(0, dtype=torch.long),) * 2
            )
            logs.append(logits[nodes, tokens] - logits.logsumexp(-1)[nodes])
        order = sorted(range(len(source)), key=lambda e: source[e] // _HEAD)
        found = torch.cat(logs).tolist()
        return torch.cat(tops).tolist(), [value for _, value in sorted(zip(order, found, strict=True))]

    def _follow(self, tree: Tree, best: Sequence[int], limit: int) -> list[int]:
        """What the model writes as far as the tree foresaw it, and the first token beyond."""
        ids: list[int] = []
        node = 0
        while node >= 0 and len(ids) < limit and not (ids and ids[-1] in self.ends):
            ids.append(best[node])
            node = tree.edges.get((node, best[node]), -1)
        return ids

    def _decode(
        self, indices: Sequence[int], rows: Sequence[list[int]], begun: Sequence[Sequence[int]], limit: int
    ) -> Iterator[tuple[list[int], list[list[int]], float]]:
        """Batches of `indices`, the ids written after each row, and the wall seconds of the batch."""
        import torch

        if not rows:
            return
        shared, done, pace = shared_beginning(rows), len(begun) - len(rows), Pace()
        with torch.inference_mode():
            past = KeyValues()
            if shared:
                self._stack.run(
                    self._stack.embed(padded([rows[0][:shared]], self._stack.device)), 0, self._stack.depth, past=past
                )
            for batch in self._batches(rows, shared, 0):
                start = time.perf_counter()
                left = [limit - len(begun[indices[i]]) for i in batch]
                with pace.step(sum(len(rows[i]) - shared for i in batch)):
                    written = self._greedy([rows[i][shared:] for i in batch], past, shared, left)
                done += len(batch)
                self.report(done, len(begun))
                yield [indices[i] for i in batch], written, time.perf_counter() - start

    def _greedy(
        self, rows: Sequence[Sequence[int]], shared: KeyValues, begun: int, limits: Sequence[int]
    ) -> list[list[int]]:
        """The ids written after each row of ids, itself after a shared beginning; rows that end leave the batch."""
        import torch

        stack = self._stack
        ids, past = padded(rows, stack.device), KeyValues(shared)
        lengths = torch.tensor([len(row) for row in rows], device=stack.device)
        out = stack.run_after(past, stack.embed(ids), 0, stack.depth)
        tokens = stack.logits(out[torch.arange(len(rows)), lengths - 1]).argmax(-1)
        live = torch.arange(len(rows), device=stack.device)
        seen = torch.arange(begun + ids.shape[1], device=stack.device)[None] < begun + lengths[:, None]
        written: list[list[int]] = [[] for _ in rows]
        while True:
            for row, token in zip(live.tolist(), tokens.tolist(), strict=True):
                written[row].append(token)
            going = [
                j
                for j, row in enumerate(live.tolist())
                if written[row][-1] not in self.ends and len(written[row]) < limits[row]
            ]
            if not going:
                return written
            if len(going) < len(live):
                kept = torch.tensor(going, device=stack.device)
                live, tokens, seen, past = live[kept], tokens[kept], seen[kept], past.select(kept)
            seen = torch.cat([seen, torch.ones_like(seen[:, :1])], dim=1)
            at = (
                begun
                + lengths[live]
                + torch.tensor([len(written[row]) - 1 for row in live.tolist()], device=stack.device)
            )
            states = stack.run(
                stack.embed(tokens[:, None]), 0, stack.depth, positions=at[:, None], mask=seen[:, None, None], past=past
            )
            tokens = stack.logits(states[:, -1]).argmax(-1)

    def _begin(self, ids: Sequence[int]) -> KeyValues:
        """Keys and values of a shared beginning, in the layers this speaker runs itself when it reads."""
        past = KeyValues()
        if ids:
            low = self.trunk.depth if self.trunk else 0
            states = self.trunk.beginning(ids) if self.trunk else self._stack.embed(padded([ids], self._stack.device))
            self._stack.run(states, low, self._stack.depth, past=past)
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
        said = ids[:-1] if ids and ids[-1] in self.ends else ids
        return Written(str(self.tokenizer.decode(list(said), skip_special_tokens=True)), len(ids), seconds)

    @property
    def _stack(self) -> Stack:
        if self.stack is None:
            raise ModelError("this architecture cannot be run in slices")
        return self.stack
