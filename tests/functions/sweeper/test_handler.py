"""The sweeper, invoked as by EventBridge Scheduler, with real stores."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from infra.local.aws import create_resources
from shared import wiring
from shared.domain.sweep import MAX_TRIES
from shared.settings import settings
from tests.support.aws import counted, fresh_account
from tests.support.oauth_flows import at
from tests.support.service import NOW, book, call_api, coach, fresh_id, installed, learner

pytestmark = pytest.mark.long

PAYLOAD = {
    "version": "0",
    "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eab",
    "detail-type": "Scheduled Event",
    "source": "aws.scheduler",
    "account": "123456789012",
    "time": "2026-11-23T08:45:00Z",
    "region": "eu-central-1",
    "resources": ["arn:aws:scheduler:eu-central-1:123456789012:schedule/default/sweeper"],
    "detail": "{}",
}

NONE = {"parked": 0, "expired": 0}
YEAR = timedelta(days=365)


@pytest.fixture(scope="module", autouse=True)
def own_account(ministack_url: str) -> Iterator[None]:
    """The functions in an account where only events of these tests are waiting."""
    with installed(create_resources(ministack_url, account=fresh_account())):
        yield


@pytest.fixture(autouse=True)
def nothing_waiting(own_account: None) -> Iterator[None]:
    """Reconcile everything a test has left waiting."""
    del own_account
    yield
    for event_id, _ in wiring.adapters.unsynced_events().waiting(until=NOW + YEAR):
        wiring.copy_sync().reconcile(event_id, now=NOW)
    receive_all()


def sweep(capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, float], dict[str, Any]]:
    """Run the function and return its result and metrics."""
    from functions.sweeper.handler import (  # noqa: PLC0415 - reads the environment
        lambda_handler,
    )

    capsys.readouterr()
    context: Any = SimpleNamespace(function_name="sweeper", aws_request_id="test")
    response = lambda_handler(PAYLOAD, context)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    metric_lines = [line for line in lines if "_aws" in line]
    return response, {
        each["Name"]: line[each["Name"]][0]
        for line in metric_lines
        for each in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    }


def receive_all() -> list[str]:
    """Receive and delete all messages of the queue."""
    sqs, url = wiring.adapters.clients().sqs, settings().sync_queue_url
    bodies: list[str] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for each in messages:
            bodies.append(each["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
    return bodies


def test_an_event_that_was_never_reconciled_is_requeued_and_its_age_is_reported(
    capsys: pytest.CaptureFixture[str],
) -> None:
    who, other = coach(), learner()
    event_id = book(who, who.id, other.id)["sessionId"]

    with at(NOW + timedelta(minutes=4)):
        early = sweep(capsys)
    with at(NOW + timedelta(minutes=11)):
        late = sweep(capsys)

    assert {"waiting": 1, "longestSeconds": 240.0, "redriven": 0, **NONE} == early[0]
    assert {"waiting": 1, "longestSeconds": 660.0, "redriven": 1, **NONE} == late[0]
    ages = {"OldestUnsyncedSeconds": 660.0, "UnsyncedEvents": 1.0, "ParkedEvents": 0.0}
    assert ages == late[1]
    assert [event_id] == receive_all()


def test_a_reconciled_event_is_no_longer_waiting(capsys: pytest.CaptureFixture[str]) -> None:
    who, other = coach(), learner()
    event_id = book(who, who.id, other.id)["sessionId"]

    with counted(wiring.tables()) as sent:
        wait = wiring.copy_sync().reconcile(event_id, now=NOW)

    assert wait is None
    assert 1 == sent.count("UpdateItem")
    response, metrics = sweep(capsys)
    assert {"waiting": 0, "longestSeconds": 0.0, "redriven": 0, **NONE} == response
    zeros = {"OldestUnsyncedSeconds": 0.0, "UnsyncedEvents": 0.0, "ParkedEvents": 0.0}
    assert zeros == metrics


def test_a_guest_list_that_was_never_reconciled_is_found_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    session_id = fresh_id()
    path = f"/api/v1/sessions/{session_id}/external-attendees"
    body = {"attendees": ["gus@example.org"]}
    answered = call_api("PUT", path, coach(), query={"sessionType": "group"}, body=body)
    assert 200 == answered.status, answered.json

    with at(NOW + timedelta(minutes=10)):
        response, _ = sweep(capsys)

    assert 1 == response["redriven"]


def test_a_sweep_reads_only_the_indexes(capsys: pytest.CaptureFixture[str]) -> None:
    with counted(wiring.tables()) as sent:
        sweep(capsys)

    assert ["Query"] * 8 == sent


def test_an_event_that_never_settles_is_parked_and_its_next_change_is_found(
    capsys: pytest.CaptureFixture[str],
) -> None:
    who, other = coach(), learner()
    times = {"startTime": "2026-12-24T10:00:00Z", "endTime": "2026-12-24T11:00:00Z"}
    event_id = book(who, who.id, other.id, **times)["sessionId"]
    hours = range(1, MAX_TRIES + 3)
    results = []
    for number in hours:
        with at(NOW + timedelta(hours=number)):
            results.append(sweep(capsys)[0])
        receive_all()

    assert [1] * MAX_TRIES + [0, 0] == [each["redriven"] for each in results]
    assert [0] * MAX_TRIES + [1, 0] == [each["parked"] for each in results]
    assert [0] == [results[-1]["waiting"]]
    later = NOW + timedelta(hours=100)
    with at(later):
        body = {"sessionId": event_id, "title": "Review"}
        changed = call_api("PUT", "/api/v1/events", who, body=body)
        assert 200 == changed.status, changed.json
    with at(later + timedelta(minutes=10)):
        assert 1 == sweep(capsys)[0]["redriven"]
    assert [event_id] == receive_all()


def test_a_pending_session_that_is_not_approved_in_time_expires(
    capsys: pytest.CaptureFixture[str],
) -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id, autoApproval=False)
    start = datetime.fromisoformat(event["startTime"])

    with at(start - timedelta(minutes=1)):
        early = sweep(capsys)[0]["expired"]
    with at(start):
        shown = call_api("GET", f"/api/v1/events/{event['id']}", who).data
        late = [sweep(capsys)[0]["expired"] for _ in range(2)]
        stored = call_api("GET", f"/api/v1/events/{event['id']}", who).data

    assert (early, late) == (0, [1, 0])
    assert (shown["status"], shown["version"]) == ("EXPIRED", 1)
    assert (stored["status"], stored["version"]) == ("EXPIRED", 2)
    agenda = wiring.people_store().agenda(who.id, start.date(), start.date())
    assert [dict(day.sessions) for day in agenda] == [{}]
