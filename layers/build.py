"""Installs the locked dependencies for a platform, and lays both layers out as Lambda wants them.

Each layer is a folder and, beside it, the archive of it that is deployed. The same lock and the
same sources give the same archive, so a layer is published anew only when something in it changed.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from layers.pack import pack
from layers.trim import trim

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "layers"
LOCK = ROOT / "requirements.txt"
PYTHON_FOLDER = "python"
"""Where in a layer Lambda looks for Python packages."""


@dataclass(frozen=True, slots=True)
class Target:
    """A dependency layer; `options` say to uv for which interpreter it is.

    `compiler` is such an interpreter, if one is at hand: it adds the bytecode, which Lambda cannot
    keep as /opt is read-only, so that a cold start need not compile.
    """

    name: str
    options: tuple[str, ...]
    compiler: str = ""


_LOCAL_PYTHON = str(ROOT / ".venv-ministack" / "bin" / "python")
LAMBDA = Target(
    "dependencies", ("--python-version", "3.13", "--python-platform", "aarch64-manylinux_2_28")
)
"""The layer that is deployed: arm64, CPython 3.13, Amazon Linux 2023."""

LOCAL = Target("local", ("--python", _LOCAL_PYTHON), compiler=_LOCAL_PYTHON)
"""The same packages for the interpreter in which the local AWS runs functions."""

SHARED = "shared"


def build(*, compiler: str = "") -> tuple[Path, ...]:
    """Bring every layer up to date and return their folders; what has not changed is left alone.

    `compiler` is a CPython 3.13 of any machine, whose bytecode is added to the deployed layer.

    Raises:
        subprocess.CalledProcessError: when the lock cannot be installed or compiled.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    deployed = replace(LAMBDA, compiler=compiler)
    return build_dependencies(deployed), build_dependencies(LOCAL), build_shared()


def build_dependencies(target: Target) -> Path:
    """Install the lock for that target, hashes checked and wheels only, unless it is there."""
    folder, stamp = FOLDER / target.name, FOLDER / f"{target.name}.sha256"
    wanted = _fingerprint(target)
    if folder.with_suffix(".zip").exists() and stamp.exists() and stamp.read_text() == wanted:
        return folder
    with tempfile.TemporaryDirectory(dir=FOLDER) as made:
        packages = Path(made) / target.name / PYTHON_FOLDER
        _install(target, packages)
        trim(packages)
        _compile(target, packages)
        _replace(packages.parent, folder)
    stamp.write_text(wanted)
    return folder


def build_shared(into: Path = FOLDER) -> Path:
    """Copy the sources of `shared`, and nothing else, to a layer in that folder."""
    folder = into / SHARED
    with tempfile.TemporaryDirectory(dir=into) as made:
        shutil.copytree(
            ROOT / "shared",
            Path(made) / SHARED / PYTHON_FOLDER / "shared",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        _replace(Path(made) / SHARED, folder)
    return folder


def _install(target: Target, folder: Path) -> None:
    command = [str(ROOT / ".venv" / "bin" / "uv"), "pip", "install", "--quiet"]
    chosen = ["--target", str(folder), "--link-mode", "copy", "--no-deps", *target.options]
    checked = ["--only-binary", ":all:", "--require-hashes", "--requirements", str(LOCK)]
    subprocess.run([*command, *chosen, *checked], check=True)  # noqa: S603 - our own command, no shell


def _compile(target: Target, folder: Path) -> None:
    if target.compiler:
        # Bytecode that is never compared with the time of its source, which a zip may not keep.
        how = ["-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash"]
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        command = [target.compiler, *how, "-s", str(folder), str(folder)]
        subprocess.run(command, check=True, env=environment)  # noqa: S603 - our own command, no shell


def _replace(made: Path, folder: Path) -> None:
    archive = made.with_suffix(".zip")
    pack(made, archive)
    if folder.exists():
        shutil.rmtree(folder)
    made.rename(folder)
    archive.rename(folder.with_suffix(".zip"))


def _fingerprint(target: Target) -> str:
    here = Path(__file__)
    read = (LOCK, here, here.with_name("trim.py"), here.with_name("pack.py"))
    texts = (
        *(each.read_bytes() for each in read),
        " ".join((*target.options, target.compiler)).encode(),
    )
    return hashlib.sha256(b"\0".join(texts)).hexdigest()
