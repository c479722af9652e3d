"""Exports: every one against its definition, honest about what is not known, and without a number that may not be shown."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1] / "reports"))
import invented

from auditor.cli import main
from auditor.errors import OptionError
from auditor.result import AuditResult, Card
from auditor.rows import Metric
from calculators.card import card
from calculators.errors import UnknownCalculator
from calculators.registry import registry
from reports.exports import FORMATS, to_bytes
from reports.exports.facts import ADDRESSED, FACTS, NOT_INCLUDED, USER
from reports.exports.measure_report import ABSENT
from reports.exports.personal import ATTRIBUTES, input_names, uses
from reports.exports.standards import data_file, definitions, framework

NOT_AVAILABLE_ALLOWED = {17, 18, 19, 20, 23, 24, 25, 27, 29, 30, 31}


def metric(group: str, value: float | None, status: str = "ok", name: str = "selection_rate", by: str = "race") -> Metric:
    return Metric(
        calculator="invented_2009",
        decision="referral",
        arm="with_race",
        by=by,
        group=group,
        metric=name,
        value=value,
        lower=None if value is None else value - 0.01,
        upper=None if value is None else value + 0.01,
        status=status,  # type: ignore[arg-type]
    )


def audited(**fields: Any) -> AuditResult:
    result = invented.result(**fields)
    (calculator,) = result.calculators
    metrics = (
        metric("all", 0.71, name="true_positive_rate", by="overall"),
        metric(invented.BLACK, 0.06),
        metric(invented.ASIAN, None, "suppressed"),
        metric(invented.UNKNOWN, 0.31719, "imprecise"),
    )
    return msgspec.structs.replace(result, calculators=(msgspec.structs.replace(calculator, metrics=metrics),))


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


def real_card(id: str) -> Card:
    fields = {k: v for k, v in card(registry()[id]).items() if k in Card.__struct_fields__}
    return msgspec.convert(msgspec.to_builtins(fields), Card)


@pytest.mark.parametrize("synthetic", [False, True])
@pytest.mark.parametrize("outcome", ["", "died"])
def test_hti1_has_31_rows_and_none_is_blank(synthetic: bool, outcome: str) -> None:
    rows = table(to_bytes(audited(synthetic=synthetic, outcome=outcome), "hti1"))
    assert [int(r["number"]) for r in rows] == list(range(1, 32))
    assert len({r["paragraph"] for r in rows}) == 31
    assert {int(r["number"]) for r in rows if r["not_available_allowed"] == "yes"} == NOT_AVAILABLE_ALLOWED
    for row in rows:
        assert all(row[c].strip() for c in ("paragraph", "attribute", "status", "value", "source", "as_of")), row
        assert row["status"] in (ADDRESSED, NOT_INCLUDED, USER)
        if row["value"].startswith("not available"):
            assert row["not_available_allowed"] == "yes"
            assert len(row["value"]) > len("not available: ")
        else:
            assert row["status"] != NOT_INCLUDED


def test_hti1_paragraphs_count_as_the_rule_does() -> None:
    sections = [row["paragraph"].split("(B)")[1][1] for row in definitions("hti1_predictive")]
    assert [sections.count(str(i)) for i in range(1, 10)] == [4, 4, 2, 4, 2, 4, 5, 4, 2]


def test_hti1_performance_needs_real_patients_and_an_outcome() -> None:
    def value(number: int, **fields: Any) -> str:
        return table(to_bytes(audited(**fields), "hti1"))[number - 1]["value"]

    assert "71.0% (95% interval 70.0% to 72.0%)" in value(23, outcome="died")
    assert value(23).startswith("not available: the cohort has no recorded outcome")
    for number in (17, 18, 19, 23, 24, 27, 29):
        assert "synthetic" in value(number, outcome="died", synthetic=True)


def test_hti1_evidence_based_has_13_rows() -> None:
    rows = table(to_bytes(audited(), "hti1-evidence"))
    assert [int(r["number"]) for r in rows] == list(range(1, 14))
    assert rows[4]["value"] == "Yes: recorded race (multiplier)."
    assert rows[6]["value"] == "No: not among the inputs."


@pytest.mark.parametrize("calculator", list(registry()), ids=lambda c: c.id)
def test_personal_inputs_are_the_declared_ones(calculator: Any) -> None:
    described = real_card(calculator.id)
    assert input_names(described) == (*calculator.inputs, *calculator.optional_inputs)
    found = uses(described)
    reads = calculator.race.reads if calculator.race else ""
    assert bool(found["race"]) == (reads in ("race", "donor_race", "race_and_ethnicity"))
    assert ("sex" in input_names(described)) == bool(found["sex"])
    assert ("age" in input_names(described)) <= bool(found["date_of_birth"])
    assert any("ethnicity" in text for text in found["ethnicity"]) == (
        reads in ("ethnicity", "race_and_ethnicity") or "benign_ethnic_neutropenia" in calculator.inputs
    )


def test_personal_inputs_name_inputs_that_exist() -> None:
    from calculators.inputs import vocabulary

    rows = definitions("personal_inputs")
    assert {r["input"] for r in rows} <= set(vocabulary())
    assert {r["attribute"] for r in rows} <= set(ATTRIBUTES)


def test_every_fact_that_a_definition_names_exists() -> None:
    names = {r["filled_by"] for file in ("hti1_predictive", "hti1_evidence_based", "tripod_ai") for r in definitions(file)}
    assert names - {""} - set(ATTRIBUTES) == set(FACTS)


def test_tripod_ai_has_27_items_and_honest_statuses() -> None:
    rows = table(to_bytes(audited(), "tripod-ai"))
    assert len(rows) == 52
    assert len({r["item"].rstrip("abcdefg") for r in rows}) == 27
    statuses = {r["item"]: r["status"] for r in rows}
    assert all(r["value"] for r in rows)
    assert [statuses[i] for i in ("17", "18a", "18b", "19", "25")] == [USER] * 5
    assert [statuses[i] for i in ("4", "12g", "20a", "22")] == [ADDRESSED] * 4
    assert statuses["23a"] == NOT_INCLUDED


def test_worksheet_leaves_judgements_to_people() -> None:
    rows = table(to_bytes(audited(), "section1557"))
    assert [r["tool"] for r in rows] == ["invented_2009", "stone_2014"]
    row = rows[0]
    assert row["race_or_color"].startswith("yes")
    assert row["disability"] == "no"
    assert all(row[f] == "" for f in ("where_used", "automated", "mitigation", "owner", "due", "next_review", "contact_plan"))
    assert "200" in row["patients_to_contact_again"]
    assert "the cohort lacks these inputs" in rows[1]["risk_found"]
    page = to_bytes(audited(synthetic=True), "section1557-page").decode()
    assert "45 CFR 92.210" in page
    assert "Synthetic patients: not real people" in page
    assert "no legal advice" in page


@pytest.mark.parametrize("fields", [{}, {"synthetic": True, "internal": True}, {"outcome": "died", "weighted": True}])
def test_chai_card_validates(fields: dict[str, Any]) -> None:
    import xmlschema

    result = audited(**fields)
    schema = xmlschema.XMLSchema(str(data_file("chai_applied_model_card_v0_2.xsd")))
    data = to_bytes(result, "chai")
    schema.validate(io.BytesIO(data))
    assert all(stamp in data.decode() for stamp in result.stamps)
    root = ElementTree.fromstring(data)
    space = {"c": "https://mc.chai.org/v0.2/schema.xsd"}
    values = [json.loads(e.text or "") for e in root.findall(".//c:ValueJson", space)]
    assert {v["kind"] for v in values} <= {"single", "estimate_ci"}
    assert any(v["kind"] == "estimate_ci" and v["level"] == 95 and v["lower"] <= v["estimate"] <= v["upper"] for v in values)


def test_the_card_schema_refuses_another_order() -> None:
    import xmlschema

    schema = xmlschema.XMLSchema(str(data_file("chai_applied_model_card_v0_2.xsd")))
    text = to_bytes(audited(), "chai").decode()
    first, second = "<DeveloperContact>", "</DeveloperContact>"
    start, end = text.index(first), text.index(second) + len(second)
    assert not schema.is_valid(io.StringIO(text[:start] + text[end:]))


def test_chai_card_is_about_one_calculator() -> None:
    result = audited()
    two = msgspec.structs.replace(result, calculators=(*result.calculators, *result.calculators))
    with pytest.raises(OptionError, match="--calculators"):
        to_bytes(two, "chai")


def test_measure_report_validates_and_masks() -> None:
    from fhirclient.models.measurereport import MeasureReport

    document = json.loads(to_bytes(audited(), "fhir"))
    assert MeasureReport(document).as_json() == document
    groups = {g["code"]["text"]: g for g in document["group"]}
    strata = {s["value"]["text"]: s for s in groups["referral to nephrology (with race)"]["stratifier"][0]["stratum"]}
    assert strata[invented.ASIAN]["measureScore"] == {"extension": [{"url": ABSENT, "valueCode": "masked"}]}
    assert "population" not in strata[invented.ASIAN]
    assert strata[invented.NATIVE]["measureScore"]["extension"][0]["valueCode"] == "not-a-number"
    assert strata[invented.UNKNOWN]["measureScore"]["extension"][0]["valueCode"] == "unknown"
    assert strata[invented.BLACK]["value"]["coding"][0]["code"] == "2054-5"
    assert strata[invented.BLACK]["measureScore"]["value"] == 0.06
    assert [p["count"] for p in strata[invented.BLACK]["population"]] == [2000, 120]
    without = {s["value"]["text"]: s for s in groups["referral to nephrology (without race)"]["stratifier"][0]["stratum"]}
    assert [p["count"] for p in without[invented.BLACK]["population"]] == [2000, 204]


@pytest.mark.parametrize("dated", [True, False])
def test_measure_report_of_a_calculator_without_a_race_term(dated: bool) -> None:
    from fhirclient.models.measurereport import MeasureReport

    result = audited(synthetic=True)
    (calculator,) = result.calculators
    plain = msgspec.structs.replace(calculator, changes=(), card=msgspec.structs.replace(calculator.card, race_kind=""))
    options = result.options if dated else msgspec.structs.replace(result.options, date="")
    document = json.loads(to_bytes(msgspec.structs.replace(result, calculators=(plain,), options=options), "fhir"))
    assert MeasureReport(document).as_json()["resourceType"] == "MeasureReport"
    assert document["meta"]["tag"][0]["code"] == "HTEST"
    assert ("date" in document) == dated
    assert document["group"][0]["code"]["text"] == "referral to nephrology (as published)"


def test_several_measure_reports_are_a_bundle() -> None:
    from fhirclient.models.bundle import Bundle

    result = audited()
    two = msgspec.structs.replace(result, calculators=(*result.calculators, *result.calculators))
    document = json.loads(to_bytes(two, "fhir"))
    assert len(Bundle(document).as_json()["entry"]) == 2


def test_fairlearn_table_is_metric_frame_by_group() -> None:
    import numpy as np
    import pandas as pd
    from fairlearn.metrics import MetricFrame, selection_rate

    patients = {"Asian": (40, 10), "Black or African American": (100, 6)}
    group = np.repeat(list(patients), [n for n, _ in patients.values()])
    predicted = np.concatenate([np.arange(n) < yes for n, yes in patients.values()]).astype(int)
    by_group = MetricFrame(
        metrics={"selection_rate": selection_rate}, y_true=predicted, y_pred=predicted, sensitive_features=group
    ).by_group
    result = audited()
    (calculator,) = result.calculators
    metrics = tuple(metric(g, yes / n) for g, (n, yes) in patients.items())
    result = msgspec.structs.replace(result, calculators=(msgspec.structs.replace(calculator, metrics=metrics),))
    ours = pd.read_csv(io.BytesIO(to_bytes(result, "fairlearn-csv"))).set_index("sensitive_feature_0")[["selection_rate"]]
    pd.testing.assert_frame_equal(ours, by_group)


def test_fairlearn_parquet_equals_csv(tmp_path: Path) -> None:
    import duckdb
    import pandas as pd

    result = audited(internal=True)
    path = tmp_path / "table.parquet"
    path.write_bytes(to_bytes(result, "fairlearn-parquet"))
    parquet = duckdb.sql(f"SELECT * FROM '{path}'").df()
    text = pd.read_csv(io.BytesIO(to_bytes(result, "fairlearn-csv")), keep_default_na=False, dtype=str)
    assert list(parquet.columns) == list(text.columns)
    assert parquet["selection_rate"].isna().tolist() == [True, False, True, True]
    assert parquet["stamps"].tolist() == text["stamps"].tolist() == ["contains small cells - do not release"] * 4
    assert to_bytes(result, "fairlearn-parquet") == path.read_bytes()


@pytest.mark.parametrize("format", FORMATS)
def test_what_may_not_be_shown_is_in_no_export(format: str) -> None:
    result = audited(outcome="died")
    (calculator,) = result.calculators
    imprecise = [r for r in calculator.changes if r.status == "imprecise"]
    assert imprecise
    marked = tuple(
        msgspec.structs.replace(r, rate_with=0.31719, rate_arm=0.31719, change=0.31719) if r in imprecise else r for r in calculator.changes
    )
    disparities = tuple(
        msgspec.structs.replace(r, introduced=0.31719, lower=0.31719, upper=0.31719) if r.status != "ok" else r
        for r in calculator.disparities
    )
    result = msgspec.structs.replace(result, calculators=(msgspec.structs.replace(calculator, changes=marked, disparities=disparities),))
    text = to_bytes(result, format).decode("utf-8", errors="replace")
    assert "31.7" not in text
    assert "0.317" not in text


@pytest.mark.parametrize("format", [f for f in FORMATS if f != "fairlearn-parquet"])
def test_stamps_stand_in_every_export(format: str) -> None:
    result = audited(synthetic=True, internal=True)
    text = to_bytes(result, format).decode()
    assert "do not release" in text
    assert "Synthetic patients: not real people" in text


@pytest.mark.parametrize("name", ["hti1", "section_1557", "chai", "tripod_ai", "fhir", "fairlearn"])
def test_every_framework_has_a_status_and_a_date(name: str) -> None:
    from datetime import date

    found = framework(name)
    assert found.status
    assert found.source
    date.fromisoformat(found.as_of)


def test_unknown_formats_and_calculators() -> None:
    with pytest.raises(OptionError, match="choose from hti1"):
        to_bytes(audited(), "hti2")
    with pytest.raises(UnknownCalculator):
        to_bytes(audited(), "hti1", ["invented_2008"])
    with pytest.raises(OptionError, match="lacks these inputs"):
        to_bytes(audited(), "hti1", ["stone_2014"])


def test_command(tmp_path: Path) -> None:
    saved = audited().save(tmp_path / "audit.json")
    run = CliRunner().invoke(main, ["export", str(saved), "--format", "hti1"])
    assert run.exit_code == 0, run.output
    assert len(table((tmp_path / "audit.hti1.csv").read_bytes())) == 31
    assert CliRunner().invoke(main, ["export", str(saved), "--format", "nothing"]).exit_code == 2
    assert "tripod-ai" in CliRunner().invoke(main, ["export", "--help"]).output
    assert all(name in CliRunner().invoke(main, ["export", "--help"]).output.replace("\n", "") for name in FORMATS)
