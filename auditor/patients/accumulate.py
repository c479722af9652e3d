"""Accumulators: patients by group, outcome and a code, and sums of their scores, while batches come in; their memory does not grow with patients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auditor.counts.cells import Cells
from auditor.counts.moments import Moments
from auditor.patients.batch import Batch, Places

DENSE = 1 << 17
MOST_TOGETHER = 1 << 9
SORTED_TOGETHER = 1 << 17

Codes = NDArray[np.int64]
Parts = NDArray[np.float64]


class Counts:
    """Patients by place (group and outcome) and a code below `space`: each has an entry of its own where these are few, else they are sorted."""

    def __init__(self, space: int) -> None:
        self.space = space
        self.dense: list[NDArray[Any]] = []
        self.sparse = SparseCounts(together=0)
        self.shared: Together | None = None

    def add(self, batch: Batch, codes: NDArray[np.integer]) -> None:
        """Count a batch by one code per patient."""
        if self.shared is not None and len(batch.places) * self.shared.joint.space <= DENSE:
            self.shared.add(batch, self, codes)
        elif len(batch.places) * self.space > DENSE:
            self.sparse.add(batch.offsets(self.space) + codes, batch.weighing)
        else:
            flat = batch.slot * np.int32(self.space)
            flat += codes
            places = batch.span.stop - batch.span.start
            counted = [np.bincount(flat, weights, minlength=2 * places * self.space) for weights in (None, *batch.weighing)]
            for total, part in zip(self.entries(len(batch.places), counted), counted, strict=True):
                total[batch.span] += part[: places * self.space].reshape(places, self.space)
                total[batch.span] += part[places * self.space :].reshape(places, self.space)

    def add_runs(self, batch: Batch, codes: NDArray[np.int64], parts: Sequence[NDArray[Any]]) -> None:
        """Count the runs of a batch by several codes each, given how many patients have which: codes and each part are (runs, codes)."""
        flat = batch.run_places[:, None] * self.space + codes
        if len(batch.places) * self.space > DENSE:
            some = parts[0] > 0
            self.sparse.put(flat[some], np.stack([part[some] for part in parts], dtype=np.float64, casting="unsafe"))
            return
        for total, part in zip(self.entries(len(batch.places), parts), parts, strict=True):
            np.add.at(total.ravel(), flat.ravel(), part.ravel())

    def entries(self, places: int, like: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """Patients, and with weights the sums of weights and squares, by place and code, with room for so many places."""
        if not self.dense:
            self.dense = [np.zeros((0, self.space), dtype=part.dtype) for part in like]
        if len(self.dense[0]) < places:
            self.dense = [np.pad(total, ((0, places - len(total)), (0, 0))) for total in self.dense]
        return self.dense

    def settled(self) -> SparseCounts:
        """Everything counted so far, by place and code."""
        if self.shared is not None:
            self.shared.settle()
        if self.dense:
            filled = np.flatnonzero(self.dense[0])
            self.sparse.put(filled, np.stack([total.ravel()[filled] for total in self.dense], dtype=np.float64, casting="unsafe"))
            self.dense = []
        return self.sparse

    def cells(self, keys: Mapping[str, tuple[str, ...]], places: Places) -> Cells:
        """The cells of everything counted; `keys` are those of places, then those of which a code is made."""
        flat, parts = self.settled().total()
        return cells_of(keys, places.flat(flat, self.space), parts)


class Together:
    """Tables with few codes, counted by one joint code: that takes as long as counting one of them.

    Every batch is added once to each table; with the last of them it is counted.
    """

    def __init__(self) -> None:
        self.joint = Counts(1)
        self.steps: dict[Counts, int] = {}
        self.codes: list[NDArray[np.integer]] = []

    def join(self, table: Counts) -> None:
        """Count this table too."""
        self.steps[table] = self.joint.space
        self.joint.space *= table.space
        table.shared = self

    def add(self, batch: Batch, table: Counts, codes: NDArray[np.integer]) -> None:
        """Take the codes of one of the tables."""
        self.codes.append(codes * self.steps[table])
        if len(self.codes) == len(self.steps):
            self.joint.add(batch, sum(self.codes[1:], self.codes[0]))
            self.codes = []

    def settle(self) -> None:
        """Give every table what was counted for it."""
        for table, step in self.steps.items():
            parts = [total.reshape(len(total), -1, table.space, step).sum(axis=(1, 3)) for total in self.joint.dense]
            for total, part in zip(table.entries(len(parts[0]), parts) if parts else (), parts, strict=True):
                total[: len(part)] += part
        self.joint.dense = []


def count_together(tables: Iterable[Counts]) -> None:
    """Let tables that follow each other be counted by joint codes, as many together as have few codes."""
    group = Together()
    for table in tables:
        if group.joint.space * table.space > MOST_TOGETHER:
            group = Together()
        group.join(table)


class SparseCounts:
    """Counts of codes that are too many for an entry each; so many are gathered before they are sorted, and equal ones become one."""

    def __init__(self, together: int | None = None) -> None:
        self.together = SORTED_TOGETHER if together is None else together
        self.codes: Codes = np.empty(0, dtype=np.int64)
        self.parts: Parts = np.empty((0, 0))
        self.waiting: list[NDArray[np.integer]] = []
        self.weights: list[list[NDArray[np.float64]]] = []
        self.gathered = 0

    def __getstate__(self) -> tuple[NDArray[np.integer], NDArray[np.integer], Parts]:
        """Steps between codes and numbers of patients in as few bytes as hold them: what travels between processes."""
        codes, parts = self.total()
        return _small(np.diff(codes, prepend=0)), _small(parts[:1].astype(np.int64)), parts[1:]

    def __setstate__(self, state: tuple[NDArray[np.integer], NDArray[np.integer], Parts]) -> None:
        self.__init__()  # type: ignore[misc]
        steps, patients, weights = state
        self.codes = np.cumsum(steps, dtype=np.int64)
        self.parts = np.concatenate([patients, weights.reshape(-1, len(steps))]).astype(np.float64) if len(steps) else self.parts

    def add(self, codes: NDArray[np.integer], weights: Sequence[NDArray[np.float64]] = ()) -> None:
        """Count one code per patient, with weights and squared weights or without; the arrays are kept and may be sorted."""
        self.waiting.append(codes)
        self.weights.append(list(weights))
        self.gathered += len(codes)
        if self.gathered > max(self.together // (1 + len(weights)), len(self.codes)):
            self._sort()

    def _sort(self) -> None:
        codes, weights = np.concatenate(self.waiting), self.weights
        self.waiting, self.weights, self.gathered = [], [], 0
        if weights[0]:
            of_each = [np.concatenate(parts) for parts in zip(*weights, strict=True)]
            found, parts = summed(codes.astype(np.int64, copy=False), np.stack([np.ones(len(codes)), *of_each]))
        else:
            codes.sort()
            starts = _starts(codes)
            found, parts = codes[starts].astype(np.int64), np.diff(starts, append=len(codes)).astype(np.float64)[None]
        self.put(found, parts)

    def put(self, codes: Codes, parts: Parts) -> None:
        """Add counts of codes."""
        if len(self.codes) or (codes[1:] <= codes[:-1]).any():
            codes, parts = summed(np.concatenate([self.codes, codes]), _beside(self.parts, parts))
        self.codes, self.parts = codes, parts

    def merge(self, other: SparseCounts, at: Codes, space: int) -> None:
        """Add another part's counts of codes after a place; `at` gives the place here of each of its places."""
        codes, parts = other.total()
        if len(codes):
            self.put(moved(codes, at, space), parts)

    def total(self) -> tuple[Codes, Parts]:
        """The different codes in order, with their patients and, where weights were given, sums of weights and squared weights."""
        if self.waiting:
            self._sort()
        return self.codes, self.parts


