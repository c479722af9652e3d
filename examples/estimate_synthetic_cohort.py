"""Estimate the parameters of the embedded synthetic cohort from NHANES extracts, and write them as tables.

    python examples/estimate_synthetic_cohort.py FOLDER_WITH_EXTRACTS

reads nhanes_1999_2000.parquet to nhanes_2017_2018.parquet and writes quantiles.csv, shares.csv, correlations.csv,
missing.csv and outcome.csv beside the generator. Everything is weighted with the examination weights. No person is
copied: see MINIMUM and `quantile_rows` for how many people stand behind each number.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.patients.sources.synthetic_survey import (
    GROUPS,
    KNOTS,
    LATENT,
    PARAMETERS,
    PROBABILITIES,
    QUANTILES,
    SEXES,
    STATUS,
    STRATA,
    Z_KNOTS,
    between_knots,
    interpolate,
    nearest_knot,
    stratum_of,
)

CYCLES = [f"{year}_{year + 1}" for year in range(1999, 2019, 2)]
MINIMUM = 50
# High creatinine and high urine albumin go together far more closely than middling values do, and care is decided there.
TAIL_MATCHED = {"creatinine", "urine_acr"}
MIDDLE = len(PROBABILITIES) // 2
GROUP_OF = {
    "Non-Hispanic Asian": "Asian",
    "Non-Hispanic Black": "Black",
    "Mexican American": "Hispanic",
    "Other Hispanic": "Hispanic",
    "Non-Hispanic White": "White",
    "Other or Multiracial": "Other",
}
COLUMN_OF = {
    "height": "height_cm",
    "weight": "weight_kg",
    "waist_circumference": "waist_cm",
    "systolic_bp": "sbp_mean_mm_hg",
    "creatinine": "serum_creatinine_mg_dl",
    "cystatin_c": "cystatin_c_mg_l",
    "urine_acr": "urine_acr_mg_g",
    "blood_urea_nitrogen": "blood_urea_nitrogen_mg_dl",
    "albumin": "serum_albumin_g_dl",
    "hba1c": "hba1c_pct",
    "fasting_glucose": "case when triglycerides_mg_dl is not null then serum_glucose_mg_dl end",
    "total_cholesterol": "total_cholesterol_mg_dl",
    "hdl_cholesterol": "hdl_cholesterol_mg_dl",
    "fev1_by_height_squared": "case when spirometry_meets_quality then fev1_ml / 1000 / (height_cm / 100) ** 2 end",
    "fev1_fvc": "case when spirometry_meets_quality then fev1_ml / fvc_ml end",
    "peak_expiratory_flow": "case when spirometry_meets_quality then pef_ml_s / 1000 end",
}
STATUS_OF = {
    "hypertension_status": """case when bp_medication_self_report then 2 when hypertension_ever_told then 1
                              when not hypertension_ever_told then 0 end""",
    "diabetes_status": """case when not diabetes_self_report then 0 when insulin_use then 3
                          when oral_diabetes_medication then 2 when diabetes_self_report then 1 end""",
    "smoking_status": "case smoking_status when 'never' then 0 when 'former' then 1 when 'current' then 2 end",
    "statin_status": "case when cycle <> '2017_2018' then statin_use_prescription::int end",
}
EVER_MEASURED = {
    "blood": ("serum_creatinine_mg_dl is not null", "age_years >= 18"),
    "urine": ("urine_acr_mg_g is not null", "age_years >= 18"),
    "body": ("bmi_kg_m2 is not null", "age_years >= 2"),
    "pressure": ("sbp_mean_mm_hg is not null", "age_years >= 18"),
    "spirometry": ("coalesce(spirometry_meets_quality, false)", "age_years between 6 and 79 and cycle in ('2009_2010', '2011_2012')"),
}
RISK_FACTORS = ("age", "age_squared", "female", "former", "current", "diabetes", "log_creatinine", "log_urine_acr")

Columns = dict[str, NDArray[Any]]
Floats = NDArray[np.float64]


def read(folder: Path) -> Columns:
    """Examined people who are not pregnant, of every age from 2; one array per quantity, NaN where not measured."""
    import duckdb

    files = [str(folder / f"nhanes_{cycle}.parquet") for cycle in CYCLES]
    wanted = {
        "age": "case when age_years < 18 then age_years + 0.5 else age_years end",
        "sex": "sex",
        "race": "race_ethnicity",
        "cycle": "cycle",
        "separable": "coalesce(asian_separable, false)",
        "sample_weight": "exam_weight_2yr",
        "died": "case when mortality_status = 'assumed deceased' and followup_months_from_exam <= 120 then 1 "
        "when followup_months_from_exam >= 120 then 0 end",
        **COLUMN_OF,
        **STATUS_OF,
        **{f"examined_{block}": f"case when {among} then ({has})::int end" for block, (has, among) in EVER_MEASURED.items()},
    }
    query = f"""select {", ".join(f"({sql}) as {name}" for name, sql in wanted.items())}
                from read_parquet({files}, union_by_name = true)
                where exam_weight_2yr > 0 and age_years >= 2 and not coalesce(pregnant_at_exam, false)
                order by seqn"""
    found = duckdb.connect().execute(query).fetchnumpy()
    people: Columns = {}
    for name, values in found.items():
        array: Any = np.ma.asarray(values)
        people[name] = np.asarray(array) if array.dtype == object else array.astype(np.float64).filled(np.nan)
    people["group"] = np.array([GROUPS.index(GROUP_OF[race]) for race in people["race"]])
    people["female"] = (people["sex"] == "female").astype(np.float64)
    # Before 2011 "Other or Multiracial" holds Asian people too; it stands for neither group then.
    people["clear"] = (people["race"] != "Other or Multiracial") | (people["separable"] == 1)
    return people


def cell(people: Columns, group: int | None, sex: int, knot: int) -> tuple[NDArray[np.bool_], Floats]:
    """Who stands behind a number at an age knot, and how much: a triangle that falls to 0 at the neighbouring knots."""
    low = KNOTS[knot - 1] if knot else KNOTS[0] - 1
    high = KNOTS[knot + 1] if knot + 1 < len(KNOTS) else KNOTS[-1] + 10
    age, here = people["age"], KNOTS[knot]
    hat = np.where(age <= here, (age - low) / (here - low), (high - age) / (high - here))
    if knot + 1 == len(KNOTS):
        hat = np.where(age >= here, 1.0, hat)
    hat = np.clip(hat, 0, 1)
    inside = (hat > 0) & (people["female"] == (SEXES[sex] == "female"))
    if group is not None:
        inside &= (people["group"] == group) & people["clear"]
    return inside, hat


def weighted_quantile(values: Floats, weights: Floats, at: Floats | float) -> Any:
    """Quantiles of a weighted sample, interpolated between the middles of the weights."""
    order = np.argsort(values, kind="stable")
    middle = np.cumsum(weights[order]) - weights[order] / 2
    return np.interp(at, middle / weights.sum(), values[order])


def fit_medians(people: Columns, logs: Floats) -> Floats:
    """Median logarithm by group, sex and age knot, detrended inside the window; NaN where the quantity is not offered.

    A median is the cell's own from 2 * MINIMUM people; below that it is the median over all groups, moved by the group's
    median distance from it among all adults (or children) of the sex, if they are MINIMUM or more. A knot is given if
    all groups together have 10 * MINIMUM people there.
    """
    known = np.isfinite(logs)
    medians = np.full((len(GROUPS), len(SEXES), len(KNOTS)), np.nan)
    own = np.zeros(medians.shape, dtype=bool)
    everyone = np.full(medians.shape[1:], np.nan)
    for sex, label in enumerate(SEXES):
        for knot in range(len(KNOTS)):
            inside, hat = cell(people, None, sex, knot)
            use = inside & known
            if hat[use].sum() < 10 * MINIMUM:
                continue
            from_knot = people["age"] - KNOTS[knot]
            weights = hat * people["sample_weight"]
            slope = float(np.polyfit(from_knot[use], logs[use], 1, w=np.sqrt(weights[use]))[0])
            level = logs - slope * from_knot
            everyone[sex, knot] = weighted_quantile(level[use], weights[use], 0.5)
            medians[:, sex, knot] = everyone[sex, knot]
            for group in range(len(GROUPS)):
                use = cell(people, group, sex, knot)[0] & known
                if hat[use].sum() >= 2 * MINIMUM:
                    own[group, sex, knot] = True
                    medians[group, sex, knot] = weighted_quantile(level[use], weights[use], 0.5)
        offered = np.flatnonzero(~np.isnan(medians[0, sex]))
        for group in range(len(GROUPS)):
            for adult in (False, True):
                knots = [k for k in offered if (KNOTS[k] >= 18) == adult and not own[group, sex, k]]
                use = known & people["clear"] & (people["group"] == group) & (people["female"] == (label == "female"))
                use &= (people["age"] >= 18) == adult
                if knots and use.sum() >= MINIMUM:
                    expected = np.interp(people["age"][use], [KNOTS[k] for k in offered], everyone[sex, offered])
                    medians[group, sex, knots] += weighted_quantile(logs[use] - expected, people["sample_weight"][use], 0.5)
    return medians


def quantile_rows(people: Columns, name: str) -> Iterator[dict[str, Any]]:
    """Eleven quantiles of one quantity for each group, sex and age knot: the median of the cell and the distances from it.

    A distance is the cell's own if at least MINIMUM people lie beyond it. Further out the shape of a wider circle is
    continued, stretched to the cell's width on that side: first the group at 3-17, 18-39 or 40 and over, sexes
    together, where MINIMUM of them lie beyond; then all groups at these ages.
    """
    with np.errstate(divide="ignore"):
        logs = np.log(people[name])
    known = np.isfinite(logs) & people["clear"]
    medians = fit_medians(people, np.where(np.isfinite(logs), logs, np.nan))
    filled = nearest_knot(medians)
    below, part = between_knots(people["age"])
    sex_of = (people["female"] == 0).astype(int)
    middle = filled[people["group"], sex_of, below] * (1 - part) + filled[people["group"], sex_of, below + 1] * part
    residual = logs - middle
    span = np.digitize(people["age"], [18, 40])
    for sex in range(len(SEXES)):
        for group in range(len(GROUPS)):
            for knot in map(int, np.flatnonzero(~np.isnan(medians[group, sex]))):
                inside, hat = cell(people, group, sex, knot)
                weights = people["sample_weight"]
                same_span = known & (span == np.digitize(KNOTS[knot], [18, 40]))
                circles = [
                    (known & inside, hat * weights, hat),
                    *((same_span & g, weights, np.ones(len(hat))) for g in (people["group"] == group, True)),
                ]
                shape = np.zeros(len(PROBABILITIES))
                for use, weight, size in reversed(circles):
                    if use.sum() >= 2 * MINIMUM:
                        shape = own_or_continued(
                            weighted_quantile(residual[use], weight[use], np.array(PROBABILITIES)), size[use].sum(), shape
                        )
                values = np.exp(medians[group, sex, knot] + shape)
                yield {
                    "input": name,
                    "group": GROUPS[group],
                    "sex": SEXES[sex],
                    "age": KNOTS[knot],
                    **{quantile: f"{value:.4g}" for quantile, value in zip(QUANTILES, values, strict=True)},
                }


def own_or_continued(own: Floats, people: float, wider: Floats) -> Floats:
    """Distances from the median: own as far out as MINIMUM people lie beyond, then the wider circle's, stretched to fit."""
    shape = own - own[MIDDLE]
    for step in (-1, 1):
        position = MIDDLE + step
        while 0 <= position < len(own) and people * min(PROBABILITIES[position], 1 - PROBABILITIES[position]) >= MINIMUM:
            position += step
        last = position - step
        stretch = shape[last] / wider[last] if last != MIDDLE and wider[last] else 1.0
        while 0 <= position < len(own):
            shape[position] = shape[last] + stretch * (wider[position] - wider[last])
            position += step
    return np.asarray(shape)


