"""A copy of this process that counts too gives the same to the last bit, also when it dies."""

import multiprocessing
import os
import signal
import sys
import time
from dataclasses import replace

import pytest
from test_local_engine import assert_same, prepared  # noqa: F401

from auditor.errors import CohortError
from auditor.patients.engines import local, pair

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a process can be copied on Linux alone")
HERE = os.getpid()
STARTS = set(range(0, 3_000, 250))


@pytest.fixture
def small_pieces(monkeypatch):
    monkeypatch.setattr(local, "PIECE", 250)
    monkeypatch.setattr(local, "possible", lambda: True)


@pytest.fixture
def reading(prepared, tmp_path):  # noqa: F811
    """The cohort where `before` is called with every piece before it is read, and a function that tells which process read which."""
    cohort, path = prepared[0], tmp_path / "read"

    def watched(before):
        def read_part(request, rows):
            before(rows)
            with path.open("a") as file:
                file.write(f"{os.getpid()} {rows.start}\n")
            return cohort.read_part(request, rows)

        return replace(cohort, read_part=read_part)

    return watched, lambda: [tuple(map(int, line.split())) for line in path.read_text().splitlines()]


def test_both_processes_count_and_the_sum_is_the_same(prepared, reading, small_pieces):  # noqa: F811
    (_, request, plans, expected), (watched, read) = prepared, reading
    done = []
    slow = watched(lambda rows: time.sleep(0.02))
    assert_same(local.tally(slow, request, plans, lambda *progress: done.append(progress)), expected)
    assert sorted(start for _, start in read()) == sorted(STARTS), "every piece once"
    assert len({pid for pid, _ in read()}) == 2
    assert done[-1] == (3_000, 3_000)
    assert all(rows < total for rows, total in done[:-1])
    assert not multiprocessing.active_children()


def test_pieces_of_a_copy_that_dies_are_counted_here(prepared, reading, small_pieces):  # noqa: F811
    (_, request, plans, expected), (watched, read) = prepared, reading

    def die(rows):
        if os.getpid() != HERE and rows.start:
            os.kill(os.getpid(), signal.SIGKILL)

    assert_same(local.tally(watched(die), request, plans, meanwhile=lambda: time.sleep(0.5)), expected)
    assert {start for pid, start in read() if pid == HERE} == STARTS, "those that the copy took too"


def test_a_piece_that_cannot_be_read_is_one_error_and_no_traceback(prepared, reading, small_pieces, capfd):  # noqa: F811
    (_, request, plans, _), (watched, _) = prepared, reading

    def fail(rows):
        if rows.start >= 1_000:
            raise CohortError("patients.parquet: cannot be read.")

    with pytest.raises(CohortError, match="cannot be read"):
        local.tally(watched(fail), request, plans, meanwhile=lambda: time.sleep(0.5))
    assert capfd.readouterr().err == ""
    assert not multiprocessing.active_children()


def test_one_process_is_kept_to(prepared, small_pieces, monkeypatch):  # noqa: F811
    cohort, request, plans, expected = prepared
    monkeypatch.setattr(pair, "copied", None)
    assert_same(local.tally(cohort, request, plans, processes=1), expected)


def test_an_interrupt_ends_the_copy(prepared, reading, small_pieces):  # noqa: F811
    (_, request, plans, _), (watched, _) = prepared, reading

    def interrupt(rows):
        if os.getpid() == HERE:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        local.tally(watched(interrupt), request, plans)
    assert not multiprocessing.active_children()
