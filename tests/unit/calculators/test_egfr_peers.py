"""eGFR without a race term: turning points, units, and one patient under several equations."""

import numpy as np
import pytest

from calculators.nephrology.cockcroft_gault import cockcroft_gault_1976
from calculators.nephrology.kidney_recipients import egfr_krs_raynaud_2023
from calculators.nephrology.lund_malmo import lund_malmo_revised_2011
from calculators.nephrology.mdrd import mdrd4_175_2006
from calculators.nephrology.national import jsn_egfr_2009, mdrd_cn_2006, xiangya_2019


def result(calculator, sex="male", **patient):
    scores = calculator.without_race(patient | {"sex": [sex]})
    return scores[calculator.outputs[0].name][0]


@pytest.mark.parametrize(("sex", "turn", "x"), [("female", 150, 2.50), ("male", 180, 2.56)])
def test_lund_malmo_turns_without_a_step(sex, turn, x):
    at_turn = np.exp(x - 0.0158 * 60 + 0.438 * np.log(60))
    for creatinine in (turn - 1e-9, turn, turn + 1e-9):
        assert result(lund_malmo_revised_2011, sex=sex, creatinine=creatinine / 88.4, age=60) == pytest.approx(at_turn)
    half = result(lund_malmo_revised_2011, sex=sex, creatinine=turn / 2 / 88.4, age=60)
    assert half / at_turn == pytest.approx(np.exp({"female": 0.0121, "male": 0.00968}[sex] * turn / 2))
    double = result(lund_malmo_revised_2011, sex=sex, creatinine=2 * turn / 88.4, age=60)
    assert double / at_turn == pytest.approx(2**-0.926)


def test_lund_malmo_is_for_adults():
    assert np.isnan(result(lund_malmo_revised_2011, creatinine=0.6, age=17))


def test_cockcroft_gault_by_hand():
    assert result(cockcroft_gault_1976, creatinine=1, age=68, weight=72) == 72
    assert result(cockcroft_gault_1976, sex="female", creatinine=1, age=68, weight=72) == pytest.approx(0.85 * 72)


def test_recipients_by_hand():
    by_hand = np.exp(4.4275492 - 0.0124264 - 0.0055068 * 50)
    assert result(egfr_krs_raynaud_2023, sex="female", creatinine=1, age=50) == pytest.approx(by_hand)
    assert result(egfr_krs_raynaud_2023, creatinine=1, age=50) == pytest.approx(by_hand * np.exp(0.1806494))
    assert np.isnan(result(egfr_krs_raynaud_2023, creatinine=1, age=17))


def test_the_japanese_equation_is_near_its_factor_on_mdrd():
    patient = {"creatinine": 1.4, "age": 60}
    assert round(0.808 * result(mdrd4_175_2006, **patient)) == 42
    assert result(jsn_egfr_2009, **patient) == pytest.approx(42, abs=1)
    assert result(jsn_egfr_2009, **patient) < result(mdrd4_175_2006, **patient) < result(mdrd_cn_2006, **patient)


def test_xiangya_reads_micromoles():
    assert result(xiangya_2019, creatinine=1, age=50) == pytest.approx(2374.78 * 88.4**-0.54753 * 50**-0.25011)
