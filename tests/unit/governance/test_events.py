"""Events of harm: counts against a recount of the rows, and nothing small in what may leave."""

from __future__ import annotations

from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.errors import CohortError, MissingColumn, OptionError
from auditor.patients.events import read_events
from auditor.pipeline import audit
from auditor.result_file import load
from auditor.rows import EventChange
from calculators.registry import registry

BLACK, WHITE, ASIAN = "Black or African American", "White", "Asian"
K = 11


def cohort(n: int = 3000, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "patient_id": [f"p{i}" for i in range(n)],
            "age": rng.integers(20, 90, n),
            "sex": rng.choice(["female", "male"], n),
            "creatinine": np.round(rng.lognormal(0.3, 0.5, n), 2),
            "race": rng.choice([BLACK, WHITE, ASIAN], n, p=[0.3, 0.6, 0.1]),
        }
    )


def events_of(frame: pd.DataFrame, share: float, seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    missed = frame["patient_id"][rng.random(len(frame)) < share]
    wrong = frame["patient_id"][rng.random(len(frame)) < share / 2]
    return pd.concat(
        [
            pd.DataFrame({"patient_id": missed, "event": "missed referral"}),
            pd.DataFrame({"patient_id": missed[::2], "event": " missed referral "}),
            pd.DataFrame({"patient_id": wrong, "event": "wrong dose"}),
            pd.DataFrame({"patient_id": ["p1", "p2", "elsewhere"], "event": "fell on 3 May"}),
        ]
    )


def write(frame: pd.DataFrame, path: Path) -> Path:
    frame.to_csv(path, index=False)
    return path


def rows(result: Any, **place: str) -> list[EventChange]:
    return [r for r in result.rows("event_changes") if all(getattr(r, k) == v for k, v in place.items())]


def test_counts_equal_a_recount(tmp_path: Path) -> None:
    frame = cohort()
    events = events_of(frame, 0.2)
    result = audit(frame, ["ckd_epi_cr_2009"], events=write(events, tmp_path / "events.csv"), internal=True)
    calculator = registry()["ckd_epi_cr_2009"]
    columns = {
        "creatinine": frame["creatinine"].to_numpy(),
        "age": frame["age"].to_numpy(dtype=float),
        "sex": frame["sex"].to_numpy(),
        "race_group": np.where(frame["race"] == BLACK, "Black", "not Black"),
    }
    with_race, without = calculator.with_race(columns)["egfr"], calculator.without_race(columns)["egfr"]
    for kind, group in product(("missed referral", "wrong dose"), (BLACK, WHITE, ASIAN)):
        had = frame["patient_id"].isin(events["patient_id"][events["event"].str.strip() == kind]) & (frame["race"] == group)
        a, b = with_race[had] < 60, without[had] < 60
        (row,) = rows(result, decision="ckd_g3a", by="race", group=group, event=kind)
        assert (row.n, row.yes_with, row.yes_arm) == (had.sum(), a.sum(), b.sum())
        assert (row.gained, row.lost) == ((~a & b).sum(), (a & ~b).sum())
    (black,) = rows(result, decision="ckd_g3a", by="race", group=BLACK, event="missed referral")
    assert black.gained
    assert {r.event for r in rows(result)} == {"missed referral", "wrong dose", "fell on 3 May"}


def test_the_other_tables_do_not_change(tmp_path: Path) -> None:
    frame = cohort()
    path = write(events_of(frame, 0.2), tmp_path / "events.csv")
    plain, with_events = audit(frame, ["ckd_epi_cr_2009"]), audit(frame, ["ckd_epi_cr_2009"], events=path)
    for table in ("changes", "metrics", "disparities", "transitions", "coverage"):
        assert plain.rows(table) == with_events.rows(table)
    assert not plain.rows("event_changes")


def test_kinds_of_few_patients_are_left_out_with_their_names(tmp_path: Path) -> None:
    frame = cohort()
    result = audit(frame, ["ckd_epi_cr_2009"], events=write(events_of(frame, 0.2), tmp_path / "events.csv"))
    assert {r.event for r in rows(result)} == {"missed referral", "wrong dose"}
    assert "fell on" not in result.to_json().decode()
    assert "1 kinds of events had fewer than 11 patients" in " ".join(result.cohort.notes)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("share", [0.02, 0.06, 0.3])
def test_nothing_small_is_shown_or_found_by_subtraction(tmp_path: Path, seed: int, share: float) -> None:
    frame = cohort(1500, seed)
    path = write(events_of(frame, share, seed), tmp_path / "events.csv")
    result = audit(frame, ["ckd_epi_cr_2009", "mdrd4_175_2006"], by=("race", "sex"), events=path)
    truth = {
        _place(r): r
        for r in audit(frame, ["ckd_epi_cr_2009", "mdrd4_175_2006"], by=("race", "sex"), events=path, internal=True).rows("event_changes")
    }
    changes = {_place(c)[:-1]: c for c in result.rows("changes") if c.arm == "without_race"}
    shown = {_place(r): r for r in rows(result) if r.n is not None}
    for place, row in shown.items():
        known = [_implied(row)]
        change = changes[place[:-1]]
        assert change.n is not None, "an event row must not show what its decision hides"
        known.append(np.array(_implied(change)) - np.array(_implied(row)))
        assert not [x for counts in known for x in counts if 0 < x < K], place
    for one, other in combinations(shown.values(), 2):
        if (one.calculator, one.by, one.group, one.event) == (other.calculator, other.by, other.group, other.event):
            between = [one.yes_with - other.yes_with, one.yes_arm - other.yes_arm, one.n - other.n]
            between += [one.yes_with + other.yes_with - one.n, one.yes_arm + other.yes_arm - one.n]
            assert not [x for x in between if 0 < abs(x) < K], (one, other)
    for calculator, decision, kind in {(p[0], p[1], p[-1]) for p in truth}:
        for total, members in _lines({p[2:4] for p in truth if (p[0], p[1], p[-1]) == (calculator, decision, kind)}):
            hidden = [m for m in members if (calculator, decision, *m, kind) not in shown]
            if (calculator, decision, *total, kind) in shown and hidden:
                sums = np.sum([_implied(truth[calculator, decision, *m, kind]) for m in hidden], axis=0)
                assert not [x for x in sums if 0 < x < K], (total, hidden)
                occupied = [m for m in hidden if truth[calculator, decision, *m, kind].n]
                assert len(occupied) != 1, (total, hidden)


def _place(row: Any) -> tuple[str, ...]:
    return (row.calculator, row.decision, row.by, row.group, getattr(row, "event", ""))


def _implied(row: Any) -> list[int]:
    return [row.n, row.yes_with, row.n - row.yes_with, row.yes_arm, row.n - row.yes_arm, row.gained, row.lost, row.yes_with - row.lost]


def _lines(groups: set[tuple[str, str]]) -> list[tuple[tuple[str, str], list[tuple[str, str]]]]:
    """Everyone as the sum of races, of sexes and of both; each race as the sum of its sexes, each sex of its races."""
    found = [(("overall", "all"), [g for g in groups if g[0] == by]) for by in ("race", "sex", "race,sex")]
    for by, label in groups:
        if by in ("race", "sex"):
            found.append(((by, label), [g for g in groups if g[0] == "race,sex" and label in g[1].split(", ")]))
    return found


@pytest.mark.parametrize(
    ("frame", "error", "said"),
    [
        (pd.DataFrame({"patient_id": ["p1"]}), MissingColumn, "no column 'event'"),
        (pd.DataFrame({"event": ["fall"]}), MissingColumn, "no column 'patient_id'"),
        (pd.DataFrame({"patient_id": ["p1"], "event": [""]}), CohortError, "holds no event"),
        (pd.DataFrame({"patient_id": range(21), "event": [f"text {i}" for i in range(21)]}), OptionError, "more than 20"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, frame: pd.DataFrame, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        read_events(write(frame, tmp_path / "events.csv"))


def test_events_need_an_identifier_and_someone_in_common(tmp_path: Path) -> None:
    frame = cohort(200)
    path = write(events_of(frame, 0.3), tmp_path / "events.csv")
    with pytest.raises(MissingColumn, match="to join events by"):
        audit(frame.drop(columns="patient_id"), ["ckd_epi_cr_2009"], events=path)
    with pytest.raises(CohortError, match="none of its patients") as raised:
        audit(frame.assign(patient_id=[f"x{i}" for i in range(200)]), ["ckd_epi_cr_2009"], events=path)
    assert "p1" not in str(raised.value)


def test_command(tmp_path: Path) -> None:
    frame = cohort(800)
    arguments = ["audit", str(write(frame, tmp_path / "cohort.csv")), "--calculators", "ckd_epi_cr_2009", "--out", str(tmp_path / "out")]
    arguments += ["--formats", "json", "--events", str(write(events_of(frame, 0.4), tmp_path / "events.csv"))]
    run = CliRunner().invoke(main, arguments)
    assert run.exit_code == 0, run.output
    assert load(tmp_path / "out" / "audit.json").rows("event_changes")
    assert "missed referral" in (tmp_path / "out" / "event_changes.csv").read_text()


def test_section_asks_of_each_kind_whether_there_was_an_inequity(tmp_path: Path) -> None:
    from reports.blocks import Heading, Table
    from reports.sections import events as section

    frame = cohort(800)
    result = audit(frame, ["ckd_epi_cr_2009"], events=write(events_of(frame, 0.4), tmp_path / "events.csv"))
    blocks = list(section.build(result))
    assert [b.text for b in blocks if isinstance(b, Heading)] == ["Event: missed referral", "Event: wrong dose"]
    asked = [b for b in blocks if isinstance(b, Table) and b.columns == ("Question", "Answer")]
    assert len(asked) == 2
    assert all(t.rows[0] == ("Was there an associated inequity?", "________") for t in asked)
    told = next(b for b in blocks if isinstance(b, Table) and b.columns[0] == "Group")
    assert BLACK in {row[0] for row in told.rows}
    assert list(section.build(audit(frame, ["ckd_epi_cr_2009"]))) == []


def test_a_survey_design_and_weights_leave_the_counts_as_they_are(tmp_path: Path) -> None:
    frame = cohort(1200)
    path = write(events_of(frame, 0.3), tmp_path / "events.csv")
    sampled = frame.assign(unit=[f"u{i % 12}" for i in range(1200)], weight=[1 + i % 5 for i in range(1200)])
    plain = audit(frame, ["ckd_epi_cr_2009"], events=path, internal=True)
    designed = audit(sampled, ["ckd_epi_cr_2009"], events=path, internal=True, psu="unit", weights="weight")
    assert rows(designed) == rows(plain)
