"""Who may prepare guests, and for which event a prepared list counts."""

from dataclasses import replace

import pytest

from shared.domain.audit import AuditAction, AuditEntry
from shared.domain.caller import EVENTS_SCOPE, Caller
from shared.domain.errors import Forbidden
from shared.domain.event import Event
from shared.domain.guest_policy import check_prepare, may_prepare, owns_prepared
from shared.domain.invite import ExternalAttendee, GuestList
from shared.domain.role import Role
from tests.support.store_samples import NOON, session

GUEST = ExternalAttendee(email="gus@example.org", name=None, added_at=NOON)
PREPARED = GuestList(
    session_id="1-a",
    session_type="coaching",
    attendees=(GUEST,),
    prepared_by="coach-1",
    unsynced_since=NOON,
    row_version=3,
)

ADMIN = Caller(user_id="boss", roles=frozenset({Role.ADMIN}))
SERVICE = Caller(user_id="platform", scopes=frozenset({EVENTS_SCOPE}))
COACH = Caller(user_id="coach-1", roles=frozenset({Role.COACH}))
OTHER_COACH = Caller(user_id="coach-2", roles=frozenset({Role.COACH}))
LEARNER = Caller(user_id="coach-1", roles=frozenset({Role.LEARNER}))


def created_by(user_id: str, *, version: int = 1) -> Event:
    """Return an event of coach-1 that a user created with that version."""
    entry = AuditEntry(
        action=AuditAction.CREATED, actor_id=user_id, role="Coach", at=NOON, version=version
    )
    return session(audit=(entry,))


@pytest.mark.parametrize(
    ("caller", "prepares", "replaces"),
    [
        (ADMIN, True, True),
        (SERVICE, True, True),
        (COACH, True, True),
        (OTHER_COACH, True, False),
        (LEARNER, False, False),
        (replace(COACH, roles=frozenset()), False, False),
    ],
    ids=["Admin", "service", "preparer", "another Coach", "Learner", "no role"],
)
def test_a_prepared_list_belongs_to_its_preparer_and_admins(
    caller: Caller, *, prepares: bool, replaces: bool
) -> None:
    assert may_prepare(caller) == prepares
    for stored, allowed in ((None, prepares), (PREPARED, replaces)):
        if allowed:
            check_prepare(caller, stored)
        else:
            with pytest.raises(Forbidden, match=r"^Rule guests\.prepare: only "):
                check_prepare(caller, stored)


def test_a_list_without_a_recorded_preparer_belongs_to_admins() -> None:
    old = replace(PREPARED, prepared_by=None)

    assert [owns_prepared(each, old) for each in (ADMIN, SERVICE, COACH)] == [True, True, False]


@pytest.mark.parametrize(
    ("prepared", "event", "counts"),
    [
        (PREPARED, session(), True),
        (PREPARED, session(coach_ids=("coach-2", "coach-1")), True),
        (PREPARED, session(coach_ids=("coach-2",)), False),
        (PREPARED, replace(created_by("coach-1"), coach_ids=("coach-2",)), True),
        (replace(PREPARED, prepared_by="spy"), created_by("platform"), False),
        (replace(PREPARED, prepared_by="learner-1"), session(), False),
        (replace(PREPARED, prepared_by="spy", prepared_by_admin=True), session(), True),
        (replace(PREPARED, prepared_by=None), session(), True),
    ],
    ids=[
        "by its coach",
        "by one of its coaches",
        "by another coach",
        "by its creator",
        "by a stranger",
        "by a learner",
        "by an Admin",
        "before preparers were recorded",
    ],
)
def test_a_prepared_list_counts_if_creator_coach_or_admin_prepared_it(
    prepared: GuestList, event: Event, *, counts: bool
) -> None:
    of_event = prepared.of_event(event)

    assert prepared.counts_for(event) == counts
    assert of_event.attendees == ((GUEST,) if counts else ())
    assert (of_event.prepared_by, of_event.prepared_by_admin) == (None, False)
    assert (of_event.unsynced_since, of_event.row_version) == (NOON, 3)
    assert of_event == of_event.of_event(event)


def test_a_list_of_the_event_counts_after_a_change_of_coaches() -> None:
    of_event = PREPARED.of_event(session())

    assert of_event.of_event(session(coach_ids=("coach-2",))) == of_event


def test_the_guests_of_a_replaced_event_do_not_count_for_its_replacement() -> None:
    of_event = PREPARED.of_event(session())
    replacement = replace(created_by("coach-1", version=4), version=4)

    assert of_event.of_event(replacement).attendees == ()


@pytest.mark.parametrize(("learners", "kind"), [(("a",), "coaching"), (("a", "b"), "group")])
def test_an_emptied_list_names_the_type_of_its_event(learners: tuple[str, ...], kind: str) -> None:
    foreign = replace(PREPARED, prepared_by="spy", session_type="other")

    assert foreign.of_event(session(learner_ids=learners)).session_type == kind
