"""CRC-PRO: what each sex reads, past estrogen, straight tails of the splines, log hazards of the groups."""

import numpy as np
import pytest

from calculators.oncology.crc_pro import crc_pro_2014

PERSON = {
    "age": 60.0,
    "sex": "female",
    "height": 165.0,
    "weight": 70.0,
    "pack_years": 10.0,
    "alcohol_drinks": 1.0,
    "years_of_education": 12.0,
    "family_history_colorectal_cancer": 0,
    "aspirin_use": "never",
    "multivitamin": 0,
    "diabetes": 0,
    "analgesic_use": "never",
    "estrogen_use": "never",
    "activity_hours": 1.0,
    "red_meat": 2.0,
}


def risk(group="Black", **changed):
    length = max((len(v) for v in changed.values()), default=1)
    people = {**{name: [value] * length for name, value in PERSON.items()}, **changed}
    return crc_pro_2014.as_if(people, group)["colorectal_cancer_10_year"]


def log_hazard(group="Black", **changed):
    return np.log(-np.log(1 - risk(group, **changed)))


@pytest.mark.parametrize(
    ("sex", "group", "beta"),
    [
        ("female", "White", -0.34056094),
        ("female", "Hawaiian", -0.24100367),
        ("female", "Japanese", 0.014010715),
        ("female", "Latino", -0.39669678),
        ("male", "White", -0.16728044),
        ("male", "Hawaiian", 0.16092241),
        ("male", "Japanese", 0.25353936),
        ("male", "Latino", -0.13659953),
    ],
)
def test_log_hazard_of_each_group_against_black(sex, group, beta):
    assert log_hazard(group, sex=[sex]) - log_hazard("Black", sex=[sex]) == pytest.approx([beta])


@pytest.mark.parametrize(
    ("name", "values", "read_by"),
    [
        ("aspirin_use", ["never", "current"], "male"),
        ("red_meat", [0.0, 4.0], "male"),
        ("activity_hours", [0.0, 4.0], "male"),
        ("estrogen_use", ["never", "current"], "female"),
        ("analgesic_use", ["never", "current"], "female"),
    ],
)
def test_some_answers_are_read_in_one_sex_only(name, values, read_by):
    for sex in ("male", "female"):
        low, high = risk(sex=[sex, sex], **{name: values})
        assert (low != high) == (sex == read_by)


def test_past_estrogen_lowers_the_hazard_by_its_own_term():
    never, former = log_hazard(estrogen_use=["never", "former"])
    assert former - never == pytest.approx(-0.044320489)


@pytest.mark.parametrize("sex", ["male", "female"])
@pytest.mark.parametrize(
    ("name", "tail"),
    [
        ("age", [76.0, 79.0, 82.0]),
        ("years_of_education", [20.0, 24.0, 28.0]),
        ("pack_years", [42.0, 60.0, 78.0]),
        ("alcohol_drinks", [4.0, 8.0, 12.0]),
    ],
)
def test_splines_are_straight_beyond_the_last_knot(sex, name, tail):
    first, second = np.diff(log_hazard(sex=[sex] * 3, **{name: tail}))
    assert first == pytest.approx(second, abs=0.002 * max(1.0, abs(first)))


def test_no_result_outside_45_to_85():
    assert list(np.isnan(risk(age=[44.9, 45, 85.9, 86]))) == [True, False, False, True]


def test_a_group_that_the_equation_does_not_name_has_no_result():
    people = {name: [value] for name, value in PERSON.items()}
    assert np.isnan(crc_pro_2014.with_race({**people, "race_group": [""]})["colorectal_cancer_10_year"]).all()
