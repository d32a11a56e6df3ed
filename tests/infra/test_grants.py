"""Compares each function's grants with the DynamoDB actions in its source, followed by name."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

from infra.functions import FUNCTIONS
from infra.grants import Action
from infra.local.processes import ROOT
from tests.support.source import mentioned, reachable, sources, wiring_names

ACTIONS: Mapping[str, Action] = {
    "get": "GetItem",
    "query": "Query",
    "get_all": "BatchGetItem",
    "put": "PutItem",
    "put_action": "PutItem",
    "update": "UpdateItem",
    "replace": "UpdateItem",
    "update_and_get": "UpdateItem",
    "update_action": "UpdateItem",
    "delete": "DeleteItem",
    "delete_action": "DeleteItem",
    "take": "DeleteItem",
    "check_action": "ConditionCheckItem",
}
"""The DynamoDB action of each method of `Table`."""

TableActions = set[tuple[str, str]]
"""Pairs of table and action."""

ByName = Mapping[str, Sequence[ast.FunctionDef]]


def test_every_method_of_table_has_its_action_here() -> None:
    (table,) = [each for each in _classes() if each.name == "Table"]

    methods = {each.name for each in table.body if isinstance(each, ast.FunctionDef)}
    assert set(ACTIONS) == {each for each in methods if not each.startswith("_")}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_granted_exactly_the_actions_its_code_performs(function: str) -> None:
    grants = FUNCTIONS[function].grants
    granted = {("connections", each) for each in grants.connections} | {
        ("events", each) for each in grants.events
    }

    assert sorted(granted) == sorted(_actions_of(function))


def _actions_of(function: str) -> TableActions:
    """Return the actions found by following names from a function's files to its stores."""
    trees = sources(function)
    parts = reachable({name for tree in trees for name in wiring_names(tree)})
    built = {name for part in parts for name in mentioned(part)}
    stores = {
        each.name: (_table(each), _by_name([each]))
        for each in _classes()
        if each.name in built and each.name.startswith("Dynamo")
    }
    usecases = _by_name(_loaded("usecases", built))
    helpers = _by_name(map(_outside_classes, _loaded("stores", set(stores))))
    performed: TableActions = set()
    seen: set[str] = set()
    queue = [name for tree in trees for name in mentioned(tree)]
    while queue:
        name = queue.pop()
        if name not in seen:
            seen.add(name)
            called = [*usecases.get(name, ()), *helpers.get(name, ())]
            performed |= {each for one in called for each in _table_actions(one, None)}
            for table, by_name in stores.values():
                methods = by_name.get(name, ())
                lent = [each for one in methods for each in _helpers_with_table(one, helpers)]
                performed |= {
                    each for one in (*methods, *lent) for each in _table_actions(one, table)
                }
                called += methods
            queue += [each for one in called for each in mentioned(one)]
    return performed


def _table_actions(function: ast.FunctionDef, own: str | None) -> Iterator[tuple[str, str]]:
    """Yield the actions on tables in a function; `own` is the table of the store it belongs to."""
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Attribute(attr=method, value=on), keywords=keywords):
                table = _table_name(on, own)
                is_index = any(each.arg == "index" for each in keywords)
                if table and method in ACTIONS and not is_index:
                    yield table, ACTIONS[method]


def _helpers_with_table(function: ast.FunctionDef, helpers: ByName) -> Iterator[ast.FunctionDef]:
    """Yield the helpers to which a store's method passes its table."""
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Name(id=helper), args=[ast.Attribute(attr="_table"), *_]):
                yield from helpers[helper]


def _table_name(node: ast.expr, own: str | None) -> str | None:
    match node:
        case ast.Attribute(attr="events" | "connections" as table):
            return table
        case ast.Attribute(attr="_table") | ast.Name(id="table"):
            return own
    return None


def _table(store: ast.ClassDef) -> str | None:
    """Return the table that a store assigns to an attribute of its own, if it has only one."""
    return next(
        (
            node.value.attr
            for node in ast.walk(store)
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Attribute)
            and node.value.attr in {"events", "connections"}
        ),
        None,
    )


def _loaded(package: str, classes: set[str]) -> list[ast.Module]:
    """Return the modules of a package that define one of the classes, and those they import."""
    modules = _modules(package)
    queue = [name for name, tree in modules.items() if _class_names(tree) & classes]
    loaded: dict[str, ast.Module] = {}
    while queue:
        name = queue.pop()
        if name in modules and name not in loaded:
            loaded[name] = modules[name]
            queue += [
                node.module
                for node in ast.walk(modules[name])
                if isinstance(node, ast.ImportFrom) and node.module
            ]
    return list(loaded.values())


def _outside_classes(tree: ast.Module) -> ast.Module:
    return ast.Module([each for each in tree.body if isinstance(each, ast.FunctionDef)], [])


def _by_name(trees: Iterable[ast.AST]) -> ByName:
    by_name: dict[str, list[ast.FunctionDef]] = {}
    for tree in trees:
        for each in _functions(tree):
            by_name.setdefault(each.name, []).append(each)
    return by_name


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef))


def _class_names(tree: ast.AST) -> set[str]:
    return {each.name for each in ast.walk(tree) if isinstance(each, ast.ClassDef)}


def _classes() -> list[ast.ClassDef]:
    return [
        node
        for tree in _modules("stores").values()
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    ]


@cache
def _modules(package: str) -> Mapping[str, ast.Module]:
    paths = sorted((ROOT / "shared" / package).rglob("*.py"))
    return {_module_name(path): ast.parse(path.read_text()) for path in paths}


def _module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)
