"""Reports of small and of unaffected cohorts: no small count stands in them, nothing is overstated, and no effect is said plainly."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from auditor import audit
from auditor.result import AuditResult
from reports.blocks import Block, Items, Paragraph, Table
from reports.compose import compose

COUNTED = ("Patients", "Scored", "Missing", "No to yes", "Yes to no", "Race", "Weighted persons")


def cohort(n: int, shares: dict[str, float]) -> pd.DataFrame:
    """Invented adults whose creatinine lies around the thresholds."""
    rng = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "age": rng.integers(20, 86, n),
            "sex": rng.choice(["female", "male"], n),
            "creatinine": np.round(rng.lognormal(0.15, 0.35, n), 2),
            "race": rng.choice(list(shares), n, p=list(shares.values())),
        }
    )


def blocks(result: AuditResult, audience: str) -> list[Block]:
    return [block for _, found in compose(result, audience).sections for block in found]


def prose(found: list[Block]) -> str:
    return " ".join(text for b in found for text in ([b.text] if isinstance(b, Paragraph) else b.items if isinstance(b, Items) else []))


def counts(found: list[Block]) -> list[int]:
    """Every count of patients in a report: cells of counting columns, and numerators and denominators in words."""
    texts = [cell for b in found if isinstance(b, Table) for row in b.rows for cell in row] + [prose(found)]
    numbers = [int(n.replace(",", "")) for text in texts for pair in re.findall(r"\(([\d,]+) of ([\d,]+)\)", text) for n in pair]
    for b in found:
        if isinstance(b, Table):
            columns = [i for i, name in enumerate(b.columns) if name.startswith(COUNTED) or b.columns[0] == "With race"]
            for row in b.rows:
                numbers += [int(m.group().replace(",", "")) for i in columns if (m := re.match(r"[\d,]+", row[i])) and i > 0]
    return numbers


@pytest.fixture(scope="module")
def small() -> AuditResult:
    return audit(cohort(200, {"White": 0.66, "Black or African American": 0.28, "Asian": 0.06}), ["ckd_epi_cr_2009"])


@pytest.mark.parametrize("audience", ["committee", "informatics", "vendor"])
def test_no_small_count_stands_in_the_report_of_200_patients(small: AuditResult, audience: str) -> None:
    found = counts(blocks(small, audience))
    assert len(found) > 5 or audience == "committee"
    assert [n for n in found if 0 < n < 11] == []


def test_the_report_of_200_patients_still_says_what_it_knows_and_what_it_does_not(small: AuditResult) -> None:
    text = prose(blocks(small, "committee"))
    assert "on patients whose number is suppressed, of" in text
    assert "No change may be shown: the groups are too small, and there may be changes." in text
    assert re.search(r"Of \d+ comparisons, .* suppressed because few patients stand behind them", text)
    assert "No decision of any patient" not in text
    assert "No decision changes for patients recorded as White." in text
    assert "multiplies the result by 1.159" in text


def test_where_the_term_reaches_nobody_the_report_says_so() -> None:
    result = audit(cohort(400, {"White": 1.0}), ["ckd_epi_cr_2009"])
    found = blocks(result, "committee")
    assert "No decision of any patient changes in any group." in prose(found)
    options = next(b for b in found if isinstance(b, Table) and b.columns[0] == "Option")
    assert dict((row[0], row[1]) for row in options.rows)["Remove the race term"] == "no decision of any patient changes"


def test_groups_that_the_term_does_not_reach_are_known_to_stay_whatever_is_suppressed() -> None:
    result = audit(cohort(3000, {"White": 0.9, "Asian": 0.1}), ["ckd_epi_cr_2009"])
    assert any(c.status == "suppressed" for c in result.rows("changes") if c.arm == "without_race" and c.by == "race")  # type: ignore[attr-defined]
    found = blocks(result, "committee")
    assert "No decision of any patient changes in any group." in prose(found)
    assert "the term was applied to none of them" in prose(found)
    options = next(b for b in found if isinstance(b, Table) and b.columns[0] == "Option")
    told = dict((row[0], row[1]) for row in options.rows)
    assert told["Remove the race term"] == "no decision of any patient changes"
    assert told["Keep the race term"] == "no decision here depends on recorded race"
