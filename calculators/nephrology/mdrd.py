"""MDRD Study equations: estimated GFR from creatinine, age, sex and race (Levey 1999, 2000, 2006)."""

from calculators.declare import Calculator, RaceTerm, Source, completed
from calculators.nephrology.ckd_epi import ADULTS, DRIVES_STAGING, EGFR
from calculators.nephrology.egfr_care import EGFR_CARE, KDIGO_GFR


def four_variables(creatinine, age, sex, *, scale, times):
    """scale * Scr^-1.154 * age^-0.203 * 0.742 [female] * times."""
    return scale * creatinine**-1.154 * age**-0.203 * sex.pick(female=0.742, male=1.0) * times


def six_variables(creatinine, age, sex, blood_urea_nitrogen, albumin, *, scale, times):
    """scale * Scr^-0.999 * age^-0.176 * BUN^-0.170 * albumin^0.318 * 0.762 [female] * times."""
    by_creatinine = creatinine**-0.999 * age**-0.176 * sex.pick(female=0.762, male=1.0)
    return scale * by_creatinine * blood_urea_nitrogen**-0.170 * albumin**0.318 * times


FOUR_VARIABLE_TERM = RaceTerm(
    kind="multiplier",
    groups={"Black": {"times": 1.212}, "not Black": {"times": 1.0}},
    removed="not Black",
    unlisted="not Black",
    meaning="multiplies the result by 1.212 for patients recorded as Black or African American",
)
SIX_VARIABLE_TERM = RaceTerm(
    kind="multiplier",
    groups={"Black": {"times": 1.180}, "not Black": {"times": 1.0}},
    removed="not Black",
    unlisted="not Black",
    meaning="multiplies the result by 1.180 for patients recorded as Black or African American",
)
FOUR_VARIABLE_DIRECTION = (
    "Raises eGFR by 21.2% at equal creatinine, age and sex; to reach an eGFR of 20, a patient recorded as Black or African American "
    "needs a creatinine 18.1% higher."
)
SIX_VARIABLE_DIRECTION = "Raises eGFR by 18.0% at equal creatinine, urea nitrogen, albumin, age and sex."
CONVENTIONAL = "Creatinine by a method that is not IDMS-traceable."
TRACEABLE = "Creatinine by an IDMS-traceable method."
DERIVATION = "Derived at ages 18 to 70."
LEVEY_1999 = Source(citation="Levey AS, Bosch JP, Lewis JB, et al. Ann Intern Med 1999;130:461-470")
LEVEY_2000 = Source(citation="Levey AS, Greene T, Kusek J, Beck G. J Am Soc Nephrol 2000;11:155A")
LEVEY_2006 = Source(citation="Levey AS, Coresh J, Greene T, et al. Ann Intern Med 2006;145:247-254")
LEVEY_2007 = Source(citation="Levey AS, Coresh J, Greene T, et al. Clin Chem 2007;53:766-772")
SHI_2021 = Source(citation="Shi, et al. PMC8286343", note="removal of the factor at the University of Washington")

