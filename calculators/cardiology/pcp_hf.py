"""Pooled Cohort Equations to Prevent Heart Failure: 10-year risk, one equation per race group and sex (Khan 2019)."""

import numpy as np

from calculators.declare import Calculator, Output, RaceTerm, Source


def pcp_hf(
    age,
    sex,
    systolic_bp,
    bp_treated,
    smoker,
    fasting_glucose,
    glucose_treated,
    total_cholesterol,
    hdl_cholesterol,
    body_mass_index,
    qrs_duration,
    *,
    coefficients,
    mean,
    survival,
):
    """1 - S0^exp(L - M); L = sum of coefficient * term, natural logarithms; M = mean of L; S0 = baseline survival."""
    ln_age, ln_sbp, ln_glucose, ln_bmi = np.log(age), np.log(systolic_bp), np.log(fasting_glucose), np.log(body_mass_index)
    terms = {
        "ln age": ln_age,
        "(ln age)^2": ln_age**2,
        "ln treated SBP": bp_treated * ln_sbp,
        "ln age * ln treated SBP": bp_treated * ln_age * ln_sbp,
        "ln untreated SBP": (1 - bp_treated) * ln_sbp,
        "ln age * ln untreated SBP": (1 - bp_treated) * ln_age * ln_sbp,
        "smoker": smoker,
        "ln age * smoker": ln_age * smoker,
        "ln treated glucose": glucose_treated * ln_glucose,
        "ln untreated glucose": (1 - glucose_treated) * ln_glucose,
        "ln total cholesterol": np.log(total_cholesterol),
        "ln HDL": np.log(hdl_cholesterol),
        "ln BMI": ln_bmi,
        "ln age * ln BMI": ln_age * ln_bmi,
        "ln QRS": np.log(qrs_duration),
    }
    L = sum(sex.pick(by_sex) * terms[name] for name, by_sex in coefficients.items())
    return 1 - sex.pick(survival) ** np.exp(L - sex.pick(mean))


# Columns: White men, White women, Black men, Black women.
TABLE = {
    "ln age": (41.94101, 20.54973, 2.88334, 51.75667),
    "(ln age)^2": (-0.88115, 0, 0, 0),
    "ln treated SBP": (1.030508, 12.94937, 2.31106, 28.97791),
    "ln age * ln treated SBP": (0, -2.96923, 0, -6.59777),
    "ln untreated SBP": (0.91252, 11.86273, 2.17229, 28.1853),
    "ln age * ln untreated SBP": (0, -2.72538, 0, -6.42425),
    "smoker": (0.73839, 11.01752, 1.65337, 0.76532),
    "ln age * smoker": (0, -2.50777, -0.24665, 0),
    "ln treated glucose": (0.90072, 1.04503, 0.64704, 0.96695),
    "ln untreated glucose": (0.77805, 0.91807, 0.57891, 0.79561),
    "ln total cholesterol": (0.49323, 0, 0, 0.32646),
    "ln HDL": (-0.43683, -0.07455, -0.80691, 0),
    "ln BMI": (37.21577, 1.32948, 1.16289, 21.24763),
    "ln age * ln BMI": (-8.83278, 0, 0, -5.00068),
    "ln QRS": (0.63224, 1.06089, 0.72646, 1.27475),
}
MEAN = (171.59, 99.7321, 28.7369, 233.978)
SURVIVAL = (0.98752, 0.99348, 0.98295, 0.9926)


def equations(male, female):
    """A row of the race term from the table's columns for men and for women."""
    return {
        "coefficients": {name: {"male": numbers[male], "female": numbers[female]} for name, numbers in TABLE.items()},
        "mean": {"male": MEAN[male], "female": MEAN[female]},
        "survival": {"male": SURVIVAL[male], "female": SURVIVAL[female]},
    }


LINES = [f"{name}: {', '.join(f'{n:.8g}' for n in numbers)}" for name, numbers in {**TABLE, "M": MEAN, "S0 (10 years)": SURVIVAL}.items()]

pcp_hf_2019 = Calculator(
    id="pcp_hf_2019",
    title="Pooled Cohort Equations to prevent heart failure",
    specialty="cardiology",
    year=2019,
    role="race_based",
    inputs=(
        "age",
        "sex",
        "systolic_bp",
        "bp_treated",
        "smoker",
        "fasting_glucose",
        "glucose_treated",
        "total_cholesterol",
        "hdl_cholesterol",
        "body_mass_index",
        "qrs_duration",
    ),
    outputs=(Output.parse("heart_failure_10_year[1]"),),
    formula=pcp_hf,
    race=RaceTerm(
        kind="separate_equations",
        groups={"White": equations(0, 1), "Black": equations(2, 3)},
        removed="White",
        removed_source="catalogue",
        unlisted="undefined",
        meaning="selects one of two separate equations per sex, so that every risk factor counts differently by recorded race",
    ),
    replaced_by="prevent_2023_base",
    drives="Prevention of heart failure.",
    population="Adults without cardiovascular disease, derived in participants recorded as White or as Black.",
    equation=(
        "risk = 1 - S0^exp(L - M), natural logarithms; pressure and fasting glucose enter as treated or as untreated.\n"
        "term: White men, White women, Black men, Black women\n" + "\n".join(LINES)
    ),
    direction=(
        "Not uniform: a woman or man of 55 years with an untreated pressure of 140 mmHg, glucose 100, total cholesterol 200, HDL 50, body mass index 30 and QRS 92 ms gets "
        "1.6% or 2.3% if recorded as Black, 1.1% or 1.8% if recorded as White; over 58 test profiles the risk is higher in about half and lower in the others."
    ),
    history="PREVENT (2023) predicts heart failure without a race term and without an electrocardiogram.",
    known_wrong=(
        "Coefficients rounded to two decimals, as in the main text, do not do: M is near 234 for one group, so the rounding error in L is large.",
        "A public app under this name reads eGFR, which these equations do not use.",
    ),
    sources=(Source(citation="Khan SS, Ning H, Shah SJ, et al. J Am Coll Cardiol 2019;73:2388-2397", doi="10.1016/j.jacc.2019.02.057"),),
    note=(
        "Separate equations: no row is neutral. M for White men has two decimals in the source. No published worked example was found. "
        "The original defines no equation for any other group."
    ),
)
