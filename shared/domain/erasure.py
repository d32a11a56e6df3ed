"""The erasure of a user's data: its progress, its receipt, and what it makes of events."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from shared.domain.audit import SERVICE, AuditAction
from shared.domain.copy import Copy
from shared.domain.event import Event

ERASE_SCOPE = "users:erase"
"""The scope of a service token that may erase a user's data."""

EXPORT_SCOPE = "users:export"
"""The scope of a service token that may export a user's data."""

ERASURE_PREFIX = "erasure#"
ERASED_TITLE = "Erased session"

SETTLING = timedelta(minutes=30)
"""An erasure completes with a pass that starts so long after the request.

It finds what requests have stored that were under way: a booking takes at most 29 seconds, and an
OAuth state and a completion code are valid for ten minutes each.
"""

PATIENCE = timedelta(hours=6)
"""How long an erasure waits until calendars and mail have followed a cancellation."""

_SHORTEST_LOOK, _LONGEST_LOOK = timedelta(seconds=5), timedelta(minutes=15)


class Mention(NamedTuple):
    """An item of a user that names sessions: an agenda day or the record of one session."""

    key: str
    event_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """One erasure. Once it is completed it is the receipt, and contains the user's id only hashed.

    `due_at` is when to continue. `counts` says how much was erased, by kind. `requested_by` is the
    service that asked for it.
    """

    id: str
    user_id: str | None
    pseudonym: str | None
    requested_by: str
    requested_at: datetime
    due_at: datetime
    completed_at: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    row_version: int = 0

    @property
    def is_running(self) -> bool:
        """Whether it has not completed."""
        return self.completed_at is None

    def waits_for(self, event: Event, *, now: datetime) -> bool:
        """Whether calendars and mail get more time to follow what was done to the event."""
        return event.interval.end > now and now < self.requested_at + PATIENCE

    def next_look(self, *, now: datetime) -> timedelta:
        """Return how long to wait for calendars and mail before looking again."""
        return min(max((now - self.requested_at) / 2, _SHORTEST_LOOK), _LONGEST_LOOK)

    def progressed(
        self, counts: Mapping[str, int], wait: timedelta | None, *, now: datetime
    ) -> "Erasure":
        """Return the erasure after a pass that asks for another one after `wait`, or for none."""
        total = dict(Counter(self.counts) + Counter(counts))
        settled_at = self.requested_at + SETTLING
        if wait is None and now < settled_at:
            wait = settled_at - now
        if wait is not None:
            return replace(self, counts=total, due_at=now + wait)
        return replace(self, counts=total, completed_at=now, user_id=None, pseudonym=None)


def erasure_id(user_id: str) -> str:
    """Return the id of a user's erasure, from which the user's id cannot be read."""
    return ERASURE_PREFIX + hashlib.sha256(user_id.encode()).hexdigest()[:32]


def is_erasure(message: str) -> bool:
    """Return whether an id on the queue is that of an erasure; no event can have such an id."""
    return message.startswith(ERASURE_PREFIX)


def anonymised(event: Event, user_id: str, pseudonym: str) -> Event:
    """Return the same version of the event without the user's personal data.

    The pseudonym replaces the id, and the user's contact is removed. Title, link, place and the
    reason of a decline of a 1:1 session are removed too, because they may be about this person.
    """

    def renamed(user: str) -> str:
        return pseudonym if user == user_id else user

    about = event if event.is_group or user_id not in event.participants else _untitled(event)
    return replace(
        about,
        coach_ids=tuple(map(renamed, event.coach_ids)),
        learner_ids=tuple(map(renamed, event.learner_ids)),
        admin_id=event.admin_id and renamed(event.admin_id),
        contacts=tuple(each for each in event.contacts if each.user_id != user_id),
        audit=tuple(
            replace(
                each,
                actor_id=renamed(each.actor_id),
                note=each.note and " ".join(map(renamed, each.note.split(" "))),
            )
            for each in event.audit
        ),
    )


def users_without_agenda(event: Event, copies: Iterable[Copy]) -> frozenset[str]:
    """Return the users that the event or its copies name, and whose agenda does not contain it.

    An erasure and an export find their sessions by a record of its own.
    """
    replaced = (each.note for each in event.audit if each.action is AuditAction.REPLACED)
    named = {
        *event.participants,
        *(each.user_id for each in event.contacts),
        *(each.actor_id for each in event.audit if each.role != SERVICE),
        *(note.split(" ")[-1] for note in replaced if note),
        *(each.user_id for each in copies),
    }
    return frozenset(named.difference(() if event.is_closed else event.participants))


def _untitled(event: Event) -> Event:
    """Return the event without texts that people wrote, and without the digest of its request."""
    return replace(
        event,
        title=ERASED_TITLE,
        session_link=None,
        location=None,
        reason=None,
        request_digest="",
    )
