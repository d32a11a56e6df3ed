"""Parses a function's files, and the parts of the composition root that they use, by name."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache

from infra.functions import FUNCTIONS
from infra.local.processes import ROOT

_TOO_WIDE = {"App", "__init__", "__call__"}
"""Too wide to follow: classes are followed by method, and these read no setting."""


def sources(function: str) -> list[ast.Module]:
    """Return the parsed files of a function, without the handlers of others in its folder."""
    spec = FUNCTIONS[function]
    others = {each.module for each in FUNCTIONS.values() if each.folder == spec.folder}
    return [
        ast.parse(path.read_text())
        for path in sorted((ROOT / "functions" / spec.folder).glob("*.py"))
        if path.stem not in others or path.stem == spec.module
    ]


def wiring_names(tree: ast.AST) -> Iterator[str]:
    """Yield the names a file uses of `wiring` and of the HTTP `app`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (
            is_name(node.value, "wiring") or is_name(node.value, "app")
        ):
            yield node.attr


def reachable(names: set[str]) -> list[ast.AST]:
    """Return those parts of the composition root, and the parts they mention, recursively."""
    parts: dict[str, ast.AST] = {}
    queue = list(names)
    while queue:
        name = queue.pop()
        if name in _definitions() and name not in parts:
            parts[name] = _definitions()[name]
            queue += mentioned(parts[name])
    return list(parts.values())


@cache
def _definitions() -> Mapping[str, ast.AST]:
    """Every function and class of `shared/wiring` and `shared/api/app.py`, by its unique name."""
    api = ast.parse((ROOT / "shared" / "api" / "app.py").read_text()).body
    bodies = [
        *(ast.parse(path.read_text()).body for path in (ROOT / "shared" / "wiring").glob("*.py")),
        api,
        *(node.body for node in api if isinstance(node, ast.ClassDef) and node.name == "App"),
    ]
    nodes = [
        node
        for body in bodies
        for node in body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name not in _TOO_WIDE
    ]
    by_name = {node.name: node for node in nodes}
    assert len(by_name) == len(nodes), "two parts of the wiring have the same name; rename one"
    return by_name


def mentioned(tree: ast.AST) -> Iterator[str]:
    """Yield every name and every attribute in a syntax tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def is_name(node: ast.AST, name: str) -> bool:
    """Return whether the node is exactly that name."""
    return isinstance(node, ast.Name) and node.id == name
