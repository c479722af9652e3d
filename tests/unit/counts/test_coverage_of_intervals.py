"""A small run of the coverage benchmark: intervals hold the truth about as often as they say, and the page shows its tables."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def benchmark_of_coverage():
    spec = importlib.util.spec_from_file_location("benchmark_of_coverage", ROOT / "benchmarks" / "coverage.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("n", "rate", "both_ways"), [(300, 0.01, False), (100, 0.1, True), (1000, 0.3, False)])
def test_intervals_hold_the_truth(benchmark_of_coverage, n, rate, both_ways):
    for tally in benchmark_of_coverage.simulate(n, rate, both_ways, 300).values():
        assert tally.seen["refused"] == 0
        assert tally.seen["held"] / tally.seen["audits"] > 0.915


def test_joint_intervals_seldom_tell_equal_groups_apart(benchmark_of_coverage):
    alone, together = benchmark_of_coverage.false_claims(4, 1000, 0.1, False, 200)
    assert alone > 0.06
    assert together < 0.09


def test_joint_intervals_hold_together(benchmark_of_coverage):
    assert benchmark_of_coverage.held_together(300, 0.3, False, 200) > 0.92


def test_weighted_intervals_hold_the_truth_of_the_persons(benchmark_of_coverage):
    changes, alone, together = benchmark_of_coverage.weighted(300, 0.3, True, 200)
    assert min(changes, alone, together) > 0.92


def test_intervals_by_design_hold_the_truth(benchmark_of_coverage):
    for tally in benchmark_of_coverage.designed(1000, 0.3, 80).values():
        assert tally.seen["refused"] == 0
        assert tally.seen["held"] / tally.seen["audits"] > 0.88


def test_areas_hold_the_truth_or_are_refused(benchmark_of_coverage):
    for tally in benchmark_of_coverage.areas(300, 0.1, 200).values():
        assert tally.seen["held"] / tally.seen["audits"] > 0.9
    for tally in benchmark_of_coverage.areas(50, 0.05, 50).values():
        assert tally.text() in ("not estimable", "seldom estimable")


def test_the_page_shows_the_tables(benchmark_of_coverage):
    text = (ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")
    table = text.split(benchmark_of_coverage.START)[1].split(benchmark_of_coverage.END)[0]
    intervals, equal = table.split("**Equal groups.**")
    intervals, measured = intervals.split("**Measured values.**")
    equal, unlike = equal.split("**Four unlike groups.**")
    unlike, weighted = unlike.split("**Four unlike groups with weights.**")
    weighted, designed = weighted.split("**Survey design.**")
    for n in benchmark_of_coverage.SIZES:
        assert intervals.count(f"| {n:,} |") == 7
    cells = [cell for line in intervals.splitlines() if line[2:3].isdigit() for cell in line.strip("| ").split(" | ")[1:]]
    assert len(cells) == 7 * len(benchmark_of_coverage.SIZES) * len(benchmark_of_coverage.RATES)
    cells += [cell for line in measured.splitlines() if line[2:3].isdigit() for cell in line.strip("| ").split(" | ")[1:]]
    assert min(float(cell.split()[0]) for cell in cells if cell[0].isdigit()) >= 93
    claims = [
        float(cell.split(" / ")[1]) for line in equal.splitlines() if " of " in line[:9] for cell in line.strip("| ").split(" | ")[1:]
    ]
    assert len(claims) == 2 * 2 * len(benchmark_of_coverage.EQUAL_SIZES) * len(benchmark_of_coverage.RATES)
    assert max(claims) <= 5.5
    held = [float(cell) for line in unlike.splitlines() if " of " in line[:9] for cell in line.strip("| ").split(" | ")[1:]]
    assert min(held) >= 93
    shares = [
        float(x)
        for line in weighted.splitlines()
        if " of " in line[:9]
        for cell in line.strip("| ").split(" | ")[1:]
        for x in cell.split(" / ")
    ]
    assert len(shares) == 3 * 2 * len(benchmark_of_coverage.EQUAL_SIZES) * len(benchmark_of_coverage.RATES)
    assert min(shares) >= 93
    by_design = [float(cell.split()[0]) for line in designed.splitlines() if "%" in line[:12] for cell in line.strip("| ").split(" | ")[1:]]
    assert len(by_design) == 4 * len(benchmark_of_coverage.DESIGN_SIZES) * len(benchmark_of_coverage.DESIGN_RATES)
    assert min(by_design) >= 93
