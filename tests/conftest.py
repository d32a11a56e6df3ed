"""Fixtures every test may ask for: an AWS in memory, and a real server for what races."""

import sys
import threading
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from infra.local import processes
from infra.local.aws import create_resources
from tests.support.aws import REGION, Aws, fresh_account, in_memory_resources


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Trace no test marked `no_cover`.

    pytest-cov stops tracing it too, but on a worker of xdist it has begun twice over, and the first
    then goes on.
    """
    if item.get_closest_marker("no_cover") is None:
        return (yield)
    tracing, tracing_of_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracing)
        threading.settrace(tracing_of_threads)


@pytest.fixture(scope="module", autouse=True)
def traced_where_it_counts(request: pytest.FixtureRequest) -> Iterator[None]:
    """Trace no process that a module marked `no_cover` starts, as none of its tests is traced."""
    with pytest.MonkeyPatch.context() as environment:
        if request.node.get_closest_marker("no_cover"):
            environment.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        yield


@pytest.fixture(scope="session")
def ministack_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of a ministack that this test process shares."""
    log: Path = tmp_path_factory.mktemp("ministack") / "ministack.log"
    with processes.ministack(log=log) as url:
        yield url


@pytest.fixture(scope="module")
def ministack_aws(ministack_url: str) -> Aws:
    """An account of its own on ministack with every resource; one per test module."""
    return Aws(create_resources(ministack_url, account=fresh_account()))


@pytest.fixture
def moto_aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """An AWS in memory with every resource; one per test, for one thread."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield Aws(in_memory_resources())
