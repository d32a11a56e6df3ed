"""The sweeper as EventBridge Scheduler calls it, on real stores."""

import json
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from infra.local.aws import create_resources
from shared import wiring
from shared.settings import settings
from tests.support.aws import counted, fresh_account
from tests.support.oauth_flows import at
from tests.support.service import NOW, ask, book, coach, fresh_id, installed, learner

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


@pytest.fixture(scope="module", autouse=True)
def own_account(ministack_url: str) -> Iterator[None]:
    """The functions in an account in which nothing waits but what these tests book."""
    with installed(create_resources(ministack_url, account=fresh_account())):
        yield


@pytest.fixture(autouse=True)
def nothing_waits(own_account: None) -> Iterator[None]:
    """Let nothing wait that a test has left."""
    del own_account
    yield
    for event_id, _ in wiring.adapters.unsynced_events().oldest(10_000):
        wiring.calendar_sync().reconcile(event_id, now=NOW)
    taken_off_the_queue()


def sweep(capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, float], dict[str, Any]]:
    """Run the function; return its answer and the metrics it wrote."""
    from functions.sweeper.handler import (  # noqa: PLC0415 - reads the environment
        lambda_handler,
    )

    capsys.readouterr()
    context: Any = SimpleNamespace(function_name="sweeper", aws_request_id="test")
    answer = lambda_handler(PAYLOAD, context)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = [line for line in lines if "_aws" in line]
    return answer, {
        each["Name"]: line[each["Name"]][0]
        for line in told
        for each in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    }


def taken_off_the_queue() -> list[str]:
    """Receive what is on the queue and take it off."""
    sqs, url = wiring.adapters.clients().sqs, settings().sync_queue_url
    found: list[str] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for each in messages:
            found.append(each["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
    return found


def test_an_event_nobody_brought_to_calendars_is_put_back_and_its_age_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    who, other = coach(), learner()
    event_id = book(who, who.id, other.id)["sessionId"]

    with at(NOW + timedelta(minutes=4)):
        early = sweep(capsys)
    with at(NOW + timedelta(minutes=11)):
        late = sweep(capsys)

    assert {"waiting": 1, "longestSeconds": 240.0, "redriven": 0} == early[0]
    assert {"waiting": 1, "longestSeconds": 660.0, "redriven": 1} == late[0]
    assert {"OldestUnsyncedSeconds": 660.0, "UnsyncedEvents": 1.0} == late[1]
    assert [event_id] == taken_off_the_queue()


def test_an_event_brought_to_everybody_waits_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    who, other = coach(), learner()
    event_id = book(who, who.id, other.id)["sessionId"]

    with counted(wiring.tables()) as sent:
        wait = wiring.calendar_sync().reconcile(event_id, now=NOW)

    assert wait is None
    assert 1 == sent.count("UpdateItem")
    answer, metrics = sweep(capsys)
    assert {"waiting": 0, "longestSeconds": 0.0, "redriven": 0} == answer
    assert {"OldestUnsyncedSeconds": 0.0, "UnsyncedEvents": 0.0} == metrics


def test_guests_of_a_session_are_found_too(capsys: pytest.CaptureFixture[str]) -> None:
    session_id = fresh_id()
    path = f"/api/v1/sessions/{session_id}/external-attendees"
    body = {"attendees": ["gus@example.org"]}
    answered = ask("PUT", path, coach(), query={"sessionType": "group"}, body=body)
    assert 200 == answered.status, answered.json

    with at(NOW + timedelta(minutes=10)):
        answer, _ = sweep(capsys)

    assert 1 == answer["redriven"]


def test_a_sweep_reads_only_the_index(capsys: pytest.CaptureFixture[str]) -> None:
    with counted(wiring.tables()) as sent:
        sweep(capsys)

    assert ["Query"] * 4 == sent
