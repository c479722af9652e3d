"""Get With The Guidelines heart failure score: points for in-hospital mortality (Peterson 2010)."""

from calculators.declare import Bands, Calculator, Decision, Output, RaceTerm, Removal, Source
from calculators.points import points_from

PRESSURE = {60: 26, 70: 24, 80: 23, 90: 21, 100: 19, 110: 17, 120: 15, 130: 13, 140: 11, 150: 9, 160: 8, 170: 6, 180: 4, 190: 2, 200: 0}
NITROGEN = {10: 2, 20: 4, 30: 6, 40: 8, 50: 9, 60: 11, 70: 13, 80: 15, 90: 17, 100: 19, 110: 21, 120: 23, 130: 25, 140: 27, 150: 28}
SODIUM = {131: 3, 134: 2, 137: 1, 139: 0}
AGE = {20: 3, 30: 6, 40: 8, 50: 11, 60: 14, 70: 17, 80: 19, 90: 22, 100: 25, 110: 28}
HEART_RATE = {80: 1, 85: 3, 90: 4, 95: 5, 100: 6, 105: 8}


def gwtg_hf(age, systolic_bp, blood_urea_nitrogen, sodium, heart_rate, copd, *, points):
    """Points for systolic pressure, urea nitrogen, sodium, age and heart rate by their bands + 2 * COPD + points by recorded race."""
    return (
        points_from(systolic_bp, 28, PRESSURE)
        + points_from(blood_urea_nitrogen, 0, NITROGEN)
        + points_from(sodium, 4, SODIUM)
        + points_from(age, 0, AGE)
        + points_from(heart_rate, 0, HEART_RATE)
        + 2 * copd
        + points
    )


gwtg_hf_2010 = Calculator(
    id="gwtg_hf_2010",
    title="Get With The Guidelines heart failure score",
    specialty="cardiology",
    year=2010,
    role="race_based",
    inputs=("age", "systolic_bp", "blood_urea_nitrogen", "sodium", "heart_rate", "copd"),
    outputs=(Output.parse("gwtg_hf[{score}]"),),
    formula=gwtg_hf,
    printed_decimals={"gwtg_hf": 0},
    race=RaceTerm(
        kind="points",
        groups={"Black": {"points": 0}, "not Black": {"points": 3}},
        removed="Black",
        unlisted="not Black",
        meaning="gives 3 points to patients not recorded as Black or African American, and none to those who are",
        other_removals=(
            Removal(name="points_for_all", row="not Black", meaning="everyone is given the 3 points, which the published bands include"),
        ),
    ),
    decisions=(
        Decision(
            id="mortality_over_10",
            output="gwtg_hf",
            operator=">=",
            cutoff=58,
            action="in-hospital mortality over 10 %",
            guideline="Peterson 2010, SINGLE-SOURCE",
            confidence="SINGLE-SOURCE",
            yes_means="labels",
        ),
        Decision(
            id="mortality_over_20",
            output="gwtg_hf",
            operator=">=",
            cutoff=66,
            action="over 20 %",
            guideline="SINGLE-SOURCE",
            confidence="SINGLE-SOURCE",
            yes_means="labels",
        ),
        Decision(
            id="mortality_over_50",
            output="gwtg_hf",
            operator=">=",
            cutoff=79,
            action="over 50 %",
            guideline="SINGLE-SOURCE",
            confidence="SINGLE-SOURCE",
            yes_means="labels",
        ),
    ),
    bands=(
        Bands(
            id="in_hospital_mortality",
            output="gwtg_hf",
            cuts=(58, 62, 66, 71, 75, 79),
            labels=("10% or less", "over 10 to 15%", "over 15 to 20%", "over 20 to 30%", "over 30 to 40%", "over 40 to 50%", "over 50%"),
            source="Peterson 2010, SINGLE-SOURCE",
        ),
    ),
    race_free_peers=("maggic_2013",),
    confidence_note="The points have two independent sources; the mortality that belongs to a total has one.",
    drives="Triage at admission for heart failure: cardiology, intensive care or telemetry, advanced therapy, palliative consultation.",
    population="Adults admitted for heart failure; 39,783 admissions to 198 US hospitals, 27,850 of them for derivation; 2.86% died in hospital.",
    equation=(
        "Sum of points; each band starts at the value given.\n"
        "Systolic pressure: under 60 28, 60 26, 70 24, 80 23, 90 21, 100 19, 110 17, 120 15, 130 13, 140 11, 150 9, 160 8, 170 6, 180 4, 190 2, 200 0.\n"
        "Urea nitrogen (mg/dL): under 10 0, 10 2, 20 4, 30 6, 40 8, 50 9, 60 11, 70 13, 80 15, 90 17, 100 19, 110 21, 120 23, 130 25, 140 27, 150 28.\n"
        "Sodium: 130 or less 4, 131 3, 134 2, 137 1, 139 0.\n"
        "Age: under 20 0, 20 3, 30 6, 40 8, 50 11, 60 14, 70 17, 80 19, 90 22, 100 25, 110 28.\n"
        "Heart rate: under 80 0, 80 1, 85 3, 90 4, 95 5, 100 6, 105 8.\n"
        "COPD 2. Not Black 3."
    ),
    direction=(
        "A patient recorded as Black or African American scores 3 points less at equal findings, so reaches each band of higher mortality later "
        "and may get less attention; dropping the points lowers everyone else, giving them to all raises this group."
    ),
    history=(
        "The points come from a regression in the registry; Vyas 2020 notes that the American Heart Association gave no rationale for them. "
        "No official version without race was found. Segar and colleagues fitted models without race to the registry, with social determinants of health; "
        "they cannot be computed from the paper."
    ),
    known_wrong=(
        "An app on FHIR gives systolic pressure under 90 28 points and 90 to 99 23 (published: 80 to 89 23, 90 to 99 21): too high.",
        "Public code with linear coefficients, with a logarithm or with up to 12 points for sodium is not this score.",
    ),
    sources=(
        Source(
            citation="Peterson PN, Rumsfeld JS, Liang L, et al. Circ Cardiovasc Qual Outcomes 2010;3:25-32",
            doi="10.1161/CIRCOUTCOMES.109.854877",
        ),
        Source(citation="Vyas DA, Eisenstein LG, Jones DS. N Engl J Med 2020;383:874-882"),
        Source(citation="Segar et al., models without race in the registry, PMC9260645"),
    ),
    note=(
        "Pressure under 50 mmHg scores like 50 to 59. The published bands rest on totals that include the 3 points, so the two ways of removing them have opposite "
        "consequences: report both."
    ),
)
