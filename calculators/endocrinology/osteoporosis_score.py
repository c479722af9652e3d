"""SCORE: whether to refer for bone densitometry, from weight, age, history and race (Lydick 1998)."""

import numpy as np

from calculators.declare import Calculator, Decision, Output, RaceTerm, Removal, Source

POUND = 0.45359237


def score_points(age, weight, rheumatoid_arthritis, fractures_after_45, estrogen_use, *, points):
    """points (race) + 4 [rheumatoid arthritis] + 4 per fracture (at most 12) + 3 per decade of age + 1 [never estrogen] - pounds / 10, truncated."""
    decades = np.floor(np.round(age, 6) / 10)
    tens_of_pounds = np.trunc(np.round(weight / POUND, 6) / 10)
    fractures = np.minimum(4 * fractures_after_45, 12)
    return points + 4 * rheumatoid_arthritis + fractures + 3 * decades + (estrogen_use == "never") - tens_of_pounds


osteoporosis_score_1998 = Calculator(
    id="osteoporosis_score_1998",
    title="SCORE osteoporosis pre-screen",
    specialty="endocrinology",
    year=1998,
    role="race_based",
    inputs=("age", "weight", "rheumatoid_arthritis", "fractures_after_45", "estrogen_use"),
    outputs=(Output.parse("score[{score}]"),),
    formula=score_points,
    printed_decimals={"score": 0},
    race=RaceTerm(
        kind="points",
        groups={"Black": {"points": 0}, "not Black": {"points": 5}},
        removed="Black",
        removed_source="catalogue",
        unlisted="not Black",
        meaning="gives 5 points to patients not recorded as Black or African American, and none to those who are",
        other_removals=(
            Removal(name="points_for_all", row="not Black", meaning="everyone is given the 5 points, so that nobody loses a referral"),
        ),
    ),
    decisions=(
        Decision(
            id="densitometry",
            output="score",
            operator=">=",
            cutoff=6,
            action="refer for bone densitometry",
            guideline="Lydick 1998",
            yes_means="opens_care",
        ),
    ),
    race_free_peers=("orai_2000", "ost_2001"),
    confidence_note="The rule is described alike in four texts; no implementation was found to run.",
    drives="referral for bone densitometry",
    population="Women, before bone densitometry.",
    equation=(
        "5 [not Black] + 4 [rheumatoid arthritis] + 4 per non-traumatic fracture of wrist, hip or rib after age 45 (at most 12) "
        "+ 3 * first digit of age + 1 [never took estrogen] - (weight in pounds / 10, truncated)"
    ),
    direction=(
        "A patient recorded as Black or African American scores 5 points less and must be about 17 years older or 50 pounds lighter to be referred. "
        "At 65 years and 150 pounds, never on estrogen, she scores 4 and is not referred; another woman scores 9 and is."
    ),
    history=(
        "Its use is declining. No official version without race exists; ORAI and OST do without. "
        "Dropping the points takes referrals from all other women, giving them to all opens referrals for Black women."
    ),
    known_wrong=(
        "A variant in circulation counts 3 * age / 10 and weight / 10 without truncating: up to 2.7 points too high by age, up to 0.9 too low by weight.",
    ),
    sources=(
        Source(citation="Lydick et al. Am J Manag Care 1998;4:37-48"),
        Source(citation="BMC Musculoskelet Disord 2008;9:13", note="table 1 repeats the points"),
    ),
    note="Pounds are kg / 0.45359237, rounded to 6 decimals before truncating.",
)
