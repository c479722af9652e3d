"""Model for end-stage liver disease: MELD (UNOS 2002), MELD-Na (OPTN 2016) and MELD 3.0 (Kim 2021)."""

import numpy as np

from calculators.declare import Calculator, Output, Source


def meld(creatinine, bilirubin, inr, dialysis):
    """10 (0.957 ln Cr + 0.378 ln bilirubin + 1.120 ln INR + 0.643); each at least 1, Cr at most 4 and 4 on dialysis."""
    cr = np.where(dialysis == 1, 4.0, np.clip(creatinine, 1.0, 4.0))
    bilirubin = np.maximum(bilirubin, 1.0)
    inr = np.maximum(inr, 1.0)
    return 10 * (0.957 * np.log(cr) + 0.378 * np.log(bilirubin) + 1.120 * np.log(inr) + 0.643)


def meld_with_sodium(creatinine, bilirubin, inr, dialysis, sodium):
    """M + 1.32 (137 - Na) - 0.033 M (137 - Na) [M > 11], at most 40 and rounded; M = rounded MELD, Na within 125-137."""
    initial = half_up(meld(creatinine, bilirubin, inr, dialysis))
    below_137 = 137 - np.clip(sodium, 125, 137)
    with_sodium = initial + 1.32 * below_137 - 0.033 * initial * below_137
    return np.minimum(half_up(np.where(initial > 11, with_sodium, initial)), 40)


def meld_3(creatinine, bilirubin, inr, dialysis, sodium, albumin, sex):
    """1.33 [female] + 4.56 ln bilirubin + 0.82 (137 - Na) - 0.24 (137 - Na) ln bilirubin + 9.09 ln INR + 11.14 ln Cr

    + 1.85 (3.5 - albumin) - 1.83 (3.5 - albumin) ln Cr + 6; bilirubin and INR at least 1, Cr within 1-3 and 3 on dialysis,
    Na within 125-137, albumin within 1.5-3.5. The score is rounded and held within 6-40.
    """
    ln_cr = np.log(np.where(dialysis == 1, 3.0, np.clip(creatinine, 1.0, 3.0)))
    ln_bilirubin = np.log(np.maximum(bilirubin, 1.0))
    ln_inr = np.log(np.maximum(inr, 1.0))
    below_137 = 137 - np.clip(sodium, 125, 137)
    below_3_5 = 3.5 - np.clip(albumin, 1.5, 3.5)
    unrounded = (
        sex.pick(female=1.33, male=0.0)
        + 4.56 * ln_bilirubin
        + 0.82 * below_137
        - 0.24 * below_137 * ln_bilirubin
        + 9.09 * ln_inr
        + 11.14 * ln_cr
        + 1.85 * below_3_5
        - 1.83 * below_3_5 * ln_cr
        + 6
    )
    return {"meld_3": np.clip(half_up(unrounded), 6, 40), "meld_3_unrounded": unrounded}


def half_up(score):
    """The nearest integer; halves go up."""
    return np.floor(score + 0.5)


ALLOCATION = "Liver allocation"
DIALYSIS = "Dialysis: two or more sessions in a week, or 24 h of continuous hemodialysis."
NO_RACE = "No race term: equal laboratory values give the same score to everyone."

meld_unos_2002 = Calculator(
    id="meld_unos_2002",
    title="MELD (UNOS 2002), unrounded",
    specialty="hepatology",
    year=2002,
    role="comparator",
    inputs=("creatinine", "bilirubin", "inr", "dialysis"),
    outputs=(Output.parse("meld_unrounded[{score}]"),),
    formula=meld,
    drives=ALLOCATION,
    population=f"Candidates for a liver transplant. {DIALYSIS}",
    equation=(
        "MELD = 10 (0.957 ln Cr + 0.378 ln bilirubin + 1.120 ln INR + 0.643); Cr and bilirubin in mg/dL\n"
        "values under 1 count as 1, Cr over 4 as 4; Cr = 4 on dialysis"
    ),
    direction=NO_RACE,
    sources=(Source(citation="UNOS MELD policy of 2002"),),
    note="Given unrounded and without the limit of 40, both of which the policy applied.",
)

meld_na_2016 = Calculator(
    id="meld_na_2016",
    title="MELD-Na (OPTN 2016)",
    specialty="hepatology",
    year=2016,
    role="comparator",
    inputs=("creatinine", "bilirubin", "inr", "dialysis", "sodium"),
    outputs=(Output.parse("meld_na[{score}]"),),
    formula=meld_with_sodium,
    printed_decimals={"meld_na": 0},
    drives=ALLOCATION,
    population=f"Candidates for a liver transplant. {DIALYSIS}",
    equation=(
        "M = MELD (meld_unos_2002), rounded; if M > 11: MELD-Na = M + 1.32 (137 - Na) - 0.033 M (137 - Na), else M\n"
        "Na under 125 counts as 125, over 137 as 137; rounded, at most 40"
    ),
    direction=NO_RACE,
    known_wrong=(
        "medcalc-bench 1.7.0 leaves a creatinine under 1 at 1 for patients on dialysis, where it counts as 4: 6 in place of 24 in one case.",
        "transplantr 0.2.0 has the older form without limits on sodium: MELD - Na - 0.025 MELD (140 - Na) + 140.",
    ),
    sources=(Source(citation="OPTN policy on MELD, 2016"),),
)

meld_3_2022 = Calculator(
    id="meld_3_2022",
    title="MELD 3.0",
    specialty="hepatology",
    year=2022,
    role="comparator",
    inputs=("creatinine", "bilirubin", "inr", "dialysis", "sodium", "albumin", "sex"),
    outputs=(Output.parse("meld_3[{score}]"), Output.parse("meld_3_unrounded[{score}]")),
    formula=meld_3,
    printed_decimals={"meld_3": 0},
    drives=ALLOCATION,
    population=f"Adult candidates for a liver transplant. {DIALYSIS}",
    equation=(
        "MELD 3.0 = 1.33 [female] + 4.56 ln bilirubin + 0.82 (137 - Na) - 0.24 (137 - Na) ln bilirubin + 9.09 ln INR + 11.14 ln Cr\n"
        "+ 1.85 (3.5 - albumin) - 1.83 (3.5 - albumin) ln Cr + 6; rounded, 6 to 40\n"
        "bilirubin and INR under 1 count as 1; Cr 1.0 to 3.0, 3.0 on dialysis; Na 125 to 137; albumin 1.5 to 3.5 g/dL"
    ),
    direction="No race term. Women receive 1.33 points more at equal laboratory values.",
    history="The sex term was added to repair a disparity between women and men: here a fairer score came from adding a term, not from removing one. In use at OPTN since July 2023.",
    known_wrong=(
        "medcalc 0.4.0 does not hold the score within 6-40 and reports 46; its branch for ages 12 to 17 has an extra term -1.83 (3.5 - albumin).",
    ),
    sources=(Source(citation="Kim WR, et al. Gastroenterology 2021;161:1887"),),
    note="Patients registered at 12 to 17 years have 7.33 in place of 6 and no sex term; this rule is not implemented.",
)
