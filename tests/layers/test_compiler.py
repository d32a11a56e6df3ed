import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from layers.__main__ import bytecode_note
from layers.compiler import CompilerError, compile_bytecode, find_compiler

DEPLOYED = "cpython-313"
SHIM_FAILS = "exit 127"
"""What a pyenv shim does when the version is installed but not active."""


def interpreter(path: Path, script: str) -> Path:
    """Write a fake interpreter; `echo cpython-313` is a CPython 3.13."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def environment(tmp_path: Path, **variables: str) -> dict[str, str]:
    return {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path / "home"), **variables}


def test_a_requested_compiler_of_the_deployed_version_is_used(tmp_path: Path) -> None:
    python = interpreter(tmp_path / "python", f"echo {DEPLOYED}")

    assert str(python) == find_compiler(str(python), environment(tmp_path))


@pytest.mark.parametrize("script", ["echo cpython-312", "echo pypy313-pp73", SHIM_FAILS])
def test_a_requested_compiler_of_another_version_is_rejected(tmp_path: Path, script: str) -> None:
    python = interpreter(tmp_path / "python", script)
    interpreter(tmp_path / "bin" / "python3.13", f"echo {DEPLOYED}")

    with pytest.raises(CompilerError, match=r"COMPILER=.*/python is not a working CPython 3\.13"):
        find_compiler(str(python), environment(tmp_path))


def test_a_requested_compiler_that_does_not_exist_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(CompilerError, match="missing is not a working CPython"):
        find_compiler(str(tmp_path / "missing"), environment(tmp_path))


def test_a_python_of_another_version_is_really_rejected() -> None:
    if sys.implementation.cache_tag == DEPLOYED:
        pytest.skip("the tests run on the deployed version")

    with pytest.raises(CompilerError):
        find_compiler(sys.executable)


def test_a_compiler_on_the_path_is_found(tmp_path: Path) -> None:
    python = interpreter(tmp_path / "bin" / "python3.13", f"echo {DEPLOYED}")

    assert str(python) == find_compiler("", environment(tmp_path))


@pytest.mark.parametrize("on_path", [None, SHIM_FAILS, "echo cpython-312"])
def test_without_a_working_one_on_the_path_pyenvs_is_found(
    tmp_path: Path, on_path: str | None
) -> None:
    if on_path:
        interpreter(tmp_path / "bin" / "python3.13", on_path)
    versions = tmp_path / "home" / ".pyenv" / "versions"
    interpreter(versions / "3.13.0" / "bin" / "python3.13", SHIM_FAILS)
    python = interpreter(versions / "3.13.4" / "bin" / "python3.13", f"echo {DEPLOYED}")

    assert str(python) == find_compiler("", environment(tmp_path))


def test_pyenv_may_be_elsewhere(tmp_path: Path) -> None:
    root = tmp_path / "pyenv"
    python = interpreter(root / "versions/3.13.1/bin/python3.13", f"echo {DEPLOYED}")

    assert str(python) == find_compiler("", environment(tmp_path, PYENV_ROOT=str(root)))


def test_without_any_compiler_the_build_says_so_in_one_line(tmp_path: Path) -> None:
    compiler = find_compiler("", environment(tmp_path))

    note = bytecode_note(compiler)
    assert "" == compiler
    assert note.startswith("No CPython 3.13 found: built without bytecode")
    assert "COMPILER=/path/to/python3.13" in note
    assert "\n" not in note


def test_the_build_says_which_compiler_it_used() -> None:
    assert "Bytecode compiled by /usr/bin/python3.13." == bytecode_note("/usr/bin/python3.13")


def test_bytecode_is_used_even_if_its_source_has_another_time_and_text(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("print('compiled')")
    compile_bytecode(sys.executable, tmp_path)
    module.write_text("print('source')")
    os.utime(module, (0, 0))

    result = subprocess.run(
        [sys.executable, "-m", "module"], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert "compiled\n" == result.stdout
    assert Path(importlib.util.cache_from_source(str(module))).is_file()
