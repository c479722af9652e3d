"""Estimated GFR of kidney transplant recipients without race (Raynaud 2023)."""

import numpy as np

from calculators.declare import Calculator, Source
from calculators.nephrology.ckd_epi import EGFR
from calculators.nephrology.egfr_care import KDIGO_GFR


def recipient_egfr(creatinine, age, sex):
    """exp(4.4275492 - 0.8230475 ln Scr - 0.0124264 Scr^2 - 0.0055068 age + 0.1806494 [male])."""
    return np.exp(
        4.4275492 - 0.8230475 * np.log(creatinine) - 0.0124264 * creatinine**2 - 0.0055068 * age + sex.pick(female=0.0, male=0.1806494)
    )


egfr_krs_raynaud_2023 = Calculator(
    id="egfr_krs_raynaud_2023",
    title="Race-free eGFR for kidney recipients",
    specialty="nephrology",
    year=2023,
    role="comparator",
    inputs=("creatinine", "age", "sex"),
    outputs=(EGFR,),
    formula=recipient_egfr,
    bands=(KDIGO_GFR,),
    valid={"age": (18, None)},
    drives="Follow-up of kidney transplants",
    population="Adults with a kidney transplant; 3,622 in France for development, 11,867 in Europe, the United States and Australia for validation.",
    equation="eGFR = exp(4.4275492 - 0.8230475 ln Scr - 0.0124264 Scr^2 - 0.0055068 age + 0.1806494 [male]); Scr in mg/dL",
    direction="No race term: equal creatinine, age and sex give the same eGFR to every recipient.",
    history="Race was tried as an input in its development; it did not improve the estimates and was left out.",
    sources=(Source(citation="Raynaud M, et al. BMJ 2023;381:e073654"),),
)
