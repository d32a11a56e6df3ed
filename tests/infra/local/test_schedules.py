from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from infra.local.schedules import SCHEDULED, Schedules
from infra.local.workers import InvocationFailed
from tests.support.waiting import until


class Functions:
    """A `HandlerInvoker` whose token refresh always fails."""

    def __init__(self) -> None:
        self.runs: Counter[str] = Counter()

    def invoke(self, module: str, payload: Any, *, function: str, seconds: float) -> Any:
        assert f"functions.{function}.handler" == module
        assert ("aws.scheduler", 120) == (payload["source"], seconds)
        self.runs[function] += 1
        if function == "token_refresh":
            raise InvocationFailed("no tokens today")
        return {}


def test_both_functions_run_repeatedly_even_if_one_fails() -> None:
    functions = Functions()
    schedules = Schedules(functions, every=timedelta(milliseconds=1))

    schedules.start()
    try:
        both = until(lambda: min(functions.runs[each] for each in SCHEDULED) > 1)
    finally:
        schedules.stop()

    assert both
    assert functions.runs.keys() == {"token_refresh", "sweeper"}


def test_a_failed_refresh_on_demand_raises() -> None:
    functions = Functions()

    with pytest.raises(InvocationFailed):
        Schedules(functions).refresh_once()

    assert {"token_refresh": 1} == functions.runs
