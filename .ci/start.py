"""Sets up the project in .venv beside this checkout and runs the audit or the tests; needs Python 3.11+ with pip or venv.

usage: python3 .ci/start.py audit [arguments of `auditor audit`]
       python3 .ci/start.py test [arguments of pytest]

AUDITOR_EXTRAS names further extras of pyproject.toml to install, such as spark.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if sys.platform == "win32" else "bin")
PYTHON = BIN / ("python.exe" if sys.platform == "win32" else "python")
EXTRAS = {"audit": "report", "test": "report,test"}
MORE = os.environ.get("AUDITOR_EXTRAS", "")


def main() -> int:
    if sys.version_info < (3, 11):  # noqa: UP036
        sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    if len(sys.argv) < 2 or sys.argv[1] not in EXTRAS:
        sys.exit(__doc__)
    set_up(EXTRAS[sys.argv[1]] + (f",{MORE}" if MORE else ""))
    command = ["-m", "auditor", "audit"] if sys.argv[1] == "audit" else ["-m", "pytest"]
    return subprocess.call([str(PYTHON), *command, *sys.argv[2:]], cwd=None if sys.argv[1] == "audit" else ROOT)


def set_up(extras: str) -> None:
    """Make the environment and install the project once; again only when its dependencies or extras change."""
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + (ROOT / "setup.cfg").read_bytes()).hexdigest()
    stamp = VENV / f"installed-{extras.replace(',', '-')}"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("Setting up .venv (once; a minute or two) ...", file=sys.stderr)
    if not PYTHON.exists():
        make_environment()
    run([*pip(), "install", "--quiet", "--disable-pip-version-check", "--editable", f"{ROOT}[{extras}]"])
    stamp.write_text(wanted)


def make_environment() -> None:
    """A virtual environment, with its own pip where this Python can give it one."""
    try:
        import ensurepip  # noqa: F401

        run([sys.executable, "-m", "venv", str(VENV)])
    except ImportError:
        run([sys.executable, "-m", "venv", "--without-pip", str(VENV)])


def pip() -> list[str]:
    """The environment's own pip, or this Python's pip acting on the environment."""
    if subprocess.call([str(PYTHON), "-m", "pip", "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0:
        return [str(PYTHON), "-m", "pip"]
    if subprocess.call([sys.executable, "-m", "pip", "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0:
        return [sys.executable, "-m", "pip", "--python", str(VENV)]
    sys.exit("This Python has neither pip nor ensurepip. Install one of them (Debian: apt install python3-venv) and run this again.")


def run(command: list[str]) -> None:
    """Run a step; where it fails, stop with its own message."""
    if subprocess.call(command) != 0:
        sys.exit(f"This step failed: {' '.join(command)}")


if __name__ == "__main__":
    sys.exit(main())
