"""What a result knows about a calculator, as statements for the rows of governance documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from auditor.result import AuditResult, CalculatorResult
from auditor.rows import Coverage, Metric
from reports.exports.personal import ATTRIBUTES, uses
from reports.findings import findings, primary, withheld
from reports.phrases import crossings, removal_of, unlisted_by, untouched, what_race_does
from reports.wording import (
    count,
    everyone,
    group_name,
    kept_apart,
    percent,
    percent_interval,
    point_interval,
    points,
    sentence,
    status_word,
)

ADDRESSED, NOT_INCLUDED, USER = "Addressed", "Not included", "User responsibility"
NOT_AVAILABLE = "not available"
MOST_STATEMENTS = 6
PERFORMANCE = {
    "true_positive_rate": "sensitivity",
    "true_negative_rate": "specificity",
    "positive_predictive_value": "positive predictive value",
    "negative_predictive_value": "negative predictive value",
}


@dataclass(frozen=True)
class Fact:
    """A statement, or (not known) the reason why there is none."""

    text: str
    known: bool = True


def digest(result: AuditResult) -> str:
    """The result's fingerprint: the saved one where it was read from a file."""
    return result.fingerprint


def fact(name: str, result: AuditResult, calculator: CalculatorResult) -> Fact:
    """The statement of this name; without a name, the software cannot know."""
    if not name:
        return Fact("the software cannot know this", known=False)
    if name in ATTRIBUTES:
        found = uses(calculator.card)[name]
        return Fact(f"Yes: {'; '.join(found)}." if found else "No: not among the inputs.")
    return FACTS[name](result, calculator)


def filled(known: Fact, to_do: str, not_available_allowed: bool) -> tuple[str, str]:
    """Status and value of a row: what is known, and what people must add; never blank."""
    if known.known:
        return (USER, f"{known.text} To add: {to_do}") if to_do else (ADDRESSED, known.text)
    if not_available_allowed:
        return NOT_INCLUDED, f"{NOT_AVAILABLE}: {known.text}"
    return USER, f"{sentence(known.text)} To add: {to_do or 'state it, or why it is not known.'}"


def card_text(field: str, reason: str) -> Callable[[AuditResult, CalculatorResult], Fact]:
    """A field of the calculator's card as a statement."""

    def read(_result: AuditResult, calculator: CalculatorResult) -> Fact:
        value = getattr(calculator.card, field)
        text = "; ".join(value) if isinstance(value, tuple) else value
        return Fact(text if text.endswith(".") else f"{text}.") if text else Fact(reason, known=False)

    return read


def _developer(_result: AuditResult, calculator: CalculatorResult) -> Fact:
    sources = calculator.card.sources
    if not sources:
        return Fact("the registry names no publication", known=False)
    return Fact(f"Published in: {sentence(sources[0])}")


def _release(_result: AuditResult, calculator: CalculatorResult) -> Fact:
    return Fact(f"Published {calculator.card.year}.")


def _kind_of_output(_result: AuditResult, calculator: CalculatorResult) -> Fact:
    card = calculator.card
    decisions = (
        f" Published thresholds turn it into a classification: {'; '.join(d.action for d in card.decisions)}." if card.decisions else ""
    )
    kind = "Classification" if any("(category)" in o or "(boolean)" in o for o in card.outputs) else "A number"
    return Fact(f"{kind}: {', '.join(card.outputs)}.{decisions}")


def _caution(result: AuditResult, calculator: CalculatorResult) -> Fact:
    card = calculator.card
    parts = [
        f"Scored only for {', '.join(card.valid)}." if card.valid else "",
        f"Derived on {', '.join(card.derived_on)}." if card.derived_on else "",
        unlisted_by(card),
        _share(calculator, "outside_derivation", "were scored outside the range it was derived on"),
        _share(calculator, "unknown_race", "had no known race"),
    ]
    text = " ".join(p for p in parts if p)
    return Fact(text or "The registry names no limit of age or values.")


def _risks(result: AuditResult, calculator: CalculatorResult) -> Fact:
    card = calculator.card
    parts = [card.direction, *card.known_wrong, card.note, _fairness(result, calculator).text if card.race_kind else ""]
    return Fact(" ".join(sentence(p) for p in parts if p) or "None are recorded in the registry.")


def _derivation(_result: AuditResult, calculator: CalculatorResult) -> Fact:
    card = calculator.card
    text = " ".join([card.population, f"Derived on {', '.join(card.derived_on)}." if card.derived_on else ""]).strip()
    return Fact(text) if text else Fact("the registry does not hold the rules", known=False)


