"""Whether the people who must be free are: their sessions first, then their calendars."""

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
    """What stands against an event, one sentence each."""

    taken: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()

    def __add__(self, other: "ConflictReport") -> "ConflictReport":
        return ConflictReport(
            taken=self.taken + other.taken, unreadable=self.unreadable + other.unreadable
        )


class ConflictCheck:
    """Decides whether an event may hold its time."""

    def __init__(
        self,
        *,
        calendars: Calendars,
        consultation: Participants,
        rules: SlotRules,
    ) -> None:
        self._calendars = calendars
        self._consultation = consultation
        self._rules = rules

    def sessions(self, event: Event, agendas: Sequence[AgendaDay]) -> ConflictReport:
        """Return which of the people consulted already take part in a session then."""
        taken = []
        for user, role in event.consulted:
            days = [day for day in agendas if day.user_id == user]
            if conflicts(days, event.interval, leaving_out=event.id):
                taken.append(f"{role} {user} takes part in another session then.")
        return ConflictReport(taken=tuple(taken))

    def calendars(self, event: Event, persons: Mapping[str, Person]) -> ConflictReport:
        """Return what the connected calendars of the people consulted say, asked just now."""
        users = dict.fromkeys(user for user, _ in event.consulted)
        connections = [each for user in users for each in persons[user].connections]
        findings = ConflictReport()
        for reading in self._calendars.read(connections, event.interval):
            findings += _finding(reading, event.interval)
        return findings

    def judge(
        self, event: Event, findings: ConflictReport, *, allow_conflicts: bool, now: datetime
    ) -> tuple[str, ...]:
        """Return what to warn of, when the event may be booked all the same.

        Raises:
            SlotTaken: when somebody is taken; with the next times that suit.
            CalendarUnreadable: when a calendar could not be read and unknown is not free.
        """
        if allow_conflicts:
            return findings.taken + findings.unreadable
        if findings.taken:
            raise SlotTaken(
                f"{' '.join(findings.taken)} Choose another time.",
                self._alternatives(event, now=now),
            )
        if findings.unreadable and not self._rules.unverified_is_available:
            raise CalendarUnreadable(
                f"{' '.join(findings.unreadable)} Try again, or have the calendar reconnected."
            )
        return findings.unreadable

    def _alternatives(self, event: Event, *, now: datetime) -> tuple[Interval, ...]:
        until = event.interval.start + ALTERNATIVES_WITHIN
        length = event.interval.length
        # Slots are whole minutes long; a session need not be.
        rules = replace(self._rules, length=-(-length // MINUTE) * MINUTE)
        within = Interval(event.interval.start, until + rules.length).widened(
            rules.buffer_before, rules.buffer_after
        )
        known = self._consultation.known([user for user, _ in event.consulted], within)
        gathered = self._consultation.gather(event.consulted, known, within, leaving_out=event.id)
        found = next_free(
            zone(event.zone),
            gathered.consulted,
            rules,
            after=event.interval.start,
            until=until,
            limit=ALTERNATIVES,
            now=now,
        )
        return tuple(Interval(each.start, each.start + length) for each in found)


def _finding(reading: Reading, interval: Interval) -> ConflictReport:
    connection = reading.connection
    whose = f"The {connection.provider} calendar of {connection.user_id}"
    if reading.state is not SourceState.OK:
        return ConflictReport(unreadable=(f"{whose} could not be read.",))
    if any(busy.overlaps(interval) for busy in reading.busy):
        return ConflictReport(taken=(f"{whose} is busy then.",))
    return ConflictReport()
