"""Synthetic people like those of NHANES: a model of few parameters, each estimated from many people.

A person is a recorded race, a sex, an age and one standard normal score per quantity. The scores are correlated (a
Gaussian copula, by sex and age); each score picks a point of the quantity's distribution for the person's sex, age and
group of the survey. `docs/synthetic_cohort.md` says how the parameters were estimated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calculators.tables import read_table

HERE = "auditor.patients.sources"
PARAMETERS = Path(str(files(HERE).joinpath("synthetic_parameters")))

GROUPS = ("Asian", "Black", "Hispanic", "White", "Other")
SEXES = ("female", "male")
KNOTS = (3, 5, 7, 9, 11, 13, 15, 17, 20, 30, 40, 50, 60, 70, 80)
PROBABILITIES = (0.003, 0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 0.99, 0.997)
QUANTILES = tuple(f"q{p:g}" for p in PROBABILITIES)
Z_KNOTS = np.array([NormalDist().inv_cdf(p) for p in PROBABILITIES])
STATUS = {
    "hypertension_status": ("none", "untreated", "treated"),
    "diabetes_status": ("none", "untreated", "tablets", "insulin"),
    "smoking_status": ("never", "former", "current"),
    "statin_status": ("no", "yes"),
}
# Smallest and largest value given, and the digits to which the quantity is recorded.
MEASURED = {
    "height": (70.0, 220.0, 1),
    "weight": (8.0, 250.0, 1),
    "waist_circumference": (40.0, 200.0, 1),
    "systolic_bp": (70.0, 240.0, 0),
    "creatinine": (0.2, 15.0, 2),
    "cystatin_c": (0.3, 8.0, 2),
    "urine_acr": (1.0, 12000.0, 1),
    "blood_urea_nitrogen": (2.0, 120.0, 0),
    "albumin": (1.5, 5.6, 1),
    "hba1c": (3.5, 17.0, 1),
    "fasting_glucose": (50.0, 500.0, 0),
    "total_cholesterol": (70.0, 500.0, 0),
    "hdl_cholesterol": (12.0, 150.0, 0),
    "fev1_by_height_squared": (0.1, 3.0, 4),
    "fev1_fvc": (0.2, 0.99, 3),
    "peak_expiratory_flow": (0.5, 18.0, 2),
}
LATENT = (*MEASURED, *STATUS)
FLAGS: dict[str, dict[str, tuple[str, ...]]] = {
    "hypertension_status": {"hypertension": ("untreated", "treated"), "bp_treated": ("treated",)},
    "diabetes_status": {
        "diabetes": ("untreated", "tablets", "insulin"),
        "glucose_treated": ("tablets", "insulin"),
        "insulin_treated_diabetes": ("insulin",),
    },
    "smoking_status": {"smoker": ("current",), "former_smoker": ("former",)},
    "statin_status": {"statin": ("yes",)},
}
PARTS = {
    "body_mass_index": ("height", "weight"),
    "fev1": ("fev1_by_height_squared", "height"),
    "fvc": ("fev1_by_height_squared", "height", "fev1_fvc"),
}
EVERYTHING = frozenset({*MEASURED, *PARTS, *(flag for flags in FLAGS.values() for flag in flags)})
STRATA = ("girls", "boys", "women under 50", "men under 50", "women of 50 and over", "men of 50 and over")
BLOCKS = {
    "blood": (
        "creatinine",
        "blood_urea_nitrogen",
        "albumin",
        "hba1c",
        "fasting_glucose",
        "total_cholesterol",
        "hdl_cholesterol",
        "cystatin_c",
    ),
    "urine": ("urine_acr",),
    "body": ("height", "weight", "waist_circumference", "body_mass_index"),
    "pressure": ("systolic_bp",),
    "spirometry": ("fvc", "fev1", "fev1_fvc", "peak_expiratory_flow"),
}
SPIROMETRY_AGES = (6.0, 80.0)
CYSTATIN_MEASURED = 0.4

Columns = dict[str, NDArray[Any]]
Floats = NDArray[np.float64]
Position = tuple[NDArray[np.intp], Floats]


@dataclass(frozen=True)
class Survey:
    """Who the adults of the survey were: by group, the share of women, persons and unequal weights; ages in five-year bands."""

    women: Floats
    persons: Floats
    weight_spread: Floats
    age_from: Floats
    age_shares: Floats


def draw_race(n: int, random: np.random.Generator) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The row of race.csv for each patient, and the position of the survey group whose parameters it takes."""
    rows = read_table("synthetic_parameters/race.csv", HERE)
    shares = np.array([float(row["sample_share"]) for row in rows])
    race = random.choice(len(rows), n, p=shares / shares.sum())
    return race, np.array([GROUPS.index(row["parameters"]) for row in rows])[race]


