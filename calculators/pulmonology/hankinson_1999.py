"""NHANES III spirometry: a separate equation per group, sex and age (Hankinson 1999, Am J Respir Crit Care Med 159:179)."""

import numpy as np

from calculators.declare import Calculator, Output, RaceTerm, Removal, Source
from calculators.pulmonology.spirometry import BELOW_LLN, DRIVES, ERS_ATS_SEVERITY, for_measured


def volume_reference(age, sex, height, measured, *, child, adult, predicted_slope, lln_slope):
    """b0 + b1 age + b2 age^2 + slope height^2; adult from 20 years (male) and 18 (female); the lower limit differs in the slope."""
    male = np.where(age < 20, quadratic(age, child["male"]), quadratic(age, adult["male"]))
    female = np.where(age < 18, quadratic(age, child["female"]), quadratic(age, adult["female"]))
    at_age = np.where(sex == "male", male, female)
    predicted = at_age + sex.pick(predicted_slope) * height**2
    lln = at_age + sex.pick(lln_slope) * height**2
    return {"predicted": predicted, "lln": lln, "z_score": z_score(measured, predicted, lln)}


def ratio_reference(age, sex, height, measured, *, c0, c0_lln, c1):
    """(c0 + c1 age) / 100, the lower limit with c0_lln; height does not enter."""
    predicted = (sex.pick(c0) + sex.pick(c1) * age) / 100
    lln = (sex.pick(c0_lln) + sex.pick(c1) * age) / 100
    return {"predicted": predicted, "lln": lln, "z_score": z_score(measured, predicted, lln)}


def quadratic(age, b):
    """b0 + b1 age + b2 age^2."""
    return b[0] + b[1] * age + b[2] * age**2


def z_score(measured, predicted, lln):
    """(measured - predicted) / ((predicted - lln) / 1.645): a normal distribution is assumed, the paper gives no z-score."""
    return (measured - predicted) / ((predicted - lln) / 1.645)


def reference_outputs(unit):
    """What every index gives: reference values in its unit and the measured value's z-score."""
    return (Output.parse(f"predicted[{unit}]"), Output.parse(f"lln[{unit}]"), Output.parse("z_score[1]"))


HANKINSON_1999 = Source(
    citation="Hankinson JL, Odencrantz JR, Fedan KB. Am J Respir Crit Care Med 1999;159:179-187",
    doi="10.1164/ajrccm.159.1.9712108",
)
MEAN_OF_THREE = Removal(
    name="mean_of_three",
    weights={"White": 1 / 3, "Black": 1 / 3, "Mexican American": 1 / 3},
    meaning="everyone gets the unweighted mean of the three equations' outputs, an unofficial practice",
)
POPULATION = "7,429 lifelong non-smokers without symptoms, 8 to 80 years, examined in NHANES III."
HEIGHTS = {"height": (114, 196)}
VOLUME_FORM = (
    "predicted = b0 + b1 age + b2 age^2 + slope height^2, age in years, height in cm; the lower limit of normal has its own slope; "
    "z = (measured - predicted) / ((predicted - lower limit) / 1.645)\n"
    "Below: b0, b1, b2; then the two slopes."
)
RATIO_FORM = "predicted = (c0 + c1 age) / 100; lower limit of normal = (c0_lln + c1 age) / 100; z = (measured - predicted) / ((predicted - lower limit) / 1.645)"
HISTORY = (
    "Fitted to each group of the survey by itself; the default in the United States from 1999 until about 2022, also in occupational surveillance. "
    "The ATS/ERS standard of 2005 named these equations. Replaced by GLI-2012, then by the race-neutral GLI Global 2022."
)
SWITCH_AT_20 = "rspiro 0.5 and spiref 1.0.4 switch women to the adult equation at 20 years instead of 18: jumps of up to 0.32 L, where the published pieces meet to 0.0003 L."
INTEGER_AGES = "pyspiro 1.0.0 uses the adult equation from over 19 (men) and over 17 years (women)."
NO_AGE_LIMITS = "rspiro 0.5 gives values outside 8 to 80 years."
NOTE = (
    "White for everyone is the race-free variant in use; people of other, mixed or unknown race are not defined, and practice uses White, a factor on White, or the mean. "
    "The height ranges of the derivation differ by age, sex and group; only the outermost limits are kept here, and they come from a single source. The z-score is derived."
)

