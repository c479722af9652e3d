"""How a score agrees with the recorded outcome, by group and arm: discrimination, calibration, Brier score, and net benefit of decisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from auditor.counts.calibration import Estimate, brier, integrated_calibration_index, mean, observed_over_expected, recalibration
from auditor.counts.cells import MISSING
from auditor.counts.discrimination import ascending, roc, run
from auditor.counts.estimable import FLOORS
from auditor.counts.groups import Groups
from auditor.counts.paired import WITH_RACE, Placed, yes_matrix
from auditor.counts.precision import WIDE
from auditor.counts.sample import Sample
from auditor.counts.scales import ArmTable, Scale
from auditor.counts.score_bins import BIN_ARM, BIN_WITH, ScoreTable, values
from auditor.rows import Metric, Status

AUROC, BRIER, ICI = "auroc", "brier", "integrated_calibration_index"
OBSERVED, IN_THE_LARGE, SLOPE = "observed_over_expected", "calibration_in_the_large", "calibration_slope"
NET_BENEFIT, TREAT_ALL = "net_benefit", "net_benefit_of_yes_for_all"
AROUND = {f"{NET_BENEFIT}_at_{times:g}_times": times for times in (0.5, 0.75, 1.5, 2.0)}
CHANGE = "_change"
METHODS = {
    AUROC: "DeLong, logit, Student's t",
    AUROC + CHANGE: "DeLong, paired, Student's t",
    OBSERVED: "log ratio, risks taken as known",
    IN_THE_LARGE: "logistic regression",
    SLOPE: "logistic regression",
    BRIER: "linearised",
    BRIER + CHANGE: "linearised, paired",
    NET_BENEFIT: "linearised",
    NET_BENEFIT + CHANGE: "linearised, paired",
    TREAT_ALL: "linearised",
}
BY_DESIGN = {
    AUROC: "logit, Student's t",
    AUROC + CHANGE: "paired, Student's t",
    OBSERVED: "log ratio",
    BRIER: "mean",
    BRIER + CHANGE: "mean, paired",
    NET_BENEFIT: "mean",
    NET_BENEFIT + CHANGE: "mean, paired",
    TREAT_ALL: "mean",
}
LOW = ", low scores going with the outcome"
NONE = Estimate(np.nan, np.nan, np.nan)
WIDEST_RATIO = 1.6
DECIMALS = 4


def probability_scale(scale: Scale, unit: str) -> float:
    """What an output is divided by to be a risk; 0 where it is none: risks have the unit 1 and cuts between 0 and 1, or a horizon."""
    cut = bool(scale.cuts) and all(c.yes_above and 0 < c.value < 1 for c in scale.cuts)
    return 1.0 if unit == "1" and (cut or scale.output.endswith("_year")) else 0.0


def low_scores_are_yes(scale: Scale) -> bool:
    """Whether low scores go with the outcome: every decision on the output says yes below its cut."""
    return bool(scale.cuts) and not any(c.yes_above for c in scale.cuts)


def score_rows(tables: Sequence[ScoreTable], weighted: bool) -> Iterator[Metric]:
    """Metrics of the scores themselves (`decision` is ""), with race once per output, in every arm, and arm minus with race.

    Numbers are given to four decimals, which is what the bins bear.
    A second output of a calculator has its name after the metric's, `auroc:name`.
    """
    seen: dict[str, None] = {}
    for table in tables:
        first = table.output not in seen
        seen[table.output] = None
        suffix = "" if next(iter(seen)) == table.output else f":{table.output}"
        keys = ("outcome", BIN_WITH, BIN_ARM)
        cells = table.cells.known(*keys)
        groups, place = Groups.of_cells(cells, table.by)
        order = np.argsort(cells.code("outcome"), kind="stable")
        sample, place, outcome = Sample.of(table.cells, weighted, *keys).where(order), place[order], cells.code("outcome")[order]
        bins = np.stack([cells.code(BIN_WITH)[order], cells.code(BIN_ARM)[order]])
        ranks = ascending(-bins if table.lower else bins)
        risks = np.clip(values()[bins] / table.probability, 0, 1) if table.probability else None
        for g, member in enumerate(groups.member > 0):
            inside = run(np.flatnonzero(member[place]))
            drawn = sample.where(inside)
            found = _of_group(table, ranks[:, inside], None if risks is None else risks[:, inside], outcome[inside], drawn)
            for metric, arm, estimate, floor, events in found:
                if arm == WITH_RACE and not first:
                    continue
                yield _metric(
                    table.calculator,
                    "",
                    arm,
                    groups,
                    g,
                    metric + suffix,
                    _described(metric, table.lower, drawn),
                    estimate,
                    events >= floor,
                    drawn.few,
                )


def _described(metric: str, lower: bool, sample: Sample) -> str:
    method = METHODS.get(metric, "")
    if sample.design is not None:
        method = BY_DESIGN.get(metric, method)
    return method + (LOW if lower and metric.startswith(AUROC) else "") + (sample.said if method else "")


def _of_group(
    table: ScoreTable,
    ranks: NDArray[np.int64],
    risks: NDArray[np.float64] | None,
    outcome: NDArray[np.int32],
    sample: Sample,
) -> Iterator[tuple[str, str, Estimate, int, int]]:
    """(metric, arm, estimate, floor, rarer of events and others) for one group; below its floor an estimate is not made."""
    events = int(sample.n[outcome == 1].sum())
    rarer = min(events, int(sample.n.sum()) - events)
    some = rarer >= FLOORS["auroc"]
    arms = tuple(dict.fromkeys((WITH_RACE, table.arm)))
    if some:
        areas = roc(ranks, outcome, sample)
        found = [Estimate(float(areas.areas[i]), *areas.interval(i)) for i in (0, 1)]
        change = Estimate(*areas.change())
    else:
        found, change = [NONE, NONE], NONE
    for arm, estimate in zip(arms, found, strict=False):
        yield AUROC, arm, estimate, FLOORS["auroc"], rarer
    if len(arms) > 1:
        yield AUROC + CHANGE, table.arm, change, FLOORS["auroc"], rarer
    if risks is None:
        return
    y = outcome.astype(np.float64)
    for arm, risk in zip(arms, risks, strict=False):
        enough = rarer >= FLOORS["calibration"]
        in_the_large, slope = recalibration(risk, y, sample) if enough else (NONE, NONE)
        ici = Estimate(integrated_calibration_index(risk, y, sample.w), np.nan, np.nan) if enough else NONE
        yield OBSERVED, arm, observed_over_expected(risk, y, sample) if some else NONE, FLOORS["auroc"], rarer
        yield IN_THE_LARGE, arm, in_the_large, FLOORS["calibration"], rarer
        yield SLOPE, arm, slope, FLOORS["calibration"], rarer
        yield ICI, arm, ici, FLOORS["calibration"], rarer
        yield BRIER, arm, brier(risk, y, sample) if some else NONE, FLOORS["auroc"], rarer
    if len(arms) == 1:
        return
    difference = (risks[1] - y) ** 2 - (risks[0] - y) ** 2
    yield BRIER + CHANGE, table.arm, mean(difference, sample) if some else NONE, FLOORS["auroc"], rarer


def net_benefit_rows(tables: Sequence[ArmTable], probability: Mapping[str, float], weighted: bool) -> Iterator[Metric]:
    """Net benefit per patient of every decision on a risk: true yes less false yes at the odds of the cut-off (Vickers and Elkin 2006).

    `probability` gives, by output, what scores are divided by to be risks. With race, in every arm, arm minus with race, and a yes for all.
    """
    seen: set[str] = set()
    for table in tables:
        divisor = probability.get(table.scale.output, 0.0)
        if not divisor or "outcome" not in table.cells.keys or not (table.cells.code("outcome") != MISSING).any():
            continue
        first = table.scale.output not in seen
        seen.add(table.scale.output)
        placed = Placed.of(table)
        yes = yes_matrix(table.scale, len(table.cells.keys[WITH_RACE]))
        for arm in table.arms[1:]:
            if arm.startswith("as_if:"):
                continue
            keys = ("outcome", WITH_RACE, arm)
            known = np.flatnonzero(np.all([table.cells.code(key) != MISSING for key in keys], axis=0))
            sample = Sample.of(table.cells, weighted).where(known)
            outcome, before, after = (table.cells.code(key)[known] for key in keys)
            members = [np.flatnonzero(row) for row in placed.groups.member[:, placed.place[known]]]
            for d, cut in enumerate(table.scale.cuts):
                risk = cut.value / divisor
                if not 0 < risk < 1 or not cut.yes_above:
                    continue
                side = np.where(outcome == 1, 1.0, -risk / (1 - risk))
                worth = {(NET_BENEFIT, WITH_RACE): yes[d, before] * side, (TREAT_ALL, WITH_RACE): side} if first else {}
                worth |= {(NET_BENEFIT, arm): yes[d, after] * side, (NET_BENEFIT + CHANGE, arm): (yes[d, after] - yes[d, before]) * side}
                for (metric, of), value in worth.items():
                    for g, inside in enumerate(members):
                        drawn = sample.where(inside)
                        rarer = min(int(drawn.n[outcome[inside] == code].sum()) for code in (0, 1))
                        estimate = mean(value[inside], drawn) if rarer else NONE
                        said, enough = _described(metric, False, drawn), rarer >= FLOORS["auroc"]
                        yield _metric(table.calculator, cut.decision, of, placed.groups, g, metric, said, estimate, enough, drawn.few)
            first = False


def net_benefit_around(tables: Sequence[ScoreTable], scales: Mapping[str, Scale], weighted: bool) -> Iterator[Metric]:
    """Net benefit as in `net_benefit_rows`, at parts and multiples of every cut-off on a risk (`AROUND`): a decision curve.

    For internal results alone: what a yes at these risks would be is a number that no table has, and disclosure control does not see.
    """
    seen: set[str] = set()
    for table in tables:
        if not table.probability or table.output not in scales:
            continue
        first = table.output not in seen
        seen.add(table.output)
        keys = ("outcome", BIN_WITH, BIN_ARM)
        cells, sample = table.cells.known(*keys), Sample.of(table.cells, weighted, *keys)
        groups, place = Groups.of_cells(cells, table.by)
        before, after = (values()[cells.code(key)] / table.probability for key in (BIN_WITH, BIN_ARM))
        outcome = cells.code("outcome")
        members = [np.flatnonzero(row) for row in groups.member[:, place]]
        for cut in scales[table.output].cuts:
            for metric, times in AROUND.items():
                risk = times * cut.value / table.probability
                if not 0 < risk < 1 or not cut.yes_above:
                    continue
                side = np.where(outcome == 1, 1.0, -risk / (1 - risk))
                yes = {WITH_RACE: before >= risk, table.arm: after >= risk}
                worth = {(metric, of): side * said for of, said in yes.items() if of != WITH_RACE or first}
                if table.arm != WITH_RACE:
                    worth[metric + CHANGE, table.arm] = side * (yes[table.arm].astype(float) - yes[WITH_RACE])
                for (name, of), value in worth.items():
                    for g, inside in enumerate(members):
                        drawn = sample.where(inside)
                        rarer = min(int(drawn.n[outcome[inside] == code].sum()) for code in (0, 1))
                        estimate = mean(value[inside], drawn) if rarer else NONE
                        described = _described(NET_BENEFIT + (CHANGE if name.endswith(CHANGE) else ""), False, drawn)
                        enough = rarer >= FLOORS["auroc"]
                        yield _metric(table.calculator, cut.decision, of, groups, g, name, described, estimate, enough, drawn.few)


def _metric(
    calculator: str,
    decision: str,
    arm: str,
    groups: Groups,
    g: int,
    metric: str,
    method: str,
    estimate: Estimate,
    enough: bool,
    few_units: bool,
) -> Metric:
    given = enough and not np.isnan(estimate.value)
    bounded = given and not np.isnan(estimate.lower)
    return Metric(
        calculator=calculator,
        decision=decision,
        arm=arm,
        by=groups.by[g],
        group=groups.label[g],
        metric=metric,
        value=round(float(estimate.value), DECIMALS) + 0.0 if given else None,
        lower=round(float(estimate.lower), DECIMALS) + 0.0 if bounded else None,
        upper=round(float(estimate.upper), DECIMALS) + 0.0 if bounded else None,
        method=method if given else "",
        status="imprecise" if given and few_units else _status(metric, estimate, given),
    )


def _status(metric: str, estimate: Estimate, given: bool) -> Status:
    """Areas and their changes are held to the width of proportions, ratios to the relative width of rates."""
    if not given:
        return "not_estimable"
    width = estimate.upper - estimate.lower
    wide = width >= WIDE if metric.startswith(AUROC) else metric.startswith(OBSERVED) and width > WIDEST_RATIO * estimate.value
    return "imprecise" if wide else "ok"
