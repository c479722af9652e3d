"""Warfarin dose by the International Warfarin Pharmacogenetics Consortium (2009), and its EU-PACT form (2012)."""

import numpy as np

from calculators.declare import Bands, Calculator, Decision, Output, RaceTerm, Removal, Source

VKORC1 = {"G/G": 0.0, "A/G": -0.8677, "A/A": -1.6974, "unknown": -0.4854}
CYP2C9 = {
    "*1/*1": 0.0,
    "*1/*2": -0.5211,
    "*1/*3": -0.9357,
    "*2/*2": -1.0616,
    "*2/*3": -1.9206,
    "*3/*3": -2.3312,
    "unknown": -0.2188,
}


def clinical_dose(age, height, weight, enzyme_inducer, amiodarone, *, beta):
    """(4.0376 - 0.2546 decades + 0.0118 cm + 0.0134 kg + beta + 1.2799 [enzyme inducer] - 0.5695 [amiodarone])^2; decades = floor(age/10)."""
    root = (
        4.0376
        - 0.2546 * np.floor(np.round(age, 6) / 10)
        + 0.0118 * height
        + 0.0134 * weight
        + beta
        + 1.2799 * enzyme_inducer
        - 0.5695 * amiodarone
    )
    return squared(root)


def pharmacogenetic_dose(age, height, weight, vkorc1_genotype, cyp2c9_genotype, enzyme_inducer, amiodarone, *, beta):
    """(5.6044 - 0.2614 decades + 0.0087 cm + 0.0128 kg + VKORC1 + CYP2C9 + beta + 1.1816 [enzyme inducer] - 0.5503 [amiodarone])^2."""
    root = (
        5.6044
        - 0.2614 * np.floor(np.round(age, 6) / 10)
        + 0.0087 * height
        + 0.0128 * weight
        + vkorc1_genotype.pick(VKORC1)
        + cyp2c9_genotype.pick(CYP2C9)
        + beta
        + 1.1816 * enzyme_inducer
        - 0.5503 * amiodarone
    )
    return squared(root)


def eu_pact_dose(age, height, weight, vkorc1_genotype, cyp2c9_genotype, amiodarone):
    """(5.6044 - 0.02614 age + 0.0087 cm + 0.0128 kg + VKORC1 + CYP2C9 - 0.5503 [amiodarone])^2; both genotypes known."""
    root = (
        5.6044
        - 0.02614 * age
        + 0.0087 * height
        + 0.0128 * weight
        + vkorc1_genotype.pick({**VKORC1, "unknown": np.nan})
        + cyp2c9_genotype.pick({**CYP2C9, "unknown": np.nan})
        - 0.5503 * amiodarone
    )
    return squared(root)


def squared(root):
    """The square of the dose's root; no dose where the root is not above zero."""
    return np.where(root > 0, root, np.nan) ** 2


WEEKLY_DOSE = Output.parse("weekly_dose[mg/wk]")
DOSE_BANDS = Bands(
    id="weekly_dose_strata",
    output="weekly_dose",
    cuts=(21, 49),
    labels=("low", "intermediate", "high"),
    source="strata under 21, 21 to 49 and over 49 mg per week, used in audits",
)
DRIVES = "starting dose of warfarin"
IWPC_2009 = Source(citation="International Warfarin Pharmacogenetics Consortium (Klein TE, et al.). N Engl J Med 2009;360:753")
IWPC_POPULATION = "Adults starting warfarin; fitted to the stable doses of 4,043 patients."
MISSING_ROW = "Missing race has a coefficient of its own, which is the removed row here; it is not the reference row (White), which the other removal uses."


def strata(confidence):
    """The low and the high weekly dose."""
    return (
        Decision(
            id="low",
            output="weekly_dose",
            operator="<",
            cutoff=21,
            action="low weekly dose",
            yes_means="labels",
            confidence=confidence,
        ),
        Decision(
            id="high",
            output="weekly_dose",
            operator=">",
            cutoff=49,
            action="high weekly dose",
            yes_means="labels",
            confidence=confidence,
        ),
    )


REFERENCE_ROW = Removal(name="reference_row", row="White", meaning="everyone is scored with the reference row of the regression, White")

warfarin_iwpc_clinical_2009 = Calculator(
    id="warfarin_iwpc_clinical_2009",
    title="Warfarin dose, IWPC clinical",
    specialty="pharmacology",
    year=2009,
    role="race_based",
    inputs=("age", "height", "weight", "enzyme_inducer", "amiodarone"),
    outputs=(WEEKLY_DOSE,),
    formula=clinical_dose,
    race=RaceTerm(
        kind="coefficient",
        groups={
            "White": {"beta": 0.0},
            "Asian": {"beta": -0.6752},
            "Black": {"beta": 0.4060},
            "Mixed or missing": {"beta": 0.0443},
        },
        removed="Mixed or missing",
        removed_source="catalogue",
        unlisted="Mixed or missing",
        mixed="Mixed or missing",
        meaning="adds -0.6752 (Asian), 0.4060 (Black) or 0.0443 (mixed or missing race) to the square root of the weekly dose, by recorded race",
        other_removals=(REFERENCE_ROW,),
    ),
    decisions=strata("VERIFIED"),
    bands=(DOSE_BANDS,),
    drives=DRIVES,
    population=IWPC_POPULATION,
    equation=(
        "weekly dose = (4.0376 - 0.2546*floor(age/10) + 0.0118*height + 0.0134*weight + race + 1.2799 [enzyme inducer] - 0.5695 [amiodarone])^2 mg\n"
        "race = 0 (White), -0.6752 (Asian), 0.4060 (Black), 0.0443 (mixed or missing); height in cm, weight in kg"
    ),
    direction=(
        "Against the White row at 65 years, 170 cm and 80 kg (31 mg): Asian 23% less, Black 15% more. The Black term changes its sign in the pharmacogenetic equation."
    ),
    history="Fitted with recorded race as a predictor. The EU-PACT trial used a form without race that needs both genotypes.",
    sources=(IWPC_2009,),
    note=f"Age enters in whole decades: 69 counts as 6. Enzyme inducers: carbamazepine, phenytoin, rifampicin. {MISSING_ROW}",
)

