"""NHANES III White equations times a correction factor per group (Pellegrino 2005, Eur Respir J 26:948)."""

import numpy as np

from calculators.declare import Calculator, Output, RaceTerm, Source
from calculators.pulmonology.hankinson_1999 import HANKINSON_1999, hankinson_1999_fev1, hankinson_1999_fvc, volume_reference
from calculators.pulmonology.spirometry import DRIVES


def corrected_volumes(age, sex, height, *, fev1, fvc, times):
    """times * the White predicted value and lower limit of FEV1 and of FVC."""
    result = {}
    for name, equation in (("fev1", fev1), ("fvc", fvc)):
        white = volume_reference(age, sex, height, np.nan, **equation)
        result[f"{name}_predicted"] = times * white["predicted"]
        result[f"{name}_lln"] = times * white["lln"]
    return result


nhanes3_correction_factor_2005 = Calculator(
    id="nhanes3_correction_factor_2005",
    title="NHANES III White equations with a correction factor",
    specialty="pulmonology",
    year=2005,
    role="race_based",
    inputs=("age", "sex", "height"),
    outputs=(
        Output.parse("fev1_predicted[L]"),
        Output.parse("fev1_lln[L]"),
        Output.parse("fvc_predicted[L]"),
        Output.parse("fvc_lln[L]"),
    ),
    formula=corrected_volumes,
    constants={"fev1": hankinson_1999_fev1.race.groups["White"], "fvc": hankinson_1999_fvc.race.groups["White"]},
    race=RaceTerm(
        kind="multiplier",
        reads="race_and_ethnicity",
        groups={"White": {"times": 1.0}, "Black": {"times": 0.88}, "Asian": {"times": 0.94}},
        removed="White",
        removed_source="catalogue",
        unlisted="White",
        meaning="multiplies predicted values and lower limits by 0.88 for patients recorded as Black or African American and by 0.94 for patients recorded as Asian",
    ),
    race_free_peers=("gli_global_2022_fev1", "gli_global_2022_fvc"),
    valid={"age": (8, 80)},
    drives=DRIVES,
    population="People of 8 to 80 years; equations from the White participants of NHANES III.",
    equation="predicted = times * White predicted; lower limit = times * White lower limit (equations of hankinson_1999_fev1 and hankinson_1999_fvc)\ntimes = 0.88 [Black], 0.94 [Asian], 1 otherwise",
    direction="Lowers predicted value and lower limit by 12% (Black) and 6% (Asian) at equal age, sex and height, so fewer of these patients are called abnormal.",
    history=(
        "The factor 0.88 for Black patients is the older practice, built into spirometer software and set out by the American Thoracic Society in 1991. The ATS/ERS standard of 2005 kept separate "
        "equations for White, Black and Mexican American people and gave 0.94 on the White values for Asian Americans. In the MESA Lung study "
        "(Hankinson 2010, 1,068 healthy non-smokers) 0.88 fitted Asian Americans better."
    ),
    sources=(
        Source(citation="Pellegrino R, et al. Eur Respir J 2005;26:948-968", doi="10.1183/09031936.05.00035205"),
        HANKINSON_1999,
        Source(citation="Hankinson JL, et al. Chest 2010", note="MESA Lung study: 0.88 and 0.94 compared in Asian Americans"),
        Source(citation="Respir Res 2022", doi="10.1186/s12931-022-02194-4", note="names 0.88 and 0.94"),
    ),
    note="Gives reference values of FEV1 and FVC only. Groups that are not named, and unknown race, are left at White values.",
)
