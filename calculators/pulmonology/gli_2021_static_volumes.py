"""GLI-2021 static lung volumes (Hall 2021, Eur Respir J 57:2000289)."""

import numpy as np

from calculators.declare import Calculator, Output, Source
from calculators.pulmonology.lms import reference_values, splines_at

FORM = {"ln": np.log, "linear": np.positive}
LIMITS = ("predicted", "lln", "uln")


def volume_reference(age, sex, height, *, table, index, age_form, height_form, spread_age_form, a0, a1, a2, p0, p1, q0):
    """M = exp(a0 + a1 f(age) + a2 g(height) + Mspline); S = exp(p0 + p1 h(age) + Sspline); L = q0; f, g, h linear or ln."""
    _, m_spline, s_spline = splines_at(age, sex, table=table, index=index)
    median = np.exp(sex.pick(a0) + sex.pick(a1) * FORM[age_form](age) + sex.pick(a2) * FORM[height_form](height) + m_spline)
    spread = np.exp(sex.pick(p0) + sex.pick(p1) * FORM[spread_age_form](age) + s_spline)
    return reference_values(sex.pick(q0), median, spread)


def static_volumes(age, sex, height, *, table, frc, tlc, rv, rv_tlc, erv, ic, vc):
    """The reference values of the seven indices."""
    numbers = {"frc": frc, "tlc": tlc, "rv": rv, "rv_tlc": rv_tlc, "erv": erv, "ic": ic, "vc": vc}
    result = {}
    for name, coefficients in numbers.items():
        reference = volume_reference(age, sex, height, table=table, **coefficients)
        result |= {f"{name}_{limit}": reference[limit] for limit in LIMITS}
    return result


