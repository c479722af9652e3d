"""The tables of a result: each kind of row, frozen, of counts and rates; no patient."""

from __future__ import annotations

from typing import Literal

import msgspec

Status = Literal["ok", "not_estimable", "imprecise", "suppressed"]
Number = float | None
Count = int | None
POWER_80 = (1.959964 + 0.841621) / 1.959964


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """One row of a table; field order is column order. Rows are not searched for circles: numbers and text hold none."""


class Change(Row, frozen=True, kw_only=True):
    """One decision in one group: yes with race against yes in another arm, on the patients whom both arms can score.

    Counts are patients; weighted counts are persons. `gained` is no -> yes, `lost` is yes -> no. Rates and `change` are
    fractions of `n` (weighted where weights were given); `lower` and `upper` bound `change`.
    """

    calculator: str
    decision: str
    arm: str
    by: str
    group: str
    n: Count = None
    yes_with: Count = None
    yes_arm: Count = None
    gained: Count = None
    lost: Count = None
    weighted_n: Number = None
    weighted_yes_with: Number = None
    weighted_yes_arm: Number = None
    weighted_gained: Number = None
    weighted_lost: Number = None
    rate_with: Number = None
    rate_arm: Number = None
    change: Number = None
    lower: Number = None
    upper: Number = None
    method: str = ""
    status: Status = "ok"


class Transition(Row, frozen=True, kw_only=True):
    """How many patients of a group move from one ordered category (with race) to another (in the arm)."""

    calculator: str
    categories: str
    arm: str
    by: str
    group: str
    from_: str = msgspec.field(name="from")
    to: str
    n: Count = None
    weighted_n: Number = None
    status: Status = "ok"


class Metric(Row, frozen=True, kw_only=True):
    """One group metric in one arm (`with_race` included); `decision` is "" for metrics of the score itself.

    Of a selection rate `n` and `yes` are the patients behind it, without weights; other metrics have neither.
    """

    calculator: str
    decision: str
    arm: str
    by: str
    group: str
    metric: str
    value: Number = None
    lower: Number = None
    upper: Number = None
    n: Count = None
    yes: Count = None
    method: str = ""
    status: Status = "ok"


class Disparity(Row, frozen=True, kw_only=True):
    """A group's metric minus the reference group's: with race, in the arm (`other`), and what the term introduced (with - other).

    `lower` and `upper` bound this one number; `joint_lower` and `joint_upper` hold for all the family's together: the groups and
    arms of one metric, decision and grouping, `family_size` of them. Read one by one, or searched for the largest, only these count.
    """

    calculator: str
    decision: str
    by: str
    reference: str
    group: str
    metric: str
    with_: Number = msgspec.field(name="with", default=None)
    arm: str
    other: Number = None
    introduced: Number = None
    lower: Number = None
    upper: Number = None
    joint_lower: Number = None
    joint_upper: Number = None
    family_size: Count = None
    method: str = ""
    status: Status = "ok"

    @property
    def together(self) -> tuple[Number, Number]:
        """The bounds that hold for the whole family; a result written before there were any has only its own."""
        return (self.lower, self.upper) if self.joint_lower is None else (self.joint_lower, self.joint_upper)

    @property
    def claimed(self) -> bool:
        """Whether the bounds that hold for the whole family leave 0 out: only then does an audit claim a disparity."""
        lower, upper = self.together
        return self.status == "ok" and lower is not None and upper is not None and (lower > 0 or upper < 0)

    @property
    def detectable(self) -> Number:
        """The true difference at which the family's interval would leave 0 out with 80% probability; smaller ones are probably missed."""
        lower, upper = self.together
        if self.lower is None or self.upper is None or lower is None or upper is None:
            return None
        return (upper - lower) / 2 + (self.upper - self.lower) / 2 * (POWER_80 - 1)


class Standardised(Row, frozen=True, kw_only=True):
    """A disparity between groups of the first attribute that all have everyone's mix of the attributes named in `over`.

    Differences as in `disparities`; `ratio_with` and `ratio_other` are the group's standardised rate over the reference's.
    """

    calculator: str
    decision: str
    arm: str
    by: str
    over: str
    reference: str
    group: str
    with_: Number = msgspec.field(name="with", default=None)
    other: Number = None
    introduced: Number = None
    lower: Number = None
    upper: Number = None
    ratio_with: Number = None
    ratio_other: Number = None
    method: str = ""
    status: Status = "ok"


