"""AuditResult: everything a report may read; no patient."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from auditor.files import write_whole
from auditor.rows import (
    Bound,
    CalibrationPoint,
    Change,
    Count,
    Coverage,
    Disparity,
    Equivalent,
    EventChange,
    GroupSize,
    InputQuality,
    Measured,
    Metric,
    Number,
    OutcomeChange,
    Proxy,
    Row,
    Shift,
    Shrunken,
    Significance,
    SiteChange,
    Standardised,
    Stratified,
    Transition,
    columns,
)

SCHEMA_VERSION = 1
SYNTHETIC = "Synthetic patients: not real people"
INTERNAL = "contains small cells - do not release"
NO_CALCULATORS, UNSEALED = b'"calculators":[]', b'""}'


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
    calibration: tuple[CalibrationPoint, ...] = ()
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
    arms: str = "all"
    scores: bool = True
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
    """A whole audit. `save` writes it; `auditor.load` reads it back and refuses what is not one."""

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
        """All rows of one of `auditor.rows.TABLES`."""
        return tuple(row for calculator in self.calculators for row in getattr(calculator, table))

    def table(self, table: str) -> Any:
        """A tidy table as a pandas data frame, with the documented columns."""
        import pandas as pd

        return pd.DataFrame([msgspec.to_builtins(row) for row in self.rows(table)], columns=list(columns(table)))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the result as JSON; the file appears whole or not at all."""
        return write_whole(Path(path), self._json())

    def to_json(self) -> bytes:
        """Canonical JSON with its digest."""
        return b"".join(self._json())

    def compute_digest(self) -> str:
        """SHA-256 of the compact JSON with an empty digest."""
        seen = hashlib.sha256()
        for piece in self._unsealed():
            seen.update(piece)
        seen.update(UNSEALED)
        return seen.hexdigest()

    def sealed(self) -> AuditResult:
        """The result with its digest, as it is read back from its file."""
        return msgspec.structs.replace(self, digest=self.compute_digest())

    def _json(self) -> Iterator[bytes]:
        """Canonical JSON in pieces, so that it is never in memory as a whole; the digest is its last field."""
        seen = hashlib.sha256()
        for piece in self._unsealed():
            seen.update(piece)
            yield piece
        seen.update(UNSEALED)
        yield b'"%s"}\n' % seen.hexdigest().encode()

    def _unsealed(self) -> Iterator[bytes]:
        """The JSON in pieces up to the digest."""
        frame = msgspec.json.encode(msgspec.structs.replace(self, calculators=(), digest=""))
        before, name, after = frame.rpartition(NO_CALCULATORS)
        yield before + name[:-1]
        for number, calculator in enumerate(self.calculators):
            if number:
                yield b","
            yield msgspec.json.encode(calculator)
        yield name[-1:] + after.removesuffix(UNSEALED)
