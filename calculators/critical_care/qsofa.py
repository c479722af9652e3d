"""Quick SOFA: a bedside screen for sepsis (Sepsis-3, 2016)."""

from calculators.declare import Calculator, Decision, Output, Source
from calculators.points import over, points_from, under


def qsofa(respiratory_rate, systolic_bp, glasgow_coma_scale):
    """One point each: respiratory rate 22 or more, systolic pressure 100 or less, Glasgow coma scale under 15."""
    return points_from(respiratory_rate, 0, {22: 1}) + ~over(systolic_bp, 100) + under(glasgow_coma_scale, 15)


qsofa_2016 = Calculator(
    id="qsofa_2016",
    title="Quick SOFA",
    specialty="critical care",
    year=2016,
    role="comparator",
    inputs=("respiratory_rate", "systolic_bp", "glasgow_coma_scale"),
    outputs=(Output.parse("qsofa[{score}]"),),
    formula=qsofa,
    printed_decimals={"qsofa": 0},
    decisions=(
        Decision(
            id="positive", output="qsofa", operator=">=", cutoff=2, action="positive screen", guideline="Sepsis-3", yes_means="labels"
        ),
    ),
    drives="Sepsis screening.",
    population="Adults with suspected infection.",
    equation="[respiratory rate >= 22] + [systolic pressure <= 100] + [Glasgow coma scale < 15]",
    direction="No race term and no laboratory value.",
    sources=(Source(citation="Singer M, et al. JAMA 2016 (PMC4968574)"),),
)
