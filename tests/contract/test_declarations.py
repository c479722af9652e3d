"""What every declaration must keep to: names, units, references to other calculators, and what every text says."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import numpy as np
import pytest

import calculators
from calculators.declare import Calculator
from calculators.registry import registry

ALL = list(registry())
IDS = {c.id for c in ALL}
every_calculator = pytest.mark.parametrize("calculator", ALL, ids=lambda c: c.id)

UNITS = {
    "1",
    "%",
    "{score}",
    "category",
    "boolean",
    "mL/min/{1.73_m2}",
    "mL/min",
    "L",
    "L/s",
    "g",
    "wk",
    "mg/d",
    "mg/wk",
    "mmol/min/kPa",
    "mmol/min/kPa/L",
    "mL/min/mm[Hg]",
    "mL/min/mm[Hg]/L",
}


def modules():
    for info in pkgutil.walk_packages(calculators.__path__, "calculators."):
        yield importlib.import_module(info.name)


# Names and numbers


def test_no_plug_in_is_broken():
    assert registry().broken == {}


@every_calculator
def test_ids_are_words_in_snake_case(calculator):
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", calculator.id)
    assert 1950 < calculator.year < 2100


def test_every_calculator_is_bound_to_its_own_id():
    bound = {name for module in modules() for name, value in vars(module).items() if isinstance(value, Calculator)}
    wrong = [
        f"{module.__name__}.{name} is {value.id}"
        for module in modules()
        for name, value in vars(module).items()
        if isinstance(value, Calculator) and name != value.id
    ]
    assert wrong == []
    assert bound == IDS


@every_calculator
def test_specialty_is_the_package(calculator):
    assert calculator.formula.__module__.split(".")[0] == "calculators"
    home = next(m for m in modules() if vars(m).get(calculator.id) is calculator)
    assert home.__name__.split(".")[1] == calculator.specialty.replace(" ", "_")


@every_calculator
def test_formula_and_its_module_say_what_they_are(calculator):
    assert calculator.formula.__doc__
    assert importlib.import_module(calculator.formula.__module__).__doc__


# Outputs, decisions, bands


@every_calculator
def test_outputs_have_a_known_unit_and_categories_where_they_are_words(calculator):
    names = [o.name for o in calculator.outputs]
    assert len(set(names)) == len(names)
    for output in calculator.outputs:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", output.name)
        assert output.unit in UNITS, f"{output.name}: {output.unit} is new; add it here if it is meant"
        assert bool(output.categories) == (output.kind == "category"), output.name
        assert len(set(output.categories)) == len(output.categories)


def test_an_output_name_has_one_unit_everywhere():
    units = {}
    for calculator in ALL:
        for output in calculator.outputs:
            units.setdefault(output.name, set()).add(output.unit)
    several = {name: found for name, found in units.items() if len(found) > 1}
    assert set(several) <= {"predicted", "lln", "uln"}, several  # a spirometry reference is in the unit of its quantity


@every_calculator
def test_decisions_are_unique_and_compare_with_a_number(calculator):
    ids = [d.id for d in calculator.decisions]
    assert len(set(ids)) == len(ids)
    for decision in calculator.decisions:
        assert np.isfinite(decision.cutoff)
        assert decision.action
        reads = decision.reads or decision.output
        kinds = {o.name: o.kind for o in calculator.outputs} | {
            n: calculator.input(n).kind for n in (*calculator.inputs, *calculator.optional_inputs)
        }
        assert kinds[reads] != "category", f"{decision.id} compares words with {decision.cutoff}: set reads"
    same = {(d.output, d.reads, d.operator, d.cutoff, d.action) for d in calculator.decisions}
    assert len(same) == len(ids), "the same decision twice"


@every_calculator
def test_bands_are_unique_and_have_a_source(calculator):
    ids = [b.id for b in calculator.bands]
    assert len(set(ids)) == len(ids)
    for bands in calculator.bands:
        assert bands.source, bands.id
        assert calculator.output(bands.output).kind == "number"


@every_calculator
def test_thresholds_on_a_fraction_are_fractions(calculator):
    for decision in calculator.decisions:
        if not decision.reads and calculator.output(decision.output).unit == "1" and "z_score" not in decision.output:
            assert abs(decision.cutoff) <= 5, f"{decision.id}: {decision.cutoff} looks like per cent"


@every_calculator
def test_printed_decimals_name_outputs(calculator):
    assert set(calculator.printed_decimals) <= {o.name for o in calculator.outputs}


# Other calculators


@every_calculator
def test_an_official_successor_and_a_race_free_peer_exist_and_have_no_race_term(calculator):
    for id in (*filter(None, [calculator.replaced_by]), *calculator.race_free_peers):
        assert id in IDS, id
        assert registry()[id].race is None, id


@every_calculator
def test_a_feed_gives_what_the_input_holds(calculator):
    for name in calculator.feeds:
        id, output = calculator.feed(name)
        assert id in IDS - {calculator.id}, id
        fed = registry()[id].output(output) if output else registry()[id].outputs[0]
        assert fed.unit == calculator.input(name).unit, f"{name} from {id}"


@every_calculator
def test_role_fits_the_race_term(calculator):
    if calculator.role == "race_free_successor":
        assert calculator.race is None
    if calculator.race is not None:
        assert calculator.role != "comparator"


# Texts


def texts(calculator):
    for name in ("title", "drives", "population", "equation", "direction", "history", "note", "confidence_note"):
        yield name, getattr(calculator, name)
    for i, text in enumerate(calculator.known_wrong):
        yield f"known_wrong {i}", text
    for source in calculator.sources:
        yield "source", f"{source.citation} {source.note}".strip()
    for decision in calculator.decisions:
        yield f"decision {decision.id}", f"{decision.action} {decision.guideline}".strip()
    for bands in calculator.bands:
        yield f"bands {bands.id}", " ".join((*bands.labels, bands.source))
    for ablation in calculator.ablations:
        yield f"ablation {ablation.name}", ablation.meaning
    if calculator.race is not None:
        yield "race term", calculator.race.meaning
        for removal in calculator.race.other_removals:
            yield f"removal {removal.name}", removal.meaning


NOT_FOR_READERS = re.compile(
    r"from[- ]memory|\bformulary\b|\bchapter\b|\.\./|/work/|/tmp/|\bsession\b|\bTODO\b|\bFIXME\b|race[- ]corrected|corrected for race",
    re.IGNORECASE,
)


@every_calculator
def test_texts_are_meant_for_readers(calculator):
    for where, text in texts(calculator):
        found = NOT_FOR_READERS.search(text)
        assert not found, f"{where}: '{found.group()}'"
        assert text == text.strip(), where
        assert "  " not in text, where


@every_calculator
def test_race_term_begins_with_what_it_does(calculator):
    if calculator.race is not None:
        assert re.match(r"[a-z]+s\b", calculator.race.meaning), calculator.race.meaning
        assert not calculator.race.meaning.endswith(".")


@every_calculator
def test_sources_and_doi_have_their_form(calculator):
    for source in calculator.sources:
        assert source.citation
        assert not source.doi or re.fullmatch(r"10\.\d{4,9}/\S+", source.doi), source.doi


@every_calculator
def test_a_single_source_is_admitted(calculator):
    if calculator.confidence == "SINGLE-SOURCE":
        assert calculator.confidence_note


@every_calculator
def test_equation_prints_every_number_unless_they_are_many(calculator):
    rows = calculator.race.groups if calculator.race else {}
    used = {abs(n) for n in numbers([*calculator.constants.values(), *rows.values()])} - {0.0, 1.0}
    if calculator.id in SIX_DIGITS:
        used = {float(f"{n:.6g}") for n in used}
    refers = ".csv" in calculator.equation or any(id in calculator.equation for id in IDS - {calculator.id})
    if len(used) <= MANY and not refers:
        assert not used - printed(calculator.equation), f"the equation does not print {sorted(used - printed(calculator.equation))}"


@every_calculator
def test_equation_prints_no_coefficient_that_is_not_computed_with(calculator):
    """A coefficient is a number of three decimals or more; 1 - x may be printed for x."""
    home = next(m for m in modules() if vars(m).get(calculator.id) is calculator)
    computed = literals(home) | literals(importlib.import_module(calculator.formula.__module__))
    for table in re.findall(r"\w+\.csv", calculator.equation):
        assert files(home.__package__).joinpath(table).is_file(), table
    coefficients = {float(n) for n in re.findall(r"\d+\.\d{3,}(?:[eE]-?\d+)?", calculator.equation)}
    if calculator.id in SIX_DIGITS:
        computed |= {float(f"{n:.6g}") for n in computed}
    unknown = coefficients - computed - {round(1 - n, 12) for n in computed}
    assert not unknown, f"no coefficient of {calculator.id} is {sorted(unknown)}"


MANY = 60
SIX_DIGITS = {"pce_revised_2018"}  # prints its longer coefficients rounded; take it out when it prints them whole


def printed(text):
    """The numbers in a text, without their signs."""
    return {float(n) for n in re.findall(r"\d+\.?\d*(?:[eE]-?\d+)?|\.\d+", text)}


@cache
def literals(module):
    """The numbers in a module and in the calculators' modules that it reads, without their signs."""
    found = {
        float(n.value)
        for n in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(n, ast.Constant) and type(n.value) in (int, float)
    }
    for value in vars(module).values():
        near = inspect.getmodule(value)
        if callable(value) and near is not module and getattr(near, "__name__", "").startswith("calculators."):
            found |= literals(near)
    return found


def numbers(value):
    """Every number in a constant or in the rows of a race term."""
    if isinstance(value, int | float) and not isinstance(value, bool) and np.isfinite(value):
        yield float(value)
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from numbers(part)
    elif isinstance(value, tuple | list):
        for part in value:
            yield from numbers(part)
