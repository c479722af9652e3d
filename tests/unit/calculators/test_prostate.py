"""Prostate calculators: PCPT 1.0 and 2.0, PBCG (coefficient sets by known answers, race terms) and PHI (bands)."""

import numpy as np
import pytest

from calculators.oncology.pbcg import pbcg_2018
from calculators.oncology.pcptrc import pcptrc_1_2006, pcptrc_2
from calculators.oncology.phi import phi_2011

ANSWERS = {"biopsy": "prior_negative_biopsy", "exam": "digital_rectal_exam_abnormal", "family": "family_history_prostate_cancer"}


def man(**changed):
    reference = {"age": 65.0, "psa": 4.0, **dict.fromkeys(ANSWERS.values(), 0)}
    return {name: [value] for name, value in {**reference, **changed}.items()}


def odds(p):
    return p / (1 - p)


def high_grade(scores):
    return scores["high_grade_cancer"][0]


def test_the_first_version_has_a_race_term_for_high_grade_only():
    black, other = (pcptrc_1_2006.as_if(man(), group) for group in ("Black", "not Black"))
    assert odds(high_grade(black)) / odds(high_grade(other)) == pytest.approx(np.exp(0.96039))
    assert high_grade(black) == pytest.approx(0.182, abs=5e-4)
    assert high_grade(other) == pytest.approx(0.078, abs=5e-4)
    assert black["any_cancer"][0] == other["any_cancer"][0]


def test_the_first_version_reads_age_for_high_grade_and_family_history_for_any_cancer():
    reference = pcptrc_1_2006.without_race(man())
    older = pcptrc_1_2006.without_race(man(age=75.0))
    family = pcptrc_1_2006.without_race(man(family_history_prostate_cancer=1))
    assert high_grade(older) > high_grade(reference)
    assert older["any_cancer"][0] == reference["any_cancer"][0]
    assert high_grade(family) == high_grade(reference)
    assert family["any_cancer"][0] > reference["any_cancer"][0]


@pytest.mark.parametrize(
    ("calculator", "high", "low"), [(pcptrc_2, 2.83, 1.13), (pbcg_2018, 1.85, 2.20)], ids=lambda v: getattr(v, "id", v)
)
def test_the_odds_ratios_of_the_race_terms(calculator, high, low):
    black, other = (calculator.as_if(man(), group) for group in ("Black", "not Black"))
    for name, expected in (("high_grade_cancer", high), ("low_grade_cancer", low)):
        ratio = (black[name] / black["no_cancer"]) / (other[name] / other["no_cancer"])
        assert ratio[0] == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize("calculator", [pcptrc_2, pbcg_2018], ids=lambda c: c.id)
def test_every_combination_of_known_answers_has_its_own_coefficients(calculator):
    seen = set()
    for known in calculator.constants["low"]:
        unknown = {column: np.nan for name, column in ANSWERS.items() if name not in known.split()}
        for group in calculator.race.labels:
            scores = calculator.as_if(man(**unknown), group)
            for grade, output in (("low", "low_grade_cancer"), ("high", "high_grade_cancer")):
                intercept, per_doubling, per_year = calculator.constants[grade][known][:3]
                w = intercept + per_doubling * 2 + per_year * 65 + calculator.race.groups[group][f"{grade}_term"][known]
                assert np.log(scores[output] / scores["no_cancer"])[0] == pytest.approx(w)
            assert sum(scores.values())[0] == pytest.approx(1)
            seen.add(high_grade(scores))
    assert len(seen) == 16


@pytest.mark.parametrize("calculator", [pcptrc_2, pbcg_2018], ids=lambda c: c.id)
def test_a_yes_adds_the_coefficient_of_its_question_in_every_set(calculator):
    for known in calculator.constants["low"]:
        answered = [name for name in ANSWERS if name in known.split()]
        unknown = {column: np.nan for name, column in ANSWERS.items() if name not in answered}
        no = calculator.without_race(man(**unknown))
        for position, name in enumerate(answered, start=3):
            yes = calculator.without_race(man(**unknown, **{ANSWERS[name]: 1}))
            for grade in ("low", "high"):
                output = f"{grade}_grade_cancer"
                difference = np.log(yes[output] / yes["no_cancer"]) - np.log(no[output] / no["no_cancer"])
                assert difference[0] == pytest.approx(calculator.constants[grade][known][position])


@pytest.mark.parametrize(
    ("calculator", "grade", "numbers", "terms"),
    [
        (pcptrc_2, "low", -22.12340670, 0.95013313),
        (pcptrc_2, "high", -47.77327597, 8.23021161),
        (pbcg_2018, "low", -19.94630185, 5.82861842),
        (pbcg_2018, "high", -43.48227489, 4.08460294),
    ],
    ids=lambda v: getattr(v, "id", str(v)),
)
def test_the_control_totals_of_the_published_tables(calculator, grade, numbers, terms):
    assert sum(number for row in calculator.constants[grade].values() for number in row) == pytest.approx(numbers, abs=5e-10)
    assert sum(calculator.race.groups["Black"][f"{grade}_term"].values()) == pytest.approx(terms, abs=5e-10)


def test_mixed_race_scores_as_not_black_as_the_tools_have_it():
    assert pcptrc_2.race.mixed == pbcg_2018.race.mixed == "not Black"


def test_an_unknown_answer_is_not_a_no():
    assert high_grade(pbcg_2018.without_race(man(digital_rectal_exam_abnormal=np.nan))) != high_grade(pbcg_2018.without_race(man()))


def test_pbcg_is_given_for_ages_40_to_90_and_a_psa_of_2_to_50_only():
    for changed in ({"age": 39.9}, {"age": 91.0}, {"psa": 1.9}, {"psa": 50.1}):
        assert np.isnan(high_grade(pbcg_2018.without_race(man(**changed))))
    for changed in ({"age": 40.0}, {"age": 90.9}, {"psa": 2.0}, {"psa": 50.0}):
        assert np.isfinite(high_grade(pbcg_2018.without_race(man(**changed))))


def test_a_psa_of_zero_has_no_logarithm_and_no_risk():
    for calculator in (pcptrc_1_2006, pcptrc_2):
        scores = calculator.without_race(man(psa=0.0))
        assert all(np.isnan(values[0]) for values in scores.values())


def test_unknown_race_scores_as_not_black():
    for calculator in (pcptrc_1_2006, pcptrc_2, pbcg_2018):
        assert high_grade(calculator.with_race({**man(), "race_group": [""]})) == high_grade(calculator.as_if(man(), "not Black"))


def test_the_health_index_and_its_bands():
    scores = phi_2011.with_race({"psa": [4.0, 4.0], "free_psa": [0.5, 0.0], "p2psa": [12.5, 12.5]})
    assert scores["phi"][0] == pytest.approx(50)
    assert np.isnan(scores["phi"][1])
    assert phi_2011.bands[0].codes(np.array([26.9, 27.0, 35.9, 36.0, 54.9, 55.0])).tolist() == [0, 1, 1, 2, 2, 3]