class Sums:
    """Weight times score by place, with race and in another arm, in whole multiples of `unit`, which add exactly."""

    def __init__(self, unit: float) -> None:
        self.unit = unit
        self.totals = np.zeros((2, 0))

    def of(self, batch: Batch, left_out: NDArray[np.intp], values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The sums of a batch over all patients but those in these rows."""
        scaled = values * (1 / self.unit) if batch.weights is None else values * batch.weights * (1 / self.unit)
        np.rint(scaled, out=scaled)
        scaled[left_out] = 0.0
        return batch.by_place(np.add.reduceat(scaled, batch.starts))

    def add(self, with_race: NDArray[np.float64], arm: NDArray[np.float64]) -> None:
        """Add the sums of a batch."""
        if len(with_race) > self.totals.shape[1]:
            self.totals = np.pad(self.totals, ((0, 0), (0, len(with_race) - self.totals.shape[1])))
        self.totals[0, : len(with_race)] += with_race
        self.totals[1, : len(arm)] += arm

    def merge(self, other: Sums, at: Codes) -> None:
        """Add another part's sums; `at` gives the place here of each of its places."""
        length = max(self.totals.shape[1], int(at.max(initial=-1)) + 1)
        self.totals = np.pad(self.totals, ((0, 0), (0, length - self.totals.shape[1])))
        self.totals[:, at[: other.totals.shape[1]]] += other.totals

    def moments(self, cells: Cells, places: Places, outcomes: int) -> Moments:
        """The sums of the groups in `cells`, added over outcomes."""
        groups = np.zeros(len(cells), dtype=np.int64)
        for j, levels in enumerate(cells.keys.values()):
            groups = groups * (len(levels) + 1) + cells.codes[:, j] + 1
        sums = {"with": np.zeros(len(cells)), "arm": np.zeros(len(cells))}
        if len(groups):
            of = places.codes[: self.totals.shape[1]] // outcomes
            at = np.minimum(np.searchsorted(groups, of), len(groups) - 1)
            found = groups[at] == of
            for name, total in zip(sums, self.totals, strict=True):
                sums[name] += np.bincount(at[found], weights=total[found], minlength=len(groups))
        sums["change"] = sums["arm"] - sums["with"]
        return Moments(cells, {name: total * self.unit for name, total in sums.items()})


def cells_of(keys: Mapping[str, tuple[str, ...]], flat: Codes, parts: Parts) -> Cells:
    """Cells from codes over all keys, in any order, with patients and perhaps weights and squared weights."""
    if not len(flat):
        return Cells.empty(keys)
    if (flat[1:] < flat[:-1]).any():
        flat, order = _sorted(flat)
        parts = parts.take(order, axis=1)
    n, *weights = parts
    w, w2 = weights or (None, None)
    return Cells.from_flat(keys, flat, n.astype(np.int64), w, w2)


def moved(codes: Codes, at: Codes, space: int) -> Codes:
    """Codes after a place, with the place that it has elsewhere."""
    place, code = parted(codes, space)
    return at[place] * space + code


def parted(codes: Codes, space: int) -> tuple[Codes, Codes]:
    """Codes of 0 and more divided by `space`, and the remainders; numpy's own divmod takes ten times as long."""
    quotient = codes // space
    return quotient, codes - quotient * space


def _small(numbers: NDArray[np.int64]) -> NDArray[np.integer]:
    """Numbers of 0 and more in the smallest type that holds them."""
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))


