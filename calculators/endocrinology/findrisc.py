"""FINDRISC: risk of type 2 diabetes, public form, without race (2003)."""

import numpy as np

from calculators.declare import Calculator, Output, Source
from calculators.points import points_from


def findrisc_points(
    age,
    sex,
    body_mass_index,
    waist_circumference,
    physically_active,
    daily_fruit_or_vegetables,
    bp_treated,
    high_glucose_history,
    family_history_diabetes,
):
    """Age (45 2, 55 3, 65 4) + BMI (25 to 30 1, over 30 3) + waist (men 94 to 102 cm 3, over 102 4; women 80 to 88 3, over 88 4)

    + inactive 2 + no daily fruit or vegetables 1 + blood pressure medication 2 + high glucose ever 5 + diabetes in second-degree relatives 3, first-degree 5.
    """
    bmi, waist = np.round(body_mass_index, 6), np.round(waist_circumference, 6)
    return (
        points_from(age, 0, {45: 2, 55: 3, 65: 4})
        + np.select([bmi > 30, bmi >= 25], [3, 1], 0)
        + np.select([waist > sex.pick(female=88, male=102), waist >= sex.pick(female=80, male=94)], [4, 3], 0)
        + 2 * (physically_active == 0)
        + (daily_fruit_or_vegetables == 0)
        + 2 * bp_treated
        + 5 * high_glucose_history
        + family_history_diabetes.pick(none=0, second_degree=3, first_degree=5)
    )


findrisc_2003 = Calculator(
    id="findrisc_2003",
    title="FINDRISC diabetes risk, public form",
    specialty="endocrinology",
    year=2003,
    role="comparator",
    inputs=(
        "age",
        "sex",
        "body_mass_index",
        "waist_circumference",
        "physically_active",
        "daily_fruit_or_vegetables",
        "bp_treated",
        "high_glucose_history",
        "family_history_diabetes",
    ),
    outputs=(Output.parse("findrisc[{score}]"),),
    formula=findrisc_points,
    printed_decimals={"findrisc": 0},
    drives="diabetes testing",
    population="Adults.",
    equation=(
        "age 45 to 54 2, 55 to 64 3, 65 or over 4; BMI 25 to 30 1, over 30 3; waist men 94 to 102 cm 3, over 102 cm 4, women 80 to 88 cm 3, over 88 cm 4; "
        "inactive 2; no daily fruit or vegetables 1; blood pressure medication 2; high glucose ever 5; diabetes in second-degree relatives 3, in first-degree relatives 5"
    ),
    direction="No race term: the same answers give the same score in every group.",
    history="A peer of AUSDRISK that reads no race.",
    sources=(Source(citation="FINDRISC, public form; risk score of 2003"),),
    note="A BMI of 30 and a waist of 102 cm (men) or 88 cm (women) belong to the lower band.",
)
