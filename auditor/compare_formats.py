"""Comparisons and control charts as text, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence

import msgspec

from auditor.compare import Comparison
from auditor.control_chart import Point

MOST_LINES = 40


def to_text(comparison: Comparison, points: Sequence[Point] = ()) -> str:
    """What a reader must know, the differences beyond chance, and the signals of the charts."""
    lines = [*comparison.stamps, *comparison.notes]
    found = comparison.beyond_chance
    judged = sum(d.beyond_chance is not None for d in comparison.differences)
    hidden = sum(d.status != "ok" for d in comparison.differences)
    if comparison.same_patients:
        moved = [d for d in comparison.differences if d.difference]
        lines.append(f"{len(moved):,} of {len(comparison.differences):,} numbers differ.")
        found = tuple(moved)
    else:
        lines.append(f"{len(found):,} of {judged:,} differences are larger than chance gives; {hidden:,} cannot be judged.")
    for d in found[:MOST_LINES]:
        interval = "" if d.lower is None or d.upper is None else f" (95% interval {100 * d.lower:+.1f} to {100 * d.upper:+.1f})"
        lines.append(
            f"{d.calculator}, {d.decision}, {d.group} ({d.by}), {d.measure.replace('_', ' ')} [{d.arm}]: "
            f"{100 * (d.old or 0):.1f}% -> {100 * (d.new or 0):.1f}%, {100 * (d.difference or 0):+.1f} points{interval}"
        )
    if len(found) > MOST_LINES:
        lines.append(f"And {len(found) - MOST_LINES:,} more; -o FILE.csv lists all.")
    signals = [p for p in points if p.signal]
    if points:
        drawn = sum(bool(p.limits) for p in points)
        lines.append(f"Charts: {len(signals):,} signals among {drawn:,} points with limits; {len(points) - drawn:,} points have none.")
        notes = Counter(p.note for p in points if p.note)
        lines += [f"  {note}: {number:,} points" for note, number in sorted(notes.items())]
    lines += [
        f"{p.calculator}, {p.decision or p.measure.replace('_', ' ')}, {p.group} ({p.by}), {p.audit}: {p.measure.replace('_', ' ')} "
        f"{100 * (p.rate or 0):.1f}%, {p.signal}"
        for p in signals[:MOST_LINES]
    ]
    return "\n".join(lines) + "\n"


def to_json(comparison: Comparison, points: Sequence[Point] = ()) -> bytes:
    """Everything as JSON."""
    document = {**msgspec.to_builtins(comparison), "chart": [msgspec.to_builtins(p) for p in points]}
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def to_csv(rows: Sequence[msgspec.Struct], stamps: Sequence[str]) -> bytes:
    """Differences or chart points as CSV, with the stamps in every row; a number that is not shown is an empty field."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    names = rows[0].__struct_fields__ if rows else ()
    writer.writerow([*names, "stamps"])
    for row in rows:
        values = (getattr(row, name) for name in names)
        writer.writerow([*("" if v is None else v for v in values), "; ".join(stamps)])
    return text.getvalue().encode()
