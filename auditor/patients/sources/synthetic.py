"""The embedded cohort: 20,000 synthetic adults like NHANES's, and a sub-cohort for every other setting calculators are used in.

Inputs that the survey measured follow it (`synthetic_survey`). All others are drawn from ranges stated in
illustrative.csv, without regard to recorded race: differences between groups in them come from the calculators alone,
and results that rest on them are illustrative. `docs/synthetic_cohort.md` describes both.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.patients.sources.synthetic_survey import (
    EVERYTHING,
    HERE,
    SEXES,
    Columns,
    Floats,
    draw_age,
    draw_outcome,
    draw_race,
    lose,
    measure,
    read_survey,
)
from calculators.coded import Coded
from calculators.declare import Calculator
from calculators.inputs import vocabulary
from calculators.registry import get
from calculators.tables import read_table

SEED = 20240328
SIZE = 20_000
SUB_COHORT = 0.1
GENERAL = "general"
MISSED = 0.01
OWN_SETTING = {
    "schwartz_bedside_2009": "pediatric",
    "ckid_u25_cr_2021": "pediatric",
    "ckid_u25_cys_2021": "pediatric",
    "ckid_u25_avg_2021": "pediatric",
    "anaemia_hb_cutoff_acog_2008_pregnancy_race": "obstetric",
    "orai_2000": "women_screening",
    "osiris_2002": "women_screening",
    "ost_2001": "women_screening",
    "osteoporosis_score_1998": "women_screening",
}

Rows = tuple[dict[str, str], ...]
AMONG: dict[str, Callable[[Columns], Any]] = {
    "": lambda c: np.ones(len(c["age"]), dtype=bool),
    "women": lambda c: c["sex"] == "female",
    "men": lambda c: c["sex"] == "male",
    "30_and_over": lambda c: c["age"] >= 30,
    "40_and_over": lambda c: c["age"] >= 40,
    "spirometry": lambda c: ~np.isnan(c["fvc"]),
    "hypertension": lambda c: c["hypertension"] == 1,
    "dialysis": lambda c: c["dialysis"] == 1,
    "parous": lambda c: c["parous"] == 1,
    "prior_cesarean": lambda c: c["prior_cesarean"] == 1,
    "chronic_hypertension": lambda c: c["chronic_hypertension"] == 1,
    "former": lambda c: c["smoker"] == 0,
    "ever": lambda c: c["years_smoked_band"] != "never",
    "births": lambda c: c["nulliparous"] == 0,
    "biopsied": lambda c: c["breast_biopsies"] >= 1,
}


def generate(n: int = SIZE, seed: int = SEED) -> Columns:
    """Synthetic patients as raw columns named like inputs: floats with NaN, words with "", booleans 0 or 1; the same for a seed.

    `n` general adults first, then n / 10 patients of each other setting; a column that a setting does not record is
    missing there. Beside the inputs: `race` (categories and details joined by ";"), `sample_weight` (persons a patient
    stands for; 1 outside the general setting), `died_10_years` (1, 0, NaN; general setting only) and `setting`.
    """
    parts = [generate_setting(name, n if name == GENERAL else round(n * SUB_COHORT), seed) for name in settings()]
    words = {"race", "setting", *(name for name, quantity in vocabulary().items() if quantity.kind == "category")}
    names = list(dict.fromkeys(name for part in parts for name in part))
    total = sum(len(part["age"]) for part in parts)
    stacked: Columns = {}
    for name in names:
        column = np.full(total, "", dtype=object) if name in words else np.full(total, np.nan)
        start = 0
        for part in parts:
            end = start + len(part["age"])
            if name in part:
                column[start:end] = part[name]
            start = end
        stacked[name] = column
    return stacked


def generate_setting(name: str, n: int, seed: int = SEED) -> Columns:
    """The patients of one setting with the columns it records, from a stream of its own.

    Order of draws: race, sex, age, scores, missing blocks, then the rows of illustrative.csv, what follows from them,
    single missing values, weights and outcome.
    """
    random = np.random.Generator(np.random.PCG64([seed, list(settings()).index(name)]))
    setting, rows = settings()[name], illustrative_rows(name)
    age_row = next((row for row in rows if row["input"] == "age"), {})
    rows = tuple(row for row in rows if row is not age_row)
    survey = read_survey()
    race, group = draw_race(n, random)
    women = survey.women[group] if name == GENERAL else np.full(n, float(setting["women"]))
    sex = (random.random(n) >= women).astype(np.intp)
    age = draw_age(survey, group, sex, random) if name == GENERAL else draw(age_row, {"age": np.zeros(n)}, random)
    followed = EVERYTHING if name == GENERAL else frozenset(setting["estimated"].split(";"))
    columns = measure(group, sex, age, random, followed)
    lose(columns, group, sex, age, random)
    columns = {c: columns[c] for c in columns if c in followed | {"age", "sex"}}
    for row in rows:
        place(row, columns, random)
    if name in COMPLETE:
        COMPLETE[name](columns)
    for column in dict.fromkeys(row["input"] for row in rows):
        if column in columns:
            columns[column][random.random(n) < MISSED] = "" if columns[column].dtype == object else np.nan
    kept = {c: values for c, values in columns.items() if c in vocabulary()}
    recorded = read_table("synthetic_parameters/race.csv", HERE)
    return {
        "race": np.array([row["recorded"] for row in recorded], dtype=object)[race],
        **kept,
        "sample_weight": weigh(race, group, random) if name == GENERAL else np.ones(n),
        "died_10_years": draw_outcome(columns, group, random) if name == GENERAL else np.full(n, np.nan),
        "setting": np.full(n, name, dtype=object),
    }


def weigh(race: NDArray[np.intp], group: NDArray[np.intp], random: np.random.Generator) -> Floats:
    """Persons each general adult stands for, as unequal within a group as the survey's weights."""
    survey, rows = read_survey(), read_table("synthetic_parameters/race.csv", HERE)
    sample, person = (np.array([float(row[name]) for row in rows])[race] for name in ("sample_share", "person_share"))
    spread = survey.weight_spread[group]
    unequal = np.exp(spread * random.standard_normal(len(race)) - spread**2 / 2)
    return np.asarray(np.round(survey.persons[group] * person / (len(race) * sample) * unequal, 1))


