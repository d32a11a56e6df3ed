"""A request to create an event, and the validation that changes share with it."""

import hashlib
from collections.abc import Collection
from dataclasses import MISSING, dataclass, fields, replace
from datetime import datetime, timedelta

from shared.domain.agenda import MAX_SESSION
from shared.domain.errors import FieldProblem, InvalidRequest, StartInPast
from shared.domain.event import AdminPart, Contact, Event, EventStatus, Owner
from shared.domain.interval import Interval
from shared.domain.zones import zone

MAX_PARTICIPANTS = 50
_DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingDefaults:
    """The organization's choices for new events.

    A pending event expires `pending_expires` after it was created, or only at its start if that is
    None. `admin_attends` says whether an admin takes part although a coach is named, if the request
    does not say.
    """

    pending_expires: timedelta | None = timedelta(hours=168)
    admin_attends: bool = False

    def approve_by(self, *, now: datetime) -> datetime | None:
        """Return when an event created now expires, if it is still pending then."""
        return now + self.pending_expires if self.pending_expires else None


DEFAULTS = BookingDefaults()
"""The choices of an organization that sets none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDraft:
    """A request to book a session."""

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
    admin_attends: bool | None = None
    reopen: bool = False

    @property
    def digest(self) -> str:
        """A digest of the request that does not depend on the order of its people and contacts.

        Fields with their default value are left out, so that a new optional field does not change
        the digests of requests without it. Whether the request may reopen an event does not count.
        """
        ordered = replace(
            self,
            reopen=False,
            coach_ids=tuple(sorted(self.coach_ids)),
            learner_ids=tuple(sorted(self.learner_ids)),
            contacts=tuple(sorted(self.contacts, key=repr)),
        )
        given = [
            (each.name, getattr(ordered, each.name))
            for each in fields(ordered)
            if each.default is MISSING or getattr(ordered, each.name) != each.default
        ]
        return hashlib.sha256(repr(sorted(given)).encode()).hexdigest()

    def event(self, *, now: datetime, defaults: BookingDefaults = DEFAULTS) -> Event:
        """Return the requested event.

        Raises:
            InvalidRequest: naming the invalid field.
        """
        event = Event(
            id=self.session_id,
            title=self.title,
            interval=session_interval(self.start, self.end, self.zone),
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
            admin_part=self._admin_part(defaults),
            approve_by=None if self.auto_approval else defaults.approve_by(now=now),
        )
        check_admin(self.admin_attends, self.admin_id)
        check_people(event)
        check_contacts(event)
        return event

    def _admin_part(self, defaults: BookingDefaults) -> AdminPart:
        if self.admin_attends is not None:
            return AdminPart.of(attends=self.admin_attends)
        return AdminPart.ALWAYS if defaults.admin_attends else AdminPart.WITHOUT_COACH


def session_interval(start: datetime, end: datetime, zone_name: str) -> Interval:
    """Return the interval of a session in a zone.

    It lasts at most 24 hours, or as long as a local day on which the clock goes back an hour.

    Raises:
        InvalidRequest: when it ends before it starts, is empty or lasts too long.
    """
    if end <= start:
        problem = FieldProblem("endTime", "must be after startTime")
        raise InvalidRequest("endTime must be after startTime.", [problem])
    interval = Interval(start, end)
    if min(interval.length, _wall_clock_length(interval, zone_name)) > _DAY or (
        interval.length > MAX_SESSION
    ):
        problem = FieldProblem("endTime", "must be at most 24 hours after startTime")
        raise InvalidRequest("A session can last at most 24 hours.", [problem])
    return interval


def _wall_clock_length(interval: Interval, zone_name: str) -> timedelta:
    """Return how far the clock of the zone seems to move on during the interval."""
    local = zone(zone_name)
    start, end = (each.astimezone(local) for each in (interval.start, interval.end))
    return end.replace(tzinfo=None) - start.replace(tzinfo=None)


def check_not_past(event: Event, *, now: datetime) -> None:
    """Require a start at `now` or later.

    Raises:
        StartInPast: when the event starts before `now`.
    """
    if event.interval.start < now:
        problem = FieldProblem("startTime", f"must not be before now ({now:%Y-%m-%dT%H:%M:%SZ})")
        raise StartInPast("startTime is in the past; choose a later time.", [problem])


def check_people(event: Event) -> None:
    """Require the participants the owner needs, at most 50, and none as both coach and learner.

    Raises:
        InvalidRequest: naming the field.
    """
    both = ", ".join(sorted({*event.coach_ids} & {*event.learner_ids}))
    _require(not both, "learnerId", f"a person is coach or learner, not both: {both}")
    if event.owner is Owner.ADMIN:
        _require(bool(event.admin_id), "adminId", "owner ADMIN needs adminId")
        has_people = bool(event.coach_ids or event.learner_ids)
        _require(has_people, "coachId", "owner ADMIN needs at least one coachId or learnerId")
    else:
        _require(
            bool(event.coach_ids), "coachId", f"owner {event.owner} needs at least one coachId"
        )
        _require(
            bool(event.learner_ids),
            "learnerId",
            f"owner {event.owner} needs at least one learnerId",
        )
    fits = len(event.participants) <= MAX_PARTICIPANTS
    _require(fits, "learnerId", f"a session can have at most {MAX_PARTICIPANTS} participants")


def check_admin(attends: bool | None, admin_id: str | None) -> None:  # noqa: FBT001 - adminAttends
    """Require adminId with a request that says that the admin attends.

    Raises:
        InvalidRequest: when it is missing.
    """
    _require(not attends or admin_id is not None, "adminAttends", "adminAttends needs adminId")


def check_contacts(event: Event, *, known: Collection[Contact] = ()) -> None:
    """Require contacts of people whom the session names, except those in `known`.

    Raises:
        InvalidRequest: naming each other contact, with the ids that the session has.
    """
    message = f"is not in the session; its ids are {', '.join(event.named)}"
    problems = [
        FieldProblem(f"contacts.{number}.userId", message)
        for number, each in enumerate(event.contacts)
        if each.user_id not in event.named and each not in known
    ]
    if problems:
        raise InvalidRequest("contacts names someone who is not in the session.", problems)


def _require(condition: bool, name: str, message: str) -> None:  # noqa: FBT001 - a short helper
    if not condition:
        raise InvalidRequest(f"{message[0].upper()}{message[1:]}.", [FieldProblem(name, message)])
