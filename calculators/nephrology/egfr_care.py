"""What an estimated GFR decides: KDIGO stages and the thresholds that open or close care."""

from calculators.declare import Bands, Decision

KDIGO_GFR = Bands(
    id="kdigo_gfr",
    output="egfr",
    cuts=(15, 30, 45, 60, 90),
    labels=("G5", "G4", "G3b", "G3a", "G2", "G1"),
    source="KDIGO 2024",
)

EGFR_CARE = (
    Decision(
        id="ckd_g3a",
        output="egfr",
        operator="<",
        cutoff=60,
        action="chronic kidney disease stage G3a or worse if it lasts over 3 months",
        guideline="KDIGO 2024",
        yes_means="labels",
    ),
    Decision(
        id="metformin_start",
        output="egfr",
        operator="<",
        cutoff=45,
        action="do not start metformin",
        guideline="FDA 2016",
        yes_means="closes_care",
    ),
    Decision(
        id="metformin_contraindicated",
        output="egfr",
        operator="<",
        cutoff=30,
        action="metformin contraindicated",
        guideline="FDA 2016",
        yes_means="closes_care",
    ),
    Decision(
        id="contrast_metformin_hold",
        output="egfr",
        operator="<",
        cutoff=60,
        action="hold metformin at or before iodinated contrast when egfr is 30-60",
        guideline="FDA 2016",
        yes_means="closes_care",
    ),
    Decision(
        id="nephrology_referral",
        output="egfr",
        operator="<",
        cutoff=30,
        action="nephrology referral, stage G4 or worse",
        guideline="eClinicalMedicine 2021, KDIGO stage",
        yes_means="opens_care",
    ),
    Decision(
        id="sglt2_inhibitor",
        output="egfr",
        operator=">=",
        cutoff=20,
        action="SGLT2 inhibitor may be started",
        guideline="secondary page, SINGLE-SOURCE",
        confidence="SINGLE-SOURCE",
        yes_means="opens_care",
    ),
    Decision(
        id="kidney_disease_education",
        output="egfr",
        operator="<",
        cutoff=30,
        action="Medicare kidney disease education when egfr is 15-29",
        guideline="CMS",
        yes_means="opens_care",
    ),
    Decision(
        id="transplant_waiting_time",
        output="egfr",
        operator="<=",
        cutoff=20,
        action="adult kidney waiting time starts to accrue",
        guideline="OPTN",
        yes_means="opens_care",
    ),
)