hankinson_1999_fev1 = Calculator(
    id="hankinson_1999_fev1",
    title="NHANES III FEV1",
    specialty="pulmonology",
    year=1999,
    role="race_based",
    inputs=("age", "sex", "height"),
    optional_inputs=("fev1",),
    outputs=reference_outputs("L"),
    formula=for_measured("fev1", volume_reference),
    race=RaceTerm(
        kind="separate_equations",
        reads="race_and_ethnicity",
        groups={
            "White": {
                "child": {"male": (-0.7453, -0.04106, 0.004477), "female": (-0.8710, 0.06537, 0.0)},
                "adult": {"male": (0.5536, -0.01303, -0.000172), "female": (0.4333, -0.00361, -0.000194)},
                "predicted_slope": {"male": 0.00014098, "female": 0.00011496},
                "lln_slope": {"male": 0.00011607, "female": 0.00009283},
            },
            "Black": {
                "child": {"male": (-0.7048, -0.05711, 0.004316), "female": (-0.9630, 0.05799, 0.0)},
                "adult": {"male": (0.3411, -0.02309, 0.0), "female": (0.3433, -0.01283, -0.000097)},
                "predicted_slope": {"male": 0.00013194, "female": 0.00010846},
                "lln_slope": {"male": 0.00010561, "female": 0.00008546},
            },
            "Mexican American": {
                "child": {"male": (-0.8218, -0.04248, 0.004291), "female": (-0.9641, 0.06490, 0.0)},
                "adult": {"male": (0.6306, -0.02928, 0.0), "female": (0.4529, -0.01178, -0.000113)},
                "predicted_slope": {"male": 0.00015104, "female": 0.00012154},
                "lln_slope": {"male": 0.00012670, "female": 0.00009890},
            },
        },
        removed="White",
        unlisted="undefined",
        other_removals=(MEAN_OF_THREE,),
        meaning="gives each group its own equation; for a man of 176 cm and a woman of 163 cm of 25 to 75 years the predicted FEV1 is 9% to 19% lower for patients recorded as Black or African American than for White, and within 5% for Mexican American",
    ),
    decisions=(BELOW_LLN,),
    bands=(ERS_ATS_SEVERITY,),
    replaced_by="gli_global_2022_fev1",
    valid={"age": (8, 80)},
    derived_on=HEIGHTS,
    drives=DRIVES,
    population=POPULATION,
    equation=f"{VOLUME_FORM}\nmale White: under 20 years -0.7453, -0.04106, 0.004477; from 20 years 0.5536, -0.01303, -0.000172; height^2 0.00014098, lower limit 0.00011607\nmale Black: under 20 years -0.7048, -0.05711, 0.004316; from 20 years 0.3411, -0.02309, 0.0; height^2 0.00013194, lower limit 0.00010561\nmale Mexican American: under 20 years -0.8218, -0.04248, 0.004291; from 20 years 0.6306, -0.02928, 0.0; height^2 0.00015104, lower limit 0.00012670\nfemale White: under 18 years -0.8710, 0.06537, 0.0; from 18 years 0.4333, -0.00361, -0.000194; height^2 0.00011496, lower limit 0.00009283\nfemale Black: under 18 years -0.9630, 0.05799, 0.0; from 18 years 0.3433, -0.01283, -0.000097; height^2 0.00010846, lower limit 0.00008546\nfemale Mexican American: under 18 years -0.9641, 0.06490, 0.0; from 18 years 0.4529, -0.01178, -0.000113; height^2 0.00012154, lower limit 0.00009890",
    direction="Black against White at 25, 50 and 75 years: man of 176 cm -14%, -15%, -9%; woman of 163 cm -13%, -17%, -19%; the lower limit falls further (man -18%, -20%, -15%), so a patient recorded as Black or African American must have lost more volume before the result is abnormal.",
    history=HISTORY,
    known_wrong=(SWITCH_AT_20, INTEGER_AGES, NO_AGE_LIMITS),
    sources=(HANKINSON_1999,),
    note=NOTE,
)

