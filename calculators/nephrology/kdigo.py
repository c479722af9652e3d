"""KDIGO categories of GFR, albuminuria and risk (KDIGO 2024)."""

import numpy as np

from calculators.declare import Calculator, Output, Source


def categories(egfr, urine_acr):
    """G1 >= 90, G2 >= 60, G3a >= 45, G3b >= 30, G4 >= 15, G5 below; A1 < 30, A2 30 to 300, A3 > 300 mg/g.

    Risk: low G1-G2 A1; moderate G1-G2 A2, G3a A1; high G1-G2 A3, G3a A2, G3b A1; very high all else.
    """
    gfr = np.select([egfr >= 90, egfr >= 60, egfr >= 45, egfr >= 30, egfr >= 15], ["G1", "G2", "G3a", "G3b", "G4"], "G5")
    albuminuria = np.select([urine_acr < 30, urine_acr <= 300], ["A1", "A2"], "A3")
    a1, a2, a3 = albuminuria == "A1", albuminuria == "A2", albuminuria == "A3"
    g1_or_g2, g3a, g3b = egfr >= 60, gfr == "G3a", gfr == "G3b"
    risk = np.select(
        [g1_or_g2 & a1, (g1_or_g2 & a2) | (g3a & a1), (g1_or_g2 & a3) | (g3a & a2) | (g3b & a1)],
        ["low", "moderate", "high"],
        "very_high",
    )
    return {"gfr_category": gfr, "albuminuria_category": albuminuria, "risk_category": risk}


kdigo_ga_2024 = Calculator(
    id="kdigo_ga_2024",
    title="KDIGO categories of GFR, albuminuria and risk",
    specialty="nephrology",
    year=2024,
    role="interpretation",
    inputs=("egfr", "urine_acr"),
    outputs=(
        Output.parse("gfr_category[category]", ("G1", "G2", "G3a", "G3b", "G4", "G5")),
        Output.parse("albuminuria_category[category]", ("A1", "A2", "A3")),
        Output.parse("risk_category[category]", ("low", "moderate", "high", "very_high")),
    ),
    formula=categories,
    feeds={"egfr": "ckd_epi_cr_2021"},
    drives="CKD diagnosis, staging, follow-up interval",
    population="Patients whose findings have lasted over 3 months.",
    equation=(
        "GFR: G1 >= 90, G2 60 to < 90, G3a 45 to < 60, G3b 30 to < 45, G4 15 to < 30, G5 < 15 mL/min/1.73 m2\n"
        "albuminuria: A1 < 30, A2 30 to 300, A3 > 300 mg/g\n"
        "risk: low G1-G2 A1; moderate G1-G2 A2, G3a A1; high G1-G2 A3, G3a A2, G3b A1; very high all else"
    ),
    direction="Race enters only through the eGFR that is fed in: a race term that raises eGFR moves patients to milder categories.",
    known_wrong=(
        "kidney.epi 1.4 puts an albumin to creatinine ratio of exactly 300 mg/g into A3.",
        "epocakir 1.0.0 puts exactly 3 mg/mmol into A1.",
    ),
    sources=(Source(citation="KDIGO 2024 clinical practice guideline for the evaluation and management of chronic kidney disease"),),
    note="Categories of the eGFR as it is; laboratories that round first shift patients near a limit. KDIGO equates 30 mg/g with 3 mg/mmol (factor 10).",
)
