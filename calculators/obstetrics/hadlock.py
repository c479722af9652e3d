"""Hadlock equations: estimated fetal weight from biometry, and the centile of a fetal weight (Hadlock 1985, 1991)."""

from dataclasses import replace

import numpy as np

from calculators.declare import Calculator, Output, Source, completed
from calculators.obstetrics.fetal_growth_care import DRIVES_GROWTH, FETAL_GROWTH_RESTRICTION, GROWTH_RESTRICTION, LARGE, SEVERE

ONE_IMPLEMENTATION = "Checked against one public implementation."


def weight_1985(abdominal_circumference, head_circumference, femur_length, biparietal_diameter):
    """log10 weight, three: 1.326 + 0.0438 AC + 0.158 FL + 0.0107 HC - 0.00326 AC FL.

    four: 1.3596 + 0.0064 HC + 0.0424 AC + 0.174 FL + 0.00061 BPD AC - 0.00386 AC FL. All in cm, weight in g.
    """
    ac, hc, fl, bpd = abdominal_circumference, head_circumference, femur_length, biparietal_diameter
    return {
        "estimated_fetal_weight_three": 10 ** (1.326 + 0.0438 * ac + 0.158 * fl + 0.0107 * hc - 0.00326 * ac * fl),
        "estimated_fetal_weight_four": 10 ** (1.3596 + 0.0064 * hc + 0.0424 * ac + 0.174 * fl + 0.00061 * bpd * ac - 0.00386 * ac * fl),
    }


def centile_1991(gestational_age, estimated_fetal_weight):
    """100 * Phi((weight - mean) / SD); mean = e^(0.578 + 0.332 GA - 0.00354 GA^2), SD = 0.127 * mean; GA in weeks."""
    from scipy.special import ndtr

    mean = np.exp(0.578 + 0.332 * gestational_age - 0.00354 * gestational_age**2)
    return 100 * ndtr((estimated_fetal_weight - mean) / (0.127 * mean))


hadlock_efw_1985 = Calculator(
    id="hadlock_efw_1985",
    title="Hadlock estimated fetal weight",
    specialty="obstetrics",
    year=1985,
    role="comparator",
    inputs=("abdominal_circumference", "head_circumference", "femur_length"),
    optional_inputs=("biparietal_diameter",),
    outputs=(Output.parse("estimated_fetal_weight_three[g]"), Output.parse("estimated_fetal_weight_four[g]")),
    formula=weight_1985,
    printed_decimals={"estimated_fetal_weight_three": 1, "estimated_fetal_weight_four": 1},
    confidence="SINGLE-SOURCE",
    confidence_note=ONE_IMPLEMENTATION,
    drives="the weight that fetal growth standards read",
    population="Fetuses measured by ultrasound.",
    equation=(
        "three: log10 g = 1.326 + 0.0438 * AC + 0.158 * FL + 0.0107 * HC - 0.00326 * AC * FL\n"
        "four: log10 g = 1.3596 + 0.0064 * HC + 0.0424 * AC + 0.174 * FL + 0.00061 * BPD * AC - 0.00386 * AC * FL\n"
        "AC abdominal, HC head circumference, FL femur length, BPD biparietal diameter, all in cm"
    ),
    direction="No race term; the same measurements give the same weight in every group.",
    history="Gives the weight alone; which standard then reads it decides whether race enters.",
    sources=(Source(citation="Hadlock et al. 1985"),),
    note="Without the biparietal diameter only the three-measure weight is given. Millimeters must be converted to centimeters first.",
)

hadlock_efw_centile_1991 = Calculator(
    id="hadlock_efw_centile_1991",
    title="Hadlock fetal weight centile",
    specialty="obstetrics",
    year=1991,
    role="comparator",
    inputs=("gestational_age", "estimated_fetal_weight"),
    outputs=(Output.parse("centile[%]"),),
    formula=centile_1991,
    printed_decimals={"centile": 1},
    decisions=(FETAL_GROWTH_RESTRICTION, replace(SEVERE, yes_means="labels"), LARGE),
    bands=(GROWTH_RESTRICTION,),
    feeds={"estimated_fetal_weight": "hadlock_efw_1985"},
    valid={"gestational_age": completed(10, 41)},
    confidence="SINGLE-SOURCE",
    confidence_note=ONE_IMPLEMENTATION,
    drives=DRIVES_GROWTH,
    population="Fetuses of 10 to 41 completed weeks.",
    equation="centile = 100 * Phi((weight - mean) / (0.127 * mean)); mean = e^(0.578 + 0.332 * GA - 0.00354 * GA^2); GA in weeks, weight in g",
    direction="No race term: one curve for every group. At 39 weeks the 10th centile lies at 2,876 g.",
    history="The usual curve in the United States where no race-specific standard is used.",
    sources=(Source(citation="Hadlock et al. 1991"),),
)
