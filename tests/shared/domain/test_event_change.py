from collections.abc import Mapping
from dataclasses import fields as fields_of_class
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import InvalidRequest, OwnerRequired, StartInPast
from shared.domain.event import Contact, Event, Owner
from shared.domain.event_change import EventChange
from shared.domain.policy import Right
from tests.support.platform import NOW, draft, hours

LEARNER, COACH, OTHER = "learner-1", "coach-1", "learner-2"
LEAS, MAXS = Contact(LEARNER, "lea@example.org", "Lea"), Contact(COACH, "max@example.org")
STORED = draft(
    coach_ids=(COACH, "coach-2"), learner_ids=(LEARNER, OTHER), contacts=(LEAS, MAXS)
).event(now=NOW)


def fields_of(caught: Any) -> list[str]:
    """Return the fields an error names."""
    return [each.field for each in caught.value.problems]


def change(**fields: Any) -> EventChange:
    return EventChange(session_id="s1", fields=fields)


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({}, ["owner"]),
        ({"owner": Owner.COACH}, ["coachId", "learnerId"]),
        ({"owner": Owner.COACHEE, "coach_ids": ("c",)}, ["learnerId"]),
        ({"owner": Owner.COACH, "learner_ids": ("l",)}, ["coachId"]),
        ({"owner": Owner.ADMIN}, ["adminId", "coachId"]),
        ({"owner": Owner.ADMIN, "admin_id": "a"}, ["coachId"]),
        ({"owner": Owner.ADMIN, "learner_ids": ("l",)}, ["adminId"]),
    ],
)
def test_a_change_of_time_names_the_missing_owner_and_participants(
    fields: dict[str, Any], missing: list[str]
) -> None:
    with pytest.raises(OwnerRequired) as caught:
        EventChange(session_id="s1", fields=fields, start=NOW).check_owner()

    assert fields_of(caught) == missing


@pytest.mark.parametrize(
    "change",
    [
        EventChange(session_id="s1", end=NOW),
        EventChange(session_id="s1", fields={"coach_ids": ("c",)}),
        EventChange(session_id="s1", fields={"learner_ids": ("l",)}),
        EventChange(session_id="s1", fields={"admin_id": "a"}),
    ],
)
def test_any_change_of_time_or_people_needs_owner(change: EventChange) -> None:
    with pytest.raises(OwnerRequired):
        change.check_owner()


@pytest.mark.parametrize(
    "change",
    [
        EventChange(session_id="s1", fields={"title": "Review"}),
        EventChange(
            session_id="s1",
            fields={"owner": Owner.COACH, "coach_ids": ("c",), "learner_ids": ("l",)},
            start=hours(8).start,
        ),
        EventChange(
            session_id="s1",
            fields={"owner": Owner.ADMIN, "admin_id": "a", "coach_ids": ("c",)},
            start=hours(8).start,
        ),
    ],
    ids=["text only", "owner with people", "admin with a coach"],
)
def test_owner_with_its_required_participants_is_enough(change: EventChange) -> None:
    applied = change.apply(draft().event(now=NOW), now=NOW)

    change.check_owner()

    assert applied.version == 2


def test_a_change_without_a_difference_returns_the_same_object() -> None:
    event = draft().event(now=NOW)

    same = EventChange(session_id="s1", fields={"title": event.title}).apply(
        event, now=hours(1).end
    )

    assert same is event


@pytest.mark.parametrize(
    ("change", "sequence"),
    [
        (EventChange(session_id="s1", fields={"title": "Review"}), 0),
        (EventChange(session_id="s1", fields={"location": "Room 2"}), 1),
        (EventChange(session_id="s1", end=hours(9, 2).end), 1),
        (EventChange(session_id="s1", start=hours(8).start), 1),
    ],
)
def test_time_and_place_increment_the_sequence_and_every_change_the_version(
    change: EventChange, sequence: int
) -> None:
    event = draft().event(now=NOW)

    after = change.apply(event, now=hours(1).start)

    assert (after.version, after.sequence, after.updated_at) == (2, sequence, hours(1).start)


