"""GOLD grades of airflow limitation in chronic obstructive pulmonary disease, by FEV1 in percent of predicted."""

import numpy as np

from calculators.declare import Calculator, Decision, Output, Source
from calculators.pulmonology.spirometry import DIAO_2024


def airflow_grade(fev1_percent_predicted, *, grade_2, grade_3, grade_4):
    """1 from 80%, 2 from 50% to under 80%, 3 from 30% to under 50%, 4 under 30%."""
    percent = fev1_percent_predicted
    return np.select([percent < grade_4, percent < grade_3, percent < grade_2], ["4", "3", "2"], "1")


def grade_at(cutoff, id, action):
    """One grade's limit as a decision on the percent of predicted."""
    return Decision(
        id=id,
        output="gold_grade",
        reads="fev1_percent_predicted",
        operator="<",
        cutoff=cutoff,
        action=action,
        guideline="GOLD",
        yes_means="labels",
    )


gold_grade = Calculator(
    id="gold_grade",
    title="GOLD grade of airflow limitation",
    specialty="pulmonology",
    year=2017,
    role="interpretation",
    inputs=("fev1_percent_predicted",),
    outputs=(Output.parse("gold_grade[category]", ("1", "2", "3", "4")),),
    formula=airflow_grade,
    constants={"grade_2": 80, "grade_3": 50, "grade_4": 30},
    decisions=(
        grade_at(80, "gold_2", "grade 2 or worse"),
        grade_at(50, "gold_3", "grade 3 or worse"),
        grade_at(30, "gold_4", "grade 4"),
    ),
    feeds={"fev1_percent_predicted": "gli_2012_fev1:percent_predicted"},
    drives="Choice of inhalers, pulmonary rehabilitation",
    population="Adults with chronic obstructive pulmonary disease and FEV1/FVC under 0.70.",
    equation="1: FEV1 >= 80% of predicted; 2: 50 to under 80%; 3: 30 to under 50%; 4: under 30%; only when FEV1/FVC < 0.70",
    direction="No race term of its own: a race-specific predicted FEV1 raises the percent predicted of patients recorded as Black or African American and lowers their grade.",
    history=(
        "The spirometric stages 1 to 4 stood alone until 2011, when symptoms and exacerbations joined them; the report of 2017 kept them as a separate grade. "
        "On moving from GLI-2012 to GLI Global 2.05 million people in the United States change grade (Diao 2024)."
    ),
    sources=(
        Source(
            citation="Global Initiative for Chronic Obstructive Lung Disease, report of 2017",
            note="The year names one report that carries the grades 1 to 4.",
        ),
        Source(
            citation="Mapel D, et al. Int J Chron Obstruct Pulmon Dis 2015;10:1477-1486",
            doi="10.2147/COPD.S78827",
            note="stages before and after 2011",
        ),
        DIAO_2024,
    ),
    note="The ratio under 0.70 is not an input: give only patients who meet it.",
)
