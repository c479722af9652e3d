"""What the spirometry equations share: how a measured volume enters, what a result decides, and the severity grades."""

import functools
import inspect

from calculators.declare import Bands, Decision, Source


def for_measured(name, formula):
    """The same formula with its column `measured` called `name`, as the vocabulary calls this quantity."""

    @functools.wraps(formula)
    def named(*columns, **numbers):
        return formula(*columns, **numbers)

    signature = inspect.signature(formula)
    named.__signature__ = signature.replace(
        parameters=[p.replace(name=name) if p.name == "measured" else p for p in signature.parameters.values()]
    )
    return named


DRIVES = "Whether airflow obstruction or restriction is found and how severe; disability, surgery and fitness for work"

BELOW_LLN = Decision(
    id="below_lln",
    output="z_score",
    operator="<",
    cutoff=-1.645,
    action="abnormal, below the lower limit of normal",
    guideline="ERS/ATS 2022",
    yes_means="labels",
)

SEVERITY = (
    BELOW_LLN,
    Decision(
        id="moderate",
        output="z_score",
        operator="<",
        cutoff=-2.5,
        action="moderate or worse",
        guideline="ERS/ATS 2022",
        yes_means="labels",
    ),
    Decision(
        id="severe",
        output="z_score",
        operator="<",
        cutoff=-4,
        action="severe",
        guideline="ERS/ATS 2022",
        yes_means="labels",
    ),
)

FEV1_CARE = (
    Decision(
        id="gold_2",
        output="percent_predicted",
        operator="<",
        cutoff=80,
        action="GOLD grade 2 or worse when FEV1/FVC < 0.70",
        guideline="GOLD",
        yes_means="labels",
    ),
    Decision(
        id="gold_3",
        output="percent_predicted",
        operator="<",
        cutoff=50,
        action="GOLD grade 3 or worse",
        guideline="GOLD",
        yes_means="labels",
    ),
    Decision(
        id="gold_4",
        output="percent_predicted",
        operator="<",
        cutoff=30,
        action="GOLD grade 4",
        guideline="GOLD",
        yes_means="labels",
    ),
    Decision(
        id="va_60",
        output="percent_predicted",
        operator="<=",
        cutoff=55,
        action="60 % disability rating (40-55)",
        guideline="38 CFR 4.97",
        yes_means="opens_care",
    ),
    Decision(
        id="va_100",
        output="percent_predicted",
        operator="<",
        cutoff=40,
        action="100 % disability rating",
        guideline="38 CFR 4.97",
        yes_means="opens_care",
    ),
)

ERS_ATS_SEVERITY = Bands(
    id="ers_ats_severity",
    output="z_score",
    cuts=(-4, -2.5, -1.645),
    labels=("severe", "moderate", "mild", "normal"),
    source="ERS/ATS 2022",
)

GOLD_GRADES = Bands(
    id="gold_grades",
    output="percent_predicted",
    cuts=(30, 50, 80),
    labels=("4", "3", "2", "1"),
    source="GOLD, when FEV1/FVC < 0.70",
)

QUANJER_2012 = Source(citation="Quanjer PH, Stanojevic S, Cole TJ, et al. Eur Respir J 2012;40:1324-1343", doi="10.1183/09031936.00080312")
GRAHAM_2019 = Source(
    citation="Graham BL, Steenbruggen I, Miller MR, et al. Am J Respir Crit Care Med 2019;200(8), online supplement, section E7",
    note="Which people each GLI-2012 group stands for; the American Thoracic Society and European Respiratory Society on spirometry.",
)
BOWERMAN_2023 = Source(
    citation="Bowerman C, Bhakta NR, Brazzale D, et al. Am J Respir Crit Care Med 2023;207:768-774", doi="10.1164/rccm.202205-0963OC"
)
ATS_2023 = Source(
    citation="Bhakta NR, Bime C, Kaminsky DA, et al. Am J Respir Crit Care Med 2023;207(8)",
    note="American Thoracic Society statement on race and pulmonary function test interpretation.",
)
DIAO_2024 = Source(citation="Diao JA, et al. N Engl J Med 2024;390:2083-2097", doi="10.1056/NEJMsa2311809")
MOFFETT_2023 = Source(citation="Moffett AT, et al. JAMA Netw Open 2023 (PMC10236239)")
ELMALEH_SACHS_2022 = Source(citation="Elmaleh-Sachs A, et al. Am J Respir Crit Care Med 2022;205:700-710", doi="10.1164/rccm.202107-1612OC")
