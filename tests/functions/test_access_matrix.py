"""Every route with every kind of caller gets exactly the status the contract implies."""

import re
from collections.abc import Iterator
from contextlib import nullcontext
from urllib.parse import urlencode, urlsplit

import pytest

from infra.routes import ROUTES
from tests.support.access import EXPIRED, KINDS, NO_TOKEN, Callers, expected
from tests.support.access_rows import ROWS, AccessCase, RouteRequest, Servers
from tests.support.api import ApiResponse, call
from tests.support.http_contract import response_problems
from tests.support.icloud_simulator import serve_icloud
from tests.support.oauth_flows import with_oauth_simulators
from tests.support.service import no_writes

# Many cases over lines that other tests cover; tracing them would double their time.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]


@pytest.fixture(scope="module")
def servers(ministack_url: str) -> Iterator[Servers]:
    """The functions in their own account, with all providers."""
    with serve_icloud() as (url, _):
        host = urlsplit(url).netloc
        with with_oauth_simulators(ministack_url, CALDAV_ALLOWED_HOSTS=host) as simulators:
            yield Servers(simulators, url)


def send(row: AccessCase, request: RouteRequest, bearer: str | None) -> ApiResponse:
    path = re.sub(r"\{(\w+)\}", lambda placeholder: request.segments[placeholder[1]], row.path)
    query = f"?{urlencode(request.query)}" if request.query else ""
    return call(row.method, path + query, bearer=bearer, body=request.body)


def test_every_route_has_a_row() -> None:
    assert {(each.method, each.path) for each in ROUTES} == {
        (each.method, each.path) for each in ROWS
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_kind_of_caller_gets_the_contracts_status(
    servers: Servers, row: AccessCase, kind: str
) -> None:
    callers = Callers()
    request, status = row.prepare(callers, servers), expected(row.method, row.path, row.rule)[kind]

    # Deleting another user's record is a conditional delete that matches nothing.
    nothing = {"DeleteItem"} if row.method == "DELETE" and status == 404 else ()
    with no_writes(but=nothing) if status >= 400 else nullcontext():
        response = send(row, request, callers.bearer(kind))

    assert status == response.status, response.json
    if row.path != "/docs":
        assert response_problems(row.method, row.path, response.status, response.json) == []
    if kind in {NO_TOKEN, EXPIRED} and status == 401:
        assert (response.code, response.headers["WWW-Authenticate"]) == ("UNAUTHORIZED", "Bearer")