@cache
def settings() -> dict[str, dict[str, str]]:
    """The settings by name, the general one first: what they mean, the share of women, and which inputs follow the survey."""
    return {row["setting"]: row for row in read_table("synthetic_parameters/settings.csv", HERE)}


@cache
def illustrative_rows(setting: str) -> Rows:
    """The stated draws of one setting, in order."""
    return tuple(row for row in read_table("synthetic_parameters/illustrative.csv", HERE) if row["setting"] == setting)


@cache
def recorded(setting: str) -> frozenset[str]:
    """The inputs that a setting records."""
    return frozenset(generate_setting(setting, 1)) & frozenset(vocabulary())


@cache
def illustrative_inputs(setting: str) -> frozenset[str]:
    """The inputs that in this setting do not follow the survey (sex does only in the general one)."""
    followed = {"age", "sex", *FROM_SURVEY} if setting == GENERAL else set(settings()[setting]["estimated"].split(";"))
    return recorded(setting) - followed


def setting_of(calculator: Calculator) -> str:
    """The setting whose patients a calculator is meant for: the first that records all it needs, or else the general one."""
    if calculator.id in OWN_SETTING:
        return OWN_SETTING[calculator.id]
    order = ["obstetric"] if calculator.specialty == "obstetrics" else list(settings())
    return next((name for name in order if needed(calculator) <= recorded(name)), GENERAL)


def needed(calculator: Calculator) -> frozenset[str]:
    """The inputs a cohort must record for a calculator; one that no setting records is traced back to those of its feed."""
    everywhere = frozenset().union(*(recorded(name) for name in settings()))
    found: set[str] = set()
    for name in calculator.inputs:
        feed = calculator.feeds.get(name, "").partition(":")[0]
        found |= needed(get(feed)) if feed and name not in everywhere else {name}
    return frozenset(found)


def illustrative_for(calculator: Calculator) -> tuple[str, ...]:
    """The inputs of a calculator that are illustrative in its setting: results that rest on them are, too."""
    setting = setting_of(calculator)
    names = (*calculator.inputs, *calculator.optional_inputs)
    return tuple(name for name in names if name in illustrative_inputs(setting))


