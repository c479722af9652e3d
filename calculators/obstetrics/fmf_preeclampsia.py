"""FMF competing-risks model: preterm pre-eclampsia from maternal factors alone (Wright 2015)."""

import numpy as np

from calculators.declare import Calculator, Decision, Output, RaceTerm, Source

SD = 6.8833


def prior_risk(
    age,
    height,
    weight,
    chronic_hypertension,
    lupus_or_antiphospholipid,
    in_vitro_fertilization,
    parous,
    prior_preeclampsia,
    family_history_preeclampsia,
    diabetes,
    prior_gestational_age,
    pregnancy_interval,
    *,
    weeks,
):
    """P(24 <= G < 37) / P(G >= 24) for G ~ N(mu, 6.8833^2), the gestation in weeks at delivery with pre-eclampsia.

    mu = 54.3637 - 0.206886 (age - 35) [age over 35] + 0.11711 (cm - 164) + weeks (race term)
      - 7.2897 [chronic hypertension] - 3.0519 [lupus, antiphospholipid] - 1.6327 [IVF] + history
      - without chronic hypertension: 0.0694096 (kg - 69) + 1.7154 [family history] + 3.3899 [diabetes]
    history: first birth 0; after pre-eclampsia -8.1667 + 0.0271988 (last GA - 24)^2;
      else -4.3350 - 4.15137651 / years + 9.21473572 / sqrt(years) + 0.01549673 (last GA - 24)^2, years since the last birth >= 0.25.
    """
    from scipy.special import ndtr

    last = (prior_gestational_age - 24) ** 2
    years = np.where(pregnancy_interval >= 0.25, pregnancy_interval, np.nan)
    after_preeclampsia = -8.1667 + 0.0271988 * last
    after_none = -4.3350 - 4.15137651 / years + 9.21473572 / np.sqrt(years) + 0.01549673 * last
    history = np.select([parous == 0, prior_preeclampsia == 1], [0.0, after_preeclampsia], after_none)
    without_hypertension = 0.0694096 * (weight - 69) + 1.7154 * family_history_preeclampsia + 3.3899 * diabetes
    mu = (
        54.3637
        - 0.206886 * np.maximum(age - 35, 0)
        + 0.11711 * (height - 164)
        + weeks
        - 7.2897 * chronic_hypertension
        - 3.0519 * lupus_or_antiphospholipid
        - 1.6327 * in_vitro_fertilization
        + history
        - np.where(chronic_hypertension == 1, 0, without_hypertension)
    )
    before_37, before_24 = ndtr((37 - mu) / SD), ndtr((24 - mu) / SD)
    return {"preterm_preeclampsia": (before_37 - before_24) / (1 - before_24), "mean_gestation": mu}


fmf_preeclampsia_prior_2015 = Calculator(
    id="fmf_preeclampsia_prior_2015",
    title="FMF pre-eclampsia prior from maternal factors",
    specialty="obstetrics",
    year=2015,
    role="race_based",
    inputs=(
        "age",
        "height",
        "weight",
        "chronic_hypertension",
        "lupus_or_antiphospholipid",
        "in_vitro_fertilization",
        "parous",
        "prior_preeclampsia",
        "family_history_preeclampsia",
        "diabetes",
    ),
    optional_inputs=("prior_gestational_age", "pregnancy_interval"),
    outputs=(Output.parse("preterm_preeclampsia[1]"), Output.parse("mean_gestation[wk]")),
    formula=prior_risk,
    race=RaceTerm(
        kind="coefficient",
        reads="race_and_ethnicity",
        groups={
            "White": {"weeks": 0.0},
            "Afro-Caribbean": {"weeks": -2.6786},
            "South Asian": {"weeks": -1.1290},
            "Other": {"weeks": 0.0},
        },
        removed="White",
        removed_source="catalogue",
        unlisted="Other",
        mixed="Other",
        meaning=(
            "brings the mean gestation at delivery with pre-eclampsia forward by 2.6786 weeks for patients recorded as Afro-Caribbean "
            "and by 1.1290 weeks for patients recorded as South Asian, which raises the risk"
        ),
    ),
    decisions=(
        Decision(
            id="aspirin",
            output="preterm_preeclampsia",
            operator=">=",
            cutoff=0.01,
            action="aspirin 150 mg",
            guideline="ASPRE, FIGO, SINGLE-SOURCE",
            confidence="SINGLE-SOURCE",
            yes_means="opens_care",
        ),
    ),
    drives="aspirin from 12 weeks to prevent preterm pre-eclampsia",
    population="Pregnant women, before biomarkers are measured.",
    equation=(
        "risk = (Phi((37 - mu) / 6.8833) - Phi((24 - mu) / 6.8833)) / (1 - Phi((24 - mu) / 6.8833))\n"
        "mu = 54.3637 - 0.206886 * (age - 35) [age over 35] + 0.11711 * (height - 164) - 2.6786 [Afro-Caribbean] - 1.1290 [South Asian] "
        "- 7.2897 [chronic hypertension] - 3.0519 [lupus or antiphospholipid syndrome] - 1.6327 [in vitro fertilization] + history\n"
        "without chronic hypertension also - 0.0694096 * (weight - 69) - 1.7154 [mother had pre-eclampsia] - 3.3899 [diabetes type 1 or 2]\n"
        "history: first birth 0; earlier pre-eclampsia -8.1667 + 0.0271988 * (last gestation - 24)^2; otherwise -4.3350 - 4.15137651 / years "
        "+ 9.21473572 / sqrt(years) + 0.01549673 * (last gestation - 24)^2, years since the last birth, 0.25 or more"
    ),
    direction=(
        "Raises the risk: a first pregnancy at 30 years, 164 cm and 69 kg without other factors is given 0.58% (White or other), 1.64% (Afro-Caribbean) "
        "or 0.92% (South Asian). The 1% for aspirin is reached from 0.33% without the term (Afro-Caribbean) or 0.64% (South Asian), "
        "so that dropping the term takes the offer of aspirin from some patients recorded in these groups."
    ),
    history="The term is a shift of the mean in the model of the Fetal Medicine Foundation. It is in use; no race-free version is official.",
    known_wrong=(
        "One public implementation leaves out the truncation at 24 weeks; the difference is small.",
        "A public package (OptHoldoutSize 0.1.0.1) counts intervals under a year as one year in the square-root term alone: "
        "the mean is then too early and the risk too high.",
    ),
    sources=(
        Source(citation="Wright D, Syngelaki A, Akolekar R, Poon LC, Nicolaides KH. Am J Obstet Gynecol 2015;213:62.e1-10"),
        Source(citation="O'Gorman et al. Am J Obstet Gynecol 2016;214:103.e1-12", note="biomarkers"),
    ),
    note=(
        "East Asian, mixed, other and unknown score as White. The biomarker part of the FMF test normalizes its measurements by race a second time; "
        "that part is not computed here. A parous patient whose last gestation, or interval without earlier pre-eclampsia, is not known gets no risk."
    ),
)
