"""IMPEDE VTE: risk of venous thromboembolism in newly diagnosed multiple myeloma (Sanfilippo 2019)."""

import numpy as np

from calculators.declare import Bands, Calculator, Decision, Output, RaceTerm, Source
from calculators.points import points_from


def impede_points(
    immunomodulatory_drug,
    body_mass_index,
    major_fracture,
    erythropoiesis_stimulating_agent,
    doxorubicin,
    prior_venous_thromboembolism,
    tunneled_line,
    dexamethasone_dose,
    thromboprophylaxis,
    *,
    points,
):
    """4 IMiD + 1 [BMI >= 25] + 4 fracture + 1 ESA + 3 doxorubicin + 5 prior VTE + 2 line + dexamethasone (2, 4) + prophylaxis (-3, -4) + points."""
    score = (
        4 * immunomodulatory_drug
        + points_from(body_mass_index, 0, {25: 1})
        + 4 * major_fracture
        + erythropoiesis_stimulating_agent
        + 3 * doxorubicin
        + 5 * prior_venous_thromboembolism
        + 2 * tunneled_line
        + dexamethasone_dose.pick(none=0, low=2, high=4)
        + thromboprophylaxis.pick(none=0, aspirin=-3, therapeutic=-4)
        + points
    )
    return {"impede_vte": score, "risk_band": np.select([score >= 8, score >= 4], ["high", "intermediate"], "low")}


impede_vte_2019 = Calculator(
    id="impede_vte_2019",
    title="IMPEDE VTE in myeloma",
    specialty="hematology",
    year=2019,
    role="race_based",
    inputs=(
        "immunomodulatory_drug",
        "body_mass_index",
        "major_fracture",
        "erythropoiesis_stimulating_agent",
        "doxorubicin",
        "prior_venous_thromboembolism",
        "tunneled_line",
        "dexamethasone_dose",
        "thromboprophylaxis",
    ),
    outputs=(Output.parse("impede_vte[{score}]"), Output.parse("risk_band[category]", ("low", "intermediate", "high"))),
    formula=impede_points,
    printed_decimals={"impede_vte": 0},
    race=RaceTerm(
        kind="points",
        groups={"Asian": {"points": -3}, "not Asian": {"points": 0}},
        removed="not Asian",
        removed_source="catalogue",
        unlisted="not Asian",
        meaning="takes 3 points off for patients recorded as Asian",
    ),
    decisions=(
        Decision(
            id="intermediate",
            output="impede_vte",
            operator=">=",
            cutoff=4,
            action="intermediate risk",
            confidence="SINGLE-SOURCE",
            yes_means="labels",
        ),
        Decision(
            id="high",
            output="impede_vte",
            operator=">=",
            cutoff=8,
            action="high risk",
            confidence="SINGLE-SOURCE",
            yes_means="labels",
        ),
    ),
    bands=(Bands(id="impede_risk", output="impede_vte", cuts=(4, 8), labels=("low", "intermediate", "high"), source="Sanfilippo 2019"),),
    confidence="SINGLE-SOURCE",
    confidence_note="One implementation was executed.",
    drives="thromboprophylaxis in myeloma",
    population="Patients with newly diagnosed multiple myeloma who start chemotherapy; 4,446 veterans, checked in 4,256 people of SEER-Medicare.",
    equation=(
        "4 [immunomodulatory drug] + 1 [body mass index >= 25] + 4 [pelvic, hip or femur fracture] + 1 [erythropoiesis-stimulating agent] + 3 [doxorubicin] "
        "+ dexamethasone (low dose 2, high dose 4) + 5 [prior venous thromboembolism] + 2 [tunneled or central line] "
        "- 3 [aspirin] or - 4 [therapeutic anticoagulation] - 3 [Asian]\n"
        "low up to 3, intermediate 4 to 7, high from 8"
    ),
    direction="At equal findings patients recorded as Asian score 3 points less, nearly a whole risk band (4 points), and are offered thromboprophylaxis later.",
    history="The item comes from the regression in the derivation cohort (c statistic 0.66; 0.64 in validation). No race-free version is known here.",
    sources=(Source(citation="Sanfilippo KM, Luo S, Wang TF, et al. Am J Hematol 2019;94:1176-1184", doi="10.1002/ajh.25603"),),
    note="The removed row, in which the 3 points are not subtracted, is this catalogue's choice, to be confirmed by a clinician.",
)
