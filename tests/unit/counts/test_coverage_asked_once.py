"""Whether coverage confines a small count is asked once of equal tables, and anew where anything differs."""

import numpy as np
import pytest

from auditor.counts import coverage_disclosure
from auditor.counts.coverage_disclosure import AT_ONCE, FATES, _Answers, _Table

MEMBER = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
FATE = np.eye(len(FATES) + 1)
PARTS = np.concatenate([np.ones((1, len(FATE))), FATE, 1 - FATE])


def table(missing: float, everyone: bool) -> _Table:
    """Two groups of 500 with few missing inputs, of which everyone's row is shown, and perhaps the groups' sizes."""
    counts = np.array([[500 - missing, missing, 0, 0, 0], [300.0, 200.0, 0, 0, 0]])
    shown = np.zeros((3, len(PARTS)), dtype=bool)
    shown[0], shown[:, 0] = everyone, True
    wanted = np.zeros(shown.shape, dtype=bool)
    wanted[1, 2] = True
    return _Table(counts, MEMBER, PARTS, shown, wanted)


@pytest.fixture
def asked(monkeypatch):
    found = []
    too_narrow = coverage_disclosure.too_narrow
    monkeypatch.setattr(coverage_disclosure, "too_narrow", lambda *given: found.append(given) or too_narrow(*given))
    return found


def test_equal_tables_are_asked_once(asked):
    answers = _Answers(11)
    assert answers.to([table(4.0, True)] * 3 + [None]) == [False] * 4
    assert answers.to([table(4.0, True)]) == [False]
    assert len(asked) == 1
    assert table(4.0, True) == table(4.0, True)
    assert answers.to([table(5.0, True), table(4.0, False)]) == [False, False]
    assert len(asked) == 2


def test_a_wider_range_may_be_needed():
    assert _Answers(200).to([table(4.0, True)]) == [False]
    assert _Answers(300).to([table(4.0, True)]) == [True]


def test_together_every_table_has_its_own_answer(asked):
    tables = [table(float(missing), missing % 3 > 0) for missing in range(1, 3 * AT_ONCE)]
    alone = [_Answers(207).to([one])[0] for one in tables]
    asked.clear()
    assert _Answers(207).to(tables) == alone
    assert 0 < sum(alone) < len(alone)
    assert len(asked) == 3
