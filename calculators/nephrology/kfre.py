"""Kidney failure risk equations: risk of kidney failure in 2 and 5 years (Tangri 2011, 2016)."""

import numpy as np

from calculators.declare import Bands, Calculator, Decision, Output, Source


def failure_risk(index, north_america, *, survival):
    """1 - S^exp(index); S is the baseline survival of North America or of elsewhere, at 2 and 5 years."""
    risks = {}
    for years, baseline in survival.items():
        s = np.where(north_america == 1, baseline["north_america"], baseline["elsewhere"])
        risks[f"kidney_failure_{years}_year"] = 1 - s ** np.exp(index)
    return risks


def four_variable_risk(age, sex, egfr, urine_acr, north_america, *, survival):
    """-0.2201 (age/10 - 7.036) + 0.2467 (male - 0.5642) - 0.5567 (eGFR/5 - 7.222) + 0.4510 (ln ACR - 5.137)."""
    index = (
        -0.2201 * (age / 10 - 7.036)
        + 0.2467 * ((sex == "male") - 0.5642)
        - 0.5567 * (egfr / 5 - 7.222)
        + 0.4510 * (np.log(urine_acr) - 5.137)
    )
    return failure_risk(index, north_america, survival=survival)


def eight_variable_risk(age, sex, egfr, urine_acr, north_america, albumin, phosphate, bicarbonate, calcium, *, survival):
    """-0.1992 (age/10 - 7.036) + 0.1602 (male - 0.5642) - 0.4919 (eGFR/5 - 7.222) + 0.3364 (ln ACR - 5.137)

    - 0.3441 (albumin - 3.997) + 0.2604 (phosphate - 3.916) - 0.07354 (bicarbonate - 25.57) - 0.2228 (calcium - 9.355).
    """
    index = (
        -0.1992 * (age / 10 - 7.036)
        + 0.1602 * ((sex == "male") - 0.5642)
        - 0.4919 * (egfr / 5 - 7.222)
        + 0.3364 * (np.log(urine_acr) - 5.137)
        - 0.3441 * (albumin - 3.997)
        + 0.2604 * (phosphate - 3.916)
        - 0.07354 * (bicarbonate - 25.57)
        - 0.2228 * (calcium - 9.355)
    )
    return failure_risk(index, north_america, survival=survival)


RISKS = (Output.parse("kidney_failure_2_year[1]"), Output.parse("kidney_failure_5_year[1]"))
RISK_CARE = (
    Decision(
        id="nephrology_referral",
        output="kidney_failure_5_year",
        operator=">=",
        cutoff=0.03,
        action="nephrology referral (0.03 to 0.05)",
        guideline="KDIGO 2024, SINGLE-SOURCE",
        confidence="SINGLE-SOURCE",
        yes_means="opens_care",
    ),
    Decision(
        id="multidisciplinary_care",
        output="kidney_failure_2_year",
        operator=">",
        cutoff=0.10,
        action="multidisciplinary care",
        guideline="KDIGO 2024, SINGLE-SOURCE",
        confidence="SINGLE-SOURCE",
        yes_means="opens_care",
    ),
    Decision(
        id="replacement_planning",
        output="kidney_failure_2_year",
        operator=">",
        cutoff=0.40,
        action="prepare kidney replacement therapy",
        guideline="KDIGO 2024, SINGLE-SOURCE",
        confidence="SINGLE-SOURCE",
        yes_means="opens_care",
    ),
)
TWO_YEAR_BANDS = Bands(
    id="two_year_risk",
    output="kidney_failure_2_year",
    cuts=(0.10, 0.40),
    labels=("10% or less", "over 10% to 40%", "over 40%"),
    lower_closed=False,
    source="KDIGO 2024",
)
RISK_DRIVES = "Referral, multidisciplinary care, access planning"
RISK_PATIENTS = "Adults with an eGFR below 60; validated at an eGFR of 15 to 59."
RISK_DIRECTION = (
    "Race enters only through the eGFR that is fed in. A race term that raises eGFR lowers the risk, so patients recorded as Black or African American "
    "reach referral and planning later."
)
RISK_HISTORY = "Developed with MDRD and CKD-EPI 2009, race term included; 59 cohorts with 312,424 people (Grams 2023) support the eGFR of CKD-EPI 2021 as input below 45."
RISK_FAULTS = (
    "The albumin to creatinine ratio is in mg/g: its centering value 5.137 is ln 170 mg/g. Dividing by 8.84 first, as one public R package does, gives too low a risk.",
    "Code that reads `1 if male else 0 - 0.5642` gives men too high a risk; brackets as in (0.2467 male) - 0.5642, found in a published validation in the "
    "United Kingdom, give everyone too low a risk.",
    "A public dashboard adds 0.220 per year of age: wrong in sign and size.",
)
TANGRI_2016 = Source(citation="Tangri N, Grams ME, Levey AS, et al. JAMA 2016;315:164-174", doi="10.1001/jama.2015.18202")
TANGRI_2011 = Source(citation="Tangri N, et al. JAMA 2011;305:1553")
GRAMS_2023 = Source(citation="Grams ME, et al. J Am Soc Nephrol 2023;34:482")

