"""GLI Global 2022 spirometry: one reference for everyone, the race-neutral successor of GLI-2012 (Bowerman 2023)."""

from calculators.declare import Calculator
from calculators.pulmonology.gli_2012 import lms_reference, reference_outputs
from calculators.pulmonology.spirometry import (
    ATS_2023,
    BOWERMAN_2023,
    DIAO_2024,
    DRIVES,
    ERS_ATS_SEVERITY,
    FEV1_CARE,
    GOLD_GRADES,
    MOFFETT_2023,
    SEVERITY,
    for_measured,
)

SPLINES = "gli_global_2022_splines.csv"
POPULATION = "The 74,185 people of GLI-2012, weighted so that its groups count equally."
FORM = (
    "M = exp(a0 + a1 ln(height) + a2 ln(age) + Mspline); S = exp(p0 + p1 ln(age) + Sspline); L = q0 + q1 ln(age); "
    "height in cm, age in years; splines in gli_global_2022_splines.csv, linear between quarter years\n"
    "predicted = M; limits of normal = M (1 -/+ 1.645 L S)^(1/L); z = ((measured/M)^L - 1) / (L S); percent predicted = 100 measured / M"
)
HISTORY = (
    "The GLI-2012 data fitted again without race, each group weighted by its inverse share; the result lies near GLI-2012 Other with wider limits of normal. "
    "Recommended by the American Thoracic Society in 2023 and endorsed by the European Respiratory Society. Known limits: the groups' distributions still differ "
    "from the one reference; in children it raised possible restriction by 222% in Black and obstruction by 21% in White children, and in UK Biobank over 25% of "
    "participants of African and Indian ancestry lie below its lower limit. No race input, the same prognosis per z-score and the same distribution are three "
    "meanings of race neutrality that cannot all hold. GLI Global has no FEF25-75 or FEF75."
)
FLOORED_AGE = "rspiro 0.5 reads the spline at the quarter year below instead of between quarter years: off by up to 0.013 L and 0.02 z on a test grid."

gli_global_2022_fev1 = Calculator(
    id="gli_global_2022_fev1",
    title="GLI Global 2022 FEV1",
    specialty="pulmonology",
    year=2022,
    role="race_free_successor",
    inputs=("age", "sex", "height"),
    optional_inputs=("fev1",),
    outputs=reference_outputs("L"),
    formula=for_measured("fev1", lms_reference),
    constants={
        "table": SPLINES,
        "index": "FEV1",
        "a0": {"male": -11.399108, "female": -10.901689},
        "a1": {"male": 2.462664, "female": 2.385928},
        "a2": {"male": -0.011394, "female": -0.076386},
        "p0": {"male": -2.256278, "female": -2.364047},
        "p1": {"male": 0.080729, "female": 0.129402},
        "q0": {"male": 1.22703, "female": 1.21388},
        "q1": {"male": 0.0, "female": 0.0},
    },
    decisions=(*SEVERITY, *FEV1_CARE),
    bands=(ERS_ATS_SEVERITY, GOLD_GRADES),
    valid={"age": (3, 95)},
    drives=DRIVES,
    population=POPULATION,
    equation=f"{FORM}\nmale: a0 -11.399108, a1 2.462664, a2 -0.011394, p0 -2.256278, p1 0.080729, q0 1.22703, q1 0.0\nfemale: a0 -10.901689, a1 2.385928, a2 -0.076386, p0 -2.364047, p1 0.129402, q0 1.21388, q1 0.0",
    history=HISTORY,
    known_wrong=(FLOORED_AGE,),
    sources=(BOWERMAN_2023, ATS_2023, DIAO_2024, MOFFETT_2023),
)

gli_global_2022_fvc = Calculator(
    id="gli_global_2022_fvc",
    title="GLI Global 2022 FVC",
    specialty="pulmonology",
    year=2022,
    role="race_free_successor",
    inputs=("age", "sex", "height"),
    optional_inputs=("fvc",),
    outputs=reference_outputs("L"),
    formula=for_measured("fvc", lms_reference),
    constants={
        "table": SPLINES,
        "index": "FVC",
        "a0": {"male": -12.629131, "female": -12.055901},
        "a1": {"male": 2.727421, "female": 2.621579},
        "a2": {"male": 0.009174, "female": -0.035975},
        "p0": {"male": -2.195595, "female": -2.310148},
        "p1": {"male": 0.068466, "female": 0.120428},
        "q0": {"male": 0.9346, "female": 0.899},
        "q1": {"male": 0.0, "female": 0.0},
    },
    decisions=SEVERITY,
    bands=(ERS_ATS_SEVERITY,),
    valid={"age": (3, 95)},
    drives=DRIVES,
    population=POPULATION,
    equation=f"{FORM}\nmale: a0 -12.629131, a1 2.727421, a2 0.009174, p0 -2.195595, p1 0.068466, q0 0.9346, q1 0.0\nfemale: a0 -12.055901, a1 2.621579, a2 -0.035975, p0 -2.310148, p1 0.120428, q0 0.899, q1 0.0",
    history=HISTORY,
    known_wrong=(FLOORED_AGE,),
    sources=(BOWERMAN_2023, ATS_2023, DIAO_2024, MOFFETT_2023),
)

gli_global_2022_fev1fvc = Calculator(
    id="gli_global_2022_fev1fvc",
    title="GLI Global 2022 FEV1/FVC",
    specialty="pulmonology",
    year=2022,
    role="race_free_successor",
    inputs=("age", "sex", "height"),
    optional_inputs=("fev1_fvc",),
    outputs=reference_outputs("1"),
    formula=for_measured("fev1_fvc", lms_reference),
    constants={
        "table": SPLINES,
        "index": "FEV1FVC",
        "a0": {"male": 1.022608, "female": 0.9189568},
        "a1": {"male": -0.218592, "female": -0.1840671},
        "a2": {"male": -0.027586, "female": -0.0461306},
        "p0": {"male": -2.882025, "female": -3.171582},
        "p1": {"male": 0.068889, "female": 0.144358},
        "q0": {"male": 3.8243, "female": 6.649},
        "q1": {"male": -0.3328, "female": -0.992},
    },
    decisions=SEVERITY,
    bands=(ERS_ATS_SEVERITY,),
    valid={"age": (3, 95)},
    drives=DRIVES,
    population=POPULATION,
    equation=f"{FORM}\nmale: a0 1.022608, a1 -0.218592, a2 -0.027586, p0 -2.882025, p1 0.068889, q0 3.8243, q1 -0.3328\nfemale: a0 0.9189568, a1 -0.1840671, a2 -0.0461306, p0 -3.171582, p1 0.144358, q0 6.649, q1 -0.992",
    history=HISTORY,
    known_wrong=(FLOORED_AGE,),
    sources=(BOWERMAN_2023, ATS_2023, DIAO_2024, MOFFETT_2023),
)
