"""Conflict check: are the consulted participants free, by their sessions and their calendars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.agenda import AgendaDay, conflicts
from shared.domain.errors import CalendarUnreadable, SlotTaken
from shared.domain.event import Event
from shared.domain.interval import Interval
from shared.domain.person import Person
from shared.domain.slot_rules import MINUTE, SlotRules
from shared.domain.slots import next_free
from shared.domain.zones import zone
from shared.usecases.finding.calendars import Calendars, Reading, SourceState
from shared.usecases.finding.participants import Participants

ALTERNATIVES = 5
ALTERNATIVES_WITHIN = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictReport:
    """The conflicts of an event, one sentence each."""

    taken: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()

    def __add__(self, other: "ConflictReport") -> "ConflictReport":
        return ConflictReport(
            taken=self.taken + other.taken, unreadable=self.unreadable + other.unreadable
        )


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

    def sessions(self, event: Event, agendas: Sequence[AgendaDay]) -> ConflictReport:
        """Return which consulted participants have another session at that time."""
        taken = []
        for user, role in event.consulted:
            days = [day for day in agendas if day.user_id == user]
            if conflicts(days, event.interval, leaving_out=event.id):
                taken.append(f"{role} {user} has another session at that time.")
        return ConflictReport(taken=tuple(taken))

    def calendars(self, event: Event, persons: Mapping[str, Person]) -> ConflictReport:
        """Read the calendars of the consulted participants and return their conflicts."""
        users = dict.fromkeys(user for user, _ in event.consulted)
        connections = [connection for user in users for connection in persons[user].connections]
        report = ConflictReport()
        for reading in self._calendars.read(connections, event.interval):
            report += _conflicts_in(reading, event.interval)
        return report

    def decide(
        self, event: Event, report: ConflictReport, *, allow_conflicts: bool, now: datetime
    ) -> tuple[str, ...]:
        """Return the warnings of an event that may be booked.

        Raises:
            SlotTaken: when a consulted participant is not free; it carries the alternatives.
            CalendarUnreadable: when a calendar could not be read and the rules do not treat
                unknown times as free.
        """
        if allow_conflicts:
            return report.taken + report.unreadable
        if report.taken:
            raise SlotTaken(
                f"{' '.join(report.taken)} Choose another time.",
                self._alternatives(event, now=now),
            )
        if report.unreadable and not self._rules.unverified_is_available:
            raise CalendarUnreadable(
                f"{' '.join(report.unreadable)} Retry, or ask the user to reconnect the calendar."
            )
        return report.unreadable

    def _alternatives(self, event: Event, *, now: datetime) -> tuple[Interval, ...]:
        until = event.interval.start + ALTERNATIVES_WITHIN
        length = event.interval.length
        # Slots are whole minutes long; a session may not be, so round its length up.
        rules = replace(self._rules, length=-(-length // MINUTE) * MINUTE)
        within = Interval(event.interval.start, until + rules.length).widened(
            rules.buffer_before, rules.buffer_after
        )
        users = [user for user, _ in event.consulted]
        persons = self._participants.read_persons(users, within)
        times = self._participants.read_times(
            event.consulted, persons, within, leaving_out=event.id
        )
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


def _conflicts_in(reading: Reading, interval: Interval) -> ConflictReport:
    connection = reading.connection
    calendar = f"The {connection.provider} calendar of {connection.user_id}"
    if reading.state is not SourceState.OK:
        return ConflictReport(unreadable=(f"{calendar} could not be read.",))
    if any(busy.overlaps(interval) for busy in reading.busy):
        return ConflictReport(taken=(f"{calendar} is busy at that time.",))
    return ConflictReport()
