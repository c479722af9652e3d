"""BCRAT, the NCI breast cancer risk assessment tool (Gail model 2: Gail 1989, 2007, Matsuno 2011, Banegas 2017)."""

from functools import cache

import numpy as np

from calculators.declare import Calculator, Decision, Output, RaceTerm, Source
from calculators.oncology.absolute_risk import absolute_risk
from calculators.tables import read_table


def gail_model(
    age,
    projection_age,
    nulliparous,
    breast_biopsies,
    atypical_hyperplasia,
    age_at_menarche,
    age_at_first_birth,
    breast_cancer_relatives,
    *,
    levels,
    beta,
    unattributable,
    rates,
    average_rates,
):
    """RR = e^(biopsies + menarche + first birth + relatives + first birth * relatives) * hyperplasia, from 50 on * e^(b * biopsies).

    Cancer hazard at an age = incidence * (1 - attributable risk) * RR; the risk follows with competing death.
    Average woman: RR * (1 - attributable risk) = 1. Each level and coefficient is that of the row; unknown is the lowest level.
    """
    biopsies = level(levels["biopsies"], breast_biopsies >= 2, breast_biopsies >= 1)
    menarche = level(levels["menarche"], age_at_menarche < 12, age_at_menarche < 14)
    first_birth = level(
        levels["first_birth"], nulliparous == 1, age_at_first_birth >= 30, age_at_first_birth >= 25, age_at_first_birth >= 20
    )
    relatives = level(levels["relatives"], breast_cancer_relatives >= 2, breast_cancer_relatives >= 1)
    biopsied = breast_biopsies >= 1
    hyperplasia = np.select([biopsied & (atypical_hyperplasia == 1), biopsied & (atypical_hyperplasia == 0)], [1.82, 0.93], 1.0)

    under_50 = hyperplasia * np.exp(
        beta["biopsies"] * biopsies
        + beta["menarche"] * menarche
        + beta["first_birth"] * first_birth
        + beta["relatives"] * relatives
        + beta["first_birth_by_relatives"] * first_birth * relatives
    )
    from_50 = under_50 * np.exp(beta["biopsies_from_50"] * biopsies)

    patient = (
        (start, incidence * (unattributable[0] * under_50 if start < 50 else unattributable[1] * from_50), mortality)
        for start, incidence, mortality in rates_by_age(rates)
    )
    return {
        "breast_cancer": absolute_risk(age, projection_age, patient),
        "breast_cancer_average_woman": absolute_risk(age, projection_age, rates_by_age(average_rates)),
        "relative_risk_under_50": under_50,
        "relative_risk_50_and_over": from_50,
    }


def level(scores, *conditions):
    """The score of the first condition that holds (the last scores first), else the lowest level's."""
    return np.select(conditions, scores[:0:-1], scores[0])


@cache
def rates_by_age(group):
    """First age, incidence and mortality of each five-year band from 20 to 89, per person-year."""
    rows = {row["rate"]: row for row in read_table("bcrat_rates.csv", "calculators.oncology") if row["group"] == group}
    return [(start, float(rows["incidence"][str(start)]), float(rows["mortality"][str(start)])) for start in range(20, 90, 5)]


