"""GLI-2012 spirometry: reference values with a term per group on median and spread (Quanjer 2012, Eur Respir J 40:1324)."""

import numpy as np

from calculators.declare import Calculator, Output, RaceTerm, Removal
from calculators.pulmonology.lms import reference_values, splines_at, z_score
from calculators.pulmonology.spirometry import (
    ATS_2023,
    DIAO_2024,
    DRIVES,
    ELMALEH_SACHS_2022,
    ERS_ATS_SEVERITY,
    FEV1_CARE,
    GOLD_GRADES,
    GRAHAM_2019,
    MOFFETT_2023,
    QUANJER_2012,
    SEVERITY,
    for_measured,
)

SPLINES = "gli_2012_splines.csv"
NO_TERM = {"male": 0.0, "female": 0.0}


def lms_reference(age, sex, height, measured, *, table, index, a0, a1, a2, p0, p1, q0, q1=NO_TERM, a_group=NO_TERM, p_group=NO_TERM):
    """M = exp(a0 + a1 ln(height) + a2 ln(age) + a_group + Mspline); S = exp(p0 + p1 ln(age) + p_group + Sspline); L = q0 + q1 ln(age) + Lspline."""
    l_spline, m_spline, s_spline = splines_at(age, sex, table=table, index=index)
    median = np.exp(sex.pick(a0) + sex.pick(a1) * np.log(height) + sex.pick(a2) * np.log(age) + sex.pick(a_group) + m_spline)
    spread = np.exp(sex.pick(p0) + sex.pick(p1) * np.log(age) + sex.pick(p_group) + s_spline)
    skewness = sex.pick(q0) + sex.pick(q1) * np.log(age) + l_spline
    return {
        **reference_values(skewness, median, spread),
        "z_score": z_score(measured, skewness, median, spread),
        "percent_predicted": 100 * measured / median,
    }


def reference_outputs(unit):
    """What every index gives: reference values in its unit, and the measured value's z-score and percent of predicted."""
    return (
        Output.parse(f"predicted[{unit}]"),
        Output.parse(f"lln[{unit}]"),
        Output.parse(f"uln[{unit}]"),
        Output.parse("z_score[1]"),
        Output.parse("percent_predicted[%]"),
    )


WHITE_FOR_ALL = Removal(name="white_for_all", row="White", meaning="everyone is compared with the White reference values")

COUNTED_AS_WHITE = {"White": ("Hispanic or Latino", "Middle Eastern or North African")}

POPULATION = (
    "Reference data: 57,395 White, 3,545 African American, 4,992 North East Asian and 8,255 South East Asian people. "
    "White stands for Europe, the Middle East, North Africa, Mexican Americans and non-indigenous people of South America; Other, for mixed or unmatched ancestry, "
    "Native Americans and the Indian subcontinent among them, is the average of the four."
)
FORM = (
    "M = exp(a0 + a1 ln(height) + a2 ln(age) + a_group + Mspline); S = exp(p0 + p1 ln(age) + p_group + Sspline); "
    "L = q0 + q1 ln(age) + Lspline; height in cm, age in years; splines in gli_2012_splines.csv, linear between quarter years\n"
    "predicted = M; limits of normal = M (1 -/+ 1.645 L S)^(1/L); z = ((measured/M)^L - 1) / (L S); percent predicted = 100 measured / M"
)
HISTORY = (
    "Quanjer 2012 fitted a term per group to pooled surveys. Other for everyone was the interim race-neutral choice of 2021 to 2023; in 2023 the American Thoracic Society "
    "(Bhakta and colleagues, endorsed by the European Respiratory Society) recommended GLI Global 2022, cautioning that no single number may decide "
    "employment, disability or surgery. Diao 2024 on moving from GLI-2012 to GLI Global in 249 million people of 6 to 79 years in the United States: 12.5 million "
    "change in ventilatory impairment, 8.16 million in medical impairment rating, 2.28 million in eligibility for work, 2.05 million in COPD grade; "
    "non-obstructive impairment rises by 141% among Black and falls by 69% among White people, and veterans' disability pay rises by over "
    "1 billion dollars among Black and falls by 0.5 billion among White veterans. Moffett 2023, 8,431 tests: restriction 26.8% to 37.5% (Black), 22.6% to 18.0% (White). Elmaleh-Sachs 2022: race-specific "
    "equations did not discriminate outcomes better (C statistic -0.005 for FEV1, -0.008 for FVC)."
)
WORKBOOK_DIGITS = (
    "The GLI workbook's 5 to 6 decimal coefficients in place of the 4 published ones miss the third decimal of the official calculator "
    "(FEV1/FVC, women only: 4 to 6% of 1,000 results; FEF25-75: 28 to 51%; FEF75, women only: 7 to 17%)."
)
FLOORED_AGE = "spiref 1.0.4 reads the splines at the quarter year below instead of between quarter years."
NOTE = (
    "The paper does not define unknown race: some software then gives no result, others "
    "use Other. Coefficients at the published 4 decimals with the unrounded splines, as the official online calculator uses them."
)

