"""CCRAT, the NCI colorectal cancer risk assessment tool (Freedman 2009)."""

from functools import cache

import numpy as np

from calculators.declare import Calculator, Output, RaceTerm, Source
from calculators.oncology.absolute_risk import absolute_risk
from calculators.tables import read_table

SITES = ("rectal", "proximal", "distal")


def ccrat_risk(
    age,
    projection_age,
    sex,
    colorectal_screening,
    years_smoked_band,
    cigarettes_band,
    nsaid_regimen,
    non_aspirin_nsaid,
    colorectal_cancer_relatives,
    activity_band,
    vegetables_under_5_servings,
    body_mass_index_band,
    no_estrogen_past_2_years,
    *,
    rates,
):
    """Cancer hazard at an age = sum over three sites of RR * (1 - attributable risk) * incidence of the row's group.

    RR = e^(coefficients of the sex and site * the terms below), the same for every group; the risk follows with competing death.
    """
    never = (years_smoked_band == "never") | (cigarettes_band == "0")
    terms = {
        "screening_negative": colorectal_screening == "negative",
        "screening_none": colorectal_screening == "none",
        "screening_polyps": colorectal_screening == "polyps",
        "screening_unknown": colorectal_screening == "unknown",
        "never_smoked": never,
        "smoked_15_to_34_years": (years_smoked_band == "15_to_34") & ~never,
        "smoked_35_years_or_more": (years_smoked_band == "35_or_more") & ~never,
        "cigarettes_code": np.where(never, 0, code(cigarettes_band)),
        "no_nsaid_regimen": 1 - nsaid_regimen,
        "no_non_aspirin_nsaid": 1 - non_aspirin_nsaid,
        "any_relative": colorectal_cancer_relatives >= 1,
        "relatives": np.minimum(colorectal_cancer_relatives, 2),
        "activity_code": code(activity_band),
        "activity_code_3": activity_band == "3",
        "activity_code_2": activity_band == "2",
        "activity_code_1": activity_band == "1",
        "vegetables_under_5_servings": vegetables_under_5_servings,
        "body_mass_index_code": code(body_mass_index_band),
        "no_estrogen_past_2_years": no_estrogen_past_2_years,
        "body_mass_index_code_on_estrogen": code(body_mass_index_band) * (1 - no_estrogen_past_2_years),
    }
    relative_risk = {
        site: np.exp(sum(sex.pick(male=male, female=female) * terms[term] for term, male, female in coefficients(site))) for site in SITES
    }

    def hazards():
        for start in range(45, 90, 5):
            distal_female = 0.1779839 if start < 65 else 0.1480757
            unattributable = {
                "rectal": sex.pick(male=0.099728891869, female=0.0734559),
                "proximal": sex.pick(male=0.136245677145, female=0.1886108),
                "distal": sex.pick(male=0.275494599554, female=distal_female),
            }
            cancer = sum(relative_risk[site] * unattributable[site] * sex.pick(rate(rates, site, start)) for site in SITES)
            yield start, cancer, sex.pick(rate(rates, "mortality", start))

    return absolute_risk(age, projection_age, hazards())


def code(band):
    """A band named 0, 1, 2 or 3 as a number."""
    return band.pick({word: float(word) for word in band.words})


@cache
def coefficients(site):
    """Term, coefficient in men and coefficient in women, where either has one."""
    rows = read_table("ccrat_coefficients.csv", "calculators.oncology")
    numbers = [(row["term"], float(row[f"male_{site}"]), float(row[f"female_{site}"])) for row in rows]
    return [(term, male, female) for term, male, female in numbers if male or female]


@cache
def rate(group, name, start):
    """Incidence of a site, or mortality from other causes, in the five years from `start`, per person-year, by sex."""
    rows = read_table("ccrat_rates.csv", "calculators.oncology")
    return {row["sex"]: float(row[str(start)]) for row in rows if row["group"] == group and row["rate"] == name}


ccrat_2009 = Calculator(
    id="ccrat_2009",
    title="NCI colorectal cancer risk assessment tool",
    specialty="oncology",
    year=2009,
    role="race_based",
    inputs=(
        "age",
        "projection_age",
        "sex",
        "colorectal_screening",
        "years_smoked_band",
        "cigarettes_band",
        "nsaid_regimen",
        "non_aspirin_nsaid",
        "colorectal_cancer_relatives",
        "activity_band",
        "vegetables_under_5_servings",
        "body_mass_index_band",
        "no_estrogen_past_2_years",
    ),
    outputs=(Output.parse("colorectal_cancer[1]"),),
    formula=ccrat_risk,
    race=RaceTerm(
        kind="lookup",
        groups={group: {"rates": group} for group in ("White", "Black", "Hispanic", "Asian")},
        removed="White",
        removed_source="catalogue",
        unlisted="undefined",
        reads="race_and_ethnicity",
        meaning=(
            "chooses the incidence of colorectal cancer by site and the mortality from other causes, by recorded race and ethnicity; "
            "the relative risks are the same for everyone"
        ),
    ),
    confidence_note="One implementation, the institute's own code, was executed.",
    valid={"age": (45, 90), "projection_age": (45, 90)},
    drives="colorectal cancer screening",
    population="US women and men; the rates run from age 45 to 90. American Indian and Alaska Native patients are not supported.",
    equation=(
        "cancer hazard = sum over rectal, proximal and distal of RR * (1 - AR) * incidence; risk between two ages = sum over age steps of h/(h + d) * S * (1 - e^-(h + d)), "
        "d = mortality from other causes\n"
        "RR = e^(sum of coefficients by sex and site: ccrat_coefficients.csv); incidence and mortality by sex, group and five-year age: ccrat_rates.csv\n"
        "1 - AR: male rectal 0.099728891869, proximal 0.136245677145, distal 0.275494599554; female rectal 0.0734559, proximal 0.1886108, distal 0.1779839 (under 65), "
        "0.1480757 (65 and over)\n"
        "Relatives count to 2; never smoked when either smoking input is zero; activity code 0 is the most active"
    ),
    direction=(
        "At equal inputs, against the White row and over profiles from 45 to 90: Black 5% lower to 55% higher (half of them by 40% or more), Hispanic 27% lower to 5% higher, "
        "Asian 19% lower to 9% higher, by age, sex and which site the risk factors weigh on."
    ),
    history=(
        "The relative risks were estimated in White patients and are used for every group. No official version without race; CRC-PRO has a race term too, and its "
        "removal is an ablation."
    ),
    known_wrong=(
        "The official code compares years smoked with more than 15 and more than 35, where the documentation says 15 or more and 35 or more; here the bands are the input.",
    ),
    sources=(Source(citation="Freedman AN, et al. J Clin Oncol 2009;27:686"),),
    note=(
        "Hispanic ethnicity overrides race. Inputs are the tool's own bands: cut-points of body mass index, cigarettes and activity are not published here, and the "
        "meaning of some codes was inferred from the official code's results. The estrogen terms are read in women only."
    ),
)
