"""The words a calculator is written in: Output, RaceTerm, Decision, Bands, Source, Calculator."""

from __future__ import annotations

import inspect
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from calculators.errors import DeclarationError
from calculators.inputs import Input, get_input

if TYPE_CHECKING:
    from calculators.evaluate import Scores

Role = Literal["race_based", "race_based_protective", "race_free_successor", "comparator", "interpretation"]
Confidence = Literal["VERIFIED", "SINGLE-SOURCE"]
Reads = Literal["race", "ethnicity", "race_and_ethnicity", "donor_race"]
TermKind = Literal[
    "multiplier", "points", "log_odds", "log_hazard", "separate_equations", "lookup", "threshold", "criterion", "coefficient"
]
YesMeans = Literal["opens_care", "closes_care", "labels"]
Range = tuple[float | None, float | None]

UNDEFINED = "undefined"
OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {"<": operator.lt, "<=": operator.le, ">=": operator.ge, ">": operator.gt}


def completed(first: float, last: int) -> Range:
    """A range printed in whole years or weeks: up to the moment at which `last` + 1 is completed, so 79 takes in 79.9."""
    return (first, math.nextafter(last + 1, 0))


@dataclass(frozen=True, kw_only=True)
class Output:
    """One thing that comes out of a formula; units `category` and `boolean` mark words and 0/1."""

    name: str
    unit: str
    categories: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str, categories: tuple[str, ...] = ()) -> Output:
        """Read `name[unit]`; the name is everything before the first bracket."""
        name, _, rest = text.partition("[")
        if not name or not rest.endswith("]"):
            raise DeclarationError(f"'{text}' is not an output; write name[unit], such as egfr[mL/min/{{1.73_m2}}].")
        return cls(name=name, unit=rest[:-1], categories=categories)

    @property
    def kind(self) -> Literal["number", "boolean", "category"]:
        """What its values are."""
        if self.unit == "category":
            return "category"
        return "boolean" if self.unit == "boolean" else "number"


@dataclass(frozen=True, kw_only=True)
class Removal:
    """Another way of taking the race term out, beside the removed row: everyone in one row, or a mean over rows.

    Either `row` names the row that everyone is scored with, or `weights` gives each row's share in a mean of the outputs.
    """

    name: str
    meaning: str
    row: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if bool(self.row) == bool(self.weights):
            raise DeclarationError(f"removal '{self.name}': give either a row or weights")
        if self.weights and abs(sum(self.weights.values()) - 1) > 1e-12:
            raise DeclarationError(f"removal '{self.name}': the weights add up to {sum(self.weights.values())}, not 1")


