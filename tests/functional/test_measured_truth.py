"""An audit with a measured value of the output says how near the scores come to it, by group, with race and in every arm."""

from __future__ import annotations

import msgspec
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from auditor import audit
from auditor.cli import main
from auditor.counts.differencing import told
from auditor.errors import MissingColumn, OptionError
from auditor.result_file import load
from calculators.registry import get

BLACK, WHITE = "Black or African American", "White"


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    """Patients whose measured GFR was made from the equation without race, with an error of a sixth."""
    rng = np.random.default_rng(7)
    n = 6000
    frame = pd.DataFrame(
        {
            "age": rng.integers(20, 85, n),
            "sex": rng.choice(["female", "male"], n),
            "creatinine": rng.lognormal(0.05, 0.35, n).clip(0.4, 6).round(2),
            "race": rng.choice(["Asian", BLACK, WHITE], n, p=[0.002, 0.3, 0.698]),
        }
    )
    frame["race_group"] = np.where(frame.race == BLACK, "Black", "not Black")
    frame["mgfr"] = (get("ckd_epi_cr_2009").without_race(frame)["egfr"] * rng.lognormal(0, 1 / 6, n)).round(1)
    frame.loc[rng.random(n) < 0.2, "mgfr"] = np.nan
    return frame


def measured(frame: pd.DataFrame, **options: object) -> dict[tuple[str, str, str], object]:
    result = audit(frame.drop(columns="race_group"), ["ckd_epi_cr_2009"], replicates=20, **{"truth": "mgfr=egfr", **options})
    return {(m.group, m.arm, m.metric): m for m in result["ckd_epi_cr_2009"].measured}


def test_bias_and_p30_are_those_of_the_patients(cohort: pd.DataFrame) -> None:
    rows = measured(cohort)
    calculator = get("ckd_epi_cr_2009")
    known = cohort.mgfr.notna().to_numpy()
    m = cohort.mgfr.to_numpy()
    for arm, scores in (("with_race", calculator.with_race(cohort)["egfr"]), ("without_race", calculator.without_race(cohort)["egfr"])):
        for group in (BLACK, WHITE):
            inside = known & (cohort.race == group).to_numpy()
            difference = (scores - m)[inside]
            assert rows[group, arm, "bias"].value == pytest.approx(np.median(difference), abs=0.05)
            assert rows[group, arm, "p30"].value == pytest.approx((np.abs(difference) <= 0.3 * m[inside]).mean(), abs=1e-4)
            assert rows[group, arm, "root_mean_square_error"].value == pytest.approx(np.sqrt((difference**2).mean()), rel=0.005)
    assert rows[BLACK, "with_race", "bias"].lower > 5
    assert rows[BLACK, "without_race", "bias"].lower < 0 < rows[BLACK, "without_race", "bias"].upper
    assert rows[BLACK, "without_race", "bias_change"].upper < 0 < rows[BLACK, "without_race", "p30_change"].lower
    assert rows[WHITE, "without_race", "bias_change"].method == "no score changes"


def test_few_measured_patients_are_not_shown(cohort: pd.DataFrame) -> None:
    open_, hidden = measured(cohort, internal=True), measured(cohort)
    assert 0 < open_["Asian", "with_race", "bias"].n < 11
    assert {r.status for (group, *_), r in hidden.items() if group == "Asian"} == {"suppressed"}
    assert {r.n for (group, *_), r in hidden.items() if group == "Asian"} == {None}
    shown = {group for (group, *_), r in hidden.items() if r.status != "suppressed"}
    assert len({"all", BLACK, WHITE} & shown) < 3


def test_two_results_a_few_measured_patients_apart_are_found_out(cohort: pd.DataFrame) -> None:
    before = cohort.drop(columns="race_group")
    after = before.copy()
    after.loc[after.index[(after.race == WHITE) & after.mgfr.notna()][:4], "mgfr"] = np.nan
    results = [audit(frame, ["ckd_epi_cr_2009"], replicates=20, truth="mgfr=egfr") for frame in (before, after)]
    found = told(*results, 11)
    assert {one.table for one in found} == {"measured"}
    assert f"race: {WHITE}" in {one.group for one in found}


def test_the_command_and_a_mapping_file_say_the_same(cohort: pd.DataFrame, tmp_path) -> None:
    path, mapping = tmp_path / "cohort.csv", tmp_path / "mapping.toml"
    frame = cohort.drop(columns="race_group").assign(decilitres=cohort.mgfr / 100)
    frame.to_csv(path, index=False)
    mapping.write_text('[cohort]\ntruth = { column = "decilitres", output = "egfr", factor = 100 }\n', encoding="utf-8")
    common = ["audit", str(path), "--calculators", "ckd_epi_cr_2009", "--formats", "json", "--replicates", "20"]
    found = []
    for number, options in enumerate((["--truth", "mgfr=egfr"], ["--map", str(mapping)])):
        out = tmp_path / str(number)
        done = CliRunner().invoke(main, [*common, *options, "--out", str(out)])
        assert done.exit_code == 0, done.output
        result = load(out / "audit.json")
        assert any("Measured values of egfr" in note for note in result.cohort.notes)
        assert "measured.csv" in {p.name for p in out.iterdir()}
        found.append([msgspec.structs.replace(m, value=None, lower=None, upper=None) for m in result["ckd_epi_cr_2009"].measured])
    assert found[0] == found[1]
    assert len(found[0]) > 40


@pytest.mark.parametrize("truth", ["mgfr", "mgfr=", "=egfr", "mgfr=fev1"])
def test_a_measured_value_of_nothing_is_refused(cohort: pd.DataFrame, truth: str) -> None:
    with pytest.raises(OptionError):
        measured(cohort, truth=truth)


def test_a_column_that_is_not_there_is_refused(cohort: pd.DataFrame) -> None:
    with pytest.raises(MissingColumn):
        measured(cohort, truth="measured=egfr")


def test_without_measured_values_there_is_no_table(cohort: pd.DataFrame) -> None:
    assert measured(cohort, truth=()) == {}


def test_a_column_without_numbers_is_refused(cohort: pd.DataFrame) -> None:
    with pytest.raises(OptionError, match=r"'race' has no measured egfr of any patient who is scored"):
        measured(cohort, truth="race=egfr")
