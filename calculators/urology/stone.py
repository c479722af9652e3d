"""STONE score: how likely a ureteral stone is the cause of flank pain (Moore 2014)."""

import numpy as np

from calculators.declare import Bands, Calculator, Decision, Output, RaceTerm, Removal, Source
from calculators.points import over, points_from


def stone_points(sex, pain_duration, nausea_or_vomiting, hematuria, *, points):
    """Sex (male 2) + timing (under 6 h 3, 6 to 24 h 1) + origin (points) + nausea (1) or vomiting (2) + erythrocytes (3)."""
    timing = np.where(over(pain_duration, 24), 0, points_from(pain_duration, 3, {6: 1}))
    nausea = nausea_or_vomiting.pick(none=0, nausea=1, vomiting=2)
    score = sex.pick(male=2, female=0) + timing + points + nausea + 3 * hematuria
    return {"stone": score, "risk_band": np.select([score >= 10, score >= 6], ["high", "moderate"], "low")}


stone_2014 = Calculator(
    id="stone_2014",
    title="STONE score for ureteral stone",
    specialty="urology",
    year=2014,
    role="race_based",
    inputs=("sex", "pain_duration", "nausea_or_vomiting", "hematuria"),
    outputs=(Output.parse("stone[{score}]"), Output.parse("risk_band[category]", ("low", "moderate", "high"))),
    formula=stone_points,
    printed_decimals={"stone": 0},
    race=RaceTerm(
        kind="points",
        groups={"Black": {"points": 0}, "not Black": {"points": 3}},
        removed="Black",
        unlisted="not Black",
        meaning="gives 3 points of 13 to patients not recorded as Black or African American, and none to those who are",
        other_removals=(
            Removal(name="points_for_all", row="not Black", meaning="everyone is given the 3 points, which the published bands include"),
        ),
    ),
    decisions=(
        Decision(
            id="moderate",
            output="stone",
            operator=">=",
            cutoff=6,
            action="moderate probability of stone",
            guideline="Moore 2014",
            yes_means="labels",
        ),
        Decision(
            id="high",
            output="stone",
            operator=">=",
            cutoff=10,
            action="high probability of stone",
            guideline="Moore 2014",
            yes_means="labels",
        ),
    ),
    bands=(
        Bands(
            id="stone_risk",
            output="stone",
            cuts=(6, 10),
            labels=("low", "moderate", "high"),
            source="Moore 2014, validation cohort: ureteral stone in 9.2%, 51.3% and 88.6%",
        ),
    ),
    drives="CT, reduced-dose CT or no CT in flank pain",
    population="Adults with flank pain in the emergency department, without trauma, infection, active malignancy, renal disease or previous urological procedure.",
    equation="2 [male] + pain to presentation (under 6 h 3, 6 to 24 h 1, over 24 h 0) + 3 [not Black] + nausea 1 or vomiting 2 + 3 [erythrocytes on dipstick]",
    direction=(
        "A patient recorded as Black or African American scores 3 points less at equal findings. Such a patient reaches at most 10, and so is "
        "high only with every other item at its highest; other patients are high with 3 points to spare."
    ),
    history=(
        "Nothing official has replaced it, and the bands were never recalibrated without the points; some references call race optional. "
        "Peers: CHOKAI (2017) has no race item; STONE PLUS adds hydronephrosis on ultrasound."
    ),
    sources=(Source(citation="Moore CL, Bomann S, Daniels B, et al. BMJ 2014;348:g2191"),),
    note="The original says nothing about unknown race; most screens default to not Black. Without the points the score runs from 0 to 10 on bands made for 0 to 13.",
)