@dataclass(frozen=True, kw_only=True)
class RaceTerm:
    """How race enters: a table from group to the numbers that the formula is given for that group.

    `groups` has one row per label of the original; `removed` is the row that everyone is scored with when the term is
    taken out; `unlisted` is the row that the original gives people it does not list or whose race is unknown
    (`"undefined"`: it says nothing, so they get no score with race).
    `mixed` is the row that the original names for people of mixed race (blank: it names none).
    `includes` gives the recorded categories that the original counts in a row beside those of the row's own name.
    `removed_source` says who named the removed row: the literature, or this catalogue (to be confirmed).
    """

    kind: TermKind
    groups: Mapping[str, Mapping[str, Any]]
    removed: str
    unlisted: str
    meaning: str
    removed_source: Literal["literature", "catalogue"] = "literature"
    reads: Reads = "race"
    mixed: str = ""
    includes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    other_removals: tuple[Removal, ...] = ()

    def __post_init__(self) -> None:
        if not self.groups:
            raise DeclarationError("a race term needs at least one group")
        names = {frozenset(numbers) for numbers in self.groups.values()}
        if len(names) != 1:
            raise DeclarationError(f"the groups {', '.join(self.groups)} do not give the same numbers")
        rows = [self.removed, *(r for removal in self.other_removals for r in (removal.row, *removal.weights) if r)]
        if self.unlisted != UNDEFINED:
            rows.append(self.unlisted)
        if self.mixed:
            rows.append(self.mixed)
        rows += self.includes
        for row in rows:
            if row not in self.groups:
                raise DeclarationError(f"'{row}' is not one of the groups {', '.join(self.groups)}")

    @property
    def labels(self) -> tuple[str, ...]:
        """The original's group labels, in the order declared."""
        return tuple(self.groups)

    @property
    def numbers(self) -> tuple[str, ...]:
        """The formula's arguments that are read from the row."""
        return tuple(next(iter(self.groups.values())))

    def index(self, label: str) -> int:
        """The position of a label among the rows."""
        return self.labels.index(label)

    def neutral(self, label: str) -> bool:
        """Whether this row's numbers equal the removed row's, so that removal cannot change anyone's score in it."""
        return bool(self.groups[label] == self.groups[self.removed])


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A published threshold: `output operator cutoff` is a yes, and `yes_means` says what a yes does to care.

    `opens_care`: gives access to a test, drug, programme, list or benefit; `closes_care`: takes it away;
    `labels`: names a risk or a diagnosis. `reads` names another output or an input where the number compared is not
    the one named in `output` (a tier that is a word, decided on the score behind it).
    """

    id: str
    output: str
    operator: Literal["<", "<=", ">=", ">"]
    cutoff: float
    action: str
    yes_means: YesMeans
    guideline: str = ""
    confidence: Confidence = "VERIFIED"
    reads: str = ""

    def apply(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Yes or no per patient; a missing score is no (use `np.isnan` on the score to tell them apart)."""
        with np.errstate(invalid="ignore"):
            return np.asarray(OPERATORS[self.operator](values, self.cutoff), dtype=bool)


@dataclass(frozen=True, kw_only=True)
class Bands:
    """Ordered categories of one output for reclassification: `labels[i]` lies between `cuts[i-1]` and `cuts[i]`.

    `lower_closed`: a value at a cut belongs to the band above it (KDIGO: 60 is G2); otherwise to the band below.
    """

    id: str
    output: str
    cuts: tuple[float, ...]
    labels: tuple[str, ...]
    lower_closed: bool = True
    source: str = ""

    def __post_init__(self) -> None:
        if len(self.labels) != len(self.cuts) + 1 or list(self.cuts) != sorted(set(self.cuts)):
            raise DeclarationError(f"bands '{self.id}': {len(self.labels)} labels do not fit {len(self.cuts)} ascending cuts")

    def codes(self, values: NDArray[np.float64]) -> NDArray[np.int8]:
        """The band's position per patient, from 0; a missing score is -1."""
        side: Literal["left", "right"] = "right" if self.lower_closed else "left"
        codes = np.searchsorted(np.array(self.cuts), values, side=side).astype(np.int8)
        codes[np.isnan(values)] = -1
        return codes


