"""The local engine in two processes that start at once: a copy of this one counts some of a Parquet file's pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from auditor.counts.cells import Cells
from auditor.patients.cohort import Cohort, Request
from auditor.patients.grid import Grid
from auditor.patients.quality import Quality
from auditor.patients.sources.files import read_anew, reading_in_one_thread
from auditor.patients.tally import Counted, Part, Plan, Tally, kernel_of
from auditor.second_process import Send, Shared, copied

PIECE = 65_536
FEWEST = 2


def tally_in_two(
    cohort: Cohort,
    request: Request,
    plans: Sequence[Plan],
    grid: Grid,
    pieces: Sequence[Any],
    progress: Callable[[int, int], None],
    meanwhile: Callable[[], None],
) -> tuple[list[Counted], Cells, Quality]:
    """Count pieces of a cohort here and in a copy of this process, each in one tally; the sum is the same to the last bit.

    `meanwhile` is done here while the copy counts already. Pieces that it does not deliver are counted again.
    """
    kernel = kernel_of(plans, grid)
    kernel.prepare()

    def count(numbers: Iterable[int], done: Callable[[int], None]) -> tuple[list[int], Tally, Quality]:
        tally = Tally(plans, plans[0].by, plans[0].several_races, grid, kernel)
        quality = Quality()
        counted = []
        for number in numbers:
            for patients in cohort.read_part(request, pieces[number]):
                quality.add(patients.quality)
                tally.add(patients)
            counted.append(number)
            done(number)
        return counted, tally, quality

    def run(shared: Shared, send: Send) -> None:
        read_anew()
        counted, tally, quality = count(shared.take(), lambda number: None)
        send((counted, tally.part(), quality))

    def told(number: int) -> None:
        progress(min((number + 1) * PIECE, cohort.rows - 1), cohort.rows)

    with copied(len(pieces), run) as shared, reading_in_one_thread():
        meanwhile()
        counted, tally, quality = count(shared.take(), told)
        left = set(range(len(pieces))) - set(counted)
        for numbers, part, more in shared.delivered():
            add(tally, quality, part, more)
            left -= set(numbers)
    if left:
        _, other, more = count(sorted(left), told)
        add(tally, quality, other.part(), more)
    progress(cohort.rows, cohort.rows)
    return tally.total(), tally.everyone(), quality


def add(tally: Tally, quality: Quality, part: Part, more: Quality) -> None:
    """Add what was counted of other pieces."""
    tally.merge(part)
    quality.add(more)
