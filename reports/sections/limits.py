"""How to read the numbers, and where they stop."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult
from reports.blocks import Block, Items, Table

TITLE = "How to read this, and its limits"


def build(result: AuditResult) -> Iterator[Block]:
    """The rules that produced the numbers, and the words used."""
    options = result.options
    yield Items(
        (
            "With race: each patient is scored with the numbers that the calculator gives the group in their record. Without race: everyone is scored "
            "with the numbers of the one row named in the chapter; recorded race is not read.",
            "A yes to a decision is the published threshold being met. Gains and losses count patients whose answer differs between the two scores; "
            "what a yes does to care (opens it, closes it, only names a condition) is declared per decision and should be confirmed by clinicians.",
            "The race term is a feature of the formula. A change shows what the formula does with a recorded group; it says nothing about causes.",
            "Intervals are 95% intervals for these patients as a sample. They do not cover errors of recording, missing inputs or a different population.",
            "Not estimable: too few patients or events stand behind the number. Imprecise: the interval is too wide to be useful. "
            + (
                "Suppressed: small-number suppression was switched off for this report."
                if options.internal
                else f"Suppressed: a count from 1 to {options.minimum_count - 1}, or a number from which one could be worked out. Zero may be shown."
            ),
            f"The reference group for disparities is “{options.reference}”; a reference is a point of comparison, not a norm.",
            "The software gives no legal or clinical advice and recommends no option.",
        )
    )
    yield Table(
        caption="Words",
        columns=("Word", "Meaning here"),
        rows=(
            ("Race term", "the numbers in a calculator that differ by recorded race or ethnicity"),
            ("Recorded race", "race as written in the record, a social category"),
            ("Disparity", "the statistic: a group's rate minus the reference group's"),
            ("Disparity introduced", "the disparity with the race term minus the disparity without it"),
            ("Inequity", "the judgement that a disparity is unjust and avoidable; people make it, not the software"),
            ("Gain of care, loss of care", "a decision that opens care becomes yes, or one that closes care becomes no; and the reverse"),
            ("Successor", "the calculator that the publishers or societies name in place of the old one"),
        ),
        text_columns=(0, 1),
        fixed=True,
    )
