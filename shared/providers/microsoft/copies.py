"""Creates, updates and deletes copies in a Microsoft calendar.

Copies are found by their mark; updates are conditional on the etag.
"""

from collections.abc import Mapping
from http import HTTPStatus

from shared.domain.copy import CopyContent, CopyRef
from shared.domain.errors import CopyGone, ProviderRejected, ProviderUnavailable
from shared.providers.microsoft import marks
from shared.providers.microsoft.graph import GraphCall, GraphResponse
from shared.providers.microsoft.lookup import (
    CopyLookup,
    GraphEvent,
    event_path,
    events_path,
    ref_of,
)
from shared.providers.microsoft.payload import ATTEMPTS, changes, new_event

_DUPLICATE = "ErrorDuplicateTransactionId"
_EXISTING = "@event.existingEventId"
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_MAYBE_DUPLICATE = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT})
_CHANGED = frozenset({HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED})


class MicrosoftCopies:
    """Our copies in one calendar, each with its key in a mark.

    A copy to which the user has invited people is left alone: Exchange mails them about each
    change, and no request can prevent that.
    """

    def __init__(self, call: GraphCall, *, calendar_id: str, connection_id: str) -> None:
        self._call = call
        self._calendar_id = calendar_id
        self._connection_id = connection_id
        self._lookup = CopyLookup(call, calendar_id=calendar_id)

    def create(self, content: CopyContent) -> CopyRef:
        """Create the copy, or update it if it exists.

        Graph forgets transaction ids after a while, so the calendar is searched first.

        Raises:
            ProviderRejected: an event of another session has the copy's key.
        """
        copies = self._lookup.in_own_calendar(content.key)
        for attempt in range(ATTEMPTS):
            if copies:
                return self._adopt(copies, content)
            event = new_event(content, connection_id=self._connection_id, attempt=attempt)
            response = self._call.request(
                "POST",
                events_path(self._calendar_id),
                content=event,
                expected=_MAYBE_DUPLICATE,
            )
            if response.status not in _MAYBE_DUPLICATE and _is_event(response.content):
                return ref_of(response.content)
            if response.status in _MAYBE_DUPLICATE and response.error_code != _DUPLICATE:
                raise response.failure()
            # Created by an earlier request; if it is not found, the user has deleted it since.
            copies = self._created_before(response, content.key)
        raise ProviderUnavailable(
            "Graph reports the copy as already created, but it cannot be found.", unsettled=True
        )

    def update(self, ref: CopyRef, content: CopyContent) -> CopyRef:
        """Change those of our fields that differ.

        Raises:
            CopyGone: the copy is in no calendar of the mailbox.
            ProviderRejected: the user has invited people to it.
        """
        return self._bring_up_to_date(self._lookup.current(ref, content.key), content)

    def delete(self, ref: CopyRef | None, *, key: str) -> None:
        """Delete the copy and every other copy with its key, but no duplicate the user has made.

        Raises:
            CopyGone: there was no copy.
            ProviderRejected: the user has invited people to it.
        """
        copies = self._lookup.anywhere(ref, key)
        deleted = [self._delete_if_exists(each) for each in copies]
        if True not in deleted:
            raise CopyGone("The copy is not in the calendar.")

    def _created_before(self, response: GraphResponse, key: str) -> list[GraphEvent]:
        """Return the copy that an earlier request created, found even if the search lags behind."""
        error = response.content.get("error")
        existing = error.get(_EXISTING) if isinstance(error, Mapping) else None
        if not isinstance(existing, str):
            existing = response.content.get(_EXISTING)
        found = self._lookup.by_id(existing, key) if isinstance(existing, str) and existing else []
        # A copy that is moved while it is read by its id is not listed at the time that was read.
        return found or self._lookup.in_own_calendar(key)

    def _adopt(self, copies: list[GraphEvent], content: CopyContent) -> CopyRef:
        first, *others = copies
        try:
            ref = self._bring_up_to_date(first, content)
        except CopyGone as error:
            raise ProviderUnavailable("The copy was deleted while it was being created.") from error
        for each in others:
            # Concurrent creates can produce duplicates.
            self._delete_if_exists(each)
        return ref

    def _bring_up_to_date(self, event: GraphEvent, content: CopyContent) -> CopyRef:
        for _ in range(ATTEMPTS):
            self._check(event, content)
            response = self._patch(event, content)
            if response is None:
                return ref_of(event)
            if response.status in _GONE:
                raise CopyGone("The copy is no longer in the calendar.")
            if response.status not in _CHANGED:
                return ref_of(response.content)
            event = self._lookup.again(ref_of(event), content.key)
        raise ProviderUnavailable("The copy kept changing while it was being updated.")

    def _patch(self, event: GraphEvent, content: CopyContent) -> GraphResponse | None:
        changed = changes(event, content)
        if not changed:
            return None
        _require_no_guests(event)
        ref = ref_of(event)
        return self._call.request(
            "PATCH",
            event_path(ref.external_id),
            content=changed,
            etag=ref.etag,
            expected=_CHANGED | _GONE,
        )

    def _check(self, event: GraphEvent, content: CopyContent) -> None:
        mark = marks.read(event).get(marks.SESSION)
        if mark != marks.session_mark(content.session_id, self._connection_id):
            raise ProviderRejected("Another event has the copy's key.")

    def _delete_if_exists(self, event: GraphEvent) -> bool:
        """Delete the event and return whether it existed.

        Graph's `cancel` is not used: it would mail attendees the user has added.
        """
        _require_no_guests(event)
        path = event_path(ref_of(event).external_id)
        return self._call.request("DELETE", path, expected=_GONE).status not in _GONE


def _require_no_guests(event: GraphEvent) -> None:
    if event.get("attendees"):
        raise ProviderRejected(
            "People are invited to this calendar entry, and Exchange would mail them. Change or "
            "delete the entry in Outlook."
        )


def _is_event(content: GraphEvent) -> bool:
    # The response to a create in a delegated calendar may be the message that was sent instead.
    return content.get("@odata.type") in (None, "#microsoft.graph.event")