gli_2012_fev1 = Calculator(
    id="gli_2012_fev1",
    title="GLI-2012 FEV1",
    specialty="pulmonology",
    year=2012,
    role="race_based",
    inputs=("age", "sex", "height"),
    optional_inputs=("fev1",),
    outputs=reference_outputs("L"),
    formula=for_measured("fev1", lms_reference),
    constants={
        "table": SPLINES,
        "index": "FEV1",
        "a0": {"male": -10.3420, "female": -9.6987},
        "a1": {"male": 2.2196, "female": 2.1211},
        "a2": {"male": 0.0574, "female": -0.0270},
        "p0": {"male": -2.3268, "female": -2.3765},
        "p1": {"male": 0.0798, "female": 0.0972},
        "q0": {"male": 0.8866, "female": 1.1540},
        "q1": {"male": 0.0850, "female": 0.0000},
    },
    race=RaceTerm(
        kind="lookup",
        reads="race_and_ethnicity",
        groups={
            "White": {"a_group": NO_TERM, "p_group": NO_TERM},
            "Black": {"a_group": {"male": -0.1589, "female": -0.1484}, "p_group": {"male": 0.1096, "female": 0.1016}},
            "North East Asian": {"a_group": {"male": -0.0351, "female": -0.0149}, "p_group": {"male": -0.3973, "female": -0.0109}},
            "South East Asian": {"a_group": {"male": -0.0881, "female": -0.1208}, "p_group": {"male": 0.0327, "female": 0.0733}},
            "Other": {"a_group": {"male": -0.0708, "female": -0.0708}, "p_group": {"male": 0.0114, "female": 0.0114}},
        },
        removed="Other",
        unlisted="Other",
        mixed="Other",
        includes=COUNTED_AS_WHITE,
        other_removals=(WHITE_FOR_ALL,),
        meaning="lowers the predicted FEV1 for every group against White, most for patients recorded as Black or African American (14.7% in men, 13.8% in women), and sets the spread of normal per group",
    ),
    decisions=(*SEVERITY, *FEV1_CARE),
    bands=(ERS_ATS_SEVERITY, GOLD_GRADES),
    replaced_by="gli_global_2022_fev1",
    valid={"age": (3, 95)},
    drives=DRIVES,
    population=POPULATION,
    equation=f"{FORM}\nmale: a0 -10.3420, a1 2.2196, a2 0.0574, p0 -2.3268, p1 0.0798, q0 0.8866, q1 0.0850\nmale, a_group and p_group: Black -0.1589 and 0.1096; North East Asian -0.0351 and -0.3973; South East Asian -0.0881 and 0.0327; Other -0.0708 and 0.0114; White 0 and 0\nfemale: a0 -9.6987, a1 2.1211, a2 -0.0270, p0 -2.3765, p1 0.0972, q0 1.1540, q1 0.0000\nfemale, a_group and p_group: Black -0.1484 and 0.1016; North East Asian -0.0149 and -0.0109; South East Asian -0.1208 and 0.0733; Other -0.0708 and 0.0114; White 0 and 0",
    direction="Against White at equal age, sex and height the predicted FEV1 is multiplied by 0.853 (men) or 0.862 (women) for Black, 0.966 or 0.985 for North East Asian, 0.916 or 0.886 for South East Asian, 0.932 for Other: with the term a patient recorded as Black must have lost more volume before the result is called abnormal. The narrow spread given to North East Asian men lifts their lower limit above the one for White men. Man of 50 years and 175 cm: predicted (lower limit) White 3.795 L (2.961), Black 3.238 (2.441), North East Asian 3.665 (3.128), South East Asian 3.475 (2.685), Other 3.536 (2.750); GLI Global 3.574 (2.695).",
    history=HISTORY,
    known_wrong=(FLOORED_AGE,),
    sources=(QUANJER_2012, GRAHAM_2019, ATS_2023, DIAO_2024, MOFFETT_2023, ELMALEH_SACHS_2022),
    note=NOTE,
)

