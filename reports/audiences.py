"""Who reads: each audience is a tuple of sections."""

from __future__ import annotations

from reports.blocks import Section
from reports.sections import cohort, glance, limits, not_audited, provenance, summary
from reports.sections.calculators import Calculators

COMMITTEE: tuple[Section, ...] = (summary, glance, Calculators(without_race_term=False), cohort, limits, not_audited, provenance)
INFORMATICS: tuple[Section, ...] = (summary, glance, cohort, Calculators(everything=True), limits, not_audited, provenance)
VENDOR: tuple[Section, ...] = (summary, Calculators(everything=True), cohort, limits, provenance)

AUDIENCES: dict[str, tuple[Section, ...]] = {"committee": COMMITTEE, "informatics": INFORMATICS, "vendor": VENDOR}
