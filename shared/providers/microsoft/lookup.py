"""Finds copies in the calendars of a mailbox.

They are searched for by their mark, not by id: some moves change the id, and a GET by id also
returns an event that is in the trash. The search may lag behind, so a copy that it does not find is
read by its id, and counts only if a calendar lists it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from shared.domain.copy import CopyRef
from shared.domain.errors import AccessExpired, CopyGone, ProviderFailure, ProviderUnavailable
from shared.providers.microsoft import marks
from shared.providers.microsoft.graph import GraphCall, segment
from shared.providers.microsoft.payload import SELECT, instant, is_copy, starts_as_written

GraphEvent = Mapping[str, Any]

_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_PAGE = "50"
_MINUTE = timedelta(minutes=1)
_ZONES = timedelta(hours=14)
_SERIES = "seriesMaster"


class CopyLookup:
    """The copies in one mailbox; `calendar_id` is the calendar they were created in."""

    def __init__(self, call: GraphCall, *, calendar_id: str) -> None:
        self._call = call
        self._calendar_id = calendar_id

    def in_own_calendar(self, key: str) -> list[GraphEvent]:
        """Return the copies that a search of the calendar finds."""
        return self._find(self._calendar_id, key)

    def anywhere(self, ref: CopyRef | None, key: str) -> list[GraphEvent]:
        """Return the copies in their own calendar, or else in one the user moved them to."""
        copies = self._find(self._calendar_id, key, expected=_GONE) or [
            each
            for other in self._other_calendars()
            for each in self._find(other, key, expected=_GONE)
        ]
        return copies or (self.by_id(ref.external_id, key) if ref else [])

    def current(self, ref: CopyRef, key: str) -> GraphEvent:
        """Return the copy.

        Raises:
            CopyGone: it is in no calendar of the mailbox.
        """
        copies = self.anywhere(ref, key)
        if not copies:
            raise CopyGone("The copy is not in the calendar.")
        same_id = (each for each in copies if each.get("id") == ref.external_id)
        return next(same_id, copies[0])

    def again(self, ref: CopyRef, key: str) -> GraphEvent:
        """Return the copy with that id as it is now.

        Raises:
            CopyGone: it does not exist any more.
        """
        for each in self.anywhere(ref, key):
            if each.get("id") == ref.external_id:
                return each
        raise CopyGone("The copy is no longer in the calendar.")

    def by_id(self, external_id: str, key: str) -> list[GraphEvent]:
        """Return the copy with that id if a calendar lists it: it is not in the trash."""
        response = self._call.request(
            "GET",
            event_path(external_id),
            query={"$select": SELECT, "$expand": marks.EXPAND},
            expected=_GONE,
        )
        event = response.content
        if response.status in _GONE or not _has_key(event, key):
            return []
        calendars = [self._calendar_id, *self._other_calendars()]
        is_listed = any(self._lists(each, event) for each in calendars)
        return self._own([event]) if is_listed else []

    def _find(
        self, calendar_id: str, key: str, *, expected: frozenset[HTTPStatus] = frozenset()
    ) -> list[GraphEvent]:
        query = {
            "$filter": marks.key_filter(key),
            "$select": SELECT,
            "$expand": marks.EXPAND,
            "$top": _PAGE,
        }
        found = self._call.pages(events_path(calendar_id), query, expected=expected)
        return self._own([each for each in found if _has_key(each, key)])

    def _own(self, events: Sequence[GraphEvent]) -> list[GraphEvent]:
        """Return those that are the copy, or its occurrence if the user made a series of it.

        An event with the key but the mark of another session is returned too, and rejected later.
        """
        anchored = any(starts_as_written(each) for each in events)
        copies = [
            each
            for each in events
            if marks.session_of(each) is None or is_copy(each, anchored=anchored)
        ]
        occurrences = (
            self._occurrence(each) if each.get("type") == _SERIES else each for each in copies
        )
        return [each for each in occurrences if each is not None]

    def _occurrence(self, master: GraphEvent) -> GraphEvent | None:
        for each in self._view(self._calendar_id, master):
            if each.get("seriesMasterId") == master.get("id") and starts_as_written(
                {**master, "start": each.get("start")}
            ):
                # An occurrence has the marks of its series, whether Graph returns them or not.
                return {**each, "singleValueExtendedProperties": _properties(master)}
        return None

    def _lists(self, calendar_id: str, event: GraphEvent) -> bool:
        own = event.get("id")
        listed = self._view(calendar_id, event)
        return any(own in (each.get("id"), each.get("seriesMasterId")) for each in listed)

    def _view(self, calendar_id: str, event: GraphEvent) -> Iterator[GraphEvent]:
        """Yield the occurrences that the calendar has at the start of the event."""
        start, slack = _start(event), _ZONES if event.get("isAllDay") else timedelta()
        query = {
            "startDateTime": f"{start - slack:%Y-%m-%dT%H:%M:%SZ}",
            "endDateTime": f"{start + slack + _MINUTE:%Y-%m-%dT%H:%M:%SZ}",
            "$select": SELECT,
            "$top": _PAGE,
        }
        path = f"/me/calendars/{segment(calendar_id)}/calendarView"
        return self._call.pages(path, query, expected=_GONE)

    def _other_calendars(self) -> list[str]:
        """Return the other calendars that the user can change; none if they cannot be listed."""
        query = {"$select": "id,canEdit"}
        try:
            listed = list(self._call.pages("/me/calendars", query, expected=_GONE))
        except AccessExpired:
            raise
        except ProviderUnavailable as error:
            if error.retry_after is not None:
                raise
            return []
        except ProviderFailure:
            # The list has failed for weeks for accounts whose calendars worked.
            return []
        own = [each.get("id") for each in listed if each.get("canEdit") is True]
        return [each for each in own if isinstance(each, str) and each != self._calendar_id]


def events_path(calendar_id: str) -> str:
    """Return the path of the calendar's events."""
    return f"/me/calendars/{segment(calendar_id)}/events"


def event_path(external_id: str) -> str:
    """Return the path of one event, in whatever calendar it is."""
    return f"/me/events/{segment(external_id)}"


def ref_of(event: GraphEvent) -> CopyRef:
    """Return the reference of the event.

    Raises:
        ProviderUnavailable: it has no id.
    """
    external_id, etag = event.get("id"), event.get("@odata.etag")
    if not isinstance(external_id, str) or not external_id:
        raise ProviderUnavailable("Graph returned an event without an id.", unsettled=True)
    return CopyRef(external_id, etag if isinstance(etag, str) else None)


def _has_key(event: GraphEvent, key: str) -> bool:
    return marks.read(event).get(marks.KEY) == key and event.get("isCancelled") is not True


def _properties(event: GraphEvent) -> list[dict[str, str]]:
    return marks.to_properties(marks.read(event))


def _start(event: GraphEvent) -> Any:
    try:
        return instant(event["start"])
    except (LookupError, TypeError, ValueError) as error:
        raise ProviderUnavailable("Graph returned an event without a start.") from error
