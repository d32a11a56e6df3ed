from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.audit import AuditAction, AuditEntry
from shared.domain.caller import Caller
from shared.domain.event import AdminPart, Event, EventStatus, Owner, consulted
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
    session = event(coaches=("ann", "eve"), learners=("bob",), admin="eve")

    assert session.participants == ("ann", "eve", "bob")


@pytest.mark.parametrize(
    ("part", "coaches", "attends"),
    [
        (AdminPart.ALWAYS, ("ann",), True),
        (AdminPart.NEVER, (), False),
        (AdminPart.WITHOUT_COACH, ("ann",), False),
        (AdminPart.WITHOUT_COACH, (), True),
    ],
)
def test_an_admin_is_a_participant_only_if_they_attend(
    part: AdminPart,
    coaches: tuple[str, ...],
    attends: bool,  # noqa: FBT001 - a parameter
) -> None:
    session = replace(event(coaches=coaches, admin="zoe"), admin_part=part)

    assert ("zoe" in session.participants) == attends
    assert "zoe" in session.named


@pytest.mark.parametrize("status", EventStatus)
def test_only_a_pending_or_scheduled_event_is_not_closed(status: EventStatus) -> None:
    is_open = status in {EventStatus.PENDING_APPROVAL, EventStatus.SCHEDULED}

    assert is_open != event(status=status).is_closed


@pytest.mark.parametrize(
    ("hours", "until"), [(None, NOON), (-2, NOON - timedelta(hours=2)), (2, NOON)]
)
def test_a_pending_event_expires_at_its_start_or_earlier(
    hours: int | None, until: datetime
) -> None:
    approve_by = None if hours is None else NOON + timedelta(hours=hours)
    pending = replace(event(status=EventStatus.PENDING_APPROVAL), approve_by=approve_by)

    assert pending.pending_until == until
    assert pending.at(until - timedelta(microseconds=1)) is pending
    assert pending.at(until) == replace(pending, status=EventStatus.EXPIRED)


def test_an_approved_event_does_not_expire() -> None:
    approved = replace(event(), approve_by=NOON)

    assert approved.at(NOON + timedelta(days=1)) is approved


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


BY_USER, BY_ADMIN = (
    (AuditEntry(action=AuditAction.CREATED, actor_id="x", role=role, at=NOON, version=1),)
    for role in (Role.COACH, Role.ADMIN)
)
ADMIN = Caller(user_id="zoe", roles=frozenset({Role.ADMIN}))
SERVICE = Caller(user_id="platform", scopes=frozenset({"events:write"}))
COACH = Caller(user_id="ann", roles=frozenset({Role.COACH}))


@pytest.mark.parametrize(
    ("coaches", "learners", "everyone"),
    [
        (("ann",), ("bob",), {"ann", "bob"}),
        (("ann",), ("bob", "cat"), {"ann"}),
        (("ann", "eve"), ("bob",), {"ann", "eve", "bob"}),
        (("ann", "eve"), ("bob", "cat"), {"ann", "eve"}),
    ],
)
def test_all_coaches_must_be_free_for_a_session_that_a_user_books_or_created(
    coaches: tuple[str, ...], learners: tuple[str, ...], everyone: set[str]
) -> None:
    session = event(coaches=coaches, learners=learners)
    by_user, by_admin = replace(session, audit=BY_USER), replace(session, audit=BY_ADMIN)

    required = [
        {user for user, _ in each.required_for(caller)}
        for each, caller in ((session, COACH), (by_admin, COACH), (by_user, ADMIN))
    ]

    assert required == [everyone] * 3


@pytest.mark.parametrize("caller", [ADMIN, SERVICE])
@pytest.mark.parametrize("audit", [BY_ADMIN, ()])
def test_an_admins_session_requires_only_the_consulted_to_be_free(
    caller: Caller, audit: tuple[AuditEntry, ...]
) -> None:
    many = replace(event(coaches=("ann", "eve"), learners=("bob", "cat")), audit=audit)
    pair = replace(event(), audit=audit)

    assert many.required_for(caller) == ()
    assert pair.required_for(caller) == pair.consulted


def test_attendees_are_the_coaches_and_learners_with_their_roles() -> None:
    session = event(coaches=("ann",), learners=("bob", "ann"), admin="zoe")

    assert session.attendees == (("ann", Role.COACH), ("bob", Role.LEARNER), ("ann", Role.LEARNER))


@pytest.mark.parametrize(
    ("coaches", "learners", "expected"),
    [
        (("ann",), ("bob",), False),
        (("ann",), (), False),
        ((), ("bob",), False),
        (("ann", "eve"), ("bob",), True),
        (("ann",), ("bob", "cat"), True),
    ],
)
def test_several_coaches_or_learners_make_a_group(
    coaches: tuple[str, ...],
    learners: tuple[str, ...],
    expected: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assert event(coaches=coaches, learners=learners).is_group == expected


def test_the_creator_is_unknown_for_events_stored_before_it_was_recorded() -> None:
    assert event().created_by is None
    assert replace(event(), audit=BY_USER).created_by == BY_USER[0]
