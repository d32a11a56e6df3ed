"""Read the change list in pages, for the platform."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from shared.domain.caller import Caller
from shared.domain.domain_event import DomainEvent, DomainEventType
from shared.domain.errors import ChangesExpired, FieldProblem, Forbidden, InvalidRequest
from shared.ports import ChangeList

LONGEST_PAGE = 500
_EXAMINED = 1000
"""How many changes one request reads at most, if it asks for some types only."""

_CURSOR = re.compile(r"c1-([0-9]{1,15})", re.ASCII)


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Some changes, the cursor after the last one examined, and whether more are listed."""

    events: tuple[DomainEvent, ...]
    cursor: str
    has_more: bool


class ChangeFeed:
    """Walks the change list without gaps and repeats."""

    def __init__(self, changes: ChangeList) -> None:
        self._changes = changes

    def page(
        self,
        caller: Caller,
        *,
        since: str | None = None,
        types: Collection[DomainEventType] = (),
        limit: int,
        now: datetime,
    ) -> FeedPage:
        """Return the changes after the cursor, or without one from the oldest that is kept.

        Raises:
            Forbidden: for a caller other than an Admin or a service that manages events.
            InvalidRequest: when `since` is not a cursor.
            ChangesExpired: when changes after the cursor are no longer kept.
        """
        if not caller.manages_events:
            raise Forbidden("Changes are for Admins and for services with the scope events:write.")
        kept = self._changes.kept(now=now)
        after = kept.first - 1 if since is None else _position(since)
        if not kept.first - 1 <= after <= kept.last:
            raise ChangesExpired(
                "The changes after this cursor are no longer listed. Read the sessions again, then "
                "call without since."
            )
        events: list[DomainEvent] = []
        for position, event in self._changes.read(after, at_most=_EXAMINED if types else limit):
            if len(events) == limit:
                break
            after = position
            if not types or event.type in types:
                events.append(event)
        return FeedPage(tuple(events), f"c1-{after}", after < kept.last)


def _position(cursor: str) -> int:
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        problem = FieldProblem("since", "is not a cursor of this list")
        raise InvalidRequest("Check the request: since is not a cursor of this list.", [problem])
    return int(found[1])
