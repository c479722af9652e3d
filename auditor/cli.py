"""The command line: a thin skin over the same verbs in Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from calculators.errors import UserError

if TYPE_CHECKING:
    from auditor.result import AuditResult

ROLES = ("race_based", "race_based_protective", "race_free_successor", "comparator", "interpretation", "unavailable")


class Commands(click.Group):
    """Commands in the order of use; errors that a user can act on are shown without a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except UserError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(error.exit_code)
        except MemoryError:
            click.echo("Error: there is not enough memory. Save the cohort as Parquet, which is read in pieces.", err=True)
            ctx.exit(11)


def _version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        from auditor.provenance import auditor_version

        click.echo(f"auditor {auditor_version()}")
        ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version and exit.")
def main() -> None:
    """Audit race-based clinical calculators: with the race term, without it, and with the race-free successor.

    Patients stay where they are: only `score` writes patient rows; every other command writes counts, and small numbers
    are suppressed unless --internal is given.
    """


def _complete(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    from calculators.registry import registry

    head, comma, last = incomplete.rpartition(",")
    return [f"{head}{comma}{c.id}" for c in registry() if c.id.startswith(last)]


def _columns_of(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


@main.command("list")
@click.option("--specialty", help="Only this specialty.")
@click.option("--role", type=click.Choice(ROLES), help="Only this role; `unavailable` are tools that cannot be computed.")
@click.option("--format", "format_", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@click.option("--inputs", "inputs", is_flag=True, help="List the inputs (names, units, other units) instead of the calculators.")
def list_(specialty: str | None, role: str | None, format_: str, inputs: bool) -> None:
    """List the calculators of the registry."""
    from auditor.listing import calculator_rows, input_rows, to_text

    click.echo(to_text(input_rows() if inputs else calculator_rows(specialty, role), format_), nl=False)


@main.command()
@click.argument("id", shell_complete=_complete)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def show(id: str, format_: str) -> None:
    """Show one calculator as a card: equation, numbers, race term, thresholds, history, sources."""
    from calculators.card import card, card_text
    from calculators.registry import registry, unavailable

    tool = unavailable().get(id)
    if tool is not None:
        from auditor.listing import unavailable_text

        click.echo(unavailable_text(tool, format_), nl=False)
        return
    calculator = registry()[id]
    if format_ == "text":
        click.echo(card_text(calculator), nl=False)
        return
    import json

    click.echo(json.dumps(card(calculator), indent=2, ensure_ascii=False))


_MAP = click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="INPUT=COLUMN[:UNIT]|FILE.toml",
    help="Where an input is in the file; or a mapping file. May be repeated.",
)


@main.command()
@click.argument("id", shell_complete=_complete)
@click.argument("cohort", type=click.Path(path_type=Path))
@click.option("--arm", default="with_race", show_default=True, help="with_race, without_race, as_if=GROUP, or all.")
@_MAP
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A .csv or .parquet file; otherwise CSV on stdout.")
def score(id: str, cohort: Path, arm: str, mapping: tuple[str, ...], output: Path | None) -> None:
    """Score every patient of a file, one column per output, rows in the file's order.

    This is the only command that writes patient rows.
    """
    from auditor.patients.scores import write_scores

    write_scores(id, cohort, arm, mapping, output, lambda text: click.echo(text, err=True))


@main.command()
@click.argument("cohort", nargs=-1, required=False)
@click.option(
    "--calculators",
    default="all",
    show_default=True,
    shell_complete=_complete,
    help="Comma-separated ids, or all that the cohort can serve.",
)
@click.option("--by", default="race", show_default=True, help="Comma-separated attributes: race, ethnicity, sex, age_band, or a column.")
@click.option(
    "--reference", default="largest", show_default=True, help="Reference group of disparities: largest, best, overall, or a group's name."
)
@click.option("--outcome", default="", help="Column with the outcome (1/0, yes/no).")
@click.option(
    "--truth", multiple=True, metavar="COLUMN=OUTPUT", help="Column with the measured value of an output, in its unit. May be repeated."
)
@click.option("--weights", default="", help="Column with weights.")
@click.option("--strata", default="", help="Column with the strata of a survey.")
@click.option("--psu", default="", help="Column with the sampling units (clusters) within strata; intervals then follow the design.")
@click.option("--one-per-patient", type=click.Choice(["first", "last"]), help="Keep one row of each patient, in the file's order.")
@_MAP
@click.option("--several-races", type=click.Choice(["any_mention", "sole_mention"]), default="any_mention", show_default=True)
@click.option(
    "--arms",
    type=click.Choice(["all", "main"]),
    default="all",
    show_default=True,
    help="main leaves out the arms that score everyone as if they belonged to one group; for large cohorts.",
)
@click.option(
    "--scores/--no-scores",
    default=True,
    show_default=True,
    help="--no-scores does not hold the scores themselves against the outcome (AUROC, calibration, Brier score), only decisions; "
    "for large cohorts.",
)
@click.option(
    "--minimum-count", type=click.IntRange(1), default=11, show_default=True, help="Counts from 1 to one less than this are suppressed."
)
@click.option("--internal", is_flag=True, help="Do not suppress small numbers; the result is stamped and must not be released.")
@click.option("--counterfactual", is_flag=True, help="Add what each race term is worth in years of age (a second pass over the patients).")
@click.option(
    "--proxy", is_flag=True, help="Add how well inputs predict recorded race, and how far scores separate groups given the outcome."
)
@click.option(
    "--previous",
    metavar="RESULT.json",
    type=click.Path(path_type=Path),
    help="An earlier result of the same patients: refuse where the two, subtracted, would tell of few.",
)
@click.option("--events", type=click.Path(path_type=Path), help="Events of harm (columns patient_id and event), joined and counted.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--replicates", type=click.IntRange(1), default=1000, show_default=True, help="Bootstrap replicates.")
@click.option(
    "--processes",
    type=click.IntRange(1),
    help="Processes that share the work; by default two where this one can be copied (Linux), and from 2 million rows on one per core.",
)
@click.option("--date", default="", help="Date printed in the report (YYYY-MM-DD); none by default, so that repeats are identical.")
@click.option("--audience", type=click.Choice(["committee", "informatics", "vendor"]), default="informatics", show_default=True)
@click.option("--formats", default="html,md,json", show_default=True, help="Comma-separated formats of the report.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("audit-report"), show_default=True, help="Folder for the result and the report."
)
def audit(
    cohort: tuple[str, ...],
    calculators: str,
    by: str,
    mapping: tuple[str, ...],
    audience: str,
    formats: str,
    out: Path,
    one_per_patient: str | None,
    **options: Any,
) -> None:
    """Audit calculators on a COHORT (CSV or Parquet files); without one, on the embedded synthetic cohort.

    Writes audit.json, tidy tables and the report, and ends with the path of the report.
    """
    from auditor.outputs import open_folder
    from auditor.patients.cohort import read_cohort
    from auditor.pipeline import audit as run
    from auditor.progress import shown_on_terminal

    wanted = _formats(formats)
    open_folder(out)
    source = read_cohort(list(cohort) or None, mapping=list(mapping) or None, one_per_patient=one_per_patient or "")
    chosen: Any = "all" if calculators == "all" else _columns_of(calculators)
    result = run(source, chosen, _columns_of(by), progress=shown_on_terminal(source.rows), **options)
    result = result.sealed()
    reports = {format_: out / f"report.{format_}" for format_ in wanted if format_ != "json"}
    path = _write_everything(result, out, reports, audience)
    if result.not_audited:
        click.echo(f"{len(result.not_audited)} calculators could not be audited on this cohort; the report says what each lacks.", err=True)
    click.echo(next(iter(reports.values()), path))


@main.command()
@click.argument("result", type=click.Path(path_type=Path))
@click.option("--audience", type=click.Choice(["committee", "informatics", "vendor"]), default="informatics", show_default=True)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="File to write (.html, .md, .pdf, .docx); otherwise beside the result as HTML."
)
@click.option("--plan", "plan_file", type=click.Path(path_type=Path), help="An action plan (TOML), rendered into the report.")
@click.option("--what-leaves", "listed", is_flag=True, help="Write no report: list everything that the result holds, before it is sent.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Of --what-leaves.")
def report(result: Path, audience: str, output: Path | None, plan_file: Path | None, listed: bool, format_: str) -> None:
    """Render a saved RESULT.json again, without patients."""
    from auditor.errors import OptionError
    from auditor.result_file import load

    if listed:
        _list_what_leaves(load(result), output, format_)
        return
    path = output or result.with_suffix(".html")
    (kind,) = _formats(path.suffix.lstrip("."))
    if plan_file is not None and kind == "json":
        raise OptionError("JSON is the result itself and holds no plan; `auditor plan check --format json` writes the plan's progress.")
    found = load(result)
    click.echo(_write_report(found, path, audience, kind, [_action_plan(plan_file, found)] if plan_file is not None else []))


@main.command()
@click.argument("cohort", nargs=-1, required=False)
@_MAP
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def check(cohort: tuple[str, ...], mapping: tuple[str, ...], format_: str) -> None:
    """Show what a cohort offers and lacks for each calculator: columns, units, missing, implausible, recorded race."""
    from auditor.check import check_cohort, check_text
    from auditor.patients.cohort import read_cohort

    found = check_cohort(read_cohort(list(cohort) or None, mapping=list(mapping) or None))
    if format_ == "text":
        click.echo(check_text(found), nl=False)
        return
    import json

    click.echo(json.dumps(found, indent=2, ensure_ascii=False))


@main.command()
@click.argument("result", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    required=True,
    help="hti1, hti1-evidence, section1557, section1557-page, chai, tripod-ai, fhir, fairlearn-csv, fairlearn-parquet.",
)
@click.option("--calculators", default="", shell_complete=_complete, help="Comma-separated ids; all of the result by default.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write; otherwise beside the result.")
def export(result: Path, format_: str, calculators: str, output: Path | None) -> None:
    """Write a saved RESULT.json as a document for law, accreditation or other software."""
    from auditor.outputs import save
    from auditor.result_file import load
    from reports.exports import FORMATS, to_bytes

    data = to_bytes(load(result), format_, _columns_of(calculators))
    click.echo(save(output or result.with_name(f"{result.stem}.{format_}{FORMATS[format_][2]}"), data))


@main.command()
@click.argument("cohort", nargs=-1, required=False)
@click.option("--calculators", default="all", show_default=True, shell_complete=_complete, help="Comma-separated ids, or all.")
@click.option("--by", default="race", show_default=True, help="Comma-separated attributes.")
@click.option("--weights", default="", help="Column with weights.")
@_MAP
@click.option("--several-races", type=click.Choice(["any_mention", "sole_mention"]), default="any_mention", show_default=True)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def sensitivity(cohort: tuple[str, ...], calculators: str, by: str, mapping: tuple[str, ...], format_: str, **options: Any) -> None:
    """Say which changes hold when several races are read by the other policy, and when scores are rounded as reported."""
    from auditor.sensitivity import sensitivity as run
    from auditor.sensitivity import to_json, to_text

    chosen: Any = "all" if calculators == "all" else _columns_of(calculators)
    found = run(list(cohort) or None, chosen, _columns_of(by), mapping=list(mapping) or None, **options)
    click.echo(to_text(found) if format_ == "text" else to_json(found), nl=False)


@main.command()
@click.argument("result", type=click.Path(path_type=Path))
@click.option("--policy", type=click.Path(path_type=Path), required=True, help="The limits, a TOML file.")
@click.option("--junit", type=click.Path(path_type=Path), help="Write JUnit XML to this file.")
@click.option("--summary", type=click.Path(path_type=Path), help="Append a Markdown summary to this file ($GITHUB_STEP_SUMMARY).")
@click.pass_context
def gate(ctx: click.Context, result: Path, policy: Path, junit: Path | None, summary: Path | None) -> None:
    """Check a saved RESULT.json against a policy; exit 1 with the reasons where a limit is passed."""
    from auditor.gate import gate as check_policy
    from auditor.gate import read_policy
    from auditor.gate_formats import to_junit, to_summary, to_text
    from auditor.outputs import append, save
    from auditor.result_file import load

    found = check_policy(load(result), read_policy(policy))
    if junit is not None:
        save(junit, to_junit(found))
    if summary is not None:
        append(summary, to_summary(found))
    click.echo(to_text(found), nl=False)
    if not found.passed:
        ctx.exit(1)


@main.command()
@click.argument("results", metavar="OLD.json NEW.json [...]", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--baseline", type=click.IntRange(0), default=0, help="The first N results set the lines of the charts; all by default.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "csv", "html", "md", "pdf", "docx"]),
    help="By the name of the output, or text. csv holds the differences (of a series the charts' points), html to docx a report.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="File to write (.txt, .json, .csv, .html, .md, .pdf, .docx); otherwise printed."
)
def compare(results: tuple[Path, ...], baseline: int, format_: str | None, output: Path | None) -> None:
    """Say what changed between the first and the last of saved results, beyond chance; for three or more, with control charts.

    Give the results in order of time.
    """
    from auditor.compare import compare as differences_of
    from auditor.compare_formats import to_csv, to_json, to_text
    from auditor.control_chart import chart
    from auditor.errors import OptionError
    from auditor.outputs import save
    from auditor.result_file import load
    from reports import over_time

    if len(results) < 2:
        raise OptionError("A comparison needs two results, the old one first.")
    suffix = output.suffix.lstrip(".").replace("txt", "text") if output is not None else "text"
    kind = format_ or suffix
    if kind not in ("text", "json", "csv", "html", "md", "pdf", "docx"):
        raise OptionError(f"{output}: comparisons are written to .txt, .json, .csv, .html, .md, .pdf or .docx files.")
    if output is None and kind in ("pdf", "docx"):
        raise OptionError(f"A {kind} file is not printed; name one with -o.")
    loaded = [load(path) for path in results]
    comparison = differences_of(loaded[0], loaded[-1])
    points = chart(loaded, baseline) if len(loaded) > 2 else ()
    if kind == "text":
        data = to_text(comparison, points).encode()
    elif kind == "json":
        data = to_json(comparison, points)
    elif kind == "csv":
        data = to_csv(points or comparison.differences, comparison.stamps)
    else:
        data = over_time(loaded, comparison.differences, comparison.notes, points, kind)
    click.echo(data if output is None else save(output, data), nl=output is not None)


