"""Which settings the code of each function reads, found in its source."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache

import pytest

from infra.environment import EVERYBODY, SETTINGS, environment
from infra.functions import DEPLOYED, FUNCTIONS
from infra.local.processes import ROOT

SETTABLE = {name for names in SETTINGS.values() for name in names}
"""The others are addresses of providers, which only a local run changes."""

_TOO_WIDE = {"App", "__init__", "__call__"}
"""A class is looked at method by method; no setting is read by these."""


@pytest.mark.parametrize("function", DEPLOYED)
def test_a_function_is_given_the_settings_its_code_reads_and_no_others(function: str) -> None:
    read = _settings_read_by(function) & SETTABLE

    assert sorted(read - set(EVERYBODY)) == sorted(SETTINGS[function])


def test_a_setting_without_a_value_is_left_to_its_default() -> None:
    values = {"STAGE": "dev", "SYNC_QUEUE_URL": "https://queue", "EVENTS_TABLE": ""}

    given = environment("relay", values, given={"POWERTOOLS_LOG_LEVEL": "INFO"})

    assert {
        "STAGE": "dev",
        "SYNC_QUEUE_URL": "https://queue",
        "POWERTOOLS_LOG_LEVEL": "INFO",
    } == given


def test_what_is_given_to_everybody_wins() -> None:
    assert {"STAGE": "mine"} == environment("relay", {"STAGE": "dev"}, given={"STAGE": "mine"})


def _settings_read_by(function: str) -> set[str]:
    data = FUNCTIONS[function]
    others = {each.module for each in FUNCTIONS.values() if each.folder == data.folder}
    trees = [
        ast.parse(path.read_text())
        for path in (ROOT / "functions" / data.folder).glob("*.py")
        if path.stem not in others or path.stem == data.module
    ]
    names = {name for tree in trees for name in _wired(tree)}
    return {each.upper() for tree in (*trees, *_reachable(names)) for each in _settings_in(tree)}


def _wired(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (
            _is(node.value, "wiring") or _is(node.value, "app")
        ):
            yield node.attr


def _reachable(names: set[str]) -> list[ast.AST]:
    found: dict[str, ast.AST] = {}
    left = list(names)
    while left:
        name = left.pop()
        if name in _definitions() and name not in found:
            found[name] = _definitions()[name]
            left += _mentioned(found[name])
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


def _mentioned(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def _settings_in(tree: ast.AST) -> Iterator[str]:
    """Attributes of `settings()`, also under the name `these` that it is given."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (
            _is(node.value, "these")
            or (isinstance(node.value, ast.Call) and _is(node.value.func, "settings"))
        ):
            yield node.attr


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
