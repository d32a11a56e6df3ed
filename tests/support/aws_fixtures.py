"""Fixtures for AWS: moto in memory, and a ministack server for tests with several threads.

Import the ones a folder needs into its `conftest.py`. The root `conftest.py` must not, because
importing moto and boto3 takes longer than most tests do.
"""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from moto import mock_aws

from infra.local import processes
from infra.local.aws import create_resources
from tests.support.aws import REGION, Aws, fresh_account, in_memory_resources

_MINISTACK_URL: pytest.StashKey[str] = pytest.StashKey()


@pytest.fixture(scope="session")
def ministack_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The endpoint of one ministack per test process.

    It is stored on the configuration, because pytest sets up the fixture once per `conftest.py`
    that imports it.
    """
    stash = request.config.stash
    if _MINISTACK_URL not in stash:
        cleanup = ExitStack()
        request.config.add_cleanup(cleanup.close)
        log = tmp_path_factory.mktemp("ministack") / "ministack.log"
        stash[_MINISTACK_URL] = cleanup.enter_context(processes.ministack(log=log))
    return stash[_MINISTACK_URL]


@pytest.fixture(scope="module")
def ministack_aws(ministack_url: str) -> Aws:
    """A separate account on ministack with every resource, one per test module."""
    return Aws(create_resources(ministack_url, account=fresh_account()))


@pytest.fixture
def moto_aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """An AWS in memory with every resource, one per test, for use by one thread."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield Aws(in_memory_resources())
