"""What a result holds, read from the result itself, so that a site sees everything that it would send before it sends it."""

from __future__ import annotations

import getpass
import json
import re
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from auditor.result import AuditResult
from auditor.rows import TABLES, Row

NOT_PATIENTS = frozenset({"degrees", "tests", "family_size", "sites", "hiding"})
LISTED = ("cohort.groups", "cohort.quality.column", "provenance.inputs")
CODES = ("status",)
SHORTEST_NAME = 3
SIGNS = {
    "path of a file or folder": re.compile(r"(?:(?<![\w.:/])~?/(?:[\w.@+ -]+/)+|\b[A-Za-z]:\\|\\\\[\w.-]+\\)[\w.@+ -]*"),
    "e-mail address": re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"),
    "long number, as of a record": re.compile(r"(?<![\w.])\d{6,}(?!\w|\.\d)"),
    "date": re.compile(r"\b(?:19|20)\d\d-\d\d-\d\d\b|\b\d{1,2}[./]\d{1,2}[./](?:19|20)\d\d\b"),
}


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """One table: its columns, rows, numbers that are shown, rows that are suppressed, and the fewest patients above 0 in a count."""

    table: str
    columns: tuple[str, ...]
    rows: int
    numbers: int
    suppressed: int
    fewest: int | None


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """Something in a text of the result that may identify a person or a machine, and where it stands."""

    where: str
    what: str
    text: str