def _personal_inputs(_result: AuditResult, calculator: CalculatorResult) -> Fact:
    found = uses(calculator.card)
    used = [f"{ATTRIBUTES[a]}: {', '.join(texts)}" for a, texts in found.items() if texts]
    unused = [ATTRIBUTES[a] for a, texts in found.items() if not texts]
    return Fact(f"Used: {'; '.join(used) or 'none'}. Not used: {', '.join(unused) or 'none'}.")


def _relevance(result: AuditResult, calculator: CalculatorResult) -> Fact:
    beyond = _share(calculator, "outside_derivation", "were scored outside the range it was derived on")
    if not calculator.card.derived_on or not beyond:
        return Fact("the registry holds no range of the training data to compare this cohort with", known=False)
    return Fact(f"In {result.cohort.name}: {beyond}")


def _mitigation(_result: AuditResult, calculator: CalculatorResult) -> Fact:
    card = calculator.card
    if not card.race_kind:
        return Fact("It has no race term.")
    successor = f" {card.replaced_by_title or card.replaced_by} is named in its place." if card.replaced_by else " No successor is named."
    return Fact(removal_of(card) + successor)


def _tested_where(result: AuditResult, _calculator: CalculatorResult) -> Fact:
    if result.cohort.synthetic:
        return Fact("the patients of this audit are synthetic, which is no external test", known=False)
    return Fact(f"This audit, on {result.cohort.name}{f' ({result.options.date})' if result.options.date else ''}.")


def _tested_by(result: AuditResult, _calculator: CalculatorResult) -> Fact:
    if result.cohort.synthetic:
        return Fact("the patients of this audit are synthetic, which is no external test", known=False)
    return Fact(f"Computed with race-algorithm-auditor {result.provenance.auditor}.")


def _groups(result: AuditResult, _calculator: CalculatorResult) -> Fact:
    shown = [
        f"{group_name(g.by, g.group)} ({g.by.replace('_', ' ')}): {count(g.n)}"
        if g.n is not None
        else f"{g.group}: {status_word(g.status)}"
        for g in result.cohort.groups
        if not everyone(g.by) and "," not in g.by
    ]
    return Fact(f"Patients by group: {'; '.join(shown)}.") if shown else Fact("the audit was not grouped", known=False)


def _tested_on(result: AuditResult, calculator: CalculatorResult) -> Fact:
    if result.cohort.synthetic:
        return Fact("the patients of this audit are synthetic, which is no external test", known=False)
    return _groups(result, calculator)


def _tested_how(result: AuditResult, calculator: CalculatorResult) -> Fact:
    arms = "; ".join(f"{a.id}: {a.meaning}" for a in calculator.arms if not a.id.startswith("as_if"))
    outcome = f"The recorded outcome was {result.cohort.outcome}." if result.cohort.outcome else "No outcome was recorded."
    return Fact(
        f"The same patients were scored in several arms ({arms}) and compared at published thresholds, by {', '.join(result.options.by)}. {outcome} "
        "Rates have 95% intervals; small numbers are withheld."
    )


def _validity(result: AuditResult, calculator: CalculatorResult) -> Fact:
    if result.cohort.synthetic:
        return Fact("the patients of this audit are synthetic, which is no external test", known=False)
    if not result.cohort.outcome:
        return Fact("the cohort has no recorded outcome, so that no prediction could be compared with what happened", known=False)
    rows = [m for m in calculator.metrics if m.arm == "with_race" and m.metric in PERFORMANCE and everyone(m.by)]
    shown = [_performance(m, calculator) for m in rows if m.status == "ok" and m.value is not None]
    hidden = len(rows) - len(shown)
    if not shown:
        return Fact("no measure of performance could be estimated, shown and judged precise enough", known=False)
    withheld_text = (
        f" {count(hidden)} measures are not shown: {kept_apart(m.status for m in rows if m.status != 'ok' or m.value is None)}."
        if hidden
        else ""
    )
    return Fact(f"Against the outcome {result.cohort.outcome}: {'; '.join(shown)}.{withheld_text}")


def _fairness(result: AuditResult, calculator: CalculatorResult) -> Fact:
    if not calculator.card.race_kind:
        return _disparities(result, calculator)
    rows = findings(calculator, "without_race", primary(result))
    if not rows:
        return Fact("the calculator has no published threshold, so that no decision could be compared", known=False)
    hidden = len(withheld(rows))
    parts = ["With race against without race:", *crossings(rows, MOST_STATEMENTS), untouched(rows)]
    parts.append(
        f"{count(hidden)} of {count(len(rows))} comparisons are not shown: {kept_apart(f.row.status for f in withheld(rows))}."
        if hidden
        else ""
    )
    return Fact(" ".join(p for p in parts if p))


