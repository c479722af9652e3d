"""UTICalc: probability of a urinary tract infection in febrile children of 2 to 23 months (Shaikh 2018, Shaikh 2022)."""

import numpy as np

from calculators.declare import Bands, Calculator, Decision, Output, RaceTerm, Removal, Source, completed

INFECTION = Output.parse("urinary_tract_infection[1]")
DRIVES_SAMPLING = "urine sampling in febrile children of 2 to 23 months"
MONTHS_2_TO_23 = {"age": completed(2 / 12, 1)}
FEVER = {"temperature": (38, None)}
ONE_IMPLEMENTATION = "Coefficients from one public implementation with the group's trained models."

SAMPLING = (
    Decision(
        id="urine_sample",
        output="urinary_tract_infection",
        operator=">=",
        cutoff=0.02,
        action="sample urine",
        guideline="UTICalc",
        confidence="SINGLE-SOURCE",
        yes_means="opens_care",
    ),
    Decision(
        id="strong",
        output="urinary_tract_infection",
        operator=">=",
        cutoff=0.05,
        action="sampling strongly advised",
        guideline="UTICalc",
        confidence="SINGLE-SOURCE",
        yes_means="opens_care",
    ),
)
SAMPLING_ADVICE = Bands(
    id="sampling_advice",
    output="urinary_tract_infection",
    cuts=(0.02, 0.05),
    labels=("below 2%", "2% to below 5%: shared decision", "5% or more: sampling strongly advised"),
    source="UTICalc",
)


def shift(share, prevalence):
    """ln(prevalence / (1 - prevalence)) - ln(share / (1 - share)): from the share of infections among the cases and controls to the prevalence."""
    return np.log(prevalence / (1 - prevalence)) - np.log(share / (1 - share))


def probability_2018(age, sex, circumcised, other_fever_source, temperature, *, share, prevalence, beta):
    """1 / (1 + e^-w); w = -5.907 + 1.156 [under 12 months] + beta + 2.409 [girl or uncircumcised boy] + 1.394 [no other source] + 0.873 [39 C or more] + shift."""
    w = (
        -5.907
        + 1.156 * (np.round(age, 6) < 1)
        + beta
        + 2.409 * ((sex == "female") | (circumcised == 0))
        + 1.394 * (other_fever_source == 0)
        + 0.873 * (np.round(temperature, 6) >= 39)
        + shift(share, prevalence)
    )
    return 1 / (1 + np.exp(-w))


def probability_2022(
    age, sex, circumcised, other_fever_source, temperature, prior_urinary_tract_infection, fever_duration, *, share, prevalence
):
    """1 / (1 + e^-w); w = -5.41511 + 1.29113 [under 12 months] + 0.99667 [prior infection] + 2.33482 [girl or uncircumcised boy]

    + 1.44400 [no other source] + 0.73447 [39 C or more] + 0.68319 [fever of 48 h or more] + shift.
    """
    w = (
        -5.41511
        + 1.29113 * (np.round(age, 6) < 1)
        + 0.99667 * prior_urinary_tract_infection
        + 2.33482 * ((sex == "female") | (circumcised == 0))
        + 1.44400 * (other_fever_source == 0)
        + 0.73447 * (np.round(temperature, 6) >= 39)
        + 0.68319 * (np.round(fever_duration, 6) >= 48)
        + shift(share, prevalence)
    )
    return 1 / (1 + np.exp(-w))


SHAIKH_2018 = Source(citation="Shaikh N, Hoberman A, Hum SW, et al. JAMA Pediatr 2018;172:550-556")
SHAIKH_2022 = Source(citation="Shaikh N, Lee MC, Stokes LR, et al. JAMA Pediatr 2022")

