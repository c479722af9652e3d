"""SCORE2 and SCORE2-OP: 10-year cardiovascular risk in Europe by risk region (SCORE2 working group 2021)."""

import numpy as np

from calculators.declare import Calculator, Output, Source

MG_PER_MMOL = 38.67


def calibrated(uncalibrated, scale, slope):
    """1 - exp(-exp(scale + slope * ln(-ln(1 - uncalibrated))))."""
    return 1 - np.exp(-np.exp(scale + slope * np.log(-np.log(1 - uncalibrated))))


def by_region(region, sex, numbers):
    """The number that belongs to each patient's region and sex."""
    return np.where(sex == "female", region.pick(numbers["female"]), region.pick(numbers["male"]))


def linear(sex, coefficients, age, smoker, sbp, diabetes, total, hdl):
    """Sum of coefficient * term: six centered predictors, and five of them times age."""
    terms = {
        "age": age,
        "smoker": smoker,
        "SBP": sbp,
        "diabetes": diabetes,
        "total": total,
        "HDL": hdl,
        "smoker * age": smoker * age,
        "SBP * age": sbp * age,
        "diabetes * age": diabetes * age,
        "total * age": total * age,
        "HDL * age": hdl * age,
    }
    return sum(sex.pick(by_sex) * terms[name] for name, by_sex in coefficients.items())


def score2(
    age,
    sex,
    cardiovascular_risk_region,
    smoker,
    systolic_bp,
    diabetes,
    total_cholesterol,
    hdl_cholesterol,
    *,
    coefficients,
    survival,
    scale,
    slope,
    older_coefficients,
    older_survival,
    older_shift,
    older_scale,
    older_slope,
):
    """1 - S0^exp(x), then calibrated to the region; from 70 years on another equation with 1 - S0^exp(x - shift)."""
    total, hdl = total_cholesterol / MG_PER_MMOL, hdl_cholesterol / MG_PER_MMOL
    x = linear(sex, coefficients, (age - 60) / 5, smoker, (systolic_bp - 120) / 20, diabetes, total - 6, (hdl - 1.3) / 0.5)
    older_x = linear(sex, older_coefficients, age - 73, smoker, systolic_bp - 150, diabetes, total - 6, hdl - 1.4)
    region = cardiovascular_risk_region
    younger = calibrated(1 - sex.pick(survival) ** np.exp(x), by_region(region, sex, scale), by_region(region, sex, slope))
    older = calibrated(
        1 - sex.pick(older_survival) ** np.exp(older_x - sex.pick(older_shift)),
        by_region(region, sex, older_scale),
        by_region(region, sex, older_slope),
    )
    return np.where(age < 70, younger, older)


