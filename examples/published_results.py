"""Published effects of removing race from calculators, computed again from extracts of NHANES and set beside the published figures.

usage: python examples/published_results.py FOLDER [PAGE]

FOLDER holds nhanes_<cycle>.parquet with the columns that examples/nhanes_extract.toml names; PAGE is the Markdown file to
write (docs/published_results.md by default). The extracts themselves are not part of this project.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from auditor.patients.sources.mapping import ColumnMap, read_mapping
from auditor.pipeline import audit
from auditor.result import AuditResult
from auditor.rows import Change, Shift

ROOT = Path(__file__).resolve().parent.parent
MAPPING = ROOT / "examples" / "nhanes_extract.toml"
BLACK = "Black or African American"
TEN_CYCLES = tuple(f"{year}_{year + 1}" for year in range(1999, 2018, 2))
SPIROMETRY = ("2007_2008", "2009_2010", "2011_2012")
FREE_OF_DISEASE = " AND ".join(
    f"NOT coalesce({name}, false)"
    for name in ("coronary_disease_history", "angina_history", "myocardial_infarction_history", "stroke_history")
)
Table = list[tuple[str, str, str]]


def on(folder: Path, cycles: Sequence[str], calculators: Sequence[str], where: str, statin: bool = True) -> AuditResult:
    """The audit of some cycles' participants who meet a condition; without `statin`, statin use is taken as no for everyone."""
    mapping = replace(read_mapping(MAPPING), where=where)
    if not statin:
        mapping = replace(mapping, columns={**mapping.columns, "statin": ColumnMap(column="always 0", value="0.0")})
    files = [str(folder / f"nhanes_{cycle}.parquet") for cycle in cycles]
    return audit(files, tuple(calculators), mapping=mapping, internal=True)


def bragg_gresham(folder: Path) -> AuditResult:
    """CKD-EPI 2009 in adults of 20 years or more with creatinine and urine albumin, 1999-2018."""
    return on(
        folder, TEN_CYCLES, ["ckd_epi_cr_2009"], "age_years >= 20 AND serum_creatinine_mg_dl IS NOT NULL AND urine_acr_mg_g IS NOT NULL"
    )


def anderson(folder: Path) -> AuditResult:
    """The Pooled Cohort Equations and PREVENT at 40 to 75 years without cardiovascular disease, 2017-2018."""
    return on(folder, ["2017_2018"], ["pce_2013"], f"age_years BETWEEN 40 AND 75 AND {FREE_OF_DISEASE}", statin=False)


def diao(folder: Path) -> AuditResult:
    """ERS/ATS patterns by GLI-2012 and by GLI Global in acceptable spirometry at 6 to 79 years, 2007-2012."""
    return on(
        folder,
        SPIROMETRY,
        ["ats_ers_2022_pattern_from_gli_2012_fev1_and_gli_2012_fvc_and_gli_2012_fev1fvc"],
        "age_years BETWEEN 6 AND 79 AND spirometry_meets_quality",
    )


def change(result: AuditResult, decision: str, arm: str, group: str = "all") -> Change:
    """The row of one decision in one group."""
    (calculator,) = result.calculators
    return next(c for c in calculator.changes if (c.decision, c.arm, c.group) == (decision, arm, group))


def shift(result: AuditResult, arm: str, group: str = "all") -> Shift:
    """The row of mean scores in one group."""
    (calculator,) = result.calculators
    return next(s for s in calculator.shifts if (s.arm, s.group) == (arm, group))


def rate(result: AuditResult, decision: str, arm: str, group: str) -> str:
    """A group's share of yes with its interval, in percent."""
    (calculator,) = result.calculators
    row = next(m for m in calculator.metrics if (m.decision, m.arm, m.group, m.metric) == (decision, arm, group, "selection_rate"))
    assert row.value is not None and row.lower is not None and row.upper is not None  # noqa: PT018
    return f"{row.value:.1%} ({100 * row.lower:.1f} to {100 * row.upper:.1f})"


def millions(persons: float) -> str:
    """Persons in millions."""
    return f"{persons / 1e6:.1f} million"


def of(value: float | None) -> float:
    """A number that an unsuppressed result holds."""
    assert value is not None
    return value


def bragg_gresham_table(folder: Path) -> Table:
    """Published and recomputed figures of Bragg-Gresham 2021."""
    result = bragg_gresham(folder)
    care, referral = (change(result, decision, "without_race", BLACK) for decision in ("ckd_g3a", "nephrology_referral"))
    mean = shift(result, "without_race", BLACK)
    interval = f"{100 * of(care.change):.2f} points ({100 * of(care.lower):.2f} to {100 * of(care.upper):.2f}), {care.method}"
    return [
        ("participants", "9,682", f"{care.n:,}"),
        ("mean eGFR with the race term (mL/min/1.73 m2)", "102.8", f"{of(mean.mean_with):.1f}"),
        ("mean eGFR without it", "88.1 (see below)", f"{of(mean.mean_arm):.1f}"),
        ("eGFR below 60 with the race term", "5.8%", rate(result, "ckd_g3a", "with_race", BLACK)),
        ("eGFR below 60 without it", "10.4%", rate(result, "ckd_g3a", "without_race", BLACK)),
        ("change", "", interval),
        ("persons newly below 60", "981,038", f"{of(care.weighted_gained):,.0f} ({care.gained} participants)"),
        ("persons newly below 30", "67,957", f"{of(referral.weighted_gained):,.0f} ({referral.gained} participants)"),
    ]


