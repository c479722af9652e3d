"""Vaginal birth after cesarean, predicted at entry to care by the MFMU Network models (Grobman 2007, Grobman 2021)."""

import numpy as np

from calculators.declare import Bands, Calculator, Decision, Output, RaceTerm, Source

VAGINAL_BIRTH = Output.parse("vaginal_birth[1]")
DRIVES_TOLAC = "counseling about, and in practice the offer of, a trial of labor after cesarean"

TOLAC_COUNSELLING = Decision(
    id="tolac_counselling",
    output="vaginal_birth",
    operator=">=",
    cutoff=0.60,
    action="trial of labor after cesarean favored (0.60 to 0.70)",
    guideline="ACOG Practice Bulletin 205",
    yes_means="opens_care",
)
TOLAC_SUCCESS = Bands(
    id="tolac_success",
    output="vaginal_birth",
    cuts=(0.60, 0.70),
    labels=("below 60%", "60% to 69%", "70% or more"),
    source="ACOG Practice Bulletin 205: a success of 60% to 70% or more favors a trial of labor",
)


def success_2007(
    age,
    prepregnancy_body_mass_index,
    prior_vaginal_delivery,
    vaginal_delivery_since_cesarean,
    prior_cesarean_for_arrest,
    *,
    beta,
):
    """1 / (1 + e^-w); w = 3.766 - 0.039 age - 0.060 BMI + beta + 0.888 [prior vaginal] + 1.003 [since cesarean] - 0.632 [arrest]."""
    w = (
        3.766
        - 0.039 * age
        - 0.060 * prepregnancy_body_mass_index
        + beta
        + 0.888 * prior_vaginal_delivery
        + 1.003 * vaginal_delivery_since_cesarean
        - 0.632 * prior_cesarean_for_arrest
    )
    return 1 / (1 + np.exp(-w))


def success_2021(
    age,
    prepregnancy_weight,
    height,
    prior_vaginal_delivery,
    vaginal_delivery_since_cesarean,
    prior_cesarean_for_arrest,
    treated_chronic_hypertension,
):
    """1 / (1 + e^-w); w = -5.952 - 0.023 age - 0.024 kg + 0.056 cm - 0.597 [arrest] + history - 0.966 [treated chronic hypertension].

    history: no vaginal delivery 0, only before the cesarean 0.868, since the cesarean 1.869 (in place of 0.868, not on top of it).
    """
    history = np.select([vaginal_delivery_since_cesarean == 1, prior_vaginal_delivery == 1], [1.869, 0.868], 0.0)
    w = (
        -5.952
        - 0.023 * age
        - 0.024 * prepregnancy_weight
        + 0.056 * height
        - 0.597 * prior_cesarean_for_arrest
        + history
        - 0.966 * treated_chronic_hypertension
    )
    return 1 / (1 + np.exp(-w))


