"""How often one user, and all users together, may try to connect a CalDAV account."""

from collections.abc import Iterator, Mapping

import httpx
import pytest

from infra.local import processes
from tests.support.api import ApiResponse
from tests.support.service import User, call_api, coach, installed

PASSWORD = "abcd-efgh-ijkl"
USERS = ("ada", "bob", "cyd")
LIMITS = {
    "CALDAV_CONNECTS_PER_USER_PER_HOUR": "6",
    "CALDAV_FAILURES_PER_USER_PER_HOUR": "2",
    "CALDAV_FAILURES_PER_ACCOUNT_PER_HOUR": "3",
}


@pytest.fixture(scope="module")
def server(
    environment: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A CalDAV server with an account for each of `USERS`, and low limits."""
    passwords = dict.fromkeys(USERS, PASSWORD)
    with processes.radicale(tmp_path_factory.mktemp("radicale"), passwords) as url:
        for name in USERS:
            calendar = f"{url}/{name}/calendar/"
            assert httpx.request("MKCALENDAR", calendar, auth=(name, PASSWORD)).is_success
        host = url.partition("//")[2].strip("/")
        with installed({**environment, "CALDAV_ALLOWED_HOSTS": host, **LIMITS}):
            yield url


def connect_caldav(
    who: User, server: str, name: str = "ada", password: str = PASSWORD
) -> ApiResponse:
    body = {"username": name, "password": password, "serverUrl": server}
    return call_api("POST", "/api/v1/auth/apple/connect", who, body=body)


def reject(response: ApiResponse, *, within: int) -> None:
    assert (429, "TOO_MANY_REQUESTS") == (response.status, response.code)
    assert 1 <= int(response.headers["Retry-After"]) <= within


def test_attempts_to_connect_caldav_are_limited_per_user(server: str) -> None:
    who = coach()
    statuses = [connect_caldav(who, server).status for _ in range(6)]

    reject(connect_caldav(who, server), within=3600)

    assert [201, *[200] * 5] == statuses
    assert connect_caldav(coach(), server).status == 201


def test_rejected_passwords_are_limited_per_user(server: str) -> None:
    who = coach()
    failed = [connect_caldav(who, server, name, "wrong").code for name in ("one", "two")]

    reject(connect_caldav(who, server, "bob"), within=3600)

    assert ["CREDENTIALS_REJECTED"] * 2 == failed


def test_rejected_passwords_are_limited_per_account_for_all_users_together(server: str) -> None:
    guessing = [coach() for _ in range(3)]
    failed = [connect_caldav(each, server, "cyd", "wrong").code for each in guessing]

    for each in guessing:
        reject(connect_caldav(each, server, "CYD "), within=3600)

    assert ["CREDENTIALS_REJECTED"] * 3 == failed
    # The owner of the account has failed with no password, so strangers cannot lock them out.
    assert connect_caldav(coach(), server, "cyd").status == 201
