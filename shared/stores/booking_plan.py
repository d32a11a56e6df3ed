"""The agenda days that a booking writes, releases and checks, as a pure decision."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from shared.domain.agenda import (
    AgendaDay,
    SessionHeading,
    check_room,
    days_touching,
    is_optional,
    is_own,
    session_heading,
)
from shared.domain.errors import TooLarge
from shared.domain.event import Event
from shared.stores.attributes import AgendaEntry

MAX_ACTIONS = 100
"""The DynamoDB limit for one transaction; the event itself is one action."""

MOST_HEADED = 16
"""Participants of the largest session that has headings; more would not fit one transaction.

Moved, such a session has 16 new holds, 16 new and 16 old headings, and its guarded days.
"""

DayKey = tuple[str, date]
"""A user and a UTC date."""


@dataclass(frozen=True, slots=True)
class BookingPlan:
    """The agenda days of one transaction; no day is in two of the lists.

    `hold`: days to write the event's entry to. `release`: days to remove the event from. `check`:
    days that must only be unchanged. `guards`: the version each guarded day must still have.
    `unwritten`: days in `hold` without an item. `stale`: stale holds, released after the
    transaction. `head` and `unhead`: days whose heading of the event to write or to delete.
    """

    hold: tuple[DayKey, ...]
    release: tuple[DayKey, ...]
    check: tuple[DayKey, ...]
    guards: Mapping[DayKey, int]
    unwritten: frozenset[DayKey]
    stale: tuple[DayKey, ...]
    head: tuple[DayKey, ...] = ()
    unhead: tuple[DayKey, ...] = ()


def agenda_entry(event: Event, user_id: str) -> AgendaEntry:
    """Return the event's entry in the agenda of a participant."""
    return AgendaEntry(
        event.interval,
        pending_until=event.pending_until,
        is_own=is_own(event, user_id),
        is_optional=is_optional(event, user_id),
    )


def holds(event: Event | None) -> dict[DayKey, AgendaEntry]:
    """Return the event's holds: its entry on the start day of every participant."""
    if event is None or event.is_closed:
        return {}
    day = event.interval.start.date()
    return {(user_id, day): agenda_entry(event, user_id) for user_id in event.participants}


def headings(event: Event | None) -> dict[DayKey, SessionHeading]:
    """Return the event's headings: one on the start day of each of at most 16 participants."""
    if event is None or len(event.participants) > MOST_HEADED:
        return {}
    day, heading = event.interval.start.date(), session_heading(event)
    return {(user_id, day): heading for user_id in event.participants}


def changed_holds(event: Event, previous: Event | None) -> tuple[DayKey, ...]:
    """Return the days whose item must be written to match the event.

    A new heading rewrites the entry too, because older versions stored the heading in it.
    """
    before = holds(previous)
    is_same = previous is not None and session_heading(previous) == session_heading(event)
    return tuple(
        key for key, entry in holds(event).items() if not is_same or before.get(key) != entry
    )


def plan(
    event: Event,
    previous: Event | None,
    *,
    guarded: Sequence[str],
    seen: Iterable[AgendaDay],
) -> BookingPlan:
    """Return the plan; `seen` has every day to hold and, for guarded users, every day touched.

    The transaction always includes guarded days and new holds. Releases that do not fit become
    stale holds: until they are released, those days block too much time, never too little.

    Raises:
        TooManySessions: when a participant has too many sessions on the day of the event.
        TooLarge: when the transaction is too large even without releases.
        ValueError: when `seen` lacks a day.
    """
    seen = tuple(seen)
    check_room(event, seen)
    versions = {(day.user_id, day.day): day.version for day in seen}
    after = holds(event)
    hold = changed_holds(event, previous)
    releases = [key for key in holds(previous) if key not in after and versions.get(key) != 0]
    guards = {key: version for key, version in versions.items() if key[0] in guarded}
    _require(versions, [*hold, *_touched(event, guarded)])
    check = tuple(key for key in guards if key not in {*hold, *releases})
    before, new = headings(previous), headings(event)
    head = tuple(key for key, heading in new.items() if before.get(key) != heading)
    unhead = tuple(key for key in before if key not in new)
    room = MAX_ACTIONS - 1 - len(hold) - len(check) - len(head) - len(unhead)
    # The sort is stable: guarded releases first, otherwise in the order of the participants.
    releases.sort(key=lambda key: key not in guards)
    if room < sum(key in guards for key in releases):
        raise TooLarge(
            "So many people who must be free cannot be booked at once. Name fewer coaches."
        )
    return BookingPlan(
        hold=hold,
        release=tuple(releases[:room]),
        check=check,
        guards=guards,
        unwritten=frozenset(key for key in hold if versions[key] == 0),
        stale=tuple(releases[room:]),
        head=head,
        unhead=unhead,
    )


def _touched(event: Event, guarded: Sequence[str]) -> list[DayKey]:
    if event.is_closed:
        return []
    return [(user_id, day) for user_id in guarded for day in days_touching(event.interval)]


def _require(versions: Mapping[DayKey, int], keys: Iterable[DayKey]) -> None:
    for user_id, day in keys:
        if (user_id, day) not in versions:
            raise ValueError(
                f"`seen` lacks the agenda of {user_id} on {day}; pass what `agendas` returned "
                "for the event's interval"
            )
