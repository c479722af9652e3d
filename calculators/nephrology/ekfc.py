"""European Kidney Function Consortium equations: eGFR from creatinine or cystatin C over its usual value Q (Pottel 2021, 2023)."""

import numpy as np

from calculators.declare import Calculator, RaceTerm, Source
from calculators.nephrology.ckd_epi import EGFR
from calculators.nephrology.egfr_care import EGFR_CARE, KDIGO_GFR


def full_age_spectrum(ratio, age):
    """107.3 * ratio^-0.322 [ratio < 1] or 107.3 * ratio^-1.132 [ratio >= 1]; * 0.990^(age - 40) [age > 40]; ratio = marker / Q."""
    return 107.3 * ratio ** np.where(ratio < 1, -0.322, -1.132) * 0.990 ** np.maximum(age - 40, 0)


def young_q(age, sex):
    """ln Q in umol/L to the age a of 25; Q in mg/dL is that over 88.4.

    male 3.200 + 0.259 a - 0.543 ln a - 0.00763 a^2 + 0.0000790 a^3; female 3.080 + 0.177 a - 0.223 ln a - 0.00596 a^2 + 0.0000686 a^3.
    """
    male = 3.200 + 0.259 * age - 0.543 * np.log(age) - 0.00763 * age**2 + 0.0000790 * age**3
    female = 3.080 + 0.177 * age - 0.223 * np.log(age) - 0.00596 * age**2 + 0.0000686 * age**3
    return np.exp(np.where(sex == "male", male, female)) / 88.4


def creatinine_all_ages(creatinine, age, sex, *, q_female, q_male):
    """full_age_spectrum(Scr / Q, age); Q = young_q to the age of 25, then q_female or q_male."""
    q = np.where(age <= 25, young_q(age, sex), sex.pick(female=q_female, male=q_male))
    return full_age_spectrum(creatinine / q, age)


def creatinine_over_25(creatinine, age, sex, *, q_female, q_male):
    """full_age_spectrum(Scr / Q, age) with Q = q_female or q_male; nothing at 25 and under."""
    egfr = full_age_spectrum(creatinine / sex.pick(female=q_female, male=q_male), age)
    return np.where(age > 25, egfr, np.nan)


def cystatin_c_without_sex(cystatin_c, age, *, q):
    """full_age_spectrum(Scys / Q, age); Q = q + 0.005 (age - 50) [age > 50]."""
    return full_age_spectrum(cystatin_c / (q + 0.005 * np.maximum(age - 50, 0)), age)


def cystatin_c_by_sex(cystatin_c, age, sex, *, q_female, q_male):
    """full_age_spectrum(Scys / Q, age); Q = q_female or q_male, + 0.005 (age - 50) [age > 50]."""
    return full_age_spectrum(cystatin_c / (sex.pick(female=q_female, male=q_male) + 0.005 * np.maximum(age - 50, 0)), age)


POTTEL_2021 = Source(
    citation="Pottel H, Björk J, Courbebaisse M, et al. Ann Intern Med 2021;174:183-191",
    doi="10.7326/M20-4366",
)
POTTEL_2023 = Source(citation="Pottel H, Björk J, Rule AD, et al. N Engl J Med 2023;388:333-343", doi="10.1056/NEJMoa2203769")
FORM = "eGFR = 107.3 * (marker/Q)^-0.322 [marker/Q < 1] or 107.3 * (marker/Q)^-1.132 [marker/Q >= 1]; * 0.990^(age - 40) [age > 40]"
AFRICAN_Q_IN_CHILDREN = "kidney.epi 1.4 uses the Black-specific Q at every age; in young children its eGFR is up to 3.8 times too high."
CHILD_POLYNOMIAL = "nephro 1.5 uses another polynomial to the age of 18, where its eGFR is about 1.9 times that of other implementations."

ekfc_cr_2021 = Calculator(
    id="ekfc_cr_2021",
    title="European Kidney Function Consortium creatinine 2021",
    specialty="nephrology",
    year=2021,
    role="comparator",
    inputs=("creatinine", "age", "sex"),
    outputs=(EGFR,),
    formula=creatinine_all_ages,
    constants={"q_female": 0.70, "q_male": 0.90},
    decisions=EGFR_CARE,
    bands=(KDIGO_GFR,),
    valid={"age": (2, None)},
    derived_on={"age": (2, 90), "creatinine": (40 / 88.4, 490 / 88.4)},
    drives="CKD staging, drug dosing, referral",
    population="Ages 2 to 90, creatinine 40 to 490 umol/L.",
    equation=(
        f"{FORM}\n"
        "marker = Scr in mg/dL; over 25 years Q = 0.70 (female), 0.90 (male) mg/dL; from 2 to 25 years, in umol/L,\n"
        "ln Q = 3.080 + 0.177 a - 0.223 ln a - 0.00596 a^2 + 0.0000686 a^3 (female)\n"
        "ln Q = 3.200 + 0.259 a - 0.543 ln a - 0.00763 a^2 + 0.0000790 a^3 (male), a = age"
    ),
    direction="No race term: equal creatinine, age and sex give the same eGFR to everyone.",
    history="Made in Europe without a race term; a Black-specific Q was proposed two years later (ekfc_cr_2023_black_q).",
    known_wrong=(
        AFRICAN_Q_IN_CHILDREN,
        "tabletools applies the polynomial of Q up to 40 years: 0.8% too low to 7.6% too high between 26 and 40.",
    ),
    sources=(POTTEL_2021,),
    note="Adult Q in umol/L (80 male, 62 female) differs by up to 0.63%. The step at 25 years (1.0% down in women, 1.8% in men above Q) is part of the equation.",
)