def draw(row: dict[str, str], columns: Columns, random: np.random.Generator) -> NDArray[Any]:
    """One stated draw for every patient: a share, words, or numbers rounded and kept inside the stated range."""
    n = len(columns["age"])
    kind, parts = row["draw"], row["parameters"].split(";")
    if kind == "share":
        return (random.random(n) < float(parts[0])).astype(np.float64)
    if kind in ("words", "words_of_numbers"):
        words, shares = zip(*(part.rsplit(":", 1) for part in parts), strict=True)
        chosen = random.choice(len(words), n, p=np.array(shares, dtype=np.float64) / sum(map(float, shares)))
        return np.array(words, dtype=object)[chosen] if kind == "words" else np.array(words, dtype=np.float64)[chosen]
    if kind == "ratio":
        values = columns[parts[0]] * float(parts[1]) * float(parts[2]) ** random.standard_normal(n)
    else:
        first, second = float(parts[0]), float(parts[1])
        if kind == "normal":
            values = first + second * random.standard_normal(n)
        elif kind == "lognormal":
            values = first * second ** random.standard_normal(n)
        elif kind == "uniform":
            values = first + (second - first) * random.random(n)
        elif kind == "whole":
            values = random.integers(int(first), int(second) + 1, n).astype(np.float64)
        elif kind == "zero_or_lognormal":
            values = np.where(random.random(n) < first, 0.0, second * float(parts[2]) ** random.standard_normal(n))
        else:
            raise ValueError(f"illustrative.csv: '{kind}' is not a kind of draw")
    return np.asarray(np.clip(np.round(values, int(row["digits"])), float(row["low"]), float(row["high"])))


def place(row: dict[str, str], columns: Columns, random: np.random.Generator) -> None:
    """Draw a column for those it is recorded in; the others get the stated value, or keep what an earlier row gave them."""
    values = draw(row, columns, random)
    text = values.dtype == object
    otherwise: Any = columns.get(row["input"])
    if otherwise is None or not row["among"]:
        otherwise = (row["otherwise"] if text else float(row["otherwise"])) if row["otherwise"] else ("" if text else np.nan)
    columns[row["input"]] = np.where(AMONG[row["among"]](columns), values, otherwise)


def complete_general(columns: Columns) -> None:
    """What follows from the survey's quantities: kidney disease, FEV6, lung volume, lipid lowering (statins alone)."""
    columns["lipid_lowering"] = columns["statin"].copy()
    columns["pregnancy_trimester"] = np.full(len(columns["age"]), "none", dtype=object)
    complete_spirometry(columns)
    patients = {**columns, "sex": Coded.from_words(columns["sex"], SEXES)}
    egfr = get("ckd_epi_cr_2021").with_race(patients)["egfr"]
    disease = ((egfr < 60) | (columns["urine_acr"] >= 30)).astype(np.float64)
    known = ~np.isnan(egfr) & ~np.isnan(columns["urine_acr"]) & (columns["hypertension"] == 1)
    columns["chronic_kidney_disease"] = np.where(known, disease, np.nan)
    z = get("gli_global_2022_fvc").with_race(patients)["z_score"]
    columns["tlc_z_score"] = np.round(np.clip(0.7 * z + columns["tlc_noise"], -8, 8), 2)


def complete_spirometry(columns: Columns) -> None:
    """FEV6 between FEV1 and FVC."""
    columns["fev6"] = np.round(columns["fev1"] + (columns["fvc"] - columns["fev1"]) * columns["fev6_part"], 3)
    columns["fev1_fev6"] = np.round(columns["fev1"] / columns["fev6"], 3)


def complete_obstetric(columns: Columns) -> None:
    """Trimester, weights before and in pregnancy, and fetal measurements around stated curves of gestational age."""
    columns["prepregnancy_weight"] = columns["weight"].copy()
    columns["weight"] = np.round(columns["weight"] + columns["weight_gain"], 1)
    columns["prepregnancy_body_mass_index"] = np.round(columns["prepregnancy_weight"] / (columns["height"] / 100) ** 2, 1)
    columns["vaginal_delivery_since_cesarean"] = np.minimum(columns["vaginal_delivery_since_cesarean"], columns["prior_vaginal_delivery"])
    week = columns["gestational_age"]
    columns["pregnancy_trimester"] = np.where(week < 14, "first", np.where(week < 28, "second", "third")).astype(object)
    size, head = columns["fetal_size"], columns["head_size"]
    columns["abdominal_circumference"] = np.round((-11.8 + 1.45 * week - 0.0065 * week**2) * (1 + 0.045 * size), 1)
    columns["head_circumference"] = np.round((-13.5 + 1.85 * week - 0.0165 * week**2) * (1 + 0.02 * size + 0.025 * head), 1)
    columns["femur_length"] = np.round((-3.2 + 0.38 * week - 0.0029 * week**2) * (1 + 0.025 * size + 0.02 * head), 1)
    columns["biparietal_diameter"] = np.round((-2.9 + 0.46 * week - 0.0037 * week**2) * (1 + 0.02 * size + 0.025 * head), 1)
    weight = get("hadlock_efw_1985").with_race(columns)["estimated_fetal_weight_three"]
    columns["estimated_fetal_weight"] = np.round(weight)


