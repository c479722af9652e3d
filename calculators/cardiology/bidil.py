"""Fixed-dose isosorbide dinitrate and hydralazine in heart failure: the indication that names recorded race (FDA label 2005)."""

from calculators.declare import Calculator, Decision, Output, RaceTerm, Source


def indicated(nyha_class, ejection_fraction, *, eligible):
    """1 in NYHA class III or IV with an ejection fraction of 40 % or less, where the recorded race makes eligible."""
    return nyha_class.isin("3", "4") & (ejection_fraction <= 40) & bool(eligible)


bidil_indication_2005 = Calculator(
    id="bidil_indication_2005",
    title="Isosorbide dinitrate and hydralazine in heart failure",
    specialty="cardiology",
    year=2005,
    role="race_based",
    inputs=("nyha_class", "ejection_fraction"),
    outputs=(Output.parse("indicated[boolean]"),),
    formula=indicated,
    printed_decimals={"indicated": 0},
    race=RaceTerm(
        kind="criterion",
        groups={"Black": {"eligible": 1}, "not Black": {"eligible": 0}},
        removed="Black",
        removed_source="catalogue",
        unlisted="not Black",
        meaning="limits the indication to patients who identify themselves as Black",
    ),
    decisions=(
        Decision(
            id="indicated",
            output="indicated",
            operator=">=",
            cutoff=1,
            action="isosorbide dinitrate and hydralazine indicated",
            guideline="FDA 2005",
            yes_means="opens_care",
        ),
    ),
    drives="Adjunct treatment of heart failure.",
    population="Adults with heart failure of NYHA class III or IV and an ejection fraction of 40% or less on optimal therapy.",
    equation="1 if NYHA class III or IV and ejection fraction <= 40% and recorded as Black; otherwise 0.",
    direction=(
        "Gives access to patients recorded as Black and denies it to all others, and to those whose race is unknown, at equal findings. "
        "Without the criterion everyone with the same findings is eligible."
    ),
    history=(
        "The label rests on A-HeFT, a trial in 1,050 patients who identified themselves as African American: mortality 6.2% against 10.2%, 43% lower, and 39% fewer first "
        "hospitalizations for heart failure. US guidance recommends the drug in class 1 for self-identified Black patients with these findings. There is no race-free indication."
    ),
    sources=(
        Source(citation="Taylor AL, et al. N Engl J Med 2004;351:2049-2057"),
        Source(citation="BiDil prescribing information (bidil.com)"),
    ),
    note="The drug is isosorbide dinitrate 20 mg with hydralazine 37.5 mg. Which row stands for removal is this catalogue's choice.",
)
