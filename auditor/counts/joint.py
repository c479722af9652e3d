"""Joint counts: how the patients of a calculator truly lie in each arm beside with race, which disclosure control knows and nobody is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auditor.counts.cells import MISSING, Cells
from auditor.counts.groups import OVERALL, Groups
from auditor.counts.paired import WITH_RACE
from auditor.counts.scales import ArmTable, Scale
from auditor.counts.suppression import Layout

OUTCOMES = 3


@dataclass(frozen=True, eq=False)
class Joint:
    """The cells of every output and arm by group, outcome, category with race and category in the arm."""

    by: tuple[str, ...]
    cells: Mapping[tuple[str, str], tuple[Scale, Cells]]

    @classmethod
    def of(cls, tables: Sequence[ArmTable], by: Sequence[str]) -> Joint:
        """What the tables of one calculator hold, without a survey design."""
        found = {}
        for table in tables:
            for arm in table.arms:
                keys = tuple(dict.fromkeys((*by, "outcome", WITH_RACE, arm)))
                found[table.scale.output, arm] = table.scale, table.cells.known(WITH_RACE).by(*keys)
        return cls(tuple(by), found)

    def counts(self, scale: Scale, arm: str, layout: Layout) -> NDArray[np.float64] | None:
        """(finest groups, outcomes, categories with race, categories in the arm or no score); the last outcome is that it is not known.

        With race itself has one last category. None where the output is cut in another way than `scale`.
        """
        if (scale.output, arm) not in self.cells:
            return None
        own, cells = self.cells[scale.output, arm]
        if own.edges != scale.edges or own.bands != scale.bands:
            return None
        groups, place = Groups.of_cells(cells, self.by)
        position = {layout.groups[g][1]: i for i, g in enumerate(layout.finest[0].tolist())}
        at = np.full(len(groups.finest), -1)
        for i in groups.grouping(",".join(self.by) or OVERALL):
            at[int(groups.member[i].argmax())] = position.get(groups.label[i], -1)
        if (at < 0).any():
            return None
        levels, unknown = len(scale.levels), OUTCOMES - 1
        outcome, before, after = cells.code("outcome"), cells.code(WITH_RACE), cells.code(arm)
        after = np.zeros_like(after) if arm == WITH_RACE else np.where(after == MISSING, levels, after)
        counts = np.zeros((len(position), OUTCOMES, levels, 1 if arm == WITH_RACE else levels + 1))
        np.add.at(counts, (at[place], np.where(outcome == MISSING, unknown, outcome), before, after), cells.n)
        return counts
