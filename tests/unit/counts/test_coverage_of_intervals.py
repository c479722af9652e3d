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


def test_equal_groups_are_seldom_told_apart(benchmark_of_coverage):
    one, three, holm = benchmark_of_coverage.false_claims(1000, 0.1, False, 200)
    assert one < 0.1
    assert holm <= three
    assert holm < 0.1


def test_the_page_shows_the_tables(benchmark_of_coverage):
    text = (ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")
    table = text.split(benchmark_of_coverage.START)[1].split(benchmark_of_coverage.END)[0]
    for n in benchmark_of_coverage.SIZES:
        assert table.count(f"| {n:,} |") == 5
    held = [
        float(cell.split()[0])
        for line in table.splitlines()
        if line.count(" | ") == 5 and line[2].isdigit() and "/" not in line
        for cell in line.strip("| ").split(" | ")[1:]
    ]
    assert len(held) == 5 * len(benchmark_of_coverage.SIZES) * len(benchmark_of_coverage.RATES)
    assert min(held) >= 93
