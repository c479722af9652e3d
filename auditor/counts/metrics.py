"""Group metrics of a decision: computed by Fairlearn on cells for what is published, and by numpy on the tensor for the bulk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.counts.cells import MISSING
from auditor.counts.groups import NOT_RECORDED
from auditor.counts.paired import WITH_RACE, Placed, Tensor, yes_matrix
from auditor.counts.scales import ArmTable
from auditor.counts.survey import Linearised, linearise

SELECTION_RATE = "selection_rate"

OUTCOME_AND_YES = {
    "true_positive_rate": (1, 1),
    "false_positive_rate": (0, 1),
    "true_negative_rate": (0, 0),
    "false_negative_rate": (1, 0),
    "positive_predictive_value": (1, 1),
    "negative_predictive_value": (0, 0),
}
WITH_OUTCOME = tuple(OUTCOME_AND_YES)
LABELS = np.array([0, 1])


@dataclass(frozen=True, eq=False)
class Confusion:
    """Patients whom an arm and with race score by group, decision, outcome and yes: `counts` is (3, groups, decisions, outcome, yes).

    The first axis holds patients, the sum of weights and the sum of squared weights; outcome is 0, 1 or (at 2) not known.
    """

    counts: Tensor

    @property
    def outcome_known(self) -> bool:
        """Whether any patient's outcome is known."""
        return bool(self.counts[0, :, :, :2].any())


def confuse(placed: Placed, arm: str) -> Confusion:
    """Count the patients whom both `arm` and `with_race` score by outcome and the arm's decision."""
    cells, groups = placed.cells, placed.groups
    levels = len(cells.keys[WITH_RACE])
    category = cells.code(arm).astype(np.int64)
    scored = (category != MISSING) & (cells.code(WITH_RACE) != MISSING)
    outcome = cells.code("outcome").astype(np.int64) if "outcome" in cells.keys else np.full(len(cells), MISSING)
    outcome = np.where(outcome == MISSING, 2, outcome)
    flat = ((placed.place * 3 + outcome) * levels + category)[scored]
    size = len(groups.finest) * 3 * levels
    finest = np.stack([np.bincount(flat, weights=v[scored], minlength=size) for v in (cells.n, cells.w, cells.w2)])
    by_group = (groups.member @ finest.reshape(3, len(groups.finest), 3 * levels)).reshape(3, len(groups), 3, levels)
    yes = yes_matrix(placed.scale, levels)
    both = np.stack([by_group @ (1 - yes.T), by_group @ yes.T], axis=-1)
    return Confusion(both.transpose(0, 1, 3, 2, 4))


def events(confusion: Confusion, metric: str) -> tuple[Tensor, Tensor]:
    """Numerator and denominator of a metric, each (3, groups, decisions)."""
    c = confusion.counts
    if metric == SELECTION_RATE:
        return c[..., 1].sum(axis=-1), c.sum(axis=(-1, -2))
    outcome, yes = OUTCOME_AND_YES[metric]
    among = c[..., :2, yes] if metric.endswith("predictive_value") else c[..., outcome, :]
    return c[..., outcome, yes], among.sum(axis=-1)


def linearised(placed: Placed, arm: str, metric: str) -> Linearised | None:
    """The metric of every group and decision with its variance by the survey design; None without one."""
    if placed.design is None:
        return None
    cells = placed.cells
    category = cells.code(arm)
    said = yes_matrix(placed.scale, len(cells.keys[WITH_RACE]))[:, category]
    among = np.broadcast_to((category != MISSING) & (cells.code(WITH_RACE) != MISSING), said.shape)
    if metric == SELECTION_RATE:
        numerator, denominator = among * said, among.astype(np.float64)
    else:
        outcome, yes = OUTCOME_AND_YES[metric]
        right = among * np.where(said == yes, 1.0, 0.0)
        true = cells.code("outcome") == outcome
        denominator = (
            right * (cells.code("outcome") != MISSING) if metric.endswith("predictive_value") else among * np.where(true, 1.0, 0.0)
        )
        numerator = right * true
    return linearise(placed.design, placed.place, placed.groups.member, numerator * cells.w, denominator * cells.w)


def fairlearn_values(numerator: NDArray[Any], denominator: NDArray[Any]) -> Tensor:
    """The metric of every group by Fairlearn's `selection_rate` on two cells with `sample_weight`; NaN without patients.

    A rate among the positives (or negatives, or the selected) is the selection rate of those cells, so one Fairlearn
    metric gives them all; equality with Fairlearn's own functions on patients is a test.
    """
    pairs = zip((denominator - numerator).ravel().tolist(), numerator.ravel().tolist(), strict=True)
    return np.array([_selection_rate(no, yes) if no + yes > 0 else np.nan for no, yes in pairs]).reshape(numerator.shape)


@lru_cache(maxsize=1 << 16)
def _selection_rate(no: float, yes: float) -> float:
    return float(_fairlearn()(LABELS, LABELS, sample_weight=np.array([no, yes])))


@cache
def _fairlearn() -> Callable[..., float]:
    """Fairlearn's selection rate, imported when it is first needed."""
    from fairlearn.metrics import selection_rate

    return selection_rate  # type: ignore[no-any-return]


def metric_frame(table: ArmTable, decision: str, arm: str, weighted: bool = False) -> Any:
    """Fairlearn's MetricFrame of one decision in one arm on cells: selection rate, and with an outcome TPR, TNR, FPR and FNR.

    Its `by_group`, `overall`, `difference()` and `ratio()` are Fairlearn's own; groups without positives (or negatives) get 0
    from Fairlearn, so pass only cells whose groups are estimable.
    """
    from fairlearn.metrics import (
        MetricFrame,
        false_negative_rate,
        false_positive_rate,
        selection_rate,
        true_negative_rate,
        true_positive_rate,
    )

    cells = table.cells.known(arm)
    yes = table.scale.yes(decision)[cells.code(arm)].astype(int)
    outcome = cells.code("outcome") if "outcome" in cells.keys else np.full(len(cells), MISSING)
    weight = cells.w if weighted else cells.n
    weights = {SELECTION_RATE: weight}
    metrics: dict[str, Any] = {SELECTION_RATE: selection_rate}
    if (outcome != MISSING).any():
        metrics |= {f.__name__: f for f in (true_positive_rate, true_negative_rate, false_positive_rate, false_negative_rate)}
        weights |= dict.fromkeys(list(metrics)[1:], weight * (outcome != MISSING))
    return MetricFrame(
        metrics=metrics,
        y_true=(outcome == 1).astype(int),
        y_pred=yes,
        sensitive_features={key: [name or NOT_RECORDED for name in cells.level(key)] for key in table.by},
        sample_params={name: {"sample_weight": value} for name, value in weights.items()},
    )
