"""A gate report for machines and reviewers: JUnit XML and GitHub-flavoured Markdown."""

from __future__ import annotations

from xml.etree import ElementTree

from auditor.gate import Check, GateReport

MOST_FAILURES = 50


def to_junit(report: GateReport) -> bytes:
    """JUnit XML: a suite per rule, a case per check; what is not measurable is a skipped case with its reason."""
    root = ElementTree.Element("testsuites", _counts(report.checks) | {"name": report.policy or "auditor gate"})
    for rule in report.rules:
        checks = report.of(rule)
        suite = ElementTree.SubElement(root, "testsuite", _counts(checks) | {"name": rule})
        for check in checks:
            case = ElementTree.SubElement(suite, "testcase", {"classname": check.calculator or "result", "name": check.what, "time": "0"})
            if check.verdict == "failed":
                ElementTree.SubElement(case, "failure", {"message": check.reason, "type": "policy"}).text = _line(check)
            elif check.verdict == "not_measurable":
                ElementTree.SubElement(case, "skipped", {"message": check.reason})
    ElementTree.indent(root)
    body: str = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'.encode()


def to_summary(report: GateReport) -> str:
    """A summary in GitHub-flavoured Markdown: one row per rule, then the failures with their reasons."""
    verdict = "passed" if report.passed else f"failed: {len(report.failures):,} of {len(report.checks):,} checks"
    lines = [f"## Gate {verdict}", ""]
    lines += [f"> **{_cell(stamp)}**\n" for stamp in report.stamps]
    dated = f", {report.date}" if report.date else ""
    lines += [
        f"Cohort {_cell(report.cohort)}{dated}. Policy {_cell(report.policy or 'without a name')}. Result `{report.digest[:16]}`.",
        "",
    ]
    lines += ["| Rule | Passed | Failed | Not measurable |", "|---|---:|---:|---:|"]
    for rule in report.rules:
        checks = report.of(rule)
        numbers = (sum(c.verdict == v for c in checks) for v in ("passed", "failed", "not_measurable"))
        lines.append(f"| {_cell(rule)} | {' | '.join(f'{n:,}' for n in numbers)} |")
    if report.failures:
        lines += ["", "| Failed rule | Calculator | What | Reason |", "|---|---|---|---|"]
        lines += [
            f"| {_cell(c.rule)} | {f'`{c.calculator}`' if c.calculator else ''} | {_cell(c.what)} | {_cell(c.reason)} |"
            for c in report.failures[:MOST_FAILURES]
        ]
        rest = len(report.failures) - MOST_FAILURES
        if rest > 0:
            lines += ["", f"And {rest:,} more; the JUnit file lists all."]
    lines += ["", "A limit is a choice of the people who wrote the policy; passing it is no statement that a calculator is fair."]
    return "\n".join(lines) + "\n"


def to_text(report: GateReport) -> str:
    """The verdict and the reasons of a failure as plain lines."""
    hidden = sum(c.verdict == "not_measurable" for c in report.checks)
    lines = [f"{stamp}" for stamp in report.stamps]
    lines += [_line(check) for check in report.failures]
    passed = len(report.checks) - len(report.failures) - hidden
    lines.append(
        f"{'Passed' if report.passed else 'Failed'}: {passed:,} checks passed, {len(report.failures):,} failed, {hidden:,} not measurable."
    )
    return "\n".join(lines) + "\n"


def _line(check: Check) -> str:
    return f"{check.rule}: {f'{check.calculator}, ' if check.calculator else ''}{check.what}: {check.reason}"


def _counts(checks: tuple[Check, ...]) -> dict[str, str]:
    return {
        "tests": str(len(checks)),
        "failures": str(sum(c.verdict == "failed" for c in checks)),
        "errors": "0",
        "skipped": str(sum(c.verdict == "not_measurable" for c in checks)),
        "time": "0",
    }


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
