"""The Lambda functions as data: one record each, with everything the stack needs to know."""

from collections.abc import Mapping

from infra.environment import COMMON
from infra.functions.api import API_FUNCTIONS
from infra.functions.spec import LambdaSpec
from infra.functions.workers import WORKER_FUNCTIONS

FUNCTIONS: Mapping[str, LambdaSpec] = {**API_FUNCTIONS, **WORKER_FUNCTIONS}
"""Every function of the stack by name."""

SETTINGS = frozenset(COMMON).union(*(spec.settings for spec in FUNCTIONS.values()))
"""Every setting that some function of the stack reads."""

__all__ = ["API_FUNCTIONS", "FUNCTIONS", "SETTINGS", "WORKER_FUNCTIONS", "LambdaSpec"]
