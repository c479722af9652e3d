"""Pooled Cohort Equations: 10-year risk of a first hard atherosclerotic event, one equation per race group and sex (Goff 2013)."""

import numpy as np

from calculators.cardiology.ascvd_care import ASCVD_CARE, ASCVD_RISK
from calculators.declare import Calculator, Output, RaceTerm, Removal, Source, completed

INPUTS = ("age", "sex", "total_cholesterol", "hdl_cholesterol", "systolic_bp", "bp_treated", "smoker", "diabetes")
TEN_YEARS = Output.parse("ascvd_10_year[1]")
FIVE_YEARS = Output.parse("ascvd_5_year[1]")


def pooled_cohort(age, sex, total_cholesterol, hdl_cholesterol, systolic_bp, bp_treated, smoker, diabetes, *, coefficients, mean, survival):
    """1 - S0^exp(L - M); L = sum of coefficient * term, natural logarithms; M = mean of L; S0 = baseline survival."""
    ln_age, ln_sbp = np.log(age), np.log(systolic_bp)
    ln_total, ln_hdl = np.log(total_cholesterol), np.log(hdl_cholesterol)
    terms = {
        "ln age": ln_age,
        "(ln age)^2": ln_age**2,
        "ln total cholesterol": ln_total,
        "ln age * ln total cholesterol": ln_age * ln_total,
        "ln HDL": ln_hdl,
        "ln age * ln HDL": ln_age * ln_hdl,
        "ln treated SBP": bp_treated * ln_sbp,
        "ln age * ln treated SBP": bp_treated * ln_age * ln_sbp,
        "ln untreated SBP": (1 - bp_treated) * ln_sbp,
        "ln age * ln untreated SBP": (1 - bp_treated) * ln_age * ln_sbp,
        "smoker": smoker,
        "ln age * smoker": ln_age * smoker,
        "diabetes": diabetes,
    }
    L = sum(sex.pick(by_sex) * terms[name] for name, by_sex in coefficients.items())
    hazard_ratio = np.exp(L - sex.pick(mean))
    return {output: 1 - sex.pick(by_sex) ** hazard_ratio for output, by_sex in survival.items()}


def equations(table, mean, survival):
    """The race term's rows from columns Black women, White women, Black men, White men, as the paper prints them."""
    columns = {"White": {"female": 1, "male": 3}, "Black": {"female": 0, "male": 2}}
    return {
        group: {
            "coefficients": {name: {sex: numbers[i] for sex, i in column.items()} for name, numbers in table.items()},
            "mean": {sex: mean[i] for sex, i in column.items()},
            "survival": {output: {sex: numbers[i] for sex, i in column.items()} for output, numbers in survival.items()},
        }
        for group, column in columns.items()
    }


# Columns: Black women, White women, Black men, White men.
PUBLISHED = {
    "ln age": (17.114, -29.799, 2.469, 12.344),
    "(ln age)^2": (0, 4.884, 0, 0),
    "ln total cholesterol": (0.940, 13.540, 0.302, 11.853),
    "ln age * ln total cholesterol": (0, -3.114, 0, -2.664),
    "ln HDL": (-18.920, -13.578, -0.307, -7.990),
    "ln age * ln HDL": (4.475, 3.149, 0, 1.769),
    "ln treated SBP": (29.291, 2.019, 1.916, 1.797),
    "ln age * ln treated SBP": (-6.432, 0, 0, 0),
    "ln untreated SBP": (27.820, 1.957, 1.809, 1.764),
    "ln age * ln untreated SBP": (-6.087, 0, 0, 0),
    "smoker": (0.691, 7.574, 0.549, 7.837),
    "ln age * smoker": (0, -1.665, 0, -1.795),
    "diabetes": (0.874, 0.661, 0.645, 0.658),
}
PUBLISHED_MEAN = (86.61, -29.18, 19.54, 61.18)
PUBLISHED_SURVIVAL = {"ascvd_10_year": (0.9533, 0.9665, 0.8954, 0.9144)}

