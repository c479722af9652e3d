"""LCRAT: risk of lung cancer within 5 years in people who have smoked, with competing death (Katki 2016)."""

from functools import cache

import numpy as np

from calculators.declare import Calculator, Output, RaceTerm, Source
from calculators.oncology.plcom2012 import EDUCATION
from calculators.tables import read_table


def lcrat_risk(
    age,
    sex,
    education_level,
    body_mass_index,
    cigarettes_per_day,
    years_smoked,
    years_quit,
    emphysema,
    lung_cancer_relatives,
    *,
    cancer_beta,
    death_beta,
):
    """Sum over event times t up to 5 years of S1(t)^RR1 * h1(t) * RR1 * S2(t)^RR2.

    1 is lung cancer and 2 death without it; log RR = the Cox terms below, uncentered, + the beta of the race row.
    """
    female = sex.pick(female=1, male=0)
    education = education_level.pick(EDUCATION)
    relatives = np.minimum(lung_cancer_relatives, 2)
    pack_years = years_smoked * np.where(cigarettes_per_day > 0, cigarettes_per_day, np.nan) / 20

    log_rr_cancer = (
        cancer_beta
        - 0.080572312191284828 * female
        - 0.071434478401882842 * education
        + 0.41831424827496028 * relatives
        + 0.56342236033026383 * emphysema
        + 0.060925046443548646 * (body_mass_index <= 18.5)
        + 0.31060887961302952 * (cigarettes_per_day > 20)
        + step(pack_years, from_30=0.49125382572442394, from_40=0.562333781005111, from_50=0.71575207079682901)
        + 4.3868657463673904 * np.log(age)
        - 0.72385684083462276 * np.log(body_mass_index)
        - 0.32090455789884326 * np.log(years_quit + 1)
        + 0.02400207198379798 * years_smoked
    )
    log_rr_death = (
        death_beta
        - 0.56970899614628645 * female
        - 0.04451075198031694 * education
        + 0.65111710280949142 * emphysema
        + 0.69610861284079828 * (body_mass_index <= 18.5)
        + 0.12105005157868068 * (cigarettes_per_day > 20)
        + step(pack_years, from_30=0.077207788543057862, from_40=0.12331876063455777, from_50=0.18753174926346775)
        + 0.0008416231106237788 * age**2
        + 0.0036056277918880262 * (body_mass_index - 25) ** 2
        - 0.18665845610754486 * np.log(years_quit + 1)
        + 0.0019489466051970945 * years_smoked
    )
    rr_cancer, rr_death = np.exp(log_rr_cancer), np.exp(log_rr_death)
    risk = np.zeros_like(rr_cancer)
    for hazard, log_survival, log_survival_death in baseline():
        risk += hazard * np.exp(rr_cancer * log_survival + rr_death * log_survival_death)
    return risk * rr_cancer


def step(pack_years, *, from_30, from_40, from_50):
    """The coefficient of 30 to under 40, 40 to under 50, and 50 pack-years or more; 0 below, NaN when they are not known."""
    return np.select([pack_years >= 50, pack_years >= 40, pack_years >= 30, pack_years >= 0], [from_50, from_40, from_30, 0.0], np.nan)


@cache
def baseline():
    """Baseline at each event time up to 5 years: hazard of lung cancer, log survival free of it, log survival of other death."""
    rows = read_table("lcrat_2016_baseline.csv", "calculators.oncology")
    return [(float(r["haz_lcrat"]), np.log(float(r["surv_lcrat"])), np.log(float(r["surv_death_for_lcrat"]))) for r in rows]


