"""Estimated GFR equations made for one country: Japan (Matsuo 2009) and China (Ma 2006, Li 2019)."""

from calculators.declare import Calculator, Source
from calculators.nephrology.ckd_epi import EGFR
from calculators.nephrology.egfr_care import KDIGO_GFR


def power_of_creatinine_and_age(creatinine, age, sex, *, scale, by_creatinine, by_age, if_female, unit=1.0):
    """scale * (Scr * unit)^by_creatinine * age^by_age * (if_female)."""
    return scale * (creatinine * unit) ** by_creatinine * age**by_age * sex.pick(female=if_female, male=1.0)


CHOICE_OF_EQUATION = "No race term: race enters through the choice of a national equation for a patient."
RULE = Source(citation="Rule AD, Teo BW. Am J Kidney Dis 2009, PMC2687408", note="one patient under several national equations")

jsn_egfr_2009 = Calculator(
    id="jsn_egfr_2009",
    title="Japanese Society of Nephrology eGFR",
    specialty="nephrology",
    year=2009,
    role="comparator",
    confidence_note="Coefficients read in two copies of the abstract; no independent implementation was run.",
    inputs=("creatinine", "age", "sex"),
    outputs=(EGFR,),
    formula=power_of_creatinine_and_age,
    constants={"scale": 194, "by_creatinine": -1.094, "by_age": -0.287, "if_female": 0.739},
    bands=(KDIGO_GFR,),
    drives="CKD staging in Japan",
    population="Hospital patients in Japan: 413 for development, 350 for validation.",
    equation="eGFR = 194 * Scr^-1.094 * age^-0.287 * 0.739 [female]; Scr in mg/dL, IDMS-traceable",
    direction=(
        f"{CHOICE_OF_EQUATION} The same paper gives 0.808 (95% CI 0.728 to 0.829) as the factor on the MDRD equation with 175; a man of 60 with a creatinine of 1.4 mg/dL "
        "has 42 under it, 52 under MDRD and 64 under the factor proposed in China."
    ),
    history="Earlier factors for Japan were 0.741 and 0.881, each from one abstract.",
    sources=(Source(citation="Matsuo S, Imai E, Horio M, et al. Am J Kidney Dis 2009;53:982-992", doi="10.1053/j.ajkd.2008.12.034"), RULE),
)

mdrd_cn_2006 = Calculator(
    id="mdrd_cn_2006",
    title="MDRD refitted in China",
    specialty="nephrology",
    year=2006,
    role="comparator",
    confidence="SINGLE-SOURCE",
    confidence_note="Coefficients come from one public implementation, which was run.",
    inputs=("creatinine", "age", "sex"),
    outputs=(EGFR,),
    formula=power_of_creatinine_and_age,
    constants={"scale": 175, "by_creatinine": -1.234, "by_age": -0.179, "if_female": 0.79},
    bands=(KDIGO_GFR,),
    drives="CKD staging in China",
    population="Patients in China.",
    equation="eGFR = 175 * Scr^-1.234 * age^-0.179 * 0.79 [female]; Scr in mg/dL",
    direction=f"{CHOICE_OF_EQUATION} The same group proposed 1.233 as a factor on MDRD, found elsewhere as 1.23 only.",
    sources=(Source(citation="Ma, et al. J Am Soc Nephrol 2006;17:2937"), RULE),
)

xiangya_2019 = Calculator(
    id="xiangya_2019",
    title="Xiangya creatinine equation",
    specialty="nephrology",
    year=2019,
    role="comparator",
    confidence="SINGLE-SOURCE",
    confidence_note="Coefficients come from one public implementation, which was run.",
    inputs=("creatinine", "age", "sex"),
    outputs=(EGFR,),
    formula=power_of_creatinine_and_age,
    constants={"scale": 2374.78, "by_creatinine": -0.54753, "by_age": -0.25011, "if_female": 0.8526126, "unit": 88.4},
    bands=(KDIGO_GFR,),
    drives="CKD staging in China",
    population="Patients in China.",
    equation="eGFR = 2374.78 * Scr^-0.54753 * age^-0.25011 * 0.8526126 [female]; Scr in umol/L (mg/dL * 88.4)",
    direction=CHOICE_OF_EQUATION,
    sources=(Source(citation="Li, et al. Kidney Int 2019;95:636"),),
    note="Its exponent of creatinine is about half that of other equations: it gives higher values when creatinine is high.",
)