hankinson_1999_fvc = Calculator(
    id="hankinson_1999_fvc",
    title="NHANES III FVC",
    specialty="pulmonology",
    year=1999,
    role="race_based",
    inputs=("age", "sex", "height"),
    optional_inputs=("fvc",),
    outputs=reference_outputs("L"),
    formula=for_measured("fvc", volume_reference),
    race=RaceTerm(
        kind="separate_equations",
        reads="race_and_ethnicity",
        groups={
            "White": {
                "child": {"male": (-0.2584, -0.20415, 0.010133), "female": (-1.2082, 0.05916, 0.0)},
                "adult": {"male": (-0.1933, 0.00064, -0.000269), "female": (-0.3560, 0.01870, -0.000382)},
                "predicted_slope": {"male": 0.00018642, "female": 0.00014815},
                "lln_slope": {"male": 0.00015695, "female": 0.00012198},
            },
            "Black": {
                "child": {"male": (-0.4971, -0.15497, 0.007701), "female": (-0.6166, -0.04687, 0.003602)},
                "adult": {"male": (-0.1517, -0.01821, 0.0), "female": (-0.3039, 0.00536, -0.000265)},
                "predicted_slope": {"male": 0.00016643, "female": 0.00013606},
                "lln_slope": {"male": 0.00013670, "female": 0.00010916},
            },
            "Mexican American": {
                "child": {"male": (-0.7571, -0.09520, 0.006619), "female": (-1.2507, 0.07501, 0.0)},
                "adult": {"male": (0.2376, -0.00891, -0.000182), "female": (0.1210, 0.00307, -0.000237)},
                "predicted_slope": {"male": 0.00017823, "female": 0.00014246},
                "lln_slope": {"male": 0.00014947, "female": 0.00011570},
            },
        },
        removed="White",
        unlisted="undefined",
        other_removals=(MEAN_OF_THREE,),
        meaning="gives each group its own equation; for a man of 176 cm and a woman of 163 cm of 25 to 75 years the predicted FVC is 12% to 22% lower for patients recorded as Black or African American than for White, and within 3% for Mexican American",
    ),
    decisions=(BELOW_LLN,),
    bands=(ERS_ATS_SEVERITY,),
    replaced_by="gli_global_2022_fvc",
    valid={"age": (8, 80)},
    derived_on=HEIGHTS,
    drives=DRIVES,
    population=POPULATION,
    equation=f"{VOLUME_FORM}\nmale White: under 20 years -0.2584, -0.20415, 0.010133; from 20 years -0.1933, 0.00064, -0.000269; height^2 0.00018642, lower limit 0.00015695\nmale Black: under 20 years -0.4971, -0.15497, 0.007701; from 20 years -0.1517, -0.01821, 0.0; height^2 0.00016643, lower limit 0.00013670\nmale Mexican American: under 20 years -0.7571, -0.09520, 0.006619; from 20 years 0.2376, -0.00891, -0.000182; height^2 0.00017823, lower limit 0.00014947\nfemale White: under 18 years -1.2082, 0.05916, 0.0; from 18 years -0.3560, 0.01870, -0.000382; height^2 0.00014815, lower limit 0.00012198\nfemale Black: under 18 years -0.6166, -0.04687, 0.003602; from 18 years -0.3039, 0.00536, -0.000265; height^2 0.00013606, lower limit 0.00010916\nfemale Mexican American: under 18 years -1.2507, 0.07501, 0.0; from 18 years 0.1210, 0.00307, -0.000237; height^2 0.00014246, lower limit 0.00011570",
    direction="Black against White at 25, 50 and 75 years: man of 176 cm -16%, -17%, -12%; woman of 163 cm -14%, -18%, -22%; the lower limit falls further (man -20%, -21%, -15%), so fewer patients recorded as Black or African American are called restricted.",
    history=HISTORY,
    known_wrong=(SWITCH_AT_20, INTEGER_AGES, NO_AGE_LIMITS),
    sources=(HANKINSON_1999,),
    note=NOTE,
)

