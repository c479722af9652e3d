"""The audit: cohort -> scores -> decisions -> cells -> metrics -> result. It reads like the picture and has no logic of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any, get_args

import msgspec

from auditor.counts.cells import Cells
from auditor.counts.conditional import gap_rows
from auditor.counts.coverage import group_sizes
from auditor.counts.differencing import Told, beside, told, told_text
from auditor.counts.disclosure import protect
from auditor.counts.events import event_rows
from auditor.counts.one_thread import one_thread
from auditor.counts.score_bins import ScoreTable
from auditor.counts.years import equivalent_rows
from auditor.errors import MissingColumn, OptionError, TooFewPatients
from auditor.memory import give_back
from auditor.patients.arms import Armed, Arms, arm, chosen, resolve
from auditor.patients.cohort import Cohort, Request, read_cohort
from auditor.patients.engines.local import Progress, tally
from auditor.patients.equivalents import count_equivalents
from auditor.patients.events import Events, count_events, read_events
from auditor.patients.proxy import RACE, proxy_rows
from auditor.patients.quality import Quality, nobody_scored, quality_rows
from auditor.patients.race import UNSTATED, SeveralRaces, policy_text
from auditor.patients.tally import Counted, Plan
from auditor.provenance import provenance
from auditor.result import AuditResult, CalculatorResult, CohortSummary, NotAudited, Options
from auditor.result_file import load
from auditor.rows import GroupSize
from auditor.second_process import each
from auditor.tabling import Tabling, load_tools
from calculators.registry import Registry, registry

CHAINS = ("kdigo_ga_2024_from_ckd_epi_cr_2009", "kfre_4var_2016_from_ckd_epi_cr_2009", "prevent_2023_base_from_ckd_epi_cr_2009")

NO_FAULT = (
    "How well inputs predict recorded race was measured by cross-validation. A high area under the curve alone is no fault: people differ in what "
    "is measured; it says that leaving the race term out does not leave out everything that goes with it."
)

NO_GAPS = "How far scores separate groups given the outcome was not asked for: --no-scores leaves it out."

REPEATED = (
    "Some rows are further visits of patients who have a row already. Intervals take rows as independent and are too narrow; "
    "keep one row of each patient with --one-per-patient, or name the patients' column with --psu."
)


@dataclass(frozen=True)
class Served:
    """What a cohort can serve: calculators ready to be scored, and the others with what they lack."""

    armed: tuple[Armed, ...]
    not_audited: tuple[NotAudited, ...]


@one_thread()
def audit(
    cohort: Any = None,
    calculators: Sequence[str] | str = "all",
    by: Sequence[str] = ("race",),
    *,
    reference: str = "largest",
    outcome: str = "",
    truth: str | Sequence[str] = (),
    weights: str = "",
    strata: str = "",
    psu: str = "",
    one_per_patient: str = "",
    several_races: SeveralRaces = "any_mention",
    arms: Arms = "all",
    scores: bool = True,
    minimum_count: int = 11,
    internal: bool = False,
    seed: int = 0,
    replicates: int = 1000,
    date: str = "",
    mapping: Any = None,
    events: Any = None,
    counterfactual: bool = False,
    proxy: bool = False,
    previous: AuditResult | str | PathLike[str] | None = None,
    progress: Progress | None = None,
    processes: int | None = None,
) -> AuditResult:
    """Audit calculators on a cohort (a `Cohort`, a path, a data frame, or None for the embedded one).

    `calculators` is "all" (every one that the cohort can serve) or ids; `by` names the attributes to group by. `truth` names columns
    that hold the measured value of an output, as "COLUMN=OUTPUT". `arms` "main" leaves out the arms that score everyone as if they
    belonged to one group, and without `scores` decisions alone are held against the outcome, not the scores themselves (AUROC,
    calibration, Brier score): both take less time. `strata` and `psu` name the columns of a survey design; `one_per_patient`
    ("first" or "last") keeps one row of each patient when a file is read.
    `events` is a file of events of harm, joined to the decisions and kept as counts. `processes` share the work (by default two on Linux,
    and one per core for 2 million rows and more); the result is the same. Where this result and `previous`, an earlier one of the
    same patients (or its path), would together tell of few, this is refused, or (`internal`) said. `counterfactual` adds what race
    terms are worth in years of age, `proxy` how well inputs predict recorded race and how far scores separate groups given the outcome.
    Small numbers are suppressed unless `internal`. Errors: UnknownCalculator, MissingColumn, CohortError, TooFewPatients.
    """
    patients = cohort if isinstance(cohort, Cohort) else read_cohort(cohort, mapping=mapping, one_per_patient=one_per_patient)
    if several_races not in get_args(SeveralRaces):
        raise OptionError(f"several_races is one of {', '.join(get_args(SeveralRaces))}, not '{several_races}'.")
    if arms not in get_args(Arms):
        raise OptionError(f"arms is one of {', '.join(get_args(Arms))}, not '{arms}'.")
    known = registry()
    served = serve(patients, calculators, known)
    outcome, weights = outcome or patients.outcome, weights or patients.weights
    by = tuple(dict.fromkeys(by))
    strata, psu = strata or patients.strata, psu or patients.psu
    if strata and not psu:
        raise OptionError("Strata need sampling units: give --psu, or psu in the mapping file.")
    inputs = tuple(dict.fromkeys(n for a in served.armed for n in a.inputs))
    measured = _truths(truth, patients, served)
    request = Request(inputs=inputs, by=by, outcome=outcome, weights=weights, strata=strata, psu=psu, measured=measured)
    levels = {attribute: patients.levels(attribute) for attribute in by}
    _check_reference(reference, levels)
    plans = [Plan.of(chosen(a, arms), keys_of(patients, request), several_races, scores) for a in served.armed]
    hides = not internal or previous is not None
    counted, everyone, quality = tally(patients, request, plans, progress, processes, lambda: load_tools(hides))
    if not internal and everyone.total < minimum_count:
        raise TooFewPatients(
            f"'{patients.name}' has fewer than {minimum_count} patients: every number would be suppressed. See --internal."
        )
    if not any(one.coverage.at("fate", "scored").total for one in counted):
        raise TooFewPatients(f"No patient of '{patients.name}' can be scored: {nobody_scored(quality, dict(patients.offers))}.")
    if outcome and not everyone.known("outcome").total:
        raise OptionError(
            f"'{outcome}' says of no patient whether the outcome happened. Write 1 or 0, yes or no, or say in a mapping file which words mean which."
        )
    _check_measured(measured, counted)
    options = Options(
        calculators=() if calculators == "all" else tuple([calculators] if isinstance(calculators, str) else calculators),
        by=by,
        reference=reference,
        several_races=several_races,
        arms=arms,
        scores=scores,
        minimum_count=minimum_count,
        internal=internal,
        seed=seed,
        replicates=replicates,
        date=date,
    )
    scored = [one.scored for one in counted] if proxy else []
    groups = group_sizes(everyone, by, bool(weights))
    tabling = Tabling(plans, list(counted), options, bool(weights), outcome, known, patients, groups, hides=hides)
    del counted
    load_tools(hides)
    give_back()
    made = each(len(plans), tabling.make, tabling.pack, tabling.unpack, beside=False if processes == 1 else None)
    results = tuple(one.result for one in made)
    harm = read_events(events) if events else None
    if harm:
        ungrouped_by_design = [replace(plan, by={key: plan.by[key] for key in by}, scores=False) for plan in plans]
        results, notes = _with_events(results, ungrouped_by_design, patients, request, harm, options)
        patients = replace(patients, notes=(*patients.notes, *notes))
    if counterfactual:
        results, notes = _with_equivalents(results, plans, patients, request)
        patients = replace(patients, notes=(*patients.notes, *notes))
    if proxy:
        results, notes = _with_proxies(results, plans, scored, patients, request, options)
        patients = replace(patients, notes=(*patients.notes, *notes))
    result = AuditResult(
        provenance=provenance((a.calculator for a in served.armed), patients.digests()),
        options=options,
        cohort=_summary(patients, everyone, groups, quality, request, several_races),
        calculators=results,
        not_audited=served.not_audited,
    )
    protected = protect(result, minimum_count, [one.sheets for one in made if one.sheets]) if hides else result
    if previous is None:
        return protected
    earlier = previous if isinstance(previous, AuditResult) else load(previous)
    return (
        _noted(result, told(earlier, protected, minimum_count, result)) if internal else beside(earlier, protected, minimum_count, result)
    )


def _noted(result: AuditResult, found: Sequence[Told]) -> AuditResult:
    """An internal result that says how much it would tell beside an earlier one."""
    if not found:
        return result
    notes = (*result.cohort.notes, f"{told_text(found, result.options.minimum_count)}.")
    return msgspec.structs.replace(result, cohort=msgspec.structs.replace(result.cohort, notes=notes))


def _with_events(
    results: tuple[CalculatorResult, ...], plans: Sequence[Plan], cohort: Cohort, request: Request, events: Events, options: Options
) -> tuple[tuple[CalculatorResult, ...], tuple[str, ...]]:
    """The results with a table of events, and notes; kinds that few patients had are left out, with their names."""
    counted = count_events(cohort, request, plans, events)
    shown = {kind: per_plan for kind, (n, per_plan) in counted.items() if options.internal or n >= options.minimum_count}
    left_out = len(events.kinds) - len(shown)
    notes: tuple[str, ...] = (f"Events of harm were read from {events.path.name}: {', '.join(shown) or 'no kind that may be shown'}.",)
    if left_out:
        notes += (f"{left_out} kinds of events had fewer than {options.minimum_count} patients in this cohort and are left out.",)
    tables = ({kind: per_plan[i].tables for kind, per_plan in shown.items()} for i in range(len(plans)))
    return tuple(msgspec.structs.replace(r, event_changes=event_rows(t, options)) for r, t in zip(results, tables, strict=True)), notes


def _with_equivalents(
    results: tuple[CalculatorResult, ...], plans: Sequence[Plan], cohort: Cohort, request: Request
) -> tuple[tuple[CalculatorResult, ...], tuple[str, ...]]:
    """The results with what their race terms are worth in years of age, and how many of the patients that was counted in."""
    found, step = count_equivalents(cohort, request, plans)
    note = "Equivalent ages were found for " + ("every patient." if step == 1 else f"one patient in {step}, in the order of the file.")
    return tuple(msgspec.structs.replace(r, equivalents=equivalent_rows(r.id, found.get(r.id, []))) for r in results), (note,)


def _with_proxies(
    results: tuple[CalculatorResult, ...],
    plans: Sequence[Plan],
    scored: Sequence[Sequence[ScoreTable]],
    cohort: Cohort,
    request: Request,
    options: Options,
) -> tuple[tuple[CalculatorResult, ...], tuple[str, ...]]:
    """The results with how well inputs predict recorded race and, with an outcome, how far scores separate groups given it; and how to read it."""
    areas = proxy_rows(cohort, request, plans, options.seed)
    gaps = [tuple(gap_rows([replace(t, by=options.by) for t in tables], RACE, bool(request.weights))) for tables in scored]
    extended = [msgspec.structs.replace(r, proxies=(*areas.get(r.id, ()), *gap)) for r, gap in zip(results, gaps, strict=True)]
    return tuple(extended), (NO_FAULT,) if options.scores or not request.outcome else (NO_FAULT, NO_GAPS)


def serve(cohort: Cohort, calculators: Sequence[str] | str, known: Registry) -> Served:
    """Sort the calculators asked for into those that the cohort can serve and the others; none at all is an error."""
    asked = None if calculators == "all" else tuple([calculators] if isinstance(calculators, str) else calculators)
    if asked == ():
        raise OptionError("No calculator is named. Give ids separated by commas, or all.")
    chosen = [known[id] for id in asked] if asked is not None else [*known, *(known[id] for id in CHAINS)]
    offered = set(cohort.offers)
    armed, lacking = [], []
    for calculator in chosen:
        fed, missing = resolve(calculator, offered, known)
        without_race = fed.race is not None and not (cohort.has_race or cohort.has_race_group)
        if missing or without_race:
            needs = (*missing, *(("recorded race",) if without_race else ()))
            reason = f"the cohort has no {', no '.join(needs)}"
            lacking.append(
                NotAudited(id=calculator.id, title=calculator.title, specialty=calculator.specialty, missing=needs, reason=reason)
            )
        else:
            armed.append(arm(fed, offered, known))
    if not armed:
        what = "; ".join(f"{n.id} needs {', '.join(n.missing)}" for n in lacking[:3])
        raise MissingColumn(
            f"The cohort '{cohort.name}' serves none of the calculators asked for ({what}). `auditor check` shows what it offers and lacks."
        )
    if cohort.rows == 0:
        raise TooFewPatients(f"The cohort '{cohort.name}' has no patients.")
    return Served(tuple(armed), tuple(lacking))


def _truths(truth: str | Sequence[str], cohort: Cohort, served: Served) -> tuple[tuple[str, str], ...]:
    """The outputs that were measured with their columns; an output that no calculator gives as a number is an error."""
    asked = [truth] if isinstance(truth, str) and truth else list(truth)
    found = dict(cohort.measured)
    for text in asked:
        column, equals, output = text.rpartition("=")
        if not equals or not column or not output:
            raise OptionError(f"'{text}' is no measured value. Write COLUMN=OUTPUT, such as measured_gfr=egfr.")
        found[output] = column
    given = {o.name for a in served.armed for o in a.calculator.outputs if o.kind == "number"}
    for output in found:
        if output not in given:
            raise OptionError(f"No calculator of this audit gives '{output}' as a number; they give {', '.join(sorted(given))}.")
    return tuple(found.items())


def _check_measured(measured: Sequence[tuple[str, str]], counted: Sequence[Counted]) -> None:
    """A column without a measured value of anybody who is scored is an error."""
    known = {table.output for one in counted for table in one.measured}
    for output, column in measured:
        if output not in known:
            raise OptionError(
                f"'{column}' has no measured {output} of any patient who is scored. Name a column of numbers, in the output's unit."
            )


def _check_reference(reference: str, levels: dict[str, tuple[str, ...]]) -> None:
    known = [level for words in levels.values() for level in words if level not in UNSTATED]
    if reference not in ("largest", "best", "overall", *known) and not set(reference.split(", ")) <= set(known):
        raise OptionError(f"'{reference}' is no reference; write largest, best, overall, or one of the groups {', '.join(known)}.")


def keys_of(cohort: Cohort, request: Request) -> dict[str, tuple[str, ...]]:
    """The attributes by which patients are counted, with their levels: those asked for, then the survey design's."""
    levels = {attribute: cohort.levels(attribute) for attribute in request.by}
    return _with_unknown(levels) | {key: cohort.units(column) for key, column in request.design.items()}