LEVELS = {
    "biopsies": (0, 1, 2),  # none, 1, 2 or more
    "menarche": (0, 1, 2),  # 14 or later, 12 or 13, under 12
    "first_birth": (0, 1, 2, 3, 2),  # under 20, 20 to 24, 25 to 29, 30 or later, no birth
    "relatives": (0, 1, 2),  # none, 1, 2 or more
}
HISPANIC_LEVELS = {"biopsies": (0, 1, 1), "menarche": (0, 1, 2), "first_birth": (0, 1, 1, 2, 2), "relatives": (0, 1, 1)}
WHITE = {
    "levels": LEVELS,
    "beta": {
        "biopsies": 0.5292641686,
        "menarche": 0.0940103059,
        "first_birth": 0.2186262218,
        "relatives": 0.9583027845,
        "biopsies_from_50": -0.2880424830,
        "first_birth_by_relatives": -0.1908113865,
    },
    "unattributable": (0.5788413, 0.5788413),
    "rates": "White",
    "average_rates": "White average woman",
}
BLACK = {
    "levels": {**LEVELS, "menarche": (0, 1, 1)},
    "beta": {
        "biopsies": 0.1822121131,
        "menarche": 0.2672530336,
        "first_birth": 0.0,
        "relatives": 0.4757242578,
        "biopsies_from_50": -0.1119411682,
        "first_birth_by_relatives": 0.0,
    },
    "unattributable": (0.72949880, 0.74397137),
    "rates": "Black",
    "average_rates": "Black",
}
US_BORN_HISPANIC = {
    "levels": HISPANIC_LEVELS,
    "beta": {
        "biopsies": 0.0970783641,
        "menarche": 0.0,
        "first_birth": 0.2318368334,
        "relatives": 0.166685441,
        "biopsies_from_50": 0.0,
        "first_birth_by_relatives": 0.0,
    },
    "unattributable": (0.749294788397, 0.778215491668),
    "rates": "US-born Hispanic",
    "average_rates": "US-born Hispanic",
}
FOREIGN_BORN_HISPANIC = {
    "levels": HISPANIC_LEVELS,
    "beta": {
        "biopsies": 0.4798624017,
        "menarche": 0.2593922322,
        "first_birth": 0.4669246218,
        "relatives": 0.9076679727,
        "biopsies_from_50": 0.0,
        "first_birth_by_relatives": 0.0,
    },
    "unattributable": (0.428864989813, 0.450352338746),
    "rates": "Foreign-born Hispanic",
    "average_rates": "Foreign-born Hispanic",
}


def asian_or_pacific_islander(group):
    """One set of coefficients for every Asian and Pacific Islander group; each has its own rates."""
    return {
        "levels": {**LEVELS, "relatives": (0, 1, 1)},
        "beta": {
            "biopsies": 0.55263612260619,
            "menarche": 0.07499257592975,
            "first_birth": 0.27638268294593,
            "relatives": 0.79185633720481,
            "biopsies_from_50": 0.0,
            "first_birth_by_relatives": 0.0,
        },
        "unattributable": (0.47519806426735, 0.50316401683903),
        "rates": group,
        "average_rates": group,
    }


