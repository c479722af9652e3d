"""Who reads: each audience is a tuple of sections."""

from __future__ import annotations

from reports.blocks import Section
from reports.sections import cohort, decision, events, glance, limits, not_audited, pages, provenance, summary
from reports.sections.calculators import MODEL_CARD, Calculators
from reports.sections.sites import Sites

COMMITTEE: tuple[Section, ...] = (summary, pages, glance, Sites(everything=False), events, decision, limits)
INFORMATICS: tuple[Section, ...] = (summary, glance, cohort, Sites(), Calculators(), events, limits, not_audited, provenance)
VENDOR: tuple[Section, ...] = (summary, Calculators(MODEL_CARD), cohort, limits, provenance)

AUDIENCES: dict[str, tuple[Section, ...]] = {"committee": COMMITTEE, "informatics": INFORMATICS, "vendor": VENDOR}
