"""What the code of each function does to rows, found in its source: from name to name."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

from infra.functions import DEPLOYED
from infra.grants import GRANTS, Action
from infra.local.processes import ROOT
from tests.support.source import mentioned, reachable, sources, wired

ACTIONS: Mapping[str, Action] = {
    "get": "GetItem",
    "query": "Query",
    "get_all": "BatchGetItem",
    "put": "PutItem",
    "put_action": "PutItem",
    "update": "UpdateItem",
    "changed": "UpdateItem",
    "update_action": "UpdateItem",
    "delete": "DeleteItem",
    "take": "DeleteItem",
    "check_action": "ConditionCheckItem",
}
"""What each method of a table asks of DynamoDB."""

Done = set[tuple[str, str]]
"""Tables and actions."""

ByName = Mapping[str, Sequence[ast.FunctionDef]]


def test_every_method_of_a_table_is_known_here() -> None:
    (table,) = [each for each in _classes() if each.name == "Table"]

    methods = {each.name for each in table.body if isinstance(each, ast.FunctionDef)}
    assert set(ACTIONS) == {each for each in methods if not each.startswith("_")}


@pytest.mark.parametrize("function", DEPLOYED)
def test_a_function_is_granted_what_its_code_does_and_nothing_more(function: str) -> None:
    grants = GRANTS[function]
    granted = {("connections", each) for each in grants.connections} | {
        ("events", each) for each in grants.events
    }

    assert sorted(granted) == sorted(_done_by(function))


def _done_by(function: str) -> Done:
    """Follow names from a function's files through its use-cases to what its stores do."""
    trees = sources(function)
    parts = reachable({name for tree in trees for name in wired(tree)})
    built = {name for part in parts for name in mentioned(part)}
    stores = {
        each.name: (_table(each), _by_name([each]))
        for each in _classes()
        if each.name in built and each.name.startswith("Dynamo")
    }
    work = _by_name(_loaded("usecases", built))
    helpers = _by_name(map(_outside_classes, _loaded("stores", set(stores))))
    done: Done = set()
    seen: set[str] = set()
    left = [name for tree in trees for name in mentioned(tree)]
    while left:
        name = left.pop()
        if name not in seen:
            seen.add(name)
            found = [*work.get(name, ()), *helpers.get(name, ())]
            done |= {each for one in found for each in _rows(one, None)}
            for own, by_name in stores.values():
                methods = by_name.get(name, ())
                lent = [each for one in methods for each in _lent(one, helpers)]
                done |= {each for one in (*methods, *lent) for each in _rows(one, own)}
                found += methods
            left += [each for one in found for each in mentioned(one)]
    return done


def _rows(function: ast.FunctionDef, own: str | None) -> Iterator[tuple[str, str]]:
    """The actions on tables in a function; `own` is the table of the store it belongs to."""
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Attribute(attr=method, value=on), keywords=keywords):
                table = _named(on, own)
                is_index = any(each.arg == "index" for each in keywords)
                if table and method in ACTIONS and not is_index:
                    yield table, ACTIONS[method]


def _lent(function: ast.FunctionDef, helpers: ByName) -> Iterator[ast.FunctionDef]:
    """The helpers to which a store's method hands its table."""
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Name(id=helper), args=[ast.Attribute(attr="_table"), *_]):
                yield from helpers[helper]


def _named(node: ast.expr, own: str | None) -> str | None:
    match node:
        case ast.Attribute(attr="events" | "connections" as table):
            return table
        case ast.Attribute(attr="_table") | ast.Name(id="table"):
            return own
    return None


def _table(store: ast.ClassDef) -> str | None:
    """The one table a store has taken for its own, if it has."""
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
    """The modules of a package in which one of the classes is, and those that they import."""
    modules = _modules(package)
    left = [name for name, tree in modules.items() if _class_names(tree) & classes]
    found: dict[str, ast.Module] = {}
    while left:
        name = left.pop()
        if name in modules and name not in found:
            found[name] = modules[name]
            left += [
                node.module
                for node in ast.walk(modules[name])
                if isinstance(node, ast.ImportFrom) and node.module
            ]
    return list(found.values())


def _outside_classes(tree: ast.Module) -> ast.Module:
    return ast.Module([each for each in tree.body if isinstance(each, ast.FunctionDef)], [])


def _by_name(trees: Iterable[ast.AST]) -> ByName:
    found: dict[str, list[ast.FunctionDef]] = {}
    for tree in trees:
        for each in _functions(tree):
            found.setdefault(each.name, []).append(each)
    return found


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
