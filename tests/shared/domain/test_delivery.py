from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.delivery import attempt_of, with_notification
from shared.domain.invite import DeliveryState, Invite, Notification
from tests.support.mailed import START, attempt, invite, notification

SENT, DELAYED, DELIVERED = DeliveryState.SENT, DeliveryState.DELAYED, DeliveryState.DELIVERED
BOUNCED, COMPLAINT = DeliveryState.BOUNCED, DeliveryState.COMPLAINT


def after(record: Invite, *notifications: Notification) -> Invite:
    for each in notifications:
        found = attempt_of(record, each)
        assert found is not None
        record = with_notification(record, found, each)
    return record


def newest_status(*states: DeliveryState) -> DeliveryState:
    told = [notification(state, minute) for minute, state in enumerate(states)]
    return after(invite(), *told).status


@pytest.mark.parametrize(
    ("expected", "states"),
    [
        (BOUNCED, (SENT, BOUNCED, DELIVERED)),
        (BOUNCED, (SENT, DELIVERED, BOUNCED)),
        (DELIVERED, (SENT, DELIVERED, DELAYED)),
        (DELIVERED, (DELIVERED, SENT)),
        (COMPLAINT, (COMPLAINT, SENT, DELIVERED)),
        (COMPLAINT, (DELIVERED, BOUNCED, COMPLAINT, DELAYED)),
        (DeliveryState.REJECTED, (SENT, DeliveryState.REJECTED, SENT)),
        (DeliveryState.FAILED, (DeliveryState.FAILED, DELAYED)),
    ],
)
def test_knowledge_only_grows(expected: DeliveryState, states: tuple[DeliveryState, ...]) -> None:
    assert expected == newest_status(*states)


def test_a_record_keeps_the_first_time_of_each_state() -> None:
    told = [notification(SENT, 9), notification(DELIVERED, 12), notification(SENT, 7)]

    found = after(invite(), *told).attempts[0]

    minute = timedelta(minutes=1)
    assert ((SENT, START + 7 * minute), (DELIVERED, START + 12 * minute)) == found.seen
    assert START + 12 * minute == found.updated_at


def test_the_words_are_those_of_the_state_that_counts() -> None:
    delay = notification(DELAYED, diagnostic="mailbox over quota")
    bounce = notification(BOUNCED, 2, bounce_type="Permanent/General", diagnostic="unknown")
    late = notification(BOUNCED, 3, bounce_type="Transient/General", diagnostic="late")

    found = after(invite(), bounce, delay, late).attempts[0]

    assert ("Permanent/General", "unknown") == (found.bounce_type, found.diagnostic)


def test_a_delay_is_forgotten_once_the_mail_has_arrived() -> None:
    told = [notification(DELAYED, diagnostic="mailbox over quota"), notification(DELIVERED)]

    assert after(invite(), *told).attempts[0].diagnostic is None


def test_the_first_notification_tells_a_record_its_message_id() -> None:
    assert "m-1" == after(invite(), notification(SENT)).attempts[0].message_id


def test_what_the_sender_noted_is_kept() -> None:
    record = invite(attempt(message_id="own", status=SENT))

    found = after(record, notification(SENT)).attempts[0]

    assert ("own", SENT) == (found.message_id, found.status)


def test_an_earlier_attempt_changes_alone_and_the_newest_counts() -> None:
    second = attempt(2, message_id="m-2", status=SENT)
    record = invite(attempt(message_id="m-1", status=SENT), second)

    found = after(record, notification(BOUNCED))

    assert (BOUNCED, second) == (found.attempts[0].status, found.newest)
    assert SENT == found.status


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
def test_a_mail_is_known_by_its_tag_and_else_by_its_id(
    expected: int | None, changes: dict[str, Any]
) -> None:
    record = invite(attempt(message_id="m-1"), attempt(2, message_id="m-2"))

    found = attempt_of(record, notification(SENT, **changes))

    assert expected == (found.number if found else None)


WORDS = st.sampled_from([None, "Permanent/General", "Transient/General"])


@st.composite
def notifications(draw: st.DrawFn) -> Notification:
    number = draw(st.sampled_from([1, 2]))
    return notification(
        draw(st.sampled_from(list(DeliveryState)[1:])),
        draw(st.integers(0, 3)),
        attempt=draw(st.sampled_from([number, None])),
        message_id=f"m-{number}",
        bounce_type=draw(WORDS),
        diagnostic=draw(st.sampled_from([None, "a", "b"])),
    )


def known(told: Iterable[Notification]) -> Invite:
    """The record of two attempts both of which know their ids, so that untagged ones are found."""
    record = invite(attempt(1, message_id="m-1"), attempt(2, message_id="m-2"))
    return after(record, *told)


@given(content=st.lists(notifications(), max_size=8), data=st.data())
def test_order_and_repetition_do_not_matter(told: list[Notification], data: st.DataObject) -> None:
    repeats = data.draw(st.lists(st.sampled_from(told), max_size=4)) if told else []
    shuffled = data.draw(st.permutations([*told, *repeats]))

    assert known(told) == known(shuffled)


@given(content=st.lists(notifications(), max_size=8), data=st.data())
def test_order_does_not_matter_before_the_sender_knows_the_id(
    told: list[Notification], data: st.DataObject
) -> None:
    tagged = [replace(each, attempt=int(each.message_id[-1])) for each in told]
    record = invite(attempt(1), attempt(2))

    assert after(record, *tagged) == after(record, *data.draw(st.permutations(tagged)))


@given(content=st.lists(notifications(), min_size=1, max_size=8))
def test_a_status_never_falls(told: list[Notification]) -> None:
    record, ranks = known(()), [0, 0]

    for each in told:
        record = after(record, each)
        found = [one.status.rank for one in record.attempts]
        assert all(new >= old for new, old in zip(found, ranks, strict=True))
        ranks = found
