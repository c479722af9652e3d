"""PLCOm2012: risk of lung cancer within 6 years in people who have smoked (Tammemagi 2013), with and without race."""

import numpy as np

from calculators.declare import Bands, Calculator, Decision, Output, RaceTerm, Source, completed

EDUCATION = {str(step): step for step in range(1, 7)}


def plcom2012_risk(
    age,
    education_level,
    body_mass_index,
    copd,
    personal_cancer_history,
    family_history_lung_cancer,
    smoker,
    cigarettes_per_day,
    years_smoked,
    years_quit,
    *,
    intercept,
    per_year_of_age,
    per_education_step,
    per_bmi,
    if_copd,
    if_personal_cancer,
    if_family_lung_cancer,
    if_smoking_now,
    per_inverse_intensity,
    per_year_smoked,
    per_year_quit,
    beta=0.0,
):
    """1 / (1 + e^-w), w = intercept + age - 62, education - 4, BMI - 27, (cigarettes per day / 10)^-1 - 0.4021541613,
    years smoked - 27, years since quitting - 10 and the yes/no items, each times its coefficient, + beta.
    """
    intensity = np.where(cigarettes_per_day > 0, cigarettes_per_day, np.nan) / 10
    log_odds = (
        intercept
        + per_year_of_age * (age - 62)
        + per_education_step * (education_level.pick(EDUCATION) - 4)
        + per_bmi * (body_mass_index - 27)
        + if_copd * copd
        + if_personal_cancer * personal_cancer_history
        + if_family_lung_cancer * family_history_lung_cancer
        + if_smoking_now * smoker
        + per_inverse_intensity * (intensity**-1 - 0.4021541613)
        + per_year_smoked * (years_smoked - 27)
        + per_year_quit * (years_quit - 10)
        + beta
    )
    return 1 / (1 + np.exp(-log_odds))


INPUTS = (
    "age",
    "education_level",
    "body_mass_index",
    "copd",
    "personal_cancer_history",
    "family_history_lung_cancer",
    "smoker",
    "cigarettes_per_day",
    "years_smoked",
    "years_quit",
)
RISK = Output.parse("lung_cancer_6_year[1]")

SCREENING = (
    Decision(
        id="screening",
        output="lung_cancer_6_year",
        operator=">=",
        cutoff=0.0151,
        action="low-dose CT screening",
        guideline="commonly used",
        yes_means="opens_care",
    ),
    Decision(
        id="screening_130",
        output="lung_cancer_6_year",
        operator=">=",
        cutoff=0.013,
        action="low-dose CT screening",
        guideline="commonly used",
        yes_means="opens_care",
    ),
)
SCREENING_BANDS = Bands(
    id="screening_risk",
    output="lung_cancer_6_year",
    cuts=(0.013, 0.0151),
    labels=("under 1.3%", "1.3% to under 1.51%", "1.51% or more"),
    source="screening thresholds in use",
)
DRIVES = "low-dose CT screening for lung cancer"
EVER_SMOKERS = "People who smoke or have smoked, made for ages 55 to 74; no result for those who never smoked."
TAMMEMAGI_2013 = Source(citation="Tammemagi MC, et al. N Engl J Med 2013;368:728")

