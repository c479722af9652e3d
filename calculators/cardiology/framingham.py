"""Framingham general cardiovascular risk over 10 years (D'Agostino 2008)."""

import numpy as np

from calculators.declare import Calculator, Output, Source, completed


def general_risk(age, sex, total_cholesterol, hdl_cholesterol, systolic_bp, bp_treated, smoker, diabetes, *, coefficients, mean, survival):
    """1 - S0^exp(L - M); L = sum of coefficient * term, natural logarithms; M = mean of L; S0 = baseline survival."""
    terms = {
        "ln age": np.log(age),
        "ln total cholesterol": np.log(total_cholesterol),
        "ln HDL": np.log(hdl_cholesterol),
        "ln untreated SBP": (1 - bp_treated) * np.log(systolic_bp),
        "ln treated SBP": bp_treated * np.log(systolic_bp),
        "smoker": smoker,
        "diabetes": diabetes,
    }
    L = sum(sex.pick(by_sex) * terms[name] for name, by_sex in coefficients.items())
    return 1 - sex.pick(survival) ** np.exp(L - sex.pick(mean))


framingham_general_cvd_2008 = Calculator(
    id="framingham_general_cvd_2008",
    title="Framingham general cardiovascular risk",
    specialty="cardiology",
    year=2008,
    role="comparator",
    inputs=("age", "sex", "total_cholesterol", "hdl_cholesterol", "systolic_bp", "bp_treated", "smoker", "diabetes"),
    outputs=(Output.parse("cardiovascular_disease_10_year[1]"),),
    formula=general_risk,
    constants={
        "coefficients": {
            "ln age": {"female": 2.32888, "male": 3.06117},
            "ln total cholesterol": {"female": 1.20904, "male": 1.12370},
            "ln HDL": {"female": -0.70833, "male": -0.93263},
            "ln untreated SBP": {"female": 2.76157, "male": 1.93303},
            "ln treated SBP": {"female": 2.82263, "male": 1.99881},
            "smoker": {"female": 0.52873, "male": 0.65451},
            "diabetes": {"female": 0.69154, "male": 0.57367},
        },
        "mean": {"female": 26.1931, "male": 23.9802},
        "survival": {"female": 0.95012, "male": 0.88936},
    },
    valid={"age": completed(30, 74)},
    drives="Statin and blood pressure treatment.",
    population="Adults of 30 to 74 years without cardiovascular disease; derived in a cohort of participants recorded as White.",
    equation=(
        "risk = 1 - S0^exp(L - M), natural logarithms (women; men)\n"
        "L = 2.32888 ln age + 1.20904 ln total - 0.70833 ln HDL + 2.76157 ln untreated SBP + 2.82263 ln treated SBP + 0.52873 [smoker] + 0.69154 [diabetes]; M 26.1931, S0 0.95012\n"
        "L = 3.06117 ln age + 1.12370 ln total - 0.93263 ln HDL + 1.93303 ln untreated SBP + 1.99881 ln treated SBP + 0.65451 [smoker] + 0.57367 [diabetes]; M 23.9802, S0 0.88936"
    ),
    direction="No race term.",
    known_wrong=("PyPI cvd-risk 0.1.48 ships these numbers as Pooled Cohort Equations.",),
    sources=(
        Source(
            citation="D'Agostino RB Sr, Vasan RS, Pencina MJ, et al. Circulation 2008;117:743-753", doi="10.1161/CIRCULATIONAHA.107.699579"
        ),
    ),
    note="Free of a race term does not mean representative. The version for offices without laboratory, with body mass index, is not included.",
)
