"""Revised Lund-Malmö equation: estimated GFR from creatinine, age and sex in Sweden (Björk 2011)."""

import numpy as np

from calculators.declare import Calculator, Source, completed
from calculators.nephrology.ckd_epi import EGFR
from calculators.nephrology.egfr_care import EGFR_CARE, KDIGO_GFR


def revised_lund_malmo(creatinine, age, sex):
    """exp(X - 0.0158 age + 0.438 ln age), pCr in umol/L:

    female X = 2.50 + 0.0121 (150 - pCr) [pCr < 150] or 2.50 - 0.926 ln(pCr/150);
    male X = 2.56 + 0.00968 (180 - pCr) [pCr < 180] or 2.56 - 0.926 ln(pCr/180).
    """
    pcr = creatinine * 88.4
    turn = sex.pick(female=150, male=180)
    below = sex.pick(female=0.0121, male=0.00968) * (turn - pcr)
    above = -0.926 * np.log(pcr / turn)
    x = sex.pick(female=2.50, male=2.56) + np.where(pcr < turn, below, above)
    return np.exp(x - 0.0158 * age + 0.438 * np.log(age))


lund_malmo_revised_2011 = Calculator(
    id="lund_malmo_revised_2011",
    title="Lund-Malmo revised creatinine",
    specialty="nephrology",
    year=2011,
    role="comparator",
    inputs=("creatinine", "age", "sex"),
    outputs=(EGFR,),
    formula=revised_lund_malmo,
    decisions=EGFR_CARE,
    bands=(KDIGO_GFR,),
    valid={"age": (18, None)},
    derived_on={"age": completed(18, 95)},
    drives="CKD staging, drug dosing",
    population="Adults of 18 to 95 years in Sweden; 850 people.",
    equation=(
        "eGFR = exp(X - 0.0158 age + 0.438 ln age); creatinine pCr in umol/L (mg/dL * 88.4)\n"
        "female: X = 2.50 + 0.0121 (150 - pCr) if pCr < 150, else 2.50 - 0.926 ln(pCr/150)\n"
        "male: X = 2.56 + 0.00968 (180 - pCr) if pCr < 180, else 2.56 - 0.926 ln(pCr/180)"
    ),
    direction="No race term: equal creatinine, age and sex give the same eGFR to everyone.",
    history="Made without a race term; a peer of the CKD-EPI and EKFC equations.",
    sources=(
        Source(
            citation="Björk J, Grubb A, Sterner G, Nyman U. Scand J Clin Lab Invest 2011;71:232-239", doi="10.3109/00365513.2011.557086"
        ),
    ),
)