def share_rows(people: Columns, name: str) -> Iterator[dict[str, Any]]:
    """Shares of an ordered status by group, sex and age knot (adults).

    A cell's own from 2 * MINIMUM people; below that all groups' shares, their normal cut points moved by the distance
    between the group's adults of that sex and all groups at the same ages.
    """
    known = np.isfinite(people[name]) & (people["age"] >= 18)
    knots = [k for k, age in enumerate(KNOTS) if age >= 20]
    for sex, label in enumerate(SEXES):
        everyone = np.array(
            [cuts(shares(people, name, known & cell(people, None, sex, k)[0], cell(people, None, sex, k)[1])) for k in knots]
        )
        for group in range(len(GROUPS)):
            members = known & people["clear"] & (people["group"] == group) & (people["female"] == (label == "female"))
            ages = [KNOTS[k] for k in knots]
            expected = np.array([np.interp(people["age"][members], ages, everyone[:, c]) for c in range(everyone.shape[1])]).T
            above = np.average(normal_cdf(-expected), axis=0, weights=people["sample_weight"][members])
            moved = cuts(shares(people, name, members, np.ones(len(known)))) - np.array([-NormalDist().inv_cdf(a) for a in above])
            for k, knot in enumerate(knots):
                own, hat = cell(people, group, sex, knot)
                own &= known
                if hat[own].sum() >= 2 * MINIMUM:
                    chosen = shares(people, name, own, hat)
                else:
                    chosen = -np.diff(np.concatenate([[1.0], normal_cdf(-(everyone[k] + moved)), [0.0]]))
                for word, share in zip(STATUS[name], chosen, strict=True):
                    yield {"status": name, "word": word, "group": GROUPS[group], "sex": label, "age": KNOTS[knot], "share": f"{share:.4f}"}


