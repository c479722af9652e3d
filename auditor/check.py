"""What a cohort offers and lacks for every calculator, before anything is audited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from auditor.patients.arms import resolve
from auditor.patients.cohort import Cohort, Request
from auditor.patients.derive import DERIVATIONS, derivable
from auditor.patients.quality import Quality, quality_rows
from auditor.patients.race import LEVELS
from calculators.registry import registry

SMALL = 11
FEW = f"1-{SMALL - 1}"


def check_cohort(cohort: Cohort) -> dict[str, Any]:
    """Columns with their quality, recorded race, and what each calculator lacks; small numbers are masked."""
    known = registry()
    offered = set(cohort.offers)
    quality = Quality()
    race: Counter[str] = Counter()
    for patients in cohort.read(Request(inputs=tuple(cohort.offers), by=("race",) if cohort.has_race else ())):
        quality.add(patients.quality)
        if cohort.has_race:
            for code, number in zip(*np.unique(patients.groups["race"].codes, return_counts=True), strict=True):
                race[LEVELS[code]] += int(number)
    columns = [
        {
            "input": row.input,
            "column": row.column,
            "unit": row.unit,
            "missing": masked(row.missing, row.n),
            "unreadable": masked(row.unreadable, row.n),
            "implausible": masked(row.implausible, row.n),
            "hint": row.hint,
        }
        for row in quality_rows(quality, dict(cohort.offers))
    ]
    calculators = []
    for calculator in known:
        fed, missing = resolve(calculator, offered, known)
        needs = [*missing]
        if fed.race is not None and not (cohort.has_race or cohort.has_race_group):
            needs.append("recorded race")
        calculators.append({"id": calculator.id, "specialty": calculator.specialty, "serves": not needs, "lacks": needs})
    return {
        "cohort": cohort.name,
        "patients": cohort.rows,
        "columns": columns,
        "derived": {name: DERIVATIONS[name].text for name in derivable(offered)},
        "recorded_race": masked_parts({level: race[level] for level in LEVELS if level in race}) if cohort.has_race else None,
        "calculators": calculators,
    }


def masked(number: int | None, of: int | None = None) -> int | str:
    """A count, or "1-10" where it is small, or "all but 1-10" where what remains of a total is."""
    value = number or 0
    if 0 < value < SMALL:
        return FEW
    return f"all but {FEW}" if of is not None and 0 < of - value < SMALL else value


def masked_parts(counts: Mapping[str, int]) -> dict[str, int | str]:
    """Counts that add up to a known total: small ones are masked, and the next smallest while the masked ones give a small one away."""
    shown: dict[str, int | str] = {name: masked(value) for name, value in counts.items()}
    for name in sorted(counts, key=lambda name: counts[name]):
        hidden = [value for other, value in counts.items() if isinstance(shown[other], str)]
        if not hidden or (len(hidden) > 1 and sum(hidden) >= SMALL):
            break
        if counts[name] >= SMALL:
            shown[name] = f"{SMALL} or more"
    return shown


def check_text(found: dict[str, Any]) -> str:
    """The check as text for a terminal."""
    lines = [f"{found['cohort']}: {found['patients']:,} patients", "", "Columns"]
    for c in found["columns"]:
        name = c["input"] if c["input"] == c["column"] else f"{c['input']} (from {c['column']})"
        counts = ", ".join(f"{c[k]} {k}" for k in ("missing", "unreadable", "implausible") if c[k])
        lines.append(f"  {name:<44} {c['unit']:<22} {counts or 'complete'}{'; ' + c['hint'] if c['hint'] else ''}")
    lines += [f"  {name:<44} computed: {text}" for name, text in found["derived"].items()]
    lines += ["", "Recorded race"]
    if found["recorded_race"] is None:
        lines.append("  none: no column 'race' (or give [race] in a mapping file)")
    else:
        lines += [f"  {level:<44} {number}" for level, number in found["recorded_race"].items()]
    served = [c for c in found["calculators"] if c["serves"]]
    lines += ["", f"Calculators served: {len(served)} of {len(found['calculators'])}"]
    lines += [f"  {c['id']}" for c in served]
    lines += ["", "Not served, and what is lacking"]
    lines += [f"  {c['id']:<44} {', '.join(c['lacks'])}" for c in found["calculators"] if not c["serves"]]
    return "\n".join(lines) + "\n"
