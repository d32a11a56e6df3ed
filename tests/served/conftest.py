"""The whole service, started once for the tests of what it serves."""

import os
from collections.abc import Iterator

import pytest

from infra.local.server import Service, service

MANY = "1000000"


@pytest.fixture(scope="module")
def run() -> Iterator[Service]:
    """The service on this machine, which anybody may ask as often as they like."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PUBLIC_REQUESTS_PER_MINUTE", MANY)
        # Plain tests cover what the handlers do; tracing thousands of requests would double their
        # time.
        for name in [each for each in os.environ if each.startswith("COVERAGE")]:
            patched.delenv(name)
        with service(workers=2) as running:
            yield running
