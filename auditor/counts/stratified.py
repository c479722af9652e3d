"""Two groups compared within strata (sites) and combined: Cochran-Mantel-Haenszel, common odds ratio and risk difference, heterogeneity.

Sources: Cochran 1954, Biometrics 10:417; Mantel and Haenszel 1959, J Natl Cancer Inst 22:719; Robins, Breslow and Greenland 1986,
Biometrics 42:311 (variance of the log odds ratio); Sato 1989, Biometrics 45:1323 (variance of the difference); Breslow and Day
1980, Statistical Methods in Cancer Research I, with the correction of Tarone 1985, Biometrika 72:91; Mantel and Fleiss 1980, Am J
Epidemiol 112:129 (when the test may be trusted).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from auditor.counts.disparity import EVERYONE
from auditor.counts.significance import EXPLORATORY, adjust
from auditor.counts.tables import Subject
from auditor.rows import Stratified

LEAST_EXPECTED = 5.0
NORMAL_QUANTILE = 1.959963984540054

Strata = NDArray[np.float64]


@dataclass(frozen=True)
class Combined:
    """What strata say together; NaN where they say nothing. `trusted` is False where too few patients stand behind the test."""

    odds_ratio: float
    odds_lower: float
    odds_upper: float
    difference: float
    lower: float
    upper: float
    chi2: float
    p: float
    trusted: bool


def combine(yes: Strata, n: Strata, yes_reference: Strata, n_reference: Strata) -> Combined:
    """Combine strata, each array one count per stratum: yes and all of the group, yes and all of the reference group."""
    keep = (n > 0) & (n_reference > 0)
    a, n1, c, n0 = yes[keep], n[keep], yes_reference[keep], n_reference[keep]
    total = n1 + n0
    odds, odds_lower, odds_upper = _odds_ratio(a, n1 - a, c, n0 - c)
    difference, lower, upper = _difference(a, n1, c, n0)
    expected = n1 * (a + c) / total
    variance = float((n1 * n0 * (a + c) * (total - a - c) / (total**2 * (total - 1))).sum())
    chi2 = float((a - expected).sum() ** 2 / variance) if variance > 0 else np.nan
    least, most = np.maximum(0.0, a + c - n0).sum(), np.minimum(a + c, n1).sum()
    trusted = bool(min(expected.sum() - least, most - expected.sum()) >= LEAST_EXPECTED)
    return Combined(odds, odds_lower, odds_upper, difference, lower, upper, chi2, _p(chi2, 1), trusted)


def heterogeneity(yes: Strata, n: Strata, yes_reference: Strata, n_reference: Strata, odds_ratio: float) -> tuple[float, int, float]:
    """The Breslow-Day statistic with Tarone's correction, its degrees of freedom and p-value.

    NaN with fewer than two strata that can differ, or where a cell of theirs is expected to hold fewer than 5 patients.
    """
    both = yes + yes_reference
    keep = (n > 0) & (n_reference > 0) & (both > 0) & (both < n + n_reference)
    a, n1, both, n0 = yes[keep], n[keep], both[keep], n_reference[keep]
    degrees = len(a) - 1
    if degrees < 1 or not 0 < odds_ratio < np.inf:
        return np.nan, max(degrees, 0), np.nan
    expected = _expected(n1, n0, both, odds_ratio)
    cells = np.stack([expected, n1 - expected, both - expected, n0 - both + expected])
    if (cells < LEAST_EXPECTED).any():
        return np.nan, degrees, np.nan
    variance = 1 / (1 / cells).sum(axis=0)
    statistic = float(((a - expected) ** 2 / variance).sum() - (a - expected).sum() ** 2 / variance.sum())
    return statistic, degrees, _p(statistic, degrees)


def stratified_rows(subject: Subject, arm: str, by: str, yes: Strata, n: Strata, reference: NDArray[np.int64]) -> Iterator[Stratified]:
    """Every group of a grouping against its reference; `yes` and `n` are (sites, groups, decisions), NaN where a site hides them.

    Against everyone, a group is compared with everyone else. Nothing is combined where a site hides one of the two groups.
    """
    for d, decision in enumerate(subject.decisions):
        r = int(reference[d])
        for g in subject.groups.grouping(by):
            if g == r:
                continue
            own, base = (yes[:, g, d], n[:, g, d]), (yes[:, r, d], n[:, r, d])
            if r == EVERYONE:
                base = (base[0] - own[0], base[1] - own[1])
            hiding = int(np.isnan(np.stack([*own, *base])).any(axis=0).sum())
            row = Stratified(
                calculator=subject.calculator,
                decision=decision,
                arm=arm,
                by=by,
                reference=subject.groups.label[r],
                group=subject.groups.label[g],
                hiding=hiding,
            )
            yield msgspec.structs.replace(row, status="suppressed") if hiding else _filled(row, own, base)


def adjusted(rows: Sequence[Stratified]) -> tuple[Stratified, ...]:
    """The rows with p-values adjusted among all of them (Benjamini and Hochberg 1995)."""
    found = list(rows)
    for name, target in (("p", "adjusted"), ("heterogeneity_p", "heterogeneity_adjusted")):
        known = [i for i, row in enumerate(found) if getattr(row, name) is not None]
        for i, p in zip(known, adjust(np.array([getattr(found[i], name) for i in known]), EXPLORATORY).tolist(), strict=True):
            found[i] = msgspec.structs.replace(found[i], **{target: p})
    return tuple(found)


def _filled(row: Stratified, own: tuple[Strata, Strata], base: tuple[Strata, Strata]) -> Stratified:
    sites = int(((own[1] > 0) & (base[1] > 0)).sum())
    found = combine(*own, *base)
    if sites < 2 or found.chi2 != found.chi2:
        return msgspec.structs.replace(row, sites=sites, status="not_estimable")
    spread, degrees, spread_p = heterogeneity(*own, *base, found.odds_ratio)
    numbers = {
        name: None if value != value else value
        for name, value in (
            ("odds_ratio", found.odds_ratio),
            ("odds_lower", found.odds_lower),
            ("odds_upper", found.odds_upper),
            ("difference", found.difference),
            ("lower", found.lower),
            ("upper", found.upper),
            ("chi2", found.chi2),
            ("p", found.p),
            ("heterogeneity", spread),
            ("heterogeneity_p", spread_p),
        )
    }
    shown = {**numbers, "degrees": None if numbers["heterogeneity"] is None else degrees}
    return msgspec.structs.replace(row, sites=sites, **shown, status="ok" if found.trusted else "imprecise")


def _odds_ratio(a: Strata, b: Strata, c: Strata, d: Strata) -> tuple[float, float, float]:
    total = a + b + c + d
    r, s = a * d / total, b * c / total
    if not r.sum() or not s.sum():
        return np.nan, np.nan, np.nan
    p, q = (a + d) / total, (b + c) / total
    big_r, big_s = r.sum(), s.sum()
    variance = (p * r).sum() / (2 * big_r**2) + (p * s + q * r).sum() / (2 * big_r * big_s) + (q * s).sum() / (2 * big_s**2)
    half = NORMAL_QUANTILE * np.sqrt(variance)
    log = np.log(big_r / big_s)
    return float(big_r / big_s), float(np.exp(log - half)), float(np.exp(log + half))


def _difference(a: Strata, n1: Strata, c: Strata, n0: Strata) -> tuple[float, float, float]:
    total = n1 + n0
    weight = (n1 * n0 / total).sum()
    if not weight:
        return np.nan, np.nan, np.nan
    difference = float((a * n0 / total - c * n1 / total).sum() / weight)
    first = (c * (n1 / total) ** 2 - a * (n0 / total) ** 2 + (n1 / total) * (n0 / total) * (n0 - n1) / 2).sum()
    second = ((a * (n0 - c) + c * (n1 - a)) / total).sum() / 2
    half = NORMAL_QUANTILE * np.sqrt(max(difference * first + second, 0.0)) / weight
    return difference, float(difference - half), float(difference + half)


def _expected(n1: Strata, n0: Strata, both: Strata, odds_ratio: float) -> Strata:
    """The group's yes in every stratum under a common odds ratio: the root of a quadratic equation that lies within the margins."""
    a = 1 - odds_ratio
    b = odds_ratio * (n1 + both) + n0 - both
    c = -odds_ratio * n1 * both
    root = np.sqrt(b * b - 4 * a * c)
    return np.asarray(np.where(b > 0, -2 * c / (b + root), (root - b) / (2 * a if a else 1.0)))


def _p(chi2: float, degrees: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(degrees, chi2)) if chi2 == chi2 else np.nan
