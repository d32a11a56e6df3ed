"""Every route with every kind of caller: exactly the status the contract implies."""

import re
from collections.abc import Iterator
from contextlib import nullcontext
from urllib.parse import urlencode, urlsplit

import pytest

from infra.routes import ROUTES
from tests.support.access import EXPIRED, KINDS, NOBODY, Cast, expected
from tests.support.access_rows import ROWS, Asked, Row, Stage
from tests.support.api import Answer, call
from tests.support.contract import answer_problems
from tests.support.icloudish import icloudish
from tests.support.oauth_flows import beside_providers
from tests.support.service import no_writes

# Every one of many cases; plain tests cover the same lines, and tracing these doubles their time.
pytestmark = pytest.mark.no_cover


@pytest.fixture(scope="module")
def stage(ministack_url: str) -> Iterator[Stage]:
    """The functions in an account of their own, beside every provider."""
    with icloudish() as (url, _):
        host = urlsplit(url).netloc
        with beside_providers(ministack_url, CALDAV_ALLOWED_HOSTS=host) as peers:
            yield Stage(peers, url)


def send(row: Row, asked: Asked, bearer: str | None) -> Answer:
    path = re.sub(r"\{(\w+)\}", lambda found: asked.segments[found[1]], row.path)
    query = f"?{urlencode(asked.query)}" if asked.query else ""
    return call(row.method, path + query, bearer=bearer, body=asked.body)


def test_every_route_has_a_row() -> None:
    assert {(each.method, each.path) for each in ROUTES} == {
        (each.method, each.path) for each in ROWS
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_kind_of_caller_gets_what_the_contract_says(stage: Stage, row: Row, kind: str) -> None:
    cast = Cast()
    asked, status = row.prepare(cast, stage), expected(row.method, row.path, row.rule)[kind]

    # To delete somebody else's is one request: the deletion of nothing.
    nothing = {"DeleteItem"} if row.method == "DELETE" and status == 404 else ()
    with no_writes(but=nothing) if status >= 400 else nullcontext():
        answer = send(row, asked, cast.bearer(kind))

    assert status == answer.status, answer.json
    if row.path != "/docs":
        assert answer_problems(row.method, row.path, answer.status, answer.json) == []
    if kind in {NOBODY, EXPIRED} and status == 401:
        assert (answer.code, answer.headers["WWW-Authenticate"]) == ("UNAUTHORIZED", "Bearer")
