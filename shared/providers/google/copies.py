"""Creates, updates and deletes copies in a Google calendar; updates are conditional on etags."""

from collections.abc import Mapping
from typing import Any

from shared.domain.connection import ProblemCode
from shared.domain.copy import CopyContent, CopyRef
from shared.domain.errors import CopyGone, ProviderRejected, ProviderUnavailable
from shared.providers.google import payload
from shared.providers.google.api import GoogleCalendarApi
from shared.providers.google.failures import EventChanged, IdTaken

_MAX_ATTEMPTS = 4
_SILENT = {"sendUpdates": "none"}
# With version 0 Google assumes that the client does not support conferences, and may drop one that
# the user added.
_WRITE = {**_SILENT, "conferenceDataVersion": "1", "fields": payload.EVENT_FIELDS}
_READ = {"fields": payload.EVENT_FIELDS}


class GoogleCopies:
    """Our copies in one Google calendar."""

    def __init__(self, api: GoogleCalendarApi, *, connection_id: str) -> None:
        self._api = api
        self._connection_id = connection_id

    def create(self, content: CopyContent) -> CopyRef:
        """Create the copy, or update it if it exists.

        An event the user deleted is not restored; the copy is created again under its next id.

        Raises:
            ProviderRejected: another event has the id, all ids are used up, or the calendar does
                not exist.
        """
        for event_id in payload.event_ids(content.key):
            try:
                return self._insert(event_id, content)
            except IdTaken:
                event = self._find(event_id)
            if event is not None:
                return self._adopt(event, content)
        raise ProviderRejected("The user deleted this copy too often; no event id is left for it.")

    def update(self, ref: CopyRef, content: CopyContent) -> CopyRef:
        """Set our fields of the copy to `content`.

        Raises:
            CopyGone: the copy does not exist or is cancelled.
        """
        event = self._current(ref.external_id)
        if not self._is_copy(event, content) and payload.mark_of(event) is not None:
            raise ProviderRejected("Another event has the copy's id.")
        return self._bring_up_to_date(event, content)

    def delete(self, ref: CopyRef | None, *, key: str) -> None:
        """Delete the copy, even if the user has changed it.

        Raises:
            CopyGone: there was no copy.
        """
        if ref is not None:
            self._delete(ref.external_id)
            return
        # Try every id: Google eventually forgets deleted events, so a missing id does not mean
        # that the later ids are missing.
        removed = [self._delete_if_exists(each) for each in payload.event_ids(key)]
        if not any(removed):
            raise CopyGone("The copy is not in the calendar.")

    def _insert(self, event_id: str, content: CopyContent) -> CopyRef:
        event = payload.new_event(content, event_id=event_id, connection_id=self._connection_id)
        try:
            return _ref(self._api.insert(event, _WRITE))
        except CopyGone as error:
            raise _no_calendar() from error

    def _adopt(self, event: Mapping[str, Any], content: CopyContent) -> CopyRef:
        if not self._is_copy(event, content):
            raise ProviderRejected("Another event has the copy's id.")
        try:
            return self._bring_up_to_date(event, content)
        except CopyGone as error:
            raise ProviderUnavailable("The copy was deleted while it was being created.") from error

    def _bring_up_to_date(self, event: Mapping[str, Any], content: CopyContent) -> CopyRef:
        for _ in range(_MAX_ATTEMPTS):
            changed = payload.changes(event, content, connection_id=self._connection_id)
            ref = _ref(event)
            if not changed:
                return ref
            try:
                return _ref(self._api.patch(ref.external_id, changed, _WRITE, etag=ref.etag or "*"))
            except EventChanged:
                event = self._read(ref.external_id)
        raise ProviderUnavailable("The copy kept changing while it was being updated.")

    def _current(self, event_id: str) -> dict[str, Any]:
        """Return the copy; if the user has made a series of it, its occurrence in that series."""
        event = self._read(event_id)
        occurrence = payload.occurrence_id(event)
        return self._read(occurrence) if occurrence else event

    def _read(self, event_id: str) -> dict[str, Any]:
        try:
            event = self._api.get(event_id, _READ)
        except CopyGone:
            self._require_calendar()
            raise
        if payload.is_cancelled(event):
            raise CopyGone("The user deleted the copy from the calendar.")
        return event

    def _require_calendar(self) -> None:
        """Check that the calendar exists: Google returns the same error for it as for an event.

        Raises:
            ProviderRejected: the calendar does not exist.
        """
        try:
            self._api.page({"maxResults": "1", "fields": "kind"})
        except CopyGone as error:
            raise _no_calendar() from error

    def _find(self, event_id: str) -> dict[str, Any] | None:
        try:
            return self._current(event_id)
        except CopyGone:
            return None

    def _delete(self, event_id: str) -> None:
        self._api.delete(_ref(self._current(event_id)).external_id, _SILENT)

    def _delete_if_exists(self, event_id: str) -> bool:
        try:
            self._delete(event_id)
        except CopyGone:
            return False
        return True

    def _is_copy(self, event: Mapping[str, Any], content: CopyContent) -> bool:
        return payload.is_copy_of(event, content, connection_id=self._connection_id)


def _no_calendar() -> ProviderRejected:
    return ProviderRejected(
        "The Google calendar does not exist.", problem=ProblemCode.CALENDAR_DELETED
    )


def _ref(event: Mapping[str, Any]) -> CopyRef:
    event_id, etag = event.get("id"), event.get("etag")
    if not isinstance(event_id, str) or not isinstance(etag, str):
        raise ProviderUnavailable("Google's response is not an event.", unsettled=True)
    return CopyRef(event_id, etag)
