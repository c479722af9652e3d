"""ERS/ATS 2022 interpretation of lung function: severity by z-score and ventilatory pattern."""

import numpy as np

from calculators.declare import Calculator, Decision, Output, Source
from calculators.pulmonology.spirometry import MOFFETT_2023

ERS_ATS_2022 = Source(
    citation="Stanojevic S, Kaminsky DA, Miller MR, et al. Eur Respir J 2022;60:2101499", doi="10.1183/13993003.01499-2021"
)


def severity_by_z(fev1_z_score, *, mild, moderate, severe):
    """Severe below -4, moderate below -2.5, mild below -1.645, else normal; each limit belongs to the milder grade."""
    return np.select([fev1_z_score < severe, fev1_z_score < moderate, fev1_z_score < mild], ["severe", "moderate", "mild"], "normal")


def ventilatory_pattern(fev1_z_score, fvc_z_score, fev1_fvc_z_score, tlc_z_score, *, lln):
    """FEV1/FVC decides obstruction, then FVC and TLC decide the rest; z-scores below the lower limit are low."""
    low_ratio, low_fvc, low_tlc = fev1_fvc_z_score < lln, fvc_z_score < lln, tlc_z_score < lln
    tlc_unknown = np.isnan(tlc_z_score)
    return np.select(
        [
            low_ratio & low_tlc,
            low_ratio & low_fvc & tlc_unknown,
            low_ratio,
            low_fvc & low_tlc,
            low_fvc & tlc_unknown,
            low_fvc,
        ],
        [
            "mixed_obstructive_restrictive",
            "obstructive_with_reduced_fvc",
            "obstructive",
            "restrictive",
            "possible_restriction",
            "non_specific_pattern",
        ],
        "normal",
    )


ats_ers_2022_severity_z = Calculator(
    id="ats_ers_2022_severity_z",
    title="ERS/ATS 2022 severity by z-score",
    specialty="pulmonology",
    year=2022,
    role="interpretation",
    inputs=("fev1_z_score",),
    outputs=(Output.parse("severity[category]", ("normal", "mild", "moderate", "severe")),),
    formula=severity_by_z,
    constants={"mild": -1.645, "moderate": -2.5, "severe": -4},
    decisions=(
        Decision(id="mild", output="severity", reads="fev1_z_score", operator="<", cutoff=-1.645, action="mild", yes_means="labels"),
        Decision(id="moderate", output="severity", reads="fev1_z_score", operator="<", cutoff=-2.5, action="moderate", yes_means="labels"),
        Decision(id="severe", output="severity", reads="fev1_z_score", operator="<", cutoff=-4, action="severe", yes_means="labels"),
    ),
    feeds={"fev1_z_score": "gli_2012_fev1:z_score"},
    drives="The severity put on a lung function report",
    population="Anyone with an FEV1 z-score; race enters through the reference equation behind it.",
    equation="normal: z >= -1.645; mild: -2.5 <= z < -1.645; moderate: -4 <= z < -2.5; severe: z < -4",
    direction="No race term of its own: a race-specific reference equation moves the z-score, and with it the grade.",
    history="Replaced the percent predicted grades of 2005 (mild from 70%, moderate 60 to 69%, moderately severe 50 to 59%, severe 35 to 49%, very severe under 35%).",
    sources=(ERS_ATS_2022,),
)

ats_ers_2022_pattern = Calculator(
    id="ats_ers_2022_pattern",
    title="ERS/ATS 2022 ventilatory pattern",
    specialty="pulmonology",
    year=2022,
    role="interpretation",
    inputs=("fev1_z_score", "fvc_z_score", "fev1_fvc_z_score"),
    optional_inputs=("tlc_z_score",),
    outputs=(
        Output.parse(
            "pattern[category]",
            (
                "normal",
                "obstructive",
                "obstructive_with_reduced_fvc",
                "mixed_obstructive_restrictive",
                "non_specific_pattern",
                "possible_restriction",
                "restrictive",
            ),
        ),
    ),
    formula=ventilatory_pattern,
    constants={"lln": -1.645},
    feeds={
        "fev1_z_score": "gli_2012_fev1:z_score",
        "fvc_z_score": "gli_2012_fvc:z_score",
        "fev1_fvc_z_score": "gli_2012_fev1fvc:z_score",
    },
    drives="Lung volume test, CT, referral for interstitial lung disease",
    population="Anyone with spirometry z-scores; race enters through the reference equations behind them.",
    equation=(
        "low: z < -1.645\n"
        "FEV1/FVC low: mixed if TLC low; obstructive with reduced FVC if FVC low and TLC unknown; else obstructive\n"
        "FEV1/FVC not low, FVC low: restrictive if TLC low; possible restriction if TLC unknown; else non-specific pattern\n"
        "otherwise normal"
    ),
    direction="No race term of its own: race-specific reference equations for FVC lower the limit for patients recorded as Black or African American, so fewer are called restricted.",
    history="On moving from GLI-2012 to GLI Global restriction rose from 26.8% to 37.5% of tests of Black and fell from 22.6% to 18.0% of tests of White patients (Moffett 2023).",
    known_wrong=(
        "Public implementations disagree where the rule is silent: an isolated low FEV1 is normal or non-specific, a low TLC with a normal FVC restricted or normal, "
        "and a low ratio with a low TLC and a normal FVC mixed or obstructive.",
    ),
    sources=(ERS_ATS_2022, MOFFETT_2023),
    note=(
        "FEV1 does not change the pattern here: an isolated low FEV1 is normal, and so is a low TLC with normal FEV1/FVC and FVC. A low ratio with a low TLC is mixed whatever the FVC. "
        "With TLC unknown, a low ratio and a low FVC is named obstructive with reduced FVC, which the written rule lacks and both implementations give."
    ),
)
