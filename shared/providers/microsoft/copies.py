"""The life of a copy in a Microsoft calendar, found by its mark and written under its etag."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from shared.domain.copy import CopyContent, CopyRef
from shared.domain.errors import CopyGone, ProviderRefused, ProviderUnavailable
from shared.providers.microsoft import marks
from shared.providers.microsoft.graph import GONE, Reply, Talk, segment
from shared.providers.microsoft.payload import SELECT, changes, new_event

_TRIES = 4
_REPEATED = "ErrorDuplicateTransactionId"
_MAYBE_REPEATED = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT})
_CHANGED = frozenset({HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED})

Found = Mapping[str, Any]


class Copies:
    """Our events in one calendar, each with its key in a mark.

    They are looked up by that mark in the calendars themselves: ids change on some moves, and an
    event that lies in the trash still answers to its id.
    """

    def __init__(self, talk: Talk, *, calendar_id: str, connection_id: str) -> None:
        self._talk = talk
        self._calendar_id = calendar_id
        self._connection_id = connection_id

    def create(self, content: CopyContent) -> CopyRef:
        """Make the calendar hold the copy; one that is there already is brought up to date.

        Graph forgets transaction ids after a while, so the calendar itself is asked first.

        Raises:
            ProviderRefused: when the copy's key stands on something else.
        """
        events = _events(self._calendar_id)
        found = self._find(events, content.key)
        for attempt in range(_TRIES):
            if found:
                return self._adopted(found, content)
            event = new_event(content, connection_id=self._connection_id, attempt=attempt)
            reply = self._talk.request("POST", events, content=event, expected=_MAYBE_REPEATED)
            if reply.status not in _MAYBE_REPEATED and _is_event(reply.content):
                return _ref(reply.content)
            if reply.status in _MAYBE_REPEATED and reply.error_code != _REPEATED:
                raise reply.failure()
            # Made by an earlier try, or, when it is not there, deleted by the user since.
            found = self._find(events, content.key)
        raise ProviderUnavailable("Graph takes the copy for one it has already.", unsettled=True)

    def update(self, ref: CopyRef, content: CopyContent) -> CopyRef:
        """Change those of our fields that differ.

        Raises:
            CopyGone: when it is in no calendar of the mailbox.
        """
        found = self._search(content.key)
        if not found:
            raise CopyGone("The calendar holds no such copy.")
        known = (each for each in found if each.get("id") == ref.external_id)
        return self._brought_up(next(known, found[0]), content)

    def delete(self, ref: CopyRef | None, *, key: str) -> None:
        """Remove the copy, and whatever else has its key.

        Raises:
            CopyGone: when there was none.
        """
        if ref is not None and self._deleted(ref.external_id):
            return
        deleted = [self._deleted(_ref(each).external_id) for each in self._search(key)]
        if True not in deleted:
            raise CopyGone("The calendar holds no such copy.")

    def _adopted(self, found: list[Found], content: CopyContent) -> CopyRef:
        first, *others = found
        try:
            ref = self._brought_up(first, content)
        except CopyGone as error:
            raise ProviderUnavailable("The copy was deleted while it was created.") from error
        for each in others:
            # Two creates that overtook each other made them.
            self._deleted(_ref(each).external_id)
        return ref

    def _brought_up(self, event: Found, content: CopyContent) -> CopyRef:
        for _ in range(_TRIES):
            self._check(event, content)
            reply = self._changed(event, content)
            if reply is None:
                return _ref(event)
            if reply.status in GONE:
                raise CopyGone("The calendar holds the copy no more.")
            if reply.status not in _CHANGED:
                return _ref(reply.content)
            event = self._again(_ref(event), content.key)
        raise ProviderUnavailable("The copy keeps changing while it is being updated.")

    def _changed(self, event: Found, content: CopyContent) -> Reply | None:
        changed = changes(event, content)
        if not changed:
            return None
        ref = _ref(event)
        return self._talk.request(
            "PATCH",
            _path(ref.external_id),
            content=changed,
            etag=ref.etag,
            expected=_CHANGED | GONE,
        )

    def _again(self, ref: CopyRef, key: str) -> Found:
        for each in self._search(key):
            if each.get("id") == ref.external_id:
                return each
        raise CopyGone("The calendar holds the copy no more.")

    def _check(self, event: Found, content: CopyContent) -> None:
        told = marks.read(event).get(marks.SESSION)
        if told != marks.session_mark(content.session_id, self._connection_id):
            raise ProviderRefused("The copy's key stands on another event.")

    def _search(self, key: str) -> list[Found]:
        """Return the copy where it belongs, else where the user has moved it."""
        found = self._find(_events(self._calendar_id), key, expected=GONE)
        return found or [
            each
            for other in self._other_calendars()
            for each in self._find(_events(other), key, expected=GONE)
        ]

    def _other_calendars(self) -> list[str]:
        listed = self._talk.pages("/me/calendars", {"$select": "id,canEdit"}, expected=GONE)
        own = [each.get("id") for each in listed if each.get("canEdit") is True]
        return [each for each in own if isinstance(each, str) and each != self._calendar_id]

    def _find(
        self, events: str, key: str, *, expected: frozenset[HTTPStatus] = frozenset()
    ) -> list[Found]:
        query = {
            "$filter": marks.has_key(key),
            "$select": SELECT,
            "$expand": marks.EXPAND,
            "$top": "10",
        }
        return [
            each
            for each in self._talk.pages(events, query, expected=expected)
            if marks.read(each).get(marks.KEY) == key and each.get("isCancelled") is not True
        ]

    def _deleted(self, external_id: str) -> bool:
        """Whether there was such an event; `cancel` would mail whomever the user has invited."""
        reply = self._talk.request("DELETE", _path(external_id), expected=GONE)
        return reply.status not in GONE


def _events(calendar_id: str) -> str:
    return f"/me/calendars/{segment(calendar_id)}/events"


def _path(external_id: str) -> str:
    return f"/me/events/{segment(external_id)}"


def _is_event(content: Found) -> bool:
    # A create in a delegated calendar may be answered with the message that was sent instead.
    return content.get("@odata.type") in (None, "#microsoft.graph.event")


def _ref(event: Found) -> CopyRef:
    external_id, etag = event.get("id"), event.get("@odata.etag")
    if not isinstance(external_id, str) or not external_id:
        raise ProviderUnavailable("Graph told of an event without its id.", unsettled=True)
    return CopyRef(external_id, etag if isinstance(etag, str) else None)
