"""Carry out erasures, in passes that may end at any line and are repeated.

Every pass starts from what is stored: what an earlier pass has erased is no longer found. The order
matters: coming sessions are left while the user's calendars can still be written, and the addresses
that find the user's invitations are erased after those.
"""

import logging
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from shared.domain.erasure import Erasure
from shared.domain.errors import NotFound
from shared.domain.invite import invite_id
from shared.domain.person import Person
from shared.domain.recipients import proven_addresses
from shared.domain.retry import SHORTEST_WAIT
from shared.parallel import together
from shared.ports import PeopleStore, SuppressionStore, UserRecords
from shared.usecases.accounts.revocation import Revocation
from shared.usecases.erasure.sessions import SessionEraser, Subject

SESSIONS = 100
"""How many sessions, or items that name some, one pass works on."""

ITEMS = 500
"""How many other items one pass deletes."""

log = logging.getLogger(__name__)


class ErasureWorker:
    """Continues erasures. The queue delivers each to one worker at a time."""

    def __init__(
        self,
        *,
        records: UserRecords,
        people: PeopleStore,
        suppressions: SuppressionStore,
        revocation: Revocation,
        sessions: SessionEraser,
    ) -> None:
        self._records = records
        self._people = people
        self._suppressions = suppressions
        self._revocation = revocation
        self._sessions = sessions

    def reconcile(self, erasure_id: str, *, now: datetime) -> timedelta | None:
        """Do one pass of an erasure; return how long to wait for the next, None if it is complete.

        Raises:
            LostRace: when another worker has continued it meanwhile.
        """
        erasure = self._records.erasure(erasure_id)
        if erasure is None or erasure.user_id is None or erasure.pseudonym is None:
            return None
        if erasure.due_at > now:
            return erasure.due_at - now
        person = self._people.person(erasure.user_id)
        addresses = frozenset(map(invite_id, proven_addresses(person)))
        subject = Subject(
            erasure=erasure,
            user_id=erasure.user_id,
            pseudonym=erasure.pseudonym,
            address_ids=addresses,
        )
        counts: Counter[str] = Counter()
        wait = self._pass(subject, person, counts, now=now)
        return self._save(erasure, counts, wait, now=now)

    def _pass(
        self, subject: Subject, person: Person, counts: Counter[str], *, now: datetime
    ) -> timedelta | None:
        """Erase what is due; return how long to wait, None when nothing was left."""
        coming = self._sessions.coming(subject, at_most=SESSIONS, now=now)
        leave = self._sessions.leave
        counts.update(
            filter(None, together([partial(leave, subject, each, now=now) for each in coming]))
        )
        if len(coming) == SESSIONS:
            return SHORTEST_WAIT
        keys = [subject.user_id, *(f"address#{each}" for each in sorted(subject.address_ids))]
        waits = [self._erase_sessions(subject, key, counts, now=now) for key in keys]
        if wait := max(filter(None, waits), default=None):
            return wait
        self._withdraw(person, counts)
        for address in subject.address_ids:
            self._suppressions.lift_suppression(address)
        removed = self._records.remove_items(subject.user_id, at_most=ITEMS)
        counts.update(removed)
        return SHORTEST_WAIT if sum(removed.values()) == ITEMS else None

    def _erase_sessions(
        self, subject: Subject, key: str, counts: Counter[str], *, now: datetime
    ) -> timedelta | None:
        """Erase the user from the sessions of one page; return how long to wait for the next."""
        mentions = self._records.mentions(key, at_most=SESSIONS)
        is_waiting = False
        for mention in mentions:
            erase = self._sessions.erase
            results = together([partial(erase, subject, e, now=now) for e in mention.event_ids])
            counts.update(sum((each.counts for each in results), Counter[str]()))
            if all(each.is_done for each in results):
                self._records.forget(key, mention)
            else:
                is_waiting = True
        if is_waiting:
            return subject.erasure.next_look(now=now)
        return SHORTEST_WAIT if len(mentions) == SESSIONS else None

    def _withdraw(self, person: Person, counts: Counter[str]) -> None:
        """Revoke each grant before its tokens are deleted, so that a crash leaves nothing valid."""
        self._revocation.forget_sign_ins(person.user_id)
        for connection in person.connections:
            is_revoked = self._revocation.revoke(connection)
            with suppress(NotFound):
                self._people.remove_connection(person.user_id, connection.id)
            counts.update(connections=1, grantsRevoked=int(is_revoked))

    def _save(
        self, erasure: Erasure, counts: Counter[str], wait: timedelta | None, *, now: datetime
    ) -> timedelta | None:
        after = erasure.progressed(+counts, wait, now=now)
        self._records.save_erasure(after, announce=False)
        fields = {"erasure_id": erasure.id, "counts": dict(+counts)}
        log.info("erasure continued" if after.is_running else "erasure completed", extra=fields)
        return after.due_at - now if after.is_running else None