kfre_4var_2016 = Calculator(
    id="kfre_4var_2016",
    title="Kidney failure risk equation, 4 variables",
    specialty="nephrology",
    year=2016,
    role="comparator",
    inputs=("age", "sex", "egfr", "urine_acr", "north_america"),
    outputs=RISKS,
    formula=four_variable_risk,
    constants={
        "survival": {2: {"north_america": 0.9750, "elsewhere": 0.9832}, 5: {"north_america": 0.9240, "elsewhere": 0.9365}},
    },
    decisions=RISK_CARE,
    bands=(TWO_YEAR_BANDS,),
    feeds={"egfr": "ckd_epi_cr_2021"},
    valid={"age": (18, None)},
    derived_on={"egfr": (15, 60)},
    drives=RISK_DRIVES,
    population=RISK_PATIENTS,
    equation=(
        "risk = 1 - S^exp(L); L = -0.2201 (age/10 - 7.036) + 0.2467 (male - 0.5642) - 0.5567 (eGFR/5 - 7.222) + 0.4510 (ln ACR - 5.137); ACR in mg/g\n"
        "S in North America 0.9750 (2 years), 0.9240 (5 years); elsewhere 0.9832, 0.9365"
    ),
    direction=RISK_DIRECTION,
    history=RISK_HISTORY,
    known_wrong=RISK_FAULTS,
    sources=(TANGRI_2016, TANGRI_2011, GRAMS_2023),
    note="To audit it, feed it the eGFR of each equation and count who crosses 3, 5, 10 and 40%.",
)

kfre_8var_2016 = Calculator(
    id="kfre_8var_2016",
    title="Kidney failure risk equation, 8 variables",
    specialty="nephrology",
    year=2016,
    role="comparator",
    confidence="SINGLE-SOURCE",
    confidence_note="Coefficients and the North American baseline have two sources; the baseline of elsewhere has one.",
    inputs=("age", "sex", "egfr", "urine_acr", "north_america", "albumin", "phosphate", "bicarbonate", "calcium"),
    outputs=RISKS,
    formula=eight_variable_risk,
    constants={
        "survival": {2: {"north_america": 0.9780, "elsewhere": 0.9827}, 5: {"north_america": 0.9301, "elsewhere": 0.9245}},
    },
    decisions=RISK_CARE,
    bands=(TWO_YEAR_BANDS,),
    feeds={"egfr": "ckd_epi_cr_2021"},
    valid={"age": (18, None)},
    derived_on={"egfr": (15, 60)},
    drives=RISK_DRIVES,
    population=RISK_PATIENTS,
    equation=(
        "risk = 1 - S^exp(L); L = -0.1992 (age/10 - 7.036) + 0.1602 (male - 0.5642) - 0.4919 (eGFR/5 - 7.222) + 0.3364 (ln ACR - 5.137)\n"
        "- 0.3441 (albumin - 3.997) + 0.2604 (phosphate - 3.916) - 0.07354 (bicarbonate - 25.57) - 0.2228 (calcium - 9.355)\n"
        "ACR in mg/g, albumin in g/dL, phosphate and calcium in mg/dL, bicarbonate in mmol/L\n"
        "S in North America 0.9780 (2 years), 0.9301 (5 years); elsewhere 0.9827, 0.9245"
    ),
    direction=RISK_DIRECTION,
    history=RISK_HISTORY,
    known_wrong=RISK_FAULTS,
    sources=(TANGRI_2016, TANGRI_2011, GRAMS_2023),
)