def draw_age(survey: Survey, group: NDArray[np.intp], sex: NDArray[np.intp], random: np.random.Generator) -> Floats:
    """Whole years: a five-year band by its share (the survey stops counting at 80, drawn as 80 to 89), even within it."""
    n = len(group)
    upper = np.append(survey.age_from[1:], 90.0)
    ends = survey.age_shares.cumsum(axis=2)[group, sex]
    band = (random.random(n)[:, None] * ends[:, -1:] >= ends).sum(axis=1)
    return np.asarray(np.floor(survey.age_from[band] + random.random(n) * (upper - survey.age_from)[band]))


def measure(
    group: NDArray[np.intp], sex: NDArray[np.intp], age: Floats, random: np.random.Generator, wanted: frozenset[str] = EVERYTHING
) -> Columns:
    """The wanted quantities and statuses of the survey for these people, none missing; draws do not depend on what is wanted."""
    scores = random.standard_normal((len(age), len(LATENT)))
    z = np.empty_like(scores)
    strata = stratum_of(age, sex)
    for number, stratum in enumerate(STRATA):
        z[strata == number] = scores[strata == number] @ read_copula()[stratum].T
    at = between_knots(age)
    columns: Columns = {"age": age, "sex": np.array(SEXES, dtype=object)[sex]}
    needed = wanted | {part for name, parts in PARTS.items() if name in wanted for part in parts}
    for i, (name, (low, high, digits)) in enumerate(MEASURED.items()):
        if name in needed:
            values = np.exp(quantile_at(name, group, sex, at, z[:, i]))
            columns[name] = np.round(np.clip(values, low, high), digits)
    if "body_mass_index" in wanted:
        columns["body_mass_index"] = np.round(columns["weight"] / (columns["height"] / 100) ** 2, 1)
    if "fev1" in wanted:
        columns["fev1"] = np.round(columns["fev1_by_height_squared"] * (columns["height"] / 100) ** 2, 3)
    if "fvc" in wanted:
        columns["fvc"] = np.round(columns["fev1"] / columns["fev1_fvc"], 3)
    for name, flags in FLAGS.items():
        if not wanted.isdisjoint(flags):
            cuts = interpolate("shares", name, group, sex, at)
            status = (z[:, [LATENT.index(name)]] > cuts).sum(axis=1)
            columns |= {flag: np.isin(status, [STATUS[name].index(w) for w in words]).astype(np.float64) for flag, words in flags.items()}
    return columns


def lose(columns: Columns, group: NDArray[np.intp], sex: NDArray[np.intp], age: Floats, random: np.random.Generator) -> None:
    """Blank the blocks of measurements that the survey lacks in people of this group and sex, and those not offered at this age."""
    shares = read_missing()
    for block, names in BLOCKS.items():
        lost = random.random(len(age)) < shares[block][group, sex]
        if block == "spirometry":
            lost |= (age < SPIROMETRY_AGES[0]) | (age >= SPIROMETRY_AGES[1])
        for name in names:
            if name in columns:
                columns[name][lost] = np.nan
    unmeasured = random.random(len(age)) >= CYSTATIN_MEASURED
    if "cystatin_c" in columns:
        columns["cystatin_c"][unmeasured] = np.nan


def draw_outcome(columns: Columns, group: NDArray[np.intp], random: np.random.Generator) -> Floats:
    """Death within ten years by the logistic model of outcome.csv; unknown where creatinine or urine albumin is missing."""
    log_odds = {row["term"]: float(row["log_odds"]) for row in read_table("synthetic_parameters/outcome.csv", HERE)}
    age = (columns["age"] - 50) / 10
    total = log_odds["constant"] + log_odds["age"] * age + log_odds["age_squared"] * age**2
    total = total + log_odds["female"] * (columns["sex"] == "female")
    total = total + log_odds["former"] * columns["former_smoker"] + log_odds["current"] * columns["smoker"]
    total = total + log_odds["diabetes"] * columns["diabetes"]
    total = total + log_odds["log_creatinine"] * np.log(columns["creatinine"]) + log_odds["log_urine_acr"] * np.log(columns["urine_acr"])
    total = total + np.array([log_odds.get(f"group {name}", 0.0) for name in GROUPS])[group]
    died = (random.random(len(age)) < 1 / (1 + np.exp(-total))).astype(np.float64)
    return np.where(np.isnan(total), np.nan, died)


def stratum_of(age: Floats, sex: NDArray[np.intp]) -> NDArray[np.intp]:
    """The position in STRATA of each person."""
    return np.digitize(age, [18, 50]) * 2 + sex


def between_knots(age: Floats) -> Position:
    """The knot below each age and how far towards the next it lies; outside the knots the nearest one."""
    knots = np.array(KNOTS, dtype=np.float64)
    inside = np.clip(age, knots[0], knots[-1])
    below = np.clip(np.searchsorted(knots, inside, side="right") - 1, 0, len(knots) - 2)
    return below, (inside - knots[below]) / (knots[below + 1] - knots[below])


