"""What `shared/providers/apple/dav.py` relies on inside the caldav package."""

import logging
import subprocess
import sys
from typing import Any

import pytest
import requests
from caldav.davclient import DAVClient
from caldav.lib.error import AuthorizationError, RateLimitError, parse_retry_after
from requests.auth import HTTPBasicAuth


class ScriptedSession(requests.Session):
    """Returns one status for every request and records the requests."""

    def __init__(self, status: int, headers: dict[str, str] | None = None) -> None:
        super().__init__()
        self.sent: list[requests.PreparedRequest] = []
        self._status = status
        self._headers = headers or {}

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        self.sent.append(request)
        response = requests.Response()
        response.status_code = self._status
        response.headers.update(self._headers)
        response.url = str(request.url)
        response.request = request
        response._content = b""
        return response


def client_with(session: ScriptedSession) -> DAVClient:
    client = DAVClient(
        url="https://dav.example.com/",
        auth=HTTPBasicAuth(b"kim", b"secret"),
        timeout=1,
        enable_rfc6764=False,
    )
    client.session.close()
    client.session = session
    return client


def test_every_request_goes_through_the_session_that_was_put_in_its_place() -> None:
    session = ScriptedSession(207, {"Content-Type": "text/calendar"})

    client_with(session).request("https://dav.example.com/a/", "PROPFIND", "", {})

    assert [(each.method, each.url) for each in session.sent] == [
        ("PROPFIND", "https://dav.example.com/a/")
    ]


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (401, {"WWW-Authenticate": "Basic"}, AuthorizationError),
        (401, {}, AuthorizationError),
        (403, {}, AuthorizationError),
        (429, {"Retry-After": "7"}, RateLimitError),
        (503, {"Retry-After": "7"}, RateLimitError),
    ],
)
def test_a_rejected_request_is_sent_once_and_raises_with_its_status(
    status: int, headers: dict[str, str], error: type[Exception]
) -> None:
    session = ScriptedSession(status, headers)

    with pytest.raises(error) as caught:
        client_with(session).request("https://dav.example.com/", "REPORT", "", {})

    assert len(session.sent) == 1
    assert caught.value.status == status  # type: ignore[attr-defined]  # both errors have it
    assert getattr(caught.value, "retry_after", "7") == "7"


def test_retry_after_is_read_as_seconds_or_none() -> None:
    assert (parse_retry_after("7"), parse_retry_after("soon")) == (7.0, None)


def test_traffic_is_dumped_only_when_the_environment_variable_is_set() -> None:
    script = "from caldav.lib import error; print(bool(error.debug_dump_communication))"

    def dumps(**environment: str) -> str:
        done = subprocess.run(  # noqa: S603 - our own interpreter and script
            [sys.executable, "-W", "ignore", "-c", script],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    assert (dumps(), dumps(PYTHON_CALDAV_COMMDUMP="1")) == ("False", "True")


def test_the_package_logs_under_one_logger_name() -> None:
    from caldav import davclient  # noqa: PLC0415 - its module logger is what is tested

    assert davclient.log.name == "caldav"
    assert logging.getLogger("caldav").getEffectiveLevel() >= logging.WARNING


def test_the_package_uses_requests_and_not_niquests() -> None:
    client = DAVClient(url="https://dav.example.com/", enable_rfc6764=False)

    assert isinstance(client.session, requests.Session)
    client.session.close()
