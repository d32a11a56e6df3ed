"""Conflict check: are the people of a session available at its time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from shared.domain.agenda import AgendaDay
from shared.domain.booking_rules import BookingRules
from shared.domain.caller import Caller
from shared.domain.checked_people import CheckedPerson
from shared.domain.errors import CalendarUnreadable, OutsideAvailability, SlotTaken
from shared.domain.event import Event
from shared.domain.interval import Interval
from shared.domain.obstacles import PersonTime, outside, taken, too_soon
from shared.domain.person import Person
from shared.domain.role import Role
from shared.domain.slot_rules import ConsultedPerson, Obstacle, SlotRules
from shared.domain.warning import BookingWarning, obstacle_warning
from shared.usecases.booking.alternatives import Alternatives
from shared.usecases.finding.calendars import Calendars, Reading, SourceState
from shared.usecases.finding.explanations import entries_of
from shared.usecases.finding.participants import Participants, PersonData

_BUSY = frozenset({Obstacle.SESSION, Obstacle.CALENDAR})
_RULES = frozenset({Obstacle.OUTSIDE_WINDOWS, Obstacle.HOLIDAY, Obstacle.BUFFER, Obstacle.NOTICE})
_OF_COACHES = frozenset({Obstacle.OUTSIDE_WINDOWS, Obstacle.NOTICE})
"""The rules that are about coaches; a session is in the learner's own interest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest:
    """A booking to check. `people` are those whose time is checked, with that time.

    `has_new_start` says that the start is not one that was booked before; the minimum notice
    applies to it. `are_rules_binding` is false where the booking rules only warn.
    """

    caller: Caller
    event: Event
    people: tuple[CheckedPerson, ...]
    agendas: Sequence[AgendaDay]
    persons: Mapping[str, Person]
    has_new_start: bool
    are_rules_binding: bool
    allow_conflicts: bool
    now: datetime

    def data(self, user_id: str) -> PersonData:
        """Return what is stored about a participant."""
        agenda = tuple(day for day in self.agendas if day.user_id == user_id)
        return PersonData(person=self.persons[user_id], agenda=agenda)


class FoundObstacle(NamedTuple):
    """An obstacle of one person whose time was checked."""

    person: CheckedPerson
    obstacle: Obstacle

    @property
    def warning(self) -> BookingWarning:
        """The warning about it."""
        return obstacle_warning(self.obstacle, self.person.user_id, self.person.role)


class ConflictCheck:
    """Decides whether an event can be booked at its time, by the functions that explain slots."""

    def __init__(
        self,
        *,
        calendars: Calendars,
        participants: Participants,
        rules: SlotRules,
        booking_rules: BookingRules = BookingRules.ENFORCE_LEARNERS,
    ) -> None:
        self._calendars = calendars
        self._participants = participants
        self._rules = rules
        self._booking_rules = booking_rules
        self._alternatives = Alternatives(participants=participants, rules=rules)

    def reach(self, event: Event) -> Interval:
        """Return the interval whose sessions decide about the event."""
        return self._rules.around_session(event.interval)

    def bind(self, caller: Caller, event: Event) -> bool:
        """Return whether the booking rules bind the caller."""
        return self._booking_rules.bind(caller, event)

    def warnings(self, request: CheckRequest) -> tuple[BookingWarning, ...]:
        """Return the warnings of an event that may be booked; people who must be free come first.

        Calendars are read only if nothing that is stored prevents the booking.

        Raises:
            SlotTaken: when a person who must be free is not; it carries the alternatives.
            OutsideAvailability: when the time breaks a binding booking rule; likewise.
            CalendarUnreadable: when a calendar could not be read and the rules do not treat
                unknown times as free.
        """
        found = dict.fromkeys(self._stored(request))
        self._require_free(request, found)
        found |= dict.fromkeys(self._in_calendars(request))
        self._require_free(request, found)
        self._require_read(request, found)
        return tuple(
            each.warning for each in sorted(found, key=lambda each: not each.person.must_be_free)
        )

    def _stored(self, request: CheckRequest) -> Iterator[FoundObstacle]:
        """Yield the obstacles that stored data shows: sessions, windows, holidays, notice."""
        for each in request.people:
            data = request.data(each.user_id)
            own = PersonTime(
                person=self._consulted(data, each.role),
                sessions=data.sessions(leaving_out=request.event.id),
            )
            for time in each.times:
                yield from self._found(each, taken(time, own, self._rules))
                yield from self._found(each, outside(time, own.person))
            if request.has_new_start:
                start = request.event.interval.start
                yield from self._found(each, too_soon(start, self._rules, now=request.now))

    def _found(
        self, person: CheckedPerson, obstacles: Iterable[Obstacle]
    ) -> Iterator[FoundObstacle]:
        """Yield what counts for the person: windows and notice are those of coaches."""
        for each in obstacles:
            if person.role is Role.COACH or each not in _OF_COACHES:
                yield FoundObstacle(person, each)

    def _in_calendars(self, request: CheckRequest) -> Iterator[FoundObstacle]:
        """Read the calendars of the people and yield their obstacles."""
        readings = self._read(request)
        for each in request.people:
            data = request.data(each.user_id)
            known = data.known_sessions | {request.event.id}
            entries = entries_of(each.user_id, readings, known)
            own = PersonTime(person=self._consulted(data, each.role), entries=entries)
            if _is_unread(each.user_id, readings):
                yield FoundObstacle(each, Obstacle.UNVERIFIED)
            for time in each.times:
                yield from self._found(each, taken(time, own, self._rules))

    def _read(self, request: CheckRequest) -> tuple[Reading, ...]:
        times = [time for each in request.people for time in each.times]
        if not times:
            return ()
        users = dict.fromkeys(each.user_id for each in request.people)
        connections = [each for user in users for each in request.persons[user].connections]
        whole = Interval(min(each.start for each in times), max(each.end for each in times))
        within = whole.widened(self._rules.buffer_before, self._rules.buffer_after)
        zones = {user: request.persons[user].own_zone for user in users}
        return self._calendars.read(connections, within, zones)

    def _consulted(self, data: PersonData, role: Role) -> ConsultedPerson:
        return self._participants.consulted(data, role, self._rules, is_alone=False)

    def _require_free(self, request: CheckRequest, found: Iterable[FoundObstacle]) -> None:
        if request.allow_conflicts:
            return
        if busy := _sentences(found, _BUSY):
            alternatives = self._alternatives.to(request.event, request.caller, now=request.now)
            raise SlotTaken(f"{busy} Choose another time.", alternatives)
        if request.are_rules_binding and (broken := _sentences(found, _RULES)):
            alternatives = self._alternatives.to(request.event, request.caller, now=request.now)
            raise OutsideAvailability(f"{broken} Choose another time.", alternatives)

    def _require_read(self, request: CheckRequest, found: Iterable[FoundObstacle]) -> None:
        unread = _sentences(found, {Obstacle.UNVERIFIED})
        if unread and not request.allow_conflicts and not self._rules.unverified_is_available:
            raise CalendarUnreadable(f"{unread} Retry, or ask the user to reconnect the calendar.")


def _sentences(found: Iterable[FoundObstacle], obstacles: Iterable[Obstacle]) -> str:
    """Return one sentence for each of these obstacles of people who must be free."""
    return " ".join(
        each.warning.message
        for each in found
        if each.person.must_be_free and each.obstacle in obstacles
    )


def _is_unread(user_id: str, readings: Iterable[Reading]) -> bool:
    return any(
        reading.state is not SourceState.OK
        for reading in readings
        if reading.connection.user_id == user_id
    )
