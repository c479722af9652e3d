"""EuroSCORE II: mortality of a cardiac operation (Nashef 2012)."""

import numpy as np

from calculators.declare import Calculator, Output, Source


def euroscore2(
    age,
    sex,
    nyha_class,
    ventricular_function,
    creatinine_clearance,
    dialysis,
    pulmonary_artery_pressure,
    urgency,
    procedure_weight,
    insulin_treated_diabetes,
    arteriopathy,
    chronic_lung_disease,
    poor_mobility,
    prior_cardiac_surgery,
    active_endocarditis,
    critical_preoperative_state,
    recent_myocardial_infarction,
    angina_at_rest,
    thoracic_aorta_surgery,
):
    """1 / (1 + exp(-y)); y = -5.324537 + sum of coefficients; age counts 1 up to 60 years, then age - 59; dialysis replaces clearance."""
    y = (
        -5.324537
        + 0.0285181 * np.where(age <= 60, 1, age - 59)
        + sex.pick(female=0.2196434, male=0)
        + nyha_class.pick({"1": 0, "2": 0.1070545, "3": 0.2958358, "4": 0.5597929})
        + 0.2226147 * angina_at_rest
        + 0.3542749 * insulin_treated_diabetes
        + 0.5360268 * arteriopathy
        + 0.1886564 * chronic_lung_disease
        + 0.2407181 * poor_mobility
        + 1.118599 * prior_cardiac_surgery
        + np.select([dialysis == 1, creatinine_clearance <= 50, creatinine_clearance <= 85], [0.6421508, 0.8592256, 0.303553], 0)
        + 0.6194522 * active_endocarditis
        + 1.086517 * critical_preoperative_state
        + ventricular_function.pick(good=0, moderate=0.3150652, poor=0.8084096, very_poor=0.9346919)
        + 0.1528943 * recent_myocardial_infarction
        + np.select([pulmonary_artery_pressure > 55, pulmonary_artery_pressure >= 31], [0.3491475, 0.1788899], 0)
        + urgency.pick(elective=0, urgent=0.3174673, emergency=0.7039121, salvage=1.362947)
        + procedure_weight.pick(isolated_cabg=0, single_non_cabg=0.0062118, two_procedures=0.5521478, three_or_more=0.9724533)
        + 0.6527205 * thoracic_aorta_surgery
    )
    return 1 / (1 + np.exp(-y))


euroscore2_2011 = Calculator(
    id="euroscore2_2011",
    title="EuroSCORE II",
    specialty="cardiac surgery",
    year=2011,
    role="comparator",
    inputs=(
        "age",
        "sex",
        "nyha_class",
        "ventricular_function",
        "creatinine_clearance",
        "dialysis",
        "pulmonary_artery_pressure",
        "urgency",
        "procedure_weight",
        "insulin_treated_diabetes",
        "arteriopathy",
        "chronic_lung_disease",
        "poor_mobility",
        "prior_cardiac_surgery",
        "active_endocarditis",
        "critical_preoperative_state",
        "recent_myocardial_infarction",
        "angina_at_rest",
        "thoracic_aorta_surgery",
    ),
    outputs=(Output.parse("hospital_mortality[1]"),),
    formula=euroscore2,
    drives="Eligibility for cardiac surgery.",
    population="Adults before a cardiac operation.",
    equation=(
        "p = 1 / (1 + exp(-y)); y = -5.324537 + 0.0285181 * (1 if age <= 60, else age - 59) + 0.2196434 [female] + NYHA II 0.1070545, III 0.2958358, IV 0.5597929 "
        "+ 0.2226147 [CCS 4 angina] + 0.3542749 [diabetes on insulin] + 0.5360268 [arteriopathy] + 0.1886564 [chronic lung disease] + 0.2407181 [poor mobility] "
        "+ 1.118599 [prior cardiac surgery] + creatinine clearance over 50 to 85 0.303553, 50 or less 0.8592256, dialysis 0.6421508 + 0.6194522 [active endocarditis] "
        "+ 1.086517 [critical state] + left ventricle moderate 0.3150652, poor 0.8084096, very poor 0.9346919 + 0.1528943 [recent infarction] "
        "+ systolic pulmonary pressure 31 to 55 0.1788899, over 55 0.3491475 + urgent 0.3174673, emergency 0.7039121, salvage 1.362947 "
        "+ single non-CABG 0.0062118, two procedures 0.5521478, three or more 0.9724533 + 0.6527205 [thoracic aorta]"
    ),
    direction="No race term.",
    sources=(Source(citation="Nashef SAM, et al. Eur J Cardiothorac Surg 2012;41:734-744"),),
    note="Creatinine clearance is by Cockcroft-Gault, which has no race term; it carries differences in creatinine and weight between groups.",
)
