"""How a score agrees with the measured value of what it estimates: bias, spread, P10, P30 and root mean square error, by group and arm.

Patients are counted in bins of both arms' differences from the measured value, with whether each lies within 10% and 30% of it; such
tables add. Sources: Woodruff (intervals of quantiles); Hall (means of skewed values);
Zou and Donner 2008, Stat Med 27:1693; Bonett and Price 2012, J Educ Behav Stat 37:479.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from auditor.counts.calibration import Estimate
from auditor.counts.cells import Cells
from auditor.counts.estimable import FLOORS
from auditor.counts.groups import Groups
from auditor.counts.paired import WITH_RACE
from auditor.counts.precision import LEAST_EFFECTIVE_N, imprecise_difference, imprecise_rate
from auditor.counts.sample import Sample
from auditor.counts.score_bins import BIN_ARM, BIN_WITH, BINS, LEVELS, bins, values
from auditor.counts.survey import square_and_add, student
from auditor.counts.uncertainty import LEVEL, bonett_price, clopper_pearson, rate_interval
from auditor.rows import Measured

WITHIN_WITH, WITHIN_ARM = "within:with_race", "within:arm"
WITHIN = ("10%", "30%", "beyond", "none")
NO_RATIO = WITHIN.index("none")
BIAS, SPREAD, ERROR = "bias", "interquartile_range", "root_mean_square_error"
SHARES = {"p10": 0, "p30": 1}
CHANGE = "_change"
NO_CHANGE = "no score changes"
SPACE = (BINS + 1) ** 2 * (len(WITHIN) + 1) ** 2
KEYS = {BIN_WITH: LEVELS, BIN_ARM: LEVELS, WITHIN_WITH: WITHIN, WITHIN_ARM: WITHIN}
LEAST_FOR_SQUARES = 300
NONE = Estimate(np.nan, np.nan, np.nan)

Vector = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MeasuredTable:
    """Patients whose measured value is known and whom with race and one arm both score: cells keyed by the attributes, bins and nearness."""

    calculator: str
    output: str
    arm: str
    by: tuple[str, ...]
    cells: Cells

    def __add__(self, other: MeasuredTable) -> MeasuredTable:
        return MeasuredTable(self.calculator, self.output, self.arm, self.by, self.cells + other.cells)


def nearness(difference: Vector, measured: Vector) -> NDArray[np.int64]:
    """Whether a difference is within 10% or 30% of the measured value, or beyond: positions in WITHIN; "none" where the value is not above 0."""
    share = np.abs(difference)
    near = np.where(share <= 0.1 * measured, 0, np.where(share <= 0.3 * measured, 1, 2))
    return np.asarray(np.where(measured > 0, near, NO_RATIO), dtype=np.int64)


def joint_code(with_race: Vector, arm: Vector, measured: Vector) -> NDArray[np.int64]:
    """One code of both bins and both nearnesses, each plus one; 0 where a score or the measured value is missing."""
    known = ~np.isnan(with_race + arm + measured)
    code = np.zeros(len(measured), dtype=np.int64)
    parts = (with_race[known] - measured[known], arm[known] - measured[known])
    joint = np.zeros(int(known.sum()), dtype=np.int64)
    for part in parts:
        joint = joint * (BINS + 1) + bins(part) + 1
    for part in parts:
        joint = joint * (len(WITHIN) + 1) + nearness(part, measured[known]) + 1
    code[known] = joint
    return code


class _Number(NamedTuple):
    """One number of one group on its way to a row; a value of NaN is not estimable."""

    metric: str
    arm: str
    estimate: Estimate = NONE
    method: str = ""
    vague: bool = False
    within: int | None = None
    gained: int | None = None
    lost: int | None = None


@dataclass(frozen=True, eq=False)
class _Group:
    """The cells of one group: differences and nearness of both arms (rows), and how its patients were drawn."""

    difference: NDArray[np.float64]
    near: NDArray[np.int64]
    sample: Sample

    @property
    def patients(self) -> int:
        return int(self.sample.n.sum())

    @property
    def w(self) -> Vector:
        return self.sample.w

    @property
    def size(self) -> float:
        """The effective number of patients (Kish); without weights all of them."""
        return float(self.w.sum() ** 2 / self.sample.w2.sum()) if self.patients else 0.0

    @property
    def unrelated(self) -> bool:
        """Whether some measured value is not above 0, so that nothing can be near in relation to it."""
        return bool((self.near == NO_RATIO).any())

    def moves(self, most: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Who comes as near in the second arm, and who no longer is."""
        before, after = self.near <= most
        return after & ~before, before & ~after

    def share(self, inside: NDArray[np.bool_]) -> float:
        return float(self.w[inside].sum() / self.w.sum())

    def count(self, inside: NDArray[np.bool_]) -> int:
        return int(self.sample.n[inside].sum())

    def sized(self, x: NDArray[Any], spread: float) -> float:
        """Kish's size; with a survey design the effective one of this mean."""
        return self.size if self.sample.design is None else self.effective(x, spread)

    def effective(self, x: NDArray[Any], spread: float) -> float:
        """The size of a simple random sample in which the mean of x, of this variance between patients, would vary as much.

        At most the patients; with a survey design first adjusted for its degrees of freedom (Korn and Graubard).
        """
        variance = self.sample.error((x - (self.w * x).sum() / self.w.sum()) / self.w.sum()) ** 2
        size = spread / variance if variance > 0 and spread > 0 else self.size
        if self.sample.design is not None:
            size = float(np.nan_to_num(size * (student(np.array(self.patients - 1.0), LEVEL) / self.sample.quantile()) ** 2))
        return float(min(size, self.patients))


