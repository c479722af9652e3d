"""What the README, the pages and the examples promise is so."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from auditor.cli import main
from auditor.patients.race import CATEGORIES, DETAILS, UNSTATED, known_words
from auditor.patients.sources.mapping import read_toml
from calculators.registry import registry

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(path: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / path).read_text(encoding="utf-8"), re.DOTALL)


def run_python(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_the_two_commands_are_those_of_the_set_up_script() -> None:
    usage = (ROOT / ".ci" / "start.py").read_text(encoding="utf-8").split('"""')[1]
    for verb in ("audit", "test"):
        assert f"python3 .ci/start.py {verb}" in README
        assert f"python3 .ci/start.py {verb}" in usage


def test_the_set_up_script_says_how_it_is_used() -> None:
    done = run_python(str(ROOT / ".ci" / "start.py"), "nonsense", cwd=ROOT)
    assert done.returncode != 0
    assert "usage" in done.stderr


def test_counts_in_the_texts() -> None:
    specialties = {c.specialty for c in registry()}
    assert f"{len(registry())} published calculators" in README
    assert f"{len(registry())} calculators of sixteen specialties" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert len(specialties) == 16


def commands() -> list[str]:
    inline = re.findall(r"`(auditor [a-z]+[^`]*)`", README)
    lines = [line.partition("#")[0].strip() for block in blocks("README.md", "sh") for line in block.splitlines()]
    return [c for c in [*inline, *lines] if c.startswith("auditor ") and len(c.split()) > 2]


@pytest.mark.parametrize("command", commands())
def test_commands_of_the_readme_parse_and_name_what_exists(command: str) -> None:
    _, name, *arguments = shlex.split(command)
    group = main.make_context("auditor", [name])
    parsed = main.commands[name].make_context(name, list(arguments), parent=group).params
    for ids in (parsed.get("id"), parsed.get("calculators")):
        for id in (ids or "").split(","):
            if id and id != "all":
                assert registry()[id].id == id


@pytest.mark.parametrize("block", blocks("docs/mapping.md", "toml"))
def test_the_mapping_file_of_the_page_is_read(block: str, tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(block)
    read = read_toml(path)
    assert read.columns["creatinine"].unit == "umol/L"
    assert read.race_words["b"] == ("Black or African American",)


def test_the_mapping_page_names_every_word_for_race() -> None:
    text = " ".join((ROOT / "docs" / "mapping.md").read_text(encoding="utf-8").split())
    for word in (*CATEGORIES, *UNSTATED, *DETAILS):
        assert word in text, word
    assert len(known_words()) > 100


def test_the_python_page_runs(tmp_path: Path) -> None:
    adults = pd.DataFrame(
        {
            "age": [50, 60, 70] * 40,
            "gender": ["F", "M"] * 60,
            "race": ["Black", "White", "White"] * 40,
            "scr": [0.8, 1.2, 1.6, 1.4] * 30,
            "died": [0, 1] * 60,
        }
    )
    import duckdb

    duckdb.from_df(adults).write_parquet(str(tmp_path / "cohort.parquet"))
    (tmp_path / "mapping.toml").write_text('[columns]\nsex = "gender"\ncreatinine = "scr"\n')
    script = tmp_path / "page.py"
    script.write_text("\n".join(blocks("docs/python.md", "python")))
    done = run_python(str(script), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "report.html").exists()


def test_the_example_runs(tmp_path: Path) -> None:
    done = run_python(str(ROOT / "examples" / "one_calculator.py"), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with_race, same, *_ = re.findall(r"Black +(\d+\.\d)", done.stdout)
    assert float(with_race) == pytest.approx(1.159 * float(same), abs=0.1)
    (moved,) = re.findall(r"Black or African American +([\d,]+) of +([\d,]+)", done.stdout)
    gained, n = (int(x.replace(",", "")) for x in moved)
    assert 0.01 < gained / n < 0.2


def test_the_nhanes_mapping_reads_the_extracts(data: Path) -> None:
    from auditor.patients.cohort import Request, read_cohort

    cohort = read_cohort(data / "golden_bragg_gresham_2021.parquet", mapping=ROOT / "examples" / "nhanes_extract.toml")
    assert cohort.rows == 9683
    chunks = list(cohort.read(Request(inputs=("creatinine", "age", "sex"), by=("race",), weights=cohort.weights)))
    assert {word for c in chunks for word in c.groups["race"].to_words()} == {"Black or African American"}
