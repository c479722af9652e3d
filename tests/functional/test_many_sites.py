"""Two hospitals share a cohort's patients between them: what `merge` makes of their results, beside the audit of the whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pandas as pd
import pytest
from click.testing import Result
from statsmodels.stats.contingency_tables import StratifiedTable

from auditor.result import AuditResult
from auditor.result_file import load
from auditor.rows import Row

Run = Callable[..., Result]
IDS = "ckd_epi_cr_2009,mdrd4_175_2006,ckd_epi_cr_2021"
KEYS = {
    "coverage": ("calculator", "by", "group"),
    "changes": ("calculator", "decision", "arm", "by", "group"),
    "transitions": ("calculator", "categories", "arm", "by", "group", "from_", "to"),
    "outcome_changes": ("calculator", "decision", "arm", "by", "group", "outcome"),
    "metrics": ("calculator", "decision", "arm", "by", "group", "metric"),
    "disparities": ("calculator", "decision", "arm", "by", "group", "metric"),
    "shifts": ("calculator", "output", "arm", "by", "group"),
}
BOUNDS = {"lower", "upper", "joint_lower", "joint_upper"}
NOT_SUMS = {"auroc", "auroc_change", "depends_on_recorded_race"}


@pytest.fixture
def sites(run: Run, patients: pd.DataFrame, tmp_path: Path) -> Callable[..., tuple[Path, ...]]:
    """Audit five twelfths of the patients, several times over, as north, the others as south, and all of them as whole."""

    def audit(*options: str, times: int = 1) -> tuple[Path, ...]:
        several = patients if times == 1 else patients.sample(times * len(patients), replace=True, random_state=5)
        several = several.assign(patient_id=range(len(several)))
        parts = {"north": several[: 250 * times], "south": several[250 * times :], "whole": several}
        for name, part in parts.items():
            part.to_csv(tmp_path / f"{name}.csv", index=False)
            done = run("audit", f"{name}.csv", "--calculators", IDS, "--by", "race,sex", "--formats", "json", "--out", name, *options)
            assert done.exit_code == 0, done.output
        return tuple(tmp_path / name / "audit.json" for name in parts)

    return audit


def keyed(result: AuditResult, table: str) -> dict[tuple[str, ...], Row]:
    rows = (row for row in result.rows(table) if getattr(row, "metric", "") not in NOT_SUMS)
    return {tuple(getattr(row, key) for key in KEYS[table]): row for row in rows}


def differences(one: Row, other: Row) -> list[str]:
    def same(x: object, y: object) -> bool:
        return x == pytest.approx(y, abs=1e-9) if isinstance(x, float) and isinstance(y, float) else x == y

    return [name for name in one.__struct_fields__ if not same(getattr(one, name), getattr(other, name))]


def test_the_sum_of_halves_is_the_audit_of_the_whole(run: Run, sites: Callable[..., tuple[Path, ...]]) -> None:
    north, south, all_patients = sites("--internal", "--outcome", "died", times=6)
    done = run("merge", north, south, "-o", "both.json")
    assert done.exit_code == 0, done.output
    pooled, whole = load("both.json"), load(all_patients)
    assert pooled.cohort.groups == whole.cohort.groups
    assert pooled.cohort.n == whole.cohort.n == 3600
    resampled = other_way = 0
    for table in KEYS:
        found, expected = keyed(pooled, table), keyed(whole, table)
        assert found.keys() == expected.keys(), table
        for key, row in expected.items():
            wrong = differences(row, found[key])
            if getattr(row, "method", "") == "percentile cell bootstrap":
                resampled += 1
                assert set(wrong) <= BOUNDS, (table, key, wrong)
                width = row.upper - row.lower  # type: ignore[attr-defined]
                assert abs(row.lower - found[key].lower) < 0.15 * width  # type: ignore[attr-defined]
                assert abs(row.upper - found[key].upper) < 0.15 * width  # type: ignore[attr-defined]
            elif table == "disparities" and key[-1] != "selection_rate":
                assert set(wrong) <= BOUNDS | {"status"}, (table, key, wrong)
                other_way += bool(wrong)
            else:
                assert wrong == [], (table, key)
    assert resampled > 0
    assert other_way < 0.1 * len(keyed(whole, "disparities"))


def test_groups_are_compared_within_sites_as_statsmodels_does(run: Run, sites: Callable[..., tuple[Path, ...]]) -> None:
    *halves, _ = sites("--internal")
    run("merge", *halves, "-o", "both.json")
    parts = [keyed(load(path), "changes") for path in halves]
    compared = 0
    for row in load("both.json")["ckd_epi_cr_2009"].stratified:
        if row.arm != "without_race" or row.by != "race" or row.p is None:
            continue
        tables = []
        for part in parts:
            counts = []
            for group in (row.group, row.reference):
                own = part[row.calculator, row.decision, row.arm, row.by, group]
                counts.append([own.yes_arm, own.n - own.yes_arm])  # type: ignore[attr-defined]
            tables.append(counts)
        referee = StratifiedTable(tables)
        if row.odds_ratio is not None:
            compared += 1
            assert row.odds_ratio == pytest.approx(referee.oddsratio_pooled)
            assert row.p == pytest.approx(referee.test_null_odds().pvalue)
    assert compared >= 3


def test_a_pooled_result_is_reported_compared_and_exported(run: Run, sites: Callable[..., tuple[Path, ...]]) -> None:
    north, south, whole = sites()
    assert run("merge", north, south).stdout.startswith("north: ")
    done = run("merge", north, south, "--names", "Nordklinik,Suedklinik", "-o", "both.json")
    assert done.stdout.strip() == "both.json"
    assert run("merge", north, south, "--names", "Nordklinik,Suedklinik", "-o", "again.json").exit_code == 0
    assert Path("both.json").read_bytes() == Path("again.json").read_bytes()
    for path in ("both.html", "both.md"):
        for audience in ("committee", "informatics", "vendor"):
            assert run("report", "both.json", "--audience", audience, "-o", path).exit_code == 0
    run("report", "both.json", "-o", "both.md")
    text = Path("both.md").read_text()
    assert "## Sites" in text
    assert "Nordklinik" in text
    assert run("compare", whole, "both.json").exit_code == 0
    assert run("plan", "new", "both.json", "-o", "plan.toml").exit_code == 0
    assert run("plan", "check", "plan.toml", "both.json").exit_code == 0
    assert run("export", "both.json", "--format", "hti1", "-o", "both.csv").exit_code == 0


def test_what_cannot_be_merged_is_said_without_a_file(run: Run, sites: Callable[..., tuple[Path, ...]]) -> None:
    north, _, whole = sites()
    for arguments, said in (
        ((north, north, "--names", "a,b"), "the same result"),
        ((north,), "at least two"),
        ((north, whole, "--names", "a"), "2 results need 2 names"),
        ((north, whole, "--calculators", "meld_2002"), "'meld_2002' is not in the result of north"),
        ((north, whole, "-o", "both.csv"), ".json file"),
    ):
        done = run("merge", *arguments)
        assert done.exit_code == 2
        assert said in done.output
    document = msgspec.json.decode(north.read_bytes())
    north.write_bytes(msgspec.json.encode({**document, "not_audited": []} | {"cohort": {**document["cohort"], "n": 251}}))
    done = run("merge", north, whole)
    assert done.exit_code == 11
    assert "was changed after it was written" in done.output
