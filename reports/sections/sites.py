"""Several sites as one: who sent a result, what each site shows, and the groups compared within the sites."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.result import AuditResult
from auditor.rows import Change, SiteChange, Stratified
from reports.blocks import Block, Paragraph, Table
from reports.findings import primary
from reports.wording import arm_name, count, group_name, percent, point_interval, points, status_word

RULE = (
    "A number is the sum of all sites and is shown only where every site shows it; what one site hides as a small number is hidden in the sum too. "
    "A patient who is in the cohorts of several sites counts at each of them."
)
WITHIN = (
    "A difference between groups in the sum can come from sites that serve other groups and decide differently. Here the groups are compared within "
    "each site and the comparisons combined (Mantel-Haenszel). A common difference says little where the sites differ among themselves."
)
FALSE_ALARMS = 0.05


@dataclass(frozen=True)
class Sites:
    """The section on sites; with `everything`, every site's changes and the comparisons within sites too."""

    everything: bool = True
    most: int = 40
    TITLE: str = "Sites"

    def build(self, result: AuditResult) -> Iterator[Block]:
        """Nothing for a result of one site."""
        if not result.sites:
            return
        yield Paragraph(RULE)
        yield Table(
            caption="The sites and the results that they sent",
            columns=("Site", "Cohort", "Patients", "Date", "Fingerprint of its result"),
            rows=tuple(
                (s.site, s.cohort, "suppressed" if s.n is None else count(s.n), s.date or "not stated", s.digest[:16]) for s in result.sites
            ),
            text_columns=(0, 1, 3, 4),
            fixed=True,
        )
        changes = [row for row in result.rows("changes") if isinstance(row, Change)]
        hidden = sum(row.status == "suppressed" for row in changes)
        yield Paragraph(f"Of {count(len(changes))} changes, {count(hidden)} are not pooled, because at least one site hides its part.")
        if self.everything:
            yield from _changes(result, changes, self.most)
            yield from _within(result, self.most)


def _changes(result: AuditResult, changes: list[Change], most: int) -> Iterator[Block]:
    by = primary(result)
    told = [c for c in changes if c.by == by and c.arm == "without_race" and c.status == "ok" and c.change]
    told = sorted(told, key=lambda c: -abs(c.change or 0))[:most]
    own: dict[tuple[str, str, str], list[SiteChange]] = {}
    for row in result.rows("site_changes"):
        if isinstance(row, SiteChange) and row.by == by and row.arm == "without_race":
            own.setdefault((row.calculator, row.decision, row.group), []).append(row)
    titles, actions = _words(result)
    rows = []
    for c in told:
        start = (titles[c.calculator], actions[c.calculator, c.decision], group_name(c.by, c.group))
        rows.append((*start, "all sites", *_change(c)))
        rows += [(*start, r.site, *_change(r)) for r in own.get((c.calculator, c.decision, c.group), [])]
    if rows:
        yield Table(
            caption=f"Change without the race term, of all sites and at each{f'; the {most} largest' if len(told) == most else ''}",
            columns=("Calculator", "Decision", "Group", "Site", "Patients", "Yes with race", "Change (points)", "95% interval"),
            rows=tuple(rows),
            text_columns=(0, 1, 2, 3),
            fixed=True,
        )


def _change(row: Change | SiteChange) -> tuple[str, ...]:
    interval = point_interval(row.lower, row.upper) or status_word(row.status)
    return count(row.n), percent(row.rate_with), points(row.change), interval


def _within(result: AuditResult, most: int) -> Iterator[Block]:
    rows = [r for r in result.rows("stratified") if isinstance(r, Stratified) and r.by == primary(result)]
    shown = [r for r in rows if r.status == "ok" and r.arm in ("with_race", "without_race")]
    shown = sorted(shown, key=lambda r: -abs(r.difference or 0))[:most]
    if not rows:
        return
    yield Paragraph(WITHIN)
    titles, actions = _words(result)
    if shown:
        yield Table(
            caption="Groups compared within the sites: share with a yes, the group minus the reference group, in percentage points; the largest first",
            columns=(
                "Calculator",
                "Decision",
                "Group",
                "Against",
                "Arm",
                "Sites",
                "Difference",
                "95% interval",
                "Odds ratio",
                "95% interval ",
                "p",
                "Do the sites differ?",
            ),
            rows=tuple(
                (
                    titles[r.calculator],
                    actions[r.calculator, r.decision],
                    r.group,
                    group_name(r.by, r.reference) if r.reference != "all" else "everyone else",
                    arm_name(r.arm, titles),
                    count(r.sites),
                    points(r.difference),
                    point_interval(r.lower, r.upper),
                    _two(r.odds_ratio),
                    "" if r.odds_lower is None else f"{_two(r.odds_lower)} to {_two(r.odds_upper)}",
                    _p(r.adjusted),
                    _differ(r),
                )
                for r in shown
            ),
            text_columns=(0, 1, 2, 3, 4, 11),
            note="p: Cochran-Mantel-Haenszel; whether sites differ: Breslow-Day with Tarone's correction. Both are adjusted by Benjamini-Hochberg "
            "among the comparisons of a calculator.",
            fixed=True,
        )
    hidden = sum(r.status == "suppressed" for r in rows)
    yield Paragraph(
        f"{count(hidden)} of {count(len(rows))} comparisons within sites are not made, because a site hides one of the two groups."
    )


def _words(result: AuditResult) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    cards = {c.card.id: c.card for c in result.calculators}
    return {id: card.title for id, card in cards.items()}, {(id, d.id): d.action for id, card in cards.items() for d in card.decisions}


def _two(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _p(value: float | None) -> str:
    return "–" if value is None else "under 0.001" if value < 0.001 else f"{value:.3f}"


def _differ(row: Stratified) -> str:
    if row.heterogeneity_adjusted is None:
        return "not estimable"
    found = "yes" if row.heterogeneity_adjusted <= FALSE_ALARMS else "not seen"
    return f"{found} (p {_p(row.heterogeneity_adjusted)})"
