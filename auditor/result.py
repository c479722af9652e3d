"""AuditResult: everything a report may read, as frozen rows of counts and rates; no patient, no import of a sibling."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from calculators.errors import UserError

SCHEMA_VERSION = 1
SYNTHETIC = "Synthetic patients: not real people"
INTERNAL = "contains small cells - do not release"

Status = Literal["ok", "not_estimable", "imprecise", "suppressed"]
Number = float | None
Count = int | None
POWER_80 = (1.959964 + 0.841621) / 1.959964


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of a table; field order is column order."""


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
    """One group metric in one arm (`with_race` included); `decision` is "" for metrics of the score itself."""

    calculator: str
    decision: str
    arm: str
    by: str
    group: str
    metric: str
    value: Number = None
    lower: Number = None
    upper: Number = None
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


class Arm(Row, frozen=True, kw_only=True):
    """One of the things compared, in words."""

    id: str
    meaning: str


class DecisionCard(Row, frozen=True, kw_only=True):
    """A declared threshold as the report prints it."""

    id: str
    output: str
    operator: str
    cutoff: float
    action: str
    guideline: str
    confidence: str
    yes_means: Literal["opens_care", "closes_care", "labels"]


class BandsCard(Row, frozen=True, kw_only=True):
    """Ordered categories as the report prints them, in clinical order."""

    id: str
    output: str
    labels: tuple[str, ...]
    source: str = ""
    cuts: tuple[float, ...] = ()
    lower_closed: bool = True


class Card(Row, frozen=True, kw_only=True):
    """A calculator as prose: what `auditor show` prints and what ends its chapter in a report.

    `race_removed` and `race_unlisted` name rows of the race term (`race_unlisted` is "undefined" where the original says
    nothing); `race_includes` gives the recorded categories that the original counts in a row beside its own; `neutral_rows`
    are those whose numbers equal the removed row's.
    """

    id: str
    title: str
    specialty: str
    year: int
    role: str
    confidence: str
    confidence_note: str
    drives: str
    population: str
    equation: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    constants: str
    race_kind: str = ""
    race_reads: str = ""
    race_meaning: str = ""
    race_rows: tuple[tuple[str, str], ...] = ()
    race_removed: str = ""
    race_removed_source: str = ""
    race_unlisted: str = ""
    race_includes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    neutral_rows: tuple[str, ...] = ()
    other_removals: tuple[tuple[str, str], ...] = ()
    direction: str = ""
    history: str = ""
    replaced_by: str = ""
    replaced_by_title: str = ""
    race_free_peers: tuple[str, ...] = ()
    decisions: tuple[DecisionCard, ...] = ()
    bands: tuple[BandsCard, ...] = ()
    valid: tuple[str, ...] = ()
    derived_on: tuple[str, ...] = ()
    known_wrong: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    note: str = ""
    fingerprint: str = ""


class CalculatorResult(Row, frozen=True, kw_only=True):
    """One calculator's audit: its card, its arms, and its tables.

    `setting` says on which of the cohort's patients it was audited ("": all). `illustrative` names the inputs that were
    drawn from stated ranges, not measured or modelled on measurements: results that rest on them only illustrate.
    """

    card: Card
    arms: tuple[Arm, ...]
    coverage: tuple[Coverage, ...] = ()
    changes: tuple[Change, ...] = ()
    transitions: tuple[Transition, ...] = ()
    metrics: tuple[Metric, ...] = ()
    disparities: tuple[Disparity, ...] = ()
    shifts: tuple[Shift, ...] = ()
    outcome_changes: tuple[OutcomeChange, ...] = ()
    bounds: tuple[Bound, ...] = ()
    significance: tuple[Significance, ...] = ()
    shrunken: tuple[Shrunken, ...] = ()
    standardised: tuple[Standardised, ...] = ()
    event_changes: tuple[EventChange, ...] = ()
    equivalents: tuple[Equivalent, ...] = ()
    proxies: tuple[Proxy, ...] = ()
    site_changes: tuple[SiteChange, ...] = ()
    stratified: tuple[Stratified, ...] = ()
    measured: tuple[Measured, ...] = ()
    setting: str = ""
    illustrative: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The calculator's id."""
        return self.card.id


class NotAudited(Row, frozen=True, kw_only=True):
    """A calculator that the cohort cannot serve, and what it lacks."""

    id: str
    title: str
    specialty: str
    missing: tuple[str, ...]
    reason: str


class CohortSummary(Row, frozen=True, kw_only=True):
    """The cohort in counts: where it came from, how race was recorded and read, what was missing."""

    name: str
    source: str
    synthetic: bool
    n: Count
    weighted: bool
    weighted_n: Number = None
    outcome: str = ""
    groups: tuple[GroupSize, ...] = ()
    quality: tuple[InputQuality, ...] = ()
    duplicate_ids: Count = None
    race_policy: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Site(Row, frozen=True, kw_only=True):
    """One site of a merged result: whose cohort, how many patients, and the fingerprint of the result that it sent."""

    site: str
    cohort: str
    n: Count = None
    date: str = ""
    auditor: str = ""
    digest: str = ""


