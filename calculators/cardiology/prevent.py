"""AHA PREVENT equations: 10- and 30-year cardiovascular risk without a race term (Khan 2024)."""

from functools import cache

import numpy as np

from calculators.declare import Bands, Calculator, Decision, Output, Source, completed
from calculators.tables import read_table

OUTCOMES = ("cardiovascular_disease", "ascvd", "heart_failure", "coronary_heart_disease", "stroke")
OUTPUTS = tuple(Output.parse(f"{outcome}_{years}_year[1]") for years in (10, 30) for outcome in OUTCOMES)
INPUTS = (
    "age",
    "sex",
    "total_cholesterol",
    "hdl_cholesterol",
    "systolic_bp",
    "bp_treated",
    "statin",
    "diabetes",
    "smoker",
    "egfr",
    "body_mass_index",
)
PRODUCTS = (
    "bptx*sbp_hi",
    "statin*nonhdl",
    "age*nonhdl",
    "age*hdl",
    "age*sbp_hi",
    "age*dm",
    "age*smk",
    "age*bmi_hi",
    "age*egfr_lo",
)


def shared_terms(age, total_cholesterol, hdl_cholesterol, systolic_bp, bp_treated, statin, diabetes, smoker, egfr, body_mass_index):
    """The predictors of every model, centered and scaled, and their products; cholesterol in mmol/L is mg/dL * 0.02586."""
    terms = {
        "const": np.ones_like(age),
        "age": (age - 55) / 10,
        "age2": ((age - 55) / 10) ** 2,
        "nonhdl": (total_cholesterol - hdl_cholesterol) * 0.02586 - 3.5,
        "hdl": (hdl_cholesterol * 0.02586 - 1.3) / 0.3,
        "sbp_lo": (np.minimum(systolic_bp, 110) - 110) / 20,
        "sbp_hi": (np.maximum(systolic_bp, 110) - 130) / 20,
        "dm": diabetes,
        "smk": smoker,
        "bmi_lo": (np.minimum(body_mass_index, 30) - 25) / 5,
        "bmi_hi": (np.maximum(body_mass_index, 30) - 30) / 5,
        "egfr_lo": (np.minimum(egfr, 60) - 60) / -15,
        "egfr_hi": (np.maximum(egfr, 60) - 90) / -15,
        "bptx": bp_treated,
        "statin": statin,
    }
    for product in PRODUCTS:
        one, other = product.split("*")
        terms[product] = terms[one] * terms[other]
    return terms


def hba1c_terms(hba1c, diabetes):
    """HbA1c - 5.3 %, with its own coefficient in diabetes; 0 and an indicator where it is not known."""
    above = np.where(np.isnan(hba1c), 0, hba1c - 5.3)
    return {"a1c_dm": above * diabetes, "a1c_nodm": above * (1 - diabetes), "a1c_missing": np.isnan(hba1c)}


def urine_acr_terms(urine_acr):
    """ln of the albumin to creatinine ratio in mg/g; 0 and an indicator where it is not known."""
    missing = np.isnan(urine_acr)
    return {"ln_uacr": np.log(np.where(missing, 1, urine_acr)), "uacr_missing": missing}


def deprivation_terms(decile):
    """Deciles 4 to 6 and 7 to 10 against 1 to 3; an indicator where the decile is not known."""
    return {"sdi_4_6": (decile >= 4) & (decile < 7), "sdi_7_10": decile >= 7, "sdi_missing": np.isnan(decile)}


@cache
def coefficients(model, sex):
    """Term to coefficient for each output of a model, in one sex."""
    table = {output.name: {} for output in OUTPUTS}
    for row in read_table("prevent_2023.csv", "calculators.cardiology"):
        for outcome in OUTCOMES:
            number = row[f"{outcome}_{sex}"]
            if row["model"] == model and number:
                table[f"{outcome}_{row['horizon_years']}_year"][row["term"]] = float(number)
    return table


