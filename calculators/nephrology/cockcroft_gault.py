"""Cockcroft-Gault: creatinine clearance for drug dosing (Cockcroft 1976)."""

from calculators.declare import Calculator, Output, Source


def cockcroft_gault(creatinine, age, sex, weight):
    """(140 - age) * weight / (72 * Scr) * 0.85 [female]."""
    return (140 - age) * weight / (72 * creatinine) * sex.pick(female=0.85, male=1.0)


cockcroft_gault_1976 = Calculator(
    id="cockcroft_gault_1976",
    title="Cockcroft-Gault creatinine clearance",
    specialty="nephrology",
    year=1976,
    role="comparator",
    inputs=("creatinine", "age", "sex", "weight"),
    outputs=(Output.parse("creatinine_clearance[mL/min]"),),
    formula=cockcroft_gault,
    drives="Drug dosing by label",
    population="Adults; made for creatinine assays before IDMS standardization.",
    equation="CrCl = (140 - age) * weight / (72 * Scr) * 0.85 [female]; weight in kg, Scr in mg/dL; mL/min, not indexed to body surface",
    direction="No race term: equal creatinine, age, sex and weight give the same clearance to everyone.",
    history="Most US drug labels name it, so taking race out of eGFR leaves doses by this clearance unchanged.",
    sources=(Source(citation="Cockcroft DW, Gault MH. Nephron 1976;16:31-41"),),
    note="The clearance of the person, not per 1.73 m2: it is not compared with eGFR thresholds here.",
)
