"""GLI-2017 transfer factor and GLI-2021 static volumes: official printed values, age limits and the text of the equations."""

import csv
from pathlib import Path

import numpy as np
import pytest

from calculators.pulmonology.gli_2017_tlco import gli_2017_tlco
from calculators.pulmonology.gli_2021_static_volumes import gli_2021_static_volumes

OFFICIAL = Path(__file__).parents[2] / "spec" / "rounded"
CALCULATORS = [gli_2017_tlco, gli_2021_static_volumes]


@pytest.mark.parametrize("calculator", CALCULATORS, ids=lambda c: c.id)
def test_official_calculator_is_reproduced_to_its_last_printed_digit(calculator):
    rows = list(csv.DictReader((OFFICIAL / f"{calculator.id}.csv").open(newline="", encoding="utf-8")))
    patients = {name: [float(row[name]) for row in rows] for name in ("age", "height")} | {"sex": [row["sex"] for row in rows]}
    scores = calculator.with_race(patients)
    for output in calculator.outputs:
        printed = np.array([float(row[f"expected.{output.name}"] or "nan") for row in rows])
        known = ~np.isnan(printed)
        assert known.any()
        assert np.abs(scores[output.name] - printed)[known].max() <= 0.00051, output.name


@pytest.mark.parametrize(("calculator", "last"), [(gli_2017_tlco, 90), (gli_2021_static_volumes, 80)], ids=lambda x: getattr(x, "id", ""))
def test_no_value_outside_the_ages_of_the_tables(calculator, last):
    scores = calculator.with_race({"age": [4.99, 5, last, last + 0.01], "sex": ["male"] * 4, "height": [150] * 4})
    for values in scores.values():
        assert list(np.isfinite(values)) == [False, True, True, False]


def test_traditional_units_of_the_transfer_factor_are_about_2_987_times_si_units():
    scores = gli_2017_tlco.with_race({"age": [8, 40, 85], "sex": ["female", "male", "female"], "height": [125, 180, 160]})
    for si, traditional in (("tlco", "dlco"), ("kco_si", "kco_traditional")):
        for limit in ("predicted", "lln", "uln"):
            assert scores[f"{traditional}_{limit}"] / scores[f"{si}_{limit}"] == pytest.approx(2.987, rel=1e-4)


def test_rv_tlc_is_a_percentage_near_the_ratio_of_its_parts():
    scores = gli_2021_static_volumes.with_race({"age": [60], "sex": ["male"], "height": [175]})
    assert scores["rv_tlc_predicted"] == pytest.approx(100 * scores["rv_predicted"] / scores["tlc_predicted"], rel=0.05)


def printed_numbers(calculator):
    """The numbers that the equation's text lists per index and sex."""
    lines = [line.split(": ") for line in calculator.equation.splitlines() if "male: " in line]
    return {label: [float(n) for n in numbers.split(", ")] for label, numbers in lines}


@pytest.mark.parametrize(
    ("calculator", "labels"),
    [
        (gli_2017_tlco, {"tlco": "TLCO", "kco_si": "KCO", "alveolar_volume": "VA"}),
        (
            gli_2021_static_volumes,
            {"frc": "FRC", "tlc": "TLC", "rv": "RV", "rv_tlc": "RV/TLC", "erv": "ERV", "ic": "IC", "vc": "VC"},
        ),
    ],
    ids=lambda x: getattr(x, "id", ""),
)
def test_equation_text_gives_every_coefficient_that_is_used(calculator, labels):
    printed = printed_numbers(calculator)
    for index, label in labels.items():
        for sex in ("male", "female"):
            numbers = calculator.constants[index]
            assert printed[f"{label} {sex}"] == [numbers[name][sex] for name in ("a0", "a1", "a2", "p0", "p1", "q0")]
