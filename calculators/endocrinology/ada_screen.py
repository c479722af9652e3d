"""ADA screening for diabetes by body mass index, with a lower threshold for Asian Americans (Hsu 2015)."""

import numpy as np

from calculators.declare import Calculator, Decision, Output, RaceTerm, Source


def screen_by_bmi(body_mass_index, *, cutoff):
    """Body mass index, to 6 decimals, at or above the cut-off in kg/m2."""
    return np.round(body_mass_index, 6) >= cutoff


ada_screen_bmi = Calculator(
    id="ada_screen_bmi",
    title="Diabetes screening by body mass index (ADA)",
    specialty="endocrinology",
    year=2015,
    role="race_based_protective",
    inputs=("body_mass_index",),
    outputs=(Output.parse("screen[boolean]"),),
    formula=screen_by_bmi,
    printed_decimals={"screen": 0},
    race=RaceTerm(
        kind="threshold",
        reads="race_and_ethnicity",
        groups={"Asian": {"cutoff": 23}, "not Asian": {"cutoff": 25}},
        removed="not Asian",
        removed_source="catalogue",
        unlisted="not Asian",
        meaning="lowers the threshold of the body mass index from 25 to 23 kg/m2 for patients recorded as Asian American",
    ),
    decisions=(
        Decision(
            id="screen", output="screen", operator=">=", cutoff=1, action="test for diabetes", guideline="ADA", yes_means="opens_care"
        ),
    ),
    drives="testing for diabetes in adults with a risk factor",
    population="Adults with a risk factor for diabetes, before the age at which everyone is tested (35 years; 45 in earlier guidelines).",
    equation="screen if body mass index (kg/m2) >= 25, or >= 23 [Asian]",
    direction=(
        "Gives more screening: in Asian American adults 84.7% of those with diabetes are found at 23 and 63.7% at 25, so taking the term out would miss 36% instead of 15%."
    ),
    history="The American Diabetes Association lowered the threshold for Asian Americans in 2015 on that evidence.",
    sources=(
        Source(citation="Hsu WC, et al. Diabetes Care 2015;38:150"),
        Source(citation="Araneta MR, et al. Diabetes Care 2015;38:814", note="sensitivity at 23 and 25 kg/m2"),
    ),
    confidence_note="Both thresholds are confirmed by two sources; no implementation was executed.",
    note="The removed row is this catalogue's choice, to be confirmed by a clinician. The risk factor and the age are not inputs.",
)