lcrat_2016 = Calculator(
    id="lcrat_2016",
    title="LCRAT lung cancer risk",
    specialty="oncology",
    year=2016,
    role="race_based",
    inputs=(
        "age",
        "sex",
        "education_level",
        "body_mass_index",
        "cigarettes_per_day",
        "years_smoked",
        "years_quit",
        "emphysema",
        "lung_cancer_relatives",
    ),
    outputs=(Output.parse("lung_cancer_5_year[1]"),),
    formula=lcrat_risk,
    race=RaceTerm(
        kind="log_hazard",
        groups={
            "White": {"cancer_beta": 0.0, "death_beta": 0.0},
            "Black": {"cancer_beta": 0.21789212196251279, "death_beta": 0.38385282720324582},
            "Hispanic": {"cancer_beta": -0.43413327448435046, "death_beta": 0.00087393756740677963},
            "Other": {"cancer_beta": -0.39556189101898726, "death_beta": -0.1637095357861994},
        },
        removed="White",
        removed_source="catalogue",
        unlisted="Other",
        reads="race_and_ethnicity",
        meaning=(
            "multiplies the hazard of lung cancer by 1.243 (Black), 0.648 (Hispanic) or 0.673 (other), and the hazard of other death by 1.468 (Black), "
            "1.001 (Hispanic) or 0.849 (other), by recorded race and ethnicity"
        ),
    ),
    confidence="SINGLE-SOURCE",
    confidence_note="Coefficients and baseline come from one place, the authors' own model data.",
    drives="low-dose CT screening for lung cancer",
    population="People who smoke or have smoked; fitted in the control group of the PLCO screening trial. No result for those who never smoked.",
    equation=(
        "risk = sum over the 490 event times t up to 5 years of S1(t)^RR1 * h1(t) * RR1 * S2(t)^RR2 (baseline: lcrat_2016_baseline.csv)\n"
        "ln RR1 (lung cancer) = -0.080572312191284828 [female] - 0.071434478401882842*education (1-6) + 0.41831424827496028*relatives (0-2) "
        "+ 0.56342236033026383 [emphysema] + 0.060925046443548646 [BMI <= 18.5] + 0.31060887961302952 [over 20 cigarettes per day] "
        "+ pack-years (30 to <40 0.49125382572442394, 40 to <50 0.562333781005111, >= 50 0.71575207079682901) + 4.3868657463673904*ln(age) "
        "- 0.72385684083462276*ln(BMI) - 0.32090455789884326*ln(years quit + 1) + 0.02400207198379798*years smoked "
        "+ race (Black 0.21789212196251279, Hispanic -0.43413327448435046, other -0.39556189101898726)\n"
        "ln RR2 (other death) = -0.56970899614628645 [female] - 0.04451075198031694*education + 0.65111710280949142 [emphysema] "
        "+ 0.69610861284079828 [BMI <= 18.5] + 0.12105005157868068 [over 20 cigarettes per day] "
        "+ pack-years (0.077207788543057862, 0.12331876063455777, 0.18753174926346775) + 0.0008416231106237788*age^2 "
        "+ 0.0036056277918880262*(BMI - 25)^2 - 0.18665845610754486*ln(years quit + 1) + 0.0019489466051970945*years smoked "
        "+ race (Black 0.38385282720324582, Hispanic 0.00087393756740677963, other -0.1637095357861994)\n"
        "pack-years = years smoked * cigarettes per day / 20; terms uncentered"
    ),
    direction=(
        "At equal inputs the 5-year risk is about a fifth higher for patients recorded as Black, about a third lower for Hispanic and other; the race term in the "
        "hazard of other death works a little against the first."
    ),
    history="Fitted at the US National Cancer Institute; no version without race is official.",
    sources=(
        Source(
            citation="Katki HA, Kovalchik SA, Berg CD, Cheung LC, Chaturvedi AK. JAMA 2016",
            note="PubMed 27179989; coefficients and baseline from NCI lcmodels 2.0.0",
        ),
    ),
    note=(
        "LCRAT alone. The authors' package reports the larger of LCRAT and the risk of lung cancer death (LCDRAT), whose baseline is not public here. "
        "The package is under GPL-2; figures only were taken."
    ),
)
