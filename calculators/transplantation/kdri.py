"""Kidney donor risk index and profile index: relative risk of graft failure from a deceased donor (Rao 2009; OPTN 2024)."""

from functools import cache

import numpy as np

from calculators.declare import Bands, Calculator, Decision, Output, RaceTerm, Source
from calculators.tables import read_table

DRIVES_OFFERS = "Acceptance and allocation of deceased-donor kidneys"
DONOR = "The patient is the deceased donor."


def donor_risk_index(
    age,
    height,
    weight,
    hypertension,
    diabetes,
    cause_of_death,
    creatinine,
    donation_after_circulatory_death,
    hepatitis_c=0.0,
    *,
    yearly,
    under_18,
    over_50,
    per_10_cm,
    per_5_kg,
    if_hypertension,
    if_diabetes,
    if_stroke,
    per_mg_dl,
    over_1_5,
    if_circulatory_death,
    if_hepatitis_c=0.0,
    beta=0.0,
):
    """exp of the sum of the donor's terms; age counts within 0-99, height to 241.3, weight within 0.454-294, creatinine to 8.

    yearly (age - 40) + under_18 (age - 18) [age < 18] + over_50 (age - 50) [age > 50]
    + per_10_cm (height - 170)/10 + per_5_kg (weight - 80)/5 [weight < 80]
    + if_hypertension + if_diabetes + if_stroke [cause of death] + if_circulatory_death + if_hepatitis_c + beta
    + per_mg_dl (Scr - 1) + over_1_5 (Scr - 1.5) [Scr > 1.5].
    """
    age = np.clip(age, 0, 99)
    height = np.minimum(height, 241.3)
    weight = np.clip(weight, 0.454, 294)
    creatinine = np.minimum(creatinine, 8.0)
    return np.exp(
        yearly * (age - 40)
        + under_18 * np.minimum(age - 18, 0)
        + over_50 * np.maximum(age - 50, 0)
        + per_10_cm * (height - 170) / 10
        + per_5_kg * np.minimum(weight - 80, 0) / 5
        + if_hypertension * hypertension
        + if_diabetes * diabetes
        + if_stroke * (cause_of_death == "stroke")
        + per_mg_dl * (creatinine - 1)
        + over_1_5 * np.maximum(creatinine - 1.5, 0)
        + if_circulatory_death * donation_after_circulatory_death
        + if_hepatitis_c * hepatitis_c
        + beta
    )


REFIT_2024 = {
    "yearly": 0.0092,
    "under_18": 0.0113,
    "over_50": 0.0067,
    "per_10_cm": -0.0557,
    "per_5_kg": -0.0333,
    "if_hypertension": 0.1106,
    "if_diabetes": 0.2577,
    "if_stroke": 0.0743,
    "per_mg_dl": 0.2128,
    "over_1_5": -0.2199,
    "if_circulatory_death": 0.1966,
}
LIMITS = "Values beyond age 0 to 99, height 241.3 cm, weight 0.454 to 294 kg or creatinine 8.0 mg/dL are taken at the limit."
OPTN_GUIDE = Source(citation="OPTN, A Guide to Calculating and Interpreting the Kidney Donor Profile Index, 21 April 2025")
REFIT_REVIEW = Source(
    citation="Am J Transplant 2023;23:636-641", note="share of donors with a KDPI over 85, with and without the race term"
)

