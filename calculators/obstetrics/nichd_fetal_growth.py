"""NICHD Fetal Growth Studies: fetal weight centiles with a separate standard per group (Buck Louis 2015, corrected 2018)."""

from functools import cache

import numpy as np

from calculators.declare import Calculator, Output, RaceTerm, Source, completed
from calculators.obstetrics.fetal_growth_care import DRIVES_GROWTH, FETAL_GROWTH_RESTRICTION, GROWTH_RESTRICTION, LARGE, SEVERE
from calculators.tables import read_table

CENTILES = np.array([3.0, 5, 10, 50, 90, 95, 97])
FIRST_WEEK, LAST_WEEK = 10, 42


@cache
def weights(standard):
    """Weights in g of one group's standard: a row per completed week from 10 to 42, a column per centile."""
    rows = [row for row in read_table("nichd_fetal_weight_centiles.csv", "calculators.obstetrics") if row["standard"] == standard]
    return np.array([[float(row[f"p{centile:.0f}"]) for centile in CENTILES] for row in rows])


def weight_centile(gestational_age, estimated_fetal_weight, *, standard):
    """The centile on a straight line through the two nearest tabulated weights of the completed week, within 0 to 100.

    Below the 3rd and above the 97th centile the outermost line is extended.
    """
    week = np.nan_to_num(np.floor(np.round(gestational_age, 6))).clip(FIRST_WEEK, LAST_WEEK).astype(int)
    table = weights(standard)[week - FIRST_WEEK]
    low = (table[:, 1:-1] <= estimated_fetal_weight[:, None]).sum(axis=1)
    patient = np.arange(len(low))
    share = (estimated_fetal_weight - table[patient, low]) / (table[patient, low + 1] - table[patient, low])
    return np.clip(CENTILES[low] + share * (CENTILES[low + 1] - CENTILES[low]), 0, 100)


nichd_efw_race_2015 = Calculator(
    id="nichd_efw_race_2015",
    title="NICHD fetal weight standard by race and ethnicity",
    specialty="obstetrics",
    year=2015,
    role="race_based",
    inputs=("gestational_age", "estimated_fetal_weight"),
    outputs=(Output.parse("centile[%]"),),
    formula=weight_centile,
    printed_decimals={"centile": 1},
    race=RaceTerm(
        kind="lookup",
        reads="race_and_ethnicity",
        groups={
            "White": {"standard": "White"},
            "Black": {"standard": "Black"},
            "Hispanic": {"standard": "Hispanic"},
            "Asian": {"standard": "Asian"},
        },
        removed="White",
        removed_source="catalogue",
        unlisted="undefined",
        meaning="reads the fetal weight from one of four tables, chosen by the patient's recorded race and ethnicity",
    ),
    decisions=(FETAL_GROWTH_RESTRICTION, SEVERE, LARGE),
    bands=(GROWTH_RESTRICTION,),
    race_free_peers=("hadlock_efw_centile_1991", "intergrowth21_efw_2017"),
    feeds={"estimated_fetal_weight": "hadlock_efw_1985"},
    valid={"gestational_age": completed(FIRST_WEEK, LAST_WEEK)},
    confidence="SINGLE-SOURCE",
    confidence_note=(
        "The table comes from one public implementation; its weights at 39 weeks lie within 11 g of the figures in the abstract of 2015, "
        "as expected of a table corrected in 2018."
    ),
    drives=DRIVES_GROWTH,
    population="Fetuses of 10 to 42 completed weeks; groups non-Hispanic White, non-Hispanic Black, Hispanic, Asian.",
    equation=(
        "Row of nichd_fetal_weight_centiles.csv for the group and the completed week; straight line between the weights at the centiles "
        "3, 5, 10, 50, 90, 95 and 97, extended beyond both ends and limited to 0 to 100"
    ),
    direction=(
        "A fetus of 2,931 g at 39 weeks is at the 10th centile of the White standard, the 24.6th of the Black, the 21.8th of the Hispanic and the "
        "24.2nd of the Asian one. From 24 to 40 weeks a fetus at the 10th centile of one of those three standards is between the 3rd and the 5th of the White one: "
        "the separate standards find growth restriction in fewer fetuses of patients recorded in these groups."
    ),
    history=(
        "Made by the NICHD Fetal Growth Studies, with a standard for each group; tables corrected in 2018. The paper itself warns that the White standard for all would put "
        "up to 15% of the other groups' fetuses below the 5th centile. The same group has since published a unified standard (Grantz 2022), "
        "of which no public table is known."
    ),
    known_wrong=("The tables of 2015, before the correction: at 39 weeks they differ by up to 11 g at the 5th, 50th and 95th centiles.",),
    sources=(
        Source(citation="Buck Louis GM, et al. Am J Obstet Gynecol 2015;213:449.e1", doi="10.1016/j.ajog.2015.08.032"),
        Source(citation="Grantz KL, et al. Am J Obstet Gynecol 2018;218:S641", note="corrected tables"),
        Source(
            citation="Grantz KL, et al. Unified standard for fetal growth, Am J Obstet Gynecol 2022", note="without race; no public table"
        ),
    ),
    note="Other and unknown race are not defined. No standard is neutral: the White one for all is the removal whose effect the paper studied.",
)