EXTENDED = {
    "ln age": (17.1141, -29.799, 2.469, 12.344),
    "(ln age)^2": (0, 4.884, 0, 0),
    "ln total cholesterol": (0.9396, 13.540, 0.302, 11.853),
    "ln age * ln total cholesterol": (0, -3.114, 0, -2.664),
    "ln HDL": (-18.9196, -13.578, -0.307, -7.990),
    "ln age * ln HDL": (4.4748, 3.149, 0, 1.769),
    "ln treated SBP": (29.2907, 2.019, 1.916, 1.797),
    "ln age * ln treated SBP": (-6.4321, 0, 0, 0),
    "ln untreated SBP": (27.8197, 1.957, 1.809, 1.764),
    "ln age * ln untreated SBP": (-6.0873, 0, 0, 0),
    "smoker": (0.6908, 7.574, 0.549, 7.837),
    "ln age * smoker": (0, -1.665, 0, -1.795),
    "diabetes": (0.8738, 0.661, 0.645, 0.658),
}
EXTENDED_MEAN = (86.6081, -29.1817, 19.5425, 61.1816)
EXTENDED_SURVIVAL = {
    "ascvd_10_year": (0.95334, 0.96652, 0.89536, 0.91436),
    "ascvd_5_year": (0.98194, 0.98898, 0.95726, 0.96254),
}

MEANING = "selects one of two separate equations per sex, so that every risk factor counts differently by recorded race"
OTHER_REMOVALS = (
    Removal(name="black_for_all", row="Black", meaning="everyone is scored with the equations for patients recorded as Black"),
    Removal(
        name="mean_of_both",
        weights={"White": 0.5, "Black": 0.5},
        meaning="everyone gets the mean of the two equations' risks, weighted half and half",
    ),
)
DRIVES = "Statin treatment and blood pressure treatment in people without atherosclerotic disease."
POPULATION = (
    "Adults of 40 to 79 years without atherosclerotic disease, derived in participants recorded as non-Hispanic Black or non-Hispanic White. "
    "Calculators accept total cholesterol 130 to 320 mg/dL, HDL cholesterol 20 to 100 mg/dL and systolic pressure 90 to 200 mmHg."
)
ACCEPTED = {"total_cholesterol": (130, 320), "hdl_cholesterol": (20, 100), "systolic_bp": (90, 200)}
DIRECTION = (
    "Not uniform: at equal inputs the equations for patients recorded as Black give from about a quarter to five times the risk of those for patients recorded "
    "as White. A smoking woman of 41 years with a treated systolic pressure of 186 mmHg gets 26.7% against 6.3%; a woman of 43 years with total cholesterol 281, "
    "HDL 80 and systolic pressure 111 who smokes gets 0.5% against 1.9%."
)
HISTORY = (
    "The 2013 ACC/AHA guideline fitted separate equations because the derivation cohorts had enough participants for these two groups only; every implementation "
    "examined scores all others, and people of unknown race, with the White equations. On a grid of made-up risk profiles, many more men and women cross 7.5% with the "
    "Black equation only than with the White equation only (Vasan 2022). PREVENT (2023) replaced the equations without a race term: the 2025 AHA/ACC hypertension guideline "
    "and the 2026 ACC/AHA lipid guideline use it. In REGARDS a refit without race discriminated equally well (Ghosh 2024); no coefficients of it are published. "
    "Moving to PREVENT takes statin eligibility from more Black than White adults in proportion (Diao 2024)."
)
SOURCES = (
    Source(
        citation="Goff DC Jr, Lloyd-Jones DM, Bennett G, et al. Circulation 2014;129(25 suppl 2):S49-S73",
        doi="10.1161/01.cir.0000437741.48606.98",
    ),
    Source(citation="Vasan RS, van den Heuvel E. Lancet Digit Health 2022;4:e55-e63", doi="10.1016/S2589-7500(21)00236-3"),
    Source(citation="Ghosh AK, et al. JAMA Cardiol 2024;9:55-62", doi="10.1001/jamacardio.2023.4520"),
    Source(citation="Diao JA, et al. JAMA 2024;332:989-1000", doi="10.1001/jama.2024.12537"),
)
KNOWN_WRONG = (
    "PyPI cvd-risk 0.1.48 gives the paper's White man of 55 years a risk near zero in place of 5.4%: it uses Framingham 2008 numbers under the wrong labels.",
    "preventr mixes coefficients of 3 decimals with means of 4 decimals, so that it equals neither published set exactly.",
    "CVrisk floors the risk at 1% and rounds it to two decimals of a percent, so that low risks come out too high.",
)
FORM = "risk = 1 - S0^exp(L - M), one column of numbers per group and sex, natural logarithms; systolic pressure enters as treated or as untreated.\n"


