"""A calculator that decides nothing and is compared with nothing is protected too: it has only coverage, and perhaps measured values."""

import msgspec
import pytest
from attack import Cohort

from auditor.counts.disclosure import protect


@pytest.mark.parametrize("seed", [0, 3, 9])
def test_a_calculator_without_decisions_is_protected(seed):
    result = Cohort(300, seed, ("race", "sex")).result()
    calculator = result.calculators[0]
    empty = {
        name: ()
        for name in ("changes", "transitions", "metrics", "disparities", "outcome_changes", "significance", "standardised", "shifts")
    }
    bare = msgspec.structs.replace(calculator, card=msgspec.structs.replace(calculator.card, decisions=()), **empty)
    protected = protect(msgspec.structs.replace(result, calculators=(bare, calculator)), 11)
    shown = [row for row in protected.calculators[0].coverage if row.n is not None]
    assert len(shown) < len(bare.coverage)
    for row in shown:
        assert not 0 < row.n < 11
        assert not 0 < row.scored < 11
        assert not 0 < row.n - row.scored < 11