hankinson_1999_fev1fvc = Calculator(
    id="hankinson_1999_fev1fvc",
    title="NHANES III FEV1/FVC",
    specialty="pulmonology",
    year=1999,
    role="race_based",
    inputs=("age", "sex", "height"),
    optional_inputs=("fev1_fvc",),
    outputs=reference_outputs("1"),
    formula=for_measured("fev1_fvc", ratio_reference),
    race=RaceTerm(
        kind="separate_equations",
        reads="race_and_ethnicity",
        groups={
            "White": {
                "c0": {"male": 88.066, "female": 90.809},
                "c0_lln": {"male": 78.388, "female": 81.015},
                "c1": {"male": -0.2066, "female": -0.2125},
            },
            "Black": {
                "c0": {"male": 89.239, "female": 91.655},
                "c0_lln": {"male": 78.822, "female": 80.978},
                "c1": {"male": -0.1828, "female": -0.2039},
            },
            "Mexican American": {
                "c0": {"male": 90.024, "female": 92.360},
                "c0_lln": {"male": 80.925, "female": 83.044},
                "c1": {"male": -0.2186, "female": -0.2248},
            },
        },
        removed="White",
        unlisted="undefined",
        other_removals=(MEAN_OF_THREE,),
        meaning="gives each group its own equation; from 25 to 75 years the predicted ratio is 1 to 3 points of 100 higher for patients recorded as Black or African American and for Mexican American than for White",
    ),
    decisions=(BELOW_LLN,),
    bands=(ERS_ATS_SEVERITY,),
    replaced_by="gli_global_2022_fev1fvc",
    valid={"age": (8, 80)},
    drives=DRIVES,
    population=POPULATION,
    equation=f"{RATIO_FORM}\nmale White: c0 88.066, c0_lln 78.388, c1 -0.2066\nmale Black: c0 89.239, c0_lln 78.822, c1 -0.1828\nmale Mexican American: c0 90.024, c0_lln 80.925, c1 -0.2186\nfemale White: c0 90.809, c0_lln 81.015, c1 -0.2125\nfemale Black: c0 91.655, c0_lln 80.978, c1 -0.2039\nfemale Mexican American: c0 92.360, c0_lln 83.044, c1 -0.2248",
    direction="Predicted (lower limit) at 50 years: men White 77.7% (68.1), Black 80.1% (69.7), Mexican American 79.1% (70.0); women 80.2% (70.4), 81.5% (70.8), 81.1% (71.8): the race term calls obstruction slightly more often in patients recorded as Black or Mexican American.",
    history=HISTORY,
    known_wrong=(NO_AGE_LIMITS,),
    sources=(HANKINSON_1999,),
    note=NOTE,
)

