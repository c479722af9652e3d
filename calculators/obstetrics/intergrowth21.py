"""INTERGROWTH-21st standard: z-score of an estimated fetal weight, one curve for all (2017)."""

import numpy as np

from calculators.declare import Calculator, Output, Source
from calculators.obstetrics.fetal_growth_care import DRIVES_GROWTH


def weight_z_score(gestational_age, estimated_fetal_weight):
    """z = ((ln weight / M)^L - 1) / (S L), for L = 0: ln(ln weight / M) / S; GA in weeks.

    L = -4.257629 - 2162.234 GA^-2 + 0.0002301829 GA^3
    M = 4.956737 + 0.0005019687 GA^3 - 0.0001227065 GA^3 ln GA
    S = 10^-4 (-6.997171 + 0.057559 GA^3 - 0.01493946 GA^3 ln GA)
    """
    ga = gestational_age
    L = -4.257629 - 2162.234 * ga**-2 + 0.0002301829 * ga**3
    M = 4.956737 + 0.0005019687 * ga**3 - 0.0001227065 * ga**3 * np.log(ga)
    S = 1e-4 * (-6.997171 + 0.057559 * ga**3 - 0.01493946 * ga**3 * np.log(ga))
    ratio = np.log(estimated_fetal_weight) / M
    return np.where(L == 0, np.log(ratio) / S, (ratio**L - 1) / (S * L))


intergrowth21_efw_2017 = Calculator(
    id="intergrowth21_efw_2017",
    title="INTERGROWTH-21st fetal weight z-score",
    specialty="obstetrics",
    year=2017,
    role="comparator",
    inputs=("gestational_age", "estimated_fetal_weight"),
    outputs=(Output.parse("z_score[1]"),),
    formula=weight_z_score,
    valid={"gestational_age": (22, 40)},
    drives=DRIVES_GROWTH,
    population="Fetuses of 22 to 40 weeks.",
    equation=(
        "z = ((ln weight / M)^L - 1) / (S * L), for L = 0: ln(ln weight / M) / S; GA in weeks, weight in g\n"
        "L = -4.257629 - 2162.234 * GA^-2 + 0.0002301829 * GA^3\n"
        "M = 4.956737 + 0.0005019687 * GA^3 - 0.0001227065 * GA^3 * ln GA\n"
        "S = 10^-4 * (-6.997171 + 0.057559 * GA^3 - 0.01493946 * GA^3 * ln GA)"
    ),
    direction="No race term: one standard for every group.",
    history="A race-free alternative to the NICHD standards by race and ethnicity.",
    sources=(
        Source(
            citation="INTERGROWTH-21st standard for estimated fetal weight, 2017",
            note="figures as in two public implementations that agree: gigs and CentEFWR",
        ),
    ),
    note=(
        "Made for weights by INTERGROWTH's own equation, ln weight = 5.08482 - 54.06633 * (AC/100)^3 - 95.80076 * (AC/100)^3 * ln(AC/100) + 3.13637 * (HC/100), "
        "with abdominal and head circumference in cm; a weight by another equation shifts the z-score."
    ),
)