def quantile(x: Vector, w: Vector, p: float) -> float:
    """The weighted quantile; where a share p ends exactly at a value, the middle between it and the next (the usual median)."""
    order = np.argsort(x, kind="stable")
    x, below = x[order], np.cumsum(w[order])
    at = p * below[-1]
    place = min(int(np.searchsorted(below, at * (1 - 1e-12), side="left")), len(x) - 1)
    follow = min(int(np.searchsorted(below, at * (1 + 1e-12), side="right")), len(x) - 1)
    return float((x[place] + x[follow]) / 2)


def measured_rows(tables: Sequence[MeasuredTable], weighted: bool) -> Iterator[Measured]:
    """Agreement with race (once per output), in every arm, and arm minus with race, on the same patients."""
    seen: set[str] = set()
    middle = values()
    for table in tables:
        first = table.output not in seen
        seen.add(table.output)
        cells = table.cells
        groups, place = Groups.of_cells(cells, table.by)
        sample = Sample.of(cells, weighted)
        difference = middle[np.stack([cells.code(BIN_WITH), cells.code(BIN_ARM)])]
        near = np.stack([cells.code(WITHIN_WITH), cells.code(WITHIN_ARM)]).astype(np.int64)
        for g in range(len(groups)):
            inside = np.flatnonzero(groups.member[g, place])
            of_group = _Group(difference[:, inside], near[:, inside], sample.where(inside))
            arms = tuple(dict.fromkeys((WITH_RACE, table.arm)))
            found = [_in_arm(of_group, i, arm) for i, arm in enumerate(arms) if arm != WITH_RACE or first]
            found += [_still(of_group, _changes(of_group, table.arm))] if len(arms) > 1 else []
            for number in (number for part in found for number in part):
                yield _row(number, table, groups, g, of_group)


def _in_arm(group: _Group, i: int, arm: str) -> Iterator[_Number]:
    if group.patients < FLOORS["measured"]:
        near = {} if group.unrelated else {metric: group.count(group.near[i] <= most) for metric, most in SHARES.items()}
        yield from (_Number(metric, arm, within=near.get(metric)) for metric in (BIAS, SPREAD, *SHARES, ERROR))
        return
    x, few = group.difference[i], group.size < LEAST_EFFECTIVE_N
    yield _Number(BIAS, arm, _median(group, i), "Woodruff", few)
    yield _Number(SPREAD, arm, Estimate(_quartiles(group, i), np.nan, np.nan), "", few)
    for metric, most in SHARES.items():
        if group.unrelated:
            yield _Number(metric, arm)
            continue
        inside = group.near[i] <= most
        p, by_design = group.share(inside), group.sample.design is not None
        size = group.effective(inside, p * (1 - p))
        lower, upper, exact = rate_interval([p * size], [size], always_exact=by_design)
        vague = bool(imprecise_rate(np.array([p]), np.array([size]))[0])
        method = "Korn-Graubard" if by_design else "Clopper-Pearson" if exact[0] else "Wilson"
        yield _Number(metric, arm, Estimate(p, float(lower[0]), float(upper[0])), method, vague, within=group.count(inside))
    square = skewed_mean(x**2, group)
    bounds = (float(np.sqrt(np.maximum(bound, 0.0))) for bound in (square.value, square.lower, square.upper))
    yield _Number(ERROR, arm, Estimate(*bounds), "Hall's transformation", group.size < LEAST_FOR_SQUARES)


def _changes(group: _Group, arm: str) -> Iterator[_Number]:
    """Arm minus with race."""
    moves = {} if group.unrelated else {metric: group.moves(most) for metric, most in SHARES.items()}
    if group.patients < FLOORS["measured"]:
        for metric in (BIAS, SPREAD, *SHARES, ERROR):
            number = _Number(metric + CHANGE, arm)
            if metric in moves:
                came, went = moves[metric]
                number = number._replace(gained=group.count(came), lost=group.count(went))
            yield number
        return
    few = group.size < LEAST_EFFECTIVE_N
    yield _Number(BIAS + CHANGE, arm, _change_of_medians(group), "Woodruff, square-and-add with the correlation of signs", few)
    yield _Number(SPREAD + CHANGE, arm, Estimate(_quartiles(group, 1) - _quartiles(group, 0), np.nan, np.nan), "", few)
    for metric in SHARES:
        if metric not in moves:
            yield _Number(metric + CHANGE, arm)
            continue
        gained, lost = moves[metric]
        up, down = group.share(gained), group.share(lost)
        size = group.sized(gained * 1.0 - lost, up + down - (up - down) ** 2)
        lower, upper = bonett_price([up * size], [down * size], [size])
        vague = bool(imprecise_difference(np.array([size]), lower, upper)[0])
        estimate = Estimate(up - down, float(lower[0]), float(upper[0]))
        method = "Bonett-Price" if group.sample.design is None else "Bonett-Price on effective n"
        yield _Number(metric + CHANGE, arm, estimate, method, vague, gained=group.count(gained), lost=group.count(lost))
    roots = [float(np.sqrt((group.w * x**2).sum() / group.w.sum())) for x in group.difference]
    scaled = [x**2 / (2 * root) if root else 0 * x for x, root in zip(group.difference, roots, strict=True)]
    pull, change = skewed_mean(scaled[1] - scaled[0], group), roots[1] - roots[0]
    estimate = Estimate(change, change + pull.lower - pull.value, change + pull.upper - pull.value)
    yield _Number(ERROR + CHANGE, arm, estimate, "linearised, paired, Hall's transformation", group.size < LEAST_FOR_SQUARES)