ekfc_cr_2023_black_q = Calculator(
    id="ekfc_cr_2023_black_q",
    title="EKFC creatinine with a Black-specific Q, 2023",
    specialty="nephrology",
    year=2023,
    role="race_based",
    inputs=("creatinine", "age", "sex"),
    outputs=(EGFR,),
    formula=creatinine_over_25,
    race=RaceTerm(
        kind="coefficient",
        groups={"Black": {"q_female": 0.74, "q_male": 1.02}, "not Black": {"q_female": 0.70, "q_male": 0.90}},
        removed="not Black",
        removed_source="catalogue",
        unlisted="not Black",
        meaning="raises the creatinine that counts as usual (Q) from 0.90 to 1.02 mg/dL in men and from 0.70 to 0.74 in women recorded as Black",
    ),
    decisions=EGFR_CARE,
    bands=(KDIGO_GFR,),
    race_free_peers=("ekfc_cys_2023", "ekfc_cr_2021"),
    drives="CKD staging, drug dosing, referral",
    population="Adults over 25; the Black-specific Q comes from Europe.",
    equation=f"{FORM}\nmarker = Scr; Q = 0.70 (female), 0.90 (male); 0.74 and 1.02 mg/dL for people recorded as Black; none to 25 years",
    direction=(
        "Raises eGFR for patients recorded as Black: by 15.2% in men and 6.5% in women whose creatinine is above Q, by 4.1% and 1.8% below it. "
        "It works as a race term though it is presented as a reference value."
    ),
    history="Here race was added after a race-free equation (2021) existed. The same paper offers cystatin C without race or sex.",
    known_wrong=(AFRICAN_Q_IN_CHILDREN,),
    sources=(POTTEL_2023, POTTEL_2021),
    note=(
        "No rule for other, mixed or unknown race. Other sets of Q for Africa and the United States exist; their values were not confirmed and are left out. "
        "The row 'not Black' gives the eGFR of ekfc_cr_2021."
    ),
)

ekfc_cys_2023 = Calculator(
    id="ekfc_cys_2023",
    title="EKFC cystatin C 2023",
    specialty="nephrology",
    year=2023,
    role="comparator",
    inputs=("cystatin_c", "age"),
    outputs=(EGFR,),
    formula=cystatin_c_without_sex,
    constants={"q": 0.83},
    decisions=EGFR_CARE,
    bands=(KDIGO_GFR,),
    drives="CKD staging, drug dosing",
    population="Adults; cystatin C calibrated to the IFCC reference. A pediatric report of 2024 keeps the same Q under 18.",
    equation=f"{FORM}\nmarker = Scys in mg/L; Q = 0.83, + 0.005 (age - 50) over 50 years",
    direction="Neither race nor sex: equal cystatin C and age give the same eGFR to everyone.",
    history="Published together with the Black-specific Q for creatinine, as the way to leave race and sex out.",
    known_wrong=(CHILD_POLYNOMIAL,),
    sources=(POTTEL_2023,),
    note="The mean of this and the creatinine value is used as the combined EKFC eGFR.",
)

ekfc_cys_2023_sex_specific = Calculator(
    id="ekfc_cys_2023_sex_specific",
    title="EKFC cystatin C 2023, sex-specific Q",
    specialty="nephrology",
    year=2023,
    role="comparator",
    confidence="SINGLE-SOURCE",
    confidence_note="The sex-specific Q was found in one implementation only (nephro 1.5).",
    inputs=("cystatin_c", "age", "sex"),
    outputs=(EGFR,),
    formula=cystatin_c_by_sex,
    constants={"q_female": 0.79, "q_male": 0.86},
    bands=(KDIGO_GFR,),
    drives="CKD staging, drug dosing",
    population="Adults; cystatin C calibrated to the IFCC reference.",
    equation=f"{FORM}\nmarker = Scys in mg/L; Q = 0.79 (female), 0.86 (male), + 0.005 (age - 50) over 50 years",
    direction="No race term. At equal cystatin C a man has an eGFR 10.1% higher than a woman above Q, 2.8% higher below it.",
    known_wrong=(CHILD_POLYNOMIAL,),
    sources=(POTTEL_2023,),
)