kdri_rao_2009 = Calculator(
    id="kdri_rao_2009",
    title="Kidney donor risk index, donor-only form",
    specialty="transplantation",
    year=2009,
    role="race_based",
    inputs=(
        "age",
        "height",
        "weight",
        "hypertension",
        "diabetes",
        "cause_of_death",
        "creatinine",
        "donation_after_circulatory_death",
        "hepatitis_c",
    ),
    outputs=(Output.parse("kdri[1]"),),
    formula=donor_risk_index,
    constants={
        "yearly": 0.0128,
        "under_18": -0.0194,
        "over_50": 0.0107,
        "per_10_cm": -0.0464,
        "per_5_kg": -0.0199,
        "if_hypertension": 0.1260,
        "if_diabetes": 0.1300,
        "if_stroke": 0.0881,
        "per_mg_dl": 0.2200,
        "over_1_5": -0.2090,
        "if_circulatory_death": 0.1330,
        "if_hepatitis_c": 0.2400,
    },
    race=RaceTerm(
        kind="log_hazard",
        groups={"Black": {"beta": 0.1790}, "not Black": {"beta": 0.0}},
        removed="not Black",
        unlisted="not Black",
        reads="donor_race",
        meaning="adds 0.1790 to the log hazard, a factor of 1.196, for donors recorded as Black or African American",
    ),
    replaced_by="kdri_optn_2024",
    drives=DRIVES_OFFERS,
    population=f"{DONOR} Derived from US transplants of 1995 to 2005.",
    equation=(
        "KDRI = exp(0.0128 (age - 40) - 0.0194 (age - 18) [age < 18] + 0.0107 (age - 50) [age > 50] - 0.0464 (height - 170)/10\n"
        "- 0.0199 (weight - 80)/5 [weight < 80] + 0.1790 [Black] + 0.1260 [hypertension] + 0.1300 [diabetes] + 0.0881 [death by stroke]\n"
        "+ 0.2200 (Scr - 1) - 0.2090 (Scr - 1.5) [Scr > 1.5] + 0.2400 [hepatitis C] + 0.1330 [circulatory death]); cm, kg, Scr in mg/dL"
    ),
    direction=(
        "Raises the index by 19.6% for an otherwise equal donor recorded as Black or African American: the kidney ranks as worse. "
        "A KDPI over 85 needs specific consent and more often ends in non-use. The hepatitis C term adds 27.1%."
    ),
    history=(
        "The race term came from US registry data of 1995 to 2005. The OPTN used the donor-only form from 2012 until 30 October 2024. A review of 2019 advised "
        "keeping the index. In a refit without race (2023) the share of donors recorded as Black with a KDPI over 85 fell from 31.09% to 17.75%; among other donors it "
        "was 15.68%. The OPTN put the refit to public comment from 23 January to 19 March 2024 and approved it on 17 June 2024; "
        "it has been in force since 31 October 2024."
    ),
    known_wrong=(
        "kidney.epi 1.4 with the year 2024 combines these coefficients with the scaling factor and percentiles of the 2024 refit: never a policy.",
    ),
    sources=(
        Source(citation="Rao PS, Schaubel DE, Guidinger MK, et al. Transplantation 2009;88:231-236", doi="10.1097/TP.0b013e3181ac620b"),
        Source(citation="Zhong Y, Schaubel DE, Kalbfleisch JD, et al. Transplantation 2019;103:1714", doi="10.1097/TP.0000000000002498"),
        REFIT_REVIEW,
    ),
    note=(
        f"{LIMITS} The OPTN took unknown hepatitis C as negative and unknown hypertension or diabetes at the prevalence of the reference year; "
        "here an unknown value gives no index. A genotype-based form (APOL1) exists in research."
    ),
)

kdri_optn_2024 = Calculator(
    id="kdri_optn_2024",
    title="Kidney donor risk index, OPTN refit without race and hepatitis C",
    specialty="transplantation",
    year=2024,
    role="race_free_successor",
    inputs=("age", "height", "weight", "hypertension", "diabetes", "cause_of_death", "creatinine", "donation_after_circulatory_death"),
    outputs=(Output.parse("kdri[1]"),),
    formula=donor_risk_index,
    constants=REFIT_2024,
    drives=DRIVES_OFFERS,
    population=DONOR,
    equation=(
        "KDRI = exp(0.0092 (age - 40) + 0.0113 (age - 18) [age < 18] + 0.0067 (age - 50) [age > 50] - 0.0557 (height - 170)/10\n"
        "- 0.0333 (weight - 80)/5 [weight < 80] + 0.1106 [hypertension] + 0.2577 [diabetes] + 0.0743 [death by stroke]\n"
        "+ 0.2128 (Scr - 1) - 0.2199 (Scr - 1.5) [Scr > 1.5] + 0.1966 [circulatory death]); cm, kg, Scr in mg/dL"
    ),
    direction="No race term: equal donors have equal indices. Above a creatinine of 1.5 mg/dL the index falls slightly, by 0.0071 per mg/dL on the log scale.",
    history=(
        "All coefficients were refitted without race and hepatitis C; in force since 31 October 2024. "
        "It differs from the index of 2009 by more than the removed terms."
    ),
    known_wrong=(
        "A coefficient of 0.1308 for circulatory death, found on a public page, is wrong: the index is 6.4% too low for these donors.",
    ),
    sources=(OPTN_GUIDE,),
    note=(
        f"{LIMITS} The term for age under 18 has a positive sign, unlike in 2009. "
        "The OPTN takes unknown hypertension or diabetes at the prevalence of the reference year; here an unknown value gives no index."
    ),
)


