"""A second process beside this one: the same comes out whatever it does."""

import multiprocessing
import os
import signal
import sys
import time

import pytest

from auditor import second_process
from auditor.pipeline import audit
from auditor.second_process import each

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a second process is a copy of this one on Linux alone")
HERE = os.getpid()


def numbers(work, beside):
    return each(12, work, lambda made: repr(made).encode(), lambda i, packed: eval(packed.decode()), beside=beside)


def where(i):
    time.sleep(0.05)
    return i, os.getpid()


def test_both_processes_work_and_the_order_is_kept():
    made = numbers(where, beside=True)
    assert [i for i, _ in made] == list(range(12))
    assert len({pid for _, pid in made}) == 2
    assert {pid for _, pid in numbers(where, beside=False)} == {HERE}
    assert not multiprocessing.active_children()


def test_what_a_dead_process_took_is_made_here():
    def work(i):
        time.sleep(0.01)
        if os.getpid() != HERE:
            os.kill(os.getpid(), signal.SIGKILL)
        return i, os.getpid()

    assert numbers(work, beside=True) == [(i, HERE) for i in range(12)]


def test_what_a_hanging_process_took_is_made_here(monkeypatch):
    monkeypatch.setattr(second_process, "PATIENCE", 0.1)

    def work(i):
        time.sleep(0.01 if os.getpid() == HERE else 60)
        return i, os.getpid()

    assert numbers(work, beside=True) == [(i, HERE) for i in range(12)]
    assert not multiprocessing.active_children()


def test_an_error_is_raised_as_without_a_second_process():
    def work(i):
        time.sleep(0.01)
        if i == 7:
            raise ValueError("seven")
        return i

    for beside in (True, False):
        with pytest.raises(ValueError, match="seven"):
            numbers(work, beside)
    assert not multiprocessing.active_children()


def test_an_interrupt_leaves_no_process_behind():
    def work(i):
        time.sleep(0.02)
        if i > 3 and os.getpid() == HERE:
            raise KeyboardInterrupt
        return i

    with pytest.raises(KeyboardInterrupt):
        numbers(work, beside=True)
    assert not multiprocessing.active_children()


def test_an_audit_is_the_same_to_the_last_byte(monkeypatch):
    ids = [
        "ckd_epi_cr_2009",
        "ckd_epi_cr_2021",
        "mdrd4_175_2006",
        "ekfc_cr_2021",
        "pce_2013",
        "gli_2012_fev1",
        "gli_global_2022_fev1",
        "prevent_2023_base",
    ]
    found = []
    for beside in (True, False):
        monkeypatch.setattr(second_process, "possible", lambda beside=beside: beside)
        found.append(audit(calculators=ids, replicates=50).to_json())
    assert found[0] == found[1]