def _beside(one: Parts, other: Parts) -> Parts:
    return np.concatenate([one, other], axis=1) if one.size else other


def _starts(ordered: NDArray[np.integer]) -> NDArray[np.intp]:
    """Where each run of equal codes begins."""
    return np.concatenate([[0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1])[: len(ordered)]


def summed(codes: Codes, parts: Parts) -> tuple[Codes, Parts]:
    """The different codes in order, and the sums of `parts` over equal ones.

    Counts alone are sorted in one integer with their code, which is several times as fast as sorting by code; codes come as a few
    ordered runs, which a stable sort merges.
    """
    if not len(codes):
        return codes, parts
    bits = int(parts[0].max()).bit_length()
    if len(parts) == 1 and int(codes.max()).bit_length() + bits < 63:
        ordered, patients = codes << bits, parts[0].astype(np.int64)
        ordered |= patients
        ordered.sort(kind="stable")
        np.bitwise_and(ordered, (1 << bits) - 1, out=patients)
        ordered >>= bits
        starts = _starts(ordered)
        return ordered[starts], np.add.reduceat(patients, starts).astype(np.float64)[None]
    ordered, order = _sorted(codes)
    starts = _starts(ordered)
    entry = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(codes)))
    return ordered[starts], np.stack([np.bincount(entry, weights=part) for part in parts.take(order, axis=1)])


def _sorted(codes: Codes) -> tuple[Codes, NDArray[np.int64]]:
    """The codes in order, and where each stood: sorted in one integer with that where it fits, which is twice as fast."""
    bits = len(codes).bit_length()
    if int(codes.max()).bit_length() + bits >= 63:
        order = np.argsort(codes)
        return codes[order], order
    ordered = codes << bits
    ordered |= np.arange(len(codes))
    ordered.sort()
    order = ordered & ((1 << bits) - 1)
    ordered >>= bits
    return ordered, order
