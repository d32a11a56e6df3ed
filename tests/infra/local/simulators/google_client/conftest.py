"""Google's own client library drives the simulator, so that the simulator is honest."""

from collections.abc import Iterator
from typing import Any

import httplib2  # type: ignore[import-untyped]  # ships no types
import pytest
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp  # type: ignore[import-untyped]  # ships no types
from googleapiclient import discovery

from infra.local.simulators import google
from tests.support.google_peer import EMAIL

SCOPE = "https://www.googleapis.com/auth/calendar"


@pytest.fixture
def simulator() -> Iterator[google.GoogleSimulator]:
    with google.serve() as served:
        yield served


@pytest.fixture
def api(simulator: google.GoogleSimulator) -> Iterator[Any]:
    access, _ = simulator.authorization.grant(EMAIL, frozenset({SCOPE}))
    wire = httplib2.Http(timeout=10)
    made = discovery.build(
        "calendar",
        "v3",
        http=AuthorizedHttp(Credentials(token=access), http=wire),  # type: ignore[no-untyped-call]  # google-auth leaves it untyped
        static_discovery=True,
        client_options={"api_endpoint": simulator.environment["GOOGLE_CALENDAR_URL"] + "/"},
    )
    yield made
    made.close()
    wire.close()


@pytest.fixture
def service(api: Any) -> Any:
    """The events of the API."""
    return api.events()
