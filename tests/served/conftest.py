"""The whole service, started once for the tests in this folder."""

import os
from collections.abc import Iterator

import pytest

from infra.local.service import Service, service
from infra.openapi.examples import EXAMPLE_NOW

UNLIMITED = "1000000"


@pytest.fixture(scope="module")
def run() -> Iterator[Service]:
    """The service on this machine at the time of the examples, without a request limit."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PUBLIC_REQUESTS_PER_MINUTE", UNLIMITED)
        # Other tests cover the handlers; tracing thousands of requests would double their time.
        for name in [each for each in os.environ if each.startswith("COVERAGE")]:
            patched.delenv(name)
        with service(workers=2) as running:
            running.set_clock(EXAMPLE_NOW)
            yield running
