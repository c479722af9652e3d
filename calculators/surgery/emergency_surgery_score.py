"""Emergency surgery score: risk of death within 30 days of an emergency operation (Sangji 2016)."""

import numpy as np

from calculators.declare import Calculator, Output, RaceTerm, Removal, Source


def emergency_surgery_points(
    age,
    transfer,
    ascites,
    body_mass_index,
    dyspnea,
    functional_dependence,
    copd,
    hypertension,
    corticosteroids,
    weight_loss,
    disseminated_cancer,
    ventilator_dependence,
    albumin,
    alkaline_phosphatase,
    blood_urea_nitrogen,
    inr,
    platelets,
    aspartate_aminotransferase,
    sodium,
    creatinine,
    white_cell_count,
    *,
    points,
):
    """Demographics (age, transfer, points) + comorbidity + laboratory values; 0 to 29."""
    demographics = 2 * (age > 60) + transfer.isin("ed", "inpatient") + points
    comorbidity = (
        ascites
        + (body_mass_index < 20)
        + dyspnea
        + functional_dependence
        + copd
        + hypertension
        + corticosteroids
        + weight_loss
        + 3 * disseminated_cancer
        + 3 * ventilator_dependence
    )
    white_cells = np.select([white_cell_count > 25, white_cell_count >= 15, white_cell_count < 4.5], [2, 1, 1], 0)
    laboratory = (
        1.0 * (albumin < 3.0)
        + (alkaline_phosphatase > 125)
        + (blood_urea_nitrogen > 40)
        + (inr > 1.5)
        + (platelets < 150)
        + (aspartate_aminotransferase > 40)
        + (sodium > 145)
        + 2 * (creatinine > 1.2)
        + white_cells
    )
    return demographics + comorbidity + laboratory


emergency_surgery_score_2016 = Calculator(
    id="emergency_surgery_score_2016",
    title="Emergency surgery score",
    specialty="surgery",
    year=2016,
    role="race_based",
    inputs=(
        "age",
        "transfer",
        "ascites",
        "body_mass_index",
        "dyspnea",
        "functional_dependence",
        "copd",
        "hypertension",
        "corticosteroids",
        "weight_loss",
        "disseminated_cancer",
        "ventilator_dependence",
        "albumin",
        "alkaline_phosphatase",
        "blood_urea_nitrogen",
        "inr",
        "platelets",
        "aspartate_aminotransferase",
        "sodium",
        "creatinine",
        "white_cell_count",
    ),
    outputs=(Output.parse("emergency_surgery_score[{score}]"),),
    formula=emergency_surgery_points,
    printed_decimals={"emergency_surgery_score": 0},
    race=RaceTerm(
        kind="points",
        groups={"White": {"points": 1}, "not White": {"points": 0}},
        removed="not White",
        removed_source="catalogue",
        unlisted="not White",
        meaning="gives 1 point of 29 to patients recorded as White",
        other_removals=(Removal(name="point_for_all", row="White", meaning="everyone is given the point"),),
    ),
    confidence="SINGLE-SOURCE",
    confidence_note="One implementation was executed.",
    drives="emergency operation, goals of care",
    population="Adults who have an emergency operation; derived in 18,439 cases of the US surgical quality program of 2011.",
    equation=(
        "2 [age over 60] + 1 [transferred from an outside emergency department or inpatient] + 1 [White] + 1 each [ascites, BMI under 20, dyspnea, functional dependence, "
        "COPD, hypertension, corticosteroids, over 10% weight loss in 6 months] + 3 [disseminated cancer] + 3 [ventilator within 48 h] + 1 each [albumin under 3.0 g/dL, "
        "alkaline phosphatase over 125 U/L, urea nitrogen over 40 mg/dL, INR over 1.5, platelets under 150, AST over 40 U/L, sodium over 145 mmol/L] "
        "+ 2 [creatinine over 1.2 mg/dL] + white cells (under 4.5 or 15 to 25: 1, over 25: 2); 0 to 29"
    ),
    direction="A patient recorded as White scores 1 point more at equal findings, so their predicted mortality is higher.",
    history="The points came from the odds ratios of a regression with race as a predictor. No official version without it.",
    sources=(Source(citation="Sangji NF, et al. J Trauma Acute Care Surg 2016;81:213-220", doi="10.1097/TA.0000000000001059"),),
    note="No source names a removed row or unknown race; here the point is dropped. White cells of exactly 15 count 1, of 25 count 1.",
)
