"""Control charts over a series of audits: p-chart, or Laney's p' where the points vary more than chance gives."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from auditor.result import AuditResult
from auditor.rows import Change, Coverage, Status

Measure = Literal["changed", "yes_with_race", "missing_input"]
MEAN_RANGE_OF_TWO = 2 / math.sqrt(math.pi)
SIGMAS = 3.0
RUN = 8
FEWEST_EXPECTED = 5.0
FEWEST_POINTS = 12

Key = tuple[str, str, str, str, str, str]
Floats = NDArray[np.float64]


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One group in one audit of a series: patients, rate, centre line and limits; `signal` says what chance would rarely give.

    `limits` is "p" or "Laney p'"; blank where none are drawn, with the reason in `note`.
    """

    calculator: str
    decision: str
    arm: str
    by: str
    group: str
    measure: str
    audit: str
    n: int | None = None
    rate: float | None = None
    centre: float | None = None
    lower: float | None = None
    upper: float | None = None
    limits: str = ""
    signal: str = ""
    note: str = ""
    status: Status = "ok"


class Lines(msgspec.Struct, frozen=True):
    """Centre line, standard deviation of each point under chance, and how many times more the points vary (sigma z)."""

    centre: float
    sigma: Floats
    sigma_z: float


def lines(events: Floats, n: Floats, baseline: int = 0) -> Lines:
    """The lines of a chart from counts (Laney 2002, Quality Engineering 14:531); the first `baseline` points set them, or all.

    sigma z is the mean moving range of the standardised points over 2 / sqrt(pi). It is at least 1 when limits are drawn.
    """
    first = slice(0, baseline or len(n))
    centre = float(events[first].sum() / n[first].sum())
    sigma = np.sqrt(centre * (1 - centre) / n)
    if not 0 < centre < 1 or len(n[first]) < 2:
        return Lines(centre, sigma, 1.0)
    z = (events[first] / n[first] - centre) / sigma[first]
    return Lines(centre, sigma, float(np.abs(np.diff(z)).mean() / MEAN_RANGE_OF_TWO))


def chart(results: Sequence[AuditResult], baseline: int = 0) -> tuple[Point, ...]:
    """The points of every group and decision over a series of audits in order of time.

    Counts are of patients, without weights. Limits are drawn where at least 12 points set them and at least 5 patients with
    and without the event are expected. Suppressed points stay suppressed and are left out of the lines.
    """
    series: dict[Key, list[tuple[str, int | None, int | None, Status]]] = {}
    for place, result in enumerate(results, 1):
        label = result.options.date or f"{result.cohort.name}, no. {place}"
        for key, events, n, status in _counts(result):
            series.setdefault(key, []).append((label, events, n, status))
    return tuple(point for key, points in series.items() for point in _points(key, points, baseline))


def _counts(result: AuditResult) -> Iterator[tuple[Key, int | None, int | None, Status]]:
    for calculator in result.calculators:
        for c in calculator.changes:
            if c.arm == "without_race":
                yield _key(c, "changed"), None if c.gained is None or c.lost is None else c.gained + c.lost, c.n, c.status
                yield _key(c, "yes_with_race"), c.yes_with, c.n, c.status
        for v in calculator.coverage:
            yield (v.calculator, "", "", v.by, v.group, "missing_input"), v.missing_input, v.n, v.status


def _key(row: Change | Coverage, measure: Measure) -> Key:
    decision, arm = (row.decision, row.arm) if isinstance(row, Change) else ("", "")
    return (row.calculator, decision, arm if measure == "changed" else "with_race", row.by, row.group, measure)


def _points(key: Key, points: Sequence[tuple[str, int | None, int | None, Status]], baseline: int) -> Iterator[Point]:
    shown = [(i, e, n) for i, (_, e, n, _) in enumerate(points) if e is not None and n]
    calculator, decision, arm, by, group, measure = key
    start = Point(calculator=calculator, decision=decision, arm=arm, by=by, group=group, measure=measure, audit="")
    drawn: dict[int, Point] = {}
    if shown:
        index = [i for i, _, _ in shown]
        events, n = (np.array([s[k] for s in shown], dtype=np.float64) for k in (1, 2))
        setting = sum(i < baseline for i in index) if baseline else len(index)
        if setting:
            drawn = dict(zip(index, _drawn(start, events, n, setting), strict=True))
    for i, (label, _, _, status) in enumerate(points):
        if i in drawn:
            yield msgspec.structs.replace(drawn[i], audit=label)
        else:
            yield msgspec.structs.replace(start, audit=label, status=status if status != "ok" else "not_estimable", note="not shown")


def _drawn(start: Point, events: Floats, n: Floats, setting: int) -> Iterator[Point]:
    found = lines(events, n, setting)
    spread = max(found.sigma_z, 1.0)
    runs = _runs(np.sign(events / n - found.centre))
    for i in range(len(n)):
        rate = float(events[i] / n[i])
        point = msgspec.structs.replace(start, n=int(n[i]), rate=rate, centre=found.centre)
        if setting < FEWEST_POINTS:
            yield msgspec.structs.replace(point, note=f"no limits: {setting} of at least {FEWEST_POINTS} points")
        elif n[i] * min(found.centre, 1 - found.centre) < FEWEST_EXPECTED:
            yield msgspec.structs.replace(point, note="no limits: too few patients with or without it are expected")
        else:
            half = SIGMAS * spread * float(found.sigma[i])
            lower, upper = max(found.centre - half, 0.0), min(found.centre + half, 1.0)
            signal = "beyond the limits" if not lower <= rate <= upper else f"{RUN} in a row on one side" if runs[i] >= RUN else ""
            kind = "Laney p'" if spread > 1 else "p"
            yield msgspec.structs.replace(point, lower=lower, upper=upper, limits=kind, signal=signal)


def _runs(sides: Floats) -> list[int]:
    """For every point, how many in a row up to it lie on its side; a point on the line ends a run."""
    counts, run = [], 0
    for i, side in enumerate(sides):
        run = run + 1 if side and i and side == sides[i - 1] else int(bool(side))
        counts.append(run)
    return counts