bcrat_gail_2 = Calculator(
    id="bcrat_gail_2",
    title="NCI breast cancer risk assessment tool (Gail model 2)",
    specialty="oncology",
    year=2017,
    role="race_based",
    inputs=("age", "projection_age", "nulliparous"),
    optional_inputs=("breast_biopsies", "atypical_hyperplasia", "age_at_menarche", "age_at_first_birth", "breast_cancer_relatives"),
    outputs=(
        Output.parse("breast_cancer[1]"),
        Output.parse("breast_cancer_average_woman[1]"),
        Output.parse("relative_risk_under_50[1]"),
        Output.parse("relative_risk_50_and_over[1]"),
    ),
    formula=gail_model,
    race=RaceTerm(
        kind="separate_equations",
        groups={
            "White": WHITE,
            "Black": BLACK,
            "US-born Hispanic": US_BORN_HISPANIC,
            "Foreign-born Hispanic": FOREIGN_BORN_HISPANIC,
            "Chinese": asian_or_pacific_islander("Chinese"),
            "Japanese": asian_or_pacific_islander("Japanese"),
            "Filipino": asian_or_pacific_islander("Filipino"),
            "Hawaiian": asian_or_pacific_islander("Hawaiian"),
            "Other Pacific Islander": asian_or_pacific_islander("Other Pacific Islander"),
            "Other Asian": asian_or_pacific_islander("Other Asian"),
            "Other or unknown": WHITE,
        },
        removed="White",
        removed_source="literature",
        unlisted="Other or unknown",
        reads="race_and_ethnicity",
        meaning=(
            "chooses the coefficients, the levels of the risk factors, the incidence of breast cancer and the mortality from other causes, each by recorded "
            "race and ethnicity and, for Hispanic patients, country of birth"
        ),
    ),
    decisions=(
        Decision(
            id="chemoprevention",
            output="breast_cancer",
            operator=">=",
            cutoff=0.0167,
            action="risk-reducing medication may be considered (5-year risk)",
            guideline="labelling and trials",
            yes_means="opens_care",
        ),
    ),
    valid={"age": (20, 90), "projection_age": (20, 90)},
    drives="risk-reducing medication, screening",
    population=(
        "Women without breast cancer, ductal or lobular carcinoma in situ, or a BRCA variant. The web tool asks for ages 35 to 85, "
        "the official code accepts 20 to 90."
    ),
    equation=(
        "RR under 50 = e^(b1*biopsies + b2*menarche + b3*first birth + b4*relatives + b6*first birth*relatives) * hyperplasia; RR from 50 = RR under 50 * e^(b5*biopsies)\n"
        "cancer hazard = incidence * (1 - AR) * RR; risk between two ages = sum over age steps of c/(c + d) * S * (1 - e^-((c + d)*years)), d = mortality from other "
        "causes; incidence and mortality by five-year age: bcrat_rates.csv\n"
        "Levels: biopsies 0, 1, 2 or more = 0, 1, 2; menarche 14 or later, 12 to 13, under 12 = 0, 1, 2; first birth under 20, 20 to 24, 25 to 29 or none, 30 or later = "
        "0, 1, 2, 3; relatives 0, 1, 2 or more = 0, 1, 2; unknown = 0. Hyperplasia after a biopsy: absent 0.93, present 1.82, unknown 1; no biopsy 1\n"
        "Changed levels: Black menarche under 12 = 1; Hispanic 2 or more biopsies or relatives = 1, first birth 25 to 29 = 1, 30 or later = 2; Asian and Pacific Islander "
        "2 or more relatives = 1\n"
        "b1 to b6: White, other or unknown 0.5292641686, 0.0940103059, 0.2186262218, 0.9583027845, -0.2880424830, -0.1908113865; "
        "Black 0.1822121131, 0.2672530336, 0, 0.4757242578, -0.1119411682, 0; US-born Hispanic 0.0970783641, 0, 0.2318368334, 0.166685441, 0, 0; "
        "foreign-born Hispanic 0.4798624017, 0.2593922322, 0.4669246218, 0.9076679727, 0, 0; Asian and Pacific Islander 0.55263612260619, 0.07499257592975, "
        "0.27638268294593, 0.79185633720481, 0, 0\n"
        "1 - AR under 50, from 50: White, other or unknown 0.5788413, 0.5788413; Black 0.72949880, 0.74397137; US-born Hispanic 0.749294788397, 0.778215491668; "
        "foreign-born Hispanic 0.428864989813, 0.450352338746; Asian and Pacific Islander 0.47519806426735, 0.50316401683903"
    ),
    direction=(
        "At equal risk factors the 5-year risk of a patient recorded as Black is usually lower than in the White row (at 60 with three biopsies, hyperplasia, two relatives, menarche at 13 and first birth at 25: "
        "7.57% against 13.95%), and higher when there is no risk factor. Removal by the White row is not neutral: it transplants White incidence to everyone."
    ),
    history=(
        "White 1989; Black from the CARE study (2007), where the earlier model underestimated; Asian and Pacific Islander 2011; Hispanic 2017. Still the tool on the NCI site. "
        "No official version without race."
    ),
    known_wrong=(
        "Leaving out the term for biopsies from age 50, or keeping one relative risk across 50, overstates the risk of women with biopsies in the White and Black rows.",
    ),
    sources=(
        Source(citation="Gail MH, et al. J Natl Cancer Inst 1989;81:1879"),
        Source(citation="Gail MH, et al. J Natl Cancer Inst 2007;99:1782-1792", note="CARE, Black women"),
        Source(citation="Matsuno RK, et al. 2011", note="AABCS, Asian and Pacific Islander women"),
        Source(citation="Banegas MP, et al. 2017", note="SFBCS, Hispanic women"),
    ),
    note=(
        "Unknown race and American Indian or Alaska Native use the White numbers; several races are not supported. The average woman of the White row is "
        "scored with incidence and mortality of 1992 to 1996. The threshold is meant for a projection of 5 years."
    ),
)
