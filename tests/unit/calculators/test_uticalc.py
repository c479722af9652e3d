"""UTICalc 1.0 and 3.0: the race term, the cuts of age, temperature and fever, the thresholds for a urine sample."""

import numpy as np
import pytest

from calculators.pediatrics.uticalc import uticalc_v1_2018, uticalc_v3_2022


def girl(**changed):
    reference = {
        "age": 1.5,
        "sex": "female",
        "circumcised": 0,
        "other_fever_source": 0,
        "temperature": 38.5,
        "prior_urinary_tract_infection": 0,
        "fever_duration": 24.0,
    }
    return {name: [value] for name, value in {**reference, **changed}.items()}


def probability(scores):
    return scores["urinary_tract_infection"][0]


def odds(p):
    return p / (1 - p)


def test_the_published_odds_ratio_of_the_race_term():
    ratio = odds(probability(uticalc_v1_2018.as_if(girl(), "not Black"))) / odds(probability(uticalc_v1_2018.as_if(girl(), "Black")))
    assert ratio == pytest.approx(2.63, abs=0.01)


def test_the_race_term_alone_closes_the_urine_sample():
    sample = uticalc_v1_2018.decision("urine_sample")
    black, other = (uticalc_v1_2018.as_if(girl(), group) for group in ("Black", "not Black"))
    assert probability(black) == pytest.approx(0.016, abs=5e-4)
    assert probability(other) == pytest.approx(0.042, abs=5e-4)
    assert not sample.apply(black["urinary_tract_infection"])[0]
    assert sample.apply(other["urinary_tract_infection"])[0]
    assert sample.apply(uticalc_v3_2022.with_race(girl())["urinary_tract_infection"])[0]


def test_the_model_is_brought_to_a_prevalence_of_6_1_per_cent():
    w = -5.907 + 2.409 + 1.394
    assert odds(probability(uticalc_v1_2018.as_if(girl(), "Black"))) / np.exp(w) == pytest.approx((0.061 / 0.939) / (0.321 / 0.679))
    assert pytest.approx(0.321, abs=5e-4) == (542 / (542 + 1144))


def test_unknown_race_scores_as_not_black():
    blank = uticalc_v1_2018.with_race({**girl(), "race_group": [""]})
    assert probability(blank) == probability(uticalc_v1_2018.as_if(girl(), "not Black"))


def test_an_uncircumcised_boy_scores_as_a_girl_and_a_circumcised_one_lower():
    for calculator in (uticalc_v1_2018, uticalc_v3_2022):
        boy = probability(calculator.without_race(girl(sex="male")))
        assert boy == probability(calculator.without_race(girl()))
        assert probability(calculator.without_race(girl(sex="male", circumcised=1))) < boy


@pytest.mark.parametrize("calculator", [uticalc_v1_2018, uticalc_v3_2022], ids=lambda c: c.id)
@pytest.mark.parametrize(
    ("input_", "counts", "counts_not"),
    [
        ("age", 11 / 12, 12 * 0.08333333333333333),
        ("temperature", (102.2 - 32) / 1.8, 38.99),
    ],
)
def test_the_cuts_of_age_and_temperature(calculator, input_, counts, counts_not):
    assert probability(calculator.without_race(girl(**{input_: counts}))) > 1.5 * probability(
        calculator.without_race(girl(**{input_: counts_not}))
    )


def test_fever_counts_from_48_hours_on():
    at, before = (odds(probability(uticalc_v3_2022.with_race(girl(fever_duration=h)))) for h in (48.0, 47.9))
    assert at / before == pytest.approx(np.exp(0.68319))


@pytest.mark.parametrize(("months", "scored"), [(1.9, False), (2, True), (23, True), (23.9, True), (24, False), (120, False)])
def test_children_of_2_to_23_months_only(months, scored):
    for calculator in (uticalc_v1_2018, uticalc_v3_2022):
        p = probability(calculator.without_race(girl(age=months * 0.08333333333333333)))
        assert np.isfinite(p) == scored


def test_the_sampling_thresholds_include_their_value():
    values = np.array([0.0199, 0.02, 0.0499, 0.05])
    assert uticalc_v1_2018.decision("urine_sample").apply(values).tolist() == [False, True, True, True]
    assert uticalc_v1_2018.decision("strong").apply(values).tolist() == [False, False, False, True]
    assert uticalc_v1_2018.bands[0].codes(values).tolist() == [0, 1, 1, 2]