def _disparities(result: AuditResult, calculator: CalculatorResult) -> Fact:
    by = primary(result)
    rates = [m for m in calculator.metrics if m.arm == "with_race" and m.metric == "selection_rate" and m.by == by and m.status == "ok"]
    if not rates:
        return Fact("the calculator has no published threshold, or no group has a rate that may be shown", known=False)
    actions = {d.id: d.action for d in calculator.card.decisions}
    shown = [f"{m.group}, {actions.get(m.decision, m.decision)}: {percent(m.value)}" for m in rates]
    return Fact(f"No race term. Share of patients with a yes: {'; '.join(shown)}.")


def _fairness_on_real(result: AuditResult, calculator: CalculatorResult) -> Fact:
    if result.cohort.synthetic:
        return Fact("the patients of this audit are synthetic, which is no external test", known=False)
    return _fairness(result, calculator)


def _updates(_result: AuditResult, calculator: CalculatorResult) -> Fact:
    card = calculator.card
    if card.replaced_by:
        return Fact(f"Published {card.year}; {card.replaced_by_title or card.replaced_by} is named in its place.")
    return Fact("the registry holds no schedule of updates", known=False)


def _objective(_result: AuditResult, calculator: CalculatorResult) -> Fact:
    return Fact(f"Evaluation of {calculator.card.title} with and without its race term; no model was developed.")


def _cohort(result: AuditResult, _calculator: CalculatorResult) -> Fact:
    kind = "synthetic patients" if result.cohort.synthetic else "patients"
    return Fact(f"{result.cohort.name} ({result.cohort.source}): {count(result.cohort.n)} {kind}.")


def _eligibility(result: AuditResult, calculator: CalculatorResult) -> Fact:
    limits = f"Scored only for {', '.join(calculator.card.valid)}." if calculator.card.valid else "No limit of age or values."
    return Fact(f"All patients of the cohort whose inputs are there. {limits}")


def _quality(result: AuditResult, _calculator: CalculatorResult) -> Fact:
    policy = " ".join(sentence(p) for p in result.cohort.race_policy)
    return Fact(f"The same checks for every patient: units, readable values and plausible ranges per input. {policy}".strip())


def _outcome(result: AuditResult, _calculator: CalculatorResult) -> Fact:
    if not result.cohort.outcome:
        return Fact("the cohort has no recorded outcome", known=False)
    return Fact(f"The column {result.cohort.outcome}, yes or no.")


def _size(result: AuditResult, calculator: CalculatorResult) -> Fact:
    row = _overall(calculator)
    if row is None or row.scored is None:
        return Fact(f"All {count(result.cohort.n)} patients of the cohort; the number scored is suppressed.")
    return Fact(f"All patients of the cohort: {count(row.n)}, of whom {count(row.scored)} were scored.")


def _missing(result: AuditResult, calculator: CalculatorResult) -> Fact:
    lacking = _share(calculator, "missing_input", "lacked an input and got no score; nothing was imputed")
    return Fact(lacking or "Patients who lack an input get no score; nothing was imputed.")


def _use_of_data(_result: AuditResult, _calculator: CalculatorResult) -> Fact:
    return Fact("All patients were used for evaluation; nothing was fitted, so the data were not divided.")


def _measures(_result: AuditResult, calculator: CalculatorResult) -> Fact:
    seen = sorted({m.metric.replace("_", " ") for m in calculator.metrics})
    others = f"; {', '.join(seen)}" if seen else ""
    return Fact(f"Paired change of every decision, with 95% intervals{others}; difference between groups.")


def _updating(_result: AuditResult, calculator: CalculatorResult) -> Fact:
    if not calculator.card.race_kind:
        return Fact("No model was updated.")
    return Fact(f"No coefficient was refitted. {removal_of(calculator.card)}")


def _no_imbalance(_result: AuditResult, _calculator: CalculatorResult) -> Fact:
    return Fact("Nothing was fitted; class imbalance was not addressed.")


def _fairness_approach(_result: AuditResult, calculator: CalculatorResult) -> Fact:
    card = calculator.card
    return Fact(f"{what_race_does(card)} {removal_of(card)}" if card.race_kind else "It has no race term; groups are compared.")


