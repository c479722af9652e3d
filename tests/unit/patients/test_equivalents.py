"""What a race term is worth in years of age, against closed forms and a root finder."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq

from auditor import audit
from auditor.counts.years import TENTHS, Years, equivalent_rows, protect_equivalents
from auditor.patients.equivalents import years_older
from calculators.evaluate import read_columns, score
from calculators.registry import registry


def patients(n=800, seed=2):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 95, n).astype(float),
            "sex": rng.choice(["female", "male"], n),
            "race": rng.choice(["White", "Black or African American"], n),
            "creatinine": np.round(rng.uniform(0.5, 3, n), 2),
        }
    )


def columns_of(frame):
    calculator = registry()["ckd_epi_cr_2009"]
    return calculator, read_columns(calculator, {"age": frame.age, "creatinine": frame.creatinine, "sex": frame.sex.to_numpy()})


def test_a_multiplier_is_worth_as_many_years_for_everyone():
    """1.159 = 0.993^y, so that y is -21.0; the youngest 21 years lie below the range."""
    frame = patients()
    years = years_older(*columns_of(frame), "Black", "egfr")
    expected = np.log(1.159) / np.log(0.993)
    reached = frame.age.to_numpy() + expected >= 18
    assert years[reached] == pytest.approx(expected, abs=0.05)
    assert np.isneginf(years[~reached]).all()
    assert reached.sum() > 300
    assert (~reached).sum() > 30


def test_patients_without_a_score_have_no_years():
    frame = patients(50)
    frame.loc[3, "creatinine"] = np.nan
    frame.loc[4, "age"] = 12
    years = years_older(*columns_of(frame), "Black", "egfr")
    assert np.isnan(years[[3, 4]]).all()
    assert not np.isnan(years[5:]).any()


def test_every_patient_has_the_root_of_a_root_finder():
    calculator = registry()["pce_2013"]
    rng = np.random.default_rng(3)
    n = 60
    inputs = {
        "age": rng.uniform(42, 78, n),
        "sex": rng.choice(["female", "male"], n),
        "total_cholesterol": rng.uniform(140, 300, n),
        "hdl_cholesterol": rng.uniform(30, 80, n),
        "systolic_bp": rng.uniform(100, 180, n),
        "bp_treated": rng.integers(0, 2, n).astype(float),
        "smoker": rng.integers(0, 2, n).astype(float),
        "diabetes": rng.integers(0, 2, n).astype(float),
    }
    columns = read_columns(calculator, inputs)
    years = years_older(calculator, columns, "Black", "ascvd_10_year")
    compared = 0
    for i in range(n):
        one = {name: column[[i]] for name, column in columns.items()}
        target = score(calculator, one, "Black")["ascvd_10_year"][0]

        def off(age, one=one, target=target):
            return score(calculator, {**one, "age": np.array([age])})["ascvd_10_year"][0] - target

        if off(40.0) * off(79.0) < 0:
            assert years[i] == pytest.approx(brentq(off, 40, 79) - inputs["age"][i], abs=0.05)
            compared += 1
        else:
            assert np.isinf(years[i])
    assert compared > 30


def test_bins_add_and_give_quartiles():
    rng = np.random.default_rng(4)
    years = np.concatenate([rng.normal(-8, 3, 400), np.full(50, -np.inf), [np.nan] * 7])
    parts = Years.of("o", "r", years[:200]) + Years.of("o", "r", years[200:])
    whole = Years.of("o", "r", years)
    assert (parts.counts == whole.counts).all()
    assert whole.counts.sum() == 450
    known = np.sort(years[~np.isnan(years)])
    expected = [round(float(known[int(np.ceil(share * 450)) - 1]), 1) for share in (0.25, 0.5, 0.75)]
    assert whole.quartiles == pytest.approx(expected)
    assert Years.of("o", "r", np.full(9, -np.inf)).quartiles == (None, None, None)
    assert Years.of("o", "r", np.array([500.0])).quartiles[1] == TENTHS / 10


@pytest.mark.parametrize(("n", "median", "quartile"), [(10, False, False), (21, False, False), (22, True, False), (44, True, True)])
def test_few_patients_give_no_number(n, median, quartile):
    (row,) = equivalent_rows("c", [Years.of("o", "r", np.linspace(1, 5, n))])
    (shown,) = protect_equivalents((row,), 11)
    assert row.n == n
    assert shown.n is None
    assert (shown.median is not None, shown.lower_quartile is not None) == (median, quartile)


def test_an_audit_gives_medians_by_row_of_the_term_and_no_patients():
    frame = patients()
    black = frame[frame.race != "White"]
    result = audit(frame, ["ckd_epi_cr_2009"], counterfactual=True, replicates=10)
    (row,) = result.rows("equivalents")
    years = years_older(*columns_of(black.reset_index(drop=True)), "Black", "egfr")
    assert (row.output, row.row, row.n, row.status) == ("egfr", "Black", None, "ok")
    assert row.median == pytest.approx(np.sort(years)[(len(years) + 1) // 2 - 1], abs=0.1)
    assert "Equivalent ages were found for every patient." in result.cohort.notes
    internal = audit(frame, ["ckd_epi_cr_2009"], counterfactual=True, replicates=10, internal=True)
    assert internal.rows("equivalents")[0].n == len(black)
    assert audit(frame, ["ckd_epi_cr_2009"], replicates=10).rows("equivalents") == ()
