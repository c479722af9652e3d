"""The registry as a table: for `auditor list`, in text, JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from calculators.inputs import vocabulary
from calculators.registry import Unavailable, registry, unavailable

Record = dict[str, Any]
SHORT = ("id", "title", "specialty", "role", "race", "successor", "confidence")


def calculator_rows(specialty: str | None = None, role: str | None = None) -> list[Record]:
    """One record per calculator, and per tool that cannot be computed, in order of specialty and id."""
    rows: list[Record] = []
    for c in registry():
        rows.append(
            {
                "id": c.id,
                "title": c.title,
                "specialty": c.specialty,
                "year": c.year,
                "role": c.role,
                "race": f"{c.race.kind}: {', '.join(c.race.labels)}" if c.race else "none",
                "mechanism": c.race.kind if c.race else "",
                "reads": c.race.reads if c.race else "",
                "groups": list(c.race.labels) if c.race else [],
                "removed_row": c.race.removed if c.race else "",
                "removed_source": c.race.removed_source if c.race else "",
                "direction": c.direction,
                "successor": c.replaced_by,
                "confidence": c.confidence,
                "inputs": list(c.inputs),
                "optional_inputs": list(c.optional_inputs),
                "outputs": [f"{o.name}[{o.unit}]" for o in c.outputs],
                "decisions": [d.id for d in c.decisions],
                "drives": c.drives,
                "status": "computable",
            }
        )
    computable = rows[0].keys() if rows else SHORT
    for tool in unavailable().values():
        blank: Record = {key: [] if isinstance(rows[0][key], list) else "" for key in computable} if rows else {}
        rows.append(
            {
                **blank,
                "id": tool.id,
                "title": tool.title,
                "specialty": tool.specialty,
                "role": "unavailable",
                "race": tool.how_race_enters,
                "status": f"not computable: {tool.why_not}",
                "successor": "",
            }
        )
    if role is None:
        rows = [r for r in rows if r["role"] != "unavailable"]
    return [r for r in rows if (specialty is None or r["specialty"] == specialty) and (role is None or r["role"] == role)]


def input_rows() -> list[Record]:
    """One record per input of the vocabulary."""
    return [
        {
            "id": i.name,
            "title": i.meaning,
            "unit": i.unit,
            "kind": i.kind,
            "categories": list(i.categories),
            "plausible": f"{i.plausible[0]:g} to {i.plausible[1]:g}" if i.plausible else "",
            "other_units": list(i.other_units),
        }
        for i in vocabulary().values()
    ]


def to_text(rows: Sequence[Record], format_: str) -> str:
    """The records as an aligned table, as JSON or as CSV."""
    if format_ == "json":
        return json.dumps(list(rows), indent=2, ensure_ascii=False) + "\n"
    flat = [{k: ";".join(v) if isinstance(v, list) else str(v) for k, v in row.items()} for row in rows]
    if not flat:
        return "" if format_ == "csv" else "No calculator matches.\n"
    if format_ == "csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, list(flat[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(flat)
        return text.getvalue()
    shown = [k for k in (SHORT if "role" in flat[0] else tuple(flat[0])) if k in flat[0]]
    widths = {k: min(max(len(k), *(len(row[k]) for row in flat)), 58) for k in shown}
    lines = ["  ".join(k.ljust(widths[k]) for k in shown).rstrip()]
    lines += ["  ".join(_cut(row[k], widths[k]).ljust(widths[k]) for k in shown).rstrip() for row in flat]
    return "\n".join([*lines, f"{len(flat)} listed"]) + "\n"


def unavailable_text(tool: Unavailable, format_: str) -> str:
    """A tool that cannot be computed, with the reason and what to do instead."""
    fields = {name: getattr(tool, name) for name in tool.__dataclass_fields__}
    if format_ == "json":
        return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"
    return (
        "\n".join(
            [f"{tool.title}  [{tool.id}]", "In the registry, but not computable here.", ""] + [f"{k:<18}{v}" for k, v in fields.items()]
        )
        + "\n"
    )


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
