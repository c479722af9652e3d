"""ERS/ATS severity and pattern, GOLD grade: limits, unknown TLC, and the outputs of the reference equations that feed them."""

from dataclasses import replace

import numpy as np
import pytest

from calculators.pulmonology.ats_ers_2022 import ats_ers_2022_pattern, ats_ers_2022_severity_z
from calculators.pulmonology.gli_2012 import gli_2012_fev1
from calculators.pulmonology.gold import gold_grade
from calculators.registry import get

INTERPRETATIONS = [ats_ers_2022_severity_z, ats_ers_2022_pattern, gold_grade]


def pattern(fev1, fvc, ratio, tlc=np.nan):
    z = {"fev1_z_score": [fev1], "fvc_z_score": [fvc], "fev1_fvc_z_score": [ratio], "tlc_z_score": [tlc]}
    return ats_ers_2022_pattern.with_race(z)["pattern"][0]


@pytest.mark.parametrize(
    ("z", "severity"),
    [
        (-1.644, "normal"),
        (-1.645, "normal"),
        (-1.6451, "mild"),
        (-2.5, "mild"),
        (-2.5001, "moderate"),
        (-4, "moderate"),
        (-4.0001, "severe"),
        (np.nan, ""),
    ],
)
def test_each_limit_belongs_to_the_milder_grade(z, severity):
    assert ats_ers_2022_severity_z.with_race({"fev1_z_score": [z]})["severity"][0] == severity


@pytest.mark.parametrize(("percent", "grade"), [(80, "1"), (79.999, "2"), (50, "2"), (49.999, "3"), (30, "3"), (29.999, "4"), (np.nan, "")])
def test_gold_limits(percent, grade):
    assert gold_grade.with_race({"fev1_percent_predicted": [percent]})["gold_grade"][0] == grade


@pytest.mark.parametrize("calculator", [ats_ers_2022_severity_z, gold_grade], ids=lambda c: c.id)
def test_decisions_say_what_the_grade_says(calculator):
    name, output = calculator.inputs[0], calculator.outputs[0]
    values = np.array([-9, -4, -2.5, -1.645, 0]) if name == "fev1_z_score" else np.array([12, 30, 50, 80, 99.0])
    grades = calculator.with_race({name: values})[output.name]
    number_of_yes = sum(decision.apply(values).astype(int) for decision in calculator.decisions)
    assert [output.categories[n] for n in number_of_yes] == list(grades)


@pytest.mark.parametrize(
    ("z", "name"),
    [
        ((0, 0, 0), "normal"),
        ((-3, 0, 0), "normal"),
        ((0, 0, 0, -3), "normal"),
        ((0, -2, 0), "possible_restriction"),
        ((0, -2, 0, -2), "restrictive"),
        ((0, -2, 0, -1.645), "non_specific_pattern"),
        ((0, -1.645, -1.645), "normal"),
        ((0, 0, -2), "obstructive"),
        ((0, -2, -2), "obstructive_with_reduced_fvc"),
        ((0, -2, -2, 0), "obstructive"),
        ((0, -2, -2, -2), "mixed_obstructive_restrictive"),
        ((0, 0, -2, -2), "mixed_obstructive_restrictive"),
    ],
)
def test_pattern_by_the_written_rule(z, name):
    assert pattern(*z) == name


def test_pattern_is_missing_without_a_required_z_score():
    assert pattern(np.nan, -2, 0) == ""


@pytest.mark.parametrize("calculator", INTERPRETATIONS, ids=lambda c: c.id)
def test_every_feed_names_a_calculator_and_one_of_its_outputs(calculator):
    assert calculator.feeds
    for name in calculator.feeds:
        source, output = calculator.feed(name)
        assert get(source).output(output).unit == calculator.input(name).unit


def test_a_feed_without_an_output_means_the_first():
    assert replace(gold_grade, feeds={"fev1_percent_predicted": "some_calculator"}).feed("fev1_percent_predicted") == (
        "some_calculator",
        "",
    )


def test_the_race_term_upstream_changes_severity_downstream():
    man = {"age": [50], "sex": ["male"], "height": [175], "fev1": [2.6], "race_group": ["Black"]}
    name, output = "fev1_z_score", ats_ers_2022_severity_z.feed("fev1_z_score")[1]
    graded = [
        ats_ers_2022_severity_z.with_race({name: scores[output]})["severity"][0]
        for scores in (gli_2012_fev1.with_race(man), gli_2012_fev1.without_race(man))
    ]
    assert graded == ["normal", "mild"]
