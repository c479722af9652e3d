"""Liver donor risk index: relative risk of graft failure from a deceased donor (Feng 2006)."""

import numpy as np

from calculators.declare import Calculator, Output, RaceTerm, Source


def donor_risk_index(
    age, height, cause_of_death, donation_after_circulatory_death, partial_or_split_liver, organ_share, cold_ischemia_time, *, beta
):
    """exp(0.154 [age 40-49] + 0.274 [50-59] + 0.424 [60-69] + 0.501 [70 and over] + 0.079 [anoxia] + 0.145 [stroke] + 0.184 [other cause]

    + beta + 0.411 [circulatory death] + 0.422 [partial or split] + 0.066 (170 - height)/10 + 0.105 [regional] + 0.244 [national] + 0.010 hours).
    """
    by_age = np.select([age < 40, age < 50, age < 60, age < 70], [0, 0.154, 0.274, 0.424], 0.501)
    return np.exp(
        by_age
        + cause_of_death.pick(trauma=0, anoxia=0.079, stroke=0.145, other=0.184)
        + beta
        + 0.411 * donation_after_circulatory_death
        + 0.422 * partial_or_split_liver
        + 0.066 * (170 - height) / 10
        + organ_share.pick(local=0, regional=0.105, national=0.244)
        + 0.010 * cold_ischemia_time
    )


liver_dri_2006 = Calculator(
    id="liver_dri_2006",
    title="Liver donor risk index",
    specialty="hepatology",
    year=2006,
    role="race_based",
    inputs=(
        "age",
        "height",
        "cause_of_death",
        "donation_after_circulatory_death",
        "partial_or_split_liver",
        "organ_share",
        "cold_ischemia_time",
    ),
    outputs=(Output.parse("liver_dri[1]"),),
    formula=donor_risk_index,
    race=RaceTerm(
        kind="log_hazard",
        groups={"White": {"beta": 0.0}, "Black": {"beta": 0.176}, "Other": {"beta": 0.126}},
        removed="White",
        removed_source="catalogue",
        unlisted="undefined",
        reads="donor_race",
        meaning="adds 0.176 to the log hazard for donors recorded as Black or African American and 0.126 for donors of any other recorded race but White",
    ),
    confidence_note=(
        "The sharing terms 0.105 and 0.244 rest on printed sources: no executed implementation includes them. One of the sources prints 0.50 for 70 years and over."
    ),
    drives="Acceptance of donor livers, risk adjustment",
    population="The patient is the deceased donor. Derived from US transplants of 1998 to 2002.",
    equation=(
        "DRI = exp(0.154 [age 40-49] + 0.274 [50-59] + 0.424 [60-69] + 0.501 [70 and over] + 0.079 [anoxia] + 0.145 [stroke] + 0.184 [other cause; trauma 0]\n"
        "+ 0.176 [Black] + 0.126 [other race; White 0] + 0.411 [circulatory death] + 0.422 [partial or split]\n"
        "+ 0.066 (170 - height in cm)/10 + 0.105 [regional] + 0.244 [national share] + 0.010 cold ischemia in h)"
    ),
    direction=(
        "Raises the index by 19.2% for an otherwise equal donor recorded as Black or African American and by 13.4% for a donor of other recorded race: "
        "the liver counts as riskier and may be declined."
    ),
    history=(
        "No official race-free replacement. In later US data donors recorded as African American no longer differed once center and other factors were adjusted for "
        "(hazard ratio 1.06, 0.95 to 1.20), nor did donors recorded as Asian or Pacific Islander (1.15, 0.89 to 1.49); donors of any further recorded race still did "
        "(1.19, 1.05 to 1.35), and the authors warn against reading donor race as quality. The European index of 2012 (ET-DRI) has no race term."
    ),
    known_wrong=(
        "transplantr 0.2.0 computes the sharing term and leaves it out of its sum: too low by 10% for regional and 22% for national shares; "
        "it also centers cold ischemia at 8 h, a factor of exp(-0.08).",
    ),
    sources=(
        Source(
            citation="Feng S, Goodrich NP, Bragg-Gresham JL, et al. Am J Transplant 2006;6:783-790", doi="10.1111/j.1600-6143.2006.01242.x"
        ),
        Source(citation="PMC2907133", note="donor race after adjustment for center"),
    ),
    note="Cold ischemia is not centered (published form). What counts as other race, and what an unknown race means, the original does not say.",
)
