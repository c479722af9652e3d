"""What imports what: layers, declared dependencies, and a command line that starts without heavy libraries."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("auditor", "calculators", "reports")
HEAVY = {
    "pandas",
    "scipy",
    "highspy",
    "sklearn",
    "fairlearn",
    "altair",
    "vl_convert",
    "duckdb",
    "narwhals",
    "pyarrow",
    "polars",
    "statsmodels",
    "jinja2",
    "docx",
    "typst",
    "pyspark",
    "matplotlib",
}
NAMES = {"sklearn": "scikit-learn", "vl_convert": "vl-convert-python", "docx": "python-docx"}
MODULES = sorted(path for package in OURS for path in (ROOT / package).rglob("*.py"))


def imports(path: Path, everywhere: bool) -> Iterator[str]:
    """Modules that a file imports: when it is loaded, or anywhere; what only type checkers read is left out."""
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            waiting.extend(node.orelse)
            continue
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) and not everywhere:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write absolute imports"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        waiting.extend(ast.iter_child_nodes(node))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_heavy_libraries_are_loaded_when_they_are_needed(path: Path) -> None:
    found = {name.partition(".")[0] for name in imports(path, everywhere=False)} & HEAVY
    assert found == set(), f"import {', '.join(found)} inside the function that needs it"


def test_layers() -> None:
    def inside(package: str) -> set[str]:
        return {name for path in MODULES if path.is_relative_to(ROOT / package) for name in imports(path, everywhere=True)}

    def below(names: set[str], *packages: str) -> set[str]:
        return {name for name in names if name.startswith(packages)}

    assert below(inside("calculators"), "auditor", "reports") == set()
    assert below(inside("auditor/counts"), "auditor.patients", "auditor.pipeline", "auditor.cli", "reports") == set()
    reads = {name for name in below(inside("reports"), "auditor") if name.count(".") == 1}
    assert reads <= {"auditor.result", "auditor.rows", "auditor.files", "auditor.errors"}
    for name, allowed in {"rows": (), "files": (), "errors": (), "result": ("auditor.rows", "auditor.files")}.items():
        read = below(set(imports(ROOT / "auditor" / f"{name}.py", everywhere=True)), "auditor")
        assert {module for module in read if module.count(".") == 1} == set(allowed), name
    for path in (p for p in MODULES if p.is_relative_to(ROOT / "auditor") and p.name != "cli.py"):
        assert below(set(imports(path, everywhere=True)), "reports") == set(), path


def test_everything_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [d for group in project["optional-dependencies"].values() for d in group]
    declared = {re.split(r"[<>=\[; ]", d)[0].lower() for d in (*project["dependencies"], *extras)}
    found = {name.partition(".")[0] for path in MODULES for name in imports(path, everywhere=True)}
    foreign = {NAMES.get(name, name) for name in found if name and name not in sys.stdlib_module_names and name not in OURS}
    assert foreign <= declared, f"declare {', '.join(sorted(foreign - declared))} in pyproject.toml"


@pytest.mark.parametrize("arguments", [["--help"], ["audit", "--help"], ["score", "--help"], ["--version"]], ids=" ".join)
def test_help_loads_click_and_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom auditor.cli import main\n"
        f"main({arguments!r}, standalone_mode=False)\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split()) - set(sys.stdlib_module_names)
    assert loaded & HEAVY == set()
    foreign = {n for n in loaded if n not in OURS and not n.startswith("_")}
    assert foreign <= {"click", "colorama", "numpy", "msgspec", "typing_extensions", "distutils-precedence"}, foreign
    assert "numpy" not in foreign or arguments == ["--version"]
