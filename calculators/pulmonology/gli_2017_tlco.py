"""GLI-2017 transfer factor of the lung for carbon monoxide (Stanojevic 2017, Eur Respir J 50:1700010, corrected 2020)."""

import numpy as np

from calculators.declare import Calculator, Output, Source
from calculators.pulmonology.gli_2012 import lms_reference

LIMITS = ("predicted", "lln", "uln")


def transfer_factor(age, sex, height, *, table, tlco, dlco, kco_si, kco_traditional, alveolar_volume):
    """For each index M = exp(a0 + a1 ln(height) + a2 ln(age) + Mspline); S = exp(p0 + p1 ln(age) + Sspline); L = q0."""
    numbers = {"tlco": tlco, "dlco": dlco, "kco_si": kco_si, "kco_traditional": kco_traditional, "alveolar_volume": alveolar_volume}
    result = {}
    for name, coefficients in numbers.items():
        reference = lms_reference(age, sex, height, np.nan, table=table, **coefficients)
        result |= {f"{name}_{limit}": reference[limit] for limit in LIMITS}
    return result


gli_2017_tlco = Calculator(
    id="gli_2017_tlco",
    title="GLI-2017 transfer factor",
    specialty="pulmonology",
    year=2017,
    role="comparator",
    inputs=("age", "sex", "height"),
    outputs=tuple(
        Output.parse(f"{name}_{limit}[{unit}]")
        for name, unit in (
            ("tlco", "mmol/min/kPa"),
            ("dlco", "mL/min/mm[Hg]"),
            ("kco_si", "mmol/min/kPa/L"),
            ("kco_traditional", "mL/min/mm[Hg]/L"),
            ("alveolar_volume", "L"),
        )
        for limit in LIMITS
    ),
    formula=transfer_factor,
    constants={
        "table": "gli_2017_tlco_splines.csv",
        "tlco": {
            "index": "TLCO",
            "a0": {"male": -8.129189, "female": -6.253720},
            "a1": {"male": 2.018368, "female": 1.618697},
            "a2": {"male": -0.012425, "female": -0.015390},
            "p0": {"male": -1.98996, "female": -1.82905},
            "p1": {"male": 0.03536, "female": -0.01815},
            "q0": {"male": 0.39482, "female": 0.24160},
        },
        "dlco": {
            "index": "DLCO",
            "a0": {"male": -7.034920, "female": -5.159451},
            "a1": {"male": 2.018368, "female": 1.618697},
            "a2": {"male": -0.012425, "female": -0.015390},
            "p0": {"male": -1.98996, "female": -1.82905},
            "p1": {"male": 0.03536, "female": -0.01815},
            "q0": {"male": 0.39482, "female": 0.24160},
        },
        "kco_si": {
            "index": "KCO_SI",
            "a0": {"male": 2.994137, "female": 4.037222},
            "a1": {"male": -0.415334, "female": -0.645656},
            "a2": {"male": -0.113166, "female": -0.097395},
            "p0": {"male": -1.98186, "female": -1.63787},
            "p1": {"male": 0.01460, "female": -0.07757},
            "q0": {"male": 0.67330, "female": 0.48963},
        },
        "kco_traditional": {
            "index": "KCO_trad",
            "a0": {"male": 4.088408, "female": 5.131492},
            "a1": {"male": -0.415334, "female": -0.645656},
            "a2": {"male": -0.113166, "female": -0.097395},
            "p0": {"male": -1.98186, "female": -1.63787},
            "p1": {"male": 0.01460, "female": -0.07757},
            "q0": {"male": 0.67330, "female": 0.48963},
        },
        "alveolar_volume": {
            "index": "VA",
            "a0": {"male": -11.086573, "female": -9.873970},
            "a1": {"male": 2.430021, "female": 2.182316},
            "a2": {"male": 0.097047, "female": 0.082868},
            "p0": {"male": -2.20953, "female": -2.08839},
            "p1": {"male": 0.01937, "female": -0.01334},
            "q0": {"male": 0.62559, "female": 0.51919},
        },
    },
    valid={"age": (5, 90)},
    drives="Whether gas transfer is called impaired; lung surgery, disability",
    population="People of European ancestry, 5 to 90 years.",
    equation=(
        "M = exp(a0 + a1 ln(height) + a2 ln(age) + Mspline); S = exp(p0 + p1 ln(age) + Sspline); L = q0; height in cm, age in years; "
        "splines in gli_2017_tlco_splines.csv, linear between quarter years\n"
        "predicted = M; limits of normal = M (1 -/+ 1.645 L S)^(1/L)\n"
        "a0, a1, a2, p0, p1, q0\n"
        "TLCO male: -8.129189, 2.018368, -0.012425, -1.98996, 0.03536, 0.39482\n"
        "TLCO female: -6.253720, 1.618697, -0.015390, -1.82905, -0.01815, 0.24160\n"
        "DLCO (traditional units): as TLCO with a0 -7.034920 (male), -5.159451 (female)\n"
        "KCO male: 2.994137, -0.415334, -0.113166, -1.98186, 0.01460, 0.67330\n"
        "KCO female: 4.037222, -0.645656, -0.097395, -1.63787, -0.07757, 0.48963\n"
        "KCO (traditional units): as KCO with a0 4.088408 (male), 5.131492 (female)\n"
        "VA male: -11.086573, 2.430021, 0.097047, -2.20953, 0.01937, 0.62559\n"
        "VA female: -9.873970, 2.182316, 0.082868, -2.08839, -0.01334, 0.51919"
    ),
    direction="No race term: the same reference, made from one ancestry, for everyone.",
    history=(
        "Has no race input and was made from people of European ancestry alone, so a reading is race-neutral by assumption only. "
        "The tables of the first publication were corrected in 2020."
    ),
    sources=(
        Source(
            citation="Stanojevic S, et al. Eur Respir J 2017;50:1700010",
            doi="10.1183/13993003.50010-2017",
            note="The doi is that of the correction of 2020.",
        ),
    ),
    note=(
        "Transfer factor not corrected for hemoglobin; a correction takes 146 g/L (men from 15 years) or 134 g/L (women and children) as the reference, whatever the race. "
        "SI and traditional units have splines of their own that differ in the eighth digit."
    ),
)