@cache
def percentile_limits(reference_donor_year):
    """The highest scaled index of each KDPI from 0 to 99 %, for the donors of one year (kdpi_2024.csv)."""
    rows = read_table("kdpi_2024.csv", "calculators.transplantation")
    return np.array([float(row["kdri_scaled_up_to"]) for row in rows if row["reference_donor_year"] == reference_donor_year])


def donor_percentile(
    age,
    height,
    weight,
    hypertension,
    diabetes,
    cause_of_death,
    creatinine,
    donation_after_circulatory_death,
    reference_donor_year,
    *,
    scaling,
    **coefficients,
):
    """KDRI / scaling of the reference year; KDPI is the smallest percentage whose limit the scaled index does not exceed."""
    kdri = donor_risk_index(
        age, height, weight, hypertension, diabetes, cause_of_death, creatinine, donation_after_circulatory_death, **coefficients
    )
    scaled = kdri / reference_donor_year.pick(scaling)
    kdpi = np.full(scaled.shape, np.nan)
    for year in scaling:
        of_year = reference_donor_year == year
        kdpi[of_year] = np.searchsorted(percentile_limits(year), scaled[of_year], side="left")
    return {"kdpi": kdpi, "kdri_scaled": scaled}


kdpi_optn_2024 = Calculator(
    id="kdpi_optn_2024",
    title="Kidney donor profile index, OPTN 2024",
    specialty="transplantation",
    year=2024,
    role="race_free_successor",
    inputs=(*kdri_optn_2024.inputs, "reference_donor_year"),
    outputs=(Output.parse("kdpi[%]"), Output.parse("kdri_scaled[1]")),
    formula=donor_percentile,
    printed_decimals={"kdpi": 0},
    constants=REFIT_2024 | {"scaling": {"2023": 1.30900852563932, "2024": 1.40436817065005}},
    decisions=(
        Decision(
            id="kdpi_85",
            output="kdpi",
            operator=">",
            cutoff=85,
            action="specific consent, higher chance of non-use",
            guideline="OPTN",
            yes_means="labels",
        ),
        Decision(
            id="kdpi_20",
            output="kdpi",
            operator="<=",
            cutoff=20,
            action="offered first to candidates with EPTS of 20 % or less",
            guideline="OPTN",
            yes_means="labels",
        ),
    ),
    bands=(Bands(id="kdpi_sequence", output="kdpi", cuts=(20, 85), labels=("0-20", "21-85", "86-100"), lower_closed=False, source="OPTN"),),
    drives=DRIVES_OFFERS,
    population=DONOR,
    equation=(
        "scaled KDRI = KDRI (kdri_optn_2024) / 1.30900852563932 (donors of 2023) or / 1.40436817065005 (donors of 2024)\n"
        "KDPI = p where the scaled KDRI lies above the limit of p - 1 and at or below the limit of p (kdpi_2024.csv, 100 limits per year)"
    ),
    direction="No race term. A percentile is relative: a donor at 79% among the donors of 2023 is at 72% among those of 2024, so the reference year must be named.",
    history="The percentages that OPTN screens show. The index behind them lost race and hepatitis C on 31 October 2024; the table for donors of 2024 was issued on 4 April 2025.",
    known_wrong=(
        "kidney.epi 1.4 with the year 2024 looks up an index with the coefficients of 2009, race included, in the table of the refit.",
    ),
    sources=(OPTN_GUIDE, Source(citation="OPTN, KDPI mapping table, 4 April 2025")),
    note=f"{LIMITS} An index above all limits is 100%.",
)
