"""PCPT risk calculators: prostate cancer on biopsy from PSA, age, examination and history (Thompson 2006, Ankerst 2014)."""

import numpy as np

from calculators.declare import Calculator, Output, RaceTerm, Source

HIGH_GRADE = Output.parse("high_grade_cancer[1]")
LOW_GRADE = Output.parse("low_grade_cancer[1]")
NO_CANCER = Output.parse("no_cancer[1]")
DRIVES_BIOPSY = "prostate biopsy"
ONE_IMPLEMENTATION = (
    "The authors' code on riskcalc.org is the one implementation that was run; the coefficients were not compared with a second one."
)
TERM_RAISES = "raises the log-odds of cancer on biopsy for patients recorded as Black or African American"

ANSWERS_KNOWN = ("biopsy exam family", "biopsy exam", "biopsy family", "biopsy", "exam family", "exam", "family", "none")
NO_TERM = dict.fromkeys(ANSWERS_KNOWN, 0.0)


def probabilities_2006(
    age,
    psa,
    digital_rectal_exam_abnormal,
    prior_negative_biopsy,
    family_history_prostate_cancer,
    *,
    beta,
):
    """1 / (1 + e^-w), Gleason 7 or more: w = -6.2461 + 1.29267 ln PSA + 0.030623 age + 1.00083 [exam] - 0.36335 [biopsy] + beta.

    any cancer: w = -1.796793671 + 0.8488458598 ln PSA + 0.2692952172 [family] + 0.9054345656 [exam] - 0.448331957 [biopsy].
    """
    ln_psa = np.where(psa > 0, np.log(psa), np.nan)
    high_grade = (
        -6.2461 + 1.29267 * ln_psa + 0.030623 * age + 1.00083 * digital_rectal_exam_abnormal - 0.36335 * prior_negative_biopsy + beta
    )
    any_cancer = (
        -1.796793671
        + 0.8488458598 * ln_psa
        + 0.2692952172 * family_history_prostate_cancer
        + 0.9054345656 * digital_rectal_exam_abnormal
        - 0.448331957 * prior_negative_biopsy
    )
    return {"high_grade_cancer": 1 / (1 + np.exp(-high_grade)), "any_cancer": 1 / (1 + np.exp(-any_cancer))}


def three_outcomes(
    age,
    psa,
    digital_rectal_exam_abnormal,
    prior_negative_biopsy,
    family_history_prostate_cancer,
    *,
    low,
    high,
    low_term,
    high_term,
):
    """P(no cancer), P(low grade), P(high grade) = 1, e^low, e^high over their sum.

    low, high = intercept + b log2 PSA + c age + race term + a number for each yes among the known answers.
    Numbers are listed per set of known answers: intercept, b, c, then prior biopsy, exam and family history as far as known.
    """
    answers = {"biopsy": prior_negative_biopsy, "exam": digital_rectal_exam_abnormal, "family": family_history_prostate_cancer}

    log2_psa = np.where(psa > 0, np.log2(psa), np.nan)

    def log_odds(sets, terms):
        total = np.full(len(age), np.nan)
        for known, (intercept, per_doubling, per_year, *per_answer) in sets.items():
            names = [] if known == "none" else known.split()
            chosen = np.all([np.isnan(answer) != (name in names) for name, answer in answers.items()], axis=0)
            given = sum(number * answers[name] for name, number in zip(names, per_answer, strict=True))
            total = np.where(chosen, intercept + per_doubling * log2_psa + per_year * age + terms[known] + given, total)
        return total

    low_odds, high_odds = np.exp(log_odds(low, low_term)), np.exp(log_odds(high, high_term))
    total = 1 + low_odds + high_odds
    return {"high_grade_cancer": high_odds / total, "low_grade_cancer": low_odds / total, "no_cancer": 1 / total}


pcptrc_1_2006 = Calculator(
    id="pcptrc_1_2006",
    title="PCPT risk calculator 1.0",
    specialty="oncology",
    year=2006,
    role="race_based",
    inputs=("age", "psa", "digital_rectal_exam_abnormal", "prior_negative_biopsy", "family_history_prostate_cancer"),
    outputs=(HIGH_GRADE, Output.parse("any_cancer[1]")),
    formula=probabilities_2006,
    race=RaceTerm(
        kind="log_odds",
        groups={"Black": {"beta": 0.96039}, "not Black": {"beta": 0.0}},
        removed="not Black",
        removed_source="catalogue",
        unlisted="not Black",
        meaning="raises the log-odds of high-grade cancer by 0.96039 for patients recorded as Black or African American; any cancer has no term",
    ),
    race_free_peers=("phi_2011",),
    drives=DRIVES_BIOPSY,
    confidence_note=ONE_IMPLEMENTATION,
    population="Men before a prostate biopsy.",
    equation=(
        "P = 1 / (1 + e^-w)\n"
        "high grade (Gleason 7 or more): w = -6.2461 + 1.29267 * ln PSA + 0.030623 * age + 1.00083 [abnormal exam] - 0.36335 [prior biopsy] + 0.96039 [Black]\n"
        "any cancer: w = -1.796793671 + 0.8488458598 * ln PSA + 0.2692952172 [family history] + 0.9054345656 [abnormal exam] - 0.448331957 [prior negative biopsy]"
    ),
    direction=(
        "Multiplies the odds of high-grade cancer by 2.61: at 65 years, a PSA of 4 ng/mL and no to every question, 18.2% in place of 7.8%. "
        "A higher probability favors a biopsy, so dropping the term makes biopsies rarer in patients recorded as Black or African American."
    ),
    history="Superseded by version 2.0, which kept a race term and added one for low-grade cancer.",
    sources=(Source(citation="Thompson et al. J Natl Cancer Inst 2006;98:529"),),
    note="High grade reads age and no family history, any cancer the other way round. Under finasteride the PSA is doubled first, which is left to the user. No guideline fixes a probability for biopsy.",
)