class Leaving(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a result holds; `texts` are all its words outside the published cards, by where they stand."""

    fingerprint: str
    bytes: int
    stamps: tuple[str, ...]
    rule: str
    within_rule: bool
    tables: tuple[Holding, ...]
    calculators: tuple[str, ...]
    groups: tuple[tuple[str, tuple[str, ...]], ...]
    columns: tuple[str, ...]
    files: tuple[tuple[str, str, int | None], ...]
    texts: tuple[tuple[str, tuple[str, ...]], ...]
    signs: tuple[Sign, ...]


def what_leaves(result: AuditResult) -> Leaving:
    """Everything that a result holds. Texts are searched for paths, e-mail addresses, long numbers, dates, and this user's and machine's name."""
    tables = tuple(_holding(name, rows) for name, rows in _tables(result).items() if rows)
    k = result.options.minimum_count
    fewest = min((t.fewest for t in tables if t.fewest is not None), default=None)
    rule = (
        "none: the result is internal, and small numbers stand in it"
        if result.options.internal
        else f"counts from 1 to {k - 1} are not shown"
    )
    by: dict[str, dict[str, None]] = {}
    for rows in _tables(result).values():
        for row in rows:
            name, group = getattr(row, "by", ""), getattr(row, "group", "")
            if name:
                by.setdefault(name, {})[group] = None
    texts: dict[str, dict[str, None]] = {}
    for where, text in _texts(result):
        texts.setdefault(where, {})[text] = None
    return Leaving(
        fingerprint=result.fingerprint,
        bytes=len(result.to_json()),
        stamps=result.stamps,
        rule=rule,
        within_rule=not result.options.internal and (fewest is None or fewest >= k),
        tables=tables,
        calculators=tuple(c.id for c in result.calculators),
        groups=tuple((name, tuple(groups)) for name, groups in by.items()),
        columns=tuple(dict.fromkeys(c for c in (*(q.column for q in result.cohort.quality), result.cohort.outcome) if c)),
        files=result.provenance.inputs,
        texts=tuple((where, tuple(words)) for where, words in texts.items()),
        signs=tuple(_signs(texts)),
    )


def to_text(leaving: Leaving) -> str:
    """The list for people, most important first."""
    lines = [*leaving.stamps, f"Result {leaving.fingerprint[:16]}, {leaving.bytes:,} bytes. This list was read from the result itself.", ""]
    lines.append(f"Suppression: {leaving.rule}.")
    if not leaving.within_rule:
        lines.append("DO NOT SEND: small counts stand in this result.")
    lines += [
        "Patients: none. The format has the tables below and no other; each row of theirs is about a group or a column.",
        "",
        "Tables:",
    ]
    for t in leaving.tables:
        fewest = "no count above 0" if t.fewest is None else f"smallest count above 0: {t.fewest:,}"
        lines.append(f"  {t.table}: {t.rows:,} rows, {t.numbers:,} numbers, {t.suppressed:,} rows suppressed; {fewest}")
        lines.append(f"    columns: {', '.join(t.columns)}")
    lines += ["", "Groups by name:"]
    lines += [f"  {by}: {'; '.join(groups)}" for by, groups in leaving.groups]
    lines += ["", f"Names of columns of the cohort: {', '.join(leaving.columns) or 'none'}"]
    lines += ["Files by name, with SHA-256 and rows:"]
    lines += [
        f"  {name}, {digest or 'no digest'}, {'rows not shown' if rows is None else f'{rows:,} rows'}"
        for name, digest, rows in leaving.files
    ]
    lines += ["", f"Calculators, each with its published card: {', '.join(leaving.calculators)}", "", "All other words:"]
    lines += [f"  {where}: {' | '.join(words)}" for where, words in leaving.texts if not where.startswith(LISTED)]
    lines += ["", "Signs of a person or a machine in these words:"]
    lines += [f"  {s.where}: {s.what} ({s.text})" for s in leaving.signs] or [
        "  none found; names of people cannot be found this way: read the words above."
    ]
    return "\n".join(lines) + "\n"


def to_json(leaving: Leaving) -> str:
    """The same list as JSON."""
    return json.dumps(msgspec.to_builtins(leaving), indent=1, ensure_ascii=False) + "\n"


def _tables(result: AuditResult) -> dict[str, Sequence[Row]]:
    whole: dict[str, Sequence[Row]] = {"cohort": (result.cohort,), "groups": result.cohort.groups, "quality": result.cohort.quality}
    whole |= {"sites": result.sites, **{table: result.rows(table) for table in TABLES}, "not_audited": result.not_audited}
    return whole


def _holding(name: str, rows: Sequence[Row]) -> Holding:
    fields = [field for field in rows[0].__struct_fields__ if field not in ("groups", "quality")]
    counts: list[int] = []
    numbers = 0
    for row in rows:
        for field in fields:
            value = getattr(row, field)
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                numbers += 1
                if isinstance(value, int) and value > 0 and field not in NOT_PATIENTS:
                    counts.append(value)
    suppressed = sum(getattr(row, "status", "ok") == "suppressed" for row in rows)
    encoded = dict(zip(rows[0].__struct_fields__, rows[0].__struct_encode_fields__, strict=True))
    return Holding(
        table=name,
        columns=tuple(encoded[field] for field in fields),
        rows=len(rows),
        numbers=numbers,
        suppressed=suppressed,
        fewest=min(counts, default=None),
    )


def _texts(result: AuditResult) -> Iterator[tuple[str, str]]:
    """Every text that is not part of a published card or a code of the format, with where it stands."""
    document = msgspec.to_builtins(result)
    for calculator in document["calculators"]:
        for words in (calculator["setting"], *calculator["illustrative"], *(arm["id"] for arm in calculator["arms"])):
            if words:
                yield "calculators", words
        for row in calculator["event_changes"]:
            yield "events", row["event"]
    for row in document["not_audited"]:
        yield "not audited", f"{row['id']}: {row['reason']}"
    for part in ("provenance", "options", "cohort", "sites"):
        yield from _words(part, document[part])


def _words(where: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if value:
            yield where, value
    elif isinstance(value, dict):
        for name, part in value.items():
            if name not in CODES:
                yield from _words(f"{where}.{name}", part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _words(where, part)


def _signs(texts: Mapping[str, Iterable[str]]) -> Iterator[Sign]:
    own = {f"name of {what}": re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE) for what, name in _own_names()}
    for where, words in texts.items():
        for what, pattern in (SIGNS | own).items():
            if what == "date" and where == "options.date":
                continue
            for found in dict.fromkeys(hit for text in words for hit in pattern.findall(text)):
                yield Sign(where=where, what=what, text=found)


def _own_names() -> Iterator[tuple[str, str]]:
    """The names of this user, of their home folder and of this machine."""
    for what, name in (("this user", _user()), ("this user's folder", Path.home().name), ("this machine", socket.gethostname())):
        if len(name) >= SHORTEST_NAME:
            yield what, name


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