def as_text(table, mean, survival):
    """The coefficients as lines of text, for a reader who compares them with the paper."""
    rows = {**table, "M": mean, **{f"S0 ({output.split('_')[1]} years)": numbers for output, numbers in survival.items()}}
    lines = ["term: Black women, White women, Black men, White men"]
    lines += [f"{name}: {', '.join(format(number, 'g') for number in numbers)}" for name, numbers in rows.items()]
    return "\n".join(lines)


pce_2013 = Calculator(
    id="pce_2013",
    title="Pooled Cohort Equations, published 3-decimal coefficients",
    specialty="cardiology",
    year=2013,
    role="race_based",
    inputs=INPUTS,
    outputs=(TEN_YEARS,),
    formula=pooled_cohort,
    race=RaceTerm(
        kind="separate_equations",
        groups=equations(PUBLISHED, PUBLISHED_MEAN, PUBLISHED_SURVIVAL),
        removed="White",
        unlisted="White",
        meaning=MEANING,
        other_removals=OTHER_REMOVALS,
    ),
    decisions=ASCVD_CARE,
    bands=(ASCVD_RISK,),
    replaced_by="prevent_2023_base",
    valid={"age": completed(40, 79)},
    derived_on=ACCEPTED,
    drives=DRIVES,
    population=POPULATION,
    equation=FORM + as_text(PUBLISHED, PUBLISHED_MEAN, PUBLISHED_SURVIVAL),
    direction=DIRECTION,
    history=HISTORY,
    known_wrong=KNOWN_WRONG,
    sources=SOURCES,
    note=(
        "Separate equations: no row is neutral. The removed row is the one that people of other recorded race already get. Never average the sums L of the two equations: "
        "they are on different scales. The paper prints 5.3% for its White man of 55 years; its own numbers give 5.38%."
    ),
)

pce_2013_extended = Calculator(
    id="pce_2013_extended",
    title="Pooled Cohort Equations, extended-precision coefficients",
    specialty="cardiology",
    year=2013,
    role="race_based",
    inputs=INPUTS,
    outputs=(TEN_YEARS, FIVE_YEARS),
    formula=pooled_cohort,
    race=RaceTerm(
        kind="separate_equations",
        groups=equations(EXTENDED, EXTENDED_MEAN, EXTENDED_SURVIVAL),
        removed="White",
        unlisted="White",
        meaning=MEANING,
        other_removals=OTHER_REMOVALS,
    ),
    decisions=ASCVD_CARE,
    bands=(ASCVD_RISK,),
    replaced_by="prevent_2023_base",
    valid={"age": completed(40, 79)},
    derived_on=ACCEPTED,
    confidence_note="The 5-year baseline survival has a single source.",
    drives=DRIVES,
    population=POPULATION,
    equation=FORM + as_text(EXTENDED, EXTENDED_MEAN, EXTENDED_SURVIVAL),
    direction=DIRECTION,
    history=HISTORY,
    known_wrong=KNOWN_WRONG,
    sources=SOURCES,
    note=(
        "The numbers behind the association's spreadsheet. They differ from the published 3-decimal set by at most 0.41 percentage points, at a risk of 67%. "
        "Separate equations: no row is neutral."
    ),
)
