"""Audit NHANES extracts and the embedded cohort in the same way, and write both into docs/synthetic_cohort.md.

    python examples/compare_synthetic_cohort.py FOLDER_WITH_EXTRACTS

Adults who are not pregnant, 1999-2018, with the examination weights. The table in the document is replaced.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from auditor.pipeline import audit
from auditor.result import AuditResult
from auditor.rows import Change

HERE = Path(__file__).parent
DOCUMENT = HERE.parent / "docs" / "synthetic_cohort.md"
BEGIN, END = "<!-- comparison: begin -->\n", "<!-- comparison: end -->\n"
ADULTS = 'where = "age_years >= 18 and not coalesce(pregnant_at_exam, false)"\n'
GROUPS = ("Asian", "Black or African American", "Hispanic or Latino", "White")
DECISIONS = {
    ("ckd_epi_cr_2009", "ckd_g3a"): "eGFR < 60 (CKD-EPI 2009)",
    ("ckd_epi_cr_2009", "metformin_start"): "eGFR < 45",
    ("ckd_epi_cr_2009", "nephrology_referral"): "eGFR < 30",
    ("pce_2013", "statin_discussion"): "10-year risk >= 7.5% (PCE 2013)",
    ("pce_2013", "high"): "10-year risk >= 20%",
    ("gli_2012_fev1", "below_lln"): "FEV1 below the lower limit (GLI-2012)",
    ("gli_2012_fev1", "gold_2"): "FEV1 below 80% of predicted",
    ("gli_2012_fvc", "below_lln"): "FVC below the lower limit",
    ("gli_2012_fev1fvc", "below_lln"): "FEV1/FVC below the lower limit",
}


def survey(folder: Path, calculators: list[str]) -> AuditResult:
    """The audit of the extracts of 1999-2018, adults only."""
    text = (HERE / "nhanes_extract.toml").read_text(encoding="utf-8").replace("[columns]", f"{ADULTS}\n[columns]", 1)
    files = [str(folder / f"nhanes_{year}_{year + 1}.parquet") for year in range(1999, 2019, 2)]
    with tempfile.TemporaryDirectory() as temporary:
        mapping = Path(temporary) / "adults.toml"
        mapping.write_text(text, encoding="utf-8")
        return audit(files, calculators, mapping=str(mapping), internal=True, replicates=1)


def changes(result: AuditResult) -> dict[tuple[str, str, str, str], Change]:
    """Rows by calculator, decision, group and kind of arm (without_race or successor)."""
    rows = [row for row in result.rows("changes") if isinstance(row, Change) and row.by == "race"]
    return {(row.calculator, row.decision, row.group, row.arm.partition(":")[0]): row for row in rows}


def lines(real: AuditResult, synthetic: AuditResult) -> Iterator[str]:
    """The comparison as a Markdown table, and how far the two lie apart."""
    ours, theirs = changes(synthetic), changes(real)
    yield "| decision | recorded race | with race | without | successor | patients scored |"
    yield "|---|---|---|---|---|---|"
    apart = []
    for (calculator, decision), title in DECISIONS.items():
        for group in GROUPS:
            pairs = []
            for arm, field in (("without_race", "rate_with"), ("without_race", "rate_arm"), ("successor", "rate_arm")):
                survey_rate, rate = (getattr(rows[calculator, decision, group, arm], field) for rows in (theirs, ours))
                apart.append(abs(rate - survey_rate))
                pairs.append(f"{100 * survey_rate:.1f} / {100 * rate:.1f}")
            sizes = (rows[calculator, decision, group, "without_race"].n for rows in (theirs, ours))
            yield f"| {title} | {group} | {' | '.join(pairs)} | {' / '.join(f'{n:,}' for n in sizes)} |"
    apart.sort()
    yield ""
    yield (
        f"NHANES / embedded cohort, weighted per cent. The {len(apart)} pairs differ by {100 * apart[len(apart) // 2]:.2f} percentage points "
        f"in the middle, by {100 * apart[int(0.9 * len(apart))]:.2f} in nine of ten, by {100 * apart[-1]:.2f} at most."
    )


def main(folder: Path) -> None:
    """Replace the table between the two marks of the document."""
    calculators = list(dict.fromkeys(calculator for calculator, _ in DECISIONS))
    table = "\n".join(lines(survey(folder, calculators), audit(None, calculators, internal=True, replicates=1)))
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{table}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
