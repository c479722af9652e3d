"""The CHAI Applied Model Card v0.2 of one calculator as XML, with the audit's figures as key metrics."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from auditor.errors import OptionError
from auditor.result import AuditResult, CalculatorResult
from auditor.rows import Change, Metric
from reports.exports.facts import PERFORMANCE, digest, fact
from reports.exports.standards import framework
from reports.findings import primary
from reports.wording import count, everyone, people, sentence

NAMESPACE = "https://mc.chai.org/v0.2/schema.xsd"
LEVEL = 95
UNKNOWN = "User responsibility: the software cannot know this."

Content = str | list[tuple[str, "Content"]]


def to_bytes(result: AuditResult, calculators: Sequence[CalculatorResult]) -> bytes:
    """The card of one calculator as XML; a card is about one calculator, so more than one is an OptionError."""
    if len(calculators) != 1:
        raise OptionError(
            f"An Applied Model Card is about one calculator; this would be {len(calculators)}. Choose one with --calculators ID."
        )
    root = ElementTree.Element("AppliedModelCard", {"xmlns": NAMESPACE})
    _add(root, _card(result, calculators[0]))
    ElementTree.indent(root)
    body: str = ElementTree.tostring(root, encoding="unicode")
    stamps = "".join(f"<!-- {stamp.replace('--', '-')} -->\n" for stamp in result.stamps)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{stamps}{body}\n'.encode()


def _add(parent: ElementTree.Element, content: list[tuple[str, Content]]) -> None:
    for name, value in content:
        child = ElementTree.SubElement(parent, name)
        if isinstance(value, str):
            child.text = _printable(value)
        else:
            _add(child, value)


def _printable(text: str) -> str:
    """The text without characters that XML does not allow."""
    return "".join(c for c in text if c in "\t\n\r" or c >= " ")


def _card(result: AuditResult, calculator: CalculatorResult) -> list[tuple[str, Content]]:
    card = calculator.card
    stamps = "".join(f"**{stamp}.** " for stamp in result.stamps)

    def known(name: str) -> str:
        found = fact(name, result, calculator)
        return found.text if found.known else f"Not included: {found.text}."

    return [
        ("BasicInfo", [("ModelName", card.title), ("ModelDeveloper", known("developer")), ("DeveloperContact", UNKNOWN)]),
        (
            "ReleaseInfo",
            [
                ("ReleaseStage", "Published calculator; the stage of the module in use must be stated by the user."),
                ("ReleaseDate", str(card.year)),
                ("ReleaseVersion", f"{card.id} ({card.fingerprint})"),
                ("GlobalAvailability", UNKNOWN),
            ],
        ),
        (
            "ModelSummary",
            [
                ("Summary", f"{stamps}{card.title}. {known('fairness_approach')} {known('history')}"),
                ("Keywords", [("Keyword", word) for word in (card.specialty, card.id, *(["race term"] if card.race_kind else []))]),
            ],
        ),
        (
            "UsesAndDirections",
            [
                ("IntendedUseAndWorkflow", known("use")),
                ("PrimaryIntendedUsers", UNKNOWN),
                ("HowToUse", f"{known('equation')} {known('thresholds')}"),
                ("TargetedPatientPopulation", known("population")),
                ("CautionedOutOfScopeSettings", known("caution")),
            ],
        ),
        (
            "Warnings",
            [
                ("KnownRisksAndLimitations", f"{stamps}{known('risks')} {known('limits')}"),
                ("KnownBiasesOrEthicalConsiderations", f"{stamps}{known('fairness_approach')} {known('fairness')}"),
                ("ClinicalRiskLevel", UNKNOWN),
            ],
        ),
        (
            "TrustIngredients",
            [
                (
                    "AISystemFacts",
                    [
                        ("OutcomesAndOutputs", known("kind_of_output")),
                        ("ModelType", "Published formula or point score; not machine learning in operation."),
                        ("InputDataSource", known("predictors")),
                        ("OutputAndInputDataTypes", f"Inputs: {known('predictors')} Outputs: {known('output')}"),
                        ("DevelopmentDataCharacterization", known("derivation")),
                        ("BiasMitigationApproaches", known("mitigation")),
                        ("OngoingMaintenance", known("updates")),
                        ("Transparency", f"{known('personal_inputs')} {known('citation')}"),
                    ],
                ),
                ("TransparencyInformation", [("FundingSource", UNKNOWN), ("StakeholdersConsulted", UNKNOWN)]),
            ],
        ),
        ("KeyMetrics", _key_metrics(result, calculator, known("tested_how"), known("cohort"), stamps)),
        (
            "Resources",
            [
                ("EvaluationReferences", f"Audit {digest(result)}, race-algorithm-auditor {result.provenance.auditor}."),
                ("PeerReviewedPublications", known("citation")),
                ("PatientConsentOrDisclosure", UNKNOWN),
            ],
        ),
        ("Bibliography", _bibliography(calculator)),
    ]


def _key_metrics(result: AuditResult, calculator: CalculatorResult, how: str, cohort: str, stamps: str) -> list[tuple[str, Content]]:
    kind = "Synthetic demonstration" if result.cohort.synthetic else "Retrospective audit on recorded patients"
    as_of = framework("chai").as_of

    def metric(goal: str, results: list[tuple[str, dict[str, object]]], interpretation: str) -> list[tuple[str, Content]]:
        shown = results or [("Nothing that may be shown", {"kind": "single", "value": "not available"})]
        return [
            ("MetricGoal", goal),
            (
                "Results",
                [("MetricResult", [("Label", label), ("ValueJson", json.dumps(value, ensure_ascii=False))]) for label, value in shown],
            ),
            ("Interpretation", f"{stamps}{sentence(interpretation)}"),
            ("TestType", kind),
            ("TestingDataDescription", cohort),
            ("ValidationProcessAndJustification", f"{how} Format as of {as_of}."),
        ]

    validity = fact("validity", result, calculator)
    fairness = fact("fairness", result, calculator)
    flow = fact("flow", result, calculator)
    return [
        (
            "UsefulnessUsabilityEfficacy",
            metric("Agreement with the recorded outcome", list(_performance(result, calculator)), validity.text),
        ),
        (
            "FairnessEquity",
            metric(
                "Share of each group with a yes, and how it changes without the race term",
                list(_changes(result, calculator)),
                fairness.text,
            ),
        ),
        ("SafetyReliability", metric("Patients who can be scored", list(_coverage(calculator)), flow.text)),
    ]


def _performance(result: AuditResult, calculator: CalculatorResult) -> Iterator[tuple[str, dict[str, object]]]:
    if result.cohort.synthetic:
        return
    actions = {d.id: d.action for d in calculator.card.decisions}
    for row in calculator.metrics:
        if row.arm == "with_race" and row.metric in PERFORMANCE and everyone(row.by) and row.status == "ok" and row.value is not None:
            yield f"{PERFORMANCE[row.metric]}, {actions.get(row.decision, row.decision)}", _estimate(row, row.value)


def _changes(result: AuditResult, calculator: CalculatorResult) -> Iterator[tuple[str, dict[str, object]]]:
    actions = {d.id: d.action for d in calculator.card.decisions}
    arms = ("without_race", *(a.id for a in calculator.arms if a.id.startswith("successor:")))
    for row in calculator.changes:
        if row.arm in arms and row.by == primary(result) and row.status == "ok" and row.change is not None:
            arm = "without race" if row.arm == "without_race" else f"by {row.arm.partition(':')[2]}"
            label = f"{people(row.by, row.group)}, {actions.get(row.decision, row.decision)}: with race to {arm} (n = {count(row.n)})"
            yield label, _estimate(row, row.change)


def _estimate(row: Change | Metric, value: float) -> dict[str, object]:
    """A rate or its change in per cent; with an interval where there is one."""
    if row.lower is None or row.upper is None:
        return {"kind": "single", "value": _percent(value), "unit": "%"}
    bounds = {"estimate": _percent(value), "lower": _percent(row.lower), "upper": _percent(row.upper)}
    return {"kind": "estimate_ci", **bounds, "level": LEVEL, "unit": "%"}


def _coverage(calculator: CalculatorResult) -> Iterator[tuple[str, dict[str, object]]]:
    for row in calculator.coverage:
        if everyone(row.by) and row.status == "ok" and row.scored is not None:
            yield "patients in the cohort", {"kind": "single", "value": row.n, "unit": "patients"}
            yield "patients scored", {"kind": "single", "value": row.scored, "unit": "patients"}


def _bibliography(calculator: CalculatorResult) -> str:
    """The sources as BibTeX."""

    def field(text: str) -> str:
        return text.replace("{", "(").replace("}", ")")

    entries = (f"@misc{{{calculator.id}_{i},\n  note = {{{field(s)}}}\n}}" for i, s in enumerate(calculator.card.sources, 1))
    return "\n".join(entries)


def _percent(value: float) -> float:
    return round(100 * value, 2)