class Options(Row, frozen=True, kw_only=True):
    """What was asked for."""

    calculators: tuple[str, ...] = ()
    by: tuple[str, ...] = ("race",)
    reference: str = "largest"
    several_races: str = "any_mention"
    minimum_count: int = 11
    internal: bool = False
    seed: int = 0
    replicates: int = 1000
    date: str = ""


class Provenance(Row, frozen=True, kw_only=True):
    """What made this result, so that it can be made again."""

    auditor: str
    versions: tuple[tuple[str, str], ...]
    inputs: tuple[tuple[str, str, int | None], ...]
    declarations: str


class AuditResult(Row, frozen=True, kw_only=True):
    """A whole audit. `save` writes it; `load` reads it back and refuses what is not one."""

    schema_version: int = SCHEMA_VERSION
    provenance: Provenance
    options: Options
    cohort: CohortSummary
    calculators: tuple[CalculatorResult, ...]
    not_audited: tuple[NotAudited, ...] = ()
    sites: tuple[Site, ...] = ()
    digest: Annotated[str, msgspec.Meta(description="SHA-256 of this document with an empty digest")] = ""

    def __getitem__(self, id: str) -> CalculatorResult:
        for calculator in self.calculators:
            if calculator.card.id == id:
                return calculator
        raise KeyError(id)

    @property
    def fingerprint(self) -> str:
        """The digest of the file that this was read from; of what would be written, where it was not read."""
        return self.digest or self.compute_digest()

    @property
    def stamps(self) -> tuple[str, ...]:
        """What must stand on everything made from this result."""
        return ((SYNTHETIC,) if self.cohort.synthetic else ()) + ((INTERNAL,) if self.options.internal else ())

    def rows(self, table: str) -> tuple[Row, ...]:
        """All rows of a tidy table: changes, transitions, metrics, disparities, shifts, coverage or outcome_changes."""
        return tuple(row for calculator in self.calculators for row in getattr(calculator, table))

    def table(self, table: str) -> Any:
        """A tidy table as a pandas data frame, with the documented columns."""
        import pandas as pd

        return pd.DataFrame([msgspec.to_builtins(row) for row in self.rows(table)], columns=list(columns(table)))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the result as JSON; the file appears whole or not at all."""
        return write_whole(Path(path), self.to_json())

    def to_json(self) -> bytes:
        """Canonical JSON with its digest."""
        sealed = msgspec.structs.replace(self, digest=self.compute_digest())
        return msgspec.json.encode(sealed) + b"\n"

    def compute_digest(self) -> str:
        """SHA-256 of the compact JSON with an empty digest."""
        return hashlib.sha256(msgspec.json.encode(msgspec.structs.replace(self, digest=""))).hexdigest()


class ResultError(UserError):
    """A result file cannot be used; the message says why and what to do."""

    exit_code = 11


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
}


def columns(table: str) -> tuple[str, ...]:
    """The documented columns of a tidy table, in order."""
    return tuple(TABLES[table].__struct_encode_fields__)


def load(path: str | os.PathLike[str]) -> AuditResult:
    """Read a saved result; another schema version, a broken file or a changed one is refused with the reason."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise ResultError(f"{path}: cannot be read ({error.strerror}).") from None
    try:
        document = msgspec.json.decode(data, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ResultError(f"{path}: is not JSON. Give the audit.json that `auditor audit` wrote.") from None
    _check_version(path, document)
    try:
        result = msgspec.json.decode(data, type=AuditResult)
    except msgspec.ValidationError as error:
        if "unknown field" in str(error):
            raise ResultError(
                f"{path}: holds what this auditor does not know ({error}). It comes from a newer auditor{_writer(document)}; read it with that one."
            ) from None
        raise ResultError(f"{path}: is not an audit result ({error}).") from None
    unsealed = msgspec.json.encode({**document, "digest": ""})
    if result.digest != hashlib.sha256(unsealed).hexdigest():
        raise ResultError(f"{path}: was changed after it was written (its digest does not match). Run the audit again.")
    return result


def _check_version(path: str | os.PathLike[str], document: dict[str, Any]) -> None:
    """Refuse a document of another schema version, with the reason and what to do."""
    version = document.get("schema_version")
    if not isinstance(version, int) or isinstance(version, bool):
        raise ResultError(f"{path}: is not an audit result (it has no schema version). Give the audit.json that `auditor audit` wrote.")
    if version > SCHEMA_VERSION:
        raise ResultError(
            f"{path}: has schema version {version}, from a newer auditor{_writer(document)}; this one reads version {SCHEMA_VERSION}. Read it with that one."
        )
    if version < SCHEMA_VERSION:
        raise ResultError(
            f"{path}: has schema version {version}, from an older auditor{_writer(document)}; this one reads version {SCHEMA_VERSION}. Run the audit again."
        )


def _writer(document: dict[str, Any]) -> str:
    """The version of the auditor that wrote a document, in brackets, where it says so."""
    made = document.get("provenance")
    version = made.get("auditor") if isinstance(made, dict) else None
    return f" ({version})" if isinstance(version, str) and len(version) < 40 else ""


def json_schema() -> dict[str, Any]:
    """The JSON Schema of an AuditResult."""
    return msgspec.json.schema(AuditResult)


def write_whole(path: Path, data: bytes) -> Path:
    """Write to a temporary file beside the target, then rename: nothing half-written is left behind."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path