vbac_grobman_2007 = Calculator(
    id="vbac_grobman_2007",
    title="Vaginal birth after cesarean, entry to care (MFMU 2007)",
    specialty="obstetrics",
    year=2007,
    role="race_based",
    inputs=(
        "age",
        "prepregnancy_body_mass_index",
        "prior_vaginal_delivery",
        "vaginal_delivery_since_cesarean",
        "prior_cesarean_for_arrest",
    ),
    outputs=(VAGINAL_BIRTH,),
    formula=success_2007,
    race=RaceTerm(
        kind="log_odds",
        reads="race_and_ethnicity",
        groups={"Black": {"beta": -0.671}, "Hispanic": {"beta": -0.680}, "White or other": {"beta": 0.0}},
        removed="White or other",
        unlisted="White or other",
        meaning=(
            "lowers the log-odds of vaginal birth by 0.671 for patients recorded as Black or African American "
            "and by 0.680 for patients recorded as Hispanic"
        ),
    ),
    decisions=(TOLAC_COUNSELLING,),
    bands=(TOLAC_SUCCESS,),
    replaced_by="vbac_grobman_2021",
    drives=DRIVES_TOLAC,
    population="Women with one prior low-transverse cesarean and a singleton at term in vertex position; 7,660 trials of labor in 19 US centers.",
    equation=(
        "P = e^w / (1 + e^w); w = 3.766 - 0.039 * age - 0.060 * BMI before pregnancy - 0.671 [Black] - 0.680 [Hispanic] "
        "+ 0.888 [any prior vaginal delivery] + 1.003 [vaginal delivery since the cesarean] - 0.632 [prior cesarean for arrest of dilation or descent]"
    ),
    direction=(
        "Multiplies the odds of success by 0.51 for patients recorded as Black or African American and for patients recorded as Hispanic. "
        "A woman whom the model gives 60.0% without the term is shown 43.4% (Black) or 43.2% (Hispanic); "
        "to be shown 60% she must reach 74.6% or 74.7% on everything else."
    ),
    history=(
        "Part of the MFMU Network's original nomogram. Removal was endorsed by ACOG and SMFM in 2021, and the network put a model without race and "
        "ethnicity in its place (Grobman 2021). Copies of the 2007 model persist in older record systems."
    ),
    known_wrong=(
        "Adding both terms for a patient recorded as Black and Hispanic lowers the odds to 0.26 times; the paper does not say what to do when both are recorded.",
    ),
    sources=(
        Source(
            citation="Grobman WA, Lai Y, Landon MB, et al. Obstet Gynecol 2007;109:806-812",
            doi="10.1097/01.AOG.0000259312.36053.02",
        ),
    ),
    note=(
        "Asian, other and unknown race score as White. A woman with a vaginal delivery since the cesarean also counts as having any prior vaginal delivery. "
        "The model was meant for counseling, never to bar a trial of labor; under 60% was nevertheless used in that way."
    ),
)

vbac_grobman_2021 = Calculator(
    id="vbac_grobman_2021",
    title="Vaginal birth after cesarean, entry to care (MFMU 2021)",
    specialty="obstetrics",
    year=2021,
    role="race_free_successor",
    inputs=(
        "age",
        "prepregnancy_weight",
        "height",
        "prior_vaginal_delivery",
        "vaginal_delivery_since_cesarean",
        "prior_cesarean_for_arrest",
        "treated_chronic_hypertension",
    ),
    outputs=(VAGINAL_BIRTH,),
    formula=success_2021,
    decisions=(TOLAC_COUNSELLING,),
    bands=(TOLAC_SUCCESS,),
    drives=DRIVES_TOLAC,
    population="Women with a prior cesarean at term; 11,687 in the development, 74% of whom had a vaginal birth; AUC 0.75.",
    equation=(
        "P = 1 / (1 + e^-w); w = -5.952 - 0.023 * age - 0.024 * weight before pregnancy (kg) + 0.056 * height (cm) "
        "- 0.597 [prior cesarean for arrest] + history - 0.966 [treated chronic hypertension]\n"
        "history: no vaginal delivery 0; only before the cesarean 0.868; since the cesarean 1.869"
    ),
    direction=(
        "No race term. Treated chronic hypertension lowers the odds to 0.38 times, more than the race term of 2007 did (0.51); "
        "it is recorded more often in patients recorded as Black, so an audit by group still shows a difference."
    ),
    history="The MFMU Network's own replacement of the 2007 model, fitted without race and ethnicity.",
    known_wrong=(
        "Several public sites show an equation with body mass index under this name; the published model reads weight and height.",
        "Adding 0.868 and 1.869 for a vaginal delivery since the cesarean raises the odds 2.4 times too far: history is one factor with three levels.",
        "Counting chronic hypertension that is not treated lowers the odds to 0.38 times where the model lowers nothing.",
    ),
    sources=(
        Source(
            citation="Grobman WA, Sandoval G, Rice MM, et al. Am J Obstet Gynecol 2021;225:664.e1-664.e7",
            doi="10.1016/j.ajog.2021.05.021",
        ),
    ),
)
