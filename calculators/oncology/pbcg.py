"""PBCG risk calculator: prostate cancer on biopsy, fitted in ten centers (Ankerst 2018)."""

from calculators.declare import Calculator, RaceTerm, Source, completed
from calculators.oncology.pcptrc import (
    DRIVES_BIOPSY,
    HIGH_GRADE,
    LOW_GRADE,
    NO_CANCER,
    NO_TERM,
    ONE_IMPLEMENTATION,
    TERM_RAISES,
    three_outcomes,
)

pbcg_2018 = Calculator(
    id="pbcg_2018",
    title="PBCG risk calculator",
    specialty="oncology",
    year=2018,
    role="race_based",
    inputs=("age", "psa"),
    optional_inputs=("digital_rectal_exam_abnormal", "prior_negative_biopsy", "family_history_prostate_cancer"),
    outputs=(HIGH_GRADE, LOW_GRADE, NO_CANCER),
    formula=three_outcomes,
    constants={
        "low": {
            "biopsy exam family": (-2.44052108, 0.13617244, 0.01780617, -0.83613721, 0.04612721, 0.33233636),
            "biopsy exam": (-2.29687989, 0.13785591, 0.01758914, -0.86200471, 0.07193350),
            "biopsy family": (-2.64840984, 0.13125283, 0.02044166, -0.98610357, 0.31447017),
            "biopsy": (-2.49050385, 0.12961272, 0.02020429, -0.97275826),
            "exam family": (-2.16147411, 0.07409519, 0.01322988, 0.05397516, 0.29246219),
            "exam": (-2.01851079, 0.06745424, 0.01263369, 0.08562844),
            "family": (-2.39161580, 0.06129651, 0.01600515, 0.27501639),
            "none": (-2.23794923, 0.05343098, 0.01553627),
        },
        "high": {
            "biopsy exam family": (-6.36851856, 0.79996510, 0.05566536, -1.27437249, 0.85780143, 0.61003848),
            "biopsy exam": (-6.06621401, 0.76053930, 0.05509847, -1.38390751, 0.83442202),
            "biopsy family": (-6.70538152, 0.77635003, 0.06542705, -1.43681965, 0.55443478),
            "biopsy": (-6.41089002, 0.74110558, 0.06476911, -1.50274350),
            "exam family": (-5.99897055, 0.70727793, 0.04992968, 0.89154384, 0.56910873),
            "exam": (-5.68203352, 0.65059244, 0.04883786, 0.87421554),
            "family": (-6.42320154, 0.67779036, 0.06092178, 0.50805684),
            "none": (-6.13292904, 0.62979529, 0.06002002),
        },
    },
    race=RaceTerm(
        kind="log_odds",
        groups={
            "Black": {
                "low_term": {
                    "biopsy exam family": 0.78721039,
                    "biopsy exam": 0.63876791,
                    "biopsy family": 0.81792881,
                    "biopsy": 0.67674970,
                    "exam family": 0.76131045,
                    "exam": 0.63938472,
                    "family": 0.81132928,
                    "none": 0.69593716,
                },
                "high_term": {
                    "biopsy exam family": 0.61596975,
                    "biopsy exam": 0.51701373,
                    "biopsy family": 0.52401464,
                    "biopsy": 0.42814591,
                    "exam family": 0.56485952,
                    "exam": 0.49214793,
                    "family": 0.50429130,
                    "none": 0.43816016,
                },
            },
            "not Black": {"low_term": NO_TERM, "high_term": NO_TERM},
        },
        removed="not Black",
        removed_source="catalogue",
        unlisted="not Black",
        mixed="not Black",
        meaning=f"{TERM_RAISES}: by 0.43 to 0.62 for high grade and by 0.64 to 0.82 for low grade, depending on the answers known",
    ),
    race_free_peers=("phi_2011",),
    valid={"age": completed(40, 90), "psa": (2, 50)},
    drives=DRIVES_BIOPSY,
    confidence_note=ONE_IMPLEMENTATION,
    population="Men before a prostate biopsy, in ten centers; the tool takes ages 40 to 90 and a PSA of 2 to 50 ng/mL.",
    equation=(
        "P(none), P(low grade), P(high grade) = 1, e^S1, e^S2 over 1 + e^S1 + e^S2\n"
        "all answers known: S1 = -2.44052108 + 0.13617244 * log2 PSA + 0.01780617 * age + 0.78721039 [African ancestry] - 0.83613721 [prior negative biopsy] "
        "+ 0.04612721 [abnormal exam] + 0.33233636 [family history]\n"
        "S2 = -6.36851856 + 0.79996510 * log2 PSA + 0.05566536 * age + 0.61596975 [African ancestry] - 1.27437249 [prior negative biopsy] "
        "+ 0.85780143 [abnormal exam] + 0.61003848 [family history]\n"
        "seven further sets of coefficients when one or more of the three answers are not known"
    ),
    direction=(
        "With all answers known, multiplies the odds against no cancer by 1.85 (high grade) and 2.20 (low grade): at 65 years, a PSA of 4 ng/mL and no to every question, "
        "24.6% high grade in place of 18.8%, and 33.5% low grade in place of 21.7%. A higher probability favors a biopsy, "
        "so dropping the term makes biopsies rarer in patients recorded as Black or African American."
    ),
    history="In use. Nothing official without race has replaced it; an extended version of 2022 adds Hispanic ethnicity and prostate volume and is not computed here.",
    sources=(Source(citation="Ankerst et al. Eur Urol 2018;74:197"),),
    note="The tool words the term as African ancestry. Its screen rounds to whole percent, low grade first and high grade as the rest; here nothing is rounded. No guideline fixes a probability for biopsy.",
)
