"""What made this report, so that it can be made again."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.result import AuditResult
from reports.blocks import Block, Paragraph, Table
from reports.wording import count

TITLE = "Provenance"
ARMS = {"all": "all", "main": "without those that score everyone as if they belonged to one group"}


def build(result: AuditResult) -> Iterator[Block]:
    """Inputs with digests, versions, options and the fingerprint of the result."""
    made, options = result.provenance, result.options
    yield Paragraph("The same input, options and versions give the same result, byte for byte.")
    if made.inputs:
        yield Table(
            caption="Input files",
            columns=("File", "SHA-256", "Rows"),
            rows=tuple((name, digest, count(rows)) for name, digest, rows in made.inputs),
            text_columns=(0, 1),
            fixed=True,
        )
    yield Table(
        caption="Run",
        columns=("Setting", "Value"),
        rows=(
            ("Calculators asked for", ", ".join(options.calculators) or "every calculator that the cohort can serve"),
            ("Groups by", ", ".join(options.by) or "everyone together"),
            ("Reference group", options.reference),
            ("Patients with several recorded races", options.several_races.replace("_", " ")),
            ("Arms", ARMS[options.arms]),
            ("Scores themselves against the outcome", _scores(result)),
            ("Smallest count shown", "every count (internal)" if options.internal else str(options.minimum_count)),
            ("Seed and resamples", f"{options.seed}, {count(options.replicates)}"),
            ("Date", options.date or "not stated"),
            ("Auditor", made.auditor),
            *((f"Version of {name}", version) for name, version in made.versions),
            ("Fingerprint of the declarations", made.declarations),
            ("Fingerprint of the result", result.fingerprint),
        ),
        text_columns=(0, 1),
        fixed=True,
    )


def _scores(result: AuditResult) -> str:
    """Whether AUROC, calibration and Brier score were asked for and can be there."""
    if not result.options.scores:
        return "left out, as asked (--no-scores)"
    if not result.cohort.outcome:
        return "no outcome"
    return "in each site's own result" if result.sites else "compared"