def test_a_running_session_can_be_changed_but_not_moved_to_another_past_start() -> None:
    event = draft().event(now=NOW)
    later = hours(9.5).start

    longer = EventChange(session_id="s1", end=hours(9, 2).end).apply(event, now=later)

    assert longer.interval == hours(9, 2)
    with pytest.raises(StartInPast):
        EventChange(session_id="s1", start=hours(9.25).start).apply(event, now=later)


def test_a_change_that_removes_the_participants_owner_needs_is_rejected() -> None:
    with pytest.raises(InvalidRequest):
        EventChange(session_id="s1", fields={"learner_ids": ()}).apply(
            draft().event(now=NOW), now=NOW
        )


DIFFERENT: Mapping[str, tuple[Any, set[Right]]] = {
    "title": ("Review", {Right.EDIT_DETAILS}),
    "session_link": ("https://meet.example/2", {Right.EDIT_DETAILS}),
    "location": ("Room 2", {Right.EDIT_DETAILS}),
    "zone": ("Asia/Kolkata", {Right.MOVE}),
    "coach_ids": (("coach-3",), {Right.CHANGE_PARTICIPANTS}),
    "learner_ids": ((LEARNER,), {Right.CHANGE_PARTICIPANTS}),
    "admin_id": ("admin-2", {Right.CHANGE_PARTICIPANTS}),
    "owner": (Owner.COACHEE, {Right.CHANGE_PARTICIPANTS, Right.CREATE_AS_LEARNER}),
    "contacts": ((), {Right.EDIT_CONTACTS}),
}
"""By field: another value than the stored one, and the rights that it needs."""

EQUAL: Mapping[str, Any] = {
    **{name: getattr(STORED, name) for name in DIFFERENT},
    "coach_ids": STORED.coach_ids[::-1],
    "learner_ids": STORED.learner_ids[::-1],
    "contacts": STORED.contacts[::-1],
}
"""By field: the stored value; lists in another order."""


def test_every_field_of_an_event_that_a_request_can_set_needs_a_right() -> None:
    unchangeable = {"id", "interval", "status", "created_at", "updated_at", "request_digest"}
    unchangeable |= {"version", "sequence", "audit", "approve_by", "reason"}

    unchangeable |= {"admin_part"}  # a request says whether the admin attends; tested below

    assert DIFFERENT.keys() == {each.name for each in fields_of_class(Event)} - unchangeable


@given(
    differing=st.sets(st.sampled_from(sorted(DIFFERENT))),
    repeated=st.sets(st.sampled_from(sorted(EQUAL))),
    times=st.sampled_from([{}, {"start": hours(9).start}, {"end": hours(9).end}]),
)
def test_a_change_needs_the_rights_of_exactly_the_fields_that_differ(
    differing: set[str], repeated: set[str], times: dict[str, Any]
) -> None:
    fields = {name: EQUAL[name] for name in repeated}
    fields |= {name: DIFFERENT[name][0] for name in differing}

    needed = EventChange(session_id="s1", fields=fields, **times).rights(STORED, "coach-1")

    assert set(needed) == {each for name in differing for each in DIFFERENT[name][1]}


@pytest.mark.parametrize("times", [{"start": hours(8).start}, {"end": hours(9, 2).end}])
def test_another_start_or_end_is_a_move(times: dict[str, Any]) -> None:
    moved = EventChange(session_id="s1", fields=EQUAL, **times)

    assert moved.rights(STORED, LEARNER) == (Right.MOVE,)


@pytest.mark.parametrize(
    ("user", "contacts", "needed"),
    [
        (LEARNER, (replace(LEAS, email="new@example.org"), MAXS), ()),
        (LEARNER, (MAXS,), ()),
        (OTHER, (LEAS, MAXS, Contact(OTHER, "new@example.org")), ()),
        (COACH, (replace(LEAS, email="new@example.org"), MAXS), (Right.EDIT_CONTACTS,)),
        (LEARNER, (LEAS,), (Right.EDIT_CONTACTS,)),
        (LEARNER, (LEAS, MAXS, Contact("x", "x@example.org")), (Right.EDIT_CONTACTS,)),
        (LEARNER, (LEAS, replace(MAXS, name="Max")), (Right.EDIT_CONTACTS,)),
    ],
)
def test_a_contact_of_another_user_needs_a_right_but_the_own_one_does_not(
    user: str, contacts: tuple[Contact, ...], needed: tuple[Right, ...]
) -> None:
    assert change(contacts=contacts).rights(STORED, user) == needed


