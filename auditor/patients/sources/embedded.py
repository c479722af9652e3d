"""The embedded cohort: synthetic patients that come with the auditor, for trying it out and for tests."""

from __future__ import annotations

from auditor.patients.cohort import Cohort


def embedded_cohort() -> Cohort:
    """The synthetic cohort as a Cohort, labelled synthetic."""
    import dataclasses

    import pandas as pd

    from auditor.patients.sources import synthetic
    from auditor.patients.sources.tables import read_table

    cohort = read_table(
        pd.DataFrame(synthetic.generate()), name="embedded synthetic cohort", outcome="died_10_years", weights="sample_weight"
    )
    return dataclasses.replace(cohort, source="made by the auditor", synthetic=True, illustrative=synthetic.ILLUSTRATIVE)