def _with_unknown(levels: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {name: words if any(w in words for w in ("Unknown",)) else (*words, "Unknown") for name, words in levels.items()}


def _summary(
    cohort: Cohort, everyone: Cells, groups: tuple[GroupSize, ...], quality: Quality, request: Request, several_races: SeveralRaces
) -> CohortSummary:
    weighted, duplicates = bool(request.weights), cohort.duplicate_ids()
    left_out = tuple(f"{number:,} patients {what} were left out." for what, number in sorted(quality.left_out.items()))
    return CohortSummary(
        name=cohort.name,
        source=cohort.source,
        synthetic=cohort.synthetic,
        n=everyone.total,
        weighted=weighted,
        weighted_n=everyone.weight if weighted else None,
        outcome=request.outcome,
        groups=groups,
        quality=quality_rows(quality, dict(cohort.offers)),
        duplicate_ids=duplicates,
        race_policy=policy_text(several_races, cohort.asked_apart),
        notes=(*cohort.notes, *left_out, *_design(request, duplicates), *_measured(request)),
    )


def _measured(request: Request) -> tuple[str, ...]:
    """Which outputs are held against measured values."""
    return tuple(f"Measured values of {output} are those of the column '{column}'." for output, column in request.measured)


def _design(request: Request, duplicates: int | None) -> tuple[str, ...]:
    """What the intervals rest on: a survey design, or rows taken as independent although patients recur."""
    if request.psu:
        within = f" within strata (column '{request.strata}')" if request.strata else ""
        return (f"Intervals follow the survey design: sampling units (column '{request.psu}'){within}, Taylor linearisation.",)
    return (REPEATED,) if duplicates else ()
