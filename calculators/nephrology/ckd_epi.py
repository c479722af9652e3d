"""CKD-EPI equations: estimated GFR from serum creatinine, cystatin C or both (Levey 2009, Inker 2012, Inker 2021)."""

import numpy as np

from calculators.declare import Calculator, Output, RaceTerm, Source
from calculators.nephrology.egfr_care import EGFR_CARE, KDIGO_GFR

EGFR = Output.parse("egfr[mL/min/{1.73_m2}]")
DRIVES_STAGING = "CKD staging, drug dosing, referral, transplant listing"
DRIVES_CONFIRMATION = "Confirming CKD after a creatinine-based eGFR"
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


def creatinine_cystatin_equation(
    creatinine, cystatin_c, age, sex, *, scale, alpha_female, alpha_male, beta, below, above, yearly, if_female, times=1.0
):
    """scale * min(Scr/k, 1)^alpha * max(Scr/k, 1)^beta * min(Scys/0.8, 1)^below * max(Scys/0.8, 1)^above * yearly^age * (if_female) * times."""
    scr = creatinine / sex.pick(female=0.7, male=0.9)
    scys = cystatin_c / 0.8
    by_creatinine = np.minimum(scr, 1) ** sex.pick(female=alpha_female, male=alpha_male) * np.maximum(scr, 1) ** beta
    by_cystatin = np.minimum(scys, 1) ** below * np.maximum(scys, 1) ** above
    return scale * by_creatinine * by_cystatin * yearly**age * sex.pick(female=if_female, male=1.0) * times


INKER_2012 = Source(citation="Inker LA, et al. N Engl J Med 2012;367:20")
INKER_2021 = Source(
    citation="Inker LA, Eneanya ND, Coresh J, et al. N Engl J Med 2021;385:1737-1749",
    doi="10.1056/NEJMoa2102953",
)
TASK_FORCE = Source(citation="Delgado C, et al., NKF-ASN Task Force. J Am Soc Nephrol 2021;32:2994; Am J Kidney Dis 2022;79")

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
    direction=(
        "Raises eGFR by 15.9% at equal creatinine, age and sex, so patients recorded as Black or African American reach every low-eGFR threshold later: "
        "at 55 years an eGFR of 20 needs a creatinine of 3.72 against 3.29 mg/dL in men and 2.93 against 2.60 in women."
    ),
    history=(
        "The factor came from the regression of measured GFR in the development studies. With it, eGFR exceeded measured GFR in Black participants "
        "by a median of 3.7 in the 2021 validation; with the factor set to 1 it fell short by 7.1. Partners HealthCare removed it in 2019: of 2,225 African American "
        "patients with CKD 743 (33.4%) moved to a more severe stage, and 64 of 2,069 (3.1%) came to 20 or below. Vanderbilt followed on 8 July 2020. "
        "The NKF-ASN Task Force weighed 26 approaches and recommended the 2021 equation for all US laboratories at once; OPTN barred race-inclusive eGFR from "
        "27 July 2022 and since 5 January 2023 has given Black candidates registered before that day the waiting time that a race-free eGFR shows (14,849 "
        "candidates by 15 January 2024)."
    ),
    known_wrong=(
        "kidney.epi 1.4 has the rounded constants 144, 163 and 166 of the printed table in place of the product 141 * 1.018 * 1.159: up to 0.32% apart.",
    ),
    sources=(
        Source(citation="Levey AS, Stevens LA, Schmid CH, et al. Ann Intern Med 2009;150:604-612", note="PMC2763564"),
        INKER_2021,
        TASK_FORCE,
        Source(citation="Ahmed, et al. J Gen Intern Med, PMC7878608", note="removal at Partners HealthCare"),
    ),
    note=(
        "Product form; the table form with rounded constants is also published. "
        "LOINC tells how a stored result was made: 88293-6 with the factor, 88294-4 without it, 62238-1 CKD-EPI 2009 in general."
    ),
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
    direction=(
        "No race term. Against the 2009 equation, eGFR falls for patients scored as Black and rises for most others: at 55 years an eGFR of 20 is reached at a creatinine "
        "of 3.47 mg/dL in men and 2.72 in women, between the two values of 2009."
    ),
    history=(
        "Refitted without race. In the validation it fell short of measured GFR in Black participants by a median of 3.6 and exceeded it in others by 3.9: "
        "an audit shows both. In Stockholm (1.6 million people, Fu 2022) 9.9% of all and 36.2% of those in G3a-G5 moved to a higher category. Among Black living "
        "kidney donors 17.7% moved to a more severe stage before donation and 25.5% after it. At Stanford the adoption did not change the rate of referrals."
    ),
    sources=(
        INKER_2021,
        TASK_FORCE,
        Source(citation="Fu EL, Coresh J, Grams ME, et al. Nephrol Dial Transplant 2022;38:119-128", doi="10.1093/ndt/gfac197"),
        Source(citation="PMC9998335", note="Black living kidney donors under the 2009 and 2021 equations"),
        Source(citation="Cusick, et al. PMLR 2024;248", note="referrals at Stanford"),
    ),
    note="LOINC 98979-8 marks its results.",
)

