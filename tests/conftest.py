"""The order of tests, and which of them coverage traces.

This file imports no AWS library: `tests/support/aws_fixtures.py` has the fixtures that do.
"""

import sys
import threading
from collections.abc import Generator, Iterator

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start long tests first, so that no worker is left alone with one at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Stop tracing during tests marked `no_cover`.

    pytest-cov stops its own tracer for them, but a worker of pytest-xdist has a second one.
    """
    if item.get_closest_marker("no_cover") is None:
        return (yield)
    tracer, thread_tracer = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)
        threading.settrace(thread_tracer)


@pytest.fixture(scope="module", autouse=True)
def untraced_subprocesses(request: pytest.FixtureRequest) -> Iterator[None]:
    """Do not trace the processes that a module marked `no_cover` starts."""
    with pytest.MonkeyPatch.context() as environment:
        if request.node.get_closest_marker("no_cover"):
            environment.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        yield
