"""GRACE score for in-hospital mortality in acute coronary syndromes (Granger 2003)."""

from calculators.declare import Calculator, Output, Source
from calculators.points import points_from

AGE = {30: 8, 40: 25, 50: 41, 60: 58, 70: 75, 80: 91, 90: 100}
HEART_RATE = {50: 3, 70: 9, 90: 15, 110: 24, 150: 38, 200: 46}
PRESSURE = {80: 53, 100: 43, 120: 34, 140: 24, 160: 10, 200: 0}
CREATININE = {0.4: 4, 0.8: 7, 1.2: 10, 1.6: 13, 2: 21, 4: 28}


def grace(age, heart_rate, systolic_bp, creatinine, killip_class, cardiac_arrest, st_deviation, elevated_cardiac_marker):
    """Points for age, heart rate, systolic pressure and creatinine by their bands + Killip class + arrest 39 + ST deviation 28 + marker 14."""
    return (
        points_from(age, 0, AGE)
        + points_from(heart_rate, 0, HEART_RATE)
        + points_from(systolic_bp, 58, PRESSURE)
        + points_from(creatinine, 1, CREATININE)
        + killip_class.pick({"1": 0, "2": 20, "3": 39, "4": 59})
        + 39 * cardiac_arrest
        + 28 * st_deviation
        + 14 * elevated_cardiac_marker
    )


grace_inhospital_2003 = Calculator(
    id="grace_inhospital_2003",
    title="GRACE in-hospital score",
    specialty="cardiology",
    year=2003,
    role="comparator",
    inputs=(
        "age",
        "heart_rate",
        "systolic_bp",
        "creatinine",
        "killip_class",
        "cardiac_arrest",
        "st_deviation",
        "elevated_cardiac_marker",
    ),
    outputs=(Output.parse("grace[{score}]"),),
    formula=grace,
    printed_decimals={"grace": 0},
    drives="Early invasive strategy.",
    population="Adults with an acute coronary syndrome, with or without ST elevation; derived in 11,389 patients.",
    equation=(
        "Sum of points; each band starts at the value given.\n"
        "Age: under 30 0, 30 8, 40 25, 50 41, 60 58, 70 75, 80 91, 90 100. Heart rate: under 50 0, 50 3, 70 9, 90 15, 110 24, 150 38, 200 46.\n"
        "Systolic pressure: under 80 58, 80 53, 100 43, 120 34, 140 24, 160 10, 200 0.\n"
        "Creatinine (mg/dL): under 0.4 1, 0.4 4, 0.8 7, 1.2 10, 1.6 13, 2 21, 4 28.\n"
        "Killip class I to IV 0, 20, 39, 59. Cardiac arrest 39, ST deviation 28, raised cardiac marker 14."
    ),
    direction="No race term; creatinine carries differences in muscle mass and in kidney disease between groups.",
    sources=(Source(citation="Granger CB, et al. Arch Intern Med 2003;163:2345-2353", doi="10.1001/archinte.163.19.2345"),),
)
