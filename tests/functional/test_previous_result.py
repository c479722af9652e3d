"""`auditor audit --previous`: an earlier result of the same patients."""

import pandas as pd

from auditor.result_file import load

COMMAND = ("--calculators", "ckd_epi_cr_2009", "--formats", "json", "--replicates", 20)


def write(patients: pd.DataFrame, path):
    patients.to_csv(path, index=False)
    return path


def test_a_few_patients_more_are_refused_and_the_same_are_not(run, patients: pd.DataFrame, tmp_path) -> None:
    groups = patients.race.isin(["White", "Black or African American"])
    everyone = patients[groups & (patients.index < 560)].reset_index(drop=True)
    fewer = everyone.drop(index=[3, 50, 200])
    paths = {name: write(frame, tmp_path / f"{name}.csv") for name, frame in (("a", everyone), ("b", fewer))}
    assert run("audit", paths["b"], *COMMAND, "--out", "b").exit_code == 0
    refused = run("audit", paths["a"], *COMMAND, "--out", "a", "--previous", "b/audit.json")
    assert refused.exit_code == 13
    assert "tell of 1 to 10 patients" in refused.output
    assert not (tmp_path / "a" / "audit.json").exists()
    assert run("audit", paths["a"], *COMMAND, "--out", "i", "--previous", "b/audit.json", "--internal").exit_code == 0
    internal = load(tmp_path / "i" / "audit.json")
    assert any("tell of 1 to 10 patients" in note for note in internal.cohort.notes)
    same = run("audit", paths["b"], *COMMAND, "--out", "again", "--previous", "b/audit.json")
    assert same.exit_code == 0
    assert (tmp_path / "again" / "audit.json").read_bytes() == (tmp_path / "b" / "audit.json").read_bytes()
