"""From a function's own files to the parts of the composition root it uses, by name."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache

from infra.functions import FUNCTIONS
from infra.local.processes import ROOT

_TOO_WIDE = {"App", "__init__", "__call__"}
"""A class is looked at method by method; no setting is read by these."""


def sources(function: str) -> list[ast.Module]:
    """Return the parsed files of a function; of two functions in a folder each has its own."""
    data = FUNCTIONS[function]
    others = {each.module for each in FUNCTIONS.values() if each.folder == data.folder}
    return [
        ast.parse(path.read_text())
        for path in sorted((ROOT / "functions" / data.folder).glob("*.py"))
        if path.stem not in others or path.stem == data.module
    ]


def wired(tree: ast.AST) -> Iterator[str]:
    """Yield the names a file takes from the wiring and from the HTTP app."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (
            is_name(node.value, "wiring") or is_name(node.value, "app")
        ):
            yield node.attr


def reachable(names: set[str]) -> list[ast.AST]:
    """Return those parts of the composition root, and all that they mention in turn."""
    found: dict[str, ast.AST] = {}
    left = list(names)
    while left:
        name = left.pop()
        if name in _definitions() and name not in found:
            found[name] = _definitions()[name]
            left += mentioned(found[name])
    return list(found.values())


@cache
def _definitions() -> Mapping[str, ast.AST]:
    """Every part of the composition root, and of what HTTP functions share; no two share a name."""
    api = ast.parse((ROOT / "shared" / "api" / "app.py").read_text()).body
    bodies = [
        *(ast.parse(path.read_text()).body for path in (ROOT / "shared" / "wiring").glob("*.py")),
        api,
        *(node.body for node in api if isinstance(node, ast.ClassDef) and node.name == "App"),
    ]
    found = [
        node
        for body in bodies
        for node in body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name not in _TOO_WIDE
    ]
    by_name = {node.name: node for node in found}
    assert len(by_name) == len(found), "two parts of the wiring share a name; this cannot tell them"
    return by_name


def mentioned(tree: ast.AST) -> Iterator[str]:
    """Yield every name and every attribute in a piece of source."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def is_name(node: ast.AST, name: str) -> bool:
    """Return whether the node is just that name."""
    return isinstance(node, ast.Name) and node.id == name