gli_2012_fvc = Calculator(
    id="gli_2012_fvc",
    title="GLI-2012 FVC",
    specialty="pulmonology",
    year=2012,
    role="race_based",
    inputs=("age", "sex", "height"),
    optional_inputs=("fvc",),
    outputs=reference_outputs("L"),
    formula=for_measured("fvc", lms_reference),
    constants={
        "table": SPLINES,
        "index": "FVC",
        "a0": {"male": -11.2281, "female": -10.4030},
        "a1": {"male": 2.4135, "female": 2.2633},
        "a2": {"male": 0.0865, "female": 0.0234},
        "p0": {"male": -2.2963, "female": -2.3549},
        "p1": {"male": 0.0718, "female": 0.1017},
        "q0": {"male": 0.9481, "female": 0.8236},
        "q1": {"male": 0.0000, "female": 0.0000},
    },
    race=RaceTerm(
        kind="lookup",
        reads="race_and_ethnicity",
        groups={
            "White": {"a_group": NO_TERM, "p_group": NO_TERM},
            "Black": {"a_group": {"male": -0.1684, "female": -0.1555}, "p_group": {"male": 0.0794, "female": 0.0810}},
            "North East Asian": {"a_group": {"male": -0.0405, "female": -0.0262}, "p_group": {"male": -0.4600, "female": -0.1809}},
            "South East Asian": {"a_group": {"male": -0.1177, "female": -0.1516}, "p_group": {"male": 0.0325, "female": 0.0459}},
            "Other": {"a_group": {"male": -0.0825, "female": -0.0833}, "p_group": {"male": -0.0503, "female": -0.0503}},
        },
        removed="Other",
        unlisted="Other",
        mixed="Other",
        includes=COUNTED_AS_WHITE,
        other_removals=(WHITE_FOR_ALL,),
        meaning="lowers the predicted FVC for every group against White (patients recorded as Black or African American: 15.5% in men, 14.4% in women) and sets the spread of normal per group",
    ),
    decisions=SEVERITY,
    bands=(ERS_ATS_SEVERITY,),
    replaced_by="gli_global_2022_fvc",
    valid={"age": (3, 95)},
    drives=DRIVES,
    population=POPULATION,
    equation=f"{FORM}\nmale: a0 -11.2281, a1 2.4135, a2 0.0865, p0 -2.2963, p1 0.0718, q0 0.9481, q1 0.0000\nmale, a_group and p_group: Black -0.1684 and 0.0794; North East Asian -0.0405 and -0.4600; South East Asian -0.1177 and 0.0325; Other -0.0825 and -0.0503; White 0 and 0\nfemale: a0 -10.4030, a1 2.2633, a2 0.0234, p0 -2.3549, p1 0.1017, q0 0.8236, q1 0.0000\nfemale, a_group and p_group: Black -0.1555 and 0.0810; North East Asian -0.0262 and -0.1809; South East Asian -0.1516 and 0.0459; Other -0.0833 and -0.0503; White 0 and 0",
    direction="Against White at equal age, sex and height the predicted FVC is multiplied by 0.845 (men) or 0.856 (women) for Black, 0.960 or 0.974 for North East Asian, 0.889 or 0.859 for South East Asian, 0.921 or 0.920 for Other: with the term fewer patients recorded as Black are called restricted. The narrow spread given to North East Asian men lifts their lower limit above the one for White men. Man of 50 years and 175 cm: predicted (lower limit) White 4.801 L (3.752), Black 4.057 (3.098), Other 4.421 (3.502); GLI Global 4.459 (3.392).",
    history=HISTORY,
    known_wrong=(FLOORED_AGE,),
    sources=(QUANJER_2012, GRAHAM_2019, ATS_2023, DIAO_2024, MOFFETT_2023, ELMALEH_SACHS_2022),
    note=NOTE,
)