mdrd4_186_1999 = Calculator(
    id="mdrd4_186_1999",
    title="MDRD Study equation, 4 variables, conventional creatinine",
    specialty="nephrology",
    year=1999,
    role="race_based",
    inputs=("creatinine", "age", "sex"),
    outputs=(EGFR,),
    formula=four_variables,
    constants={"scale": 186},
    race=FOUR_VARIABLE_TERM,
    decisions=EGFR_CARE,
    bands=(KDIGO_GFR,),
    replaced_by="ckd_epi_cr_2021",
    valid={"age": (18, None)},
    derived_on={"age": completed(18, 70)},
    drives=DRIVES_STAGING,
    population=f"{ADULTS} {DERIVATION} {CONVENTIONAL}",
    equation="eGFR = 186 * Scr^-1.154 * age^-0.203 * 0.742 [female] * 1.212 [Black]; Scr in mg/dL",
    direction=FOUR_VARIABLE_DIRECTION,
    history="The short form of the 1999 study equation, published in 2000; re-expressed with 175 once creatinine was standardized.",
    known_wrong=(
        "transplantr 0.2.0 has 1.21 in place of 1.212, 0.17% lower for patients recorded as Black or African American; "
        "it also converts umol/L by 88.42, where others use 88.4.",
        "186 with IDMS-traceable creatinine gives an eGFR 6.3% higher than 175.",
    ),
    sources=(LEVEY_1999, LEVEY_2000),
    note="Some texts print 186.3 and 1.210. Laboratories reported results above 60 as '>60'.",
)

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
    race=FOUR_VARIABLE_TERM,
    decisions=EGFR_CARE,
    bands=(KDIGO_GFR,),
    replaced_by="ckd_epi_cr_2021",
    valid={"age": (18, None)},
    derived_on={"age": completed(18, 70)},
    drives=DRIVES_STAGING,
    population=f"{ADULTS} {DERIVATION} {TRACEABLE}",
    equation="eGFR = 175 * Scr^-1.154 * age^-0.203 * 0.742 [female] * 1.212 [Black]; Scr in mg/dL",
    direction=FOUR_VARIABLE_DIRECTION,
    history=(
        "The usual equation of US laboratories before the CKD-EPI equations; some hospitals reported it with the factor set to 1. "
        "Setting it to 1 in NHANES 2015-2018 would place 3.3 million more Black Americans (10.4%) in stage 3 or worse, 300,000 (0.7%) below the referral and "
        "31,000 (0.1%) below the listing threshold. At the University of Washington the change from this equation to CKD-EPI without race in 2020 moved "
        "3.5% of all patients to a worse stage and left fewer below 60 than before."
    ),
    known_wrong=(
        "A factor of 1.21 in place of 1.212 is 0.17% lower for patients recorded as Black or African American.",
        "186 belongs to creatinine that is not IDMS-traceable: eGFR 6.3% too high here.",
    ),
    sources=(
        LEVEY_2006,
        LEVEY_2007,
        Source(citation="eClinicalMedicine 2021, S2589-5370(21)00478-8", note="NHANES 2015-2018 with the factor removed"),
        SHI_2021,
    ),
    note=(
        "Some texts print 1.210. Laboratories reported results above 60 as '>60'. LOINC tells how a stored result was made: "
        "48643-1 with the factor, 48642-3 without it, 33914-3 MDRD in general."
    ),
)

mdrd6_170_1999 = Calculator(
    id="mdrd6_170_1999",
    title="MDRD Study equation, 6 variables, conventional creatinine",
    specialty="nephrology",
    year=1999,
    role="race_based",
    inputs=("creatinine", "age", "sex", "blood_urea_nitrogen", "albumin"),
    outputs=(EGFR,),
    formula=six_variables,
    constants={"scale": 170},
    race=SIX_VARIABLE_TERM,
    decisions=EGFR_CARE,
    bands=(KDIGO_GFR,),
    replaced_by="ckd_epi_cr_2021",
    valid={"age": (18, None)},
    derived_on={"age": completed(18, 70)},
    drives="CKD staging, drug dosing, referral",
    population=f"{ADULTS} {DERIVATION} {CONVENTIONAL}",
    equation=(
        "eGFR = 170 * Scr^-0.999 * age^-0.176 * BUN^-0.170 * albumin^0.318 * 0.762 [female] * 1.180 [Black]\n"
        "Scr and blood urea nitrogen (BUN) in mg/dL, albumin in g/dL"
    ),
    direction=SIX_VARIABLE_DIRECTION,
    history="The original equation of the study, before the form with four variables.",
    sources=(LEVEY_1999,),
)

mdrd6_161_5_2006 = Calculator(
    id="mdrd6_161_5_2006",
    title="MDRD Study equation, 6 variables, IDMS creatinine",
    specialty="nephrology",
    year=2006,
    role="race_based",
    inputs=("creatinine", "age", "sex", "blood_urea_nitrogen", "albumin"),
    outputs=(EGFR,),
    formula=six_variables,
    constants={"scale": 161.5},
    race=SIX_VARIABLE_TERM,
    decisions=EGFR_CARE,
    bands=(KDIGO_GFR,),
    replaced_by="ckd_epi_cr_2021",
    valid={"age": (18, None)},
    derived_on={"age": completed(18, 70)},
    drives="CKD staging, drug dosing, referral",
    population=f"{ADULTS} {DERIVATION} {TRACEABLE}",
    equation=(
        "eGFR = 161.5 * Scr^-0.999 * age^-0.176 * BUN^-0.170 * albumin^0.318 * 0.762 [female] * 1.180 [Black]\n"
        "Scr and blood urea nitrogen (BUN) in mg/dL, albumin in g/dL"
    ),
    direction=SIX_VARIABLE_DIRECTION,
    history="The equation of 1999 with its constant fitted to IDMS-traceable creatinine: 161.5 in place of 170.",
    sources=(LEVEY_1999, LEVEY_2006),
)