uticalc_v1_2018 = Calculator(
    id="uticalc_v1_2018",
    title="UTICalc 1.0, clinical model",
    specialty="pediatrics",
    year=2018,
    role="race_based",
    inputs=("age", "sex", "circumcised", "other_fever_source", "temperature"),
    outputs=(INFECTION,),
    formula=probability_2018,
    constants={"share": 0.321, "prevalence": 0.061},
    race=RaceTerm(
        kind="log_odds",
        groups={"Black": {"beta": 0.0}, "not Black": {"beta": 0.965}},
        removed="Black",
        removed_source="catalogue",
        unlisted="not Black",
        meaning="adds 0.965 to the log-odds of infection for patients not recorded as Black or African American, and nothing for those who are",
        other_removals=(
            Removal(name="term_for_all", row="not Black", meaning="everyone is given the 0.965, so that no child's probability falls"),
        ),
    ),
    decisions=SAMPLING,
    bands=(SAMPLING_ADVICE,),
    replaced_by="uticalc_v3_2022",
    valid=MONTHS_2_TO_23,
    derived_on=FEVER,
    confidence="SINGLE-SOURCE",
    confidence_note=ONE_IMPLEMENTATION,
    drives=DRIVES_SAMPLING,
    population="Children of 2 to 23 months with a temperature of 38 C or more in the emergency department; nested case-control study, 542 infections and 1,144 controls.",
    equation=(
        "P = 1 / (1 + e^-w); w = -5.907 + 1.156 [under 12 months] + 0.965 [not Black] + 2.409 [girl or uncircumcised boy] "
        "+ 1.394 [no other source of fever] + 0.873 [highest temperature 39 C or more] + ln(0.061/0.939) - ln(0.321/0.679)"
    ),
    direction=(
        "Children recorded as Black or African American have 0.38 times the odds of all others (2.63 times the other way): where another child is shown 5.1%, they are shown 2.0%. "
        "A girl over 12 months below 39 C without another source is shown 1.6% and falls below the 2% for a urine sample; with the term of all others she is shown 4.2%. "
        "Dropping the term lowers everyone else's probability; giving it to all raises theirs."
    ),
    history=(
        "The same group reassessed the use of race and published version 3.0 without it in 2022. In an external validation of 2023 version 1.0 missed 12 of 197 infections, "
        "10 of them in Black children; version 3.0 missed 6, 2 of them in Black children."
    ),
    sources=(SHAIKH_2018, SHAIKH_2022),
    note=(
        "The last two logarithms bring the model from the 32.1% of infections in the case-control study to a prevalence of 6.1%. "
        "Only the clinical model is computed; the models with dipstick or laboratory results are not."
    ),
)

uticalc_v3_2022 = Calculator(
    id="uticalc_v3_2022",
    title="UTICalc 3.0, clinical model",
    specialty="pediatrics",
    year=2022,
    role="race_free_successor",
    inputs=("age", "sex", "circumcised", "other_fever_source", "temperature", "prior_urinary_tract_infection", "fever_duration"),
    outputs=(INFECTION,),
    formula=probability_2022,
    constants={"share": 0.321, "prevalence": 0.061},
    decisions=SAMPLING,
    bands=(SAMPLING_ADVICE,),
    valid=MONTHS_2_TO_23,
    derived_on=FEVER,
    confidence="SINGLE-SOURCE",
    confidence_note=ONE_IMPLEMENTATION,
    drives=DRIVES_SAMPLING,
    population="Children of 2 to 23 months with a temperature of 38 C or more in the emergency department.",
    equation=(
        "P = 1 / (1 + e^-w); w = -5.41511 + 1.29113 [under 12 months] + 0.99667 [prior urinary tract infection] + 2.33482 [girl or uncircumcised boy] "
        "+ 1.44400 [no other source of fever] + 0.73447 [highest temperature 39 C or more] + 0.68319 [fever of 48 h or more] "
        "+ ln(0.061/0.939) - ln(0.321/0.679)"
    ),
    direction="No race term; a prior infection and the duration of fever came in.",
    history=(
        "Replaced version 1.0. External validation of 2023: 6 missed infections of 197, 2 of them in Black children. Validated prospectively in 2026 "
        "(2,561 children, area under the curve 84.1%)."
    ),
    sources=(SHAIKH_2022, Source(citation="JAMA Netw Open 2026, PMC12988452", note="prospective validation")),
    note="The clinical model alone; models with dipstick or laboratory results are not computed.",
)