@main.command()
@click.argument("results", metavar="A.json B.json [...]", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--names", default="", help="Comma-separated names of the sites, in the order of the results; their cohorts' names by default."
)
@click.option("--calculators", default="", shell_complete=_complete, help="Comma-separated ids to pool; all by default.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The pooled result, a .json; otherwise only what it would hold is said."
)
def merge(results: tuple[Path, ...], names: str, calculators: str, output: Path | None) -> None:
    """Add saved results of several sites to one: counts where every site shows them, and what follows from them.

    Results that differ in calculators, options or version, or that count the same patients, are refused.
    """
    from auditor.errors import OptionError
    from auditor.merge import merge as pool
    from auditor.merge import to_text
    from auditor.outputs import save
    from auditor.result_file import load

    if output is not None and output.suffix != ".json":
        raise OptionError(f"{output}: a pooled result is written to a .json file.")
    pooled = pool([load(path) for path in results], _columns_of(names), _columns_of(calculators))
    click.echo(to_text(pooled), nl=False, err=output is not None)
    if output is not None:
        click.echo(save(output, pooled.to_json()))


@main.group()
def plan() -> None:
    """Action plans: goals with a baseline from an audit, and their progress in the next one."""


@plan.command("new")
@click.argument("result", type=click.Path(path_type=Path))
@click.option("--calculators", default="", shell_complete=_complete, help="Comma-separated ids; all of the result by default.")
@click.option("--most", type=click.IntRange(1), default=10, show_default=True, help="At most this many goals on race terms.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write; otherwise the plan is printed.")
def plan_new(result: Path, calculators: str, most: int, output: Path | None) -> None:
    """Start a plan from a saved RESULT.json; targets, owners and dates are left to people."""
    from auditor.outputs import save
    from auditor.plan import new_plan
    from auditor.plan_formats import to_toml
    from auditor.result_file import load

    text = to_toml(new_plan(load(result), _columns_of(calculators), most))
    click.echo(text if output is None else save(output, text.encode()), nl=output is not None)