hankinson_1999_fev6 = Calculator(
    id="hankinson_1999_fev6",
    title="NHANES III FEV6",
    specialty="pulmonology",
    year=1999,
    role="race_based",
    inputs=("age", "sex", "height"),
    optional_inputs=("fev6",),
    outputs=reference_outputs("L"),
    formula=for_measured("fev6", volume_reference),
    race=RaceTerm(
        kind="separate_equations",
        reads="race_and_ethnicity",
        groups={
            "White": {
                "child": {"male": (-0.3119, -0.18612, 0.009717), "female": (-1.1925, 0.06544, 0.0)},
                "adult": {"male": (0.1102, -0.00842, -0.000223), "female": (-0.1373, 0.01317, -0.000352)},
                "predicted_slope": {"male": 0.00018188, "female": 0.00014395},
                "lln_slope": {"male": 0.00015323, "female": 0.00011827},
            },
            "Black": {
                "child": {"male": (-0.5525, -0.14107, 0.007241), "female": (-0.6370, -0.04243, 0.003508)},
                "adult": {"male": (-0.0547, -0.02114, 0.0), "female": (-0.1981, 0.00047, -0.000230)},
                "predicted_slope": {"male": 0.00016429, "female": 0.00013497},
                "lln_slope": {"male": 0.00013499, "female": 0.00010848},
            },
            "Mexican American": {
                "child": {"male": (-0.6646, -0.11270, 0.007306), "female": (-1.2410, 0.07625, 0.0)},
                "adult": {"male": (0.5757, -0.02860, 0.0), "female": (0.2033, 0.00020, -0.000232)},
                "predicted_slope": {"male": 0.00017840, "female": 0.00014106},
                "lln_slope": {"male": 0.00015029, "female": 0.00011480},
            },
        },
        removed="White",
        unlisted="undefined",
        other_removals=(MEAN_OF_THREE,),
        meaning="gives each group its own equation; for a man of 176 cm and a woman of 163 cm of 25 to 75 years the predicted FEV6 is 11% to 21% lower for patients recorded as Black or African American than for White, and within 3% for Mexican American",
    ),
    decisions=(BELOW_LLN,),
    bands=(ERS_ATS_SEVERITY,),
    valid={"age": (8, 80)},
    derived_on=HEIGHTS,
    drives=DRIVES,
    population=POPULATION,
    equation=f"{VOLUME_FORM}\nmale White: under 20 years -0.3119, -0.18612, 0.009717; from 20 years 0.1102, -0.00842, -0.000223; height^2 0.00018188, lower limit 0.00015323\nmale Black: under 20 years -0.5525, -0.14107, 0.007241; from 20 years -0.0547, -0.02114, 0.0; height^2 0.00016429, lower limit 0.00013499\nmale Mexican American: under 20 years -0.6646, -0.11270, 0.007306; from 20 years 0.5757, -0.02860, 0.0; height^2 0.00017840, lower limit 0.00015029\nfemale White: under 18 years -1.1925, 0.06544, 0.0; from 18 years -0.1373, 0.01317, -0.000352; height^2 0.00014395, lower limit 0.00011827\nfemale Black: under 18 years -0.6370, -0.04243, 0.003508; from 18 years -0.1981, 0.00047, -0.000230; height^2 0.00013497, lower limit 0.00010848\nfemale Mexican American: under 18 years -1.2410, 0.07625, 0.0; from 18 years 0.2033, 0.00020, -0.000232; height^2 0.00014106, lower limit 0.00011480",
    direction="Black against White at 25, 50 and 75 years: man of 176 cm -16%, -17%, -11%; woman of 163 cm -14%, -18%, -21%; the lower limit falls further.",
    history=HISTORY,
    known_wrong=(SWITCH_AT_20, INTEGER_AGES, NO_AGE_LIMITS),
    sources=(HANKINSON_1999,),
    note=NOTE,
)

hankinson_1999_pef = Calculator(
    id="hankinson_1999_pef",
    title="NHANES III peak expiratory flow",
    specialty="pulmonology",
    year=1999,
    role="race_based",
    inputs=("age", "sex", "height"),
    optional_inputs=("peak_expiratory_flow",),
    outputs=reference_outputs("L/s"),
    formula=for_measured("peak_expiratory_flow", volume_reference),
    race=RaceTerm(
        kind="separate_equations",
        reads="race_and_ethnicity",
        groups={
            "White": {
                "child": {"male": (-0.5962, -0.12357, 0.013135), "female": (-3.6181, 0.60644, -0.016846)},
                "adult": {"male": (1.0523, 0.08272, -0.001301), "female": (0.9267, 0.06929, -0.001031)},
                "predicted_slope": {"male": 0.00024962, "female": 0.00018623},
                "lln_slope": {"male": 0.00017635, "female": 0.00012148},
            },
            "Black": {
                "child": {"male": (-0.2684, -0.28016, 0.018202), "female": (-1.2398, 0.16375, 0.0)},
                "adult": {"male": (2.2257, -0.04082, 0.0), "female": (1.3597, 0.03458, -0.000847)},
                "predicted_slope": {"male": 0.00027333, "female": 0.00019746},
                "lln_slope": {"male": 0.00018938, "female": 0.00012160},
            },
            "Mexican American": {
                "child": {"male": (-0.9537, -0.19602, 0.014497), "female": (-3.2549, 0.47495, -0.013193)},
                "adult": {"male": (0.0870, 0.06580, -0.001195), "female": (0.2401, 0.06174, -0.001023)},
                "predicted_slope": {"male": 0.00030243, "female": 0.00022203},
                "lln_slope": {"male": 0.00021833, "female": 0.00014611},
            },
        },
        removed="White",
        unlisted="undefined",
        other_removals=(MEAN_OF_THREE,),
        meaning="gives each group its own equation; for a man of 176 cm and a woman of 163 cm of 25 to 75 years the predicted peak flow is 0% to 16% lower for patients recorded as Black or African American than for White, and within 5% for Mexican American",
    ),
    decisions=(BELOW_LLN,),
    bands=(ERS_ATS_SEVERITY,),
    valid={"age": (8, 80)},
    derived_on=HEIGHTS,
    drives=DRIVES,
    population=POPULATION,
    equation=f"{VOLUME_FORM}\nmale White: under 20 years -0.5962, -0.12357, 0.013135; from 20 years 1.0523, 0.08272, -0.001301; height^2 0.00024962, lower limit 0.00017635\nmale Black: under 20 years -0.2684, -0.28016, 0.018202; from 20 years 2.2257, -0.04082, 0.0; height^2 0.00027333, lower limit 0.00018938\nmale Mexican American: under 20 years -0.9537, -0.19602, 0.014497; from 20 years 0.0870, 0.06580, -0.001195; height^2 0.00030243, lower limit 0.00021833\nfemale White: under 18 years -3.6181, 0.60644, -0.016846; from 18 years 0.9267, 0.06929, -0.001031; height^2 0.00018623, lower limit 0.00012148\nfemale Black: under 18 years -1.2398, 0.16375, 0.0; from 18 years 1.3597, 0.03458, -0.000847; height^2 0.00019746, lower limit 0.00012160\nfemale Mexican American: under 18 years -3.2549, 0.47495, -0.013193; from 18 years 0.2401, 0.06174, -0.001023; height^2 0.00022203, lower limit 0.00014611",
    direction="Black against White at 25, 50 and 75 years: man of 176 cm -4%, -11%, -1%; woman of 163 cm 0%, -8%, -16%; lower limit -9%, -18%, -7% and -6%, -17%, -32%.",
    history=HISTORY,
    known_wrong=(SWITCH_AT_20, INTEGER_AGES, NO_AGE_LIMITS),
    sources=(HANKINSON_1999,),
    note=NOTE,
)

