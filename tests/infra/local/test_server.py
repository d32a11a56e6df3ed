import base64
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from infra.local.aws import HS256_SECRET
from infra.local.clock import LocalClock
from infra.local.control import Control
from infra.local.elsewhere import CaldavAccount, Elsewhere
from infra.local.gateway import Request, Response
from infra.local.mail.events import Report
from infra.local.mail.sent import SentMail
from infra.local.mail.sns import Message
from infra.local.processes import ROOT
from infra.local.pump import StillBusy, Work
from infra.local.server import Answering, Service, _environment, service
from infra.local.simulators.google import GoogleSimulator
from infra.local.simulators.microsoft import Microsoft
from infra.local.workers import InvocationFailed, TimedOut
from tests.support.local_mail import send, ses_client
from tests.support.processes import fresh_mark, marked
from tests.support.waiting import until

CALENDARS = Elsewhere(
    caldav=CaldavAccount(
        url="http://127.0.0.1:5232",
        username="coach-1",
        password="secret",
        calendar_url="http://127.0.0.1:5232/coach-1/calendar/",
    ),
    google=GoogleSimulator(),
    microsoft=Microsoft(),
)


@pytest.fixture(scope="module")
def run() -> Iterator[Service]:
    with service(workers=1) as running:
        yield running


@pytest.fixture
def client(run: Service) -> Iterator[httpx.Client]:
    # The first request of a worker loads everything, which takes a while on a busy machine.
    with httpx.Client(base_url=run.url, timeout=30) as opened:
        yield opened


class FakeInvoker:
    """Answers, or raises, what it was given; keeps what it was asked for."""

    def __init__(self, outcome: Any) -> None:
        self.outcome = outcome
        self.asked: list[tuple[str, str]] = []

    def invoke(self, module: str, payload: Any, *, function: str, seconds: float) -> Any:
        """Answer."""
        assert seconds == 29
        assert payload["version"] == "2.0"
        self.asked.append((module, function))
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class NoMail:
    """A control of mail nobody asks."""

    def answer(self, method: str, path: str, _body: bytes) -> Response:
        """Fail."""
        pytest.fail(f"{method} {path} was asked of the mail")


class Busy:
    """A pump that is never done."""

    def wait_until_idle(self, *, seconds: float) -> Work:
        """Say so."""
        raise StillBusy(f"{seconds:g}")


def answer(
    invoker: FakeInvoker, method: str, target: str, *, written: Callable[[], None] = lambda: None
) -> Response:
    request = Request(method=method, target=target, headers=(), body=b"", source_ip="127.0.0.1")
    control = Control(Busy(), LocalClock(), refresh=dict, mail=NoMail(), sync_seconds=0)
    return Answering(invoker, control=control, written=written)(request)


def environment(**given: str) -> dict[str, str]:
    created = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "EVENTS_TABLE": "ours", "STAGE": "local"}
    secret = {"AUTH_HS256_SECRET_ID": "auth", "AUTH_ISSUER": "local"}
    return _environment(given, {**created, **secret}, url="http://127.0.0.1:8", calendars=CALENDARS)


def test_providers_are_simulated_unless_the_environment_names_others() -> None:
    chosen = environment(GOOGLE_CALENDAR_URL="http://127.0.0.1:9/calendar")

    assert chosen["GOOGLE_CALENDAR_URL"] == "http://127.0.0.1:9/calendar"
    assert chosen["MICROSOFT_GRAPH_URL"] == CALENDARS.microsoft.graph_url


def test_a_request_reaches_the_function_of_its_path() -> None:
    invoker = FakeInvoker({"statusCode": 204})

    answered = answer(invoker, "POST", "/api/v1/events?x=1")

    assert answered.status == 204
    assert invoker.asked == [("functions.events.handler", "events")]


@pytest.mark.parametrize(("method", "times"), [("GET", 0), ("HEAD", 0), ("POST", 1), ("PUT", 1)])
def test_only_a_request_that_may_write_has_the_pump_look_at_once(method: str, times: int) -> None:
    written: list[str] = []
    answer(
        FakeInvoker({"statusCode": 200}), method, "/health", written=lambda: written.append(method)
    )

    assert times == len(written)


def test_an_unknown_path_reaches_the_fallback() -> None:
    invoker = FakeInvoker({"statusCode": 404})
    answer(invoker, "GET", "/nowhere")

    assert invoker.asked == [("functions.status.handler", "status")]