def risks(sex, terms, model):
    """exp(L) / (1 + exp(L)), L = sum of coefficient * term, for each outcome and horizon, with each sex's coefficients."""
    result = {}
    for output in OUTPUTS:
        female, male = (
            sum(beta * terms[name] for name, beta in coefficients(model, word)[output.name].items()) for word in ("female", "male")
        )
        L = np.where(sex == "female", female, male)
        result[output.name] = np.exp(L) / (1 + np.exp(L))
    return result


def base(age, sex, total_cholesterol, hdl_cholesterol, systolic_bp, bp_treated, statin, diabetes, smoker, egfr, body_mass_index, *, model):
    """The shared terms alone."""
    terms = shared_terms(age, total_cholesterol, hdl_cholesterol, systolic_bp, bp_treated, statin, diabetes, smoker, egfr, body_mass_index)
    return risks(sex, terms, model)


def with_hba1c(
    age, sex, total_cholesterol, hdl_cholesterol, systolic_bp, bp_treated, statin, diabetes, smoker, egfr, body_mass_index, hba1c, *, model
):
    """The shared terms and HbA1c."""
    terms = shared_terms(age, total_cholesterol, hdl_cholesterol, systolic_bp, bp_treated, statin, diabetes, smoker, egfr, body_mass_index)
    return risks(sex, terms | hba1c_terms(hba1c, diabetes), model)


def with_urine_acr(
    age,
    sex,
    total_cholesterol,
    hdl_cholesterol,
    systolic_bp,
    bp_treated,
    statin,
    diabetes,
    smoker,
    egfr,
    body_mass_index,
    urine_acr,
    *,
    model,
):
    """The shared terms and the urine albumin to creatinine ratio."""
    terms = shared_terms(age, total_cholesterol, hdl_cholesterol, systolic_bp, bp_treated, statin, diabetes, smoker, egfr, body_mass_index)
    return risks(sex, terms | urine_acr_terms(urine_acr), model)


def with_deprivation(
    age,
    sex,
    total_cholesterol,
    hdl_cholesterol,
    systolic_bp,
    bp_treated,
    statin,
    diabetes,
    smoker,
    egfr,
    body_mass_index,
    social_deprivation_decile,
    *,
    model,
):
    """The shared terms and the Social Deprivation Index of the area."""
    terms = shared_terms(age, total_cholesterol, hdl_cholesterol, systolic_bp, bp_treated, statin, diabetes, smoker, egfr, body_mass_index)
    return risks(sex, terms | deprivation_terms(social_deprivation_decile), model)


def full(
    age,
    sex,
    total_cholesterol,
    hdl_cholesterol,
    systolic_bp,
    bp_treated,
    statin,
    diabetes,
    smoker,
    egfr,
    body_mass_index,
    hba1c,
    urine_acr,
    social_deprivation_decile,
    *,
    model,
):
    """The shared terms, HbA1c, the urine albumin to creatinine ratio and the Social Deprivation Index."""
    terms = shared_terms(age, total_cholesterol, hdl_cholesterol, systolic_bp, bp_treated, statin, diabetes, smoker, egfr, body_mass_index)
    terms |= hba1c_terms(hba1c, diabetes) | urine_acr_terms(urine_acr) | deprivation_terms(social_deprivation_decile)
    return risks(sex, terms, model)


