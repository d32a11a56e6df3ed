"""Which settings the code of each function reads, found in its source."""

import ast
from collections.abc import Iterator

import pytest

from infra.environment import EVERYBODY, SETTINGS, environment
from infra.functions import DEPLOYED
from tests.support.source import is_name, reachable, sources, wired

SETTABLE = {name for names in SETTINGS.values() for name in names}
"""The others are addresses of providers, which only a local run changes."""


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
    trees = sources(function)
    parts = reachable({name for tree in trees for name in wired(tree)})
    return {each.upper() for tree in (*trees, *parts) for each in _settings_in(tree)}


def _settings_in(tree: ast.AST) -> Iterator[str]:
    """Attributes of `settings()`, also under the name `these` that it is given."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (
            is_name(node.value, "these")
            or (isinstance(node.value, ast.Call) and is_name(node.value.func, "settings"))
        ):
            yield node.attr
