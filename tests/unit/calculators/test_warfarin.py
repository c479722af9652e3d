"""Warfarin dosing: whole decades, unknown genotypes, alleles, the sign of the Black term, doses that cannot be."""

import numpy as np
import pytest

from calculators.pharmacology.warfarin_gage import warfarin_gage_clinical_2008, warfarin_gage_pgx_2008
from calculators.pharmacology.warfarin_iwpc import (
    warfarin_iwpc_clinical_2009,
    warfarin_iwpc_modified_eupact_2012,
    warfarin_iwpc_pgx_2009,
)

PATIENT = {
    "age": 65.0,
    "height": 170.0,
    "weight": 80.0,
    "body_surface_area": 1.9,
    "target_inr": 2.5,
    "vkorc1_genotype": "G/G",
    "cyp2c9_genotype": "*1/*1",
    "enzyme_inducer": 0,
    "amiodarone": 0,
    "smoker": 0,
    "venous_thrombosis_indication": 0,
}
IWPC = (warfarin_iwpc_clinical_2009, warfarin_iwpc_pgx_2009)
GAGE = (warfarin_gage_clinical_2008, warfarin_gage_pgx_2008)


def dose(calculator, group=None, **changed):
    length = max((len(v) for v in changed.values()), default=1)
    patients = {**{name: [value] * length for name, value in PATIENT.items()}, **changed}
    scores = calculator.as_if(patients, group) if group else calculator.without_race(patients)
    return scores[calculator.outputs[0].name]


@pytest.mark.parametrize("calculator", IWPC, ids=lambda c: c.id)
def test_age_enters_in_whole_decades(calculator):
    sixty, sixty_nine, seventy = dose(calculator, age=[60, 69.9, 70])
    assert sixty == sixty_nine > seventy


def test_eu_pact_reads_age_in_years():
    sixty, sixty_nine, seventy = np.sqrt(dose(warfarin_iwpc_modified_eupact_2012, age=[60, 69, 70]))
    assert sixty - sixty_nine == pytest.approx(9 * 0.02614)
    assert sixty - seventy == pytest.approx(0.2614)


@pytest.mark.parametrize(
    ("calculator", "terms"),
    [
        (warfarin_iwpc_clinical_2009, {"Asian": -0.6752, "Black": 0.4060, "Mixed or missing": 0.0443}),
        (warfarin_iwpc_pgx_2009, {"Asian": -0.1092, "Black": -0.2760, "Mixed or missing": -0.1032}),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
def test_race_terms_of_the_root_against_white(calculator, terms):
    for group, term in terms.items():
        assert np.sqrt(dose(calculator, group)) - np.sqrt(dose(calculator, "White")) == pytest.approx([term])


@pytest.mark.parametrize("calculator", IWPC, ids=lambda c: c.id)
def test_missing_race_has_its_own_row(calculator):
    patients = {name: [value] for name, value in PATIENT.items()}
    missing = calculator.with_race({**patients, "race_group": [""]})["weekly_dose"]
    assert missing == dose(calculator, "Mixed or missing")
    assert missing != dose(calculator, "White")


def test_the_black_term_changes_its_sign_when_genotypes_are_read():
    assert dose(warfarin_iwpc_clinical_2009, "Black") > dose(warfarin_iwpc_clinical_2009, "White")
    assert dose(warfarin_iwpc_pgx_2009, "Black") < dose(warfarin_iwpc_pgx_2009, "White")
    clinical, pharmacogenetic = (dose(c, "Black") / dose(c, "not Black") for c in GAGE)
    assert clinical == pytest.approx([1.169], abs=0.0005)
    assert pharmacogenetic == pytest.approx([0.914], abs=0.0005)


def test_an_unknown_genotype_has_a_term_in_iwpc_and_no_dose_elsewhere():
    unknown = {"vkorc1_genotype": ["unknown", "G/G"], "cyp2c9_genotype": ["*1/*1", "unknown"]}
    root = np.sqrt(dose(warfarin_iwpc_pgx_2009, **unknown)) - np.sqrt(dose(warfarin_iwpc_pgx_2009))
    assert root == pytest.approx([-0.4854, -0.2188])
    assert np.isnan(dose(warfarin_iwpc_modified_eupact_2012, **unknown)).all()
    assert np.isnan(dose(warfarin_gage_pgx_2008, **unknown)).all()


def test_a_blank_genotype_is_not_an_unknown_one():
    assert np.isnan(dose(warfarin_iwpc_pgx_2009, vkorc1_genotype=[""])).all()


def test_gage_counts_alleles():
    genotypes = ["*1/*1", "*1/*2", "*1/*3", "*2/*2", "*2/*3", "*3/*3"]
    fall = np.log(dose(warfarin_gage_pgx_2008)) - np.log(dose(warfarin_gage_pgx_2008, cyp2c9_genotype=genotypes))
    assert fall == pytest.approx([0, 0.2066, 0.4008, 0.4132, 0.6074, 0.8016])


def test_two_a_alleles_lower_the_dose_twice():
    """A public package counts G/A only and so gives A/A the dose of G/G."""
    gg, ga, aa = dose(warfarin_gage_pgx_2008, vkorc1_genotype=["G/G", "A/G", "A/A"])
    assert ga / gg == pytest.approx(np.exp(-0.3238))
    assert aa / ga == pytest.approx(np.exp(-0.3238))
    assert gg / aa == pytest.approx(1.91, abs=0.005)


def test_a_root_below_zero_is_no_dose():
    smallest = {"age": [110], "height": [60], "weight": [5], "vkorc1_genotype": ["A/A"], "cyp2c9_genotype": ["*3/*3"], "amiodarone": [1]}
    assert np.isnan(dose(warfarin_iwpc_pgx_2009, **smallest)).all()


def test_strata_of_weekly_dose():
    low, high = (warfarin_iwpc_pgx_2009.decision(name) for name in ("low", "high"))
    doses = np.array([20.9, 21, 49, 49.1])
    assert list(low.apply(doses)) == [True, False, False, False]
    assert list(high.apply(doses)) == [False, False, False, True]
