from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.event import Event, EventStatus, Owner, consulted
from shared.domain.interval import Interval
from shared.domain.role import Role

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def event(
    *,
    coaches: tuple[str, ...] = ("ann",),
    learners: tuple[str, ...] = ("bob",),
    admin: str | None = None,
    status: EventStatus = EventStatus.SCHEDULED,
) -> Event:
    return Event(
        id="session",
        title="Coaching",
        interval=Interval(NOON, NOON + timedelta(hours=1)),
        zone="UTC",
        owner=Owner.COACH,
        coach_ids=coaches,
        learner_ids=learners,
        admin_id=admin,
        status=status,
        created_at=NOON,
        updated_at=NOON,
        request_digest="digest",
    )


def test_participants_are_listed_once_with_coaches_first() -> None:
    session = event(coaches=("ann", "eve"), learners=("bob", "ann"), admin="eve")

    assert session.participants == ("ann", "eve", "bob")


def test_an_admin_is_a_participant() -> None:
    assert event(admin="zoe").participants == ("ann", "bob", "zoe")


@pytest.mark.parametrize("status", EventStatus)
def test_only_a_cancelled_event_is_cancelled(status: EventStatus) -> None:
    assert (status is EventStatus.CANCELLED) == event(status=status).is_cancelled


@pytest.mark.parametrize(
    ("coaches", "learners", "expected"),
    [
        (("ann",), ("bob",), (("ann", Role.COACH), ("bob", Role.LEARNER))),
        (("ann",), ("bob", "cat"), (("ann", Role.COACH),)),
        (("ann", "eve"), ("bob",), (("bob", Role.LEARNER),)),
        (("ann", "eve"), ("bob", "cat"), ()),
        (("ann",), (), (("ann", Role.COACH),)),
        ((), (), ()),
    ],
)
def test_a_role_is_consulted_only_if_it_has_one_participant(
    coaches: tuple[str, ...], learners: tuple[str, ...], expected: tuple[tuple[str, Role], ...]
) -> None:
    assert expected == consulted(coaches, learners)
    assert expected == event(coaches=coaches, learners=learners).consulted
