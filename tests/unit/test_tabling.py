"""Tables that travel between processes arrive as they were, with every word in memory once."""

import pytest

from auditor.pipeline import audit
from auditor.result import Options
from auditor.tabling import ROWS, Made, Tabling
from calculators.registry import registry


@pytest.fixture(scope="module")
def made():
    """One calculator's tables on the embedded cohort, with rows of most kinds."""
    result = audit(calculators=["pce_2013"], by=["race", "sex"], outcome="died_10_years", arms="main", internal=True, replicates=20)
    return Made(result.calculators[0], None)


@pytest.fixture
def travelled(made):
    tabling = Tabling((), [None], Options(), False, "", registry(), None, (), hides=False)
    return tabling.unpack(0, tabling.pack(made))


def test_packed_tables_arrive_as_they_were(made, travelled):
    assert sum(bool(getattr(made.result, name)) for name in ROWS) > 8
    assert travelled == made


def test_words_of_rows_are_in_memory_once(made, travelled):
    words = [row.group for row in travelled.result.metrics]
    assert len(words) > len({id(word) for word in words}) == len(set(words))
