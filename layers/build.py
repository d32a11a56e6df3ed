"""Installs the locked dependencies for a platform, and builds layers and functions for Lambda.

Each layer is a folder and the archive of it that is deployed. The same lock, sources and compiler
give the same archive, so CDK publishes a new layer version only when something changed.
"""

import hashlib
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from layers.compiler import DEPLOYED_PYTHON, compile_bytecode
from layers.functions import build_functions
from layers.pack import pack
from layers.paths import FOLDER, ROOT
from layers.trim import trim

LOCK = ROOT / "requirements.txt"
PYTHON_FOLDER = "python"
"""The folder in a layer in which Lambda looks for Python packages."""

SHARED = "shared"


@dataclass(frozen=True, slots=True)
class LayerTarget:
    """A dependency layer.

    options: uv's options for the interpreter and platform to install for.
    compiler: an interpreter of that version that adds bytecode, or "". Without bytecode, every cold
    start compiles each module again, because /opt is read-only.
    """

    name: str
    options: tuple[str, ...]
    compiler: str = ""


_LOCAL_PYTHON = str(ROOT / ".venv-ministack" / "bin" / "python")
LAMBDA = LayerTarget(
    "dependencies",
    ("--python-version", DEPLOYED_PYTHON, "--python-platform", "aarch64-manylinux_2_28"),
)
"""The deployed layer: arm64, Amazon Linux 2023."""

LOCAL = LayerTarget("local", ("--python", _LOCAL_PYTHON), compiler=_LOCAL_PYTHON)
"""The same packages for the interpreter with which the local AWS runs functions."""


def build(compiler: str = "") -> tuple[Path, ...]:
    """Bring all layers and functions up to date and return their folders.

    `compiler` is a CPython of the deployed version that adds bytecode; "" adds none.

    Raises:
        subprocess.CalledProcessError: the lock cannot be installed, or a module not compiled.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    return (
        build_dependencies(replace(LAMBDA, compiler=compiler)),
        build_dependencies(LOCAL),
        build_shared(compiler=compiler),
        build_functions(FOLDER, compiler=compiler),
    )


def build_dependencies(target: LayerTarget) -> Path:
    """Install the lock for the target, hash-checked and from wheels only, if anything changed."""
    folder, stamp = FOLDER / target.name, FOLDER / f"{target.name}.sha256"
    fingerprint = _fingerprint(target)
    if folder.with_suffix(".zip").exists() and stamp.exists() and stamp.read_text() == fingerprint:
        return folder
    with tempfile.TemporaryDirectory(dir=FOLDER) as temporary:
        packages = Path(temporary) / target.name / PYTHON_FOLDER
        _install(target, packages)
        trim(packages)
        if target.compiler:
            compile_bytecode(target.compiler, packages)
        _publish(packages.parent, folder)
    stamp.write_text(fingerprint)
    return folder


def build_shared(into: Path = FOLDER, *, compiler: str = "") -> Path:
    """Build the layer with the package `shared`, in that folder."""
    folder = into / SHARED
    with tempfile.TemporaryDirectory(dir=into) as temporary:
        packages = Path(temporary) / SHARED / PYTHON_FOLDER
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / SHARED, packages / SHARED, ignore=ignored)
        if compiler:
            compile_bytecode(compiler, packages)
        _publish(packages.parent, folder)
    return folder


def _install(target: LayerTarget, folder: Path) -> None:
    command = [str(ROOT / ".venv" / "bin" / "uv"), "pip", "install", "--quiet"]
    options = ["--target", str(folder), "--link-mode", "copy", "--no-deps", *target.options]
    checks = ["--only-binary", ":all:", "--require-hashes", "--requirements", str(LOCK)]
    subprocess.run([*command, *options, *checks], check=True)  # noqa: S603 - our own command, no shell


def _publish(layer: Path, folder: Path) -> None:
    """Move a finished layer to its folder, and its archive next to it."""
    archive = layer.with_suffix(".zip")
    pack(layer, archive)
    if folder.exists():
        shutil.rmtree(folder)
    layer.rename(folder)
    archive.rename(folder.with_suffix(".zip"))


def _fingerprint(target: LayerTarget) -> str:
    here = Path(__file__)
    modules = (here.with_name(f"{name}.py") for name in ("compiler", "pack", "trim"))
    contents = (
        *(each.read_bytes() for each in (LOCK, here, *modules)),
        " ".join((*target.options, target.compiler)).encode(),
    )
    return hashlib.sha256(b"\0".join(contents)).hexdigest()
