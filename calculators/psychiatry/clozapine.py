"""Clozapine: may treatment start by the absolute neutrophil count (United States label, 2015)."""

import numpy as np

from calculators.declare import Calculator, Decision, Output, Source


def count_allows_start(absolute_neutrophil_count, benign_ethnic_neutropenia, *, general, with_neutropenia):
    """Count at or above 1500 per uL, or 1000 with benign ethnic neutropenia."""
    return absolute_neutrophil_count >= np.where(benign_ethnic_neutropenia == 1, with_neutropenia, general)


clozapine_anc_2015 = Calculator(
    id="clozapine_anc_2015",
    title="Clozapine: may treatment start (FDA label 2015)",
    specialty="psychiatry",
    year=2015,
    role="interpretation",
    inputs=("absolute_neutrophil_count", "benign_ethnic_neutropenia"),
    outputs=(Output.parse("may_start[boolean]"),),
    formula=count_allows_start,
    constants={"general": 1500, "with_neutropenia": 1000},
    printed_decimals={"may_start": 0},
    decisions=(
        Decision(
            id="may_start",
            output="may_start",
            operator=">=",
            cutoff=1,
            action="clozapine may be started",
            guideline="FDA 2015",
            yes_means="opens_care",
        ),
    ),
    drives="start of clozapine",
    population="Patients for whom clozapine is considered.",
    equation="may start if the absolute neutrophil count per uL is >= 1500, or >= 1000 with diagnosed benign ethnic neutropenia (two baseline counts)",
    direction=(
        "No race term of its own. Race enters through the diagnosis of benign ethnic neutropenia, which is often given by recorded race: a patient with the same count and the same "
        "inherited (Duffy-null) pattern but without the diagnosis is refused between 1000 and 1499."
    ),
    history=(
        "The label of 2015 brought the lower threshold for the diagnosis. The FDA stopped expecting participation in the registry on 24 February 2025 and ended it from 13 June 2025; "
        "monitoring by the label remains. The Duffy-null type, a test and not a race, has a reference interval of 1,210 to 5,390 per uL in the United States; "
        "66.7% of Black adults in that study have it, and 23.8% of these lie below 2,000."
    ),
    sources=(
        Source(citation="Food and Drug Administration, clozapine label 2015", note="tables adapted in PMC9243911"),
        Source(citation="Hibbs SP, et al. Blood 2025", doi="10.1182/blood.2025029359", note="Duffy-null reference intervals"),
        Source(citation="Merz LE, et al. JAMA 2023;329:2088", doi="10.1001/jama.2023.7467", note="interval of the United States"),
    ),
    confidence_note="The thresholds have two carriers of the label's tables; no implementation was executed.",
    note="The start rule only; the steps of monitoring under treatment are not here.",
)