def _thresholds(_result: AuditResult, calculator: CalculatorResult) -> Fact:
    texts = [
        f"{d.output} {d.operator} {d.cutoff:g}: {d.action}{f' ({d.guideline})' if d.guideline else ''}" for d in calculator.card.decisions
    ]
    return Fact(f"{'; '.join(texts)}.") if texts else Fact("No published threshold is declared.")


def _code(result: AuditResult, calculator: CalculatorResult) -> Fact:
    return Fact(f"race-algorithm-auditor {result.provenance.auditor}, declaration {calculator.card.fingerprint}.")


def _flow(_result: AuditResult, calculator: CalculatorResult) -> Fact:
    row = _overall(calculator)
    if row is None or row.status != "ok":
        return Fact("the flow of patients is suppressed", known=False)
    return Fact(
        f"{count(row.n)} patients; {count(row.missing_input)} lacked an input, {count(row.out_of_range)} were out of range, {count(row.no_row)} had no "
        f"row of the race term; {count(row.scored)} were scored."
    )


def _limits(result: AuditResult, calculator: CalculatorResult) -> Fact:
    return Fact(
        "A change shows what the formula does with a recorded group; it says nothing about causes. Recorded race is a social category as written in the "
        "record. Intervals take the patients as a sample and do not cover errors of recording, missing inputs or another population."
    )


def _missing_in_use(_result: AuditResult, calculator: CalculatorResult) -> Fact:
    card = calculator.card
    return Fact(" ".join(p for p in ("A missing input gives no score.", unlisted_by(card)) if p))


def _overall(calculator: CalculatorResult) -> Coverage | None:
    return next((row for row in calculator.coverage if everyone(row.by)), None)


def _share(calculator: CalculatorResult, field: str, what: str) -> str:
    """How many of all patients; nothing where it is suppressed or zero."""
    row = _overall(calculator)
    number = getattr(row, field) if row is not None and row.status == "ok" else None
    return f"{count(number)} of {count(row.n)} patients {what}." if row is not None and number else ""


def _performance(metric: Metric, calculator: CalculatorResult) -> str:
    actions = {d.id: d.action for d in calculator.card.decisions}
    interval = percent_interval(metric.lower, metric.upper)
    return f"{PERFORMANCE[metric.metric]} of “{actions.get(metric.decision, metric.decision)}” {percent(metric.value)}{f' (95% interval {interval})' if interval else ''}"


def introduced(result: AuditResult, calculator: CalculatorResult) -> list[str]:
    """The disparities that the race term introduces, as statements; only what may be shown and is not zero."""
    actions = {d.id: d.action for d in calculator.card.decisions}
    return [
        f"{actions.get(r.decision, r.decision)}: {r.group} against {r.reference} {points(r.introduced)} percentage points"
        + (f" (95% interval for all groups and arms together {point_interval(*r.together)})" if r.lower is not None else "")
        + ("" if r.claimed else ", which is not told from chance")
        for r in calculator.disparities
        if r.status == "ok" and r.introduced and r.metric == "selection_rate" and r.arm == "without_race" and r.by == primary(result)
    ]


FACTS: dict[str, Callable[[AuditResult, CalculatorResult], Fact]] = {
    "citation": card_text("sources", "the registry names no publication"),
    "code": _code,
    "cohort": _cohort,
    "caution": _caution,
    "derivation": _derivation,
    "developer": _developer,
    "eligibility": _eligibility,
    "equation": card_text("equation", "the equation is in the registry's tables"),
    "fairness": _fairness_on_real,
    "fairness_approach": _fairness_approach,
    "fairness_if_local": _fairness_on_real,
    "flow": _flow,
    "groups": _groups,
    "history": card_text("history", "the registry holds no history"),
    "kind_of_output": _kind_of_output,
    "limits": _limits,
    "measures": _measures,
    "missing": _missing,
    "missing_in_use": _missing_in_use,
    "mitigation": _mitigation,
    "no_imbalance": _no_imbalance,
    "objective": _objective,
    "outcome": _outcome,
    "output": card_text("outputs", "the registry names no output"),
    "personal_inputs": _personal_inputs,
    "population": card_text("population", "the registry does not state the population"),
    "predictors": card_text("inputs", "the registry names no inputs"),
    "quality": _quality,
    "release": _release,
    "relevance": _relevance,
    "risks": _risks,
    "size": _size,
    "tested_by": _tested_by,
    "tested_how": _tested_how,
    "tested_on": _tested_on,
    "tested_where": _tested_where,
    "thresholds": _thresholds,
    "updates": _updates,
    "updating": _updating,
    "use": card_text("drives", "the registry does not state the use"),
    "use_of_data": _use_of_data,
    "validity": _validity,
    "validity_if_local": _validity,
}
