"""What a fetal weight centile decides: surveillance of growth restriction, and the label of a large fetus."""

from calculators.declare import Bands, Decision

DRIVES_GROWTH = "diagnosis of fetal growth restriction, Doppler surveillance, early delivery"

FETAL_GROWTH_RESTRICTION = Decision(
    id="fetal_growth_restriction",
    output="centile",
    operator="<",
    cutoff=10,
    action="fetal growth restriction, Doppler surveillance",
    confidence="SINGLE-SOURCE",
    yes_means="opens_care",
)
SEVERE = Decision(
    id="severe",
    output="centile",
    operator="<",
    cutoff=3,
    action="severe fetal growth restriction",
    confidence="SINGLE-SOURCE",
    yes_means="opens_care",
)
LARGE = Decision(
    id="large",
    output="centile",
    operator=">",
    cutoff=90,
    action="large for gestational age",
    confidence="SINGLE-SOURCE",
    yes_means="labels",
)
GROWTH_RESTRICTION = Bands(
    id="growth_restriction",
    output="centile",
    cuts=(3, 10),
    labels=("severe growth restriction (below 3rd)", "growth restriction (3rd to below 10th)", "10th or above"),
    source="centiles of the thresholds for growth restriction",
)
