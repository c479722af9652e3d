"""Several sites' tables of one calculator added to one: a number is pooled only where every site shows it.

Everything here is computed from the rows that sites show, so it says nothing that these rows do not say together. A site
without a row counts nobody there; a row that one site hides is hidden in the sum, with everything computed from it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TypeVar, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from auditor.counts.disclosure import hide
from auditor.counts.disparity import BEST, references
from auditor.counts.disparity import OVERALL as EVERYONE
from auditor.counts.groups import ALL, OVERALL
from auditor.counts.metrics import OUTCOME_AND_YES, SELECTION_RATE, WITH_OUTCOME
from auditor.counts.paired import WITH_RACE, Paired, Tensor
from auditor.counts.scales import Cut, Operator, Scale
from auditor.counts.sites import Key, Sites
from auditor.counts.stratified import adjusted, stratified_rows
from auditor.counts.tables import AMONG, Subject, change_rows, disparity_rows, generator_of, metric_rows
from auditor.result import CalculatorResult, Options
from auditor.rows import Change, Disparity, Metric, Row, Shift, SiteChange, Stratified, Transition

COVERED = ("n", "scored", "missing_input", "out_of_range", "no_row", "unlisted", "unknown_race", "outside_derivation", "term_applied")
PAIRED = ("n", "yes_with", "yes_arm", "gained", "lost")

AnyRow = TypeVar("AnyRow", bound=Row)
Hidden = NDArray[np.bool_]


def add_rows(parts: Sequence[Sequence[AnyRow]], keys: Sequence[str], counts: Sequence[str]) -> tuple[AnyRow, ...]:
    """The sum of rows with equal keys; a count that any site hides is None, and a row without its first count is suppressed."""
    found: dict[Key, list[AnyRow]] = {}
    for part in parts:
        for row in part:
            found.setdefault(tuple(getattr(row, key) for key in keys), []).append(row)
    return tuple(_sum(rows, counts) for rows in found.values())


def add_calculators(parts: Sequence[CalculatorResult], names: Sequence[str], options: Options) -> CalculatorResult:
    """One calculator at several sites (with equal cards, without weights) as one, with every site's changes beside the sums.

    What sums of rows do not give is left empty: bounds, significance, shrunken and standardised rates, events, and metrics of the
    score itself.
    """
    sites = Sites.of(parts)
    kept = {a.id for a in sites.arms}
    groups = {name: i for i, name in enumerate(dict.fromkeys(sites.groups.by))}
    coverage = add_rows([part.coverage for part in parts], ("by", "group"), COVERED)
    transitions = add_rows(
        [[r for r in part.transitions if r.arm in kept] for part in parts], ("categories", "arm", "by", "group", "from_", "to"), ("n",)
    )
    changes: list[Change] = []
    metrics: list[Metric] = []
    disparities: list[Disparity] = []
    stratified: list[Stratified] = []
    for subject, arm in _subjects(sites, options):
        metrics += _metrics(sites, subject, arm)
        stratified += _compared(sites, subject, arm)
        if arm != WITH_RACE:
            changes += _changes(sites, subject, arm, transitions)
            disparities += _disparities(sites, subject, arm, transitions)
    return CalculatorResult(
        card=parts[0].card,
        arms=sites.arms,
        coverage=tuple(sorted(coverage, key=lambda row: groups[row.by])),
        changes=_present(changes, (r for part in parts for r in part.changes), ("decision", "arm", "by", "group")),
        transitions=transitions,
        metrics=_present(metrics, (r for part in parts for r in part.metrics), ("decision", "arm", "by", "group", "metric")),
        disparities=tuple(disparities),
        shifts=tuple(_shifts([[r for r in part.shifts if r.arm in kept] for part in parts])),
        outcome_changes=add_rows(
            [[r for r in part.outcome_changes if r.arm in kept] for part in parts], ("decision", "arm", "by", "group", "outcome"), PAIRED
        ),
        site_changes=tuple(_site_changes(parts, names, kept)),
        stratified=adjusted(stratified),
        setting=parts[0].setting,
        illustrative=tuple(dict.fromkeys(name for part in parts for name in part.illustrative)),
    )


def _sum(rows: Sequence[AnyRow], counts: Sequence[str]) -> AnyRow:
    given = {count: [getattr(row, count) for row in rows] for count in counts}
    sums = {count: None if None in values else sum(values) for count, values in given.items()}
    return hide(rows[0]) if sums[counts[0]] is None else msgspec.structs.replace(rows[0], **sums, status="ok")


def _subjects(sites: Sites, options: Options) -> Iterator[tuple[Subject, str]]:
    """Every output that decisions are made on in every arm, with race first."""
    card = sites.parts[0].card
    cuts = {d.id: (d.output, Cut(d.id, cast(Operator, d.operator), d.cutoff, d.yes_means)) for d in card.decisions}
    decided = list(sites.with_race)
    arms = (WITH_RACE, *dict.fromkeys(arm for _, arm in sites.counts))
    for output in dict.fromkeys(cuts[decision][0] for decision in decided):
        given = {arm: [d for d in decided if cuts[d][0] == output and (arm == WITH_RACE or (d, arm) in sites.counts)] for arm in arms}
        family = tuple(arm for arm in arms if given[arm] and arm != WITH_RACE and not arm.startswith("as_if:"))
        for arm, mine in given.items():
            if mine:
                scale = Scale(output, tuple(cuts[d][1] for d in mine))
                yield Subject(card.id, scale, sites.groups, options, sites.untouched, arms=family), arm


def _changes(sites: Sites, subject: Subject, arm: str, transitions: Sequence[Transition]) -> Iterator[Change]:
    paired, hidden = _paired(sites, subject, arm, transitions)
    for row in change_rows(subject, arm, paired):
        yield _masked(row, sites, subject, hidden)


def _metrics(sites: Sites, subject: Subject, arm: str) -> Iterator[Metric]:
    if arm.startswith("as_if:"):
        return
    yes, n = _shares(sites, subject, arm)
    shares = {SELECTION_RATE: (yes, n)}
    for metric in WITH_OUTCOME if sites.outcomes else ():
        outcome, said = OUTCOME_AND_YES[metric]
        by_outcome = [_stacked(sites, subject, arm, str(o)) for o in (0, 1)]
        answers = [table[..., 2] if said else table[..., 0] - table[..., 2] for table in by_outcome]
        among = answers[0] + answers[1] if metric.endswith("predictive_value") else by_outcome[outcome][..., 0]
        shares[metric] = (answers[outcome], among)
    for metric, (numerator, denominator) in shares.items():
        top, bottom = np.asarray(numerator.sum(axis=0)), np.asarray(denominator.sum(axis=0))
        hidden = np.isnan(top) | np.isnan(bottom)
        top, bottom = np.where(hidden, 0.0, top), np.where(hidden, 0.0, bottom)
        for row in metric_rows(subject, arm, {metric: (_thrice(top), _thrice(bottom))}):
            yield _masked(row, sites, subject, hidden)


def _disparities(sites: Sites, subject: Subject, arm: str, transitions: Sequence[Transition]) -> Iterator[Disparity]:
    if arm.startswith("as_if:"):
        return
    for metric, among in AMONG.items():
        if among is not None and not sites.outcomes:
            continue
        outcome = "" if among is None else str(among)
        paired, hidden = _paired(sites, subject, arm, transitions, outcome)
        n = _eligible(sites, subject, hidden)

        @cache
        def draw(paired: Paired = paired, metric: str = metric) -> Tensor:
            return _replicates(subject, paired, generator_of(subject, arm, metric))

        for row in disparity_rows(subject, arm, metric, paired, n, None if subject.options.reference == EVERYONE else draw):
            d = subject.decisions.index(row.decision)
            reference = sites.places.get((row.by, row.reference), sites.places.get((OVERALL, ALL), 0))
            gone = hidden[sites.places[row.by, row.group], d] or hidden[reference, d]
            yield hide(row) if gone else row


def _compared(sites: Sites, subject: Subject, arm: str) -> Iterator[Stratified]:
    if arm.startswith("as_if:"):
        return
    yes, n = _shares(sites, subject, arm)
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = np.nan_to_num(yes.sum(axis=0) / n.sum(axis=0))
    n_shown = _eligible(sites, subject, np.isnan(yes.sum(axis=0)))
    for by in sites.groups.contrasted:
        reference = references(sites.groups, by, subject.options.reference, n_shown, rates, subject.scale.cuts)
        if reference is not None:
            yield from stratified_rows(subject, arm, by, yes, n, reference)


def _paired(
    sites: Sites, subject: Subject, arm: str, transitions: Sequence[Transition], outcome: str = ""
) -> tuple[Paired, NDArray[np.bool_]]:
    """The sums over sites as paired counts, 0 where any site hides them, and where that is: (groups, decisions).

    Moves between categories are not known by outcome: a group that moves both ways is taken to do so with either outcome.
    """
    sums = np.asarray(_stacked(sites, subject, arm, outcome).sum(axis=0))
    hidden = np.isnan(sums).any(axis=-1)
    sums = np.where(hidden[..., None], 0.0, sums)
    above = np.array([cut.yes_above for cut in subject.scale.cuts], dtype=bool)
    gained, lost = sums[..., 3], sums[..., 4]
    up, down = np.where(above, gained, lost).max(axis=1), np.where(above, lost, gained).max(axis=1)
    further = _moved(transitions, sites, subject, arm)
    if outcome:
        further = np.where(further.all(axis=0), 1.0, 0.0)[None, :].repeat(2, axis=0)
    up, down = np.maximum(up, further[0]), np.maximum(down, further[1])
    moves = np.zeros((len(sites.groups), 2, 2))
    moves[:, 0, 1], moves[:, 1, 0] = up, down
    total, yes_with, yes_arm, gained, lost = (_thrice(sums[..., i]) for i in range(5))
    return Paired(total, yes_with, yes_arm, gained, lost, _thrice(moves), above), hidden


def _moved(transitions: Iterable[Transition], sites: Sites, subject: Subject, arm: str) -> Tensor:
    """Patients who are seen to move up and down the categories of an output: (2, groups), the most that any categories show."""
    labels = {bands.id: bands.labels for bands in sites.parts[0].card.bands if bands.output == subject.scale.output}
    seen: dict[str, Tensor] = {}
    for row in transitions:
        if row.arm == arm and row.categories in labels and row.from_ != row.to:
            order = labels[row.categories].index
            table = seen.setdefault(row.categories, np.zeros((2, len(sites.groups))))
            table[int(order(row.to) < order(row.from_)), sites.places[row.by, row.group]] += row.n or 0
    return np.asarray(np.max([np.zeros((2, len(sites.groups))), *seen.values()], axis=0))


def _shares(sites: Sites, subject: Subject, arm: str) -> tuple[Tensor, Tensor]:
    """Patients with a yes in an arm, and all: (sites, groups, decisions) each."""
    if arm == WITH_RACE:
        both = np.stack([sites.with_race[d] for d in subject.decisions], axis=2)
        return both[..., 1], both[..., 0]
    table = _stacked(sites, subject, arm)
    return table[..., 2], table[..., 0]


def _stacked(sites: Sites, subject: Subject, arm: str, outcome: str = "") -> Tensor:
    """The paired counts of every site, of everyone or those with one outcome: (sites, groups, decisions, 5)."""
    none = np.zeros((len(sites.parts), len(sites.groups), 5))
    tables: Mapping[Key, Tensor] = sites.outcomes if outcome else sites.counts
    return np.stack([tables.get((d, arm, outcome) if outcome else (d, arm), none) for d in subject.decisions], axis=2)


def _eligible(sites: Sites, subject: Subject, hidden: Hidden) -> Tensor:
    """The patients by whom the largest group is found; where the best group is the reference, only groups with all rates shown count."""
    return np.where(hidden.any(axis=1), 0.0, sites.scored) if subject.options.reference == BEST else sites.scored


def _replicates(subject: Subject, paired: Paired, rng: np.random.Generator) -> Tensor:
    """The change of every group and decision in resamples of each grouping's patients: (groups, decisions, replicates)."""
    n, gained, lost = paired.total[0], paired.gained[0], paired.lost[0]
    found = np.full((*n.shape, subject.options.replicates), np.nan)
    for by in subject.groups.contrasted:
        places = subject.groups.grouping(by)
        for d in range(n.shape[1]):
            counts = np.stack([gained[places, d], lost[places, d], (n - gained - lost)[places, d]], axis=1)
            if counts.sum():
                drawn = rng.multinomial(int(counts.sum()), counts.ravel() / counts.sum(), size=found.shape[-1]).reshape(-1, *counts.shape)
                with np.errstate(divide="ignore", invalid="ignore"):
                    found[places, d] = ((drawn[..., 0] - drawn[..., 1]) / drawn.sum(axis=-1)).T
    return found