score2_2021 = Calculator(
    id="score2_2021",
    title="SCORE2 and SCORE2-OP",
    specialty="cardiology",
    year=2021,
    role="comparator",
    inputs=("age", "sex", "cardiovascular_risk_region", "smoker", "systolic_bp", "diabetes", "total_cholesterol", "hdl_cholesterol"),
    outputs=(Output.parse("cardiovascular_disease_10_year[1]"),),
    formula=score2,
    constants={
        "coefficients": {
            "age": {"male": 0.3742, "female": 0.4648},
            "smoker": {"male": 0.6012, "female": 0.7744},
            "SBP": {"male": 0.2777, "female": 0.3131},
            "diabetes": {"male": 0.6457, "female": 0.8096},
            "total": {"male": 0.1458, "female": 0.1002},
            "HDL": {"male": -0.2698, "female": -0.2606},
            "smoker * age": {"male": -0.0755, "female": -0.1088},
            "SBP * age": {"male": -0.0255, "female": -0.0277},
            "total * age": {"male": -0.0281, "female": -0.0226},
            "HDL * age": {"male": 0.0426, "female": 0.0613},
            "diabetes * age": {"male": -0.0983, "female": -0.1272},
        },
        "survival": {"male": 0.9605, "female": 0.9776},
        "scale": {
            "male": {"low": -0.5699, "moderate": -0.1565, "high": 0.3207, "very_high": 0.5836},
            "female": {"low": -0.7380, "moderate": -0.3143, "high": 0.5710, "very_high": 0.9412},
        },
        "slope": {
            "male": {"low": 0.7476, "moderate": 0.8009, "high": 0.9360, "very_high": 0.8294},
            "female": {"low": 0.7019, "moderate": 0.7701, "high": 0.9369, "very_high": 0.8329},
        },
        "older_coefficients": {
            "age": {"male": 0.0634, "female": 0.0789},
            "diabetes": {"male": 0.4245, "female": 0.6010},
            "smoker": {"male": 0.3524, "female": 0.4921},
            "SBP": {"male": 0.0094, "female": 0.0102},
            "total": {"male": 0.0850, "female": 0.0605},
            "HDL": {"male": -0.3564, "female": -0.3040},
            "diabetes * age": {"male": -0.0174, "female": -0.0107},
            "smoker * age": {"male": -0.0247, "female": -0.0255},
            "SBP * age": {"male": -0.0005, "female": -0.0004},
            "total * age": {"male": 0.0073, "female": -0.0009},
            "HDL * age": {"male": 0.0091, "female": 0.0154},
        },
        "older_survival": {"male": 0.7576, "female": 0.8082},
        "older_shift": {"male": 0.0929, "female": 0.229},
        "older_scale": {
            "male": {"low": -0.34, "moderate": 0.01, "high": 0.08, "very_high": 0.05},
            "female": {"low": -0.52, "moderate": -0.1, "high": 0.38, "very_high": 0.38},
        },
        "older_slope": {
            "male": {"low": 1.19, "moderate": 1.25, "high": 1.15, "very_high": 0.7},
            "female": {"low": 1.01, "moderate": 1.1, "high": 1.09, "very_high": 0.69},
        },
    },
    printed_decimals={"cardiovascular_disease_10_year": 3},
    confidence="SINGLE-SOURCE",
    confidence_note="One implementation was run; scales, baselines and age terms also agree with a second text. Diabetes is 0 in every value compared.",
    valid={"age": (40, None)},
    drives="Statin treatment in Europe.",
    population="Adults from 40 years on without cardiovascular disease or diabetes in European countries; a separate equation from 70 years on.",
    equation=(
        "x = sum of coefficient * term; uncalibrated = 1 - S0^exp(x); risk = 1 - exp(-exp(scale + slope * ln(-ln(1 - uncalibrated))))\n"
        "40 to 69 years: age = (age - 60) / 5, SBP = (SBP - 120) / 20, total = mmol/L - 6, HDL = (mmol/L - 1.3) / 0.5\n"
        "Men: 0.3742 age + 0.6012 [smoker] + 0.2777 SBP + 0.6457 [diabetes] + 0.1458 total - 0.2698 HDL; * age: smoker -0.0755, SBP -0.0255, total -0.0281, HDL 0.0426, "
        "diabetes -0.0983; S0 0.9605; scale, slope: low -0.5699, 0.7476; moderate -0.1565, 0.8009; high 0.3207, 0.9360; very high 0.5836, 0.8294\n"
        "Women: 0.4648 age + 0.7744 [smoker] + 0.3131 SBP + 0.8096 [diabetes] + 0.1002 total - 0.2606 HDL; * age: smoker -0.1088, SBP -0.0277, total -0.0226, HDL 0.0613, "
        "diabetes -0.1272; S0 0.9776; scale, slope: low -0.7380, 0.7019; moderate -0.3143, 0.7701; high 0.5710, 0.9369; very high 0.9412, 0.8329\n"
        "From 70 years on: age - 73, SBP - 150, total - 6, HDL - 1.4; uncalibrated = 1 - S0^exp(x - shift)\n"
        "Men: 0.0634 age + 0.4245 [diabetes] + 0.3524 [smoker] + 0.0094 SBP + 0.0850 total - 0.3564 HDL; * age: diabetes -0.0174, smoker -0.0247, SBP -0.0005, total 0.0073, "
        "HDL 0.0091; S0 0.7576, shift 0.0929; scale, slope: low -0.34, 1.19; moderate 0.01, 1.25; high 0.08, 1.15; very high 0.05, 0.7\n"
        "Women: 0.0789 age + 0.6010 [diabetes] + 0.4921 [smoker] + 0.0102 SBP + 0.0605 total - 0.3040 HDL; * age: diabetes -0.0107, smoker -0.0255, SBP -0.0004, total -0.0009, "
        "HDL 0.0154; S0 0.8082, shift 0.229; scale, slope: low -0.52, 1.01; moderate -0.1, 1.1; high 0.38, 1.09; very high 0.38, 0.69"
    ),
    direction="No race term: the region of residence stands in its place.",
    history="Four regions by the cardiovascular mortality of the country replace any term for groups of people; a person who has migrated has no term of their own.",
    sources=(
        Source(
            citation="SCORE2 working group and ESC Cardiovascular risk collaboration. Eur Heart J 2021", doi="10.1093/eurheartj/ehab309"
        ),
        Source(citation="dvicencio/RiskScorescvd@ec91c3b (R), executed"),
    ),
    note="Published in mmol/L: mg/dL / 38.67. Made for people without diabetes; the diabetes terms were needed for calibration.",
)
