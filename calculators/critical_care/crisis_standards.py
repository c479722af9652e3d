"""Crisis standards of care: priority for a ventilator by SOFA (New York 2015)."""

import numpy as np

from calculators.declare import Calculator, Decision, Output, Source


def new_york_tier(sofa_score):
    """Blue over 11, yellow 8 to 11, red 1 to 7, green without organ failure."""
    return np.select([sofa_score > 11, sofa_score >= 8, sofa_score > 0], ["blue", "yellow", "red"], "green")


csc_new_york_2015 = Calculator(
    id="csc_new_york_2015",
    title="New York crisis standards of care, SOFA tier",
    specialty="critical care",
    year=2015,
    role="interpretation",
    inputs=("sofa_score",),
    outputs=(Output.parse("tier[category]", ("green", "red", "yellow", "blue")),),
    formula=new_york_tier,
    decisions=(
        Decision(
            id="intermediate",
            output="tier",
            reads="sofa_score",
            operator=">=",
            cutoff=8,
            action="lower priority (yellow)",
            guideline="New York 2015, secondary",
            confidence="SINGLE-SOURCE",
            yes_means="closes_care",
        ),
        Decision(
            id="lowest",
            output="tier",
            reads="sofa_score",
            operator=">=",
            cutoff=12,
            action="lowest priority (blue)",
            guideline="New York 2015, secondary",
            confidence="SINGLE-SOURCE",
            yes_means="closes_care",
        ),
    ),
    feeds={"sofa_score": "sofa_1996"},
    confidence="SINGLE-SOURCE",
    confidence_note=(
        "The guideline itself was not read. Secondary sources agree on 8 to 11 and on over 11; for red one figure prints under 7, others 7 or less, which is used here. "
        "Report patients with a SOFA of exactly 7 separately."
    ),
    drives="Allocation of ventilators in a crisis.",
    population="Patients who need a ventilator when there are too few.",
    equation="SOFA 0: green (no significant organ failure); 1 to 7: red (highest priority); 8 to 11: yellow; over 11: blue (lowest).",
    direction=(
        "No race term; the tiers inherit what is biased in SOFA, above all its creatinine component: Black patients are placed in lower-priority tiers than their survival warrants."
    ),
    history=(
        "Reassessed after 48 and 120 hours and every 48 hours from then on. Of US policies examined, 55.6% exclude patients with a SOFA over 11. "
        "Other states weigh comorbidity or use other cuts."
    ),
    known_wrong=("Public simulation code sends a SOFA of 7 to the intermediate tier.",),
    sources=(
        Source(citation="New York State ventilator allocation guidelines 2015, from secondary sources"),
        Source(citation="Ashana DC, et al. Am J Respir Crit Care Med 2021;204:178-186", doi="10.1164/rccm.202012-4383OC"),
    ),
    note="Exclusion criteria (blue) and failure of a single organ (red) are not modeled. Secondary tables disagree on a SOFA of 0: the text says green.",
)
