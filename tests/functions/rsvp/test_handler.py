"""Replies through the function: S3, the parser, the stores and what invite-status shows."""

import logging
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.rsvp.handler import lambda_handler
from infra.local.mail.received import create_bucket, received_payload, store_mail
from shared import wiring
from shared.domain.invite import Answer
from shared.domain.replies import current_response
from tests.support.replied import RECEIVED, REPLY_ADDRESS, SMALL, UID, answerable, reply_mail
from tests.support.service import fresh_id, installed

CONTEXT: Any = SimpleNamespace(function_name="rsvp", aws_request_id="test")
SENDER = "Sessions <sessions@mail.example>"


@pytest.fixture(scope="module")
def received(environment: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """The functions with a bucket for received mail."""
    whole = {**environment, **create_bucket(environment), "MAIL_SENDER": SENDER}
    with installed(whole):
        yield whole


def invited(address: str = "kay@example.org", *, sequence: int = 2) -> str:
    """Return the id of an event whose only invite has been mailed."""
    event_id = fresh_id()
    invite = replace(answerable(sequence=sequence), event_id=event_id, address=address)
    wiring.invite_store().save_invite(invite)
    return event_id


def deliver(where: Mapping[str, str], raw: bytes, *, to: str = REPLY_ADDRESS) -> str:
    """Store a mail, invoke the function, and return the outcome."""
    message_id = uuid.uuid4().hex
    store_mail(where, message_id, raw)
    outcomes = lambda_handler(received_payload(message_id, [to], at=RECEIVED), CONTEXT)
    assert [message_id] == list(outcomes)
    return outcomes[message_id]


def about(event_id: str, raw: bytes) -> bytes:
    return raw.replace(UID.encode(), f"{event_id}@mail.example".encode())


def response(event_id: str) -> Any:
    (invite,) = wiring.invite_store().invites(event_id)
    return current_response(invite)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("google", Answer.ACCEPTED), ("apple", Answer.TENTATIVE)],
)
def test_a_reply_is_stored(received: Mapping[str, str], name: str, expected: Answer) -> None:
    event_id = invited()
    raw = about(event_id, reply_mail(name))

    outcomes = [deliver(received, raw), deliver(received, raw)]

    assert ["changed", "known"] == outcomes
    assert response(event_id).answer is expected
    assert response(event_id).comment


def test_a_reply_to_another_address_changes_nothing(received: Mapping[str, str]) -> None:
    event_id = invited()

    outcome = deliver(received, about(event_id, reply_mail("google")), to="rsvp+0@rsvp.example.com")

    assert "forged" == outcome
    assert response(event_id) is None


def test_a_stale_reply_changes_nothing(received: Mapping[str, str]) -> None:
    event_id = invited(sequence=3)

    assert "stale" == deliver(received, about(event_id, reply_mail("google")))
    assert response(event_id) is None


@pytest.mark.parametrize("raw", [b"Subject: Thanks\n\nSee you!", b"", SMALL[:150].encode()])
def test_a_mail_that_is_no_reply_is_dropped(received: Mapping[str, str], raw: bytes) -> None:
    assert "unreadable" == deliver(received, raw)


def test_the_content_of_a_mail_is_not_logged(
    received: Mapping[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    event_id = invited()
    with caplog.at_level(logging.INFO):
        deliver(received, about(event_id, reply_mail("google")))

    shown = "".join(str(vars(each)) for each in caplog.records)
    assert "reply received" in shown
    assert "late, sorry" not in shown
    assert "kay@example.org" not in shown


def test_the_other_replies_of_a_payload_are_recorded_before_one_fails(
    received: Mapping[str, str],
) -> None:
    event_id = invited()
    message_id = uuid.uuid4().hex
    store_mail(received, message_id, about(event_id, reply_mail("google")))
    missing, present = (
        received_payload(each, [REPLY_ADDRESS], at=RECEIVED)["Records"]
        for each in ("missing", message_id)
    )

    with pytest.raises(ExceptionGroup) as failure:
        lambda_handler({"Records": [*missing, *present]}, CONTEXT)

    assert failure.value.subgroup(ClientError)
    assert response(event_id).answer is Answer.ACCEPTED
