"""APACHE II: severity of disease in the first day of intensive care (Knaus 1985)."""

import numpy as np

from calculators.declare import Calculator, Output, Source
from calculators.points import points_from

TEMPERATURE = {30: 3, 32: 2, 34: 1, 36: 0, 38.5: 1, 39: 3, 41: 4}
MEAN_ARTERIAL_PRESSURE = {50: 2, 70: 0, 110: 2, 130: 3, 160: 4}
HEART_RATE = {40: 3, 55: 2, 70: 0, 110: 2, 140: 3, 180: 4}
RESPIRATORY_RATE = {6: 2, 10: 1, 12: 0, 25: 1, 35: 3, 50: 4}
GRADIENT = {200: 2, 350: 3, 500: 4}
PAO2 = {55: 3, 61: 1}
PH = {7.15: 3, 7.25: 2, 7.33: 0, 7.5: 1, 7.6: 3, 7.7: 4}
SODIUM = {111: 3, 120: 2, 130: 0, 150: 1, 155: 2, 160: 3, 180: 4}
POTASSIUM = {2.5: 2, 3: 1, 3.5: 0, 5.5: 1, 6: 3, 7: 4}
CREATININE = {0.6: 0, 1.5: 2, 2: 3, 3.5: 4}
HEMATOCRIT = {20: 2, 30: 0, 46: 1, 50: 2, 60: 4}
WHITE_CELLS = {1: 2, 3: 0, 15: 1, 20: 2, 40: 4}
AGE = {45: 2, 55: 3, 65: 5, 75: 6}


def oxygen_points(fio2, pao2, alveolar_arterial_gradient):
    """By the gradient from FiO2 0.5 on, otherwise by PaO2 (none over 70); unknown where that one is unknown."""
    measured = np.where(fio2 >= 0.5, alveolar_arterial_gradient, pao2)
    by_gradient = points_from(alveolar_arterial_gradient, 0, GRADIENT)
    by_pao2 = np.where(np.round(pao2, 6) > 70, 0, points_from(pao2, 4, PAO2))
    return np.where(np.isnan(measured), np.nan, np.where(fio2 >= 0.5, by_gradient, by_pao2))


def apache2(
    age,
    temperature,
    mean_arterial_pressure,
    heart_rate,
    respiratory_rate,
    fio2,
    arterial_ph,
    sodium,
    potassium,
    creatinine,
    acute_renal_failure,
    hematocrit,
    white_cell_count,
    glasgow_coma_scale,
    chronic_health_status,
    pao2,
    alveolar_arterial_gradient,
):
    """Points of 12 physiological values by band (creatinine doubled in acute renal failure, 15 - Glasgow coma scale) + age + chronic health."""
    return (
        points_from(temperature, 4, TEMPERATURE)
        + points_from(mean_arterial_pressure, 4, MEAN_ARTERIAL_PRESSURE)
        + points_from(heart_rate, 4, HEART_RATE)
        + points_from(respiratory_rate, 4, RESPIRATORY_RATE)
        + oxygen_points(fio2, pao2, alveolar_arterial_gradient)
        + points_from(arterial_ph, 4, PH)
        + points_from(sodium, 4, SODIUM)
        + points_from(potassium, 4, POTASSIUM)
        + points_from(creatinine, 2, CREATININE) * (1 + acute_renal_failure)
        + points_from(hematocrit, 4, HEMATOCRIT)
        + points_from(white_cell_count, 4, WHITE_CELLS)
        + (15 - glasgow_coma_scale)
        + points_from(age, 0, AGE)
        + chronic_health_status.pick(none=0, elective_postoperative=2, nonoperative_or_emergency=5)
    )


apache2_1985 = Calculator(
    id="apache2_1985",
    title="APACHE II",
    specialty="critical care",
    year=1985,
    role="comparator",
    inputs=(
        "age",
        "temperature",
        "mean_arterial_pressure",
        "heart_rate",
        "respiratory_rate",
        "fio2",
        "arterial_ph",
        "sodium",
        "potassium",
        "creatinine",
        "acute_renal_failure",
        "hematocrit",
        "white_cell_count",
        "glasgow_coma_scale",
        "chronic_health_status",
    ),
    optional_inputs=("pao2", "alveolar_arterial_gradient"),
    outputs=(Output.parse("apache2[{score}]"),),
    formula=apache2,
    printed_decimals={"apache2": 0},
    drives="Case mix and prognosis in intensive care.",
    population="Adults in intensive care; worst values of the first 24 hours.",
    equation=(
        "Sum of points; each band starts at the value given.\n"
        "Temperature (C): under 30 4, 30 3, 32 2, 34 1, 36 0, 38.5 1, 39 3, 41 4. Mean arterial pressure: under 50 4, 50 2, 70 0, 110 2, 130 3, 160 4.\n"
        "Heart rate: under 40 4, 40 3, 55 2, 70 0, 110 2, 140 3, 180 4. Respiratory rate: under 6 4, 6 2, 10 1, 12 0, 25 1, 35 3, 50 4.\n"
        "Oxygen, FiO2 0.5 or more: alveolar-arterial gradient under 200 0, 200 2, 350 3, 500 4; FiO2 under 0.5: PaO2 over 70 0, 61 to 70 1, 55 to 60 3, under 55 4.\n"
        "Arterial pH: under 7.15 4, 7.15 3, 7.25 2, 7.33 0, 7.5 1, 7.6 3, 7.7 4. Sodium: 110 or less 4, 111 3, 120 2, 130 0, 150 1, 155 2, 160 3, 180 4.\n"
        "Potassium: under 2.5 4, 2.5 2, 3 1, 3.5 0, 5.5 1, 6 3, 7 4. Creatinine (mg/dL), doubled in acute renal failure: under 0.6 2, 0.6 0, 1.5 2, 2.0 3, 3.5 4.\n"
        "Hematocrit: under 20 4, 20 2, 30 0, 46 1, 50 2, 60 4. White cells: under 1 4, 1 2, 3 0, 15 1, 20 2, 40 4. 15 - Glasgow coma scale.\n"
        "Age: 45 2, 55 3, 65 5, 75 6. Chronic organ failure: after elective surgery 2, without surgery or after emergency surgery 5."
    ),
    direction="No race term; creatinine counts up to 4 points, and up to 8 in acute renal failure.",
    sources=(Source(citation="Knaus WA, et al., APACHE II, 1985"),),
    note="PaO2 is read where FiO2 is under 0.5, the gradient from 0.5 on; the score is missing where that one is unknown.",
)
