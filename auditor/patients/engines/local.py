"""The local engine: chunks of a cohort become cells, in this process or, for millions of rows, in several."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Any

from auditor.counts.cells import Cells
from auditor.errors import TooFewPatients
from auditor.patients.arms import arm, resolve
from auditor.patients.cohort import Cohort, Patients, Request
from auditor.patients.engines.pair import FEWEST, PIECE, tally_in_two
from auditor.patients.grid import Grid
from auditor.patients.kernel import Kernel
from auditor.patients.quality import Quality
from auditor.patients.sources.files import read_in_one_thread
from auditor.patients.tally import Counted, Part, Plan, Tally, kernel_of
from auditor.second_process import possible
from calculators.registry import registry

Progress = Callable[[int, int], None]
CountedPart = tuple[Part, Quality, int]

ONE_PROCESS_BELOW = 2_000_000
POOLS = 3
LOOK_AFTER = 5.0


def tally(
    cohort: Cohort,
    request: Request,
    plans: Sequence[Plan],
    progress: Progress | None = None,
    processes: int | None = None,
    meanwhile: Callable[[], None] = lambda: None,
) -> tuple[list[Counted], Cells, Quality]:
    """Count every chunk of the cohort under every plan it is meant for, everyone by group and outcome, and the quality.

    `processes` is chosen by the number of rows unless given; the result is the same to the last bit. Where a copy of this process
    counts too, `meanwhile` is done while that starts.
    """
    pieces = cohort.parts(PIECE) if processes is None and cohort.rows < ONE_PROCESS_BELOW and possible() else []
    if processes is None:
        processes = 1 if cohort.rows < ONE_PROCESS_BELOW else len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2
    parts = list(cohort.parts()) if processes > 1 and cohort.reopen is not None else []
    if cohort.engine is not None:
        counted, everyone, quality = cohort.engine(request, plans, progress)
    elif len(parts) > 1:
        counted, everyone, quality = _in_processes(cohort, request, plans, parts, processes, progress or _silent)
    elif len(pieces) >= FEWEST:
        counted, everyone, quality = tally_in_two(cohort, request, plans, grid_of(cohort, request), pieces, progress or _silent, meanwhile)
    else:
        counted, everyone, quality = _in_this_process(cohort, request, plans, progress or _silent)
    if not everyone.total:
        reasons = f" Left out: patients {', '.join(sorted(quality.left_out))}." if quality.left_out else ""
        raise TooFewPatients(f"No patients of '{cohort.name}' are left to report on.{reasons}")
    return counted, everyone, quality


class Tallies:
    """One tally per setting of a cohort, each with the plans that are meant for it."""

    def __init__(self, plans: Sequence[Plan], settings: Sequence[str], grid: Grid) -> None:
        self.plans = plans
        self.settings = settings
        self.grid = grid
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


@dataclass(frozen=True)
class Work:
    """What a worker needs to count parts of a cohort: it opens the cohort and makes the plans itself."""

    reopen: Callable[[], Cohort]
    offers: frozenset[str]
    request: Request
    arms: dict[str, tuple[str, ...]]
    by: dict[str, tuple[str, ...]]
    several_races: Any
    scores: bool
    grid: Grid

    @classmethod
    def of(cls, cohort: Cohort, request: Request, plans: Sequence[Plan], grid: Grid) -> Work:
        """The work on a cohort that can be opened again."""
        assert cohort.reopen is not None
        arms = {plan.armed.calculator.id: tuple(arm.id for arm in plan.armed.arms) for plan in plans}
        return cls(cohort.reopen, frozenset(cohort.offers), request, arms, dict(plans[0].by), plans[0].several_races, plans[0].scores, grid)

    def plans(self) -> list[Plan]:
        """The plans as the main process made them."""
        known = registry()
        offered = set(self.offers)
        plans = []
        for id, arms in self.arms.items():
            armed = arm(resolve(known[id], offered, known)[0], offered, known)
            armed = replace(armed, arms=tuple(one for one in armed.arms if one.id in arms))
            plans.append(Plan.of(armed, self.by, self.several_races, self.scores))
        return plans


class Worker:
    """A cohort opened in this process, with its plans, ready to count parts."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.cohort = work.reopen()
        self.plans = work.plans()
        self.kernel = kernel_of(self.plans, work.grid)

    def count(self, *parts: Any) -> CountedPart:
        """The counts and the quality of some parts, and their number of rows."""
        patients = (chunk for part in parts for chunk in self.cohort.read_part(self.work.request, part))
        return count_patients(patients, self.plans, self.work, self.kernel)


