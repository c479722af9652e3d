"""Bedside Schwartz equation: estimated GFR of children from height and creatinine (Schwartz 2009)."""

from calculators.declare import Calculator, Source
from calculators.nephrology.ckd_epi import EGFR
from calculators.nephrology.egfr_care import KDIGO_GFR


def bedside_schwartz(creatinine, height):
    """0.413 * height / Scr; height in cm."""
    return 0.413 * height / creatinine


schwartz_bedside_2009 = Calculator(
    id="schwartz_bedside_2009",
    title="Bedside Schwartz",
    specialty="nephrology",
    year=2009,
    role="comparator",
    inputs=("creatinine", "height"),
    outputs=(EGFR,),
    formula=bedside_schwartz,
    bands=(KDIGO_GFR,),
    drives="CKD staging in children",
    population="Children of 1 to 16 years, in use to 18. Age is not an input: give it children only.",
    equation="eGFR = 0.413 * height / Scr; height in cm, Scr in mg/dL",
    direction="No race term: equal height and creatinine give the same eGFR to every child.",
    sources=(Source(citation="Schwartz GJ, et al. J Am Soc Nephrol 2009;20:629"),),
)
