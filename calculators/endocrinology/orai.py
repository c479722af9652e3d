"""ORAI: whether to refer for bone densitometry, from age, weight and estrogen (Cadarette 2000)."""

from calculators.declare import Calculator, Decision, Output, Source
from calculators.points import points_from


def orai_points(age, weight, estrogen_use):
    """Age (75 and over 15, 65 to 74 9, 55 to 64 5) + weight (under 60 kg 9, 60 to 69.9 kg 3) + no current estrogen 2."""
    by_age = points_from(age, 0, {55: 5, 65: 9, 75: 15})
    by_weight = points_from(weight, 9, {60: 3, 70: 0})
    return by_age + by_weight + 2 * (estrogen_use != "current")


orai_2000 = Calculator(
    id="orai_2000",
    title="Osteoporosis risk assessment instrument",
    specialty="endocrinology",
    year=2000,
    role="comparator",
    inputs=("age", "weight", "estrogen_use"),
    outputs=(Output.parse("orai[{score}]"),),
    formula=orai_points,
    printed_decimals={"orai": 0},
    decisions=(
        Decision(
            id="densitometry",
            output="orai",
            operator=">=",
            cutoff=9,
            action="refer for bone densitometry",
            guideline="Cadarette 2000",
            yes_means="opens_care",
        ),
    ),
    drives="referral for bone densitometry",
    population="Women, before bone densitometry.",
    equation="age 75 or over 15, 65 to 74 9, 55 to 64 5; weight under 60 kg 9, 60 to 69.9 kg 3; no current estrogen 2",
    direction="No race term: the same age, weight and estrogen use give the same score in every group.",
    history="A peer of SCORE that reads no race.",
    sources=(Source(citation="Cadarette et al. CMAJ 2000"),),
)
