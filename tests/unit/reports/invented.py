"""An invented audit result for tests of reports: every number here is made up."""

from __future__ import annotations

from auditor.result import Arm, AuditResult, BandsCard, CalculatorResult, Card, CohortSummary, DecisionCard, NotAudited, Options, Provenance
from auditor.rows import Change, Coverage, Disparity, GroupSize, InputQuality, Shift, Transition

BLACK, WHITE, ASIAN, NATIVE, UNKNOWN = (
    "Black or African American",
    "White",
    "Asian",
    "American Indian or Alaska Native",
    "Unknown",
)
SUCCESSOR = "successor:invented_2021"
REFERRAL = DecisionCard(
    id="referral",
    output="egfr",
    operator="<",
    cutoff=30,
    action="referral to nephrology",
    guideline="Invented 2024",
    confidence="VERIFIED",
    yes_means="opens_care",
)
METFORMIN = DecisionCard(
    id="metformin",
    output="egfr",
    operator="<",
    cutoff=30,
    action="do not give metformin",
    guideline="Invented 2016",
    confidence="SINGLE-SOURCE",
    yes_means="closes_care",
)
STAGE = DecisionCard(
    id="stage",
    output="egfr",
    operator="<",
    cutoff=60,
    action="kidney disease stage G3a or worse",
    guideline="Invented 2024",
    confidence="VERIFIED",
    yes_means="labels",
)


def card(id: str = "invented_2009", title: str = "Invented equation 2009") -> Card:
    return Card(
        id=id,
        title=title,
        specialty="nephrology",
        year=2009,
        role="race_based",
        confidence="SINGLE-SOURCE",
        confidence_note="One paper.",
        drives="staging",
        population="Adults.",
        equation="eGFR = 100 * x",
        inputs=("creatinine", "age", "sex"),
        outputs=("egfr",),
        constants="scale 100",
        race_kind="multiplier",
        race_reads="race",
        race_meaning="multiplies the result by 1.159 for patients recorded as Black or African American",
        race_rows=(("Black", "times 1.159"), ("not Black", "times 1")),
        race_removed="not Black",
        race_removed_source="literature",
        race_unlisted="not Black",
        neutral_rows=("not Black",),
        direction="Raises the result by 15.9%.",
        history="Replaced in 2021.",
        replaced_by="invented_2021",
        replaced_by_title="Invented equation 2021",
        decisions=(REFERRAL, METFORMIN, STAGE),
        bands=(BandsCard(id="stages", output="egfr", labels=("G3b or worse", "G3a", "G2", "G1")),),
        sources=("Invented A, et al. J Invent 2009;1:1",),
        fingerprint="f" * 64,
    )


def change(
    decision: str,
    group: str,
    n: int,
    yes_with: int,
    gained: int,
    lost: int,
    *,
    arm: str = "without_race",
    weight: float | None = None,
    **other: object,
) -> Change:
    """A change row with consistent counts; the interval is invented as ±0.01."""
    yes_arm, moved = yes_with + gained - lost, (gained - lost) / n
    weights = (
        {}
        if weight is None
        else {
            "weighted_n": n * weight,
            "weighted_yes_with": yes_with * weight,
            "weighted_yes_arm": yes_arm * weight,
            "weighted_gained": gained * weight,
            "weighted_lost": lost * weight,
        }
    )
    fields = (
        {
            "calculator": "invented_2009",
            "by": "race",
            "rate_with": yes_with / n,
            "rate_arm": yes_arm / n,
            "change": moved,
            "lower": moved - 0.01,
            "upper": moved + 0.01,
            "method": "Wilson",
        }
        | weights
        | other
    )
    return Change(decision=decision, arm=arm, group=group, n=n, yes_with=yes_with, yes_arm=yes_arm, gained=gained, lost=lost, **fields)  # type: ignore[arg-type]


def zero(decision: str, group: str, n: int, yes: int, weight: float | None = None) -> Change:
    return change(decision, group, n, yes, 0, 0, weight=weight, method="structural zero", lower=0.0, upper=0.0)


def hidden(decision: str, group: str, status: str, arm: str = "without_race") -> Change:
    return Change(calculator="invented_2009", decision=decision, arm=arm, by="race", group=group, status=status)  # type: ignore[arg-type]


def changes(weight: float | None = None) -> tuple[Change, ...]:
    rows = []
    for decision, yes in (("referral", 120), ("metformin", 120), ("stage", 500)):
        rows += [
            change(decision, BLACK, 2000, yes, 84 if decision != "stage" else 200, 0, weight=weight),
            zero(decision, WHITE, 5000, yes * 2, weight),
            change(decision, UNKNOWN, 40, 20, 13, 0, weight=weight, status="imprecise"),
            hidden(decision, ASIAN, "suppressed"),
            hidden(decision, NATIVE, "not_estimable"),
            change(decision, BLACK, 2000, yes, 30, 12, arm=SUCCESSOR, weight=weight),
            change(decision, WHITE, 5000, yes * 2, 0, 60, arm=SUCCESSOR, weight=weight),
        ]
    return tuple(rows)