PREVENT_CARE = (
    Decision(
        id="hypertension_drug",
        output="cardiovascular_disease_10_year",
        operator=">=",
        cutoff=0.075,
        action="drug therapy at 130-139/80-89 mmHg",
        guideline="AHA/ACC 2025",
        yes_means="opens_care",
    ),
    Decision(
        id="borderline",
        output="ascvd_10_year",
        operator=">=",
        cutoff=0.03,
        action="borderline",
        guideline="ACC/AHA 2026",
        yes_means="labels",
    ),
    Decision(
        id="statin",
        output="ascvd_10_year",
        operator=">=",
        cutoff=0.05,
        action="at least moderate-intensity statin",
        guideline="ACC/AHA 2026, action SINGLE-SOURCE",
        confidence="SINGLE-SOURCE",
        yes_means="opens_care",
    ),
    Decision(
        id="statin_high",
        output="ascvd_10_year",
        operator=">=",
        cutoff=0.10,
        action="high-intensity statin",
        guideline="ACC/AHA 2026, action SINGLE-SOURCE",
        confidence="SINGLE-SOURCE",
        yes_means="opens_care",
    ),
)
PREVENT_ASCVD_RISK = Bands(
    id="prevent_ascvd_risk",
    output="ascvd_10_year",
    cuts=(0.03, 0.05, 0.10),
    labels=("low", "borderline", "intermediate", "high"),
    source="ACC/AHA 2026",
)
EQUATION = (
    "risk = exp(L) / (1 + exp(L)), L = sum of coefficient * term; one column of coefficients per outcome, horizon and sex in prevent_2023.csv.\n"
    "age = (age - 55) / 10; age2 = age^2 (30 years only); nonhdl = (total - HDL) * 0.02586 - 3.5; hdl = (HDL * 0.02586 - 1.3) / 0.3; "
    "sbp_lo = (min(SBP, 110) - 110) / 20; sbp_hi = (max(SBP, 110) - 130) / 20; bmi_lo = (min(BMI, 30) - 25) / 5; bmi_hi = (max(BMI, 30) - 30) / 5; "
    "egfr_lo = (min(eGFR, 60) - 60) / -15; egfr_hi = (max(eGFR, 60) - 90) / -15; dm, smk, bptx, statin = 0 or 1; a*b = product of two terms."
)
HBA1C = "\na1c_dm = HbA1c - 5.3 in diabetes; a1c_nodm = HbA1c - 5.3 without; a1c_missing = 1 where HbA1c is not known."
URINE_ACR = "\nln_uacr = ln(urine albumin to creatinine ratio in mg/g); uacr_missing = 1 where it is not known."
DEPRIVATION = "\nsdi_4_6 and sdi_7_10 = decile of the Social Deprivation Index (reference 1 to 3); sdi_missing = 1 where it is not known."
PUBLISHED = {
    "specialty": "cardiology",
    "year": 2023,
    "role": "race_free_successor",
    "inputs": INPUTS,
    "outputs": OUTPUTS,
    "decisions": PREVENT_CARE,
    "bands": (PREVENT_ASCVD_RISK,),
    "feeds": {"egfr": "ckd_epi_cr_2021"},
    "valid": {"age": completed(30, 79)},
    "drives": "Blood pressure and statin treatment in people without cardiovascular disease.",
    "population": (
        "Adults of 30 to 79 years; the 30-year risks are advised up to 59 years. Calculators accept total cholesterol 130 to 320 mg/dL, HDL cholesterol 20 to 100 mg/dL, "
        "systolic pressure 90 to 180 or 200 mmHg, body mass index 18.5 to 39.9 kg/m2 and eGFR 15 to 140."
    ),
    "history": (
        "Published in 2023 without a race term to replace the Pooled Cohort Equations. The 2025 AHA/ACC hypertension guideline starts drugs by its total cardiovascular risk, "
        "the 2026 ACC/AHA lipid guideline bands its atherosclerotic risk. At the old thresholds it puts 53.0% of US adults into a lower category; 14.3 million fewer are eligible "
        "for a statin and 2.62 million fewer for blood pressure drugs, Black adults more often than White adults (Diao 2024): taking race out does not take disparity out."
    ),
    "sources": (
        Source(
            citation="Khan SS, Matsushita K, Sang Y, et al. Circulation 2024;149:430-449",
            doi="10.1161/CIRCULATIONAHA.123.067626",
            note="coefficients in Supplemental Table S12A-J",
        ),
        Source(citation="Khan SS, Coresh J, Pencina MJ, et al. AHA scientific statement. Circulation 2023;148:1982-2004"),
        Source(citation="Diao JA, et al. JAMA 2024;332:989-1000", doi="10.1001/jama.2024.12537"),
    ),
    "note": (
        "eGFR must come from CKD-EPI 2021. Body mass index counts in heart failure only. The supplement says that age * HDL is per 1 mmol/L; it is per 0.3 mmol/L."
    ),
}
KNOWN_WRONG = (
    "An eGFR by CKD-EPI 2009 or MDRD with its race term brings race back in: at 55 years each 15 mL/min below 60 adds 0.60 (women) or 0.54 (men) to the log-odds of the 10-year total risk.",
    "Cholesterol divided by 38.67 in place of the equations' own factor 0.02586 differs in the fifth digit.",
)
UNKNOWN_DEPRIVATION = (
    "The association's web calculator appears to score women of unknown deprivation as decile 1 for atherosclerotic risk, and PooledCohort follows it; "
    "the paper and preventr use the term for a missing value, as here. Decile 1 gives the lower risk."
)
ACCEPTED = {
    "total_cholesterol": (130, 320),
    "hdl_cholesterol": (20, 100),
    "systolic_bp": (90, 200),
    "body_mass_index": (18.5, 39.9),
    "egfr": (15, 140),
}
SEVEN_DECIMALS = {output.name: 7 for output in OUTPUTS}

