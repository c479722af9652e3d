"""MFMU models of vaginal birth after cesarean: the race terms, the three levels of history, the 60% threshold."""

import numpy as np
import pytest

from calculators.obstetrics.vbac import vbac_grobman_2007, vbac_grobman_2021


def patients_2007(**changed):
    return {
        "age": [30.0],
        "prepregnancy_body_mass_index": [30.0],
        "prior_vaginal_delivery": [0],
        "vaginal_delivery_since_cesarean": [0],
        "prior_cesarean_for_arrest": [0],
        **changed,
    }


def patients_2021(**changed):
    return {
        "age": [30.0],
        "prepregnancy_weight": [70.0],
        "height": [165.0],
        "prior_vaginal_delivery": [0],
        "vaginal_delivery_since_cesarean": [0],
        "prior_cesarean_for_arrest": [0],
        "treated_chronic_hypertension": [0],
        **changed,
    }


def log_odds(scores):
    p = scores["vaginal_birth"]
    return np.log(p / (1 - p))


@pytest.mark.parametrize(("group", "odds_ratio"), [("Black", 0.51), ("Hispanic", 0.51), ("White or other", 1.0)])
def test_the_published_odds_ratio_of_each_group(group, odds_ratio):
    difference = log_odds(vbac_grobman_2007.as_if(patients_2007(), group)) - log_odds(vbac_grobman_2007.without_race(patients_2007()))
    assert np.exp(difference[0]) == pytest.approx(odds_ratio, abs=0.005)


def test_sixty_per_cent_without_the_term_is_43_with_it():
    bmi = (3.766 - 0.039 * 30 - np.log(0.6 / 0.4)) / 0.060
    patients = patients_2007(prepregnancy_body_mass_index=[bmi])
    assert vbac_grobman_2007.without_race(patients)["vaginal_birth"][0] == pytest.approx(0.600, abs=1e-9)
    assert vbac_grobman_2007.as_if(patients, "Black")["vaginal_birth"][0] == pytest.approx(0.434, abs=5e-4)
    assert vbac_grobman_2007.as_if(patients, "Hispanic")["vaginal_birth"][0] == pytest.approx(0.432, abs=5e-4)


def test_unknown_race_scores_as_the_reference():
    blank = vbac_grobman_2007.with_race({**patients_2007(), "race_group": [""]})
    assert blank["vaginal_birth"][0] == vbac_grobman_2007.without_race(patients_2007())["vaginal_birth"][0]


def test_history_adds_up_in_2007():
    both = patients_2007(prior_vaginal_delivery=[1], vaginal_delivery_since_cesarean=[1])
    gain = log_odds(vbac_grobman_2007.without_race(both)) - log_odds(vbac_grobman_2007.without_race(patients_2007()))
    assert gain[0] == pytest.approx(0.888 + 1.003)


@pytest.mark.parametrize(("before", "since", "gain"), [(0, 0, 0.0), (1, 0, 0.868), (1, 1, 1.869), (0, 1, 1.869)])
def test_history_is_one_factor_in_2021(before, since, gain):
    patients = patients_2021(prior_vaginal_delivery=[before], vaginal_delivery_since_cesarean=[since])
    difference = log_odds(vbac_grobman_2021.with_race(patients)) - log_odds(vbac_grobman_2021.with_race(patients_2021()))
    assert difference[0] == pytest.approx(gain)


def test_treated_hypertension_outweighs_the_race_term_of_2007():
    loss = log_odds(vbac_grobman_2021.with_race(patients_2021(treated_chronic_hypertension=[1]))) - log_odds(
        vbac_grobman_2021.with_race(patients_2021())
    )
    assert loss[0] == pytest.approx(-0.966)
    assert loss[0] < vbac_grobman_2007.race.groups["Black"]["beta"]


def test_a_success_of_exactly_60_per_cent_favors_a_trial_of_labor():
    decision = vbac_grobman_2007.decision("tolac_counselling")
    assert decision.apply(np.array([0.5999, 0.60, 0.70, np.nan])).tolist() == [False, True, True, False]
    assert vbac_grobman_2007.bands[0].codes(np.array([0.5999, 0.60, 0.6999, 0.70])).tolist() == [0, 1, 1, 2]