pcptrc_2 = Calculator(
    id="pcptrc_2",
    title="PCPT risk calculator 2.0",
    specialty="oncology",
    year=2014,
    role="race_based",
    inputs=("age", "psa"),
    optional_inputs=("digital_rectal_exam_abnormal", "prior_negative_biopsy", "family_history_prostate_cancer"),
    outputs=(HIGH_GRADE, LOW_GRADE, NO_CANCER),
    formula=three_outcomes,
    constants={
        "low": {
            "biopsy exam family": (-3.00215469, 0.25613390, 0.01643637, -0.45533257, -0.03864628, 0.27197219),
            "biopsy exam": (-2.89648245, 0.25904098, 0.01559192, -0.45444000, -0.03729244),
            "biopsy family": (-3.01529063, 0.25578861, 0.01654912, -0.45825158, 0.27183869),
            "biopsy": (-2.90917471, 0.25872451, 0.01570165, -0.45729181),
            "exam family": (-2.90933651, 0.23803667, 0.01447269, -0.06592322, 0.27128248),
            "exam": (-2.80429793, 0.24127801, 0.01363705, -0.06487585),
            "family": (-2.92983751, 0.23714373, 0.01463232, 0.27095959),
            "none": (-2.81814489, 0.24044370, 0.01370219),
        },
        "high": {
            "biopsy exam family": (-7.05304534, 0.70489441, 0.04753804, -0.21409933, 0.40068434, 0.22467348),
            "biopsy exam": (-6.96119633, 0.70674359, 0.04676393, -0.21100921, 0.40319606),
            "biopsy family": (-6.94522156, 0.70637260, 0.04697087, -0.18320006, 0.23044734),
            "biopsy": (-6.85264083, 0.70797314, 0.04621214, -0.17972927),
            "exam family": (-6.99449483, 0.69530025, 0.04637911, 0.38651649, 0.22287791),
            "exam": (-6.90681925, 0.69720305, 0.04566552, 0.38925765),
            "family": (-6.90439295, 0.69799874, 0.04608130, 0.22913998),
            "none": (-6.84249970, 0.70043815, 0.04574460),
        },
    },
    race=RaceTerm(
        kind="log_odds",
        groups={
            "Black": {
                "low_term": {
                    "biopsy exam family": 0.12172599,
                    "biopsy exam": 0.11996693,
                    "biopsy family": 0.12327661,
                    "biopsy": 0.12141077,
                    "exam family": 0.11443251,
                    "exam": 0.11165777,
                    "family": 0.11765430,
                    "none": 0.12000825,
                },
                "high_term": {
                    "biopsy exam family": 1.04174529,
                    "biopsy exam": 1.03937720,
                    "biopsy family": 1.02065099,
                    "biopsy": 1.01887797,
                    "exam family": 1.03847001,
                    "exam": 1.03622425,
                    "family": 1.01787561,
                    "none": 1.01699029,
                },
            },
            "not Black": {"low_term": NO_TERM, "high_term": NO_TERM},
        },
        removed="not Black",
        removed_source="catalogue",
        unlisted="not Black",
        mixed="not Black",
        meaning=f"{TERM_RAISES}: by 1.02 to 1.04 for high grade and by 0.11 to 0.12 for low grade, depending on the answers known",
    ),
    race_free_peers=("phi_2011",),
    drives=DRIVES_BIOPSY,
    confidence_note=ONE_IMPLEMENTATION,
    population="Men before a prostate biopsy.",
    equation=(
        "P(none), P(low grade), P(high grade) = 1, e^S1, e^S2 over 1 + e^S1 + e^S2\n"
        "all answers known: S1 = -3.00215469 + 0.25613390 * log2 PSA + 0.01643637 * age + 0.12172599 [Black] - 0.45533257 [prior negative biopsy] "
        "- 0.03864628 [abnormal exam] + 0.27197219 [family history]\n"
        "S2 = -7.05304534 + 0.70489441 * log2 PSA + 0.04753804 * age + 1.04174529 [Black] - 0.21409933 [prior negative biopsy] "
        "+ 0.40068434 [abnormal exam] + 0.22467348 [family history]\n"
        "seven further sets of coefficients when one or more of the three answers are not known"
    ),
    direction=(
        "With all answers known, multiplies the odds of high-grade against no cancer by 2.83: at 65 years, a PSA of 4 ng/mL and no to every question, 14.8% in place of 5.9%, "
        "with low grade unchanged at 18.3%. A higher probability favors a biopsy, so dropping the term makes biopsies rarer in patients recorded as Black or African American."
    ),
    history="In use. Nothing official without race has replaced it.",
    sources=(Source(citation="Ankerst et al. Urology 2014;83:1362"),),
    note=(
        "The tool's updates by percent free PSA, PCA3 (with a race term of its own, 0.733 on the log2 scale) and T2:ERG (another) are not computed. No guideline fixes a probability for biopsy."
    ),
)
