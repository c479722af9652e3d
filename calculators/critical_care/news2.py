"""National Early Warning Score 2 (Royal College of Physicians 2017)."""

import numpy as np

from calculators.declare import Calculator, Output, Source
from calculators.points import points_from


def news2(
    respiratory_rate,
    oxygen_saturation,
    spo2_scale,
    supplemental_oxygen,
    systolic_bp,
    heart_rate,
    new_confusion_or_reduced_alertness,
    temperature,
):
    """Sum of points by band; on saturation scale 2, values from 93 % on count on supplemental oxygen only."""
    saturation = np.select(
        [spo2_scale == "1", supplemental_oxygen == 1],
        [
            points_from(oxygen_saturation, 3, {92: 2, 94: 1, 96: 0}),
            points_from(oxygen_saturation, 3, {84: 2, 86: 1, 88: 0, 93: 1, 95: 2, 97: 3}),
        ],
        points_from(oxygen_saturation, 3, {84: 2, 86: 1, 88: 0}),
    )
    return (
        points_from(respiratory_rate, 3, {9: 1, 12: 0, 21: 2, 25: 3})
        + saturation
        + 2 * supplemental_oxygen
        + points_from(systolic_bp, 3, {91: 2, 101: 1, 111: 0, 220: 3})
        + points_from(heart_rate, 3, {41: 1, 51: 0, 91: 1, 111: 2, 131: 3})
        + 3 * new_confusion_or_reduced_alertness
        + points_from(temperature, 3, {35.1: 1, 36.1: 0, 38.1: 1, 39.1: 2})
    )


news2_2017 = Calculator(
    id="news2_2017",
    title="National early warning score 2",
    specialty="critical care",
    year=2017,
    role="comparator",
    inputs=(
        "respiratory_rate",
        "oxygen_saturation",
        "spo2_scale",
        "supplemental_oxygen",
        "systolic_bp",
        "heart_rate",
        "new_confusion_or_reduced_alertness",
        "temperature",
    ),
    outputs=(Output.parse("news2[{score}]"),),
    formula=news2,
    printed_decimals={"news2": 0},
    drives="Escalation of care on hospital wards.",
    population="Adults in hospital; saturation scale 2 for those with a lower target of saturation.",
    equation=(
        "Sum of points; each band starts at the value given.\n"
        "Respiratory rate: 8 or less 3, 9 1, 12 0, 21 2, 25 3. Saturation scale 1: 91 or less 3, 92 2, 94 1, 96 0.\n"
        "Saturation scale 2: 83 or less 3, 84 2, 86 1, 88 0; on supplemental oxygen also 93 1, 95 2, 97 3. Supplemental oxygen 2.\n"
        "Systolic pressure: 90 or less 3, 91 2, 101 1, 111 0, 220 3. Pulse: 40 or less 3, 41 1, 51 0, 91 1, 111 2, 131 3.\n"
        "New confusion, or responds only to voice or pain, or unresponsive: 3. Temperature: 35.0 or less 3, 35.1 1, 36.1 0, 38.1 1, 39.1 2."
    ),
    direction=(
        "No race term; pulse oximeters read higher than arterial saturation more often in Black patients, so the score can miss points on saturation. "
        "In 30,039 pairs of readings with an oximeter value of 92% or more, arterial saturation was under 88% in 19.6% for Black, 16.2% for Hispanic and 15.6% for White patients (Valbuena 2022)."
    ),
    sources=(
        Source(citation="Royal College of Physicians, National Early Warning Score 2, 2017"),
        Source(citation="Valbuena VSM, et al. BMJ 2022;378:e069775"),
    ),
)
