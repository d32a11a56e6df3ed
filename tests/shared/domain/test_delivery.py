from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.delivery import find_attempt, with_notification
from shared.domain.invite import DeliveryState, Invite, Notification, strength
from tests.support.mailed import START, attempt, invite, notification

SENT, DELAYED, DELIVERED = DeliveryState.SENT, DeliveryState.DELAYED, DeliveryState.DELIVERED
BOUNCED, COMPLAINT = DeliveryState.BOUNCED, DeliveryState.COMPLAINT


def after(record: Invite, *notifications: Notification) -> Invite:
    for each in notifications:
        matching = find_attempt(record, each)
        assert matching is not None
        record = with_notification(record, matching, each)
    return record


def newest_status(*states: DeliveryState) -> DeliveryState:
    notified = [notification(state, minute) for minute, state in enumerate(states)]
    return after(invite(), *notified).status


@pytest.mark.parametrize(
    ("expected", "states"),
    [
        (BOUNCED, (SENT, BOUNCED, DELAYED)),
        (DELIVERED, (SENT, DELIVERED, DELAYED)),
        (DELIVERED, (DELIVERED, SENT)),
        (COMPLAINT, (COMPLAINT, SENT, DELIVERED)),
        (COMPLAINT, (DELIVERED, BOUNCED, COMPLAINT, DELAYED)),
        (DeliveryState.REJECTED, (SENT, DeliveryState.REJECTED, SENT)),
        (DeliveryState.FAILED, (DeliveryState.FAILED, DELAYED)),
    ],
)
def test_the_status_is_the_highest_one_notified(
    expected: DeliveryState, states: tuple[DeliveryState, ...]
) -> None:
    assert expected == newest_status(*states)


@pytest.mark.parametrize("states", [(DELIVERED, BOUNCED), (BOUNCED, DELIVERED)])
@pytest.mark.parametrize(
    ("bounce_type", "expected"),
    [("Transient/General", DELIVERED), (None, DELIVERED), ("Permanent/General", BOUNCED)],
)
def test_an_out_of_office_reply_leaves_a_mail_delivered(
    states: tuple[DeliveryState, ...], bounce_type: str | None, expected: DeliveryState
) -> None:
    notified = [
        notification(state, minute, bounce_type=bounce_type if state is BOUNCED else None)
        for minute, state in enumerate(states)
    ]

    assert after(invite(), *notified).status is expected


def test_an_attempt_has_the_first_time_of_each_state() -> None:
    notified = [notification(SENT, 9), notification(DELIVERED, 12), notification(SENT, 7)]

    result = after(invite(), *notified).attempts[0]

    minute = timedelta(minutes=1)
    assert ((SENT, START + 7 * minute), (DELIVERED, START + 12 * minute)) == result.seen
    assert START + 12 * minute == result.updated_at


def test_the_diagnostic_is_that_of_the_highest_state() -> None:
    delay = notification(DELAYED, diagnostic="mailbox over quota")
    bounce = notification(BOUNCED, 2, bounce_type="Permanent/General", diagnostic="unknown")
    late = notification(BOUNCED, 3, bounce_type="Transient/General", diagnostic="late")

    result = after(invite(), bounce, delay, late).attempts[0]

    assert ("Permanent/General", "unknown") == (result.bounce_type, result.diagnostic)


def test_the_diagnostic_of_a_delay_is_removed_once_the_mail_is_delivered() -> None:
    notified = [notification(DELAYED, diagnostic="mailbox over quota"), notification(DELIVERED)]

    assert after(invite(), *notified).attempts[0].diagnostic is None


def test_the_first_notification_sets_the_message_id() -> None:
    assert "m-1" == after(invite(), notification(SENT)).attempts[0].message_id


def test_a_message_id_set_by_the_sender_is_kept() -> None:
    record = invite(attempt(message_id="own", status=SENT))

    result = after(record, notification(SENT)).attempts[0]

    assert ("own", SENT) == (result.message_id, result.status)


def test_a_notification_of_an_earlier_attempt_does_not_change_the_newest() -> None:
    second = attempt(2, message_id="m-2", status=SENT)
    record = invite(attempt(message_id="m-1", status=SENT), second)

    result = after(record, notification(BOUNCED))

    assert (BOUNCED, second) == (result.attempts[0].status, result.newest)
    assert SENT == result.status


@pytest.mark.parametrize(
    ("expected", "changes"),
    [
        (2, {"attempt": 2, "message_id": "m-1"}),
        (1, {"attempt": None, "message_id": "m-1"}),
        (2, {"attempt": 9, "message_id": "m-2"}),
        (None, {"attempt": 9, "message_id": "m-9"}),
        (None, {"attempt": None, "message_id": "m-9"}),
    ],
)
def test_an_attempt_is_found_by_its_tag_or_else_by_its_message_id(
    expected: int | None, changes: dict[str, Any]
) -> None:
    record = invite(attempt(message_id="m-1"), attempt(2, message_id="m-2"))

    result = find_attempt(record, notification(SENT, **changes))

    assert expected == (result.number if result else None)


BOUNCE_TYPES = st.sampled_from([None, "Permanent/General", "Transient/General"])


@st.composite
def notifications(draw: st.DrawFn) -> Notification:
    number = draw(st.sampled_from([1, 2]))
    return notification(
        draw(st.sampled_from(list(DeliveryState)[1:])),
        draw(st.integers(0, 3)),
        attempt=draw(st.sampled_from([number, None])),
        message_id=f"m-{number}",
        bounce_type=draw(BOUNCE_TYPES),
        diagnostic=draw(st.sampled_from([None, "a", "b"])),
    )


def record_after(notified: Iterable[Notification]) -> Invite:
    """Return two attempts with message ids, so that untagged notifications are matched too."""
    record = invite(attempt(1, message_id="m-1"), attempt(2, message_id="m-2"))
    return after(record, *notified)


@given(notified=st.lists(notifications(), max_size=8), data=st.data())
def test_order_and_repetition_do_not_matter(
    notified: list[Notification], data: st.DataObject
) -> None:
    repeats = data.draw(st.lists(st.sampled_from(notified), max_size=4)) if notified else []
    shuffled = data.draw(st.permutations([*notified, *repeats]))

    assert record_after(notified) == record_after(shuffled)


@given(notified=st.lists(notifications(), max_size=8), data=st.data())
def test_order_does_not_matter_before_the_sender_has_stored_the_message_id(
    notified: list[Notification], data: st.DataObject
) -> None:
    tagged = [replace(each, attempt=int(each.message_id[-1])) for each in notified]
    record = invite(attempt(1), attempt(2))

    assert after(record, *tagged) == after(record, *data.draw(st.permutations(tagged)))


@given(notified=st.lists(notifications(), min_size=1, max_size=8))
def test_a_status_never_becomes_weaker(notified: list[Notification]) -> None:
    record, strengths = record_after(()), [0.0, 0.0]

    for each in notified:
        record = after(record, each)
        result = [strength(one.status, one.bounce_type) for one in record.attempts]
        assert all(new >= old for new, old in zip(result, strengths, strict=True))
        strengths = result
