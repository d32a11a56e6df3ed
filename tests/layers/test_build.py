import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from layers.build import (
    FOLDER,
    LAMBDA,
    LOCAL,
    LOCK,
    PYTHON_FOLDER,
    ROOT,
    build_shared,
)
from layers.trim import SERVICES

DEPENDENCIES = FOLDER / LAMBDA.name / PYTHON_FOLDER
ARM64 = 183
"""EM_AARCH64, the machine in an ELF header."""

IMPORTING = """
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


def extensions(folder: Path) -> Iterator[Path]:
    yield from folder.rglob("*.so")
    yield from folder.rglob("*.so.*")


def test_every_locked_package_is_there_in_the_version_of_the_lock() -> None:
    locked = re.findall(r"^([a-z0-9._-]+)==([^ ]+)", LOCK.read_text(), flags=re.MULTILINE)

    found = [each.name.removesuffix(".dist-info") for each in DEPENDENCIES.glob("*.dist-info")]

    assert {f"{canonical(name)} {version}" for name, version in locked} == {
        f"{canonical(name)} {version}" for name, version in (each.rsplit("-", 1) for each in found)
    }


def test_what_is_compiled_is_for_arm64_and_the_python_of_lambda() -> None:
    found = list(extensions(DEPENDENCIES))

    others = [
        each.name
        for each in found
        if int.from_bytes(each.read_bytes()[18:20], "little") != ARM64
        or not re.search(r"\.(cpython-313-aarch64-linux-gnu|abi3)\.so$", each.name)
    ]
    assert len(found) > 10
    assert others == []


def test_the_shared_layer_is_the_sources_and_nothing_else(tmp_path: Path) -> None:
    sources = {
        str(each.relative_to(ROOT)): each.read_bytes()
        for each in (ROOT / "shared").rglob("*")
        if each.is_file() and "__pycache__" not in each.parts
    }

    folder = build_shared(tmp_path) / PYTHON_FOLDER

    held = {
        str(each.relative_to(folder)): each.read_bytes()
        for each in folder.rglob("*")
        if each.is_file()
    }
    assert sources == held
    assert all(each.endswith((".py", ".typed")) for each in held)


def test_every_function_starts_with_nothing_but_the_layers(tmp_path: Path) -> None:
    (tmp_path / "functions").symlink_to(ROOT / "functions")
    names = [each.parent.name for each in (ROOT / "functions").glob("*/handler.py")]
    layers = [str(each / PYTHON_FOLDER) for each in (FOLDER / LOCAL.name, build_shared(tmp_path))]
    environment = {
        **os.environ,
        "AWS_DEFAULT_REGION": "eu-central-1",
        "POWERTOOLS_SERVICE_NAME": "calendar-service",
        "POWERTOOLS_METRICS_NAMESPACE": "CalendarService",
    }

    done = subprocess.run(  # noqa: S603 - our own command, no shell
        [
            LOCAL.compiler,
            *("-S", "-s", "-c", IMPORTING),
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

    assert "" == done.stderr
    assert "[]\n" == done.stdout
