"""OST and OSIRIS: whether to refer for bone densitometry, from weight minus age (2001; Sedrine 2002)."""

import numpy as np

from calculators.declare import Bands, Calculator, Decision, Output, Source

DRIVES_DENSITOMETRY = "referral for bone densitometry"


def ost_points(age, weight):
    """0.2 * (weight in kg - age), truncated toward 0."""
    return np.trunc(np.round(0.2 * (weight - age), 6))


def osiris_points(age, weight, estrogen_use, low_impact_fracture):
    """0.2 * (weight in kg - age) + 2 [estrogen now] - 2 [low-impact fracture]; over 1 low, -3 to 1 intermediate, under -3 high risk."""
    score = 0.2 * (weight - age) + 2 * (estrogen_use == "current") - 2 * low_impact_fracture
    rounded = np.round(score, 6)
    return {"osiris": score, "risk_band": np.select([rounded > 1, rounded >= -3], ["low", "intermediate"], "high")}


ost_2001 = Calculator(
    id="ost_2001",
    title="Osteoporosis self-assessment tool",
    specialty="endocrinology",
    year=2001,
    role="comparator",
    inputs=("age", "weight"),
    outputs=(Output.parse("ost[{score}]"),),
    formula=ost_points,
    printed_decimals={"ost": 0},
    decisions=(
        Decision(
            id="densitometry",
            output="ost",
            operator="<",
            cutoff=2,
            action="refer (White women)",
            guideline="OST",
            confidence="SINGLE-SOURCE",
            yes_means="opens_care",
        ),
    ),
    bands=(
        Bands(
            id="osta_tiers",
            output="ost",
            cuts=(-4, 0),
            labels=("high risk (below -4)", "intermediate risk (-4 to -1)", "low risk (above -1)"),
            source="OSTA, the cut-offs for Asian women",
        ),
    ),
    confidence="SINGLE-SOURCE",
    confidence_note="Checked against one public implementation, which truncates; another keeps one decimal and uses other bands.",
    drives=DRIVES_DENSITOMETRY,
    population="Women, before bone densitometry.",
    equation="OST = 0.2 * (weight in kg - age), truncated toward 0",
    direction=(
        "The score has no race term, but its cut-off differs by group: under 2 refers White women, while the tiers for Asian women (OSTA) "
        "begin at -1 and -4, so that an Asian woman needs a lower score for the same attention."
    ),
    history="A peer of SCORE that reads no race. OSTA came with cut-offs for Asian women.",
    known_wrong=("Rounding or flooring in place of truncating shifts negative scores by up to one point.",),
    sources=(Source(citation="Osteoporosis self-assessment tool (OST, OSTA), 2001"),),
)

osiris_2002 = Calculator(
    id="osiris_2002",
    title="Osteoporosis index of risk",
    specialty="endocrinology",
    year=2002,
    role="comparator",
    inputs=("age", "weight", "estrogen_use", "low_impact_fracture"),
    outputs=(Output.parse("osiris[{score}]"), Output.parse("risk_band[category]", ("low", "intermediate", "high"))),
    formula=osiris_points,
    confidence="SINGLE-SOURCE",
    confidence_note="The cut-offs are confirmed by the abstract of the paper, the formula by one public implementation.",
    drives=DRIVES_DENSITOMETRY,
    population="Women, before bone densitometry.",
    equation="OSIRIS = 0.2 * (weight in kg - age) + 2 [estrogen now] - 2 [low-impact fracture]; above 1 low, -3 to 1 intermediate, below -3 high risk",
    direction="No race term: the same findings give the same score in every group.",
    history="A peer of SCORE that reads no race.",
    sources=(Source(citation="Sedrine et al. Gynecol Endocrinol 2002;16:245"),),
)