gli_2012_fev1fvc = Calculator(
    id="gli_2012_fev1fvc",
    title="GLI-2012 FEV1/FVC",
    specialty="pulmonology",
    year=2012,
    role="race_based",
    inputs=("age", "sex", "height"),
    optional_inputs=("fev1_fvc",),
    outputs=reference_outputs("1"),
    formula=for_measured("fev1_fvc", lms_reference),
    constants={
        "table": SPLINES,
        "index": "FEV1FVC",
        "a0": {"male": 0.7403, "female": 0.5506},
        "a1": {"male": -0.1595, "female": -0.1078},
        "a2": {"male": -0.0366, "female": -0.0544},
        "p0": {"male": -2.9595, "female": -3.2395},
        "p1": {"male": 0.1156, "female": 0.1850},
        "q0": {"male": 4.7101, "female": 7.0320},
        "q1": {"male": -0.6774, "female": -1.1970},
    },
    race=RaceTerm(
        kind="lookup",
        reads="race_and_ethnicity",
        groups={
            "White": {"a_group": NO_TERM, "p_group": NO_TERM},
            "Black": {"a_group": {"male": 0.0079, "female": 0.0055}, "p_group": {"male": -0.0381, "female": 0.0307}},
            "North East Asian": {"a_group": {"male": 0.0055, "female": 0.0088}, "p_group": {"male": -0.2227, "female": -0.1640}},
            "South East Asian": {"a_group": {"male": 0.0283, "female": 0.0285}, "p_group": {"male": -0.1414, "female": -0.1521}},
            "Other": {"a_group": {"male": 0.0106, "female": 0.0106}, "p_group": {"male": -0.0860, "female": -0.0860}},
        },
        removed="Other",
        unlisted="Other",
        mixed="Other",
        includes=COUNTED_AS_WHITE,
        other_removals=(WHITE_FOR_ALL,),
        meaning="raises the predicted ratio by 0.6% to 2.9% against White, most for South East Asian, and sets the spread of normal per group",
    ),
    decisions=SEVERITY,
    bands=(ERS_ATS_SEVERITY,),
    replaced_by="gli_global_2022_fev1fvc",
    valid={"age": (3, 95)},
    drives=DRIVES,
    population=POPULATION,
    equation=f"{FORM}\nmale: a0 0.7403, a1 -0.1595, a2 -0.0366, p0 -2.9595, p1 0.1156, q0 4.7101, q1 -0.6774\nmale, a_group and p_group: Black 0.0079 and -0.0381; North East Asian 0.0055 and -0.2227; South East Asian 0.0283 and -0.1414; Other 0.0106 and -0.0860; White 0 and 0\nfemale: a0 0.5506, a1 -0.1078, a2 -0.0544, p0 -3.2395, p1 0.1850, q0 7.0320, q1 -1.1970\nfemale, a_group and p_group: Black 0.0055 and 0.0307; North East Asian 0.0088 and -0.1640; South East Asian 0.0285 and -0.1521; Other 0.0106 and -0.0860; White 0 and 0",
    direction="Against White the predicted ratio is multiplied by 1.008 (men) or 1.006 (women) for Black, 1.006 or 1.009 for North East Asian, 1.029 for South East Asian and 1.011 for Other: volumes carry nearly all of the term, and obstruction moves much less than restriction.",
    history=HISTORY,
    known_wrong=(WORKBOOK_DIGITS, FLOORED_AGE),
    sources=(QUANJER_2012, GRAHAM_2019, ATS_2023, DIAO_2024, MOFFETT_2023, ELMALEH_SACHS_2022),
    note=NOTE,
)

