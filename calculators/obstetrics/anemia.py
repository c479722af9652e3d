"""Anemia in the third trimester: the cut-offs by race of ACOG Practice Bulletin 95 (2008)."""

from calculators.declare import Calculator, Decision, Output, RaceTerm, Source


def anemia_in_third_trimester(hemoglobin, *, cutoff):
    """Hemoglobin below the cut-off in g/dL."""
    return hemoglobin < cutoff


anaemia_hb_cutoff_acog_2008_pregnancy_race = Calculator(
    id="anaemia_hb_cutoff_acog_2008_pregnancy_race",
    title="Anemia in the third trimester (ACOG 2008)",
    specialty="obstetrics",
    year=2008,
    role="race_based",
    inputs=("hemoglobin",),
    outputs=(Output.parse("anemia[boolean]"),),
    formula=anemia_in_third_trimester,
    printed_decimals={"anemia": 0},
    race=RaceTerm(
        kind="threshold",
        groups={"Black": {"cutoff": 10.2}, "not Black": {"cutoff": 11.0}},
        removed="not Black",
        removed_source="catalogue",
        unlisted="not Black",
        meaning="lowers the cut-off for anemia from 11.0 to 10.2 g/dL for patients recorded as Black or African American",
    ),
    replaced_by="anaemia_hb_cutoff_who_2024",
    decisions=(
        Decision(
            id="anemia",
            output="anemia",
            operator=">=",
            cutoff=1,
            action="anemia in the third trimester, iron treatment",
            guideline="ACOG 2008",
            yes_means="labels",
        ),
    ),
    drives="iron treatment in pregnancy",
    population="Women in the third trimester of pregnancy.",
    equation="anemia if hemoglobin (g/dL) < 11.0, or < 10.2 [Black]",
    direction="Patients recorded as Black or African American with a hemoglobin of 10.2 to under 11.0 are not treated with iron, others with the same value are.",
    history=(
        "Practice Bulletin 95 treated everyone below 10.2 and only patients not recorded as Black between 10.2 and 11.0. ACOG took the separate cut-off out in 2021 "
        "(Practice Bulletin 233). The successor named here is WHO 2024, whose third-trimester cut-off is 11.0 for everyone."
    ),
    sources=(Source(citation="American College of Obstetricians and Gynecologists, Practice Bulletin 95 (2008)"),),
    confidence_note="Both cut-offs are confirmed by a second source; no implementation was executed.",
    note="Third trimester only: the cut-offs of the other trimesters are not confirmed. The removed row is this catalogue's choice, to be confirmed by a clinician.",
)
