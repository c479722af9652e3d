"""Survey design and repeated visits in cohorts: what the intervals rest on, and one row of each patient."""

import numpy as np
import pandas as pd
import pytest

from auditor import audit
from auditor.errors import CohortError, MissingColumn, OptionError
from auditor.result import AuditResult


def people(n: int = 1200, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    stratum, unit = rng.integers(1, 11, n), rng.integers(1, 3, n)
    like = rng.normal(1.0, 0.2, (11, 3))[stratum, unit]
    return pd.DataFrame(
        {
            "creatinine": np.round(np.clip(rng.normal(1.1, 0.35, n) * like, 0.4, 6), 2),
            "age": rng.integers(20, 90, n),
            "sex": rng.choice(["female", "male"], n),
            "race": rng.choice(["Black or African American", "White"], n, p=[0.4, 0.6]),
            "weight_persons": np.round(rng.gamma(2, 500, n) + 50),
            "stratum": stratum,
            "unit": unit,
            "person_id": np.arange(n),
        }
    )


def audited(frame: pd.DataFrame, **options) -> AuditResult:
    return audit(frame, "ckd_epi_cr_2009", internal=True, **options)


def change(result: AuditResult, group: str = "Black or African American"):
    return next(
        c
        for c in result["ckd_epi_cr_2009"].changes
        if (c.decision, c.arm, c.group) == ("ckd_g3a", "without_race", group) and c.by != "overall"
    )


def test_a_design_widens_the_interval_and_moves_no_estimate():
    frame = people()
    plain = audited(frame, weights="weight_persons")
    designed = audited(frame, weights="weight_persons", strata="stratum", psu="unit")
    a, b = change(plain), change(designed)
    assert (a.n, a.yes_with, a.gained, a.weighted_gained) == (b.n, b.yes_with, b.gained, b.weighted_gained)
    assert a.change == pytest.approx(b.change, rel=1e-12)
    assert b.method == "Korn-Graubard, Taylor linearisation"
    assert b.upper - b.lower > a.upper - a.lower
    assert any("Taylor linearisation" in note for note in designed.cohort.notes)
    assert not any("Taylor" in note for note in plain.cohort.notes)
    assert [g for g in designed.cohort.groups] == [g for g in plain.cohort.groups]


def test_a_design_named_in_the_mapping_file_is_used(tmp_path):
    file = tmp_path / "survey.toml"
    file.write_text('[cohort]\nweights = "weight_persons"\nstrata = "stratum"\npsu = "unit"\n')
    assert change(audited(people(), mapping=file)) == change(audited(people(), weights="weight_persons", strata="stratum", psu="unit"))


def test_patients_without_a_sampling_unit_are_left_out_and_counted():
    frame = people()
    frame["unit"] = frame["unit"].astype(object)
    frame.loc[:49, "unit"] = None
    result = audited(frame, psu="unit", strata="stratum")
    assert result.cohort.n == 1150
    assert any("50 patients without a sampling unit were left out" in note for note in result.cohort.notes)


def test_strata_without_units_and_absent_columns_are_refused():
    with pytest.raises(OptionError, match="sampling units"):
        audited(people(), strata="stratum")
    with pytest.raises(MissingColumn, match="survey design"):
        audited(people(), psu="cluster")


def visits() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """A file in which every third patient comes twice, its first and its last rows."""
    first = people(600)
    again = first.iloc[::3].copy()
    again["creatinine"] += 0.4
    whole = pd.concat([first, again]).reset_index(drop=True)
    last = whole[~whole["person_id"].duplicated(keep="last")]
    return whole, first, last


def test_repeated_visits_are_said_and_one_row_of_each_patient_can_be_kept():
    whole, first, last = visits()
    everything = audited(whole)
    assert everything.cohort.duplicate_ids == 200
    assert any("take rows as independent" in note for note in everything.cohort.notes)
    for rule, expected in (("first", first), ("last", last)):
        kept = audited(whole, one_per_patient=rule)
        assert kept.cohort.n == 600
        assert kept.cohort.duplicate_ids == 0
        assert kept["ckd_epi_cr_2009"].changes == audited(expected)["ckd_epi_cr_2009"].changes
        assert any(f"the {rule} row" in note for note in kept.cohort.notes)
        assert not any("take rows as independent" in note for note in kept.cohort.notes)
    assert change(audited(last)).yes_with > change(audited(first)).yes_with


def test_rows_without_an_identifier_stay_and_csv_order_decides(tmp_path):
    whole, _, _ = visits()
    whole["person_id"] = whole["person_id"].astype("Int64")
    whole.loc[:9, "person_id"] = pd.NA
    path = tmp_path / "visits.csv"
    whole.to_csv(path, index=False)
    assert audited(str(path), one_per_patient="first").cohort.n == audited(whole, one_per_patient="first").cohort.n == 604


def test_patients_as_units_widen_the_interval():
    whole, _, _ = visits()
    four = pd.concat([whole] * 4)
    assert change(audited(four, psu="person_id")).upper - change(audited(four, psu="person_id")).lower > 1.5 * (
        change(audited(four)).upper - change(audited(four)).lower
    )


def test_a_visit_rule_without_identifiers_or_with_another_word_is_refused(tmp_path):
    with pytest.raises(MissingColumn, match="tells patients apart"):
        audited(people().drop(columns="person_id"), one_per_patient="first")
    with pytest.raises(OptionError, match="first or last"):
        audited(people(), one_per_patient="middle")
    file = tmp_path / "visits.toml"
    file.write_text("[cohort]\none_per_patient = 1\n")
    with pytest.raises(CohortError, match="one_per_patient"):
        audited(people(), mapping=file)