ckd_epi_cys_2012 = Calculator(
    id="ckd_epi_cys_2012",
    title="CKD-EPI cystatin C 2012",
    specialty="nephrology",
    year=2012,
    role="comparator",
    inputs=("cystatin_c", "age", "sex"),
    outputs=(EGFR,),
    formula=cystatin_equation,
    constants={"scale": 133, "below": -0.499, "above": -1.328, "yearly": 0.996, "if_female": 0.932},
    decisions=EGFR_CARE,
    bands=(KDIGO_GFR,),
    valid={"age": (18, None)},
    drives=DRIVES_CONFIRMATION,
    population=f"{ADULTS} Cystatin C calibrated to the IFCC reference.",
    equation="eGFR = 133 * min(Scys/0.8, 1)^-0.499 * max(Scys/0.8, 1)^-1.328 * 0.996^age * 0.932 [female]; Scys in mg/L",
    direction="No race term: equal cystatin C, age and sex give the same eGFR to everyone.",
    history="Never had a race term. The 2021 revision kept it as it was, so a 'CKD-EPI cystatin C 2021' in software is this equation.",
    known_wrong=("0.9962 in place of 0.996 as the yearly factor, found in public cohort code, gives an eGFR 1.3% higher at 65 years.",),
    sources=(INKER_2012, INKER_2021),
)

ckd_epi_crcys_2012 = Calculator(
    id="ckd_epi_crcys_2012",
    title="CKD-EPI creatinine and cystatin C 2012",
    specialty="nephrology",
    year=2012,
    role="race_based",
    inputs=("creatinine", "cystatin_c", "age", "sex"),
    outputs=(EGFR,),
    formula=creatinine_cystatin_equation,
    constants={
        "scale": 135,
        "alpha_female": -0.248,
        "alpha_male": -0.207,
        "beta": -0.601,
        "below": -0.375,
        "above": -0.711,
        "yearly": 0.995,
        "if_female": 0.969,
    },
    race=RaceTerm(
        kind="multiplier",
        groups={"Black": {"times": 1.08}, "not Black": {"times": 1.0}},
        removed="not Black",
        unlisted="not Black",
        meaning="multiplies the result by 1.08 for patients recorded as Black or African American",
    ),
    decisions=EGFR_CARE,
    bands=(KDIGO_GFR,),
    replaced_by="ckd_epi_crcys_2021",
    valid={"age": (18, None)},
    drives=DRIVES_CONFIRMATION,
    population=f"{ADULTS} Cystatin C calibrated to the IFCC reference.",
    equation=(
        "eGFR = 135 * min(Scr/k, 1)^a * max(Scr/k, 1)^-0.601 * min(Scys/0.8, 1)^-0.375 * max(Scys/0.8, 1)^-0.711 * 0.995^age * 0.969 [female] * 1.08 [Black]\n"
        "k = 0.7 (female), 0.9 (male); a = -0.248 (female), -0.207 (male); Scr in mg/dL, Scys in mg/L"
    ),
    direction="Raises eGFR by 8.0% at equal creatinine, cystatin C, age and sex, about half of what the 2009 creatinine equation adds.",
    history="Published with the cystatin C equation that needs no race term; the 2021 revision refitted the combined equation without race.",
    known_wrong=(
        "130 in place of 135 * 0.969 for women is the rounded printed table, 0.6% lower.",
        "0.9952 in place of 0.995 as the yearly factor, found in public cohort code, gives a higher eGFR, by 1.3% at 65 years.",
    ),
    sources=(INKER_2012, INKER_2021),
    note="Product form; the printed table has rounded constants.",
)

ckd_epi_crcys_2021 = Calculator(
    id="ckd_epi_crcys_2021",
    title="CKD-EPI creatinine and cystatin C 2021",
    specialty="nephrology",
    year=2021,
    role="race_free_successor",
    inputs=("creatinine", "cystatin_c", "age", "sex"),
    outputs=(EGFR,),
    formula=creatinine_cystatin_equation,
    constants={
        "scale": 135,
        "alpha_female": -0.219,
        "alpha_male": -0.144,
        "beta": -0.544,
        "below": -0.323,
        "above": -0.778,
        "yearly": 0.9961,
        "if_female": 0.963,
    },
    decisions=EGFR_CARE,
    bands=(KDIGO_GFR,),
    valid={"age": (18, None)},
    drives=DRIVES_CONFIRMATION,
    population=f"{ADULTS} Cystatin C calibrated to the IFCC reference.",
    equation=(
        "eGFR = 135 * min(Scr/k, 1)^a * max(Scr/k, 1)^-0.544 * min(Scys/0.8, 1)^-0.323 * max(Scys/0.8, 1)^-0.778 * 0.9961^age * 0.963 [female]\n"
        "k = 0.7 (female), 0.9 (male); a = -0.219 (female), -0.144 (male); Scr in mg/dL, Scys in mg/L"
    ),
    direction="No race term: equal creatinine, cystatin C, age and sex give the same eGFR to everyone.",
    history="Refitted without race. The NKF-ASN Task Force prefers it for confirming a result of the creatinine equation.",
    sources=(INKER_2021, TASK_FORCE),
    note="LOINC 98980-6 marks its results.",
)