@plan.command("check")
@click.argument("plan_file", metavar="PLAN.toml", type=click.Path(path_type=Path))
@click.argument("result", type=click.Path(path_type=Path))
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def plan_check(plan_file: Path, result: Path, format_: str) -> None:
    """Say which goals of PLAN.toml a saved RESULT.json meets or misses, and which are not measurable now."""
    from auditor.plan import check as progress_of
    from auditor.plan import read_plan
    from auditor.plan_formats import progress_json, progress_text
    from auditor.result_file import load

    found = load(result)
    progress = progress_of(read_plan(plan_file), found)
    click.echo((progress_text if format_ == "text" else progress_json)(progress, found.stamps), nl=False)


def _list_what_leaves(result: AuditResult, output: Path | None, format_: str) -> None:
    from auditor.outputs import save
    from auditor.what_leaves import to_json, to_text, what_leaves

    text = (to_text if format_ == "text" else to_json)(what_leaves(result))
    click.echo(text if output is None else save(output, text.encode()), nl=output is not None)


def _formats(text: str) -> tuple[str, ...]:
    """The formats asked for; an unknown one names those there are."""
    from auditor.errors import OptionError
    from reports import SUFFIXES

    wanted = _columns_of(text)
    for format_ in wanted:
        if format_ not in SUFFIXES:
            raise OptionError(f"'{format_}' is no format of reports; they are {', '.join(SUFFIXES)}.")
    return wanted


def _action_plan(path: Path, result: AuditResult) -> Any:
    """The section of a report that shows a plan and where its goals stand in the result."""
    from auditor.plan import check, read_plan
    from reports import action_plan

    plan = read_plan(path)
    return action_plan(check(plan, result), {name: getattr(plan.steps, name) for name in plan.steps.__struct_fields__})


def _write_report(result: AuditResult, path: Path, audience: str, format_: str, more: Sequence[Any] = ()) -> Path:
    from auditor.outputs import writing
    from reports import write

    with writing(path):
        return write(result, path, audience=audience, format=format_, more=more)


def _write_everything(result: AuditResult, out: Path, reports: Mapping[str, Path], audience: str) -> Path:
    """Write audit.json, the tables and the reports, whose charts are drawn meanwhile; the path of audit.json."""
    from auditor.outputs import write_tables, writing
    from reports import write_all
    from reports.drawing import drawing_beside

    with writing(out), drawing_beside(wanted="html" in reports) as draw_all:
        path = write_tables(result, out)
        write_all(result, reports, audience, draw_all)
    return path


if __name__ == "__main__":
    main()
