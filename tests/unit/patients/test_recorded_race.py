"""What a record's words for race and ethnicity mean, which group tables show, and which row a calculator reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from auditor.errors import OptionError
from auditor.patients.cohort import Patients, Request, read_cohort
from auditor.patients.race import (
    DETAILS,
    LABELS,
    LEVELS,
    REST,
    WORDS,
    RecordedRace,
    bits_of,
    known_words,
    policy_text,
    select_labels,
    select_rows,
)
from calculators.coded import Coded
from calculators.declare import UNDEFINED, RaceTerm
from calculators.registry import registry

HISPANIC, BLACK, SEVERAL = "Hispanic or Latino", "Black or African American", "Multiracial or multiethnic"


def read_race(race: list[str | None], ethnicity: list[str | None] | None = None, mapping: object = None) -> Patients:
    columns = {"age": [50] * len(race), "race": race} | ({"ethnicity": ethnicity} if ethnicity else {})
    (chunk,) = read_cohort(pd.DataFrame(columns), mapping=mapping).read(Request(inputs=("age",), by=("race", "ethnicity")))
    return chunk


def group(word: str | None, ethnicity: str | None = None, apart: bool = False) -> str:
    return str(read_race([word], [ethnicity] if apart else None).groups["race"].to_words()[0])


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("American Indian or Alaska Native", "American Indian or Alaska Native"),
        ("AI/AN", "American Indian or Alaska Native"),
        ("1002-5", "American Indian or Alaska Native"),
        ("Asian", "Asian"),
        ("Filipino", "Asian"),
        ("2028-9", "Asian"),
        ("Black", BLACK),
        ("  BLACK OR AFRICAN AMERICAN ", BLACK),
        ("African-American", BLACK),
        ("2054-5", BLACK),
        ("Hispanic", HISPANIC),
        ("Latina", HISPANIC),
        ("Mexican American", HISPANIC),
        ("MENA", "Middle Eastern or North African"),
        ("Native Hawaiian or Other Pacific Islander", "Native Hawaiian or Pacific Islander"),
        ("Hawaiian", "Native Hawaiian or Pacific Islander"),
        ("White", "White"),
        ("2106-3", "White"),
        ("White, non-Hispanic", "White"),
        ("Non-Hispanic Black", BLACK),
        ("Other", "Other"),
        ("Some other race", "Other"),
        ("Aboriginal or Torres Strait Islander", "Other"),
        ("White; Asian", SEVERAL),
        ("Asian|Black", SEVERAL),
        ("White;Hispanic", SEVERAL),
        ("White;Other", SEVERAL),
        ("White;White", "White"),
        ("Chinese;Filipino", "Asian"),
        ("Unknown", "Unknown"),
        ("UNK", "Unknown"),
        ("Declined", "Declined"),
        ("Patient refused", "Declined"),
        ("ASKU", "Declined"),
        ("Not collected", "Not collected"),
        ("NASK", "Not collected"),
        (None, "Not collected"),
        ("", "Not collected"),
        ("N/A", "Not collected"),
        ("a word nobody knows", "Unknown"),
        ("White;a word nobody knows", "Unknown"),
        ("B", "Unknown"),
    ],
)
def test_group_that_tables_show(word: str | None, shown: str) -> None:
    assert group(word) == shown


@pytest.mark.parametrize(
    ("race", "ethnicity", "shown", "shown_ethnicity"),
    [
        ("White", "Hispanic or Latino", HISPANIC, HISPANIC),
        ("Black", "2135-2", HISPANIC, HISPANIC),
        ("Black", "Not Hispanic or Latino", BLACK, "Not Hispanic or Latino"),
        ("Black", "Unknown", BLACK, "Unknown"),
        ("Black", "Declined", BLACK, "Declined"),
        ("Black", None, BLACK, "Not collected"),
        ("White;Black", "Hispanic", HISPANIC, HISPANIC),
        ("White;Black", "Not Hispanic", SEVERAL, "Not Hispanic or Latino"),
        ("Unknown", "Hispanic", HISPANIC, HISPANIC),
        ("Other", "Hispanic", HISPANIC, HISPANIC),
        ("Declined", "Not Hispanic", "Declined", "Not Hispanic or Latino"),
        (None, "Not Hispanic", "Not collected", "Not Hispanic or Latino"),
    ],
)
def test_ethnicity_asked_apart(race: str | None, ethnicity: str | None, shown: str, shown_ethnicity: str) -> None:
    chunk = read_race([race, "White"], [ethnicity, "Not Hispanic"])
    assert chunk.groups["race"].to_words()[0] == shown
    assert chunk.groups["ethnicity"].to_words()[0] == shown_ethnicity


def test_one_question_states_both() -> None:
    chunk = read_race(["White", "Hispanic", "Unknown", None])
    assert chunk.groups["ethnicity"].to_words().tolist() == ["Not Hispanic or Latino", HISPANIC, "Unknown", "Not collected"]


def test_known_words_mean_bits_that_exist_and_stand_in_lower_case() -> None:
    words = known_words()
    assert all(word == word.lower().strip() and bits > 0 for word, bits in words.items())
    for detail, category in DETAILS.items():
        assert bits_of([detail]) == bits_of([detail, category])


def test_mapping_words_win_over_known_words(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text('[race]\ncolumn = "race"\nseparator = "+"\n[race.words]\nB = "Black or African American"\nBlack = "Other"\n')
    chunk = read_race(["B", "b", "Black", "B+White", "White"], mapping=path)
    assert chunk.groups["race"].to_words().tolist() == [BLACK, BLACK, "Other", SEVERAL, "White"]


def test_race_from_several_columns(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text('[race]\ncolumns = ["race_1", "race_2"]\n')
    frame = pd.DataFrame({"age": [50] * 4, "race_1": ["White", "White", None, "Unknown"], "race_2": [None, "Asian", None, "Black"]})
    (chunk,) = read_cohort(frame, mapping=path).read(Request(inputs=("age",), by=("race",)))
    assert chunk.groups["race"].to_words().tolist() == ["White", SEVERAL, "Not collected", BLACK]


def test_a_column_with_a_word_per_patient_is_not_race() -> None:
    with pytest.raises(OptionError, match="more than 500 different values"):
        read_race([f"word {i}" for i in range(600)])


@pytest.mark.parametrize("calculator", [c for c in registry() if c.race], ids=lambda c: c.id)
def test_every_label_is_reached_by_its_own_patients(calculator) -> None:
    race = calculator.race
    for label in race.labels:
        words = LABELS.get(label)
        assert words or label in REST, f"no recorded race reads the row '{label}'"
        for word in words or ():
            selection = select_rows(race, RecordedRace(np.array([bits_of([word])])))
            assert race.labels[selection.rows[0]] == label
            assert not selection.unlisted[0]
            assert not selection.unknown[0]


@pytest.mark.parametrize("calculator", [c for c in registry() if c.race], ids=lambda c: c.id)
@pytest.mark.parametrize("word", ["Unknown", "Declined", "Not collected"])
def test_unknown_race_falls_under_the_originals_rule(calculator, word: str) -> None:
    race = calculator.race
    selection = select_rows(race, RecordedRace(np.array([bits_of([word]), 0])))
    expected = -1 if race.unlisted == UNDEFINED else race.index(race.unlisted)
    assert selection.rows.tolist() == [expected, expected]
    assert selection.unknown.all()
    assert not selection.unlisted.any()


def row_of(id: str, *words: str, policy: str = "any_mention", apart: bool = False) -> str:
    race = registry()[id].race
    row = select_rows(race, RecordedRace(np.array([bits_of(words)]), apart), policy).rows[0]
    return race.labels[row] if row >= 0 else ""


@pytest.mark.parametrize(
    ("id", "words", "any_mention", "sole_mention"),
    [
        ("ckd_epi_cr_2009", ("White", BLACK), "Black", "not Black"),
        ("pce_2013", ("White", BLACK), "Black", "White"),
        ("pce_2013", ("Asian",), "White", "White"),
        ("mesa_chd_2015", ("White", BLACK), "Black", ""),
        ("mesa_chd_2015", ("Chinese", "Asian", "White"), "Chinese", ""),
        ("mesa_chd_2015", ("Asian",), "", ""),
        ("mesa_chd_2015", (BLACK, HISPANIC), "Hispanic", ""),
        ("vbac_grobman_2007", ("Asian",), "White or other", "White or other"),
        ("hankinson_1999_fev1", (HISPANIC, "Mexican American"), "Mexican American", "Mexican American"),
        ("hankinson_1999_fev1", (HISPANIC,), "", ""),
        ("bcrat_gail_2", ("Korean", "Asian"), "Other Asian", "Other Asian"),
        ("bcrat_gail_2", ("Japanese", "Asian"), "Japanese", "Japanese"),
        ("gli_2012_fev1", ("White", BLACK), "Other", "Other"),
        ("gli_2012_fev1", (BLACK,), "Black", "Black"),
        ("gli_2012_fev1", (HISPANIC,), "White", "White"),
        ("gli_2012_fev1", (HISPANIC, "White"), "White", "White"),
        ("gli_2012_fev1", (HISPANIC, BLACK), "Other", "Other"),
        ("gli_2012_fev1", ("Middle Eastern or North African",), "White", "White"),
        ("gli_2012_fev1", ("Asian",), "Other", "Other"),
        ("gli_2012_fev1", ("American Indian or Alaska Native",), "Other", "Other"),
        ("warfarin_iwpc_clinical_2009", ("White", "Asian"), "Mixed or missing", "Mixed or missing"),
        ("fmf_preeclampsia_prior_2015", ("Pakistani", "Asian"), "South Asian", "South Asian"),
        ("fmf_preeclampsia_prior_2015", ("White", BLACK), "Other", "Other"),
    ],
)
def test_several_races_and_details(id: str, words: tuple[str, ...], any_mention: str, sole_mention: str) -> None:
    assert row_of(id, *words) == any_mention
    assert row_of(id, *words, policy="sole_mention") == sole_mention


def test_hispanic_from_its_own_question_is_no_second_race() -> None:
    assert row_of("mesa_chd_2015", BLACK, HISPANIC, policy="sole_mention", apart=True) == "Hispanic"
    assert row_of("ckd_epi_cr_2009", BLACK, HISPANIC, policy="sole_mention", apart=True) == "Black"


def test_ethnicity_alone_leaves_race_unknown_to_calculators_that_read_race() -> None:
    only_ethnicity = RecordedRace(np.array([bits_of(["Unknown", HISPANIC])]), asked_apart=True)
    assert select_rows(registry()["ckd_epi_cr_2009"].race, only_ethnicity).unknown.tolist() == [True]
    assert select_rows(registry()["mesa_chd_2015"].race, only_ethnicity).unknown.tolist() == [False]
    together = RecordedRace(only_ethnicity.bits)
    assert select_rows(registry()["ckd_epi_cr_2009"].race, together).unknown.tolist() == [False]


def test_own_labels_foreign_labels_and_blanks() -> None:
    race = registry()["ckd_epi_cr_2009"].race
    selection = select_labels(race, Coded(("Black", "elsewhere"), np.array([0, 1, -1], np.int8)))
    assert [race.labels[r] for r in selection.rows] == ["Black", "not Black", "not Black"]
    assert selection.unlisted.tolist() == [False, True, False]
    assert selection.unknown.tolist() == [False, False, True]


def test_the_row_for_mixed_race_must_exist() -> None:
    with pytest.raises(Exception, match="'Mixed' is not one of the groups"):
        RaceTerm(kind="points", groups={"a": {"x": 1}}, removed="a", unlisted="a", mixed="Mixed", meaning="")


def test_policy_is_printed_for_what_was_done() -> None:
    assert policy_text("any_mention", True) != policy_text("sole_mention", True)
    assert "of any race" in policy_text("any_mention", True)[-1]
    assert SEVERAL in policy_text("any_mention", False)[-1]
    assert len(set(LEVELS)) == len(LEVELS) == 12


def test_categories_that_rows_include_are_recorded_categories() -> None:
    included = {word for c in registry() if c.race is not None for who in c.race.includes.values() for word in who}
    assert included
    assert included <= set(WORDS)


@pytest.mark.parametrize("apart", [False, True])
def test_groups_that_are_looked_up_are_those_of_the_rule_for_every_entry(apart: bool) -> None:
    entries = np.random.default_rng(3).integers(0, 1 << len(WORDS), 20_000)
    recorded = RecordedRace(np.concatenate([entries, 1 << np.arange(len(WORDS)), [0]]), apart)
    assert recorded.levels().codes.tolist() == recorded._levels().tolist()
    assert recorded.ethnicity().codes.tolist() == recorded._ethnicity().tolist()