@pytest.mark.parametrize(
    ("given", "merged"),
    [
        ((replace(LEAS, name="Lee"),), {replace(LEAS, name="Lee"), MAXS}),
        ((), {MAXS}),
        ((MAXS,), {MAXS}),
        ((Contact(COACH, "thief@example.org"),), {Contact(COACH, "thief@example.org")}),
    ],
)
def test_a_users_own_contact_is_added_to_the_stored_ones_of_others(
    given: tuple[Contact, ...], merged: set[Contact]
) -> None:
    own = change(contacts=given).with_own_contact_only(STORED, LEARNER)

    assert set(own.fields["contacts"]) == merged


def test_a_change_without_contacts_leaves_them() -> None:
    assert change(title="x").with_own_contact_only(STORED, LEARNER) == change(title="x")


@pytest.mark.parametrize(
    ("given", "owner"),
    [
        (EventChange(session_id="s1", fields={"owner": Owner.COACHEE}), Owner.COACHEE),
        (
            EventChange(
                session_id="s1", fields={"owner": Owner.COACHEE}, start=STORED.interval.start
            ),
            Owner.COACHEE,
        ),
        (
            EventChange(session_id="s1", fields={"owner": Owner.COACHEE}, start=hours(8).start),
            Owner.COACH,
        ),
        (change(owner=Owner.COACHEE, contacts=(MAXS,)), Owner.COACH),
        (change(owner=Owner.ADMIN, contacts=(MAXS,)), Owner.ADMIN),
        (change(owner=Owner.COACH, contacts=(MAXS,)), Owner.COACH),
    ],
)
def test_a_learner_who_names_coachee_with_another_change_does_not_become_the_owner(
    given: EventChange, owner: Owner
) -> None:
    assert given.without_own_claim(STORED).fields["owner"] is owner


@pytest.mark.parametrize(("attends", "moves_admin"), [(True, True), (False, False), (None, False)])
def test_an_admin_attends_only_after_a_change_that_says_so(
    attends: bool | None,  # noqa: FBT001 - a parameter
    moves_admin: bool,  # noqa: FBT001 - a parameter
) -> None:
    approver = draft(admin_id="admin-1").event(now=NOW)
    request = EventChange(session_id="s1", admin_attends=attends)

    assert ("admin-1" in request.apply(approver, now=NOW).participants) == moves_admin
    assert (request.apply(approver, now=NOW) is approver) != moves_admin
    needed = (Right.CHANGE_PARTICIPANTS,) if moves_admin else ()
    assert request.rights(approver, COACH) == needed


def test_an_admin_who_attends_must_be_named() -> None:
    with pytest.raises(InvalidRequest) as caught:
        EventChange(session_id="s1", admin_attends=True).apply(draft().event(now=NOW), now=NOW)

    assert fields_of(caught) == ["adminAttends"]


def test_a_new_contact_must_be_of_someone_in_the_session() -> None:
    stranger = Contact("stranger", "s@example.org")

    with pytest.raises(InvalidRequest) as caught:
        change(contacts=(LEAS, stranger)).apply(STORED, now=NOW)

    assert fields_of(caught) == ["contacts.1.userId"]
    assert "coach-1, coach-2, learner-1, learner-2" in caught.value.problems[0].message


def test_the_contact_of_a_removed_person_is_dropped() -> None:
    after = change(learner_ids=(OTHER,)).apply(STORED, now=NOW)

    assert after.contacts == (MAXS,)


def test_no_one_is_made_both_coach_and_learner() -> None:
    with pytest.raises(InvalidRequest) as caught:
        change(learner_ids=(LEARNER, COACH)).apply(STORED, now=NOW)

    assert fields_of(caught) == ["learnerId"]


def test_an_old_session_of_one_person_with_themselves_can_still_be_renamed() -> None:
    stored = replace(STORED, learner_ids=(COACH,))

    assert change(title="New").apply(stored, now=NOW).title == "New"