def interpolate(table: str, name: str, group: NDArray[np.intp], sex: NDArray[np.intp], at: Position) -> Floats:
    """The log quantiles ("quantiles") or normal cut points ("shares") of one quantity for each person, linear in age."""
    curves = read_curves(table)[name]
    below, part = at
    return np.asarray(curves[group, sex, below] * (1 - part)[:, None] + curves[group, sex, below + 1] * part[:, None])


def quantile_at(name: str, group: NDArray[np.intp], sex: NDArray[np.intp], at: Position, z: Floats) -> Floats:
    """The logarithm at each person's normal score: linear in age and between quantiles, continued beyond the outer ones."""
    curves = read_curves("quantiles")[name]
    below, part = at
    piece = np.clip(np.searchsorted(Z_KNOTS, z), 1, len(Z_KNOTS) - 1)
    low = curves[group, sex, below, piece - 1] * (1 - part) + curves[group, sex, below + 1, piece - 1] * part
    high = curves[group, sex, below, piece] * (1 - part) + curves[group, sex, below + 1, piece] * part
    return np.asarray(low + (high - low) * (z - Z_KNOTS[piece - 1]) / (Z_KNOTS[piece] - Z_KNOTS[piece - 1]))


@cache
def read_survey() -> Survey:
    """people.csv as arrays by group (and sex, and band of age)."""
    rows = {(row["group"], row["sex"]): row for row in read_table("synthetic_parameters/people.csv", HERE)}
    bands = [name for name in next(iter(rows.values())) if name.startswith("from_")]

    def numbers(column: str) -> Floats:
        return np.array([[float(rows[group, sex][column]) for sex in SEXES] for group in GROUPS])

    persons = numbers("persons")
    return Survey(
        women=persons[:, 0] / persons.sum(axis=1),
        persons=persons.sum(axis=1),
        weight_spread=numbers("weight_log_sd").mean(axis=1),
        age_from=np.array([float(name.removeprefix("from_")) for name in bands]),
        age_shares=np.stack([numbers(name) for name in bands], axis=2),
    )


@cache
def read_curves(table: str) -> dict[str, Floats]:
    """quantiles.csv as logarithms or shares.csv as normal cut points: by group, sex, knot; a knot without numbers takes the nearest."""
    curves: dict[str, Floats] = {}
    if table == "quantiles":
        width = len(PROBABILITIES)
        for row in read_table("synthetic_parameters/quantiles.csv", HERE):
            curve = curves.setdefault(row["input"], np.full((len(GROUPS), len(SEXES), len(KNOTS), width), np.nan))
            values = [float(row[quantile]) for quantile in QUANTILES]
            curve[GROUPS.index(row["group"]), SEXES.index(row["sex"]), KNOTS.index(int(row["age"]))] = np.log(values)
    else:
        for row in read_table("synthetic_parameters/shares.csv", HERE):
            words = STATUS[row["status"]]
            curve = curves.setdefault(row["status"], np.full((len(GROUPS), len(SEXES), len(KNOTS), len(words) - 1), np.nan))
            cell = curve[GROUPS.index(row["group"]), SEXES.index(row["sex"]), KNOTS.index(int(row["age"]))]
            cell[: words.index(row["word"])] = np.nan_to_num(cell[: words.index(row["word"])]) + float(row["share"])
        for name, curve in curves.items():
            above = np.clip(curve, 1e-6, 1 - 1e-6)
            curves[name] = np.vectorize(lambda share: np.nan if np.isnan(share) else -NormalDist().inv_cdf(share), otypes=[float])(above)
    return {name: nearest_knot(curve) for name, curve in curves.items()}


def nearest_knot(curves: Floats) -> Floats:
    """By group, sex and knot: knots without numbers (NaN) take those of the nearest knot that has them."""
    first = curves.reshape(len(GROUPS), len(SEXES), len(KNOTS), -1)[0, 0, :, 0]
    given = np.flatnonzero(~np.isnan(first))
    return curves[:, :, given[np.abs(given[None, :] - np.arange(len(KNOTS))[:, None]).argmin(axis=1)]]


@cache
def read_copula() -> dict[str, Floats]:
    """The lower triangle that correlates independent normal scores, by stratum."""
    matrices: dict[str, Floats] = {}
    for row in read_table("synthetic_parameters/correlations.csv", HERE):
        matrix = matrices.setdefault(row["stratum"], np.eye(len(LATENT)))
        i, j = LATENT.index(row["first"]), LATENT.index(row["second"])
        matrix[i, j] = matrix[j, i] = float(row["correlation"])
    return {stratum: np.asarray(np.linalg.cholesky(matrix), dtype=np.float64) for stratum, matrix in matrices.items()}


@cache
def read_missing() -> dict[str, Floats]:
    """Share without a usable measurement, by block, then group and sex."""
    shares: dict[str, Floats] = {}
    for row in read_table("synthetic_parameters/missing.csv", HERE):
        block = shares.setdefault(row["block"], np.zeros((len(GROUPS), len(SEXES))))
        block[GROUPS.index(row["group"]), SEXES.index(row["sex"])] = float(row["share"])
    return shares
