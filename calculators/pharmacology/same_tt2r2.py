"""SAMe-TT2R2: how likely a vitamin K antagonist is to be poorly controlled in atrial fibrillation (Apostolakis 2013)."""

from calculators.declare import Calculator, Decision, Output, RaceTerm, Removal, Source
from calculators.points import under


def same_tt2r2_points(sex, age, two_or_more_comorbidities, interacting_drugs, tobacco_use, *, points):
    """1 [female] + 1 [age under 60] + 1 [two or more comorbidities] + 1 [interacting drugs] + 2 [tobacco] + points."""
    return sex.pick(female=1, male=0) + under(age, 60) + two_or_more_comorbidities + interacting_drugs + 2 * tobacco_use + points


same_tt2r2_2013 = Calculator(
    id="same_tt2r2_2013",
    title="SAMe-TT2R2",
    specialty="pharmacology",
    year=2013,
    role="race_based",
    inputs=("sex", "age", "two_or_more_comorbidities", "interacting_drugs", "tobacco_use"),
    outputs=(Output.parse("same_tt2r2[{score}]"),),
    formula=same_tt2r2_points,
    printed_decimals={"same_tt2r2": 0},
    race=RaceTerm(
        kind="points",
        groups={"White": {"points": 0}, "not White": {"points": 2}},
        removed="White",
        removed_source="catalogue",
        unlisted="not White",
        meaning="gives 2 points to patients not recorded as White, and none to those who are",
        other_removals=(Removal(name="points_for_all", row="not White", meaning="everyone is given the 2 points"),),
    ),
    decisions=(
        Decision(
            id="direct_anticoagulant",
            output="same_tt2r2",
            operator=">=",
            cutoff=2,
            action="prefer a direct oral anticoagulant (some use > 2)",
            yes_means="opens_care",
            confidence="SINGLE-SOURCE",
        ),
    ),
    confidence="SINGLE-SOURCE",
    confidence_note="One implementation was executed.",
    drives="warfarin or a direct oral anticoagulant",
    population="Adults with atrial fibrillation who need an anticoagulant.",
    equation="1 [female] + 1 [age under 60] + 1 [two or more comorbidities] + 1 [interacting drugs] + 2 [tobacco use] + 2 [not White]; 0 to 8",
    direction="The 2 points alone reach the threshold, so every patient not recorded as White is advised a direct anticoagulant; without them (SAMe-TT2) some are not.",
    history="Derived in the AFFIRM trial. SAMe-TT2, without the last letter, drops the points.",
    sources=(Source(citation="Apostolakis S, Sullivan RM, Olshansky B, Lip GYH. Chest 2013;144:1555-1563", doi="10.1378/chest.13-0054"),),
    note="Unknown race is scored as not White. Some centers use more than 2 as the threshold.",
)
