"""Sequential organ failure assessment, whole and without its creatinine component (Vincent 1996; table as in Sepsis-3, 2016)."""

import numpy as np

from calculators.declare import Ablation, Bands, Calculator, Output, Source
from calculators.points import points_from

ORGANS = ("respiratory", "coagulation", "liver", "circulation", "consciousness", "renal")


def sofa(pao2_fio2_ratio, respiratory_support, platelets, bilirubin, cardiovascular_support, glasgow_coma_scale, creatinine):
    """Sum of 0 to 4 points per organ; without ventilatory support the respiratory component is at most 2."""
    respiratory = points_from(pao2_fio2_ratio, 4, {100: 3, 200: 2, 300: 1, 400: 0})
    points = {
        "respiratory": np.where(respiratory_support == 1, respiratory, np.minimum(respiratory, 2)),
        "coagulation": points_from(platelets, 4, {20: 3, 50: 2, 100: 1, 150: 0}),
        "liver": points_from(bilirubin, 0, {1.2: 1, 2: 2, 6: 3, 12: 4}),
        "circulation": cardiovascular_support.pick(map_70_or_above=0, map_below_70=1, low_dose=2, moderate_dose=3, high_dose=4),
        "consciousness": points_from(glasgow_coma_scale, 4, {6: 3, 10: 2, 13: 1, 15: 0}),
        "renal": points_from(creatinine, 0, {1.2: 1, 2: 2, 3.5: 3, 5: 4}),
    }
    total = sum(points.values())
    return {"sofa": total, "sofa_without_renal": total - points["renal"], **{f"points_{organ}": p for organ, p in points.items()}}


SCORES = ("sofa", "sofa_without_renal", *(f"points_{organ}" for organ in ORGANS))

sofa_1996 = Calculator(
    id="sofa_1996",
    title="Sequential organ failure assessment",
    specialty="critical care",
    year=1996,
    role="comparator",
    inputs=(
        "pao2_fio2_ratio",
        "respiratory_support",
        "platelets",
        "bilirubin",
        "cardiovascular_support",
        "glasgow_coma_scale",
        "creatinine",
    ),
    outputs=tuple(Output.parse(f"{name}[{{score}}]") for name in SCORES),
    formula=sofa,
    printed_decimals=dict.fromkeys(SCORES, 0),
    bands=(
        Bands(
            id="new_york_tiers",
            output="sofa",
            cuts=(8, 12),
            labels=("7 or less (red)", "8 to 11 (yellow)", "over 11 (blue)"),
            source="New York 2015, secondary",
        ),
    ),
    ablations=(
        Ablation(
            name="without_creatinine",
            meaning="drops the renal component, so that the score runs from 0 to 20",
            outputs={"sofa": "sofa_without_renal"},
        ),
    ),
    drives="Crisis triage of ventilators and intensive care; the definition of sepsis.",
    population="Adults in intensive care.",
    equation=(
        "Points 0, 1, 2, 3, 4.\n"
        "PaO2/FiO2: 400 or more; under 400; under 300; under 200 with ventilatory support; under 100 with ventilatory support.\n"
        "Platelets (10^3/uL): 150 or more; under 150; under 100; under 50; under 20.\n"
        "Bilirubin (mg/dL): under 1.2; 1.2 to 1.9; 2.0 to 5.9; 6.0 to 11.9; 12.0 or more.\n"
        "Circulation: mean arterial pressure 70 or more; under 70; dopamine up to 5 or any dobutamine; dopamine over 5, or epinephrine or norepinephrine up to 0.1; "
        "dopamine over 15, or epinephrine or norepinephrine over 0.1 (ug/kg/min).\n"
        "Glasgow coma scale: 15; 13 to 14; 10 to 12; 6 to 9; under 6.\n"
        "Creatinine (mg/dL): under 1.2; 1.2 to 1.9; 2.0 to 3.4; 3.5 to 4.9; 5.0 or more."
    ),
    direction=(
        "No race term. The creatinine component gives up to 4 points; creatinine is higher at equal prognosis in groups with more chronic kidney disease, so the score "
        "over-estimates mortality in Black patients and places them in lower-priority tiers."
    ),
    history=(
        "In 113,158 patients (24.4% Black) the score over-estimated mortality in Black and under-estimated it in White patients: 81.6% of Black patients fell into the lower-priority "
        "categories and 9.4% were wrongly kept out of the highest; without creatinine the miscalibration was smaller (Ashana 2021). In 111,885 encounters of eICU mortality at "
        "equal scores was lower in Black than in White patients (Miller 2021). Under the Massachusetts rules nearly twice the proportion of Black patients fell into the lowest-priority group "
        "(Riviello 2022). A study of 1,127 patients in Miami found no association of race with priority."
    ),
    known_wrong=(
        "MedCalc-Bench scores 0 in place of 3 for a PaO2/FiO2 from 199 up to 200 with ventilatory support: too low.",
        "The fork medcalc-bench 1.7.0 on PyPI does not let CPAP count as support for 4 respiratory points and cannot reach 3 or 4 points for circulation: too low.",
    ),
    sources=(
        Source(citation="Vincent JL, et al. Intensive Care Med 1996;22"),
        Source(citation="Singer M, et al. JAMA 2016 (PMC4968574), Table 1"),
        Source(citation="Ashana DC, et al. Am J Respir Crit Care Med 2021;204:178-186", doi="10.1164/rccm.202012-4383OC"),
        Source(citation="Miller WD, et al. JAMA Netw Open 2021;4:e2113891", doi="10.1001/jamanetworkopen.2021.13891"),
        Source(citation="Sarkar R, et al. Lancet Digit Health 2021;3:e241-e249", doi="10.1016/S2589-7500(21)00022-4"),
        Source(citation="Riviello ED, et al. JAMA Netw Open 2022;5:e221744", doi="10.1001/jamanetworkopen.2022.1744"),
    ),
    note=(
        "A PaO2/FiO2 under 200 without support scores 2. The table prints over 12.0 and over 5.0 for 4 points; exactly 12.0 and 5.0 score 4 here, as in the implementations. "
        "Urine output is not read. Worst values of the day belong in the inputs."
    ),
)
