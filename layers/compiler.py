"""Finds a CPython of the deployed version, and compiles bytecode with one."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

DEPLOYED_PYTHON = "3.13"
"""The version of the Lambda runtime. Bytecode of any other version is ignored by it."""

_CACHE_TAG = "import sys; print(sys.implementation.cache_tag)"
_EXPECTED_TAG = f"cpython-{DEPLOYED_PYTHON.replace('.', '')}"
_TIMEOUT_SECONDS = 30


class CompilerError(ValueError):
    """The requested compiler is not a CPython of the deployed version."""


def find_compiler(requested: str = "", environment: Mapping[str, str] = os.environ) -> str:
    """Return a CPython of the deployed version, or "" if there is none.

    Tries `requested`, else `python3.13` on PATH, else the versions that pyenv has installed.

    Raises:
        CompilerError: `requested` is given but does not run or has another version.
    """
    if requested:
        if not _is_deployed_version(requested):
            raise CompilerError(f"COMPILER={requested} is not a working CPython {DEPLOYED_PYTHON}.")
        return requested
    return next(filter(_is_deployed_version, _candidates(environment)), "")


def _candidates(environment: Mapping[str, str]) -> Iterator[str]:
    # If pyenv has the version but it is not active, this is a shim that fails when run.
    if on_path := shutil.which(f"python{DEPLOYED_PYTHON}", path=environment.get("PATH", "")):
        yield on_path
    root = Path(environment.get("PYENV_ROOT") or Path(environment.get("HOME", "")) / ".pyenv")
    folders = (root / "versions").glob(f"{DEPLOYED_PYTHON}*")
    yield from (str(each / "bin" / f"python{DEPLOYED_PYTHON}") for each in sorted(folders))


def _is_deployed_version(program: str) -> bool:
    try:
        result = subprocess.run(  # noqa: S603 - a Python interpreter, no shell
            [program, "-S", "-c", _CACHE_TAG],
            capture_output=True,
            text=True,
            check=False,
            timeout=_TIMEOUT_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return result.returncode == 0 and result.stdout.strip() == _EXPECTED_TAG


def compile_bytecode(compiler: str, folder: Path) -> None:
    """Compile every module below the folder, in place.

    The bytecode is never compared with its source, because a zip may change modification times
    and Lambda cannot write to /opt to replace stale bytecode.

    Raises:
        subprocess.CalledProcessError: a module does not compile.
    """
    options = ["-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash"]
    # With a fixed hash seed, sets are written in the same order every time.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    command = [compiler, *options, "-s", str(folder), str(folder)]
    subprocess.run(command, check=True, env=environment)  # noqa: S603 - our own command, no shell
