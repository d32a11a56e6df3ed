"""The life of a copy in a Google calendar, conditional on what was read."""

from collections.abc import Mapping
from typing import Any

from shared.domain.copy import CopyContent, CopyRef
from shared.domain.errors import CopyGone, ProviderRefused, ProviderUnavailable
from shared.providers.google import payload
from shared.providers.google.api import Api
from shared.providers.google.failures import Changed, IdTaken

_TRIES = 4
_SILENT = {"sendUpdates": "none"}
# Version 0 tells Google that this client knows no conferences, and it may drop one the user added.
_WRITE = {**_SILENT, "conferenceDataVersion": "1", "fields": payload.EVENT_FIELDS}
_READ = {"fields": payload.EVENT_FIELDS}


class Copies:
    """Our events in one calendar."""

    def __init__(self, api: Api, *, connection_id: str) -> None:
        self._api = api
        self._connection_id = connection_id

    def create(self, content: CopyContent) -> CopyRef:
        """Make the calendar hold the copy; one that is there already is brought up to date.

        What the user deleted is not brought back: the copy is made anew under its next id.

        Raises:
            ProviderRefused: something else has the id, the ids are used up, or there is no such
                calendar.
        """
        for event_id in payload.ids_of(content.key):
            try:
                return self._inserted(event_id, content)
            except IdTaken:
                there = self._found(event_id)
            if there is not None:
                return self._adopted(there, content)
        raise ProviderRefused("The user has deleted this copy too often to make it once more.")

    def update(self, ref: CopyRef, content: CopyContent) -> CopyRef:
        """Bring our fields to `content`.

        Raises:
            CopyGone: when the calendar does not hold it, or only as cancelled.
        """
        there = self._read(ref.external_id)
        if not self._is_ours(there, content) and payload.mark_of(there) is not None:
            raise ProviderRefused("Another event is in the place of the copy.")
        return self._brought_up(there, content)

    def delete(self, ref: CopyRef | None, *, key: str) -> None:
        """Remove the copy, whatever the user has made of it.

        Raises:
            CopyGone: when there was none.
        """
        if ref is not None:
            self._api.delete(ref.external_id, _SILENT)
            return
        # One left after a missing one is possible: Google forgets deleted events in the end.
        removed = [self._deleted(each) for each in payload.ids_of(key)]
        if not any(removed):
            raise CopyGone("The calendar holds no such copy.")

    def _inserted(self, event_id: str, content: CopyContent) -> CopyRef:
        event = payload.new_event(content, event_id=event_id, connection_id=self._connection_id)
        try:
            return _ref(self._api.insert(event, _WRITE))
        except CopyGone as error:
            raise ProviderRefused("There is no such calendar; connect the account anew.") from error

    def _adopted(self, there: Mapping[str, Any], content: CopyContent) -> CopyRef:
        if not self._is_ours(there, content):
            raise ProviderRefused("Another event is in the place of the copy.")
        try:
            return self._brought_up(there, content)
        except CopyGone as error:
            raise ProviderUnavailable("The copy was deleted while it was created.") from error

    def _brought_up(self, there: Mapping[str, Any], content: CopyContent) -> CopyRef:
        for _ in range(_TRIES):
            changed = payload.changes(there, content, connection_id=self._connection_id)
            ref = _ref(there)
            if not changed:
                return ref
            try:
                return _ref(self._api.patch(ref.external_id, changed, _WRITE, etag=ref.etag or "*"))
            except Changed:
                there = self._read(ref.external_id)
        raise ProviderUnavailable("The copy keeps changing while it is being updated.")

    def _read(self, event_id: str) -> dict[str, Any]:
        there = self._api.get(event_id, _READ)
        if payload.is_cancelled(there):
            raise CopyGone("The user deleted the copy from the calendar.")
        return there

    def _found(self, event_id: str) -> dict[str, Any] | None:
        try:
            return self._read(event_id)
        except CopyGone:
            return None

    def _deleted(self, event_id: str) -> bool:
        try:
            self._api.delete(event_id, _SILENT)
        except CopyGone:
            return False
        return True

    def _is_ours(self, there: Mapping[str, Any], content: CopyContent) -> bool:
        return payload.is_copy_of(there, content, connection_id=self._connection_id)


def _ref(event: Mapping[str, Any]) -> CopyRef:
    event_id, etag = event.get("id"), event.get("etag")
    if not isinstance(event_id, str) or not isinstance(etag, str):
        raise ProviderUnavailable("Google's answer is no event.", unsettled=True)
    return CopyRef(event_id, etag)
