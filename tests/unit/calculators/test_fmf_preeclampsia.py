"""FMF prior of pre-eclampsia: shifts of the mean by group, switches of the history, the 1% for aspirin."""

import numpy as np
import pytest

from calculators.obstetrics.fmf_preeclampsia import fmf_preeclampsia_prior_2015 as prior


def patients(**changed):
    reference = {
        "age": 30.0,
        "height": 164.0,
        "weight": 69.0,
        "chronic_hypertension": 0,
        "lupus_or_antiphospholipid": 0,
        "in_vitro_fertilization": 0,
        "parous": 0,
        "prior_preeclampsia": 0,
        "family_history_preeclampsia": 0,
        "diabetes": 0,
        "prior_gestational_age": np.nan,
        "pregnancy_interval": np.nan,
    }
    return {name: [value] for name, value in {**reference, **changed}.items()}


def mean(**changed):
    return prior.without_race(patients(**changed))["mean_gestation"][0]


def test_the_reference_woman_has_the_published_mean():
    assert mean() == pytest.approx(54.3637)


@pytest.mark.parametrize(
    ("group", "shift", "risk"),
    [("White", 0, 0.0058), ("Afro-Caribbean", -2.6786, 0.0164), ("South Asian", -1.1290, 0.0092), ("Other", 0, 0.0058)],
)
def test_each_group_shifts_the_mean(group, shift, risk):
    scores = prior.as_if(patients(), group)
    assert scores["mean_gestation"][0] == pytest.approx(54.3637 + shift)
    assert scores["preterm_preeclampsia"][0] == pytest.approx(risk, abs=5e-5)


def test_unknown_race_scores_as_other():
    blank = prior.with_race({**patients(), "race_group": [""]})
    assert blank["mean_gestation"][0] == pytest.approx(54.3637)


def test_the_race_term_alone_can_open_aspirin():
    aspirin = prior.decision("aspirin")
    yes = [bool(aspirin.apply(prior.as_if(patients(), group)["preterm_preeclampsia"])[0]) for group in prior.race.labels]
    assert yes == [False, True, False, False]
    assert aspirin.apply(np.array([0.01, 0.0099])).tolist() == [True, False]


@pytest.mark.parametrize(("age", "shift"), [(20, 0), (35, 0), (36, -0.206886), (45, -2.06886)])
def test_age_counts_from_35_on(age, shift):
    assert mean(age=age) == pytest.approx(54.3637 + shift)


def test_weight_family_history_and_diabetes_count_without_chronic_hypertension_only():
    heavy = {"weight": 99.0, "family_history_preeclampsia": 1, "diabetes": 1}
    assert mean(**heavy) == pytest.approx(54.3637 - 0.0694096 * 30 - 1.7154 - 3.3899)
    assert mean(**heavy, chronic_hypertension=1) == pytest.approx(54.3637 - 7.2897)


def test_earlier_preeclampsia_reads_the_last_gestation_and_not_the_interval():
    assert mean(parous=1, prior_preeclampsia=1, prior_gestational_age=34) == pytest.approx(54.3637 - 8.1667 + 0.0271988 * 100)


def test_a_birth_without_preeclampsia_reads_the_interval_without_a_floor_of_one_year():
    history = -4.3350 - 4.15137651 / 0.5 + 9.21473572 / np.sqrt(0.5) + 0.01549673 * 256
    assert mean(parous=1, prior_gestational_age=40, pregnancy_interval=0.5) == pytest.approx(54.3637 + history)
    floored = -4.3350 - 4.15137651 / 0.5 + 9.21473572 + 0.01549673 * 256
    assert history > floored + 3


def test_the_interval_counts_from_a_quarter_of_a_year_on():
    history = -4.3350 - 4.15137651 / 0.25 + 9.21473572 / 0.5 + 0.01549673 * 256
    assert mean(parous=1, prior_gestational_age=40, pregnancy_interval=0.25) == pytest.approx(54.3637 + history)


def test_earlier_preeclampsia_counts_in_parous_women_only():
    assert mean(parous=0, prior_preeclampsia=1) == pytest.approx(54.3637)


@pytest.mark.parametrize(
    "unknown",
    [
        {"prior_gestational_age": 40.0},
        {"pregnancy_interval": 3.0},
        {"prior_preeclampsia": 1},
        {"prior_gestational_age": 40.0, "pregnancy_interval": 0.2},
    ],
)
def test_a_parous_woman_without_the_needed_history_gets_no_risk(unknown):
    scores = prior.without_race(patients(parous=1, **unknown))
    assert np.isnan(scores["preterm_preeclampsia"][0])
    assert np.isnan(scores["mean_gestation"][0])


def test_the_risk_is_truncated_at_24_weeks():
    scores = prior.without_race(patients(chronic_hypertension=1, lupus_or_antiphospholipid=1, age=50.0, height=145.0))
    mu = scores["mean_gestation"][0]
    draws = np.random.default_rng(1).normal(mu, 6.8833, 1_000_000)
    assert scores["preterm_preeclampsia"][0] == pytest.approx((draws[draws >= 24] < 37).mean(), abs=2e-3)
    assert scores["preterm_preeclampsia"][0] < (draws < 37).mean() - 5e-3
