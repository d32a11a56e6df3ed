"""Fixtures that drive the simulator with Google's own client library, to check it."""

from collections.abc import Iterator
from typing import Any

import httplib2  # type: ignore[import-untyped]  # ships no types
import pytest
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp  # type: ignore[import-untyped]  # ships no types
from googleapiclient import discovery

from infra.local.simulators import google
from tests.support.google_test_server import EMAIL

SCOPE = "https://www.googleapis.com/auth/calendar"


@pytest.fixture
def simulator() -> Iterator[google.GoogleSimulator]:
    with google.serve() as served:
        yield served


@pytest.fixture
def api(simulator: google.GoogleSimulator) -> Iterator[Any]:
    access, _ = simulator.authorization.grant(EMAIL, frozenset({SCOPE}))
    http = httplib2.Http(timeout=10)
    client = discovery.build(
        "calendar",
        "v3",
        http=AuthorizedHttp(Credentials(token=access), http=http),  # type: ignore[no-untyped-call]  # google-auth leaves it untyped
        static_discovery=True,
        client_options={"api_endpoint": simulator.environment["GOOGLE_CALENDAR_URL"] + "/"},
    )
    yield client
    client.close()
    http.close()


@pytest.fixture
def service(api: Any) -> Any:
    """The events of the API."""
    return api.events()
