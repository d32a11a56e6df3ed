from dataclasses import replace

import pytest

from shared.domain.copy import CopyState
from shared.domain.domain_event import DomainEventType
from shared.domain.invite import (
    Answer,
    Attempt,
    DeliveryState,
    Invite,
    InviteKind,
    InviteMethod,
    InviteResponse,
    MailContent,
)
from shared.domain.message_events import copy_events, invite_events
from tests.support.store_samples import NOON, copy

ATTEMPT = Attempt(
    number=1,
    content=MailContent(method=InviteMethod.REQUEST, sequence=0, digest="d"),
    updated_at=NOON,
)
INVITE = Invite(
    event_id="1-a",
    address="guest@example.com",
    kind=InviteKind.EXTERNAL,
    attempts=(ATTEMPT,),
    row_version=1,
)


def with_status(status: DeliveryState) -> Invite:
    """Return the invite with that status of its mail."""
    return replace(INVITE, attempts=(replace(ATTEMPT, status=status),), row_version=2)


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (CopyState.SYNCED, DomainEventType.COPY_SYNCED),
        (CopyState.REMOVED, DomainEventType.COPY_SYNCED),
        (CopyState.FAILED, DomainEventType.COPY_FAILED),
        (CopyState.RECONNECT_REQUIRED, DomainEventType.COPY_FAILED),
    ],
)
def test_each_outcome_of_a_copy_has_its_type(state: CopyState, kind: DomainEventType) -> None:
    pending = copy(state=CopyState.PENDING, row_version=1)

    (event,) = copy_events(pending, replace(pending, state=state, row_version=2))

    assert (event.type, event.subject_version) == (kind, 2)
    assert event.data["state"] == state.value


def test_an_attempt_of_a_copy_is_no_outcome() -> None:
    synced = copy(state=CopyState.SYNCED, row_version=2)

    assert not [*copy_events(synced, replace(synced, state=CopyState.PENDING, row_version=3))]
    assert not [*copy_events(synced, replace(synced, attempts=3, row_version=3))]
    assert not [*copy_events(synced, None)]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (DeliveryState.SENT, DomainEventType.INVITE_SENT),
        (DeliveryState.DELIVERED, DomainEventType.INVITE_DELIVERED),
        (DeliveryState.BOUNCED, DomainEventType.INVITE_BOUNCED),
        (DeliveryState.REJECTED, DomainEventType.INVITE_BOUNCED),
        (DeliveryState.FAILED, DomainEventType.INVITE_BOUNCED),
        (DeliveryState.COMPLAINT, DomainEventType.INVITE_COMPLAINED),
    ],
)
def test_each_delivery_status_has_its_type(status: DeliveryState, kind: DomainEventType) -> None:
    (event,) = invite_events(INVITE, with_status(status), shows_guests=False)

    assert (event.type, event.data["mail"]["status"]) == (kind, status.value)


def test_a_status_that_stays_is_no_event() -> None:
    sent = with_status(DeliveryState.SENT)

    assert not [*invite_events(sent, replace(sent, row_version=3), shows_guests=False)]
    assert not [*invite_events(INVITE, with_status(DeliveryState.DELAYED), shows_guests=False)]


def test_a_guests_address_is_shown_only_if_the_setting_says_so() -> None:
    sent = with_status(DeliveryState.SENT)
    member = replace(sent, kind=InviteKind.PARTICIPANT, user_id="learner-1")

    (hidden,) = invite_events(INVITE, sent, shows_guests=False)
    (shown,) = invite_events(INVITE, sent, shows_guests=True)
    (participant,) = invite_events(INVITE, member, shows_guests=True)

    assert "guest@example.com" not in hidden.text + participant.text
    assert shown.data["email"] == "guest@example.com"


def test_an_answer_is_an_event_of_its_own() -> None:
    response = InviteResponse(
        answer=Answer.DECLINED, sequence=0, responded_at=NOON, received_at=NOON, comment="ill"
    )

    (event,) = invite_events(
        INVITE, replace(INVITE, response=response, row_version=2), shows_guests=False
    )

    assert event.type is DomainEventType.INVITE_RESPONDED
    assert event.data["answer"] == "declined"
    assert "ill" not in event.text
