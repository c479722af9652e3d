"""How well a calculator's other inputs predict recorded race: taking the race term out leaves them in.

Source: Hastie, Tibshirani and Friedman 2009, The Elements of Statistical Learning, ch. 4 and 7 (linear regression of an indicator, ridge,
cross-validation).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from auditor.counts.discrimination import roc
from auditor.counts.sample import Sample
from auditor.errors import OptionError
from auditor.patients.arms import columns_of
from auditor.patients.cohort import Cohort, Patients, Request
from auditor.patients.race import UNSTATED
from auditor.patients.tally import Plan
from auditor.rows import Proxy
from calculators.coded import Coded

MEASURE = "recorded_race_from_inputs"
METHOD = "ridge regression of each race on inputs, squares and products, 5-fold cross-validation"
INTERVAL = "; DeLong, logit"
RACE = "race"
MOST = 5_000
FEWEST = 50
FOLDS = 5
DECIMALS = 2
FURTHEST = 5.0
MOST_PRODUCTS = 12
RIDGE = 1e-3

Matrix = NDArray[np.float64]


def proxy_rows(cohort: Cohort, request: Request, plans: Sequence[Plan], seed: int) -> dict[str, tuple[Proxy, ...]]:
    """By calculator, for every recorded race the area under the curve of telling it from all others by the calculator's inputs.

    At most 5,000 patients whose race is recorded are taken, every s-th of the cohort; races with fewer than 50 of them are only among the others. Patients
    sampled in units have no interval: it would take them as independent. Error: OptionError (the audit is not by race, or the cohort cannot be read here).
    """
    if RACE not in request.by:
        raise OptionError("How well inputs predict recorded race needs race among the attributes: give --by race.")
    if cohort.engine is not None:
        raise OptionError("Proxies are looked for where the patients are read; a Spark data frame is not.")
    taken = _taken(cohort, request)
    found: dict[str, tuple[Proxy, ...]] = {}
    known: dict[tuple[str, tuple[str, ...]], list[tuple[str, float, float, float]]] = {}
    for plan in plans:
        calculator = plan.armed.calculator
        setting = cohort.setting_of(calculator)
        inputs = tuple(dict.fromkeys((*calculator.inputs, *calculator.optional_inputs)))
        chosen = [part for part in taken if setting in ("", part.setting)]
        if calculator.race is None or not chosen or not inputs:
            continue
        if (setting, inputs) not in known:
            parts = [columns_of(calculator, part) for part in chosen]
            columns = np.column_stack([np.concatenate([_numbers(part[name]) for part in parts]) for name in inputs])
            words = [np.array(part.groups[RACE].words, dtype=object)[part.groups[RACE].codes] for part in chosen]
            known[setting, inputs] = list(areas(columns, np.concatenate(words), seed))
        found[calculator.id] = tuple(
            Proxy(
                calculator=calculator.id,
                by=RACE,
                group=group,
                measure=MEASURE,
                value=round(area, DECIMALS),
                lower=None if low != low or request.psu else round(low, DECIMALS),
                upper=None if high != high or request.psu else round(high, DECIMALS),
                method=METHOD + ("" if request.psu else INTERVAL),
            )
            for group, area, low, high in known[setting, inputs]
        )
    return found


def areas(columns: Matrix, race: NDArray[np.object_], seed: int) -> Iterator[tuple[str, float, float, float]]:
    """(race, area, lower, upper) for every race of 50 patients or more with 50 others, each predicted by a model that has not seen them.

    `columns` is (patients, inputs) with NaN where an input is missing. What is simple predicts at least this well: other models may do better.
    """
    words = race.astype(str)
    names, counts = np.unique(words, return_counts=True)
    large = [str(name) for name, n in zip(names, counts, strict=True) if FEWEST <= n <= len(words) - FEWEST]
    features = features_of(columns)
    if not large or not features.shape[1]:
        return
    features = np.column_stack([np.ones(len(words)), features])
    is_race = np.column_stack([words == name for name in large])
    fold = _folds(words, seed)
    chances = np.empty(is_race.shape)
    for left_out in range(FOLDS):
        known, new = features[fold != left_out], features[fold == left_out]
        penalty = RIDGE * len(known) * np.eye(features.shape[1])
        chances[fold == left_out] = new @ np.linalg.solve(known.T @ known + penalty, known.T @ is_race[fold != left_out])
    sample = Sample.alone(len(words))
    for i, name in enumerate(large):
        _, ranks = np.unique(np.round(chances[:, i], 9), return_inverse=True)
        found = roc(np.stack([ranks, ranks]), is_race[:, i].astype(np.int64), sample)
        yield name, float(found.areas[0]), *found.interval(0)


def _folds(words: NDArray[np.str_], seed: int) -> NDArray[np.int64]:
    """A fold for every patient, drawn so that each race is spread over all."""
    order = np.random.default_rng(seed).permutation(len(words))
    order = order[np.argsort(words[order], kind="stable")]
    fold = np.empty(len(words), dtype=np.int64)
    fold[order] = np.arange(len(words)) % FOLDS
    return fold


def features_of(columns: Matrix) -> Matrix:
    """Inputs in standard deviations (missing is the mean), whether they are missing, and (up to 12 inputs) their squares and products."""
    missing = np.isnan(columns)
    columns, missing = columns[:, ~missing.all(axis=0)], missing[:, ~missing.all(axis=0)]
    if not columns.shape[1]:
        return columns
    spread = np.nanstd(columns, axis=0)
    scaled = np.nan_to_num((columns - np.nanmean(columns, axis=0)) / np.where(spread > 0, spread, 1.0))
    scaled = np.clip(scaled, -FURTHEST, FURTHEST)
    pairs = [scaled[:, i] * scaled[:, j] for i in range(scaled.shape[1]) for j in range(i, scaled.shape[1])]
    products = pairs if scaled.shape[1] <= MOST_PRODUCTS else list((scaled**2).T)
    features = np.column_stack([scaled, missing.astype(np.float64), *products])
    return features[:, features.std(axis=0) > 0]


def _taken(cohort: Cohort, request: Request) -> list[Patients]:
    """Every s-th patient, without those whose race is not recorded; nothing of them but columns in memory."""
    step = max(1, -(-cohort.rows // MOST))
    done = 0
    taken = []
    for patients in cohort.read(request):
        race = patients.groups[RACE]
        stated = (race.codes >= 0) & ~np.isin(np.array(race.words, dtype=object)[race.codes].astype(str), UNSTATED)
        rows = np.arange(-done % step, patients.n, step)
        done += patients.n
        taken.append(patients[rows[stated[rows]]])
    return [part for part in taken if part.n]


def _numbers(column: Matrix | Coded) -> Matrix:
    if isinstance(column, Coded):
        return np.where(column.known, column.codes, np.nan).astype(np.float64)
    return np.asarray(column, dtype=np.float64)
