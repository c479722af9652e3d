"""Anemia by hemoglobin: cut-offs by race, sex and age (Beutler and Waalen 2006) and the race-free ones of WHO 2024."""

import numpy as np

from calculators.declare import Calculator, Decision, Output, RaceTerm, Source

ANEMIA = Output.parse("anemia[boolean]")


def below_adult_cutoff(hemoglobin, sex, age, *, men_under_60, men_from_60, women_under_50, women_from_50):
    """Hemoglobin below the cut-off in g/dL of the sex and age."""
    cutoff = np.where(sex == "male", np.where(age < 60, men_under_60, men_from_60), np.where(age < 50, women_under_50, women_from_50))
    return hemoglobin < cutoff


def below_who_cutoff(hemoglobin, sex, age, pregnancy_trimester, *, under_2, under_5, under_12, under_15, men, women, pregnant):
    """Hemoglobin below the cut-off in g/dL of the trimester in pregnancy, else of the age under 15 years, else of the sex."""
    by_age = np.select([age < 2, age < 5, age < 12, age < 15], [under_2, under_5, under_12, under_15], sex.pick(male=men, female=women))
    cutoff = np.where(pregnancy_trimester == "none", by_age, pregnancy_trimester.pick(pregnant))
    return hemoglobin < cutoff


anaemia_hb_cutoff_beutler_waalen_2006 = Calculator(
    id="anaemia_hb_cutoff_beutler_waalen_2006",
    title="Anemia by race, sex and age (Beutler and Waalen)",
    specialty="hematology",
    year=2006,
    role="race_based",
    inputs=("hemoglobin", "sex", "age"),
    outputs=(ANEMIA,),
    formula=below_adult_cutoff,
    printed_decimals={"anemia": 0},
    race=RaceTerm(
        kind="threshold",
        groups={
            "White": {"men_under_60": 13.7, "men_from_60": 13.2, "women_under_50": 12.2, "women_from_50": 12.2},
            "Black": {"men_under_60": 12.9, "men_from_60": 12.7, "women_under_50": 11.5, "women_from_50": 11.5},
        },
        removed="White",
        removed_source="catalogue",
        unlisted="undefined",
        meaning="lowers the cut-off for anemia by 0.8 g/dL (men under 60 years), 0.5 (men from 60) and 0.7 (women) for patients recorded as Black or African American",
    ),
    replaced_by="anaemia_hb_cutoff_who_2024",
    valid={"age": (20, None)},
    decisions=(
        Decision(
            id="anemia", output="anemia", operator=">=", cutoff=1, action="anemia, work-up and treatment", guideline="", yes_means="labels"
        ),
    ),
    drives="work-up and treatment of anemia",
    population="Adults of 20 years and over.",
    equation=(
        "anemia if hemoglobin (g/dL) is below the cut-off\n"
        "men 20 to 59 years: 13.7 [White], 12.9 [Black]; men from 60 years: 13.2 [White], 12.7 [Black]\n"
        "women 20 to 49 years: 12.2 [White], 11.5 [Black]; women from 50 years: 12.2 [White], 11.5 [Black]"
    ),
    direction="At equal hemoglobin fewer patients recorded as Black or African American are called anemic, so causes of anemia may go unexamined.",
    history=(
        "Lower limits of normal taken from large surveys in the United States, per group. WHO kept one cut-off per sex in 2024 and advises "
        "against adjusting hemoglobin for genetic ancestry."
    ),
    sources=(Source(citation="Beutler E, Waalen J. Blood 2006;107:1747-1750", doi="10.1182/blood-2005-07-3046"),),
    confidence_note="Two secondary sources give the cut-offs; the rows from 60 (men) and 50 years (women) come from one table. No implementation was executed.",
    note="People of other groups or of unknown race are not defined. The removed row is this catalogue's choice, to be confirmed by a clinician.",
)

anaemia_hb_cutoff_who_2024 = Calculator(
    id="anaemia_hb_cutoff_who_2024",
    title="Anemia (WHO 2024)",
    specialty="hematology",
    year=2024,
    role="race_free_successor",
    inputs=("hemoglobin", "sex", "age", "pregnancy_trimester"),
    outputs=(ANEMIA,),
    formula=below_who_cutoff,
    constants={
        "under_2": 10.5,
        "under_5": 11.0,
        "under_12": 11.5,
        "under_15": 12.0,
        "men": 13.0,
        "women": 12.0,
        "pregnant": {"none": np.nan, "first": 11.0, "second": 10.5, "third": 11.0},
    },
    printed_decimals={"anemia": 0},
    valid={"age": (0.5, None)},
    decisions=(
        Decision(
            id="anemia", output="anemia", operator=">=", cutoff=1, action="anemia, work-up and treatment", guideline="", yes_means="labels"
        ),
    ),
    drives="work-up and treatment of anemia",
    population="Children from 6 months, adults, and pregnant women.",
    equation=(
        "anemia if hemoglobin (g/dL) is below the cut-off\n"
        "6 to 23 months 10.5; 24 to 59 months 11.0; 5 to 11 years 11.5; 12 to 14 years 12.0; from 15 years men 13.0, women 12.0; "
        "pregnancy 11.0 (first and third trimester), 10.5 (second)"
    ),
    direction="No race term: the same cut-offs for everyone.",
    history="WHO reviewed its cut-offs in 2024 and advises against adjusting them for genetic ancestry; altitude and smoking remain reasons to adjust.",
    sources=(Source(citation="World Health Organization 2024, hemoglobin cut-offs, annex 3", note="NCBI Bookshelf, NBK who376196"),),
    confidence_note="The cut-offs of adults and in pregnancy were tested against a truth table of the rule; no implementation was executed.",
    note="Hemoglobin is taken as given: adjust it for altitude and smoking beforehand.",
)
