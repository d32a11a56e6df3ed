"""Conflict check: are the participants free, by their sessions and their calendars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.agenda import AgendaDay, conflicts
from shared.domain.errors import CalendarUnreadable, SlotTaken
from shared.domain.event import Event
from shared.domain.interval import Interval
from shared.domain.person import Person
from shared.domain.role import Role
from shared.domain.slot_rules import MINUTE, SlotRules
from shared.domain.slots import next_free
from shared.domain.zones import zone
from shared.usecases.finding.calendars import Calendars, Reading, SourceState
from shared.usecases.finding.participants import Participants

ALTERNATIVES = 5
ALTERNATIVES_WITHIN = timedelta(days=14)


People = Sequence[tuple[str, Role]]
"""User ids, each with the role in which the user takes part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictReport:
    """The conflicts of people who must be free and of other participants, one sentence each.

    A sentence occurs once, also when a person has several busy calendars.
    """

    taken: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def __add__(self, other: "ConflictReport") -> "ConflictReport":
        return ConflictReport(
            taken=_once(self.taken + other.taken),
            unreadable=_once(self.unreadable + other.unreadable),
            others=_once(self.others + other.others),
        )

    @property
    def as_warnings(self) -> "ConflictReport":
        """The same conflicts, of people who need not be free."""
        return ConflictReport(others=self.taken + self.unreadable + self.others)


class ConflictCheck:
    """Decides whether an event can be booked at its time."""

    def __init__(
        self,
        *,
        calendars: Calendars,
        participants: Participants,
        rules: SlotRules,
    ) -> None:
        self._calendars = calendars
        self._participants = participants
        self._rules = rules

    def sessions(
        self, event: Event, agendas: Sequence[AgendaDay], required: People
    ) -> ConflictReport:
        """Return which coaches and learners have another session at that time."""
        report = ConflictReport()
        for user, role in event.attendees:
            days = [day for day in agendas if day.user_id == user]
            if conflicts(days, event.interval, leaving_out=event.id):
                taken = ConflictReport(taken=(f"{role} {user} has another session at that time.",))
                report += taken if (user, role) in required else taken.as_warnings
        return report

    def calendars(
        self, event: Event, persons: Mapping[str, Person], required: People
    ) -> ConflictReport:
        """Read the calendars of the coaches and learners and return their conflicts."""
        must_be_free = {user for user, _ in required}
        users = dict.fromkeys(user for user, _ in event.attendees)
        connections = [connection for user in users for connection in persons[user].connections]
        report = ConflictReport()
        for reading in self._calendars.read(connections, event.interval):
            found = _conflicts_in(reading, event.interval)
            is_required = reading.connection.user_id in must_be_free
            report += found if is_required else found.as_warnings
        return report

    def decide(
        self,
        event: Event,
        report: ConflictReport,
        required: People,
        *,
        allow_conflicts: bool,
        now: datetime,
    ) -> tuple[str, ...]:
        """Return the warnings of an event that may be booked.

        Raises:
            SlotTaken: when a participant who must be free is not; it carries the alternatives.
            CalendarUnreadable: when a calendar could not be read and the rules do not treat
                unknown times as free.
        """
        if allow_conflicts:
            return report.taken + report.unreadable + report.others
        if report.taken:
            raise SlotTaken(
                f"{' '.join(report.taken)} Choose another time.",
                self._alternatives(event, required, now=now),
            )
        if report.unreadable and not self._rules.unverified_is_available:
            raise CalendarUnreadable(
                f"{' '.join(report.unreadable)} Retry, or ask the user to reconnect the calendar."
            )
        return report.unreadable + report.others

    def _alternatives(
        self, event: Event, required: People, *, now: datetime
    ) -> tuple[Interval, ...]:
        until = event.interval.start + ALTERNATIVES_WITHIN
        length = event.interval.length
        # Slots are whole minutes long; a session may not be, so round its length up.
        rules = replace(self._rules, length=-(-length // MINUTE) * MINUTE)
        within = Interval(event.interval.start, until + rules.length).widened(
            rules.buffer_before, rules.buffer_after
        )
        users = [user for user, _ in required]
        persons = self._participants.read_persons(users, within)
        times = self._participants.read_times(required, persons, within, leaving_out=event.id)
        slots = next_free(
            zone(event.zone),
            times.consulted,
            rules,
            after=event.interval.start,
            until=until,
            limit=ALTERNATIVES,
            now=now,
        )
        return tuple(Interval(slot.start, slot.start + length) for slot in slots)


def _once(sentences: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sentences))


def _conflicts_in(reading: Reading, interval: Interval) -> ConflictReport:
    # Which providers a user has connected is for the user and Admins only.
    calendar = f"A calendar of {reading.connection.user_id}"
    if reading.state is not SourceState.OK:
        return ConflictReport(unreadable=(f"{calendar} could not be read.",))
    if any(busy.overlaps(interval) for busy in reading.busy):
        return ConflictReport(taken=(f"{calendar} is busy at that time.",))
    return ConflictReport()
