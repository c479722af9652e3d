"""CKiD U25 equations: estimated GFR under 25 years with factors by age and sex (Pierce 2021)."""

import numpy as np

from calculators.declare import Calculator, Source
from calculators.nephrology.ckd_epi import EGFR
from calculators.nephrology.egfr_care import KDIGO_GFR


def creatinine_factor(age, sex):
    """male 39.0 * 1.008^(age - 12) [age < 12], 39.0 * 1.045^(age - 12) [age < 18], 50.8;

    female 36.1 * 1.008^(age - 12) [age < 12], 36.1 * 1.023^(age - 12) [age < 18], 41.4.
    """
    male = np.select([age < 12, age < 18], [39.0 * 1.008 ** (age - 12), 39.0 * 1.045 ** (age - 12)], 50.8)
    female = np.select([age < 12, age < 18], [36.1 * 1.008 ** (age - 12), 36.1 * 1.023 ** (age - 12)], 41.4)
    return np.where(sex == "male", male, female)


def cystatin_factor(age, sex):
    """male 87.2 * 1.011^(age - 15) [age < 15], 87.2 * 0.960^(age - 15) [age < 18], 77.1;

    female 79.9 * 1.004^(age - 12) [age < 12], 79.9 * 0.974^(age - 12) [age < 18], 68.3.
    """
    male = np.select([age < 15, age < 18], [87.2 * 1.011 ** (age - 15), 87.2 * 0.960 ** (age - 15)], 77.1)
    female = np.select([age < 12, age < 18], [79.9 * 1.004 ** (age - 12), 79.9 * 0.974 ** (age - 12)], 68.3)
    return np.where(sex == "male", male, female)


def u25_creatinine(creatinine, age, sex, height):
    """creatinine_factor * height / Scr; height in m."""
    return creatinine_factor(age, sex) * height / 100 / creatinine


def u25_cystatin(cystatin_c, age, sex):
    """cystatin_factor / Scys."""
    return cystatin_factor(age, sex) / cystatin_c


def u25_average(creatinine, cystatin_c, age, sex, height):
    """The mean of u25_creatinine and u25_cystatin."""
    return (u25_creatinine(creatinine, age, sex, height) + u25_cystatin(cystatin_c, age, sex)) / 2


U25_AGES = (1, 25)
U25_PATIENTS = "Patients of 1 to 25 years with CKD, height 0.6 to 2 m."
U25_DRIVES = "CKD staging under 25 years"
NO_RACE = "No race term; the factors depend on age and sex alone."
PIERCE = Source(citation="Pierce CB, Muñoz A, Ng DK, et al. Kidney Int 2021;99:948-956", doi="10.1016/j.kint.2020.10.047")
CREATININE_EQUATION = (
    "eGFR = K * height / Scr; height in m, Scr in mg/dL\n"
    "male K = 39.0 * 1.008^(age - 12) under 12, 39.0 * 1.045^(age - 12) from 12, 50.8 from 18\n"
    "female K = 36.1 * 1.008^(age - 12) under 12, 36.1 * 1.023^(age - 12) from 12, 41.4 from 18"
)
CYSTATIN_EQUATION = (
    "eGFR = K / Scys; Scys in mg/L, IFCC calibrated\n"
    "male K = 87.2 * 1.011^(age - 15) under 15, 87.2 * 0.960^(age - 15) from 15, 77.1 from 18\n"
    "female K = 79.9 * 1.004^(age - 12) under 12, 79.9 * 0.974^(age - 12) from 12, 68.3 from 18"
)
CREATININE_FAULT = "kidney.epi 1.4 has fixed factors of 37.6 (female) and 41.8 (male) from 15 to 18 years: up to 17.7% too low."
CYSTATIN_FAULTS = (
    "kidney.epi 1.4 has 41.4 in place of 68.3 for women from 18 years: 39% too low.",
    "xgaeta/transplantr-CKiDu25 has the factors of 18 years and over swapped between the sexes: up to 12.9% off.",
)

ckid_u25_cr_2021 = Calculator(
    id="ckid_u25_cr_2021",
    title="CKiD U25 creatinine",
    specialty="nephrology",
    year=2021,
    role="comparator",
    inputs=("creatinine", "age", "sex", "height"),
    outputs=(EGFR,),
    formula=u25_creatinine,
    bands=(KDIGO_GFR,),
    valid={"age": U25_AGES},
    derived_on={"height": (60, 200)},
    drives=U25_DRIVES,
    population=U25_PATIENTS,
    equation=CREATININE_EQUATION,
    direction=NO_RACE,
    known_wrong=(CREATININE_FAULT,),
    sources=(PIERCE,),
)

ckid_u25_cys_2021 = Calculator(
    id="ckid_u25_cys_2021",
    title="CKiD U25 cystatin C",
    specialty="nephrology",
    year=2021,
    role="comparator",
    inputs=("cystatin_c", "age", "sex"),
    outputs=(EGFR,),
    formula=u25_cystatin,
    bands=(KDIGO_GFR,),
    valid={"age": U25_AGES},
    drives=U25_DRIVES,
    population=U25_PATIENTS,
    equation=CYSTATIN_EQUATION,
    direction=NO_RACE,
    known_wrong=CYSTATIN_FAULTS,
    sources=(PIERCE,),
)

ckid_u25_avg_2021 = Calculator(
    id="ckid_u25_avg_2021",
    title="CKiD U25, mean of creatinine and cystatin C",
    specialty="nephrology",
    year=2021,
    role="comparator",
    inputs=("creatinine", "cystatin_c", "age", "sex", "height"),
    outputs=(EGFR,),
    formula=u25_average,
    bands=(KDIGO_GFR,),
    valid={"age": U25_AGES},
    derived_on={"height": (60, 200)},
    drives=U25_DRIVES,
    population=U25_PATIENTS,
    equation=f"eGFR = the mean of two values\nby creatinine: {CREATININE_EQUATION}\nby cystatin C: {CYSTATIN_EQUATION}",
    direction=NO_RACE,
    known_wrong=(CREATININE_FAULT, *CYSTATIN_FAULTS),
    sources=(PIERCE,),
)
