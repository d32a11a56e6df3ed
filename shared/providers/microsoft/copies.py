"""Creates, updates and deletes copies in a Microsoft calendar.

Copies are found by their mark; updates are conditional on the etag.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from shared.domain.copy import CopyContent, CopyRef
from shared.domain.errors import CopyGone, ProviderRejected, ProviderUnavailable
from shared.providers.microsoft import marks
from shared.providers.microsoft.graph import GONE, GraphCall, GraphResponse, segment
from shared.providers.microsoft.payload import SELECT, changes, new_event

_MAX_ATTEMPTS = 4
_DUPLICATE = "ErrorDuplicateTransactionId"
_MAYBE_DUPLICATE = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT})
_CHANGED = frozenset({HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED})

GraphEvent = Mapping[str, Any]


class MicrosoftCopies:
    """Our copies in one calendar, each with its key in a mark.

    They are searched for by that mark, not by id: some moves change the id, and a GET by id also
    returns an event that is in the trash.
    """

    def __init__(self, call: GraphCall, *, calendar_id: str, connection_id: str) -> None:
        self._call = call
        self._calendar_id = calendar_id
        self._connection_id = connection_id

    def create(self, content: CopyContent) -> CopyRef:
        """Create the copy, or update it if it exists.

        Graph forgets transaction ids after a while, so the calendar is searched first.

        Raises:
            ProviderRejected: an event of another session has the copy's key.
        """
        events = _events(self._calendar_id)
        copies = self._find(events, content.key)
        for attempt in range(_MAX_ATTEMPTS):
            if copies:
                return self._adopt(copies, content)
            event = new_event(content, connection_id=self._connection_id, attempt=attempt)
            response = self._call.request("POST", events, content=event, expected=_MAYBE_DUPLICATE)
            if response.status not in _MAYBE_DUPLICATE and _is_event(response.content):
                return _ref(response.content)
            if response.status in _MAYBE_DUPLICATE and response.error_code != _DUPLICATE:
                raise response.failure()
            # Created by an earlier request; if it is not found, the user has deleted it since.
            copies = self._find(events, content.key)
        raise ProviderUnavailable(
            "Graph reports the copy as already created, but it cannot be found.", unsettled=True
        )

    def update(self, ref: CopyRef, content: CopyContent) -> CopyRef:
        """Change those of our fields that differ.

        Raises:
            CopyGone: the copy is in no calendar of the mailbox.
        """
        copies = self._search(content.key)
        if not copies:
            raise CopyGone("The copy is not in the calendar.")
        same_id = (each for each in copies if each.get("id") == ref.external_id)
        return self._bring_up_to_date(next(same_id, copies[0]), content)

    def delete(self, ref: CopyRef | None, *, key: str) -> None:
        """Delete the copy and every other event with its key.

        Raises:
            CopyGone: there was no such event.
        """
        if ref is not None and self._delete_if_exists(ref.external_id):
            return
        deleted = [self._delete_if_exists(_ref(each).external_id) for each in self._search(key)]
        if True not in deleted:
            raise CopyGone("The copy is not in the calendar.")

    def _adopt(self, copies: list[GraphEvent], content: CopyContent) -> CopyRef:
        first, *others = copies
        try:
            ref = self._bring_up_to_date(first, content)
        except CopyGone as error:
            raise ProviderUnavailable("The copy was deleted while it was being created.") from error
        for each in others:
            # Concurrent creates can produce duplicates.
            self._delete_if_exists(_ref(each).external_id)
        return ref

    def _bring_up_to_date(self, event: GraphEvent, content: CopyContent) -> CopyRef:
        for _ in range(_MAX_ATTEMPTS):
            self._check(event, content)
            response = self._patch(event, content)
            if response is None:
                return _ref(event)
            if response.status in GONE:
                raise CopyGone("The copy is no longer in the calendar.")
            if response.status not in _CHANGED:
                return _ref(response.content)
            event = self._read_again(_ref(event), content.key)
        raise ProviderUnavailable("The copy kept changing while it was being updated.")

    def _patch(self, event: GraphEvent, content: CopyContent) -> GraphResponse | None:
        changed = changes(event, content)
        if not changed:
            return None
        ref = _ref(event)
        return self._call.request(
            "PATCH",
            _path(ref.external_id),
            content=changed,
            etag=ref.etag,
            expected=_CHANGED | GONE,
        )

    def _read_again(self, ref: CopyRef, key: str) -> GraphEvent:
        for each in self._search(key):
            if each.get("id") == ref.external_id:
                return each
        raise CopyGone("The copy is no longer in the calendar.")

    def _check(self, event: GraphEvent, content: CopyContent) -> None:
        mark = marks.read(event).get(marks.SESSION)
        if mark != marks.session_mark(content.session_id, self._connection_id):
            raise ProviderRejected("Another event has the copy's key.")

    def _search(self, key: str) -> list[GraphEvent]:
        """Return the copy from its own calendar, or else from one the user moved it to."""
        copies = self._find(_events(self._calendar_id), key, expected=GONE)
        return copies or [
            each
            for other in self._other_calendars()
            for each in self._find(_events(other), key, expected=GONE)
        ]

    def _other_calendars(self) -> list[str]:
        listed = self._call.pages("/me/calendars", {"$select": "id,canEdit"}, expected=GONE)
        own = [each.get("id") for each in listed if each.get("canEdit") is True]
        return [each for each in own if isinstance(each, str) and each != self._calendar_id]

    def _find(
        self, events: str, key: str, *, expected: frozenset[HTTPStatus] = frozenset()
    ) -> list[GraphEvent]:
        query = {
            "$filter": marks.key_filter(key),
            "$select": SELECT,
            "$expand": marks.EXPAND,
            "$top": "10",
        }
        return [
            each
            for each in self._call.pages(events, query, expected=expected)
            if marks.read(each).get(marks.KEY) == key and each.get("isCancelled") is not True
        ]

    def _delete_if_exists(self, external_id: str) -> bool:
        """Delete the event and return whether it existed.

        Graph's `cancel` is not used: it would mail attendees the user has added.
        """
        response = self._call.request("DELETE", _path(external_id), expected=GONE)
        return response.status not in GONE


def _events(calendar_id: str) -> str:
    return f"/me/calendars/{segment(calendar_id)}/events"


def _path(external_id: str) -> str:
    return f"/me/events/{segment(external_id)}"


def _is_event(content: GraphEvent) -> bool:
    # The response to a create in a delegated calendar may be the message that was sent instead.
    return content.get("@odata.type") in (None, "#microsoft.graph.event")


def _ref(event: GraphEvent) -> CopyRef:
    external_id, etag = event.get("id"), event.get("@odata.etag")
    if not isinstance(external_id, str) or not external_id:
        raise ProviderUnavailable("Graph returned an event without an id.", unsettled=True)
    return CopyRef(external_id, etag if isinstance(etag, str) else None)