class Shrunken(Row, frozen=True, kw_only=True):
    """A group's rate beside its empirical-Bayes estimate, which leans on the other groups of the grouping; the raw rate is of record.

    `prior_size` is the number of patients that the other groups weigh; `pooled` says that the groups differ by no more than chance,
    so that the estimate is nearly everyone's rate.
    """

    calculator: str
    decision: str
    arm: str
    by: str
    group: str
    metric: str
    n: Count = None
    raw: Number = None
    shrunken: Number = None
    lower: Number = None
    upper: Number = None
    prior_size: Number = None
    pooled: bool | None = None
    status: Status = "ok"


class CalibrationPoint(Row, frozen=True, kw_only=True):
    """A point of a group's smooth calibration curve in one arm: the predicted `risk` at a percentile and the `observed` risk there.

    The curve rests on all `n` patients of the group with a known outcome; a percentile beyond which few of them lie has no point.
    """

    calculator: str
    output: str
    arm: str
    by: str
    group: str
    percentile: float
    n: Count = None
    risk: Number = None
    observed: Number = None
    lower: Number = None
    upper: Number = None
    method: str = ""
    status: Status = "ok"


class OutcomeChange(Row, frozen=True, kw_only=True):
    """One decision among a group's patients with one recorded outcome (1: it happened, 0: it did not): what a yes or no met.

    A yes where `outcome` is 0 is needless, a no where it is 1 is missed. In the arm `with_race` both counts are those with race.
    """

    calculator: str
    decision: str
    arm: str
    by: str
    group: str
    outcome: str
    n: Count = None
    yes_with: Count = None
    yes_arm: Count = None
    gained: Count = None
    lost: Count = None
    status: Status = "ok"


class EventChange(Row, frozen=True, kw_only=True):
    """One decision among a group's patients with one kind of event of harm: yes with race, yes in the arm, and who moves.

    Counts are patients whom both arms score. A patient with several kinds of events counts under each.
    """

    calculator: str
    decision: str
    arm: str
    by: str
    group: str
    event: str
    n: Count = None
    yes_with: Count = None
    yes_arm: Count = None
    gained: Count = None
    lost: Count = None
    status: Status = "ok"


class Significance(Row, frozen=True, kw_only=True):
    """A test of paired change in one group, or between groups; `subject` is a decision or ordered categories, `tests` its family's size.

    `statistic` is gained - lost for McNemar's test, a difference of rates for tests between groups, chi-squared with `degrees` of freedom
    for the others.
    """

    calculator: str
    subject: str
    arm: str
    by: str
    group: str
    test: str
    statistic: Number = None
    degrees: Count = None
    p: Number = None
    adjusted: Number = None
    family: str = ""
    tests: Count = None
    status: Status = "ok"


class Measured(Row, frozen=True, kw_only=True):
    """How an output agrees with its measured value in a group: in one arm, or (`..._change`) in the arm minus with race.

    Differences are score minus measured value: `bias` is their median, `interquartile_range` their spread; `p10` and `p30` are the shares
    of scores within 10% and 30% of the measured value. `n` patients have a measured value and both scores, `within` of them lie as
    near; `gained` come that near in the arm, `lost` no longer do.
    """

    calculator: str
    output: str
    arm: str
    by: str
    group: str
    metric: str
    n: Count = None
    within: Count = None
    gained: Count = None
    lost: Count = None
    value: Number = None
    lower: Number = None
    upper: Number = None
    method: str = ""
    status: Status = "ok"


class Bound(Row, frozen=True, kw_only=True):
    """What a group's rate with race, or its change, could be if patients whose group is not recorded belonged to it; no interval.

    `unknown` is their share of all. `tipping` is the least share of them that, joining this group, would bring its number to
    that of the reference group (which stays as it is); None where none can.
    """

    calculator: str
    decision: str
    arm: str
    by: str
    group: str
    metric: str
    value: Number = None
    lowest: Number = None
    highest: Number = None
    unknown: Number = None
    reference: str = ""
    tipping: Number = None
    status: Status = "ok"


class SiteChange(Row, frozen=True, kw_only=True):
    """One site's row of `changes` in a merged result, as that site shows it."""

    site: str
    calculator: str
    decision: str
    arm: str
    by: str
    group: str
    n: Count = None
    yes_with: Count = None
    yes_arm: Count = None
    gained: Count = None
    lost: Count = None
    rate_with: Number = None
    rate_arm: Number = None
    change: Number = None
    lower: Number = None
    upper: Number = None
    method: str = ""
    status: Status = "ok"


