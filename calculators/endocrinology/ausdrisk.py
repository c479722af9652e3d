"""AUSDRISK: risk of type 2 diabetes in Australia, with race in the points and in the waist bands (2010)."""

import numpy as np

from calculators.declare import Bands, Calculator, Decision, Output, RaceTerm, Source
from calculators.points import points_from

USUAL_WAIST = {"waist_female": (88, 100), "waist_male": (102, 110)}
LOWER_WAIST = {"waist_female": (80, 90), "waist_male": (90, 100)}


def ausdrisk_points(
    age,
    sex,
    waist_circumference,
    born_in_high_risk_region,
    family_history_diabetes,
    high_glucose_history,
    bp_treated,
    smoker,
    daily_fruit_or_vegetables,
    physically_active,
    *,
    points,
    waist_female,
    waist_male,
):
    """Age (35 2, 45 4, 55 6, 65 8) + male 3 + points (race) + born in a high-risk region 2 + parent or sibling with diabetes 3

    + high glucose ever 6 + blood pressure medication 2 + smoker 2 + no daily fruit or vegetables 1 + inactive 2
    + waist (under the lower bound 0, from the lower to the upper bound 4, over it 7).
    """
    waist = np.round(waist_circumference, 6)
    lower = sex.pick(female=waist_female[0], male=waist_male[0])
    upper = sex.pick(female=waist_female[1], male=waist_male[1])
    return (
        points_from(age, 0, {35: 2, 45: 4, 55: 6, 65: 8})
        + sex.pick(female=0, male=3)
        + points
        + 2 * born_in_high_risk_region
        + 3 * (family_history_diabetes == "first_degree")
        + 6 * high_glucose_history
        + 2 * bp_treated
        + 2 * smoker
        + (daily_fruit_or_vegetables == 0)
        + 2 * (physically_active == 0)
        + np.select([waist > upper, waist >= lower], [7, 4], 0)
    )


ausdrisk_2010 = Calculator(
    id="ausdrisk_2010",
    title="AUSDRISK diabetes risk",
    specialty="endocrinology",
    year=2010,
    role="race_based",
    inputs=(
        "age",
        "sex",
        "waist_circumference",
        "born_in_high_risk_region",
        "family_history_diabetes",
        "high_glucose_history",
        "bp_treated",
        "smoker",
        "daily_fruit_or_vegetables",
        "physically_active",
    ),
    outputs=(Output.parse("ausdrisk[{score}]"),),
    formula=ausdrisk_points,
    printed_decimals={"ausdrisk": 0},
    race=RaceTerm(
        kind="points",
        reads="race_and_ethnicity",
        groups={
            "Other": {"points": 0, **USUAL_WAIST},
            "Asian": {"points": 0, **LOWER_WAIST},
            "Aboriginal or Torres Strait Islander": {"points": 2, **LOWER_WAIST},
            "Pacific Islander or Maori": {"points": 2, **USUAL_WAIST},
        },
        removed="Other",
        removed_source="catalogue",
        unlisted="Other",
        meaning=(
            "gives 2 points to patients recorded as Aboriginal, Torres Strait Islander, Pacific Islander or Maori, and counts the waist from 80 cm (women) "
            "and 90 cm (men) in place of 88 and 102 for patients recorded as Asian, Aboriginal or Torres Strait Islander"
        ),
    ),
    decisions=(
        Decision(
            id="intermediate",
            output="ausdrisk",
            operator=">=",
            cutoff=6,
            action="intermediate risk",
            confidence="SINGLE-SOURCE",
            yes_means="labels",
        ),
        Decision(
            id="high",
            output="ausdrisk",
            operator=">=",
            cutoff=15,
            action="high risk, test for diabetes",
            confidence="SINGLE-SOURCE",
            yes_means="opens_care",
        ),
    ),
    bands=(Bands(id="ausdrisk_risk", output="ausdrisk", cuts=(6, 15), labels=("low", "intermediate", "high"), source="AUSDRISK"),),
    race_free_peers=("findrisc_2003",),
    confidence="SINGLE-SOURCE",
    confidence_note=(
        "Checked against one public implementation. The waist bounds count as 4 points, which that implementation does and no text says."
    ),
    drives="diabetes testing in Australia",
    population="Adults in Australia.",
    equation=(
        "age 35 to 44 2, 45 to 54 4, 55 to 64 6, 65 or over 8; male 3; Aboriginal, Torres Strait Islander, Pacific Islander or Maori 2; "
        "born in Asia, the Middle East, North Africa or Southern Europe 2; parent or sibling with diabetes 3; high glucose ever 6; "
        "blood pressure medication 2; smoker 2; no daily fruit or vegetables 1; under 2.5 hours of activity a week 2\n"
        "waist 4 within and 7 above 88 to 100 cm (women) or 102 to 110 cm (men); "
        "Asian, Aboriginal or Torres Strait Islander: 80 to 90 cm (women) or 90 to 100 cm (men)"
    ),
    direction=(
        "Raises the score: at equal answers by 2 for patients recorded as Pacific Islander or Maori, by up to 7 for those recorded as Asian "
        "(a waist of 101 cm in a man scores 7 in place of 0; in women by up to 4) and by up to 9 for those recorded as Aboriginal or Torres Strait Islander. "
        "A high score leads to testing, so dropping the term takes tests from some of these patients."
    ),
    history="In use in Australia. No official version without race exists; FINDRISC reads no race.",
    sources=(Source(citation="AUSDRISK, the Australian type 2 diabetes risk assessment tool, 2010"),),
    note=(
        "The groups combine two questions of the form. Country of birth is an input, and a proxy of recorded race that stays when the term is removed. "
        "The points add up to 38, although texts give 35 as the highest score."
    ),
)
