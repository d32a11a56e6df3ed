"""Builds the code of the functions: each with its own folder under functions/ and no other."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from layers.compiler import compile_bytecode
from layers.paths import ROOT

FUNCTIONS = "functions"
_NOT_DEPLOYED = frozenset({"__pycache__", "examples.py"})


def build_functions(into: Path, *, compiler: str = "") -> Path:
    """Build every function, in <into>/functions/<its folder>, and return <into>/functions.

    Handlers are imported as functions.<folder>.handler, as in the repository. `compiler` is a
    CPython of the deployed version that adds bytecode; "" adds none.
    """
    folder = into / FUNCTIONS
    with tempfile.TemporaryDirectory(dir=into) as temporary:
        build = Path(temporary) / FUNCTIONS
        for handler in sorted((ROOT / FUNCTIONS).glob("*/handler.py")):
            _copy(handler.parent.name, build / handler.parent.name)
        if compiler:
            compile_bytecode(compiler, build)
        if folder.exists():
            shutil.rmtree(folder)
        build.rename(folder)
    return folder


def lacks_console() -> bool:
    """Return whether the console's bundle, which `make console` builds, is missing."""
    return not (ROOT / FUNCTIONS / "console" / "static" / "console.js").is_file()


def is_current(build: Path) -> bool:
    """Return whether a function's build holds its present sources, and no others."""
    built = {
        path.relative_to(build): path.read_bytes()
        for path in build.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    return built == {path.relative_to(ROOT): path.read_bytes() for path in _sources(build.name)}


def _copy(function: str, build: Path) -> None:
    for source in _sources(function):
        target = build / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def _sources(function: str) -> Iterator[Path]:
    package = ROOT / FUNCTIONS
    yield package / "__init__.py"
    for path in sorted((package / function).rglob("*")):
        if path.is_file() and not _NOT_DEPLOYED.intersection(path.relative_to(package).parts):
            yield path
