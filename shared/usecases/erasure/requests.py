"""Request the erasure of a user's data, and read how far it is."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

from shared.domain.caller import Caller
from shared.domain.erasure import ERASE_SCOPE, Erasure, erasure_id
from shared.domain.errors import LostRace, NotFound
from shared.ports import UserRecords

_STOPPED = timedelta(hours=1)
"""An erasure so long overdue has been parked or lost; requesting it again starts it again."""


class Erasures:
    """The operations on erasures, for a service of the platform. The work is done by a worker."""

    def __init__(self, *, records: UserRecords) -> None:
        self._records = records

    def request(self, caller: Caller, user_id: str, *, now: datetime) -> Erasure:
        """Start the erasure of a user, or return the one that runs.

        A user who was erased may have stored data again, so another request starts again, and the
        receipt counts both.

        Raises:
            Forbidden: for a token without the scope.
        """
        caller.require_scope(ERASE_SCOPE)
        stored = self._records.erasure(erasure_id(user_id))
        if stored and stored.is_running and now < stored.due_at + _STOPPED:
            return stored
        try:
            return self._records.save_erasure(_started(stored, caller, user_id, now), announce=True)
        except LostRace:
            return self.receipt(caller, user_id)

    def receipt(self, caller: Caller, user_id: str) -> Erasure:
        """Return the erasure of a user, running or completed.

        Raises:
            Forbidden: for a token without the scope.
            NotFound: when none was requested, or its receipt has expired.
        """
        caller.require_scope(ERASE_SCOPE)
        stored = self._records.erasure(erasure_id(user_id))
        if stored is None:
            raise NotFound(f"No erasure of the user {user_id} was requested.")
        return stored


def _started(stored: Erasure | None, caller: Caller, user_id: str, now: datetime) -> Erasure:
    """Return a new erasure. One that has stopped keeps its pseudonym and the time of its request.

    An erasure that has completed counts on.
    """
    if stored and stored.is_running:
        return replace(stored, due_at=now)
    return Erasure(
        id=erasure_id(user_id),
        user_id=user_id,
        pseudonym=f"erased-{uuid.uuid4().hex}",
        requested_by=caller.user_id,
        requested_at=now,
        due_at=now,
        counts=stored.counts if stored else {},
        row_version=stored.row_version if stored else 0,
    )
