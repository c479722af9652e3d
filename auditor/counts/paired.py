"""The paired change: the same patients' decisions with race and in another arm, by group, with its interval."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, fields
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from auditor.counts.cells import MISSING, Cells
from auditor.counts.groups import Groups
from auditor.counts.scales import ArmTable, Scale
from auditor.counts.survey import ADJUSTED_WALD, KORN_GRAUBARD, Design, Linearised, adjusted_wald, effective_size, korn_graubard, linearise
from auditor.counts.uncertainty import LEVEL, bonett_price, effective_n, rate_interval

WITH_RACE = "with_race"
WITHOUT_RACE = "without_race"
ONE_WAY = 6
STRUCTURAL_ZERO = "structural zero"
METHODS = ("", "Wilson", "Clopper-Pearson", "Bonett-Price", STRUCTURAL_ZERO)
ON_EFFECTIVE_N = " on effective n (weights, no design)"
BY_DESIGN = {"Clopper-Pearson": KORN_GRAUBARD, "Bonett-Price": ADJUSTED_WALD}

Tensor = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Placed:
    """The cells of one table of arms with the finest group that each lies in, and the survey design where there is one.

    `parts` (by outcome) and `pairs` (by arm) hold what was asked for already.
    """

    scale: Scale
    cells: Cells
    groups: Groups
    place: NDArray[np.int64]
    design: Design | None = None
    parts: dict[int, Placed] = field(default_factory=dict)
    pairs: dict[str, Paired] = field(default_factory=dict)

    @classmethod
    def of(cls, table: ArmTable) -> Placed:
        """Find the groups of a table and place its cells in them, once in the life of the table."""
        if table not in _placed:
            groups, place = Groups.of_cells(table.cells, table.by)
            _placed[table] = cls(table.scale, table.cells, groups, place, Design.of_cells(table.cells))
        return _placed[table]

    def where(self, keep: NDArray[np.bool_]) -> Placed:
        """Some of the cells, among the same groups."""
        design = None if self.design is None else self.design.where(keep)
        return Placed(self.scale, self.cells.where(keep), self.groups, self.place[keep], design)

    def among(self, outcome: int) -> Placed:
        """The cells with one outcome, among the same groups."""
        if outcome not in self.parts:
            self.parts[outcome] = self.where(self.cells.code("outcome") == outcome)
        return self.parts[outcome]


@dataclass(frozen=True, eq=False)
class Paired:
    """Patients whom both arms score, by group and decision: each array is (3, groups, decisions).

    The first axis holds patients, the sum of weights and the sum of squared weights. `moves` is (3, groups, categories with
    race, categories in the arm); `above` says for each decision whether the higher categories are the yes. With a survey
    design `linearised` holds the change.
    """

    total: Tensor
    yes_with: Tensor
    yes_arm: Tensor
    gained: Tensor
    lost: Tensor
    moves: Tensor
    above: NDArray[np.bool_]
    linearised: Linearised | None = None

    @cached_property
    def direction(self) -> NDArray[np.int64]:
        """+1 or -1 for groups in which everyone who changes category goes up or down, by everyone's direction where few or none do; else 0."""
        moves = self.moves[0]
        higher = np.triu(np.ones(moves.shape[1:]), 1)
        up, down = (moves.reshape(len(moves), higher.size) @ x.ravel() for x in (higher, higher.T))
        one_way = np.where((up >= ONE_WAY) & (down == 0), 1, 0) - np.where((down >= ONE_WAY) & (up == 0), 1, 0)
        everyone = one_way[0] if len(one_way) else 0
        return np.asarray(np.where(one_way == 0, everyone, one_way))


@dataclass(frozen=True, eq=False)
class ChangeIntervals:
    """Rates and their change with bounds, each (groups, decisions); `method` indexes METHODS, `n` is the (effective) size."""

    rate_with: Tensor
    rate_arm: Tensor
    change: Tensor
    lower: Tensor
    upper: Tensor
    method: NDArray[np.int64]
    n: Tensor

    @property
    def bounds(self) -> tuple[Tensor, Tensor]:
        """Lower and upper bound; a structural zero is known exactly."""
        zero = self.method == METHODS.index(STRUCTURAL_ZERO)
        return np.where(zero, 0.0, self.lower), np.where(zero, 0.0, self.upper)

    def rows(self, groups: NDArray[np.int64]) -> ChangeIntervals:
        """The intervals of some groups."""
        return self._take((groups,))

    def at(self, groups: NDArray[np.int64], decisions: NDArray[np.int64]) -> ChangeIntervals:
        """One group per decision, as a single row."""
        return self._take((groups[None, :], decisions[None, :]))

    def _take(self, index: tuple[NDArray[np.int64], ...]) -> ChangeIntervals:
        return ChangeIntervals(*(getattr(self, each.name)[index] for each in fields(self)))


def method_name(name: str, variances: str) -> str:
    """An interval's method in words; `variances` come by "design", by "weights", or by counts ("")."""
    if variances == "design":
        return BY_DESIGN.get(name, name)
    return name + ON_EFFECTIVE_N if variances == "weights" and name in METHODS[1:4] else name


def yes_matrix(scale: Scale, levels: int) -> Tensor:
    """For every decision and category, 1.0 where the decision says yes: (decisions, categories)."""
    return scale.decides.reshape(len(scale.cuts), levels)


_placed: WeakKeyDictionary[ArmTable, Placed] = WeakKeyDictionary()


def pair(placed: Placed, arm: str) -> Paired:
    """The changes from `with_race` to `arm`, counted once."""
    if arm not in placed.pairs:
        placed.pairs[arm] = _count(placed, arm)
    return placed.pairs[arm]


