"""Prostate health index: prostate cancer from total PSA, free PSA and [-2]pro-PSA, without race (2011)."""

import numpy as np

from calculators.declare import Bands, Calculator, Output, Source


def prostate_health_index(psa, free_psa, p2psa):
    """p2PSA / free PSA * sqrt(PSA); p2PSA in pg/mL, the others in ng/mL."""
    return p2psa / free_psa * np.sqrt(psa)


phi_2011 = Calculator(
    id="phi_2011",
    title="Prostate health index",
    specialty="oncology",
    year=2011,
    role="comparator",
    inputs=("psa", "free_psa", "p2psa"),
    outputs=(Output.parse("phi[1]"),),
    formula=prostate_health_index,
    bands=(
        Bands(
            id="phi_risk",
            output="phi",
            cuts=(27, 36, 55),
            labels=("0 to 26.9", "27 to 35.9", "36 to 54.9", "55 or more"),
            source="cancer on biopsy in 11%, 21%, 33% and 50% at a PSA of 2 to 10 ng/mL and a normal examination",
        ),
    ),
    derived_on={"psa": (2, 10)},
    confidence="SINGLE-SOURCE",
    confidence_note="Checked against one public implementation.",
    drives="prostate biopsy",
    population="Men before a prostate biopsy, PSA of 2 to 10 ng/mL, normal digital rectal examination.",
    equation="PHI = (p2PSA / free PSA) * sqrt(PSA); p2PSA in pg/mL, free PSA and PSA in ng/mL",
    direction="No race term: the same measurements give the same index in every group.",
    history="A peer of the PCPT and PBCG calculators that reads no race.",
    sources=(Source(citation="Prostate health index (phi), 2011"),),
)
