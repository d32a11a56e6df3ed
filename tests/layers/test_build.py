import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from layers.build import LAMBDA, LOCAL, LOCK, PYTHON_FOLDER, build_shared
from layers.paths import FOLDER, ROOT
from layers.trim import SERVICES

pytestmark = pytest.mark.long

DEPENDENCIES = FOLDER / LAMBDA.name / PYTHON_FOLDER
ARM64 = 183
"""EM_AARCH64, the machine type in an ELF header."""

IMPORT_ALL = """
import importlib, sys
sys.path[:0] = sys.argv[1].split(":")
for name in sys.argv[2].split(","):
    importlib.import_module(f"functions.{name}.handler")
from shared.aws.clients import Clients
for name in sys.argv[3].split(","):
    Clients().get(name)
for name in ("aws_encryption_sdk", "caldav", "google.auth", "icalendar", "msal", "requests"):
    importlib.import_module(name)
outside = {m.__file__ for m in list(sys.modules.values()) if getattr(m, "__file__", None)}
print(sorted(path for path in outside if "site-packages" in path))
"""


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def extension_modules(folder: Path) -> Iterator[Path]:
    yield from folder.rglob("*.so")
    yield from folder.rglob("*.so.*")


def shared_sources() -> dict[str, bytes]:
    return {
        str(each.relative_to(ROOT)): each.read_bytes()
        for each in (ROOT / "shared").rglob("*")
        if each.is_file() and "__pycache__" not in each.parts
    }


def files_below(folder: Path) -> dict[str, bytes]:
    return {
        str(each.relative_to(folder)): each.read_bytes()
        for each in folder.rglob("*")
        if each.is_file()
    }


def test_the_layer_has_every_locked_package_in_its_locked_version() -> None:
    locked = re.findall(r"^([a-z0-9._-]+)==([^ ]+)", LOCK.read_text(), flags=re.MULTILINE)

    names = [each.name.removesuffix(".dist-info") for each in DEPENDENCIES.glob("*.dist-info")]

    assert {f"{canonical(name)} {version}" for name, version in locked} == {
        f"{canonical(name)} {version}" for name, version in (each.rsplit("-", 1) for each in names)
    }


def test_extension_modules_are_for_arm64_and_the_lambda_python() -> None:
    modules = list(extension_modules(DEPENDENCIES))

    others = [
        each.name
        for each in modules
        if int.from_bytes(each.read_bytes()[18:20], "little") != ARM64
        or not re.search(r"\.(cpython-313-aarch64-linux-gnu|abi3)\.so$", each.name)
    ]
    assert len(modules) > 10
    assert others == []


def test_the_shared_layer_is_the_sources_and_nothing_else(tmp_path: Path) -> None:
    files = files_below(build_shared(tmp_path) / PYTHON_FOLDER)

    assert shared_sources() == files
    assert all(each.endswith((".py", ".typed")) for each in files)


def test_with_a_compiler_the_shared_layer_also_has_bytecode_of_every_module(tmp_path: Path) -> None:
    files = files_below(build_shared(tmp_path, compiler=sys.executable) / PYTHON_FOLDER)

    sources = shared_sources()
    bytecode = {cache_from_source(each) for each in sources if each.endswith(".py")}
    assert sources.keys() | bytecode == files.keys()


def test_the_same_sources_and_compiler_give_the_same_archive(tmp_path: Path) -> None:
    first = build_shared(tmp_path, compiler=sys.executable).with_suffix(".zip").read_bytes()

    second = build_shared(tmp_path, compiler=sys.executable).with_suffix(".zip").read_bytes()

    assert first == second


def test_every_function_imports_with_nothing_but_the_layers(tmp_path: Path) -> None:
    (tmp_path / "functions").symlink_to(ROOT / "functions")
    names = [each.parent.name for each in (ROOT / "functions").glob("*/handler.py")]
    layers = [str(each / PYTHON_FOLDER) for each in (FOLDER / LOCAL.name, build_shared(tmp_path))]
    environment = {
        **os.environ,
        "AWS_DEFAULT_REGION": "eu-central-1",
        "POWERTOOLS_SERVICE_NAME": "calendar-service",
        "POWERTOOLS_METRICS_NAMESPACE": "CalendarService",
    }

    result = subprocess.run(  # noqa: S603 - our own command, no shell
        [
            LOCAL.compiler,
            *("-S", "-s", "-c", IMPORT_ALL),
            ":".join([str(tmp_path), *layers]),
            ",".join(names),
            ",".join(SERVICES),
        ],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "" == result.stderr
    assert "[]\n" == result.stdout