def _count(placed: Placed, arm: str) -> Paired:
    cells, groups = placed.cells, placed.groups
    levels = len(cells.keys[WITH_RACE])
    before, after = cells.code(WITH_RACE).astype(np.int64), cells.code(arm).astype(np.int64)
    both = (before != MISSING) & (after != MISSING)
    flat = (placed.place[both] * levels + before[both]) * levels + after[both]
    size = len(groups.finest) * levels * levels
    finest = np.stack([np.bincount(flat, weights=v[both], minlength=size) for v in (cells.n, cells.w, cells.w2)])
    moves = (groups.member @ finest.reshape(3, len(groups.finest), levels * levels)).reshape(3, len(groups), levels, levels)
    yes = yes_matrix(placed.scale, levels)
    return Paired(
        total=np.repeat(moves.sum(axis=(2, 3))[:, :, None], len(yes), axis=2),
        yes_with=moves.sum(axis=3) @ yes.T,
        yes_arm=moves.sum(axis=2) @ yes.T,
        gained=((moves @ yes.T) * (1 - yes.T)).sum(axis=2),
        lost=((moves @ (1 - yes.T)) * yes.T).sum(axis=2),
        moves=moves,
        above=np.array([cut.yes_above for cut in placed.scale.cuts], dtype=bool),
        linearised=None if placed.design is None else _linearised(placed, arm, both),
    )


def _linearised(placed: Placed, arm: str, both: NDArray[np.bool_]) -> Linearised:
    assert placed.design is not None
    cells = placed.cells
    yes = yes_matrix(placed.scale, len(cells.keys[WITH_RACE]))
    weight = np.where(both, cells.w, 0.0)
    changed = (yes[:, cells.code(arm)] - yes[:, cells.code(WITH_RACE)]) * weight
    return linearise(placed.design, placed.place, placed.groups.member, changed, np.broadcast_to(weight, changed.shape))


def change_intervals(
    paired: Paired, weighted: bool, structural: NDArray[np.bool_], level: float = LEVEL, cautious: bool = False
) -> ChangeIntervals:
    """The change of every group and decision; `structural` marks groups in which the race term is applied to nobody.

    Where all movement is one way the change is a single proportion: Wilson, or Clopper-Pearson when small. One way means that
    at least six patients of the group changed category (or of everyone), all in one direction;
    otherwise Bonett-Price. With a survey design, Korn-Graubard and Bonett-Price on the design's effective size. `cautious`
    takes Clopper-Pearson for large groups too.
    """
    use = 1 if weighted else 0
    total, n = paired.total[use], paired.total[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        rate_with, rate_arm = paired.yes_with[use] / total, paired.yes_arm[use] / total
        up, down = paired.gained[use] / total, paired.lost[use] / total
    change = up - down
    direction = paired.direction[:, None] * np.where(paired.above, 1, -1)[None, :]
    one_way = direction != 0
    moved = up + down
    if paired.linearised is None:
        size = n if not weighted else _effective(paired, moved, change, one_way)
        low, high, exact = np.full(moved.shape, np.nan), np.full(moved.shape, np.nan), np.zeros(moved.shape, dtype=bool)
        low[one_way], high[one_way], exact[one_way] = rate_interval((moved * size)[one_way], size[one_way], level, cautious)
        low_two, high_two = bonett_price(up * size, down * size, size, level)
    else:
        spread = np.where(one_way, moved * (1 - moved), moved - change**2)
        degrees = paired.linearised.degrees
        with np.errstate(divide="ignore", invalid="ignore"):
            size = effective_size(paired.linearised, spread, total**2 / paired.total[2])
        low, high = korn_graubard(moved, size, n, degrees, level)
        exact = np.ones(low.shape, dtype=bool)
        low_two, high_two = adjusted_wald(up, down, size, n, degrees, level)
    low, high = np.where(direction < 0, 0.0 - high, low), np.where(direction < 0, 0.0 - low, high)
    lower, upper = np.where(one_way, low, low_two), np.where(one_way, high, high_two)
    method = np.where(one_way, np.where(exact, 2, 1), 3)
    zero = structural[:, None] & (paired.gained[0] == 0) & (paired.lost[0] == 0) & (n > 0)
    method = np.where(zero, 4, np.where(n > 0, method, 0))
    hidden = zero | (n == 0)
    return ChangeIntervals(
        rate_with=rate_with,
        rate_arm=rate_arm,
        change=np.where(zero, 0.0, change),
        lower=np.where(hidden, np.nan, lower),
        upper=np.where(hidden, np.nan, upper),
        method=method,
        n=size,
    )


def structural_groups(groups: Groups, zero: Collection[tuple[str, str]], arm: str) -> NDArray[np.bool_]:
    """The groups whose change is zero by construction: without the race term, where it is applied to nobody."""
    return np.array([arm == WITHOUT_RACE and pair in zero for pair in zip(groups.by, groups.label, strict=True)], dtype=bool)


def _effective(paired: Paired, moved: Tensor, change: Tensor, one_way: NDArray[np.bool_]) -> Tensor:
    weight, square = paired.total[1], paired.total[2]
    gained, lost = paired.gained[2], paired.lost[2]
    still = square - gained - lost
    with np.errstate(divide="ignore", invalid="ignore"):
        kish = weight**2 / square
        one = ((gained + lost) * (1 - moved) ** 2 + still * moved**2) / weight**2
        two = (gained * (1 - change) ** 2 + lost * (1 + change) ** 2 + still * change**2) / weight**2
        spread = np.where(two > 0, (moved - change**2) / two, kish)
    return np.where(one_way, effective_n(moved, one, paired.total[0], kish), np.minimum(spread, paired.total[0]))
