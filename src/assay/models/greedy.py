"""Writing: the most probable token again and again, for a batch of rows at once."""

from __future__ import annotations

from collections.abc import Sequence

from assay.models.stack import KeyValues, Stack, padded


def greedy(
    stack: Stack,
    rows: Sequence[Sequence[int]],
    limits: Sequence[int],
    ends: frozenset[int],
    *,
    past: KeyValues,
) -> list[list[int]]:
    """The ids written after each row of ids, to one of `ends` or the row's limit; rows that are done leave the batch.

    All rows come after a shared beginning whose keys and values are in `past`.
    """
    import torch

    with torch.inference_mode():
        device, lengths = stack.device, torch.tensor([len(row) for row in rows], device=stack.device)
        ids, past = padded(rows, device), KeyValues(past)
        begun = past.layers[0][0].shape[2] if past.layers else 0
        out = stack.run_after(past, stack.embed(ids), 0, stack.depth)
        tokens = stack.logits(out[torch.arange(len(rows)), lengths - 1]).argmax(-1)
        live = list(range(len(rows)))  # the row of each place in the batch
        at = begun + lengths  # position of the token to be read next
        seen = torch.arange(begun + ids.shape[1], device=device)[None] < at[:, None]
        written: list[list[int]] = [[] for _ in rows]
        while True:
            going = going_on(written, live, tokens.tolist(), limits, ends)
            if not going:
                return written
            if len(going) < len(live):
                kept = torch.tensor(going, device=device)
                live = [live[j] for j in going]
                tokens, seen, at, past = tokens[kept], seen[kept], at[kept], past.select(kept)
            seen = torch.cat([seen, torch.ones_like(seen[:, :1])], dim=1)
            states = stack.run(
                stack.embed(tokens[:, None]), 0, stack.depth, positions=at[:, None], mask=seen[:, None, None], past=past
            )
            tokens, at = stack.logits(states[:, -1]).argmax(-1), at + 1


def going_on(
    written: list[list[int]], live: Sequence[int], tokens: Sequence[int], limits: Sequence[int], ends: frozenset[int]
) -> list[int]:
    """Note the token of each live row; the places in the batch of those that are not done."""
    for row, token in zip(live, tokens, strict=True):
        written[row].append(token)
    return [j for j, row in enumerate(live) if written[row][-1] not in ends and len(written[row]) < limits[row]]