plcom2012 = Calculator(
    id="plcom2012",
    title="PLCOm2012 lung cancer risk",
    specialty="oncology",
    year=2013,
    role="race_based",
    inputs=INPUTS,
    outputs=(RISK,),
    formula=plcom2012_risk,
    constants={
        "intercept": -4.532506,
        "per_year_of_age": 0.0778868,
        "per_education_step": -0.0812744,
        "per_bmi": -0.0274194,
        "if_copd": 0.3553063,
        "if_personal_cancer": 0.4589971,
        "if_family_lung_cancer": 0.587185,
        "if_smoking_now": 0.2597431,
        "per_inverse_intensity": -1.822606,
        "per_year_smoked": 0.0317321,
        "per_year_quit": -0.0308572,
    },
    race=RaceTerm(
        kind="log_odds",
        groups={
            "White": {"beta": 0.0},
            "Black": {"beta": 0.3944778},
            "Hispanic": {"beta": -0.7434744},
            "Asian": {"beta": -0.466585},
            "American Indian or Alaska Native": {"beta": 0.0},
            "Native Hawaiian or Pacific Islander": {"beta": 1.027152},
        },
        removed="White",
        removed_source="catalogue",
        unlisted="undefined",
        reads="race_and_ethnicity",
        meaning=(
            "multiplies the odds of lung cancer by 1.484 (Black), 0.475 (Hispanic), 0.627 (Asian) or 2.793 (Native Hawaiian or Pacific "
            "Islander), by recorded race and ethnicity"
        ),
    ),
    decisions=SCREENING,
    bands=(SCREENING_BANDS,),
    replaced_by="plcom2012_norace",
    derived_on={"age": completed(55, 74)},
    drives=DRIVES,
    population=EVER_SMOKERS,
    equation=(
        "w = -4.532506 + 0.0778868*(age - 62) - 0.0812744*(education - 4) - 0.0274194*(BMI - 27) + 0.3553063 [COPD] + 0.4589971 [own cancer] "
        "+ 0.587185 [family lung cancer] + 0.2597431 [smokes now] - 1.822606*((cigarettes per day/10)^-1 - 0.4021541613) "
        "+ 0.0317321*(years smoked - 27) - 0.0308572*(years quit - 10) + race\n"
        "race = 0 (White, American Indian or Alaska Native), 0.3944778 (Black), -0.7434744 (Hispanic), -0.466585 (Asian), "
        "1.027152 (Native Hawaiian or Pacific Islander); risk = 1/(1 + e^-w); education in six steps"
    ),
    direction=(
        "At equal inputs, patients recorded as Black or as Native Hawaiian or Pacific Islander reach the screening threshold earlier (odds 1.48 and 2.79 times), "
        "patients recorded as Hispanic or Asian later (odds 52% and 37% lower). Removal by the White row takes screening from the first two and gives it to the others."
    ),
    history=(
        "The terms came from the regression; that of Native Hawaiian or Pacific Islander rests on few people (odds ratio 2.793, interval 0.992 to 7.862). "
        "The authors' version without race (2016) is described in Pasquinelli 2020. USPSTF 2021 selects by age and pack-years, without race."
    ),
    known_wrong=(
        "Some packages (NCI lcmodels, a public PLCOm2012 package and software built on them) give 1.027152 to American Indian or Alaska Native and 0 to Native "
        "Hawaiian or Pacific Islander: odds 2.8 times too high for the first group and as much too low for the second.",
    ),
    sources=(
        TAMMEMAGI_2013,
        Source(citation="Pasquinelli MM, et al. J Thorac Oncol 2020", note="the version without race"),
    ),
    note="Mixed or unknown race is not defined. Terms as in Table 2 and supplementary Table S3 of the paper.",
)

plcom2012_norace = Calculator(
    id="plcom2012_norace",
    title="PLCOm2012 without race",
    specialty="oncology",
    year=2016,
    role="race_free_successor",
    inputs=INPUTS,
    outputs=(RISK,),
    formula=plcom2012_risk,
    constants={
        "intercept": -4.536696,
        "per_year_of_age": 0.0778895,
        "per_education_step": -0.0811569,
        "per_bmi": -0.0251066,
        "if_copd": 0.3606082,
        "if_personal_cancer": 0.4683545,
        "if_family_lung_cancer": 0.584541,
        "if_smoking_now": 0.2675539,
        "per_inverse_intensity": -1.767578,
        "per_year_smoked": 0.031949,
        "per_year_quit": -0.0312719,
    },
    decisions=SCREENING,
    bands=(SCREENING_BANDS,),
    derived_on={"age": completed(55, 74)},
    drives=DRIVES,
    population=EVER_SMOKERS,
    equation=(
        "w = -4.536696 + 0.0778895*(age - 62) - 0.0811569*(education - 4) - 0.0251066*(BMI - 27) + 0.3606082 [COPD] + 0.4683545 [own cancer] "
        "+ 0.584541 [family lung cancer] + 0.2675539 [smokes now] - 1.767578*((cigarettes per day/10)^-1 - 0.4021541613) "
        "+ 0.031949*(years smoked - 27) - 0.0312719*(years quit - 10)\nrisk = 1/(1 + e^-w); education in six steps"
    ),
    direction="Has no race term. Against the original it lowers the risk of patients recorded as Black and raises that of patients recorded as Hispanic or Asian.",
    history="Refitted by the authors without race (version 1 of 13 October 2016).",
    known_wrong=("Two public ports leave out the centering 0.4021541613 of the smoking intensity, which halves the odds (factor 0.49).",),
    sources=(
        Source(citation="Pasquinelli MM, et al. J Thorac Oncol 2020"),
        TAMMEMAGI_2013,
    ),
    note="The authors' own spreadsheet is for non-commercial use; a vendor should ask them.",
)
