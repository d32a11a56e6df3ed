"""Imports point one way, and a cold start loads only what it needs."""

import ast
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from infra.local.processes import ROOT
from tests.benchmarks.fresh import SLOTS_MODULES, UNWANTED, modules_of

# The tests only parse sources and count what new processes load.
pytestmark = pytest.mark.no_cover

LAYERS: Mapping[str, frozenset[str]] = {
    # What each layer may import besides itself and the standard library.
    "shared.domain": frozenset(),
    "shared.parallel": frozenset(),
    "shared.ports": frozenset({"shared.domain"}),
    "shared.settings": frozenset({"shared.domain"}),
    "shared.usecases": frozenset({"shared.domain", "shared.parallel", "shared.ports"}),
    "shared.providers": frozenset({"shared.domain", "shared.ports"}),
    "shared.mail": frozenset({"shared.domain", "shared.ports"}),
    "shared.stores": frozenset({"shared.domain", "shared.parallel", "shared.ports"}),
    "shared.aws": frozenset({"shared.domain", "shared.ports"}),
    "shared.wiring": frozenset(
        {
            "shared.domain",
            "shared.ports",
            "shared.settings",
            "shared.usecases",
            "shared.providers",
            "shared.mail",
            "shared.stores",
            "shared.aws",
        }
    ),
    "shared.api": frozenset(
        {"shared.domain", "shared.settings", "shared.usecases", "shared.wiring"}
    ),
    "functions": frozenset(
        {
            "shared.VERSION",
            "shared.api",
            "shared.domain",
            "shared.mail",
            "shared.ports",
            "shared.usecases",
            "shared.wiring",
        }
    ),
}
SUBJECTS: Mapping[str, frozenset[str]] = {
    # Which folders of shared/usecases each folder may import.
    "people": frozenset(),
    "accounts": frozenset({"people"}),
    "finding": frozenset({"accounts"}),
    "invitations": frozenset({"people"}),
    "booking": frozenset({"finding", "invitations", "people"}),
    "copies": frozenset({"accounts", "invitations"}),
    "erasure": frozenset({"accounts"}),
    "webhooks": frozenset({"people"}),
    "publishing": frozenset(),
}
ALLOWED_IMPORTERS: Mapping[str, tuple[str, ...]] = {
    # The only places that may import a library.
    "pynamodb": ("shared.stores", "tests.shared.stores", "tests.internals"),
    "boto3": ("shared.aws", "shared.stores", "infra.local", "infra.redrive", "tests"),
    "botocore": ("shared.aws", "shared.stores", "infra.local", "tests"),
    "aws_cdk": ("infra.app", "infra.stack", "tests.support.synthesis"),
    "cdk_nag": ("infra.app",),
    "constructs": ("infra.stack",),
    "pydantic": ("shared.api", "shared.settings", "functions", "infra.local.__main__", "tests"),
    "aws_lambda_powertools": (
        "shared.api",
        "shared.aws.metrics",
        "functions",
        "infra.openapi",
        "tests",
    ),
}


def sources(*folders: str) -> list[Path]:
    return [
        path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        if not {"__pycache__", "node_modules"}.intersection(path.parts)
    ]


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Return every module and name that a file imports, `from x import y` as x.y."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} has a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def layer_of(module: str) -> str | None:
    return next((layer for layer in LAYERS if is_in(module, layer)), None)


def test_every_module_of_the_product_belongs_to_a_layer() -> None:
    modules = map(module_of, sources("shared", "functions"))

    assert [each for each in modules if layer_of(each) is None] == ["shared"]


def test_imports_point_one_way() -> None:
    violations = [
        f"{module} imports {name}"
        for module, name in (
            (module_of(path), name)
            for path in sources("shared", "functions")
            for name in imports(path)
        )
        if name.partition(".")[0] in {"shared", "functions", "infra", "tests"}
        and not _is_allowed(module, name)
    ]

    assert violations == []


def _is_allowed(module: str, name: str) -> bool:
    layer = layer_of(module)
    if layer is None:
        return False
    if layer == "functions":
        own = ".".join(module.split(".")[:2])
        return is_in(name, own) or any(is_in(name, each) for each in LAYERS[layer])
    return is_in(name, layer) or any(is_in(name, each) for each in LAYERS[layer])


def test_folders_of_use_cases_import_each_other_in_one_direction() -> None:
    known = list(SUBJECTS)
    folders = {path.parent.name for path in sources("shared/usecases")} - {"usecases"}
    imported = {
        (module_of(path).split(".")[2], name.split(".")[2])
        for path in sources("shared/usecases")
        for name in imports(path)
        if is_in(name, "shared.usecases")
    }

    assert set(known) == folders
    assert [(own, other) for own, other in imported if other not in {own, *SUBJECTS[own]}] == []
    # Each folder imports only folders listed before it, so there is no circle.
    assert all(known.index(other) < known.index(own) for own in known for other in SUBJECTS[own])


def test_functions_build_use_cases_only_through_the_composition_root() -> None:
    below = ("shared.stores", "shared.providers", "shared.aws", "shared.settings")
    violations = [
        name for path in sources("functions") for name in imports(path) if name.startswith(below)
    ]

    assert violations == []


def test_the_domain_imports_only_the_standard_library() -> None:
    violations = [
        f"{module_of(path)} imports {name}"
        for path in sources("shared/domain")
        for name in imports(path)
        if not is_in(name, "shared.domain")
        and name.partition(".")[0] not in sys.stdlib_module_names
    ]

    assert violations == []


@pytest.mark.parametrize("library", ALLOWED_IMPORTERS)
def test_a_library_is_imported_only_where_allowed(library: str) -> None:
    violations = [
        f"{module_of(path)} imports {name}"
        for path in sources("shared", "functions", "infra", "tests")
        for name in imports(path)
        if is_in(name, library)
        and not any(is_in(module_of(path), allowed) for allowed in ALLOWED_IMPORTERS[library])
    ]

    assert violations == []


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        module_of(path)
        for path in sources("shared", "functions")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"})
        or (isinstance(node, ast.ImportFrom) and node.module == "os")
    }

    assert readers == {"shared.settings"}


@pytest.fixture(scope="module")
def loaded_by_slots() -> list[str]:
    return modules_of("functions.slots.handler")


def test_a_cold_start_of_the_slots_function_loads_no_unwanted_library(
    loaded_by_slots: list[str],
) -> None:
    unwanted = [each for each in UNWANTED if each in loaded_by_slots]

    assert unwanted == []


def test_a_cold_start_of_the_slots_function_loads_few_modules(loaded_by_slots: list[str]) -> None:
    assert "shared.stores.people" in loaded_by_slots, "the function has not finished loading"
    assert len(loaded_by_slots) <= SLOTS_MODULES
