"""MESA coronary heart disease risk over 10 years, with and without coronary calcium (McClelland 2015)."""

import numpy as np

from calculators.declare import Calculator, Output, RaceTerm, Source, completed


def mesa_chd(
    age,
    sex,
    total_cholesterol,
    hdl_cholesterol,
    systolic_bp,
    bp_treated,
    smoker,
    diabetes,
    lipid_lowering,
    family_history_myocardial_infarction,
    coronary_calcium,
    *,
    beta,
    beta_with_calcium,
):
    """1 - S0^exp(L); L = sum of coefficient * value + the group's beta, without and with 0.2743 * ln(calcium + 1)."""
    male = sex == "male"
    without_calcium = (
        0.0455 * age
        + 0.7496 * male
        + 0.5168 * diabetes
        + 0.4732 * smoker
        + 0.0053 * total_cholesterol
        - 0.0140 * hdl_cholesterol
        + 0.2473 * lipid_lowering
        + 0.0085 * systolic_bp
        + 0.3381 * bp_treated
        + 0.4522 * family_history_myocardial_infarction
        + beta
    )
    with_calcium = (
        0.0172 * age
        + 0.4079 * male
        + 0.3892 * diabetes
        + 0.3717 * smoker
        + 0.0043 * total_cholesterol
        - 0.0114 * hdl_cholesterol
        + 0.1206 * lipid_lowering
        + 0.0066 * systolic_bp
        + 0.2278 * bp_treated
        + 0.3239 * family_history_myocardial_infarction
        + 0.2743 * np.log(coronary_calcium + 1)
        + beta_with_calcium
    )
    return {
        "coronary_heart_disease_10_year": 1 - 0.99963 ** np.exp(without_calcium),
        "coronary_heart_disease_10_year_with_calcium": 1 - 0.99833 ** np.exp(with_calcium),
    }


mesa_chd_2015 = Calculator(
    id="mesa_chd_2015",
    title="MESA coronary heart disease risk",
    specialty="cardiology",
    year=2015,
    role="race_based",
    inputs=(
        "age",
        "sex",
        "total_cholesterol",
        "hdl_cholesterol",
        "systolic_bp",
        "bp_treated",
        "smoker",
        "diabetes",
        "lipid_lowering",
        "family_history_myocardial_infarction",
        "coronary_calcium",
    ),
    outputs=(
        Output.parse("coronary_heart_disease_10_year[1]"),
        Output.parse("coronary_heart_disease_10_year_with_calcium[1]"),
    ),
    formula=mesa_chd,
    race=RaceTerm(
        kind="log_hazard",
        reads="race_and_ethnicity",
        groups={
            "White": {"beta": 0.0, "beta_with_calcium": 0.0},
            "Chinese": {"beta": -0.5055, "beta_with_calcium": -0.3475},
            "Black": {"beta": -0.2111, "beta_with_calcium": 0.0353},
            "Hispanic": {"beta": -0.1900, "beta_with_calcium": -0.0222},
        },
        removed="White",
        unlisted="undefined",
        meaning="adds a term to the log-hazard for patients recorded as Chinese American, as Black or African American, or as Hispanic",
    ),
    derived_on={"age": completed(45, 84)},
    drives="Statin treatment and coronary calcium testing.",
    population=(
        "Adults of 45 to 84 years without cardiovascular disease. Cohort: 39% recorded as White, 12% as Chinese American, 28% as African American, 22% as Hispanic. "
        "Event: myocardial infarction, resuscitated arrest, coronary death, or revascularization with angina."
    ),
    equation=(
        "risk = 1 - S0^exp(L), no mean subtracted.\n"
        "Without calcium, S0 = 0.99963: L = 0.0455 age + 0.7496 [male] - 0.5055 [Chinese] - 0.2111 [Black] - 0.1900 [Hispanic] + 0.5168 [diabetes] + 0.4732 [smoker] "
        "+ 0.0053 total cholesterol - 0.0140 HDL + 0.2473 [lipid drug] + 0.0085 SBP + 0.3381 [blood pressure drug] + 0.4522 [family history]\n"
        "With calcium, S0 = 0.99833: L = 0.0172 age + 0.4079 [male] - 0.3475 [Chinese] + 0.0353 [Black] - 0.0222 [Hispanic] + 0.3892 [diabetes] + 0.3717 [smoker] "
        "+ 0.0043 total cholesterol - 0.0114 HDL + 0.1206 [lipid drug] + 0.0066 SBP + 0.2278 [blood pressure drug] + 0.3239 [family history] + 0.2743 ln(calcium + 1)"
    ),
    direction=(
        "Without calcium the hazard at equal inputs is 0.60 (Chinese American), 0.81 (Black or African American) and 0.83 (Hispanic) times that of patients recorded as White; "
        "once calcium is known, 0.71, 1.04 and 0.98."
    ),
    history=(
        "The terms come from the regression in the cohort. Two of the three nearly vanish once coronary calcium is measured: an example of a measurement taking the place of race."
    ),
    known_wrong=("CVrisk holds the result between 1% and 30%: high risks come out too low, low ones too high.",),
    sources=(
        Source(
            citation="McClelland RL, Jorgensen NW, Budoff M, et al. J Am Coll Cardiol 2015;66:1643-1653", doi="10.1016/j.jacc.2015.08.035"
        ),
    ),
    note="Coronary calcium is read by the second output only. The original defines no term for any other group.",
)
