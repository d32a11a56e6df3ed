"""A request to change an event: what it differs in, and the rights this needs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from shared.domain.draft import (
    check_admin,
    check_contacts,
    check_not_past,
    check_people,
    session_interval,
)
from shared.domain.errors import FieldProblem, OwnerRequired
from shared.domain.event import AdminPart, Contact, Event, Owner
from shared.domain.policy import CREATIONS, Right


@dataclass(frozen=True, slots=True, kw_only=True)
class EventChange:
    """A request to change an event; `fields` has only the fields given, by their `Event` names.

    `start` and `end` are the two ends of its interval.
    """

    session_id: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    start: datetime | None = None
    end: datetime | None = None
    expected_version: int | None = None
    allow_conflicts: bool = False
    admin_attends: bool | None = None

    def check_owner(self) -> None:
        """Require owner, and the participants that owner needs, for a change of time or people.

        Raises:
            OwnerRequired: naming the missing fields.
        """
        people = ("coach_ids", "learner_ids", "admin_id")
        moves = self.start or self.end or any(name in self.fields for name in people)
        if moves and (missing := self._missing()):
            raise OwnerRequired(
                "A change of time or people requires owner and the participants that owner needs.",
                [FieldProblem(name, "is required with this change") for name in missing],
            )

    def _missing(self) -> list[str]:
        given = self.fields.get
        if "owner" not in self.fields:
            return ["owner"]
        if self.fields["owner"] is Owner.ADMIN:
            has_people = given("coach_ids") or given("learner_ids")
            return [
                *([] if given("admin_id") else ["adminId"]),
                *([] if has_people else ["coachId"]),
            ]
        return [
            *([] if given("coach_ids") else ["coachId"]),
            *([] if given("learner_ids") else ["learnerId"]),
        ]

    def rights(self, event: Event, user_id: str) -> tuple[Right, ...]:
        """Return what the change needs a right to; values equal to the stored ones need none.

        Users may give their own contact without a right. Another owner also needs the right to
        create a session with that owner.
        """
        differing = self._differing(event)
        if _names_only(user_id, event.contacts, differing.get("contacts", event.contacts)):
            differing.pop("contacts", None)
        needed = {_RIGHTS[name] for name in differing}
        if self._moves(event):
            needed.add(Right.MOVE)
        if "owner" in differing:
            needed.add(CREATIONS[differing["owner"]])
        return tuple(sorted(needed))

    def without_own_claim(self, event: Event) -> "EventChange":
        """Return the change by a learner who may not change the owner.

        A change of time must name an owner, and a learner can only name COACHEE. In a change of
        something else this does not make the session theirs: the stored owner stays.
        """
        differing = self._differing(event)
        has_more = len(differing) > 1 or self._moves(event)
        if differing.get("owner") is not Owner.COACHEE or not has_more:
            return self
        return replace(self, fields={**self.fields, "owner": event.owner})

    def with_own_contact_only(self, event: Event, user_id: str) -> "EventChange":
        """Return the change with the stored contacts of everyone but this user.

        For a caller who may not see or set the addresses of others. The contacts given for others
        stay, so that `rights` still reports them.
        """
        given = self.fields.get("contacts")
        if given is None:
            return self
        named = {each.user_id for each in given}
        others = tuple(each for each in event.contacts if each.user_id not in {*named, user_id})
        contacts = tuple(sorted((*others, *given), key=lambda each: each.user_id))
        return replace(self, fields={**self.fields, "contacts": contacts})

    def apply(self, event: Event, *, now: datetime) -> Event:
        """Return the changed event, or the same object when nothing differs.

        A list of the same participants in another order is no change. Contacts of people who are no
        longer in the session are dropped.

        Raises:
            InvalidRequest: naming the invalid field.
        """
        zone = self.fields.get("zone", event.zone)
        interval = session_interval(*self._interval(event), zone)
        changed = replace(event, interval=interval, **self._differing(event))
        check_admin(self.admin_attends, changed.admin_id)
        if changed == event:
            return event
        if _people(changed) != _people(event):
            check_people(changed)
        check_contacts(changed, known=event.contacts)
        contacts = tuple(each for each in changed.contacts if each.user_id in changed.named)
        changed = replace(changed, contacts=contacts)
        if interval.start != event.interval.start:
            check_not_past(changed, now=now)
        moved = (interval, changed.location) != (event.interval, event.location)
        return replace(
            changed,
            version=event.version + 1,
            sequence=event.sequence + moved,
            updated_at=now,
        )

    def _moves(self, event: Event) -> bool:
        return self._interval(event) != (event.interval.start, event.interval.end)

    def _interval(self, event: Event) -> tuple[datetime, datetime]:
        return self.start or event.interval.start, self.end or event.interval.end

    def _differing(self, event: Event) -> dict[str, Any]:
        """Return the fields with another value than the stored one."""
        differing = {
            name: value
            for name, value in self.fields.items()
            if not _is_same(name, getattr(event, name), value)
        }
        attends = replace(event, **differing).attending_admin is not None
        if self.admin_attends is not None and self.admin_attends is not attends:
            differing["admin_part"] = AdminPart.of(attends=self.admin_attends)
        return differing


def _names_only(user_id: str, stored: Iterable[Contact], given: Iterable[Contact]) -> bool:
    """Whether the two lists of contacts differ in the contact of that user only."""
    return {each.user_id for each in {*stored} ^ {*given}} <= {user_id}


def _people(event: Event) -> tuple[Any, ...]:
    return event.owner, event.coach_ids, event.learner_ids, event.admin_id, event.admin_part


def _is_same(name: str, stored: Any, given: Any) -> bool:
    """Whether the given value of a field leaves the event as it is."""
    if name in {"coach_ids", "learner_ids", "contacts"}:
        return set(stored) == set(given)
    return bool(stored == given)


_RIGHTS: Mapping[str, Right] = {
    "title": Right.EDIT_DETAILS,
    "session_link": Right.EDIT_DETAILS,
    "location": Right.EDIT_DETAILS,
    "zone": Right.MOVE,
    "owner": Right.CHANGE_PARTICIPANTS,
    "coach_ids": Right.CHANGE_PARTICIPANTS,
    "learner_ids": Right.CHANGE_PARTICIPANTS,
    "admin_id": Right.CHANGE_PARTICIPANTS,
    "admin_part": Right.CHANGE_PARTICIPANTS,
    "contacts": Right.EDIT_CONTACTS,
}
"""The right that a change of each field needs."""