def complete_transplant(columns: Columns) -> None:
    """Creatinine on dialysis is higher."""
    columns["creatinine"] = np.where(columns["dialysis"] == 1, np.clip(columns["creatinine"] * 3, 2.5, 15).round(2), columns["creatinine"])


def complete_intensive_care(columns: Columns) -> None:
    """Oxygenation from tension and fraction; blood pressure and vasopressors agree."""
    columns["pao2_fio2_ratio"] = np.clip(np.round(columns["pao2"] / columns["fio2"]), 20, 800)
    gradient = np.maximum(713 * columns["fio2"] - 50 - columns["pao2"], 5)
    columns["alveolar_arterial_gradient"] = np.where(columns["fio2"] >= 0.5, np.round(gradient), np.nan)
    columns["mean_arterial_pressure"] = np.minimum(columns["mean_arterial_pressure"], columns["systolic_bp"] - 5)
    alone = np.where(columns["mean_arterial_pressure"] < 70, "map_below_70", "map_70_or_above")
    columns["cardiovascular_support"] = np.where(columns["vasopressor"] == "none", alone, columns["vasopressor"]).astype(object)


def complete_cardiac_surgery(columns: Columns) -> None:
    """Creatinine clearance by Cockcroft and Gault."""
    clearance = get("cockcroft_gault_1976").with_race(columns)["creatinine_clearance"]
    columns["creatinine_clearance"] = np.minimum(np.round(clearance), 250)


def complete_anticoagulation(columns: Columns) -> None:
    """Body surface area by Mosteller (N Engl J Med 1987;317:1098): sqrt(height * weight / 3600)."""
    columns["body_surface_area"] = np.round(np.sqrt(columns["height"] * columns["weight"] / 3600), 2)


def complete_lung(columns: Columns) -> None:
    """Nobody smoked before 12; people who smoke have quit for 0 years."""
    columns["years_quit"] = np.where(columns["smoker"] == 1, 0.0, np.minimum(columns["years_quit"], columns["age"] - 20))
    columns["years_smoked"] = np.minimum(columns["years_smoked"], columns["age"] - 12 - columns["years_quit"])


def complete_five_years(columns: Columns) -> None:
    """Risk is projected over five years."""
    columns["projection_age"] = columns["age"] + 5


def complete_prostate(columns: Columns) -> None:
    """Forms of the antigen as stated shares of it."""
    columns["free_psa"] = np.round(columns["psa"] * columns["free_share"], 2)
    columns["p2psa"] = np.round(columns["free_psa"] * columns["p2psa_share"], 1)


def complete_women(columns: Columns) -> None:
    """Risk is projected over five years; first births lie before today."""
    complete_five_years(columns)
    columns["age_at_first_birth"] = np.minimum(columns["age_at_first_birth"], columns["age"])


COMPLETE: dict[str, Callable[[Columns], None]] = {
    GENERAL: complete_general,
    "pediatric": complete_spirometry,
    "obstetric": complete_obstetric,
    "transplant_candidate": complete_transplant,
    "intensive_care": complete_intensive_care,
    "cardiac_surgery": complete_cardiac_surgery,
    "anticoagulation": complete_anticoagulation,
    "lung_screening": complete_lung,
    "colorectal_screening": complete_five_years,
    "prostate_biopsy": complete_prostate,
    "women_screening": complete_women,
}
FROM_SURVEY = EVERYTHING | {"lipid_lowering", "chronic_kidney_disease"}
ILLUSTRATIVE = frozenset(row["input"] for row in read_table("synthetic_parameters/illustrative.csv", HERE)) - FROM_SURVEY - {"age"}
