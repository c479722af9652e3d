"""The local engine: the chunks of a cohort become cells in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from auditor.counts.cells import Cells
from auditor.errors import TooFewPatients
from auditor.patients.cohort import Cohort, Request
from auditor.patients.grid import Grid
from auditor.patients.quality import Quality
from auditor.patients.tally import Counted, Plan, Tally

Progress = Callable[[int, int], None]


def tally(
    cohort: Cohort, request: Request, plans: Sequence[Plan], progress: Progress | None = None
) -> tuple[list[Counted], Cells, Quality]:
    """Count every chunk of the cohort under every plan it is meant for, everyone by group and outcome, and the quality."""
    quality = Quality()
    tallies = Tallies(cohort, request, plans)
    done = 0
    for patients in cohort.read(request):
        quality.add(patients.quality)
        tallies.of(patients.setting).add(patients)
        done += patients.n + sum(patients.quality.left_out.values())
        if progress is not None:
            progress(done, cohort.rows)
    counted, everyone = tallies.total()
    if not everyone.total:
        raise TooFewPatients(f"No patients of '{cohort.name}' are left to report on.")
    return counted, everyone, quality


class Tallies:
    """One tally per setting of a cohort, each with the plans that are meant for it."""

    def __init__(self, cohort: Cohort, request: Request, plans: Sequence[Plan]) -> None:
        self.plans = plans
        self.settings = [cohort.setting_of(plan.armed.calculator) for plan in plans]
        self.grid = Grid.of(cohort.rows, cohort.largest(request.weights) if request.weights else None)
        self.tallies: dict[str, Tally] = {}

    def of(self, setting: str) -> Tally:
        """The tally of a setting."""
        if setting not in self.tallies:
            plans = [plan for plan, own in zip(self.plans, self.settings, strict=True) if own in ("", setting)]
            self.tallies[setting] = Tally(plans, self.plans[0].by, self.plans[0].several_races, self.grid)
        return self.tallies[setting]

    def total(self) -> tuple[list[Counted], Cells]:
        """What was counted under each plan, and everyone by group and outcome."""
        parts: dict[int, Counted] = {}
        for setting, tally in self.tallies.items():
            meant = [number for number, own in enumerate(self.settings) if own in ("", setting)]
            for number, counted in zip(meant, tally.total(), strict=True):
                parts[number] = parts[number] + counted if number in parts else counted
        everyone = [tally.everyone() for tally in self.tallies.values()]
        first, *others = everyone or [Tally((), self.plans[0].by, self.plans[0].several_races, self.grid).everyone()]
        for cells in others:
            first = first + cells
        return [parts[n] if n in parts else _nobody(plan, self.grid) for n, plan in enumerate(self.plans)], first


def _nobody(plan: Plan, grid: Grid) -> Counted:
    return Tally((plan,), plan.by, plan.several_races, grid).total()[0]
