"""CKD-EPI equations: estimated GFR from serum creatinine, cystatin C or both (Levey 2009, Inker 2012, Inker 2021)."""

import numpy as np

from calculators.declare import Calculator, Output, RaceTerm, Source
from calculators.nephrology.egfr_care import EGFR_CARE, KDIGO_GFR

EGFR = Output.parse("egfr[mL/min/{1.73_m2}]")
DRIVES_STAGING = "CKD staging, drug dosing, referral, transplant listing"
ADULTS = "Adults of 18 years and over."


def creatinine_equation(creatinine, age, sex, *, scale, alpha_female, alpha_male, beta, yearly, if_female, times=1.0):
    """scale * min(Scr/k, 1)^alpha * max(Scr/k, 1)^beta * yearly^age * (if_female) * times; k = 0.7 female, 0.9 male."""
    ratio = creatinine / sex.pick(female=0.7, male=0.9)
    alpha = sex.pick(female=alpha_female, male=alpha_male)
    return scale * np.minimum(ratio, 1) ** alpha * np.maximum(ratio, 1) ** beta * yearly**age * sex.pick(female=if_female, male=1.0) * times


def cystatin_equation(cystatin_c, age, sex, *, scale, below, above, yearly, if_female):
    """scale * min(Scys/0.8, 1)^below * max(Scys/0.8, 1)^above * yearly^age * (if_female)."""
    ratio = cystatin_c / 0.8
    return scale * np.minimum(ratio, 1) ** below * np.maximum(ratio, 1) ** above * yearly**age * sex.pick(female=if_female, male=1.0)


INKER_2021 = Source(
    citation="Inker LA, Eneanya ND, Coresh J, et al. N Engl J Med 2021;385:1737-1749",
    doi="10.1056/NEJMoa2102953",
)

ckd_epi_cr_2009 = Calculator(
    id="ckd_epi_cr_2009",
    title="CKD-EPI creatinine 2009",
    specialty="nephrology",
    year=2009,
    role="race_based",
    inputs=("creatinine", "age", "sex"),
    outputs=(EGFR,),
    formula=creatinine_equation,
    constants={"scale": 141, "alpha_female": -0.329, "alpha_male": -0.411, "beta": -1.209, "yearly": 0.993, "if_female": 1.018},
    race=RaceTerm(
        kind="multiplier",
        groups={"Black": {"times": 1.159}, "not Black": {"times": 1.0}},
        removed="not Black",
        unlisted="not Black",
        meaning="multiplies the result by 1.159 for patients recorded as Black or African American",
    ),
    decisions=EGFR_CARE,
    bands=(KDIGO_GFR,),
    replaced_by="ckd_epi_cr_2021",
    valid={"age": (18, None)},
    drives=DRIVES_STAGING,
    population=f"{ADULTS} Development: 8,254 people in 10 studies.",
    equation="eGFR = 141 * min(Scr/k, 1)^a * max(Scr/k, 1)^-1.209 * 0.993^age * 1.018 [female] * 1.159 [Black]\nk = 0.7 (female), 0.9 (male); a = -0.329 (female), -0.411 (male); Scr in mg/dL",
    direction="Raises eGFR by 15.9% at equal creatinine, age and sex, so patients recorded as Black or African American reach every low-eGFR threshold later.",
    history=(
        "The factor came from the regression of measured GFR in the development studies. With it, eGFR exceeded measured GFR in Black participants "
        "by a median of 3.7 in the 2021 validation; with the factor set to 1 it fell short by 7.1. The NKF-ASN Task Force recommended the 2021 equation "
        "for all US laboratories; OPTN barred race-inclusive eGFR from 27 July 2022."
    ),
    known_wrong=("Rounded constants 144, 163 and 166 in place of the product 141 * 1.018 * 1.159 differ by up to 0.32%.",),
    sources=(Source(citation="Levey AS, Stevens LA, Schmid CH, et al. Ann Intern Med 2009;150:604-612"), INKER_2021),
    note="Product form; the table form with rounded constants is also published.",
)

ckd_epi_cr_2021 = Calculator(
    id="ckd_epi_cr_2021",
    title="CKD-EPI creatinine 2021",
    specialty="nephrology",
    year=2021,
    role="race_free_successor",
    inputs=("creatinine", "age", "sex"),
    outputs=(EGFR,),
    formula=creatinine_equation,
    constants={"scale": 142, "alpha_female": -0.241, "alpha_male": -0.302, "beta": -1.200, "yearly": 0.9938, "if_female": 1.012},
    decisions=EGFR_CARE,
    bands=(KDIGO_GFR,),
    valid={"age": (18, None)},
    drives=DRIVES_STAGING,
    population=ADULTS,
    equation="eGFR = 142 * min(Scr/k, 1)^a * max(Scr/k, 1)^-1.200 * 0.9938^age * 1.012 [female]\nk = 0.7 (female), 0.9 (male); a = -0.241 (female), -0.302 (male); Scr in mg/dL",
    history=(
        "Refitted without race. In the validation it fell short of measured GFR in Black participants by a median of 3.6 and exceeded it in others by 3.9: "
        "an audit shows both. In Stockholm (1.6 million people, Fu 2022) 36.2% of those in G3a-G5 moved to a higher category."
    ),
    sources=(INKER_2021,),
)
