"""The linked tables of one calculator as counts that nobody is shown and numbers that everybody is: what the audit examines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from auditor.counts.narrowing import Hidden as Problem
from auditor.counts.narrowing import Matrix
from auditor.counts.paired import WITHOUT_RACE
from auditor.counts.suppression import Counts, Hidden, Layout, small

SHOWN = np.array([[0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0]], dtype=np.float64)
MOVED = np.array([[False, True, True, False]])
IMPLIED = np.concatenate([np.ones((1, 4)), SHOWN, 1 - SHOWN[:2], [[0, 0, 0, 1], [1, 0, 0, 0]]])


def paired_problem(
    table: Counts, hidden: Hidden, known_hidden: tuple[Hidden, Hidden, Hidden], untouched: Hidden, layout: Layout, k: int
) -> Problem:
    """A paired table (n, yes with, yes in the arm, gained, lost) by group: unknown are the four counts of every finest group.

    `known_hidden` are the groups in which not even n, not yes with, and not both numbers of yes are shown. In the `untouched` groups
    everybody knows that nobody gains or loses.
    """
    size_hidden, with_hidden, margin_hidden = known_hidden
    finest, member = layout.finest
    n, yes_with, _, gained, lost = table[finest].T
    truth = np.column_stack([n - yes_with - gained, gained, lost, yes_with - lost])
    known = [
        _spread(member[~size_hidden], np.ones((1, 4))),
        _spread(member[~with_hidden], SHOWN[:1]),
        _spread(member[~margin_hidden], SHOWN[:2]),
        _spread(member[~hidden], SHOWN),
    ]
    everything = _spread(member[hidden], IMPLIED)
    flat = truth.reshape(-1)
    unknown = (hidden[finest, None] & ~(untouched[finest, None] & MOVED)).reshape(-1)
    return _reduced(flat, np.concatenate(known), everything[small(everything @ flat, k)], unknown, np.repeat(np.arange(len(finest)), 4))


def scale_problem(n: Counts, above: Counts, hidden: NDArray[np.bool_], chosen: int, size_hidden: Hidden, layout: Layout, k: int) -> Problem:
    """Nested thresholds on one score: who lies above the one lies above every lower one. Unknown are the counts between them.

    `n` is (groups), `above` and `hidden` are (groups, thresholds in ascending order); the targets are the counts at the `chosen` one.
    """
    finest, member = layout.finest
    cuts = above.shape[1]
    truth = -np.diff(np.column_stack([n, above, np.zeros(len(n))])[finest], axis=1)
    upper = (np.arange(cuts + 1)[None, :] > np.arange(cuts)[:, None]).astype(np.float64)
    known = [_spread(member[~size_hidden], np.ones((1, cuts + 1)))]
    known += [_spread(member[~hidden[:, i]], upper[[i]]) for i in range(cuts)]
    everything = _spread(member[hidden[:, chosen]], np.stack([upper[chosen], 1 - upper[chosen]]))
    flat = truth.reshape(-1)
    unknown = np.repeat(hidden[finest].any(axis=1), cuts + 1)
    group = np.repeat(np.arange(len(finest)), cuts + 1)
    return _reduced(flat, np.concatenate(known), everything[small(everything @ flat, k)], unknown, group)


def transition_problem(
    table: Counts,
    hidden: NDArray[np.bool_],
    arm: str,
    size_hidden: Hidden,
    edges: Sequence[tuple[int, Hidden, Hidden, Hidden]],
    layout: Layout,
    k: int,
) -> Problem:
    """Reclassification by group, category with race and category in the arm; unknown are the cells of every finest group.

    `edges` gives, for each edge at which a decision cuts, the groups whose paired row, whose count with race and whose count in
    the arm are hidden. Moves that the term cannot make (none of anyone against the direction, none at all where it is not applied) are known to be none.
    """
    finest, member = layout.finest
    length = table.shape[1]
    truth = table[finest].reshape(len(finest), length * length)
    possible = _possible(table, finest, arm)
    known = [_spread(member[~size_hidden], np.ones((1, length * length)))]
    for i in range(length):
        row = np.zeros((length, length, length))
        row[np.arange(length), i, np.arange(length)] = 1
        known.append(_spread(member[~hidden[:, i]], row.reshape(length, -1)))
    for edge, row_hidden, with_hidden, arm_hidden in edges:
        below = np.arange(length) <= edge
        before, after = np.broadcast_arrays(below[:, None], below[None, :])
        of_with, of_arm = (np.array([x.reshape(-1)], dtype=np.float64) for x in (before, after))
        paired = np.array([x.reshape(-1) for x in (before, after, ~before & after, before & ~after)], dtype=np.float64)
        known += [_spread(member[~with_hidden], of_with), _spread(member[~arm_hidden], of_arm), _spread(member[~row_hidden], paired)]
    cells = np.eye(length * length).reshape(length, length, -1)
    targets = [_spread(member[[g]], cells[i][small(table[g, i], k)]) for g, i in zip(*np.nonzero(hidden), strict=True)]
    unknown = possible.reshape(-1) & np.repeat(hidden[finest].reshape(-1), length)
    wanted = np.concatenate(targets) if targets else np.zeros((0, truth.size))
    group = np.repeat(np.arange(len(finest)), length * length)
    return _reduced(
        truth.reshape(-1), np.concatenate(known), wanted, unknown, group, any((one & ~of_arm).any() for _, one, _, of_arm in edges)
    )


def _reduced(
    truth: Matrix, known: Matrix, targets: Matrix, unknown: NDArray[np.bool_], group: NDArray[np.int64], alone: bool = False
) -> Problem:
    """Leave out what is shown; where nothing that is known connects two groups, no group gives another away, unless groups do `alone`."""
    known, targets = _different(known[:, unknown]), _different(targets[:, unknown])
    of_group = (group[unknown][:, None] == np.arange(group[-1] + 1 if len(group) else 0)).astype(np.float64)
    several = ((known @ of_group) > 0).sum(axis=1) > 1
    return Problem(truth[unknown], known, targets if alone or several.any() else targets[:0])


def _different(rows: Matrix) -> Matrix:
    """The rows that are not zero, each once."""
    kept = {row.tobytes(): i for i, row in enumerate(rows)}
    kept.pop(bytes(rows.shape[1] * rows.itemsize), None)
    return rows[list(kept.values())]


def _spread(groups: Matrix, cells: Matrix) -> Matrix:
    """Every combination of a row of groups with a row of cells, over (group, cell): the Kronecker product."""
    product = groups[:, None, :, None] * cells[None, :, None, :]
    return product.reshape(len(groups) * len(cells), groups.shape[1] * cells.shape[1])


def _possible(table: Counts, finest: NDArray[np.int64], arm: str) -> NDArray[np.bool_]:
    length = table.shape[1]
    possible = np.ones((len(finest), length, length), dtype=bool)
    upper, lower = np.triu(np.ones((length, length), dtype=bool), 1), np.tril(np.ones((length, length), dtype=bool), -1)
    for direction in (upper, lower):
        if not table[finest][:, direction].any():
            possible[:, direction] = False
    if arm == WITHOUT_RACE:
        unmoved = ~table[finest][:, upper | lower].any(axis=1)
        possible[np.ix_(unmoved, np.arange(length), np.arange(length))] &= ~(upper | lower)
    return possible.reshape(len(finest), -1)
