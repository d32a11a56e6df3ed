"""What callers ask of an event, and the rules such a request must follow by itself."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from shared.domain.agenda import MAX_SESSION
from shared.domain.caller import Caller
from shared.domain.errors import FieldProblem, Forbidden, InvalidRequest, OwnerRequired, StartInPast
from shared.domain.event import Contact, Event, EventStatus, Owner
from shared.domain.interval import Interval

MOST_PARTICIPANTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDraft:
    """A session to be booked."""

    session_id: str
    title: str
    start: datetime
    end: datetime
    zone: str
    owner: Owner
    coach_ids: tuple[str, ...]
    learner_ids: tuple[str, ...]
    admin_id: str | None
    session_link: str | None = None
    location: str | None = None
    contacts: tuple[Contact, ...] = ()
    auto_approval: bool = False
    allow_conflicts: bool = False

    @property
    def digest(self) -> str:
        """The same for the same request, whatever the order of its people."""
        same = replace(
            self,
            coach_ids=tuple(sorted(self.coach_ids)),
            learner_ids=tuple(sorted(self.learner_ids)),
        )
        return hashlib.sha256(repr(same).encode()).hexdigest()

    def event(self, *, now: datetime) -> Event:
        """Return the event this draft asks for.

        Raises:
            InvalidRequest: naming the field that breaks a rule.
        """
        event = Event(
            id=self.session_id,
            title=self.title,
            interval=session_interval(self.start, self.end),
            zone=self.zone,
            owner=self.owner,
            coach_ids=self.coach_ids,
            learner_ids=self.learner_ids,
            admin_id=self.admin_id,
            session_link=self.session_link,
            location=self.location,
            contacts=self.contacts,
            status=EventStatus.SCHEDULED if self.auto_approval else EventStatus.PENDING_APPROVAL,
            request_digest=self.digest,
            created_at=now,
            updated_at=now,
        )
        check_people(event)
        return event


@dataclass(frozen=True, slots=True, kw_only=True)
class EventChange:
    """What to change of an event; `fields` holds only what was given, by `Event`'s names.

    `start` and `end` stand for the two ends of its interval.
    """

    session_id: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    start: datetime | None = None
    end: datetime | None = None
    expected_version: int | None = None
    allow_conflicts: bool = False

    def check_owner(self) -> None:
        """Pass a change of time or people only with owner and whom that owner needs.

        Raises:
            OwnerRequired: naming what is missing.
        """
        people = ("coach_ids", "learner_ids", "admin_id")
        moves = self.start or self.end or any(name in self.fields for name in people)
        if moves and (missing := self._missing()):
            raise OwnerRequired(
                "A change of time or people needs owner and the participants that owner needs.",
                [FieldProblem(name, "is required with this change") for name in missing],
            )

    def _missing(self) -> list[str]:
        given = self.fields.get
        if "owner" not in self.fields:
            return ["owner"]
        if self.fields["owner"] is Owner.ADMIN:
            some = given("coach_ids") or given("learner_ids")
            return [*([] if given("admin_id") else ["adminId"]), *([] if some else ["coachId"])]
        return [
            *([] if given("coach_ids") else ["coachId"]),
            *([] if given("learner_ids") else ["learnerId"]),
        ]

    def apply(self, event: Event, *, now: datetime) -> Event:
        """Return the event as changed, or the very same one when nothing differs.

        Raises:
            InvalidRequest: naming the field that breaks a rule.
        """
        interval = session_interval(
            self.start or event.interval.start, self.end or event.interval.end
        )
        changed = replace(event, interval=interval, **self.fields)
        if changed == event:
            return event
        check_people(changed)
        if interval.start != event.interval.start:
            check_not_past(changed, now=now)
        moved = (interval, changed.location) != (event.interval, event.location)
        return replace(
            changed,
            version=event.version + 1,
            sequence=event.sequence + moved,
            updated_at=now,
        )


def session_interval(start: datetime, end: datetime) -> Interval:
    """Return the time of a session.

    Raises:
        InvalidRequest: when it ends before it starts, is empty or lasts over 24 hours.
    """
    if end <= start:
        problem = FieldProblem("endTime", "must be after startTime")
        raise InvalidRequest("endTime must be after startTime.", [problem])
    if end - start > MAX_SESSION:
        problem = FieldProblem("endTime", "must be at most 24 hours after startTime")
        raise InvalidRequest("A session lasts 24 hours at most.", [problem])
    return Interval(start, end)


def check_not_past(event: Event, *, now: datetime) -> None:
    """Pass only an event that starts now or later.

    Raises:
        StartInPast: when it starts before `now`.
    """
    if event.interval.start < now:
        problem = FieldProblem("startTime", f"must not be before now ({now:%Y-%m-%dT%H:%M:%SZ})")
        raise StartInPast("startTime is in the past; choose a later one.", [problem])


def check_people(event: Event) -> None:
    """Pass only an event with the participants its owner needs, and at most 50.

    Raises:
        InvalidRequest: naming who is missing.
    """
    if event.owner is Owner.ADMIN:
        _need(bool(event.admin_id), "adminId", "owner ADMIN needs adminId")
        some = bool(event.coach_ids or event.learner_ids)
        _need(some, "coachId", "owner ADMIN needs at least one coachId or learnerId")
    else:
        _need(bool(event.coach_ids), "coachId", f"owner {event.owner} needs at least one coachId")
        _need(
            bool(event.learner_ids),
            "learnerId",
            f"owner {event.owner} needs at least one learnerId",
        )
    few = len(event.participants) <= MOST_PARTICIPANTS
    _need(few, "learnerId", f"a session has at most {MOST_PARTICIPANTS} participants")


def check_owner_is(caller: Caller, event: Event) -> None:
    """Pass only the owner that the event names, or Admin.

    Raises:
        Forbidden: for anybody else.
    """
    owners = {
        Owner.COACH: event.coach_ids,
        Owner.COACHEE: event.learner_ids,
        Owner.ADMIN: (event.admin_id,),
    }[event.owner]
    if not caller.is_admin and caller.user_id not in owners:
        raise Forbidden(
            f"owner {event.owner} means that you are among its people in the request; "
            "only Admin may act for others."
        )


def _need(holds: bool, name: str, message: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise InvalidRequest(f"{message[0].upper()}{message[1:]}.", [FieldProblem(name, message)])
