import sys
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from infra.functions import FUNCTIONS
from layers.functions import build_functions, is_current
from layers.paths import ROOT

FOLDERS = {spec.folder for spec in FUNCTIONS.values()}


def files_below(folder: Path) -> set[str]:
    return {str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file()}


def test_every_function_of_the_stack_is_built(tmp_path: Path) -> None:
    folder = build_functions(tmp_path)

    assert FOLDERS == {each.name for each in folder.iterdir()}


def test_a_build_is_the_functions_own_folder_and_the_package_above_it(tmp_path: Path) -> None:
    files = files_below(build_functions(tmp_path) / "status")

    modules = {str(each.relative_to(ROOT)) for each in (ROOT / "functions/status").glob("*.py")}
    assert files == {"functions/__init__.py", "functions/status/openapi.json", *modules} - {
        "functions/status/examples.py"
    }


def test_with_a_compiler_every_module_has_bytecode(tmp_path: Path) -> None:
    files = files_below(build_functions(tmp_path, compiler=sys.executable))

    bytecode = {cache_from_source(each) for each in files if each.endswith(".py")}
    assert bytecode == {each for each in files if "__pycache__" in each}


def test_a_build_is_current_until_a_source_changes(tmp_path: Path) -> None:
    build = build_functions(tmp_path, compiler=sys.executable) / "status"
    assert is_current(build)

    (build / "functions" / "status" / "handler.py").write_text("changed")

    assert not is_current(build)


@pytest.mark.parametrize("change", ["missing", "additional"])
def test_a_build_with_a_missing_or_additional_file_is_not_current(
    tmp_path: Path, change: str
) -> None:
    build = build_functions(tmp_path) / "status"

    if change == "missing":
        (build / "functions" / "__init__.py").unlink()
    else:
        (build / "functions" / "status" / "removed_since.py").touch()

    assert not is_current(build)