class Stratified(Row, frozen=True, kw_only=True):
    """A group against the reference group at one decision in one arm, compared within the sites and combined (Mantel-Haenszel).

    `hiding` counts the sites that hide one of the groups; where there are any, nothing is combined. `odds_ratio` and
    `difference` (a fraction) are common to the sites; `chi2` and `p` test that they are 1 and 0 (Cochran-Mantel-Haenszel),
    `heterogeneity` and its p that the sites' odds ratios are equal (Breslow-Day with Tarone's correction). p-values are adjusted
    by Benjamini-Hochberg among those of a calculator.
    """

    calculator: str
    decision: str
    arm: str
    by: str
    reference: str
    group: str
    sites: int = 0
    hiding: int = 0
    odds_ratio: Number = None
    odds_lower: Number = None
    odds_upper: Number = None
    difference: Number = None
    lower: Number = None
    upper: Number = None
    chi2: Number = None
    p: Number = None
    adjusted: Number = None
    heterogeneity: Number = None
    degrees: Count = None
    heterogeneity_p: Number = None
    heterogeneity_adjusted: Number = None
    status: Status = "ok"


class Shift(Row, frozen=True, kw_only=True):
    """Mean of a score in a group with race and in the arm, on the patients whom both can score."""

    calculator: str
    output: str
    arm: str
    by: str
    group: str
    n: Count = None
    mean_with: Number = None
    mean_arm: Number = None
    mean_change: Number = None
    status: Status = "ok"


class Equivalent(Row, frozen=True, kw_only=True):
    """What the race term is worth in years: how much older a patient of the same measurements without it gives the score with `row`.

    Median and quartiles over the patients who read that row; negative is younger. None is also beyond the calculator's range of ages.
    """

    calculator: str
    output: str
    row: str
    n: Count = None
    lower_quartile: Number = None
    median: Number = None
    upper_quartile: Number = None
    status: Status = "ok"


class Proxy(Row, frozen=True, kw_only=True):
    """What stays once the race term is out.

    `recorded_race_from_inputs`: the area under the curve of telling patients of a recorded race from all others by the calculator's
    inputs; a high area alone is no fault. `gap_given_outcome`: the group's score minus the reference's among patients with the same
    outcome, in an arm; `p` tests all groups of the arm together.
    """

    calculator: str
    output: str = ""
    arm: str = ""
    by: str
    group: str
    reference: str = ""
    measure: str
    value: Number = None
    lower: Number = None
    upper: Number = None
    p: Number = None
    method: str = ""
    status: Status = "ok"


class Coverage(Row, frozen=True, kw_only=True):
    """Who is in and who is missing for one calculator: patients of a group by what became of them.

    `n` = `scored` + `missing_input` + `out_of_range`. `unlisted` and `unknown_race` (also in the others) fell under the
    original's rule for people it does not list; `outside_derivation` were scored beyond the ages or values it was made from.
    """

    calculator: str
    by: str
    group: str
    n: Count = None
    scored: Count = None
    missing_input: Count = None
    out_of_range: Count = None
    no_row: Count = None
    unlisted: Count = None
    unknown_race: Count = None
    outside_derivation: Count = None
    term_applied: Count = None
    status: Status = "ok"


class InputQuality(Row, frozen=True, kw_only=True):
    """One column of the cohort: how many values were missing, not numbers, implausible; a hint where a unit looks wrong."""

    input: str
    column: str
    unit: str
    group: str = "all"
    n: Count = None
    missing: Count = None
    unreadable: Count = None
    implausible: Count = None
    hint: str = ""
    status: Status = "ok"


class GroupSize(Row, frozen=True, kw_only=True):
    """Patients (and weighted persons) in a group of the cohort."""

    by: str
    group: str
    n: Count = None
    weighted_n: Number = None
    status: Status = "ok"


TABLES: dict[str, type[Row]] = {
    "changes": Change,
    "transitions": Transition,
    "metrics": Metric,
    "disparities": Disparity,
    "shifts": Shift,
    "coverage": Coverage,
    "outcome_changes": OutcomeChange,
    "event_changes": EventChange,
    "bounds": Bound,
    "significance": Significance,
    "shrunken": Shrunken,
    "standardised": Standardised,
    "equivalents": Equivalent,
    "proxies": Proxy,
    "site_changes": SiteChange,
    "stratified": Stratified,
    "measured": Measured,
    "calibration": CalibrationPoint,
}


def columns(table: str) -> tuple[str, ...]:
    """The columns of a table, in order."""
    return tuple(TABLES[table].__struct_encode_fields__)