prevent_2023_base = Calculator(
    **PUBLISHED,
    id="prevent_2023_base",
    title="AHA PREVENT 2023, base model",
    formula=base,
    constants={"model": "base"},
    derived_on=ACCEPTED,
    equation=EQUATION,
    known_wrong=KNOWN_WRONG,
)

prevent_2023_hba1c = Calculator(
    **PUBLISHED,
    id="prevent_2023_hba1c",
    title="AHA PREVENT 2023, hba1c model",
    optional_inputs=("hba1c",),
    formula=with_hba1c,
    constants={"model": "hba1c"},
    derived_on={**ACCEPTED, "hba1c": (4.5, 15)},
    equation=EQUATION + HBA1C,
    known_wrong=KNOWN_WRONG,
)

prevent_2023_uacr = Calculator(
    **PUBLISHED,
    id="prevent_2023_uacr",
    title="AHA PREVENT 2023, uacr model",
    optional_inputs=("urine_acr",),
    formula=with_urine_acr,
    constants={"model": "uacr"},
    derived_on={**ACCEPTED, "urine_acr": (0.1, 25000)},
    equation=EQUATION + URINE_ACR,
    known_wrong=KNOWN_WRONG,
)

prevent_2023_sdi = Calculator(
    **PUBLISHED,
    id="prevent_2023_sdi",
    title="AHA PREVENT 2023, sdi model",
    optional_inputs=("social_deprivation_decile",),
    formula=with_deprivation,
    constants={"model": "sdi"},
    printed_decimals=SEVEN_DECIMALS,
    derived_on=ACCEPTED,
    equation=EQUATION + DEPRIVATION,
    known_wrong=(*KNOWN_WRONG, UNKNOWN_DEPRIVATION),
)

prevent_2023_full = Calculator(
    **PUBLISHED,
    id="prevent_2023_full",
    title="AHA PREVENT 2023, full model",
    optional_inputs=("hba1c", "urine_acr", "social_deprivation_decile"),
    formula=full,
    constants={"model": "full"},
    printed_decimals=SEVEN_DECIMALS,
    derived_on={**ACCEPTED, "hba1c": (4.5, 15), "urine_acr": (0.1, 25000)},
    equation=EQUATION + HBA1C + URINE_ACR + DEPRIVATION,
    known_wrong=(*KNOWN_WRONG, UNKNOWN_DEPRIVATION),
)
