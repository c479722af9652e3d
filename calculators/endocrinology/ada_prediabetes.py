"""ADA and CDC prediabetes risk test: whether to test for prediabetes, without race (Bang 2009)."""

from calculators.declare import Calculator, Decision, Output, Source
from calculators.points import points_from


def ada_points(age, sex, body_mass_index, gestational_diabetes_history, family_history_diabetes, hypertension, physically_active):
    """Age (40 1, 50 2, 60 3) + male 1 + gestational diabetes 1 + first-degree relative with diabetes 1 + hypertension 1 + inactive 1 + BMI (25 1, 30 2, 40 3)."""
    return (
        points_from(age, 0, {40: 1, 50: 2, 60: 3})
        + sex.pick(female=0, male=1)
        + gestational_diabetes_history
        + (family_history_diabetes == "first_degree")
        + hypertension
        + (physically_active == 0)
        + points_from(body_mass_index, 0, {25: 1, 30: 2, 40: 3})
    )


ada_prediabetes_2009 = Calculator(
    id="ada_prediabetes_2009",
    title="ADA and CDC prediabetes risk test",
    specialty="endocrinology",
    year=2009,
    role="comparator",
    inputs=(
        "age",
        "sex",
        "body_mass_index",
        "gestational_diabetes_history",
        "family_history_diabetes",
        "hypertension",
        "physically_active",
    ),
    outputs=(Output.parse("ada_risk[{score}]"),),
    formula=ada_points,
    printed_decimals={"ada_risk": 0},
    decisions=(
        Decision(
            id="high",
            output="ada_risk",
            operator=">=",
            cutoff=5,
            action="high risk, test for prediabetes",
            guideline="ADA",
            confidence="SINGLE-SOURCE",
            yes_means="opens_care",
        ),
    ),
    confidence="SINGLE-SOURCE",
    confidence_note="Checked against one public implementation.",
    drives="diabetes testing",
    population="Adults in the United States.",
    equation=(
        "age 40 to 49 1, 50 to 59 2, 60 or over 3; male 1; gestational diabetes 1; first-degree relative with diabetes 1; hypertension 1; inactive 1; "
        "BMI 25 to 29.9 1, 30 to 39.9 2, 40 or over 3"
    ),
    direction="No race term in the points: the same answers give the same score in every group.",
    history="The public test of the American Diabetes Association and the CDC.",
    sources=(Source(citation="Bang et al. 2009"),),
)
