"""What a 10-year atherosclerotic risk by the Pooled Cohort Equations decides: statin and blood pressure treatment."""

from calculators.declare import Bands, Decision

ASCVD_RISK = Bands(
    id="ascvd_risk",
    output="ascvd_10_year",
    cuts=(0.05, 0.075, 0.20),
    labels=("low", "borderline", "intermediate", "high"),
    source="ACC/AHA 2018, 2019",
)

ASCVD_CARE = (
    Decision(
        id="borderline",
        output="ascvd_10_year",
        operator=">=",
        cutoff=0.05,
        action="borderline risk",
        guideline="ACC/AHA 2018, 2019",
        yes_means="labels",
    ),
    Decision(
        id="statin_discussion",
        output="ascvd_10_year",
        operator=">=",
        cutoff=0.075,
        action="moderate-intensity statin discussion",
        guideline="ACC/AHA 2018, 2019",
        yes_means="opens_care",
    ),
    Decision(
        id="high",
        output="ascvd_10_year",
        operator=">=",
        cutoff=0.20,
        action="lower LDL cholesterol by 50 % or more",
        guideline="ACC/AHA 2018, 2019",
        yes_means="opens_care",
    ),
    Decision(
        id="hypertension_drug",
        output="ascvd_10_year",
        operator=">=",
        cutoff=0.10,
        action="drug therapy in stage 1 hypertension",
        guideline="ACC/AHA 2017",
        yes_means="opens_care",
    ),
)
