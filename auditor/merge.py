"""Several sites' results as one: which may be added at all, and what the sum says of its origin."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TypeVar

import msgspec

from auditor.counts.disclosure import protect
from auditor.counts.merge import add_calculators, add_rows
from auditor.counts.survey import ADJUSTED_WALD, KORN_GRAUBARD
from auditor.errors import OptionError
from auditor.provenance import auditor_version, library_versions
from auditor.result import AuditResult, CohortSummary, NotAudited, Provenance, Site
from auditor.rows import TABLES, GroupSize

Named = TypeVar("Named", str, tuple[str, str])
OPTIONS = ("by", "reference", "several_races", "arms", "scores", "minimum_count", "internal")
LEFT_OUT = (
    "Bounds, tests of paired change, shrunken and standardised rates, events of harm, metrics of scores, calibration curves, measured values, "
    "equivalents, proxies and the quality of columns are not pooled: sums of sites' rows do not give them. They are in each site's own result."
)


def merge(results: Sequence[AuditResult], names: Sequence[str] = (), calculators: Sequence[str] = ()) -> AuditResult:
    """Add several sites' results; `names` are the sites' (their cohorts' by default), `calculators` ids to keep (all by default).

    A number is pooled where every site shows it; rates, changes, intervals and disparities are computed from the pooled counts.
    Results that differ in calculators, declarations, options or version, that are weighted, or that read the same patients are
    refused with an OptionError that names the difference. The sum of internal results is internal.
    """
    if len(results) < 2:
        raise OptionError("A merger needs the results of at least two sites.")
    names = tuple(names) or tuple(result.cohort.name for result in results)
    _check_names(names, len(results))
    kept = [_chosen(result, calculators) for result in results]
    for name, result in zip(names, kept, strict=True):
        for reason in _unfit(result):
            raise OptionError(f"{name}: {reason}")
    for i, j in combinations(range(len(kept)), 2):
        for difference in (*_differences(kept[i], kept[j], names[i], names[j]), *_overlap(kept[i], kept[j], names[i], names[j])):
            raise OptionError(difference)
    first = kept[0]
    dates = {result.options.date for result in kept}
    options = msgspec.structs.replace(
        first.options, calculators=tuple(c.id for c in first.calculators), date=dates.pop() if len(dates) == 1 else ""
    )
    parts = [[result[c.id] for result in kept] for c in first.calculators]
    pooled = AuditResult(
        provenance=_provenance(kept, names),
        options=options,
        cohort=_cohort(kept, names),
        calculators=tuple(add_calculators(part, names, options) for part in parts),
        not_audited=_not_audited(kept),
        sites=tuple(
            Site(
                site=name,
                cohort=result.cohort.name,
                n=result.cohort.n,
                date=result.options.date,
                auditor=result.provenance.auditor,
                digest=result.fingerprint,
            )
            for name, result in zip(names, results, strict=True)
        ),
    )
    return pooled if options.internal else protect(pooled, options.minimum_count)


def to_text(result: AuditResult) -> str:
    """What a merger holds: the sites, the notes, and how many rows are pooled and how many are not."""
    lines = [
        *result.stamps,
        *(f"{s.site}: {'number suppressed' if s.n is None else f'{s.n:,} patients'} ({s.cohort})" for s in result.sites),
    ]
    lines += result.cohort.notes
    for table in TABLES:
        rows = result.rows(table)
        status = Counter(getattr(row, "status", "ok") for row in rows)
        if rows:
            lines.append(f"{table}: {len(rows):,} rows, {status['suppressed']:,} of them not shown because a site hides them.")
    return "\n".join(lines) + "\n"


def _check_names(names: Sequence[str], number: int) -> None:
    if len(names) != number:
        raise OptionError(f"{number} results need {number} names of sites; {len(names)} are given.")
    for name, times in Counter(names).items():
        if times > 1 or not name.strip():
            raise OptionError(f"Every site needs a name of its own; '{name}' stands {times} times. Give --names A,B.")


def _chosen(result: AuditResult, ids: Sequence[str]) -> AuditResult:
    known = {c.id for c in result.calculators}
    for id in ids:
        if id not in known:
            raise OptionError(f"'{id}' is not in the result of {result.cohort.name}; it holds {', '.join(sorted(known))}.")
    return result if not ids else msgspec.structs.replace(result, calculators=tuple(result[id] for id in dict.fromkeys(ids)))


def _differences(a: AuditResult, b: AuditResult, first: str, second: str) -> Iterator[str]:
    """Why two results are not of one kind."""
    if a.provenance.auditor != b.provenance.auditor:
        yield f"{first} was made with auditor {a.provenance.auditor}, {second} with {b.provenance.auditor}. Run both audits with one version."
    for option in OPTIONS:
        x, y = getattr(a.options, option), getattr(b.options, option)
        if x != y:
            yield f"The results differ in {option}: {x} in {first}, {y} in {second}."
    for what in ("outcome", "synthetic", "weighted"):
        x, y = getattr(a.cohort, what), getattr(b.cohort, what)
        if x != y:
            yield f"The cohorts differ in {what}: {x or 'none'} in {first}, {y or 'none'} in {second}."
    ids, others = {c.id for c in a.calculators}, {c.id for c in b.calculators}
    if ids != others:
        missing = [
            f"only in {name}: {', '.join(sorted(found))}" for name, found in ((first, ids - others), (second, others - ids)) if found
        ]
        yield f"The results hold different calculators ({'; '.join(missing)}). Name those to pool with --calculators."
    for id in sorted(ids & others):
        if a[id].card != b[id].card:
            yield f"{id}: the numbers or decisions declared for it differ between {first} and {second}."
        if a[id].setting != b[id].setting:
            yield f"{id}: it was audited on other patients in {first} ({a[id].setting or 'all'}) than in {second} ({b[id].setting or 'all'})."


def _overlap(a: AuditResult, b: AuditResult, first: str, second: str) -> Iterator[str]:
    """Why two results seem to count the same patients."""
    if a.fingerprint == b.fingerprint:
        yield f"{first} and {second} are the same result."
    files = {digest for _, digest, _ in a.provenance.inputs if digest} & {digest for _, digest, _ in b.provenance.inputs if digest}
    if files:
        shared = [name for name, digest, _ in a.provenance.inputs if digest in files]
        yield f"{first} and {second} read the same file ({', '.join(shared)}): its patients would count twice."
    if a.cohort.synthetic and [name for name, *_ in a.provenance.inputs] == [name for name, *_ in b.provenance.inputs]:
        yield f"{first} and {second} are the same synthetic patients."
    if a.cohort.n is not None and _counts(a) == _counts(b):
        yield f"{first} and {second} show the same counts throughout: the same patients would count twice."


def _counts(result: AuditResult) -> dict[str, object]:
    return {c.id: (c.coverage, c.changes, c.transitions) for c in result.calculators}


def _unfit(result: AuditResult) -> Iterator[str]:
    """Why one result cannot be added to others."""
    if result.sites:
        yield "it is a merger already; give the sites' own results."
    if result.cohort.weighted:
        yield "it is weighted; results do not keep what the intervals of a sum of weighted results need."
    if any(
        ADJUSTED_WALD in method or KORN_GRAUBARD in method
        for c in result.calculators
        for method in (*(r.method for r in c.changes), *(r.method for r in c.metrics))
    ):
        yield "its intervals follow a survey design, which results do not keep."


def _provenance(results: Sequence[AuditResult], names: Sequence[str]) -> Provenance:
    declarations = "\n".join(f"{c.id} {c.card.fingerprint}" for c in results[0].calculators)
    return Provenance(
        auditor=auditor_version(),
        versions=library_versions(),
        inputs=tuple(
            (f"{name}: {file}", digest, rows)
            for name, result in zip(names, results, strict=True)
            for file, digest, rows in result.provenance.inputs
        ),
        declarations=hashlib.sha256(declarations.encode()).hexdigest(),
    )


def _cohort(results: Sequence[AuditResult], names: Sequence[str]) -> CohortSummary:
    sizes = [result.cohort.n for result in results]
    duplicates = [result.cohort.duplicate_ids for result in results]
    groups: tuple[GroupSize, ...] = add_rows([result.cohort.groups for result in results], ("by", "group"), ("n",))
    order = list(dict.fromkeys(row.by for row in groups))
    return CohortSummary(
        name=f"{len(results)} sites: {', '.join(names)}",
        source=f"results of {len(results)} sites",
        synthetic=results[0].cohort.synthetic,
        n=None if None in sizes else sum(n or 0 for n in sizes),
        weighted=False,
        outcome=results[0].cohort.outcome,
        groups=tuple(sorted(groups, key=lambda row: order.index(row.by))),
        duplicate_ids=None if None in duplicates else sum(n or 0 for n in duplicates),
        race_policy=tuple(dict.fromkeys(line for result in results for line in result.cohort.race_policy)),
        notes=tuple(_notes(results, names)),
    )


def _notes(results: Sequence[AuditResult], names: Sequence[str]) -> Iterator[str]:
    yield f"Pooled from {len(results)} sites ({', '.join(names)}): a number is the sum of all sites, and shown only where every site shows it."
    yield "A patient who is in the cohorts of several sites counts at each of them; results cannot say who."
    yield LEFT_OUT
    for calculator in results[0].calculators:
        lost = _not_everywhere([{arm.id for arm in result[calculator.id].arms} for result in results])
        if lost:
            yield f"{calculator.id}: not every site has {', '.join(lost)}, which are not pooled."
    found = [{(row.by, row.group) for row in result.cohort.groups} for result in results]
    for by, group in _not_everywhere(found):
        where = [name for name, groups in zip(names, found, strict=True) if (by, group) in groups]
        yield f"The group {group} ({by}) is only in {', '.join(where)}."
    if len({result.provenance.versions for result in results}) > 1:
        yield "The sites ran the audit with different versions of libraries."
    for name, result in zip(names, results, strict=True):
        for note in result.cohort.notes:
            yield f"{name}: {note}"


def _not_everywhere(found: Sequence[set[Named]]) -> list[Named]:
    """What is in some of the sets and not in all of them."""
    return [item for item in sorted(set().union(*found)) if not all(item in one for one in found)]


def _not_audited(results: Sequence[AuditResult]) -> tuple[NotAudited, ...]:
    """The calculators that no site could audit."""
    served: set[str] = {c.id for result in results for c in result.calculators}
    common = set.intersection(*({n.id for n in result.not_audited} for result in results)) - served
    return tuple(n for n in results[0].not_audited if n.id in common)
