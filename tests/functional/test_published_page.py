"""The page of published results: what its example finds on real extracts (AUDITOR_DATA)."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("published_results", ROOT / "examples" / "published_results.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_bragg_gresham_agrees_to_the_person(example, data: Path):
    result = example.bragg_gresham(data)
    care = example.change(result, "ckd_g3a", "without_race", example.BLACK)
    referral = example.change(result, "nephrology_referral", "without_race", example.BLACK)
    assert (round(care.weighted_gained), round(referral.weighted_gained)) == (981_038, 67_957)
    assert (care.n, care.gained, care.lost, referral.gained) == (9_683, 576, 0, 44)
    assert (round(100 * care.rate_with, 1), round(100 * care.rate_arm, 1)) == (5.8, 10.4)
    assert round(example.shift(result, "without_race", example.BLACK).mean_with, 1) == 102.8
    assert care.method == "Korn-Graubard, Taylor linearisation"
    assert 0.041 < care.lower < care.change < care.upper < 0.051
    everyone = example.change(result, "ckd_g3a", "without_race")
    assert (everyone.gained, everyone.weighted_gained) == (care.gained, pytest.approx(care.weighted_gained, rel=1e-12))


def test_anderson_lies_within_the_published_intervals(example, data: Path):
    rows = {quantity: here for quantity, _, here in example.anderson_table(data)}
    for quantity, low, high in (
        ("mean 10-year risk, Pooled Cohort Equations", 7.6, 8.4),
        ("mean 10-year risk, PREVENT", 4.1, 4.5),
        ("the same in Black adults, Pooled Cohort Equations", 10.1, 11.7),
        ("the same in Black adults, PREVENT", 4.7, 5.4),
    ):
        assert low <= float(rows[quantity].rstrip("%")) <= high


def test_diao_finds_the_published_turn_in_both_groups(example, data: Path):
    rows = {quantity: here for quantity, _, here in example.diao_table(data)}
    assert rows["non-obstructive impairment in Black persons"] == "+141%"
    assert -78 < float(rows["non-obstructive impairment in White persons"].rstrip("%")) < -64


def test_the_page_is_what_the_example_writes(example, data: Path):
    assert example.page(data) == (ROOT / "docs" / "published_results.md").read_text(encoding="utf-8")
