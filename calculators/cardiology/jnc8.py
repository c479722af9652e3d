"""First drug for hypertension by the JNC 8 panel: whether an ACE inhibitor or ARB is among the choices (James 2014)."""

import numpy as np

from calculators.declare import Calculator, Decision, Output, RaceTerm, Source


def ace_inhibitor_or_arb(chronic_kidney_disease, diabetes, *, without_kidney_disease):
    """1 in chronic kidney disease, otherwise what the rule says for the recorded race; diabetes changes nothing."""
    return np.where(chronic_kidney_disease == 1, 1, without_kidney_disease)


jnc8_2014_initial_drug = Calculator(
    id="jnc8_2014_initial_drug",
    title="First drug for hypertension (JNC 8)",
    specialty="cardiology",
    year=2014,
    role="race_based",
    inputs=("chronic_kidney_disease", "diabetes"),
    outputs=(Output.parse("ace_inhibitor_or_arb_first_line[boolean]"),),
    formula=ace_inhibitor_or_arb,
    printed_decimals={"ace_inhibitor_or_arb_first_line": 0},
    race=RaceTerm(
        kind="criterion",
        groups={"Black": {"without_kidney_disease": 0}, "not Black": {"without_kidney_disease": 1}},
        removed="not Black",
        unlisted="not Black",
        meaning="leaves thiazide or calcium channel blocker as the only first choices for patients recorded as Black without chronic kidney disease",
    ),
    decisions=(
        Decision(
            id="ace_inhibitor_or_arb_first_line",
            output="ace_inhibitor_or_arb_first_line",
            operator=">=",
            cutoff=1,
            action="an ACE inhibitor or ARB is among the permitted first drugs",
            guideline="JNC 8 2014",
            yes_means="opens_care",
        ),
    ),
    drives="Choice of the first blood pressure drug.",
    population="Adults with hypertension.",
    equation="1 if chronic kidney disease or not recorded as Black; otherwise 0, with or without diabetes.",
    direction=(
        "Patients recorded as Black without chronic kidney disease are not offered an ACE inhibitor or ARB first; all others may choose among thiazide, calcium channel "
        "blocker, ACE inhibitor and ARB."
    ),
    history=(
        "The panel graded the recommendation as moderate for patients recorded as Black in general and as weak for those with diabetes. The 2017 ACC/AHA guideline kept it for "
        "patients without heart failure or chronic kidney disease. In Britain NICE guidance begins with a calcium channel blocker from 55 years on, or at any age in "
        "people of Black African or African-Caribbean family origin. A race-free rule permits all four classes to all."
    ),
    sources=(
        Source(citation="James PA, et al. JAMA 2014;311:507-520"),
        Source(citation="2017 ACC/AHA hypertension guideline, recommendation 8.1"),
        Source(citation="NICE CG127"),
    ),
    note="A rule rather than a score: the output says only whether an ACE inhibitor or ARB is among the permitted first drugs.",
)