def skewed_mean(x: Vector, group: _Group) -> Estimate:
    """A weighted mean with Hall's interval, which allows for skewness: squared errors have long tails; none below 300 patients."""
    from scipy.special import stdtrit

    total, size = group.w.sum(), group.size
    value = float((group.w * x).sum() / total)
    error = group.sample.error((x - value) / total)
    spread = float(np.sqrt((group.w * (x - value) ** 2).sum() / total))
    if size < LEAST_FOR_SQUARES:
        return Estimate(value, np.nan, np.nan)
    if not spread:
        return Estimate(value, value, value)
    skewness = float((group.w * (x - value) ** 3).sum() / total) / spread**3
    t = (float(stdtrit(size - 1, 0.975)) if group.sample.design is None else group.sample.quantile()) / np.sqrt(size)
    reach = [t, -t]
    if abs(skewness) > 1e-6:
        reach = [float(np.cbrt(1 + skewness * (x - skewness / (6 * size))) - 1) * 3 / skewness for x in reach]
    lower, upper = (value - error * np.sqrt(size) * x for x in reach)
    return Estimate(value, float(lower), float(upper))


def _still(group: _Group, numbers: Iterator[_Number]) -> Iterator[_Number]:
    """Where no patient's score changes, nothing is estimated: 0 without an interval."""
    if (group.difference[0] != group.difference[1]).any():
        yield from numbers
        return
    for number in numbers:
        nothing = number._replace(estimate=Estimate(0.0, np.nan, np.nan), method=NO_CHANGE, vague=False)
        yield number if np.isnan(number.estimate.value) else nothing


def _quartiles(group: _Group, i: int) -> float:
    """The distance between the quartiles."""
    return quantile(group.difference[i], group.w, 0.75) - quantile(group.difference[i], group.w, 0.25)


def _median(group: _Group, i: int) -> Estimate:
    x = group.difference[i]
    middle = quantile(x, group.w, 0.5)
    size = group.sized(_below(x, middle), 0.25)
    if not size:
        return Estimate(middle, np.nan, np.nan)
    low, high = clopper_pearson([size / 2], [size])
    return Estimate(middle, quantile(x, group.w, float(low[0])), quantile(x, group.w, float(high[0])))


def _below(x: Vector, middle: float) -> Vector:
    """Who lies below a value; half of whoever lies on it."""
    return np.where(x < middle, 1.0, np.where(x == middle, 0.5, 0.0))


def _change_of_medians(group: _Group) -> Estimate:
    """The second median minus the first; the correlation is that of lying below one's median."""
    a, b = _median(group, 0), _median(group, 1)
    below = np.stack([_below(x, e.value) for x, e in zip(group.difference, (a, b), strict=True)])
    covariance = group.sample.covariance(below - (below @ group.w / group.w.sum())[:, None])
    spread = float(np.sqrt(covariance[0, 0] * covariance[1, 1]))
    together = float(covariance[0, 1] / spread) if spread else 0.0
    first, second = (np.array([e.value]) for e in (a, b))
    bounds = [(np.array([e.lower]), np.array([e.upper])) for e in (a, b)]
    lower, upper = square_and_add(second, bounds[1], first, bounds[0], np.array([np.clip(together, -1, 1)]))
    return Estimate(b.value - a.value, float(lower[0]), float(upper[0]))


def _row(number: _Number, table: MeasuredTable, groups: Groups, g: int, group: _Group) -> Measured:
    value, lower, upper = (
        None if np.isnan(x) else float(f"{x:.5g}") + 0.0 for x in (number.estimate.value, number.estimate.lower, number.estimate.upper)
    )
    given = value is not None
    return Measured(
        calculator=table.calculator,
        output=table.output,
        arm=number.arm,
        by=groups.by[g],
        group=groups.label[g],
        metric=number.metric,
        n=group.patients,
        within=number.within,
        gained=number.gained,
        lost=number.lost,
        value=value,
        lower=lower,
        upper=upper,
        method=number.method + (group.sample.said if lower is not None else "") if given else "",
        status="not_estimable" if not given else "imprecise" if number.vague or (group.sample.few and number.method != NO_CHANGE) else "ok",
    )