@pytest.mark.parametrize(
    ("failure", "status", "message"),
    [
        (InvocationFailed("Traceback"), 500, "Internal Server Error"),
        (TimedOut("too long"), 503, "Service Unavailable"),
    ],
)
def test_an_invocation_that_fails_is_answered_as_api_gateway_does(
    failure: Exception, status: int, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    answered = answer(FakeInvoker(failure), "GET", "/health")

    assert answered.status == status
    assert json.loads(answered.body) == {"message": message}
    assert str(failure) in caplog.text


def test_local_paths_reach_no_function() -> None:
    invoker = FakeInvoker({"statusCode": 200})

    answered = answer(invoker, "POST", "/_local/sync")

    assert answered.status == 504
    assert invoker.asked == []


def test_settings_of_the_environment_win_but_for_what_is_created_here() -> None:
    made = environment(SLOT_MINUTES="45", EVENTS_TABLE="theirs", AUTH_ISSUER="https://issuer")

    assert made["SLOT_MINUTES"] == "45"
    assert made["AUTH_ISSUER"] == "https://issuer"
    assert made["EVENTS_TABLE"] == "ours"


def test_a_sender_of_the_environment_wins_but_not_a_topic_nobody_here_publishes_to() -> None:
    theirs = {"MAIL_SENDER": "us@example.org", "SES_TOPIC_ARNS": "arn:aws:sns:theirs"}
    ours = {"MAIL_SENDER": "calendar@sessions.example", "SES_TOPIC_ARNS": "arn:aws:sns:ours"}

    made = _environment(theirs, ours, url="http://127.0.0.1:8", calendars=CALENDARS)

    assert made["MAIL_SENDER"] == "us@example.org"
    assert made["SES_TOPIC_ARNS"] == "arn:aws:sns:ours"


def test_a_key_set_of_the_environment_replaces_the_secret() -> None:
    made = environment(AUTH_JWKS_URL="https://issuer/keys")

    assert "AUTH_HS256_SECRET_ID" not in made


def test_allowed_calendar_hosts_are_added_to() -> None:
    assert environment()["CALDAV_ALLOWED_HOSTS"] == "127.0.0.1:5232"
    assert (
        environment(CALDAV_ALLOWED_HOSTS="cal.example:443")["CALDAV_ALLOWED_HOSTS"]
        == "127.0.0.1:5232,cal.example:443"
    )


def test_no_handler_sees_an_aws_account_of_this_process() -> None:
    made = environment(AWS_PROFILE="work", AWS_SESSION_TOKEN="real", PATH="/bin")

    assert {name for name in made if name.startswith("AWS_")} == {"AWS_ENDPOINT_URL"}
    assert made["PATH"] == "/bin"


def test_the_service_answers_with_its_own_handlers(client: httpx.Client) -> None:
    health = client.get("/health")
    nowhere = client.get("/nowhere")
    method = client.delete("/health")

    assert health.status_code == 200
    assert health.json()["data"]["status"] == "ok"
    assert nowhere.status_code == 404
    assert nowhere.json()["error"]["code"] == "NOT_FOUND"
    assert method.status_code == 405
    assert method.json()["error"]["code"] == "METHOD_NOT_ALLOWED"


def test_its_tokens_open_it(run: Service, client: httpx.Client) -> None:
    token = run.token("coach-1", ["Coach"], email="coach-1@example.com")
    claims = jwt.decode(token, HS256_SECRET, ["HS256"], audience="calendar-service", issuer="local")

    answered = client.get(
        "/api/v1/availability/roles", headers={"Authorization": f"Bearer {token}"}
    )
    closed = client.get("/api/v1/availability/roles")

    assert claims["sub"] == "coach-1"
    assert claims["exp"] - claims["iat"] == 12 * 3600
    assert answered.status_code == 200
    assert answered.json()["data"] == {"userId": "coach-1", "roles": ["Coach"]}
    assert closed.status_code == 401


def test_its_calendar_account_is_ready(run: Service) -> None:
    account = (run.caldav.username, run.caldav.password)

    calendar = httpx.get(run.caldav.calendar_url, auth=account)
    closed = httpx.get(run.caldav.calendar_url)

    assert calendar.status_code == 200
    assert "BEGIN:VCALENDAR" in calendar.text
    assert closed.status_code == 401


def test_its_clock_is_the_one_that_was_set(run: Service, client: httpx.Client) -> None:
    token = run.token("learner-9", ["Learner"])
    body = {
        "sessionId": "clock-1",
        "title": "A session in the past of the real clock",
        "startTime": "2001-01-01T10:00:00Z",
        "endTime": "2001-01-01T11:00:00Z",
        "owner": "COACHEE",
        "coachId": ["coach-9"],
        "learnerId": ["learner-9"],
    }

    def book() -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return client.post("/api/v1/events", json=body, headers=headers)

    late = book()
    client.post("/_local/clock", json={"now": "2001-01-01T09:00:00Z"})
    in_time = book()
    run.set_clock(None)

    assert late.status_code == 400
    assert late.json()["error"]["code"] == "START_IN_PAST"
    assert in_time.status_code == 201
    assert run.settle().waiting == 0


def sent(run: Service) -> SentMail:
    message_id = send(ses_client(run.mails.endpoint.url), "guest@example.org")
    mail = run.mails.endpoint.mail(message_id)
    assert mail is not None
    return mail


def test_mails_are_listed_and_ses_reports_on_them(run: Service, client: httpx.Client) -> None:
    mail = sent(run)

    listed = client.get("/_local/mail").json()["data"]
    reported = client.post(f"/_local/mail/{mail.message_id}/bounce")
    settled = client.post("/_local/sync")

    assert mail.message_id == listed[-1]["messageId"]
    assert reported.status_code == 200
    assert settled.status_code == 200


def test_a_report_over_http_must_be_signed_by_the_topic(run: Service, client: httpx.Client) -> None:
    mail = sent(run)
    message = run.mails.message(mail, Report.BOUNCE, recipient="guest@example.org")

    def post(message: Message) -> httpx.Response:
        headers, body = run.mails.topic.http_form(message)
        return client.post("/api/v1/ses/notifications", headers=headers, content=body)

    genuine = post(message)
    forged = post({**message, "Message": message["Message"].replace("Bounce", "Complaint")})

    assert genuine.status_code == 200, genuine.text
    assert forged.status_code == 403


def test_a_binary_body_reaches_a_handler(client: httpx.Client) -> None:
    answered = client.post(
        "/health",
        content=base64.b64decode("/wA="),
        headers={"Content-Type": "application/octet-stream"},
    )

    assert answered.status_code == 405


def told_subjects(lines: list[str]) -> list[str]:
    return [
        jwt.decode(line.split()[1], HS256_SECRET, ["HS256"], audience="calendar-service")["sub"]
        for line in lines
        if line.startswith(("Coach", "Learner", "Admin"))
    ]


@contextmanager
def started(
    folder: Path, mark: dict[str, str]
) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    variables = {**os.environ, **mark, "PORT": "0", "TMPDIR": str(folder)}
    with subprocess.Popen(
        [sys.executable, "-m", "infra.local"],
        cwd=ROOT,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line.strip())
            if line.startswith("Requests follow"):
                break
        try:
            yield process, lines
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_tells_how_to_use_it_and_a_signal_ends_all_of_it(
    tmp_path: Path, number: signal.Signals
) -> None:
    mark = fresh_mark()
    with started(tmp_path, mark) as (process, lines):
        url = lines[0].removeprefix("Calendar service on ")
        health = httpx.get(f"{url}/health", timeout=30).status_code
        before = len(marked(mark))
        process.send_signal(number)
        status = process.wait(30)
        assert process.stdout is not None
        logged = process.stdout.read()

    assert health == 200
    assert told_subjects(lines) == ["coach-1", "learner-1", "admin-1"]
    assert any(line.startswith("serverUrl http://127.0.0.1:") for line in lines)
    assert any(line.startswith(f"Mails sent: GET {url}/_local/mail;") for line in lines)
    # The front, three workers, and two servers with a leash each.
    assert before == 8
    assert status == 0
    assert "GET /health 200 " in logged
    assert until(lambda: not marked(mark))
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_an_error() -> None:
    with socket.socket() as taker:
        taker.bind(("127.0.0.1", 0))
        taker.listen()
        with (
            pytest.raises(OSError, match="in use"),
            service(port=taker.getsockname()[1]),
        ):
            pytest.fail("it runs on a port that is taken")
