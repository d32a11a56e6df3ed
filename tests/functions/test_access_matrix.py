"""Every rule of every route, with every kind of caller and session, gives the status it says.

The expected statuses are computed from the rules that infra/routes.py names and from their tables.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import nullcontext
from urllib.parse import urlencode, urlsplit

import pytest

from infra.access import AccessRule, CallerRule
from infra.routes import ROUTES, Route
from shared.domain.policy import Right
from tests.support.access import WITHOUT_TOKEN, Kind, People, SessionKind, documented, rejection
from tests.support.access_case import AccessCase
from tests.support.access_requests import RouteRequest, Servers
from tests.support.access_rows import ROWS
from tests.support.api import ApiResponse, call
from tests.support.http_contract import PAGES, response_problems
from tests.support.icloud_simulator import serve_icloud
from tests.support.oauth_flows import with_oauth_simulators
from tests.support.service import no_writes

# Many cases over lines that other tests cover; tracing them would double their time.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

CASES = [
    pytest.param(row, session, id=f"{row}-{session}" if row.by_session else str(row))
    for row in ROWS
    for session in row.sessions
]


@pytest.fixture(scope="module")
def servers(ministack_url: str) -> Iterator[Servers]:
    """The functions in their own account, with all providers."""
    with serve_icloud() as (url, _):
        host = urlsplit(url).netloc
        variables = {"CALDAV_ALLOWED_HOSTS": host, "WEBHOOKS_PER_ORGANIZATION": "0"}
        with with_oauth_simulators(ministack_url, **variables) as simulators:
            yield Servers(simulators, url)


def send(row: AccessCase, request: RouteRequest, bearer: str | None) -> ApiResponse:
    path = re.sub(r"\{(\w+)\}", lambda placeholder: request.segments[placeholder[1]], row.path)
    query = f"?{urlencode(request.query)}" if request.query else ""
    target = path + query
    return call(row.method, target, bearer=bearer, body=request.body, headers=request.headers)


def test_every_rule_of_every_route_has_a_request_and_no_other_rule_has_one() -> None:
    tested: defaultdict[tuple[str, str], set[AccessRule]] = defaultdict(set)
    for row in ROWS:
        tested[row.method, row.path] |= row.all_rules - {Right.READ}

    assert tested == {(each.method, each.path): set(each.rules) - {Right.READ} for each in ROUTES}


@pytest.mark.parametrize("route", ROUTES, ids=lambda each: f"{each.method} {each.path}")
def test_a_route_needs_a_token_unless_its_rule_is_for_everyone(route: Route) -> None:
    security = documented(route.method, route.path).get("security")

    assert route.rules
    assert (security is not None) == bool(WITHOUT_TOKEN.intersection(route.rules))
    assert ({} in (security or ())) == (CallerRule.DAY_LIST in route.rules)


def test_every_rule_about_sessions_is_named_by_a_route() -> None:
    named = {rule for route in ROUTES for rule in route.rules}

    assert set(Right) | set(CallerRule) <= named


@pytest.mark.parametrize(("row", "session"), CASES)
def test_each_kind_of_caller_gets_the_status_of_the_rules(
    servers: Servers, row: AccessCase, session: SessionKind
) -> None:
    expected = {kind: row.status(kind, session) for kind in Kind}
    shared = prepared(row, session, servers)

    responses = {
        kind: response_to(
            row,
            shared if is_harmless(row, status) else prepared(row, session, servers),
            kind,
            status,
        )
        for kind, status in expected.items()
    }

    assert {kind: each.status for kind, each in responses.items()} == expected
    for kind, response in responses.items():
        check_response(row, response, kind, session)


def prepared(
    row: AccessCase, session: SessionKind, servers: Servers
) -> tuple[People, RouteRequest]:
    people = People()
    return people, row.prepare(people, session, servers)


def is_harmless(row: AccessCase, status: int) -> bool:
    """Whether a request with that status leaves what was prepared as it was."""
    return status >= 400 and not row.uses_up


def response_to(
    row: AccessCase, prepared_for: tuple[People, RouteRequest], kind: Kind, status: int
) -> ApiResponse:
    people, request = prepared_for
    # Deleting another user's record is a conditional delete that matches nothing.
    deletes = row.uses_up or row.method == "DELETE"
    with no_writes(but={"DeleteItem"} if deletes else ()) if status >= 400 else nullcontext():
        return send(row, request, people.bearer(kind))


def check_response(
    row: AccessCase, response: ApiResponse, kind: Kind, session: SessionKind
) -> None:
    if row.path not in PAGES:
        assert response_problems(row.method, row.path, response.status, response.json) == []
    if response.status == 401:
        assert response.code == "UNAUTHORIZED"
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
    if response.status == 403 and isinstance(rule := rejecting(row, kind, session), Right):
        assert response.json["message"].startswith(f"Rule {rule}: only ")
    for rule, is_shown in row.shown if response.status < 300 else ():
        assert is_shown(response.data) == (rejection(rule, kind, session) is None), rule


def rejecting(row: AccessCase, kind: Kind, session: SessionKind) -> AccessRule | None:
    return next((each for each in row.rules if rejection(each, kind, session)), None)