gli_2012_fef2575 = Calculator(
    id="gli_2012_fef2575",
    title="GLI-2012 FEF25-75",
    specialty="pulmonology",
    year=2012,
    role="race_based",
    inputs=("age", "sex", "height"),
    optional_inputs=("fef25_75",),
    outputs=reference_outputs("L/s"),
    formula=for_measured("fef25_75", lms_reference),
    constants={
        "table": SPLINES,
        "index": "FEF2575",
        "a0": {"male": -6.9189, "female": -5.1682},
        "a1": {"male": 1.6895, "female": 1.4066},
        "a2": {"male": -0.1425, "female": -0.2618},
        "p0": {"male": -2.1034, "female": -2.2968},
        "p1": {"male": 0.2463, "female": 0.2847},
        "q0": {"male": 0.4986, "female": 1.2172},
        "q1": {"male": 0.0000, "female": -0.1781},
    },
    race=RaceTerm(
        kind="lookup",
        reads="race_and_ethnicity",
        groups={
            "White": {"a_group": NO_TERM, "p_group": NO_TERM},
            "Black": {"a_group": {"male": -0.1384, "female": -0.1244}, "p_group": {"male": 0.1625, "female": 0.1869}},
            "North East Asian": {"a_group": {"male": -0.0327, "female": -0.0799}, "p_group": {"male": -0.1413, "female": -0.0114}},
            "South East Asian": {"a_group": {"male": -0.0094, "female": -0.0398}, "p_group": {"male": -0.1039, "female": -0.0473}},
            "Other": {"a_group": {"male": -0.0531, "female": -0.0531}, "p_group": {"male": 0.0057, "female": 0.0057}},
        },
        removed="Other",
        unlisted="Other",
        mixed="Other",
        includes=COUNTED_AS_WHITE,
        other_removals=(WHITE_FOR_ALL,),
        meaning="lowers the predicted flow for every group against White, most for patients recorded as Black or African American (12.9% in men, 11.7% in women), and sets the spread of normal per group",
    ),
    decisions=SEVERITY,
    bands=(ERS_ATS_SEVERITY,),
    valid={"age": (3, 90)},
    drives=DRIVES,
    population=POPULATION,
    equation=f"{FORM}\nmale: a0 -6.9189, a1 1.6895, a2 -0.1425, p0 -2.1034, p1 0.2463, q0 0.4986, q1 0.0000\nmale, a_group and p_group: Black -0.1384 and 0.1625; North East Asian -0.0327 and -0.1413; South East Asian -0.0094 and -0.1039; Other -0.0531 and 0.0057; White 0 and 0\nfemale: a0 -5.1682, a1 1.4066, a2 -0.2618, p0 -2.2968, p1 0.2847, q0 1.2172, q1 -0.1781\nfemale, a_group and p_group: Black -0.1244 and 0.1869; North East Asian -0.0799 and -0.0114; South East Asian -0.0398 and -0.0473; Other -0.0531 and 0.0057; White 0 and 0",
    direction="Against White the predicted flow is multiplied by 0.871 (men) or 0.883 (women) for Black, 0.968 or 0.923 for North East Asian, 0.991 or 0.961 for South East Asian and 0.948 for Other.",
    history=HISTORY,
    known_wrong=(
        WORKBOOK_DIGITS,
        FLOORED_AGE,
        "rspiro 0.5 and spiro-zscore 0.4.0 carry a superseded spline table for men: z-scores differ by up to 0.02 and the lower limit by up to 5% at the extremes.",
    ),
    sources=(QUANJER_2012, GRAHAM_2019, ATS_2023, DIAO_2024, MOFFETT_2023, ELMALEH_SACHS_2022),
    note=NOTE,
)