@dataclass(frozen=True, kw_only=True)
class Ablation:
    """A declared component removal or substitution in a tool without a race term: decisions read another output."""

    name: str
    meaning: str
    outputs: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a formula, number or claim comes from."""

    citation: str
    doi: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Calculator:
    """One published variant: a pure formula, its numbers, its race term, and what the result decides.

    `formula` takes the patients' columns positionally (named as in `calculators/inputs.csv`) and numbers by keyword:
    `constants` and the row of the race term. It returns the first output, or a mapping from output name to values.
    `valid` is the range outside which the original gives no score (then missing); `derived_on` the range of the people
    it was made from (outside it the score is still given, and counted). `feeds` names the calculator whose first output
    fills an input that the patients lack; `id:output` names another of its outputs. `tolerance` (relative) and
    `printed_decimals` (per output: digits the reference prints, 0 = integer) say how closely its vectors are reproduced.
    """

    id: str
    title: str
    specialty: str
    year: int
    formula: Callable[..., Any]
    inputs: tuple[str, ...]
    outputs: tuple[Output, ...]
    optional_inputs: tuple[str, ...] = ()
    constants: Mapping[str, Any] = field(default_factory=dict)
    race: RaceTerm | None = None
    decisions: tuple[Decision, ...] = ()
    bands: tuple[Bands, ...] = ()
    ablations: tuple[Ablation, ...] = ()
    feeds: Mapping[str, str] = field(default_factory=dict)
    role: Role = "race_based"
    confidence: Confidence = "VERIFIED"
    confidence_note: str = ""
    tolerance: float = 1e-9
    printed_decimals: Mapping[str, int] = field(default_factory=dict)
    replaced_by: str = ""
    race_free_peers: tuple[str, ...] = ()
    valid: Mapping[str, Range] = field(default_factory=dict)
    derived_on: Mapping[str, Range] = field(default_factory=dict)
    drives: str = ""
    equation: str = ""
    population: str = ""
    direction: str = ""
    history: str = ""
    known_wrong: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        for name in (*self.inputs, *self.optional_inputs):
            self._checked(get_input, name)
        self._check_signature()
        outputs = {o.name for o in self.outputs}
        if not outputs:
            raise DeclarationError(f"{self.id}: no outputs")
        everything = (*self.inputs, *self.optional_inputs)
        for decision in self.decisions:
            if decision.output not in outputs or (decision.reads or decision.output) not in {*outputs, *everything}:
                raise DeclarationError(
                    f"{self.id}: decision '{decision.id}' reads '{decision.reads or decision.output}', which is no output"
                )
        for bands in self.bands:
            if bands.output not in outputs:
                raise DeclarationError(f"{self.id}: bands '{bands.id}' read '{bands.output}', which is no output")
        for ablation in self.ablations:
            if not {*ablation.outputs, *ablation.outputs.values()} <= outputs:
                raise DeclarationError(f"{self.id}: ablation '{ablation.name}' names an output that is not there")
        for name in (*self.valid, *self.derived_on, *self.feeds):
            if name not in everything:
                raise DeclarationError(f"{self.id}: a range or feed names '{name}', which is no input")
        object.__setattr__(self, "constants", MappingProxyType(dict(self.constants)))

    def _checked(self, check: Callable[[str], Any], name: str) -> None:
        try:
            check(name)
        except DeclarationError as error:
            raise DeclarationError(f"{self.id}: {error}") from None

    def _check_signature(self) -> None:
        """Refuse a missing, misspelt or doubled number when the file is read."""
        names = [*self.inputs, *self.optional_inputs]
        numbers = [*self.constants, *(self.race.numbers if self.race else ())]
        if len(set(numbers)) != len(numbers):
            raise DeclarationError(f"{self.id}: a number is given both as a constant and by the race term")
        try:
            bound = inspect.signature(self.formula).bind(*names, **dict.fromkeys(numbers))
        except TypeError as error:
            raise DeclarationError(f"{self.id}: {self.formula.__name__}() does not fit its inputs and numbers: {error}") from None
        given = [*bound.arguments][: len(names)]
        if given != names:
            raise DeclarationError(
                f"{self.id}: {self.formula.__name__}() takes ({', '.join(given)}), the declaration gives ({', '.join(names)})"
            )

    @property
    def race_based(self) -> bool:
        """Whether there is a race term."""
        return self.race is not None

    def output(self, name: str) -> Output:
        """The output of this name."""
        return next(o for o in self.outputs if o.name == name)

    def decision(self, id: str) -> Decision:
        """The decision of this id."""
        return next(d for d in self.decisions if d.id == id)

    def feed(self, name: str) -> tuple[str, str]:
        """Which calculator fills this input, and with which of its outputs (blank: the first)."""
        id, _, output = self.feeds[name].partition(":")
        return id, output

    def input(self, name: str) -> Input:
        """The vocabulary's entry for one of its inputs."""
        return get_input(name)

    def with_race(self, patients: Mapping[str, Any]) -> Scores:
        """Each patient by their own group's row; `race_group` holds the calculator's labels (blank: unlisted)."""
        from calculators.evaluate import with_race

        return with_race(self, patients)

    def without_race(self, patients: Mapping[str, Any]) -> Scores:
        """Everyone by the removed row; recorded race is not read."""
        from calculators.evaluate import without_race

        return without_race(self, patients)

    def as_if(self, patients: Mapping[str, Any], group: str) -> Scores:
        """Everyone by the row of `group`."""
        from calculators.evaluate import as_if

        return as_if(self, patients, group)