def transitions(weight: float | None = None) -> tuple[Transition, ...]:
    def row(start: str, end: str, n: int | None, **other: object) -> Transition:
        return Transition(
            calculator="invented_2009",
            categories="stages",
            arm="without_race",
            by="race",
            group=BLACK,
            from_=start,
            to=end,
            n=n,
            weighted_n=None if weight is None or n is None else n * weight,
            **other,  # type: ignore[arg-type]
        )

    return (
        row("G1", "G1", 900),
        row("G1", "G2", 150),
        row("G2", "G2", 450),
        row("G2", "G3a", 200),
        row("G3a", "G3a", 180),
        row("G3a", "G3b or worse", None, status="suppressed"),
        row("G3b or worse", "G3b or worse", 120),
    )


def disparities() -> tuple[Disparity, ...]:
    def row(group: str, with_: float, other: float, status: str = "ok", arm: str = "without_race") -> Disparity:
        shown = status == "ok"
        introduced = with_ - other
        return Disparity(
            calculator="invented_2009",
            decision="referral",
            by="race",
            reference=WHITE,
            group=group,
            metric="selection_rate",
            arm=arm,
            with_=with_ if shown else None,
            other=other if shown else None,
            introduced=introduced if shown else None,
            lower=introduced - 0.01 if shown else None,
            upper=introduced + 0.01 if shown else None,
            joint_lower=introduced - 0.015 if shown else None,
            joint_upper=introduced + 0.015 if shown else None,
            family_size=6 if shown else None,
            status=status,  # type: ignore[arg-type]
        )

    return (
        row(BLACK, 0.012, 0.054),
        row(UNKNOWN, 0.02, 0.02),
        row(ASIAN, 0, 0, "suppressed"),
        row(NATIVE, 0, 0, "not_estimable"),
        row(BLACK, 0.012, 0.02, arm=SUCCESSOR),
    )


def result(
    *, synthetic: bool = False, internal: bool = False, weighted: bool = False, more: tuple[CalculatorResult, ...] = (), outcome: str = ""
) -> AuditResult:
    """One race-based calculator with every status; weights of 100 persons a patient where asked."""
    weight = 100.0 if weighted else None
    calculator = CalculatorResult(
        card=card(),
        arms=(
            Arm(id="with_race", meaning="as published"),
            Arm(id="without_race", meaning="everyone scored with the row 'not Black'"),
            Arm(id=SUCCESSOR, meaning="scored with Invented equation 2021"),
        ),
        coverage=(
            Coverage(
                calculator="invented_2009",
                by="overall",
                group="all",
                n=7500,
                scored=7100,
                missing_input=400,
                out_of_range=0,
                no_row=0,
                unlisted=40,
                unknown_race=40,
                outside_derivation=0,
                term_applied=2000,
            ),
            Coverage(
                calculator="invented_2009",
                by="race",
                group=BLACK,
                n=2100,
                scored=2000,
                missing_input=100,
                out_of_range=0,
                no_row=0,
                unlisted=0,
                unknown_race=0,
                outside_derivation=0,
                term_applied=2000,
            ),
            Coverage(calculator="invented_2009", by="race", group=ASIAN, status="suppressed"),
        ),
        changes=changes(weight),
        transitions=transitions(weight),
        disparities=disparities(),
        shifts=(
            Shift(
                calculator="invented_2009",
                output="egfr",
                arm="without_race",
                by="race",
                group=BLACK,
                n=2000,
                mean_with=102.8,
                mean_arm=88.7,
                mean_change=-14.1,
            ),
        ),
    )
    return AuditResult(
        provenance=Provenance(
            auditor="0.1.0", versions=(("numpy", "2.4.6"),), inputs=(("invented.csv", "a" * 64, 7500),), declarations="d" * 64
        ),
        options=Options(internal=internal, date="2026-11-21"),
        cohort=CohortSummary(
            name="Invented clinic",
            source="invented.csv",
            synthetic=synthetic,
            n=7500,
            weighted=weighted,
            weighted_n=750_000.0 if weighted else None,
            outcome=outcome,
            groups=(
                GroupSize(by="overall", group="all", n=7500),
                GroupSize(by="race", group=WHITE, n=5300),
                GroupSize(by="race", group=BLACK, n=2100),
                GroupSize(by="race", group=ASIAN, status="suppressed"),
            ),
            quality=(
                InputQuality(
                    input="creatinine", column="scr", unit="mg/dL", n=7500, missing=400, unreadable=0, implausible=12, hint="umol/L?"
                ),
                InputQuality(input="age", column="age", unit="a", n=7500, missing=0, unreadable=0, implausible=0),
            ),
            race_policy=("Several recorded races: any mention.",),
        ),
        calculators=(calculator, *more),
        not_audited=(
            NotAudited(
                id="stone_2014", title="STONE score", specialty="urology", missing=("nausea",), reason="the cohort lacks these inputs"
            ),
        ),
    )