hankinson_1999_fef2575 = Calculator(
    id="hankinson_1999_fef2575",
    title="NHANES III FEF25-75",
    specialty="pulmonology",
    year=1999,
    role="race_based",
    inputs=("age", "sex", "height"),
    optional_inputs=("fef25_75",),
    outputs=reference_outputs("L/s"),
    formula=for_measured("fef25_75", volume_reference),
    race=RaceTerm(
        kind="separate_equations",
        reads="race_and_ethnicity",
        groups={
            "White": {
                "child": {"male": (-1.0863, 0.13939, 0.0), "female": (-2.5284, 0.52490, -0.015309)},
                "adult": {"male": (2.7006, -0.04995, 0.0), "female": (2.3670, -0.01904, -0.000200)},
                "predicted_slope": {"male": 0.00010345, "female": 0.00006982},
                "lln_slope": {"male": 0.00005294, "female": 0.00002302},
            },
            "Black": {
                "child": {"male": (-1.1627, 0.12314, 0.0), "female": (-2.5379, 0.43755, -0.012154)},
                "adult": {"male": (2.1477, -0.04238, 0.0), "female": (2.0828, -0.03793, 0.0)},
                "predicted_slope": {"male": 0.00010461, "female": 0.00008572},
                "lln_slope": {"male": 0.00004819, "female": 0.00003380},
            },
            "Mexican American": {
                "child": {"male": (-1.3592, 0.10529, 0.0), "female": (-2.1825, 0.42451, -0.012415)},
                "adult": {"male": (1.7503, -0.05018, 0.0), "female": (1.7456, -0.01195, -0.000291)},
                "predicted_slope": {"male": 0.00014473, "female": 0.00009610},
                "lln_slope": {"male": 0.00009020, "female": 0.00004594},
            },
        },
        removed="White",
        unlisted="undefined",
        other_removals=(MEAN_OF_THREE,),
        meaning="gives each group its own equation; for a man of 176 cm and a woman of 163 cm of 25 to 75 years the predicted flow is between 12% lower and 2% higher for patients recorded as Black or African American than for White, and 5% to 14% higher for Mexican American",
    ),
    decisions=(BELOW_LLN,),
    bands=(ERS_ATS_SEVERITY,),
    valid={"age": (8, 80)},
    derived_on=HEIGHTS,
    drives=DRIVES,
    population=POPULATION,
    equation=f"{VOLUME_FORM}\nmale White: under 20 years -1.0863, 0.13939, 0.0; from 20 years 2.7006, -0.04995, 0.0; height^2 0.00010345, lower limit 0.00005294\nmale Black: under 20 years -1.1627, 0.12314, 0.0; from 20 years 2.1477, -0.04238, 0.0; height^2 0.00010461, lower limit 0.00004819\nmale Mexican American: under 20 years -1.3592, 0.10529, 0.0; from 20 years 1.7503, -0.05018, 0.0; height^2 0.00014473, lower limit 0.00009020\nfemale White: under 18 years -2.5284, 0.52490, -0.015309; from 18 years 2.3670, -0.01904, -0.000200; height^2 0.00006982, lower limit 0.00002302\nfemale Black: under 18 years -2.5379, 0.43755, -0.012154; from 18 years 2.0828, -0.03793, 0.0; height^2 0.00008572, lower limit 0.00003380\nfemale Mexican American: under 18 years -2.1825, 0.42451, -0.012415; from 18 years 1.7456, -0.01195, -0.000291; height^2 0.00009610, lower limit 0.00004594",
    direction="Black against White at 25, 50 and 75 years: man of 176 cm -7%, -4%, +2%; woman of 163 cm -6%, -11%, -9%; the lower limit falls by 15% to 68%.",
    history=HISTORY,
    known_wrong=(SWITCH_AT_20, INTEGER_AGES, NO_AGE_LIMITS),
    sources=(HANKINSON_1999,),
    note=NOTE,
)

