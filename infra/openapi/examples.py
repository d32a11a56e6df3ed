"""The examples of the OpenAPI document, and the instant they are written for."""

import importlib
import importlib.util
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from infra.routes import ROUTES

EXAMPLE_NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
"""The time at which every example request must succeed: a Monday, 08:00 UTC.

The dates in the examples are fixed and later than this. `make invoke` and the tests that send the
examples set the service's clock to this instant, so none of them depends on the current date.
"""


def examples_of(function: str) -> Mapping[str, Mapping[str, Any]]:
    """Return a function's example bodies by operation; empty if it has none."""
    name = f"functions.{function}.examples"
    if importlib.util.find_spec(name) is None:
        return {}
    examples: Mapping[str, Mapping[str, Any]] = importlib.import_module(name).EXAMPLES
    return examples


@cache
def all_examples() -> Mapping[str, Mapping[str, Any]]:
    """Return the example bodies of all functions by operation."""
    functions = sorted({route.function for route in ROUTES})
    return {name: bodies for each in functions for name, bodies in examples_of(each).items()}
