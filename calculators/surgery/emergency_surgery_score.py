"""Emergency surgery score: risk of death within 30 days of an emergency operation (Sangji 2016)."""

import numpy as np

from calculators.declare import Calculator, Output, RaceTerm, Removal, Source
from calculators.points import over, points_from, under


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
    demographics = 2 * over(age, 60) + transfer.isin("ed", "inpatient") + points
    comorbidity = (
        ascites
        + under(body_mass_index, 20)
        + dyspnea
        + functional_dependence
        + copd
        + hypertension
        + corticosteroids
        + weight_loss
        + 3 * disseminated_cancer
        + 3 * ventilator_dependence
    )
    white_cells = np.where(over(white_cell_count, 25), 2, points_from(white_cell_count, 1, {4.5: 0, 15: 1}))
    laboratory = (
        1.0 * under(albumin, 3.0)
        + over(alkaline_phosphatase, 125)
        + over(blood_urea_nitrogen, 40)
        + over(inr, 1.5)
        + under(platelets, 150)
        + over(aspartate_aminotransferase, 40)
        + over(sodium, 145)
        + 2 * over(creatinine, 1.2)
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
