"""MDRD Study equations: estimated GFR from creatinine, age, sex and race (Levey 1999, 2000, 2006)."""

from calculators.declare import Calculator, RaceTerm, Source
from calculators.nephrology.ckd_epi import ADULTS, DRIVES_STAGING, EGFR
from calculators.nephrology.egfr_care import EGFR_CARE, KDIGO_GFR


def four_variables(creatinine, age, sex, *, scale, times):
    """scale * Scr^-1.154 * age^-0.203 * 0.742 [female] * times."""
    return scale * creatinine**-1.154 * age**-0.203 * sex.pick(female=0.742, male=1.0) * times


mdrd4_175_2006 = Calculator(
    id="mdrd4_175_2006",
    title="MDRD Study equation, 4 variables, IDMS creatinine",
    specialty="nephrology",
    year=2006,
    role="race_based",
    inputs=("creatinine", "age", "sex"),
    outputs=(EGFR,),
    formula=four_variables,
    constants={"scale": 175},
    race=RaceTerm(
        kind="multiplier",
        groups={"Black": {"times": 1.212}, "not Black": {"times": 1.0}},
        removed="not Black",
        unlisted="not Black",
        meaning="multiplies the result by 1.212 for patients recorded as Black or African American",
    ),
    decisions=EGFR_CARE,
    bands=(KDIGO_GFR,),
    replaced_by="ckd_epi_cr_2021",
    valid={"age": (18, None)},
    derived_on={"age": (18, 70)},
    drives=DRIVES_STAGING,
    population=f"{ADULTS} Derived at ages 18 to 70; creatinine by an IDMS-traceable method.",
    equation="eGFR = 175 * Scr^-1.154 * age^-0.203 * 0.742 [female] * 1.212 [Black]; Scr in mg/dL",
    direction="Raises eGFR by 21.2% at equal creatinine, age and sex; an eGFR of 20 then needs a creatinine 18.1% higher.",
    history="The standard of US laboratories until the CKD-EPI equations; some hospitals reported it with the factor set to 1 from 2017 on.",
    known_wrong=("A factor of 1.21 in place of 1.212 differs by 0.17%; 186 belongs to creatinine that is not IDMS-traceable.",),
    sources=(Source(citation="Levey AS, Coresh J, Greene T, et al. Ann Intern Med 2006;145:247-254"),),
)
