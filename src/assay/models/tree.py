"""Several answers read at once: what they begin with in common is a node once, and each node sees only its own line.

Options "card_arrival" and "card_lost" share "card_": all log-probabilities of both need one pass over their few nodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Tree:
    """Nodes after a prompt. Node 0 is the prompt's end; node n is read as `tokens[n - 1]` after node `parents[n - 1]`.

    An option's last token is never read, only predicted, so it is an edge without a node.
    """

    tokens: tuple[int, ...]
    parents: tuple[int, ...]
    edges: dict[tuple[int, int], int]  # (node, next token) -> node reached, or -1 where an option ends
    paths: tuple[tuple[tuple[int, int], ...], ...]  # of each option: its edges, in order

    @property
    def size(self) -> int:
        """Nodes that are read."""
        return len(self.tokens)

    @property
    def lines(self) -> list[list[int]]:
        """Of each read node, itself and the read nodes before it, counted from 0: what it may look at."""
        lines: list[list[int]] = []
        for n, parent in enumerate(self.parents):
            lines.append([*(lines[parent - 1] if parent else []), n])
        return lines


EMPTY = Tree((), (), {}, ())


def tree_of(options: Sequence[Sequence[int]]) -> Tree:
    """tree_of([[1, 2, 9], [1, 3, 9]]): nodes for 1, 2 and 3; 9 ends both. Each option holds at least one id."""
    tokens: list[int] = []
    parents: list[int] = []
    edges: dict[tuple[int, int], int] = {}
    paths = []
    for option in options:
        node, path = 0, []
        for i, token in enumerate(option):
            path.append((node, token))
            last = i == len(option) - 1
            if not last and edges.get((node, token), -1) == -1:
                tokens.append(token)
                parents.append(node)
                edges[node, token] = len(tokens)
            node = edges.setdefault((node, token), -1)
        paths.append(tuple(path))
    return Tree(tuple(tokens), tuple(parents), edges, tuple(paths))


def layout(begun: int, lengths: Sequence[int], width: int, tree: Tree, device: torch.device) -> tuple[Tensor, Tensor]:
    """Positions (b, width + n) and mask (b, 1, width + n, begun + width + n) of padded rows, each followed by a tree.

    Rows come after a shared beginning of `begun` positions; row i has `lengths[i]` ids of `width`, then padding that no
    node sees; the tree has n nodes.
    """
    import torch

    own = torch.tensor(lengths, device=device)[:, None]
    depths = torch.tensor([len(line) - 1 for line in tree.lines], dtype=torch.long, device=device)[None]
    row = torch.arange(begun, begun + width, device=device)[None].expand(len(lengths), -1)
    positions = torch.cat([row, begun + own + depths], dim=1)
    total = width + tree.size
    mask = torch.ones(len(lengths), total, begun + total, dtype=torch.bool, device=device).tril(begun)
    if tree.size:
        seen = torch.arange(begun + width, device=device)[None] < begun + own
        among = torch.zeros(tree.size, tree.size, dtype=torch.bool, device=device)
        for n, line in enumerate(tree.lines):
            among[n, line] = True
        mask[:, width:, : begun + width] = seen[:, None]
        mask[:, width:, begun + width :] = among
    return positions, mask[:, None]
