"""TIMI risk score for unstable angina and NSTEMI (Antman 2000)."""

from calculators.declare import Calculator, Output, Source
from calculators.points import points_from


def timi(
    age,
    aspirin_past_week,
    known_coronary_stenosis,
    elevated_cardiac_marker,
    severe_angina,
    st_deviation,
    three_coronary_risk_factors,
):
    """One point each: age 65 or over and six findings."""
    return (
        points_from(age, 0, {65: 1})
        + aspirin_past_week
        + known_coronary_stenosis
        + elevated_cardiac_marker
        + severe_angina
        + st_deviation
        + three_coronary_risk_factors
    )


timi_ua_nstemi_2000 = Calculator(
    id="timi_ua_nstemi_2000",
    title="TIMI score for unstable angina and NSTEMI",
    specialty="cardiology",
    year=2000,
    role="comparator",
    inputs=(
        "age",
        "aspirin_past_week",
        "known_coronary_stenosis",
        "elevated_cardiac_marker",
        "severe_angina",
        "st_deviation",
        "three_coronary_risk_factors",
    ),
    outputs=(Output.parse("timi[{score}]"),),
    formula=timi,
    printed_decimals={"timi": 0},
    drives="Early invasive strategy.",
    population="Adults with unstable angina or myocardial infarction without ST elevation.",
    equation=(
        "One point each: age 65 or over; three or more coronary risk factors; known stenosis of 50% or more; aspirin in the past 7 days; "
        "two or more anginal episodes in 24 hours; ST deviation of 0.5 mm or more; cardiac marker above its limit."
    ),
    direction="No race term.",
    sources=(Source(citation="Antman EM, et al. JAMA 2000;284:835-842", doi="10.1001/jama.284.7.835"),),
)
