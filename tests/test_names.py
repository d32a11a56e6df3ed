"""Class names are unique, and the index of test support is complete."""

import ast
import re
from collections import defaultdict
from pathlib import Path

from infra.local.processes import ROOT
from tests.test_imports import module_of, sources


def test_no_two_modules_define_a_class_of_the_same_name() -> None:
    modules: defaultdict[str, set[str]] = defaultdict(set)
    for path in sources("shared", "functions", "infra", "layers"):
        for name in class_names(path):
            modules[name].add(module_of(path))

    assert {name: sorted(where) for name, where in modules.items() if len(where) > 1} == {}


def class_names(path: Path) -> list[str]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return [node.name for node in nodes if isinstance(node, ast.ClassDef)]


def test_the_index_of_test_support_lists_every_module() -> None:
    folder = ROOT / "tests" / "support"
    modules = {str(path.relative_to(folder)) for path in sources("tests/support")} - {"__init__.py"}

    assert modules == set(re.findall(r"`([\w/]+\.py)`", (folder / "README.md").read_text()))