def count_patients(chunks: Iterable[Patients], plans: Sequence[Plan], work: Work, kernel: Kernel) -> CountedPart:
    """The counts and the quality of some patients, and their number of rows."""
    tally = Tally(plans, work.by, work.several_races, work.grid, kernel)
    quality = Quality()
    done = 0
    for patients in chunks:
        quality.add(patients.quality)
        tally.add(patients)
        done += patients.n + sum(patients.quality.left_out.values())
    return tally.part(), quality, done


def grid_of(cohort: Cohort, request: Request) -> Grid:
    """The grid on which a cohort's weights and scores are summed."""
    return Grid.of(cohort.rows, cohort.largest(request.weights) if request.weights else None)


def _in_this_process(cohort: Cohort, request: Request, plans: Sequence[Plan], progress: Progress) -> tuple[list[Counted], Cells, Quality]:
    quality = Quality()
    tallies = Tallies(plans, [cohort.setting_of(plan.armed.calculator) for plan in plans], grid_of(cohort, request))
    done = 0
    for patients in cohort.read(request):
        quality.add(patients.quality)
        tallies.of(patients.setting).add(patients)
        done += patients.n + sum(patients.quality.left_out.values())
        progress(done, cohort.rows)
    return (*tallies.total(), quality)


def _in_processes(
    cohort: Cohort, request: Request, plans: Sequence[Plan], parts: list[Any], processes: int, progress: Progress
) -> tuple[list[Counted], Cells, Quality]:
    """Count parts in worker processes, a few at a time, so that their counts do not pile up before they are added.

    Parts that a dying worker leaves are counted again, at last in this process.
    """
    work = Work.of(cohort, request, plans, grid_of(cohort, request))
    sums = Sum(plans, work)
    left = set(range(len(parts)))
    for _ in range(POOLS):
        if not left:
            break
        pool = ProcessPoolExecutor(min(processes, len(left)), get_context("spawn"), initializer=_open, initargs=(work,))
        try:
            waiting, futures = sorted(left, reverse=True), dict[Future[CountedPart], int]()
            while waiting or futures:
                while waiting and len(futures) < 2 * processes:
                    number = waiting.pop()
                    futures[pool.submit(_count, parts[number])] = number
                done = wait(futures, LOOK_AFTER, FIRST_COMPLETED).done
                if not done and not all(worker.is_alive() for worker in (pool._processes or {}).values()):
                    raise BrokenProcessPool
                for future in done:
                    number = futures.pop(future)
                    sums.add(future.result())
                    left.discard(number)
                    progress(sums.done, cohort.rows)
            pool.shutdown()
        except BrokenProcessPool:
            _stop(pool)
        except BaseException:
            _stop(pool)
            raise
    for number in sorted(left):
        sums.add(count_patients(cohort.read_part(request, parts[number]), plans, work, sums.tally.kernel))
        progress(sums.done, cohort.rows)
    return sums.total()


def _stop(pool: ProcessPoolExecutor) -> None:
    """End the workers at once.

    One that dies while it sends a result leaves half of it in the pipe; whoever reads it is released by closing the other end.
    """
    workers, results = list((pool._processes or {}).values()), pool._result_queue
    pool.shutdown(wait=False, cancel_futures=True)
    for worker in workers:
        worker.kill()
    for worker in workers:
        worker.join()
    if results is not None:
        results._writer.close()  # type: ignore[attr-defined]


class Sum:
    """The sum of parts, in whatever order they come."""

    def __init__(self, plans: Sequence[Plan], work: Work) -> None:
        self.tally = Tally(plans, work.by, work.several_races, work.grid)
        self.quality = Quality()
        self.done = 0

    def add(self, part: CountedPart) -> None:
        """Add one part."""
        counts, quality, done = part
        self.tally.merge(counts)
        self.quality.add(quality)
        self.done += done

    def total(self) -> tuple[list[Counted], Cells, Quality]:
        """Everything that was counted."""
        return self.tally.total(), self.tally.everyone(), self.quality


_worker: Worker | None = None


def _open(work: Work) -> None:
    """In a new worker: Ctrl-C is the main process's business."""
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    read_in_one_thread()
    _worker = Worker(work)


def _count(part: Any) -> CountedPart:
    assert _worker is not None
    return _worker.count(part)


def _silent(done: int, total: int) -> None:
    return None


def _nobody(plan: Plan, grid: Grid) -> Counted:
    return Tally((plan,), plan.by, plan.several_races, grid).total()[0]