def anderson_table(folder: Path) -> Table:
    """Published and recomputed figures of Anderson 2024."""
    result = anderson(folder)
    arm = "successor:prevent_2023_base"
    everyone, black = shift(result, arm), shift(result, arm, BLACK)
    risk = change(result, "statin_discussion", arm)
    with_diabetes, without_diabetes = (
        change(
            on(folder, ["2017_2018"], ["pce_2013"], f"age_years BETWEEN 40 AND 75 AND {FREE_OF_DISEASE} AND {condition}", statin=False),
            "statin_discussion",
            arm,
        )
        for condition in ("diabetes_self_report", "NOT diabetes_self_report")
    )
    diabetes = of(with_diabetes.weighted_n)
    before, after = (millions(diabetes + of(x)) for x in (without_diabetes.weighted_yes_with, without_diabetes.weighted_yes_arm))
    lost = millions(of(without_diabetes.weighted_lost))
    return [
        ("participants", "3,785 (2017 to March 2020)", f"{everyone.n:,} (2017-2018)"),
        ("mean 10-year risk, Pooled Cohort Equations", "8.0% (7.6 to 8.4)", f"{of(everyone.mean_with):.1%}"),
        ("mean 10-year risk, PREVENT", "4.3% (4.1 to 4.5)", f"{of(everyone.mean_arm):.1%}"),
        ("the same in Black adults, Pooled Cohort Equations", "10.9% (10.1 to 11.7)", f"{of(black.mean_with):.1%}"),
        ("the same in Black adults, PREVENT", "5.1% (4.7 to 5.4)", f"{of(black.mean_arm):.1%}"),
        ("risk of 7.5% or more", "not given", f"{millions(of(risk.weighted_yes_with))} to {millions(of(risk.weighted_yes_arm))}"),
        ("eligible for a statin (here: diabetes, or risk of 7.5% or more)", "45.4 million to 28.3 million", f"{before} to {after}"),
        ("lose eligibility", "17.3 million", lost),
    ]


def diao_table(folder: Path) -> Table:
    """Published and recomputed figures of Diao 2024."""
    result = diao(folder)
    (calculator,) = result.calculators
    arm = next(a.id for a in calculator.arms if a.id.startswith("successor:"))
    moves = [t for t in calculator.transitions if t.arm == arm]

    def persons(group: str, category: str, side: str) -> float:
        return sum(of(t.weighted_n) for t in moves if t.group == group and getattr(t, side) == category)

    everyone = [t for t in moves if t.by == "overall"]
    total = sum(of(t.weighted_n) for t in everyone)
    moved = sum(of(t.weighted_n) for t in everyone if t.from_ != t.to)

    def restricted(group: str) -> str:
        before, after = (persons(group, "possible_restriction", side) for side in ("from_", "to"))
        return f"{(after / before - 1) * 100:+.0f}%"

    return [
        ("participants", "", f"{sum(t.n or 0 for t in everyone):,}"),
        ("persons they stand for", "249 million", millions(total)),
        ("another pattern by GLI Global", "12.5 million (5.0%)", f"{millions(moved)} ({moved / total:.1%})"),
        ("non-obstructive impairment in Black persons", "+141%", restricted(BLACK)),
        ("non-obstructive impairment in White persons", "-69%", restricted("White")),
    ]


SECTIONS = (
    (
        "CKD-EPI 2009 with and without the race term",
        "Bragg-Gresham, Saran, et al. JAMA Netw Open 2021. Non-Hispanic Black adults of 20 years or more, NHANES 1999-2018.",
        bragg_gresham_table,
        "The counts of persons agree to the person. The extract has one participant more than the article. The article's mean without "
        "the term, 88.1, contradicts the factor: 102.8 / 1.159 = 88.7. Intervals follow the survey's strata and sampling units.",
    ),
    (
        "Pooled Cohort Equations replaced by PREVENT",
        "Anderson, et al. JAMA Intern Med 2024. Adults of 40 to 75 years without cardiovascular disease.",
        anderson_table,
        "The period differs: the article reads 2017 to March 2020, the extract 2017-2018, so fewer participants and other weights. The "
        "extract does not hold statin use for these years; it is taken as no for everyone, which moves PREVENT only. Here eligibility is "
        "diabetes or a risk of 7.5% or more, with the same cut for both equations; people eligible by LDL cholesterol alone are not among them. The mean risks lie within the article's intervals.",
    ),
    (
        "GLI-2012 replaced by GLI Global",
        "Diao JA, He Y, Khazanchi R, et al. N Engl J Med 2024;390:2083-2097. Acceptable spirometry at 6 to 79 years.",
        diao_table,
        "The article stands for 249 million persons; here only the survey's participants with acceptable spirometry in 2007-2012 "
        "are weighted, without an adjustment for those without, so persons are fewer. Patterns follow ERS/ATS 2022 with z-scores below -1.645. "
        "Hispanic participants read the row White, as GLI-2012 counts them; Asian participants could not be told from others before 2011 and are "
        "scored with the row Other there.",
    ),
)


def page(folder: Path) -> str:
    """The page as Markdown."""
    lines = [
        "# Published results, computed again",
        "",
        "What removing race changed in three articles, beside what this project finds in extracts of the same survey (NHANES, National Center for",
        "Health Statistics). The page is written by `python examples/published_results.py FOLDER`, where FOLDER holds the extracts; they are public",
        "but not part of this project. Percentages in parentheses are 95% intervals: the articles' own on the left, design-based ones on the right.",
    ]
    for title, source, table, note in SECTIONS:
        lines += ["", f"## {title}", "", source, "", "| quantity | published | here |", "|---|---|---|"]
        lines += [f"| {quantity} | {published} | {here} |" for quantity, published, here in table(folder)]
        lines += ["", note]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the page."""
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    target = Path(sys.argv[2]) if len(sys.argv) == 3 else ROOT / "docs" / "published_results.md"
    target.write_text(page(Path(sys.argv[1])), encoding="utf-8")


if __name__ == "__main__":
    main()
