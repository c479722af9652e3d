"""MAGGIC integer score for mortality in heart failure (Pocock 2013)."""

import numpy as np

from calculators.declare import Calculator, Output, Source
from calculators.points import points_from

EJECTION_FRACTION = {20: 6, 25: 5, 30: 3, 35: 2, 40: 0}
BODY_MASS_INDEX = {15: 5, 20: 3, 25: 2, 30: 0}
CREATININE = {90: 1, 110: 2, 130: 3, 150: 4, 170: 5, 210: 6, 250: 8}
# By ejection fraction: under 30, 30 to 39, 40 and over.
AGE = (
    {55: 1, 60: 2, 65: 4, 70: 6, 75: 8, 80: 10},
    {55: 2, 60: 4, 65: 6, 70: 8, 75: 10, 80: 13},
    {55: 3, 60: 5, 65: 7, 70: 9, 75: 12, 80: 15},
)
PRESSURE = (
    (5, {110: 4, 120: 3, 130: 2, 140: 1, 150: 0}),
    (3, {110: 2, 120: 1, 130: 1, 140: 0, 150: 0}),
    (2, {110: 1, 120: 1, 130: 0, 140: 0, 150: 0}),
)


def maggic(
    ejection_fraction,
    age,
    systolic_bp,
    body_mass_index,
    creatinine,
    nyha_class,
    sex,
    smoker,
    diabetes,
    copd,
    heart_failure_over_18_months,
    beta_blocker,
    ace_inhibitor_or_arb,
):
    """Sum of points; those for age and systolic pressure depend on the ejection fraction; creatinine is banded in umol/L (mg/dL * 88.4)."""
    group = points_from(ejection_fraction, 0, {30: 1, 40: 2}).astype(int)
    return (
        points_from(ejection_fraction, 7, EJECTION_FRACTION)
        + np.choose(group, [points_from(age, 0, steps) for steps in AGE])
        + np.choose(group, [points_from(systolic_bp, below, steps) for below, steps in PRESSURE])
        + points_from(body_mass_index, 6, BODY_MASS_INDEX)
        + points_from(creatinine * 88.4, 0, CREATININE)
        + nyha_class.pick({"1": 0, "2": 2, "3": 6, "4": 8})
        + sex.pick(male=1, female=0)
        + smoker
        + 3 * diabetes
        + 2 * copd
        + 2 * heart_failure_over_18_months
        + 3 * (1 - beta_blocker)
        + (1 - ace_inhibitor_or_arb)
    )


maggic_2013 = Calculator(
    id="maggic_2013",
    title="MAGGIC heart failure score",
    specialty="cardiology",
    year=2013,
    role="comparator",
    inputs=(
        "ejection_fraction",
        "age",
        "systolic_bp",
        "body_mass_index",
        "creatinine",
        "nyha_class",
        "sex",
        "smoker",
        "diabetes",
        "copd",
        "heart_failure_over_18_months",
        "beta_blocker",
        "ace_inhibitor_or_arb",
    ),
    outputs=(Output.parse("maggic[{score}]"),),
    formula=maggic,
    printed_decimals={"maggic": 0},
    drives="Prognosis in heart failure.",
    population="Adults with heart failure.",
    equation=(
        "Sum of points; each band starts at the value given.\n"
        "Ejection fraction: under 20 7, 20 6, 25 5, 30 3, 35 2, 40 0.\n"
        "Age (under 55, 55, 60, 65, 70, 75, 80): ejection fraction under 30: 0, 1, 2, 4, 6, 8, 10; 30 to 39: 0, 2, 4, 6, 8, 10, 13; 40 and over: 0, 3, 5, 7, 9, 12, 15.\n"
        "Systolic pressure (under 110, 110, 120, 130, 140, 150): 5, 4, 3, 2, 1, 0; 3, 2, 1, 1, 0, 0; 2, 1, 1, 0, 0, 0.\n"
        "Body mass index: under 15 6, 15 5, 20 3, 25 2, 30 0. Creatinine (umol/L): under 90 0, 90 1, 110 2, 130 3, 150 4, 170 5, 210 6, 250 8.\n"
        "NYHA class I to IV 0, 2, 6, 8. Male 1, smoker 1, diabetes 3, COPD 2, diagnosed 18 months ago or earlier 2, no beta blocker 3, no ACE inhibitor or ARB 1."
    ),
    direction="No race term.",
    sources=(Source(citation="Pocock SJ, Ariti CA, McMurray JJV, et al. Eur Heart J 2013;34:1404-1413", doi="10.1093/eurheartj/ehs337"),),
    note="The table from points to mortality at 1 and 3 years is not included.",
)
