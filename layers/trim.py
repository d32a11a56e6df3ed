"""Removes files from installed packages that no function reads at run time."""

import shutil
from collections.abc import Iterator
from pathlib import Path

SERVICES = frozenset({"dynamodb", "events", "kms", "s3", "secretsmanager", "sesv2", "sns", "sqs"})
"""The AWS services that functions call, by botocore's names.

The models of all other services are removed, which is two thirds of botocore. A client for one of
them raises `UnknownServiceError`, so add a new service here.
"""

FOLDERS = ("tests", "test", "__pycache__")
SUFFIXES = frozenset({".pyi", ".pyx", ".pxd", ".pxi", ".h", ".c", ".pyc"})
"""Type stubs and sources for a C compiler."""

INSTALLER_FILES = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"})
"""Files of the installer in *.dist-info. METADATA, entry points and licences are kept."""


def trim(packages: Path) -> None:
    """Remove these files from a folder of installed packages."""
    for path in list(_unused(packages)):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _unused(packages: Path) -> Iterator[Path]:
    yield packages / "bin"
    yield packages / ".lock"
    yield from packages.glob("*-stubs")
    yield from (each for each in (packages / "botocore" / "data").iterdir() if _is_unused(each))
    for name in FOLDERS:
        yield from packages.rglob(f"{name}/")
    yield from (each for each in packages.rglob("*.*") if each.suffix in SUFFIXES)
    yield from (each for each in packages.glob("*.dist-info/*") if each.name in INSTALLER_FILES)


def _is_unused(model: Path) -> bool:
    return model.is_dir() and model.name not in SERVICES
