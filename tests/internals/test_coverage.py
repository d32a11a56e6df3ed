"""What `tests/conftest.py` relies on inside coverage.py and pytest-cov."""

import importlib
import inspect
import os
import subprocess
import sys
from pathlib import Path

import coverage

SETTINGS = """
[run]
patch = subprocess
parallel = true
data_file = {folder}/.coverage
"""
OUTER = """
import os
print("COVERAGE_PROCESS_CONFIG" in os.environ)
"""


def test_pytest_cov_stops_tracing_for_the_marker_no_cover() -> None:
    plugin = importlib.import_module("pytest_cov.plugin").CovPlugin

    assert "no_cover" in inspect.getsource(plugin.pytest_runtest_call)


def test_coverage_reaches_subprocesses_through_one_environment_variable(tmp_path: Path) -> None:
    settings = tmp_path / "coveragerc"
    settings.write_text(SETTINGS.format(folder=tmp_path))
    script = tmp_path / "outer.py"
    script.write_text(OUTER)

    done = subprocess.run(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-m", "coverage", "run", f"--rcfile={settings}", str(script)],
        env={k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "True", coverage.__version__
