"""Estimated post-transplant survival of a kidney candidate, raw score (OPTN 2014)."""

import numpy as np

from calculators.declare import Calculator, Output, Source


def survival_score(age, diabetes, prior_transplant, dialysis_duration):
    """0.047 a - 0.015 DM a + 0.398 Tx - 0.237 DM Tx + 0.315 d - 0.099 DM d + 0.130 N - 0.348 DM N + 1.262 DM.

    a = max(age - 25, 0), d = ln(years on dialysis + 1), N = no dialysis yet, Tx = prior solid organ transplant, DM = diabetes.
    """
    over_25 = np.maximum(age - 25, 0)
    years = np.log(dialysis_duration + 1)
    not_yet = dialysis_duration == 0
    without_diabetes = 0.047 * over_25 + 0.398 * prior_transplant + 0.315 * years + 0.130 * not_yet
    with_diabetes = -0.015 * over_25 - 0.237 * prior_transplant - 0.099 * years - 0.348 * not_yet + 1.262
    return without_diabetes + diabetes * with_diabetes


epts_raw_2014 = Calculator(
    id="epts_raw_2014",
    title="Estimated post-transplant survival, raw score",
    specialty="transplantation",
    year=2014,
    role="comparator",
    inputs=("age", "diabetes", "prior_transplant", "dialysis_duration"),
    outputs=(Output.parse("epts_raw[1]"),),
    formula=survival_score,
    drives="Priority for kidneys with a KDPI of 20% or less",
    population="Candidates for a kidney transplant.",
    equation=(
        "raw EPTS = 0.047 max(age - 25, 0) - 0.015 DM max(age - 25, 0) + 0.398 Tx - 0.237 DM Tx + 0.315 ln(years + 1) - 0.099 DM ln(years + 1)\n"
        "+ 0.130 [years = 0] - 0.348 DM [years = 0] + 1.262 DM; years = time on dialysis, Tx = prior solid organ transplant, DM = diabetes"
    ),
    direction=(
        "No race term; a lower score means longer expected survival and earlier offers. Time on dialysis raises the score, so an eGFR race term that delays listing "
        "also lowers the priority of candidates recorded as Black or African American here."
    ),
    history="Used with the KDPI since the kidney allocation system of 2014: candidates in the best 20% are offered kidneys of the best 20% first.",
    known_wrong=("Public dashboards carry invented formulas under this name.",),
    sources=(Source(citation="OPTN, Estimated Post-Transplant Survival formula"),),
    note="Age and years on dialysis are fractional (days / 365.25). The raw score is not turned into a percentage: the tables of the years were not confirmed.",
)
