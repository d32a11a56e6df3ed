import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.processes import ROOT

SCRIPT = ROOT / "infra" / "local" / "check_tools.sh"
NODE = "Node.js 20 or newer with npm is required; "
PYTHON = "Python 3.11 or newer is required; "


def executable(folder: Path, name: str, script: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def fake_python(folder: Path, version: str, *, has_venv: bool = True) -> None:
    """Make an executable that responds to the script's checks as that Python would."""
    minor = int(version.split(".")[1])
    executable(
        folder,
        "python3",
        f'case "$2" in *ensurepip*) exit {int(not has_venv)} ;; '
        f"*'< (3, 11)'*) exit {int(minor < 11)} ;; *) echo {version} ;; esac",
    )


def check(folder: Path, tool: str, **environment: str) -> tuple[int, str]:
    """Run the script with only `folder` on PATH."""
    process = subprocess.run(  # noqa: S603 - a program of this project
        ["/bin/sh", str(SCRIPT), tool],
        env={**environment, "PATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.stdout == ""
    return process.returncode, process.stderr


@pytest.mark.parametrize("version", ["3.11.0", "3.13.5"])
def test_a_new_enough_python_passes(tmp_path: Path, version: str) -> None:
    fake_python(tmp_path, version)

    assert check(tmp_path, "python") == (0, "")


def test_the_python_of_this_run_passes() -> None:
    assert check(Path("/usr/bin"), "python", PYTHON=sys.executable) == (0, "")


def test_an_old_python_is_one_line_with_its_version(tmp_path: Path) -> None:
    fake_python(tmp_path, "3.10.9")

    assert check(tmp_path, "python") == (
        1,
        f"{PYTHON}'python3' is 3.10.9. Install a newer one or set PYTHON=/path/to/python3.\n",
    )


def test_a_missing_python_is_one_line_with_its_name(tmp_path: Path) -> None:
    assert check(tmp_path, "python", PYTHON="python9") == (
        1,
        f"{PYTHON}'python9' was not found. Install it or set PYTHON=/path/to/python3.\n",
    )


def test_a_python_without_venv_is_one_line(tmp_path: Path) -> None:
    fake_python(tmp_path, "3.11.2", has_venv=False)

    status, error = check(tmp_path, "python")

    assert status == 1
    assert error == (
        "'python3' cannot create virtual environments. "
        "Install its venv module (Debian: python3-venv).\n"
    )


def test_a_new_enough_node_with_npm_passes(tmp_path: Path) -> None:
    executable(tmp_path, "node", "echo v20.0.0")
    executable(tmp_path, "npm", "")

    assert check(tmp_path, "node") == (0, "")


@pytest.mark.parametrize("version", ["v18.20.4", "unknown"])
def test_an_old_node_is_one_line_with_its_version(tmp_path: Path, version: str) -> None:
    executable(tmp_path, "node", f"echo {version}")
    executable(tmp_path, "npm", "")

    assert check(tmp_path, "node") == (1, f"{NODE}'node' is {version}. Install a newer one.\n")


def test_a_missing_node_is_one_line(tmp_path: Path) -> None:
    status, error = check(tmp_path, "node")

    assert status == 1
    assert error.startswith(f"{NODE}'node' was not found.")
    assert error.count("\n") == 1


def test_a_missing_npm_is_one_line(tmp_path: Path) -> None:
    executable(tmp_path, "node", "echo v22.1.0")

    assert check(tmp_path, "node") == (1, f"{NODE}'npm' was not found. Install it.\n")


def recipe_of(tmp_path: Path, target: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run make in an empty copy of the project's Makefile."""
    for name in ("Makefile", "requirements-dev.txt", "requirements-local.txt"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    (tmp_path / "requirements-ministack.txt").touch()
    script = tmp_path / "infra" / "local" / SCRIPT.name
    script.parent.mkdir(parents=True)
    script.write_text(SCRIPT.read_text())
    return subprocess.run(  # noqa: S603 - a program of this project
        ["make", target, *(f"{name}={value}" for name, value in variables.items())],  # noqa: S607 - the make on PATH
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_make_checks_python_before_it_creates_an_environment(tmp_path: Path) -> None:
    process = recipe_of(tmp_path, "local", PYTHON="python9")

    assert process.returncode != 0
    assert process.stderr.startswith(f"{PYTHON}'python9' was not found.")
    assert not (tmp_path / ".venv").exists()
