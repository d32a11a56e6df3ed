"""Compares the settings a function is given with the settings its source reads."""

import ast
from collections.abc import Iterator

import pytest

from infra.environment import COMMON, environment
from infra.functions import FUNCTIONS, SETTINGS
from tests.support.source import is_name, reachable, sources, wiring_names

NEEDED = SETTINGS - set(COMMON)
"""All other settings are addresses of providers, which only a local run changes."""

DERIVED = {"MAIL_ADDRESS": "MAIL_SENDER", "MAIL_DOMAIN": "MAIL_SENDER", "MAIL_NAME": "MAIL_SENDER"}
"""The properties of `Settings`, each with the setting it is computed from."""


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_given_exactly_the_settings_its_code_reads(function: str) -> None:
    read = _settings_read_by(function) & NEEDED

    assert sorted(read) == sorted(FUNCTIONS[function].settings)


def test_a_setting_without_a_value_is_omitted_so_that_its_default_applies() -> None:
    values = {"STAGE": "dev", "SYNC_QUEUE_URL": "https://queue", "EVENTS_TABLE": ""}

    variables = environment(("SYNC_QUEUE_URL",), values, extra={"POWERTOOLS_LOG_LEVEL": "INFO"})

    assert {
        "STAGE": "dev",
        "SYNC_QUEUE_URL": "https://queue",
        "POWERTOOLS_LOG_LEVEL": "INFO",
    } == variables


def test_extra_variables_override_settings() -> None:
    assert {"STAGE": "mine"} == environment((), {"STAGE": "dev"}, extra={"STAGE": "mine"})


def _settings_read_by(function: str) -> set[str]:
    trees = sources(function)
    parts = reachable({name for tree in trees for name in wiring_names(tree)})
    read = {each.upper() for tree in (*trees, *parts) for each in _settings_in(tree)}
    return {DERIVED.get(each, each) for each in read}


def _settings_in(tree: ast.AST) -> Iterator[str]:
    """Yield the attributes read of `settings()`, or of a variable that holds its value."""
    variables = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _is_settings(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (
            _is_settings(node.value) or any(is_name(node.value, each) for each in variables)
        ):
            yield node.attr


def _is_settings(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and is_name(node.func, "settings")
