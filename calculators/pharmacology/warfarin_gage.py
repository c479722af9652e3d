"""Warfarin dose by the equations of Gage 2008 (warfarindosing.org), with and without genotypes."""

import numpy as np

from calculators.declare import Calculator, Output, RaceTerm, Source

VKORC1_A_ALLELES = {"G/G": 0, "A/G": 1, "A/A": 2, "unknown": np.nan}
CYP2C9_2_ALLELES = {"*1/*1": 0, "*1/*2": 1, "*1/*3": 0, "*2/*2": 2, "*2/*3": 1, "*3/*3": 0, "unknown": np.nan}
CYP2C9_3_ALLELES = {"*1/*1": 0, "*1/*2": 0, "*1/*3": 1, "*2/*2": 0, "*2/*3": 1, "*3/*3": 2, "unknown": np.nan}


def pharmacogenetic_dose(
    age,
    body_surface_area,
    target_inr,
    amiodarone,
    smoker,
    venous_thrombosis_indication,
    vkorc1_genotype,
    cyp2c9_genotype,
    *,
    beta,
):
    """e^(0.9751 - 0.3238 n(A) + 0.4317 BSA - 0.4008 n(*3) - 0.00745 age - 0.2066 n(*2) + 0.2029 INR - 0.2538 [amiodarone]
    + 0.0922 [smoker] + beta + 0.0664 [venous thrombosis]), n = number of alleles.
    """
    return np.exp(
        0.9751
        - 0.3238 * vkorc1_genotype.pick(VKORC1_A_ALLELES)
        + 0.4317 * body_surface_area
        - 0.4008 * cyp2c9_genotype.pick(CYP2C9_3_ALLELES)
        - 0.00745 * age
        - 0.2066 * cyp2c9_genotype.pick(CYP2C9_2_ALLELES)
        + 0.2029 * target_inr
        - 0.2538 * amiodarone
        + 0.0922 * smoker
        + beta
        + 0.0664 * venous_thrombosis_indication
    )


def clinical_dose(age, body_surface_area, target_inr, amiodarone, smoker, venous_thrombosis_indication, *, beta):
    """e^(0.613 + 0.4250 BSA - 0.0075 age + beta + 0.2160 INR - 0.2570 [amiodarone] + 0.1080 [smoker] + 0.0784 [venous thrombosis])."""
    return np.exp(
        0.613
        + 0.4250 * body_surface_area
        - 0.0075 * age
        + beta
        + 0.2160 * target_inr
        - 0.2570 * amiodarone
        + 0.1080 * smoker
        + 0.0784 * venous_thrombosis_indication
    )


DAILY_DOSE = Output.parse("daily_dose[mg/d]")
DRIVES = "starting dose of warfarin"
GAGE_2008 = Source(citation="Gage BF, Eby C, Johnson JA, et al. Clin Pharmacol Ther 2008;84:326-331", doi="10.1038/clpt.2008.10")
GAGE_POPULATION = "Adults starting warfarin; fitted to 1,015 patients."
BODY_SURFACE_AREA = "Body surface area is an input: public implementations disagree on the formula (DuBois or Mosteller)."

warfarin_gage_pgx_2008 = Calculator(
    id="warfarin_gage_pgx_2008",
    title="Warfarin dose, Gage pharmacogenetic",
    specialty="pharmacology",
    year=2008,
    role="race_based",
    inputs=(
        "age",
        "body_surface_area",
        "target_inr",
        "amiodarone",
        "smoker",
        "venous_thrombosis_indication",
        "vkorc1_genotype",
        "cyp2c9_genotype",
    ),
    outputs=(DAILY_DOSE,),
    formula=pharmacogenetic_dose,
    race=RaceTerm(
        kind="coefficient",
        groups={"Black": {"beta": -0.0901}, "not Black": {"beta": 0.0}},
        removed="not Black",
        removed_source="catalogue",
        unlisted="not Black",
        meaning="multiplies the daily dose by e^-0.0901 = 0.914 for patients recorded as Black or African American",
    ),
    race_free_peers=("warfarin_iwpc_modified_eupact_2012",),
    confidence_note="Two implementations agree, except on VKORC1 A/A, which one of them ignores.",
    drives=DRIVES,
    population=GAGE_POPULATION,
    equation=(
        "daily dose = e^(0.9751 - 0.3238*n(VKORC1 A) + 0.4317*BSA - 0.4008*n(CYP2C9 *3) - 0.00745*age - 0.2066*n(CYP2C9 *2) + 0.2029*target INR - 0.2538 [amiodarone] "
        "+ 0.0922 [smoker] - 0.0901 [Black] + 0.0664 [deep vein thrombosis or pulmonary embolism]) mg; n = number of alleles, BSA in m2"
    ),
    direction="Lowers the dose by 8.6% for patients recorded as Black or African American; the clinical equation of the same paper raises it by 16.9%.",
    history="The term came from the regression. No version without race has replaced it.",
    known_wrong=("A public package counts VKORC1 only as G/A or not, so that A/A gets the dose of G/G: e^0.6476, 91% too high.",),
    sources=(GAGE_2008,),
    note=f"{BODY_SURFACE_AREA} No dose when a genotype is unknown.",
)

warfarin_gage_clinical_2008 = Calculator(
    id="warfarin_gage_clinical_2008",
    title="Warfarin dose, Gage clinical",
    specialty="pharmacology",
    year=2008,
    role="race_based",
    inputs=("age", "body_surface_area", "target_inr", "amiodarone", "smoker", "venous_thrombosis_indication"),
    outputs=(DAILY_DOSE,),
    formula=clinical_dose,
    race=RaceTerm(
        kind="coefficient",
        groups={"Black": {"beta": 0.1560}, "not Black": {"beta": 0.0}},
        removed="not Black",
        removed_source="catalogue",
        unlisted="not Black",
        meaning="multiplies the daily dose by e^0.1560 = 1.169 for patients recorded as Black or African American",
    ),
    confidence="SINGLE-SOURCE",
    confidence_note="One implementation was executed.",
    drives=DRIVES,
    population=GAGE_POPULATION,
    equation=(
        "daily dose = e^(0.613 + 0.4250*BSA - 0.0075*age + 0.1560 [Black] + 0.2160*target INR - 0.2570 [amiodarone] + 0.1080 [smoker] "
        "+ 0.0784 [deep vein thrombosis or pulmonary embolism]) mg; BSA in m2"
    ),
    direction="Raises the dose by 16.9% for patients recorded as Black or African American; the pharmacogenetic equation of the same paper lowers it by 8.6%.",
    history="The term came from the regression. No version without race has replaced it.",
    sources=(GAGE_2008,),
    note=BODY_SURFACE_AREA,
)