def cuts(shares: Floats) -> Floats:
    """Normal cut points between the words of a status."""
    above = np.clip(1 - np.cumsum(shares)[:-1], 1e-5, 1 - 1e-5)
    return np.array([-NormalDist().inv_cdf(share) for share in above])


def normal_cdf(z: Floats) -> Floats:
    """Share of a standard normal below z."""
    return np.asarray(np.vectorize(NormalDist().cdf, otypes=[float])(z))


def shares(people: Columns, name: str, use: NDArray[np.bool_], hat: Floats) -> Floats:
    """Weighted shares of the words of a status."""
    weights = hat[use] * people["sample_weight"][use]
    counts = np.bincount(people[name][use].astype(int), weights, minlength=len(STATUS[name]))
    return np.asarray(counts / counts.sum())


def age_rows(people: Columns) -> Iterator[dict[str, Any]]:
    """Adults' shares in five-year bands of age, by group and sex (sexes together where a band has fewer than MINIMUM people).

    Also persons in the group (mean of 2011-2018) and the spread of the logarithm of the weights.
    """
    band = np.clip((people["age"].astype(int) - 15) // 5, 0, 13)
    weights = people["sample_weight"]
    for group, label in enumerate(GROUPS):
        member = (people["age"] >= 18) & people["clear"] & (people["group"] == group)
        for sex in SEXES:
            use = member & (people["female"] == (sex == "female"))
            counted = use if np.bincount(band[use], minlength=14).min() >= MINIMUM else member
            everyone = np.bincount(band[people["age"] >= 18], weights[people["age"] >= 18], minlength=14)
            bands = np.bincount(band[counted], weights[counted], minlength=14)
            bands = join_small_bands(bands, np.bincount(band[counted], minlength=14), everyone)
            recent = use & (people["separable"] == 1)
            yield {
                "group": label,
                "sex": sex,
                "persons": round(weights[recent].sum() / 4, -3),
                "weight_log_sd": f"{np.log(weights[recent]).std():.3f}",
                **{f"from_{max(18, 15 + 5 * i)}": f"{share:.4f}" for i, share in enumerate(bands / bands.sum())},
            }


def join_small_bands(bands: NDArray[Any], sizes: NDArray[np.intp], everyone: NDArray[Any]) -> NDArray[Any]:
    """Bands with fewer than MINIMUM people are counted together (with the next smallest if need be) and split as in all groups."""
    small = sizes < MINIMUM
    while small.any() and sizes[small].sum() < MINIMUM:
        small |= sizes == sizes[~small].min()
    return np.where(small, bands[small].sum() * everyone / max(everyone[small].sum(), 1), bands)


def missing_rows(people: Columns) -> Iterator[dict[str, Any]]:
    """Share of examined people without a usable measurement, by block of measurements, group and sex."""
    for block in EVER_MEASURED:
        examined = people[f"examined_{block}"]
        for group, label in enumerate(GROUPS):
            for sex, word in enumerate(SEXES):
                use = np.isfinite(examined) & (people["group"] == group) & (people["female"] == (word == "female")) & people["clear"]
                share = 1 - np.average(examined[use], weights=people["sample_weight"][use])
                assert use.sum() >= MINIMUM
                yield {"block": block, "group": label, "sex": SEXES[sex], "share": f"{share:.4f}"}


def normal_scores(people: Columns, name: str) -> tuple[Floats, Floats]:
    """Each person's expected standard normal score given what is known (NaN: nothing), and its mean square."""
    scores = np.full(len(people["age"]), np.nan)
    square = np.ones(len(scores))
    sex = (people["female"] == 0).astype(int)
    at = between_knots(people["age"])
    if name in COLUMN_OF:
        use = np.isfinite(people[name]) & people["clear"] & (people["age"] <= 85)
        curve = interpolate("quantiles", name, people["group"][use], sex[use], (at[0][use], at[1][use]))
        with np.errstate(divide="ignore"):
            logs = np.log(people[name][use])
        z = np.array([np.interp(value, row, Z_KNOTS) for value, row in zip(logs, curve, strict=True)])
        scores[use] = np.where((logs > curve[:, 0]) & (logs < curve[:, -1]), z, np.clip(z, Z_KNOTS[0], Z_KNOTS[-1]) * 1.1)
        return scores, square
    use = np.isfinite(people[name]) & people["clear"] & (people["age"] >= 18)
    cuts = interpolate("shares", name, people["group"][use], sex[use], (at[0][use], at[1][use]))
    edges = np.column_stack([np.full(len(cuts), -8.0), cuts, np.full(len(cuts), 8.0)])
    density = np.exp(-(edges**2) / 2) / np.sqrt(2 * np.pi)
    normal = np.array([[NormalDist().cdf(value) for value in row] for row in edges])
    mass = np.maximum(np.diff(normal, axis=1), 1e-9)
    expected = -np.diff(density, axis=1) / mass
    scores[use] = np.take_along_axis(expected, people[name][use].astype(int)[:, None], 1)[:, 0]
    square[use] = (mass * expected**2).sum(axis=1)
    return scores, square


def correlation_rows(people: Columns) -> Iterator[dict[str, Any]]:
    """Correlations of the normal scores within race group and age, by stratum of sex and age; 0 below 10 * MINIMUM people."""
    scored = {name: normal_scores(people, name) for name in LATENT}
    strata = stratum_of(people["age"], (people["female"] == 0).astype(int))
    for number, stratum in enumerate(STRATA):
        inside = strata == number
        matrix = np.eye(len(LATENT))
        for i, first in enumerate(LATENT):
            for j in range(i):
                (a, a2), (b, b2) = scored[first], scored[LATENT[j]]
                use = inside & np.isfinite(a) & np.isfinite(b)
                if use.sum() >= 10 * MINIMUM:
                    weights = people["sample_weight"][use]
                    top = np.average((a[use] - np.average(a[use], weights=weights)) * b[use], weights=weights)
                    both = np.average(a2[use] * b2[use], weights=weights)
                    spread = 1.0
                    if first in COLUMN_OF:
                        spread *= np.sqrt(np.average(a[use] ** 2, weights=weights))
                    if LATENT[j] in COLUMN_OF:
                        spread *= np.sqrt(np.average(b[use] ** 2, weights=weights))
                    matrix[i, j] = matrix[j, i] = np.clip(top / both / spread, -0.98, 0.98)
                    if {first, LATENT[j]} == TAIL_MATCHED:
                        matrix[i, j] = matrix[j, i] = tail_correlation(a[use], b[use], weights)
        matrix = nearest_correlation(matrix)
        for i, first in enumerate(LATENT):
            for j in range(i):
                yield {"stratum": stratum, "first": first, "second": LATENT[j], "correlation": f"{matrix[i, j]:.3f}"}


def tail_correlation(first: Floats, second: Floats, weights: Floats) -> float:
    """The normal correlation under which as many people as observed are in the top tenth of both."""
    from scipy.optimize import brentq
    from scipy.stats import multivariate_normal

    cut = NormalDist().inv_cdf(0.9)
    observed = np.average((first > cut) & (second > cut), weights=weights)

    def excess(correlation: float) -> float:
        joint = multivariate_normal.cdf([-cut, -cut], cov=[[1, correlation], [correlation, 1]])
        return float(joint - observed)

    return float(brentq(excess, 0, 0.95)) if excess(0) < 0 < excess(0.95) else 0.0


def nearest_correlation(matrix: Floats) -> Floats:
    """The matrix with eigenvalues raised to at least 0.02 and the diagonal put back to 1, until both hold."""
    for _ in range(200):
        values, vectors = np.linalg.eigh(matrix)
        matrix = vectors @ np.diag(np.maximum(values, 0.02)) @ vectors.T
        scale = np.sqrt(np.diag(matrix))
        matrix = matrix / np.outer(scale, scale)
    return matrix


def outcome_rows(people: Columns) -> Iterator[dict[str, Any]]:
    """Weighted logistic regression of death within ten years (examined 1999-2008, followed to 2019) with a shift per group."""
    early = np.isin(people["cycle"], CYCLES[:5])
    columns = {
        "age": (people["age"] - 50) / 10,
        "age_squared": ((people["age"] - 50) / 10) ** 2,
        "female": people["female"],
        "former": (people["smoking_status"] == 1).astype(float),
        "current": (people["smoking_status"] == 2).astype(float),
        "diabetes": (people["diabetes_status"] > 0).astype(float),
        "log_creatinine": np.log(people["creatinine"]),
        "log_urine_acr": np.log(people["urine_acr"]),
    }
    columns = {name: columns[name] for name in RISK_FACTORS}
    groups = {f"group {g}": (people["group"] == GROUPS.index(g)).astype(float) for g in ("Black", "Hispanic", "Other")}
    use = early & (people["age"] >= 18) & np.isfinite(people["died"]) & np.isfinite(people["smoking_status"] + people["diabetes_status"])
    use &= np.isfinite(columns["log_creatinine"] + columns["log_urine_acr"])
    everything = {"constant": np.ones(len(use)), **columns, **groups}
    design = np.column_stack([column[use] for column in everything.values()])
    died, weights = people["died"][use], people["sample_weight"][use] / people["sample_weight"][use].mean()
    for name, column in groups.items():
        assert (column[use] * died).sum() >= MINIMUM, f"fewer than {MINIMUM} deaths in {name}"
    beta = np.zeros(design.shape[1])
    for _ in range(30):
        risk = 1 / (1 + np.exp(-design @ beta))
        information = design.T @ (design * (weights * risk * (1 - risk))[:, None])
        beta = beta + np.linalg.solve(information, design.T @ (weights * (died - risk)))
    for name, value in zip(everything, beta, strict=True):
        yield {"term": name, "log_odds": f"{value:.3f}", "people": int(use.sum()), "deaths": int(died.sum())}


def write(name: str, rows: Iterator[dict[str, Any]]) -> None:
    """One table beside the generator."""
    table = list(rows)
    with (PARAMETERS / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    print(f"{name}: {len(table)} rows", file=sys.stderr)


def main(folder: Path) -> None:
    """Quantiles and shares first: correlations are of scores within them."""
    people = read(folder)
    print(f"{len(people['age'])} people", file=sys.stderr)
    tables: dict[str, Callable[[], Iterator[dict[str, Any]]]] = {
        "people.csv": lambda: age_rows(people),
        "quantiles.csv": lambda: (row for name in COLUMN_OF for row in quantile_rows(people, name)),
        "shares.csv": lambda: (row for name in STATUS_OF for row in share_rows(people, name)),
        "missing.csv": lambda: missing_rows(people),
        "correlations.csv": lambda: correlation_rows(people),
        "outcome.csv": lambda: outcome_rows(people),
    }
    for name, rows in tables.items():
        write(name, rows())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