gli_2012_fef75 = Calculator(
    id="gli_2012_fef75",
    title="GLI-2012 FEF75",
    specialty="pulmonology",
    year=2012,
    role="race_based",
    inputs=("age", "sex", "height"),
    optional_inputs=("fef75",),
    outputs=reference_outputs("L/s"),
    formula=for_measured("fef75", lms_reference),
    constants={
        "table": SPLINES,
        "index": "FEF75",
        "a0": {"male": -9.1978, "female": -8.2711},
        "a1": {"male": 2.1023, "female": 2.0092},
        "a2": {"male": -0.3656, "female": -0.5252},
        "p0": {"male": -1.5769, "female": 4.1543},
        "p1": {"male": 0.1959, "female": -1.8154},
        "q0": {"male": 0.6289, "female": 0.7088},
        "q1": {"male": -0.1342, "female": -0.1462},
    },
    race=RaceTerm(
        kind="lookup",
        reads="race_and_ethnicity",
        groups={
            "White": {"a_group": NO_TERM, "p_group": NO_TERM},
            "Black": {"a_group": {"male": -0.2879, "female": -0.3004}, "p_group": {"male": 0.1205, "female": 0.1330}},
            "North East Asian": {"a_group": {"male": 0.1142, "female": 0.0496}, "p_group": {"male": -0.2037, "female": -0.1515}},
            "South East Asian": {"a_group": {"male": 0.1364, "female": 0.0704}, "p_group": {"male": -0.1664, "female": -0.0367}},
            "Other": {"a_group": {"male": -0.0272, "female": -0.0272}, "p_group": {"male": -0.0381, "female": -0.0381}},
        },
        removed="Other",
        unlisted="Other",
        mixed="Other",
        includes=COUNTED_AS_WHITE,
        other_removals=(WHITE_FOR_ALL,),
        meaning="lowers the predicted flow by 25.0% (men) and 25.9% (women) for patients recorded as Black or African American, raises it for North East and South East Asian, and sets the spread of normal per group",
    ),
    decisions=SEVERITY,
    bands=(ERS_ATS_SEVERITY,),
    valid={"age": (3, 90)},
    drives=DRIVES,
    population=POPULATION,
    equation=f"{FORM}\nmale: a0 -9.1978, a1 2.1023, a2 -0.3656, p0 -1.5769, p1 0.1959, q0 0.6289, q1 -0.1342\nmale, a_group and p_group: Black -0.2879 and 0.1205; North East Asian 0.1142 and -0.2037; South East Asian 0.1364 and -0.1664; Other -0.0272 and -0.0381; White 0 and 0\nfemale: a0 -8.2711, a1 2.0092, a2 -0.5252, p0 4.1543, p1 -1.8154, q0 0.7088, q1 -0.1462\nfemale, a_group and p_group: Black -0.3004 and 0.1330; North East Asian 0.0496 and -0.1515; South East Asian 0.0704 and -0.0367; Other -0.0272 and -0.0381; White 0 and 0",
    direction="Against White the predicted flow is multiplied by 0.750 (men) or 0.741 (women) for Black, 1.121 or 1.051 for North East Asian, 1.146 or 1.073 for South East Asian and 0.973 for Other.",
    history=HISTORY,
    known_wrong=(WORKBOOK_DIGITS, FLOORED_AGE),
    sources=(QUANJER_2012, GRAHAM_2019, ATS_2023, DIAO_2024, MOFFETT_2023, ELMALEH_SACHS_2022),
    note=NOTE,
)
