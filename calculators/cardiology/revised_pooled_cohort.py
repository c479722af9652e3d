"""Revised Pooled Cohort Equations, with the authors' correction of 2019 (Yadlowsky 2018)."""

import numpy as np

from calculators.cardiology.ascvd_care import ASCVD_CARE, ASCVD_RISK
from calculators.declare import Calculator, Output, RaceTerm, Removal, Source, completed


def revised_pooled_cohort(age, sex, total_cholesterol, hdl_cholesterol, systolic_bp, bp_treated, smoker, diabetes, *, coefficients, added):
    """1 / (1 + exp(-L)); L = sum of (coefficient + what the race term adds to it) * term."""
    terms = {
        "intercept": np.ones_like(age),
        "age": age,
        "SBP^2": systolic_bp**2,
        "SBP": systolic_bp,
        "treated": bp_treated,
        "diabetes": diabetes,
        "smoker": smoker,
        "total / HDL cholesterol": total_cholesterol / hdl_cholesterol,
        "SBP * treated": systolic_bp * bp_treated,
        "age * SBP": age * systolic_bp,
    }
    L = sum(sex.pick(by_sex) * terms[name] for name, by_sex in (*coefficients.items(), *added.items()))
    return 1 / (1 + np.exp(-L))


COEFFICIENTS = {
    "intercept": {"female": -11.938468, "male": -11.219734},
    "age": {"female": 0.106501, "male": 0.064200},
    "SBP^2": {"female": 0.000056, "male": -0.000061},
    "SBP": {"female": 0.017666, "male": 0.038950},
    "treated": {"female": 0.731678, "male": 2.055533},
    "diabetes": {"female": 0.943970, "male": 0.842209},
    "smoker": {"female": 1.009790, "male": 0.895589},
    "total / HDL cholesterol": {"female": 0.151318, "male": 0.193307},
    "SBP * treated": {"female": -0.003647, "male": -0.014207},
    "age * SBP": {"female": -0.000153, "male": 0.000025},
}
BLACK = {
    "intercept": {"female": 0.119399, "male": 0.315986},
    "age": {"female": -0.008580, "male": 0},
    "SBP": {"female": 0.006208, "male": 0.011609},
    "treated": {"female": 0.152968, "male": -0.119460},
    "diabetes": {"female": 0.115232, "male": -0.077214},
    "smoker": {"female": -0.092231, "male": -0.226771},
    "total / HDL cholesterol": {"female": 0.070498, "male": -0.117749},
    "SBP * treated": {"female": -0.000173, "male": 0.004190},
    "age * SBP": {"female": -0.000094, "male": -0.000199},
}
NOTHING = {"female": 0, "male": 0}
EQUATION = (
    "risk = 1 / (1 + exp(-L)), L = sum of coefficient * term\nterm: women, men; added for patients recorded as Black: women, men\n"
    + "\n".join(
        f"{name}: {base['female']:g}, {base['male']:g}; {BLACK.get(name, NOTHING)['female']:g}, {BLACK.get(name, NOTHING)['male']:g}"
        for name, base in COEFFICIENTS.items()
    )
)

pce_revised_2018 = Calculator(
    id="pce_revised_2018",
    title="Revised Pooled Cohort Equations (Yadlowsky), corrected 2019",
    specialty="cardiology",
    year=2018,
    role="race_based",
    inputs=("age", "sex", "total_cholesterol", "hdl_cholesterol", "systolic_bp", "bp_treated", "smoker", "diabetes"),
    outputs=(Output.parse("ascvd_10_year[1]"),),
    formula=revised_pooled_cohort,
    constants={"coefficients": COEFFICIENTS},
    race=RaceTerm(
        kind="log_odds",
        groups={"White": {"added": {}}, "Black": {"added": BLACK}},
        removed="White",
        unlisted="White",
        meaning="adds a constant to the log-odds and changes eight other coefficients for patients recorded as Black or African American",
        other_removals=(
            Removal(
                name="mean_of_both",
                weights={"White": 0.5, "Black": 0.5},
                meaning="everyone gets the mean of the risks with and without the term, weighted half and half",
            ),
        ),
    ),
    decisions=ASCVD_CARE,
    bands=(ASCVD_RISK,),
    replaced_by="prevent_2023_base",
    valid={"age": completed(40, 79)},
    derived_on={"total_cholesterol": (130, 320), "hdl_cholesterol": (20, 100), "systolic_bp": (90, 200)},
    drives="Statin treatment in people without atherosclerotic disease.",
    population="Adults of 40 to 79 years without atherosclerotic disease; the inputs of the Pooled Cohort Equations of 2013.",
    equation=EQUATION,
    direction=(
        "Not uniform, but narrower than in 2013: over 192 test profiles the risk for patients recorded as Black is 0.55 to 2.10 times the risk for patients recorded as White "
        "at equal inputs; it is lower for 38% of the profiles of women and for 60% of those of men."
    ),
    history=(
        "A refit of the 2013 equations with race as a constant and eight interactions in place of separate equations. On 26 May 2019 the authors corrected the printed intercepts "
        "and the constants of the race term, which had been extracted wrongly. PREVENT (2023) has no race term."
    ),
    known_wrong=(
        "Software with the uncorrected constants of 2018 (intercepts -12.823110 and -11.679980, race constants 0.432440 and 0.482835), such as PooledCohort and preventr 0.12.0, "
        "gives too low a risk: by a median factor of 1.52 over 192 profiles (women 1.73, men 1.32) and by up to 21.7 percentage points.",
    ),
    sources=(
        Source(
            citation="Yadlowsky S, Hayward RA, Sussman JB, et al. Ann Intern Med 2018;169:20-29",
            doi="10.7326/M17-3011",
            note="correction of 2019-05-26 by the authors, repository syadlowsky/revised-pooled-ascvd on GitHub",
        ),
    ),
    note="Reproduces all 20 risks of the authors' corrected Table 2.",
)