warfarin_iwpc_pgx_2009 = Calculator(
    id="warfarin_iwpc_pgx_2009",
    title="Warfarin dose, IWPC pharmacogenetic",
    specialty="pharmacology",
    year=2009,
    role="race_based",
    inputs=("age", "height", "weight", "vkorc1_genotype", "cyp2c9_genotype", "enzyme_inducer", "amiodarone"),
    outputs=(WEEKLY_DOSE,),
    formula=pharmacogenetic_dose,
    race=RaceTerm(
        kind="coefficient",
        groups={
            "White": {"beta": 0.0},
            "Asian": {"beta": -0.1092},
            "Black": {"beta": -0.2760},
            "Mixed or missing": {"beta": -0.1032},
        },
        removed="Mixed or missing",
        removed_source="catalogue",
        unlisted="Mixed or missing",
        mixed="Mixed or missing",
        meaning="adds -0.1092 (Asian), -0.2760 (Black) or -0.1032 (mixed or missing race) to the square root of the weekly dose, by recorded race",
        other_removals=(REFERENCE_ROW,),
    ),
    decisions=strata("VERIFIED"),
    bands=(DOSE_BANDS,),
    race_free_peers=("warfarin_iwpc_modified_eupact_2012",),
    drives=DRIVES,
    population=IWPC_POPULATION,
    equation=(
        "weekly dose = (5.6044 - 0.2614*floor(age/10) + 0.0087*height + 0.0128*weight + VKORC1 + CYP2C9 + race + 1.1816 [enzyme inducer] - 0.5503 [amiodarone])^2 mg\n"
        "VKORC1 -1639: A/G -0.8677, A/A -1.6974, unknown -0.4854; CYP2C9: *1/*2 -0.5211, *1/*3 -0.9357, *2/*2 -1.0616, *2/*3 -1.9206, *3/*3 -2.3312, unknown -0.2188\n"
        "race = 0 (White), -0.1092 (Asian), -0.2760 (Black), -0.1032 (mixed or missing); height in cm, weight in kg"
    ),
    direction=(
        "Against the White row at 65 years, 170 cm, 80 kg and reference genotypes (43 mg): Asian 3% less, Black 8% less. Known genotypes take up most of the Asian "
        "term of the clinical equation and turn the sign of the Black term."
    ),
    history="Fitted with recorded race as a predictor. The EU-PACT trial used a form without race that needs both genotypes.",
    sources=(IWPC_2009,),
    note=f"Age enters in whole decades: 69 counts as 6. Enzyme inducers: carbamazepine, phenytoin, rifampicin. {MISSING_ROW}",
)

warfarin_iwpc_modified_eupact_2012 = Calculator(
    id="warfarin_iwpc_modified_eupact_2012",
    title="Warfarin dose, EU-PACT (modified IWPC)",
    specialty="pharmacology",
    year=2012,
    role="comparator",
    inputs=("age", "height", "weight", "vkorc1_genotype", "cyp2c9_genotype", "amiodarone"),
    outputs=(WEEKLY_DOSE,),
    formula=eu_pact_dose,
    decisions=strata("SINGLE-SOURCE"),
    bands=(DOSE_BANDS,),
    confidence="SINGLE-SOURCE",
    confidence_note="One implementation was executed; the coefficients shared with the IWPC equation are equal to it.",
    drives=DRIVES,
    population="Adults starting warfarin whose VKORC1 and CYP2C9 genotypes are known.",
    equation=(
        "weekly dose = (5.6044 - 0.02614*age + 0.0087*height + 0.0128*weight + VKORC1 + CYP2C9 - 0.5503 [amiodarone])^2 mg\n"
        "VKORC1 -1639: A/G -0.8677, A/A -1.6974; CYP2C9: *1/*2 -0.5211, *1/*3 -0.9357, *2/*2 -1.0616, *2/*3 -1.9206, *3/*3 -2.3312; height in cm, weight in kg, age in years"
    ),
    direction="Has no race term: everyone is dosed by what was the White row, with age in years.",
    history="The IWPC equation without its terms for race, enzyme inducers and unknown genotypes, used in the EU-PACT trial.",
    sources=(Source(citation="Pirmohamed M, et al. N Engl J Med 2013", note="EU-PACT"), IWPC_2009),
    note="No dose when a genotype is unknown.",
)