def _shifts(parts: Sequence[Sequence[Shift]]) -> Iterator[Shift]:
    """Means over all sites' patients, each site's mean by its patients."""
    found: dict[Key, list[Shift]] = {}
    for part in parts:
        for row in part:
            found.setdefault((row.output, row.arm, row.by, row.group), []).append(row)
    for rows in found.values():
        if any(row.n is None for row in rows):
            yield hide(rows[0])
            continue
        total = sum(row.n or 0 for row in rows)
        means = {name: sum((row.n or 0) * (getattr(row, name) or 0.0) for row in rows) for name in ("mean_with", "mean_arm", "mean_change")}
        shown = {name: value / total if total else None for name, value in means.items()}
        yield msgspec.structs.replace(rows[0], n=total, **shown, status="ok" if total else "not_estimable")


def _site_changes(parts: Sequence[CalculatorResult], names: Sequence[str], arms: Collection[str]) -> Iterator[SiteChange]:
    shared = [name for name in SiteChange.__struct_fields__ if name != "site"]
    for part, site in zip(parts, names, strict=True):
        for row in part.changes:
            if row.arm in arms and not row.arm.startswith("as_if:"):
                yield SiteChange(site=site, **{name: getattr(row, name) for name in shared})


def _masked(row: AnyRow, sites: Sites, subject: Subject, hidden: Hidden) -> AnyRow:
    found = cast(Change, row)
    return hide(row) if hidden[sites.places[found.by, found.group], subject.decisions.index(found.decision)] else row


def _present(rows: Iterable[AnyRow], given: Iterable[AnyRow], keys: Sequence[str]) -> tuple[AnyRow, ...]:
    """The rows whose keys some site's rows have."""
    seen = {tuple(getattr(row, key) for key in keys) for row in given}
    return tuple(row for row in rows if tuple(getattr(row, key) for key in keys) in seen)


def _thrice(counts: Tensor) -> Tensor:
    """Patients, weights and squared weights, where everybody weighs 1."""
    return np.stack([counts, counts, counts])