gli_2021_static_volumes = Calculator(
    id="gli_2021_static_volumes",
    title="GLI-2021 static lung volumes",
    specialty="pulmonology",
    year=2021,
    role="comparator",
    inputs=("age", "sex", "height"),
    outputs=tuple(
        Output.parse(f"{name}_{limit}[{unit}]")
        for name, unit in (("frc", "L"), ("tlc", "L"), ("rv", "L"), ("rv_tlc", "%"), ("erv", "L"), ("ic", "L"), ("vc", "L"))
        for limit in LIMITS
    ),
    formula=static_volumes,
    constants={
        "table": "gli_2021_static_volumes_splines.csv",
        "frc": {
            "index": "FRC",
            "age_form": "ln",
            "height_form": "ln",
            "spread_age_form": "ln",
            "a0": {"male": -13.4898, "female": -12.7674},
            "a1": {"male": 0.1111, "female": 0.1251},
            "a2": {"male": 2.7634, "female": 2.6049},
            "p0": {"male": -1.60197, "female": -1.48310},
            "p1": {"male": 0.01513, "female": -0.03372},
            "q0": {"male": 0.3416, "female": 0.2898},
        },
        "tlc": {
            "index": "TLC",
            "age_form": "ln",
            "height_form": "ln",
            "spread_age_form": "linear",
            "a0": {"male": -10.5861, "female": -10.1128},
            "a1": {"male": 0.1433, "female": 0.1062},
            "a2": {"male": 2.3155, "female": 2.2259},
            "p0": {"male": -2.0616143, "female": -2.0999321},
            "p1": {"male": -0.0008534, "female": 0.0001564},
            "q0": {"male": 0.9337, "female": 0.4636},
        },
        "rv": {
            "index": "RV",
            "age_form": "linear",
            "height_form": "linear",
            "spread_age_form": "linear",
            "a0": {"male": -2.37211, "female": -2.50593},
            "a1": {"male": 0.01346, "female": 0.01307},
            "a2": {"male": 0.01307, "female": 0.01379},
            "p0": {"male": -0.878572, "female": -0.902550},
            "p1": {"male": -0.007032, "female": -0.006005},
            "q0": {"male": 0.5931, "female": 0.4197},
        },
        "rv_tlc": {
            "index": "RV_TLC",
            "age_form": "linear",
            "height_form": "linear",
            "spread_age_form": "linear",
            "a0": {"male": 2.634, "female": 2.666},
            "a1": {"male": 0.01302, "female": 0.01411},
            "a2": {"male": -0.00008862, "female": -0.00003689},
            "p0": {"male": -0.968040, "female": -0.976602},
            "p1": {"male": -0.010040, "female": -0.009679},
            "q0": {"male": 0.8646, "female": 0.8037},
        },
        "erv": {
            "index": "ERV",
            "age_form": "linear",
            "height_form": "ln",
            "spread_age_form": "linear",
            "a0": {"male": -17.328650, "female": -14.145513},
            "a1": {"male": -0.006288, "female": -0.009573},
            "a2": {"male": 3.478116, "female": 2.871446},
            "p0": {"male": -1.307616, "female": -1.549920},
            "p1": {"male": 0.009177, "female": 0.014090},
            "q0": {"male": 0.5517, "female": 0.5326},
        },
        "ic": {
            "index": "IC",
            "age_form": "linear",
            "height_form": "ln",
            "spread_age_form": "linear",
            "a0": {"male": -10.121688, "female": -9.4438787},
            "a1": {"male": 0.001265, "female": -0.0002484},
            "a2": {"male": 2.188801, "female": 2.0312769},
            "p0": {"male": -1.856546, "female": -1.775276},
            "p1": {"male": 0.002008, "female": 0.002673},
            "q0": {"male": 1.1460, "female": 0.9726},
        },
        "vc": {
            "index": "VC",
            "age_form": "linear",
            "height_form": "ln",
            "spread_age_form": "linear",
            "a0": {"male": -10.134371, "female": -9.230600},
            "a1": {"male": -0.003532, "female": -0.005517},
            "a2": {"male": 2.307980, "female": 2.116822},
            "p0": {"male": -2.1367411, "female": -2.2202600},
            "p1": {"male": 0.0009367, "female": 0.0029560},
            "q0": {"male": 0.8611, "female": 1.0380},
        },
    },
    valid={"age": (5, 80)},
    drives="Whether restriction is confirmed (TLC below its lower limit), air trapping and hyperinflation; referral, disability",
    population="People of European ancestry, 5 to 80 years.",
    equation=(
        "M = exp(a0 + a1 f(age) + a2 g(height) + Mspline); S = exp(p0 + p1 h(age) + Sspline); L = q0; height in cm, age in years; "
        "splines in gli_2021_static_volumes_splines.csv, linear between quarter years\n"
        "f = ln for FRC and TLC, linear otherwise; g = linear for RV and RV/TLC, ln otherwise; h = ln for FRC, linear otherwise\n"
        "predicted = M; limits of normal = M (1 -/+ 1.645 L S)^(1/L); RV/TLC in percent\n"
        "a0, a1, a2, p0, p1, q0\n"
        "FRC male: -13.4898, 0.1111, 2.7634, -1.60197, 0.01513, 0.3416\n"
        "FRC female: -12.7674, 0.1251, 2.6049, -1.48310, -0.03372, 0.2898\n"
        "TLC male: -10.5861, 0.1433, 2.3155, -2.0616143, -0.0008534, 0.9337\n"
        "TLC female: -10.1128, 0.1062, 2.2259, -2.0999321, 0.0001564, 0.4636\n"
        "RV male: -2.37211, 0.01346, 0.01307, -0.878572, -0.007032, 0.5931\n"
        "RV female: -2.50593, 0.01307, 0.01379, -0.902550, -0.006005, 0.4197\n"
        "RV/TLC male: 2.634, 0.01302, -0.00008862, -0.968040, -0.010040, 0.8646\n"
        "RV/TLC female: 2.666, 0.01411, -0.00003689, -0.976602, -0.009679, 0.8037\n"
        "ERV male: -17.328650, -0.006288, 3.478116, -1.307616, 0.009177, 0.5517\n"
        "ERV female: -14.145513, -0.009573, 2.871446, -1.549920, 0.014090, 0.5326\n"
        "IC male: -10.121688, 0.001265, 2.188801, -1.856546, 0.002008, 1.1460\n"
        "IC female: -9.4438787, -0.0002484, 2.0312769, -1.775276, 0.002673, 0.9726\n"
        "VC male: -10.134371, -0.003532, 2.307980, -2.1367411, 0.0009367, 0.8611\n"
        "VC female: -9.230600, -0.005517, 2.116822, -2.2202600, 0.0029560, 1.0380"
    ),
    direction="No race term: the same reference, made from one ancestry, for everyone.",
    history=(
        "Made from people of European ancestry. TLC decides whether a low FVC is restriction, so a race-neutral FVC is read beside a TLC from one ancestry: "
        "an inconsistency that a report on GLI Global should name."
    ),
    sources=(Source(citation="Hall GL, et al. Eur Respir J 2021;57:2000289"),),
)
