"""Erase one user from sessions: from coming ones first, then from what is stored of each."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

from shared.domain import transitions
from shared.domain.caller import EVENTS_SCOPE, Caller
from shared.domain.copy import Copy
from shared.domain.erasure import Erasure, anonymised
from shared.domain.errors import LostRace
from shared.domain.event import Event
from shared.domain.invite import GuestList, Invite, invite_id, shown
from shared.domain.retry import Pause, retry_lost_races
from shared.ports import Bookings, EventStore, InviteStore, PeopleStore, UserRecords


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The user to erase, with the invite ids of the addresses that are proven to be theirs."""

    erasure: Erasure
    user_id: str
    pseudonym: str
    address_ids: frozenset[str]

    def invites(self, event: Event | None, invites: Iterable[Invite]) -> list[Invite]:
        """Return the invites of the user, also those sent to the user as a guest."""
        contacts = event.contacts if event else ()
        own = {invite_id(each.email) for each in contacts if each.user_id == self.user_id}
        ids = self.address_ids | own
        return [
            each
            for each in invites
            if each.user_id == self.user_id or (each.user_id is None and each.id in ids)
        ]


class Erased(NamedTuple):
    """What was erased of one session, by kind; `is_done` is false if calendars and mail are not."""

    counts: Counter[str]
    is_done: bool = True


class SessionEraser:
    """Removes a user from sessions. Every step may be repeated after a crash.

    `pause` waits before try number n of a write that lost a race.
    """

    def __init__(
        self,
        *,
        events: EventStore,
        bookings: Bookings,
        people: PeopleStore,
        invites: InviteStore,
        records: UserRecords,
        pause: Pause,
    ) -> None:
        self._events = events
        self._bookings = bookings
        self._people = people
        self._invites = invites
        self._records = records
        self._pause = pause

    def coming(self, subject: Subject, *, at_most: int, now: datetime) -> list[str]:
        """Return the ids of sessions in the user's agenda that have not ended."""
        first = (now - timedelta(days=2)).date()
        days = self._people.agenda(subject.user_id, first, date.max)
        sessions = (each for day in days for each in day.sessions.items())
        return [session for session, interval in sessions if interval.end > now][:at_most]

    def leave(self, subject: Subject, event_id: str, *, now: datetime) -> str | None:
        """Cancel a coming session, or remove the user from a group; return what was done.

        Calendars and mail follow, as after a cancellation by a person.
        """
        error = LostRace(f"Too many concurrent writes to the event {event_id}. Retry later.")
        return retry_lost_races(
            partial(self._leave, subject, event_id, now=now), pause=self._pause, error=error
        )

    def _leave(self, subject: Subject, event_id: str, *, now: datetime) -> str | None:
        before = self._events.find(event_id)
        if before is None or before.is_closed or subject.user_id not in before.participants:
            return None
        self._bookings.release_stale_holds(event_id)
        by = Caller(user_id=subject.erasure.requested_by, scopes=frozenset({EVENTS_SCOPE}))
        after = transitions.without_participant(before, subject.user_id, by, now=now)
        # First, so that a crash after the commit, which frees the agenda, does not lose the event.
        self._records.record_users(after, [subject.user_id])
        self._bookings.commit(after, previous=before)
        return "sessionsCancelled" if after.is_closed else "sessionsLeft"

    def erase(self, subject: Subject, event_id: str, *, now: datetime) -> "Erased":
        """Erase the user from what is stored of a session, once calendars and mail are done.

        The event itself is last: until then its contact says which invites are the user's.
        """
        event, copies = self._events.find_with_copies(event_id)
        guest_list = self._invites.guest_list(event_id)
        counts = Counter({"guests": self._erase_guests(subject, event, guest_list, now=now)})
        waits = event is not None and subject.erasure.waits_for(event, now=now)
        if waits and not self._records.is_settled(event_id):
            return Erased(counts, is_done=False)
        invites = subject.invites(event, self._invites.invites(event_id))
        self._records.remove_invites(invites)
        own = [each for each in copies if each.user_id == subject.user_id]
        self._records.remove_copies(own)
        counts.update(invites=len(invites), copies=len(own))
        counts.update(copiesLeft=sum(map(_is_left, own)))
        if event and (after := anonymised(event, subject.user_id, subject.pseudonym)) != event:
            if shown(after) != shown(event):
                self._forget_shown(event_id)
            self._records.anonymise(after, before=event)
            counts.update(sessions=1)
        return Erased(counts)

    def _forget_shown(self, event_id: str) -> None:
        """Erase what the invites of others have of the texts of the session."""
        for invite in self._invites.invites(event_id):
            attempts = tuple(replace(each, shown=None) for each in invite.attempts)
            if attempts != invite.attempts:
                self._invites.save_invite(replace(invite, attempts=attempts))

    def _erase_guests(
        self, subject: Subject, event: Event | None, stored: GuestList | None, *, now: datetime
    ) -> int:
        """Remove the user from the guests; return how many were removed."""
        if stored is None:
            return 0
        if event is None and stored.prepared_by == subject.user_id:
            self._records.remove_guest_list(stored)
            return len(stored.attendees)
        others = tuple(
            each for each in stored.attendees if invite_id(each.email) not in subject.address_ids
        )
        is_preparer = stored.prepared_by == subject.user_id
        removed = len(stored.attendees) - len(others)
        if removed or is_preparer:
            is_coming = event is not None and event.interval.end > now
            self._invites.save_guest_list(
                replace(
                    stored,
                    attendees=others,
                    prepared_by=subject.pseudonym if is_preparer else stored.prepared_by,
                    unsynced_since=now if removed and is_coming else stored.unsynced_since,
                )
            )
        return removed


def _is_left(copy: Copy) -> bool:
    """Whether a calendar may still have the copy of a session that was to be removed."""
    return copy.ref is not None or copy.unsettled_until is not None