hankinson_1999_fev1fev6 = Calculator(
    id="hankinson_1999_fev1fev6",
    title="NHANES III FEV1/FEV6",
    specialty="pulmonology",
    year=1999,
    role="race_based",
    inputs=("age", "sex", "height"),
    optional_inputs=("fev1_fev6",),
    outputs=reference_outputs("1"),
    formula=for_measured("fev1_fev6", ratio_reference),
    race=RaceTerm(
        kind="separate_equations",
        reads="race_and_ethnicity",
        groups={
            "White": {
                "c0": {"male": 87.340, "female": 90.107},
                "c0_lln": {"male": 78.372, "female": 81.307},
                "c1": {"male": -0.1382, "female": -0.1563},
            },
            "Black": {
                "c0": {"male": 88.841, "female": 91.229},
                "c0_lln": {"male": 78.979, "female": 81.396},
                "c1": {"male": -0.1305, "female": -0.1558},
            },
            "Mexican American": {
                "c0": {"male": 89.388, "female": 91.664},
                "c0_lln": {"male": 80.810, "female": 83.034},
                "c1": {"male": -0.1534, "female": -0.1670},
            },
        },
        removed="White",
        unlisted="undefined",
        other_removals=(MEAN_OF_THREE,),
        meaning="gives each group its own equation; from 25 to 75 years the predicted ratio is about 1 to 2 points of 100 higher for patients recorded as Black or African American and for Mexican American than for White",
    ),
    decisions=(BELOW_LLN,),
    bands=(ERS_ATS_SEVERITY,),
    valid={"age": (8, 80)},
    drives=DRIVES,
    population=POPULATION,
    equation=f"{RATIO_FORM}\nmale White: c0 87.340, c0_lln 78.372, c1 -0.1382\nmale Black: c0 88.841, c0_lln 78.979, c1 -0.1305\nmale Mexican American: c0 89.388, c0_lln 80.810, c1 -0.1534\nfemale White: c0 90.107, c0_lln 81.307, c1 -0.1563\nfemale Black: c0 91.229, c0_lln 81.396, c1 -0.1558\nfemale Mexican American: c0 91.664, c0_lln 83.034, c1 -0.1670",
    direction="Predicted (lower limit) at 50 years: men White 80.4% (71.5), Black 82.3% (72.5), Mexican American 81.7% (73.1); women 82.3% (73.5), 83.4% (73.6), 83.3% (74.7).",
    history=HISTORY,
    known_wrong=(NO_AGE_LIMITS,),
    sources=(HANKINSON_1999,),
    note=NOTE,
)
