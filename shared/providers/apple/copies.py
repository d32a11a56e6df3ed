"""Creates, updates and deletes copies on a CalDAV server, with a precondition on every write."""

from http import HTTPStatus

from shared.domain.copy import CopyContent, CopyRef
from shared.domain.errors import (
    CalendarMalformed,
    CopyGone,
    ProviderRejected,
    ProviderUnavailable,
)
from shared.providers.apple.addresses import Address
from shared.providers.apple.dav import GONE, DavClient, DavResponse, strong_etag
from shared.providers.apple.moved_copies import MovedCopies
from shared.providers.apple.multistatus import CALDAV, DAV
from shared.providers.apple.payload import CopyText, new_text

_MAX_ATTEMPTS = 4
_CHANGED = frozenset({HTTPStatus.PRECONDITION_FAILED})
# Some servers refuse a UID that another object has with 403 or 409.
_REFUSED = _CHANGED | {HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT}
_CALENDAR_TEXT = {"Content-Type": "text/calendar; charset=utf-8"}
_ASK_ETAG = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<d:propfind xmlns:d="DAV:"><d:prop><d:getetag/></d:prop></d:propfind>'
)


class CaldavCopies:
    """Our copies in one calendar, each at `<key>.ics` with its key as UID."""

    def __init__(self, dav: DavClient, calendar: Address) -> None:
        self._dav = dav
        self._calendar = calendar

    def create(self, content: CopyContent) -> CopyRef:
        """Create the copy, or update it if it exists.

        Raises:
            ProviderRejected: another object has its address or UID, or the server rejects it.
        """
        address = self._address(content.key)
        headers = {**_CALENDAR_TEXT, "If-None-Match": "*"}
        response = self._dav.request(
            "PUT", address, new_text(content), headers=headers, expected=_REFUSED
        )
        if response.status not in _REFUSED:
            return self._ref(address, response)
        is_there = response.status in _CHANGED and not _is_uid_conflict(response)
        found = address if is_there else MovedCopies(self._dav, self._calendar).find(content.key)
        if found is None:
            raise _refused(response)
        return self._adopt(found, content)

    def update(self, ref: CopyRef, content: CopyContent) -> CopyRef:
        """Merge our fields into the existing object.

        Raises:
            CopyGone: the object does not exist or is cancelled.
        """
        address, current = self._located(ref, content.key)
        copy = CopyText(current.text)
        if copy.is_cancelled:
            raise CopyGone("The user cancelled the copy in the calendar.")
        if not copy.has_key(content.key):
            raise ProviderRejected("Another object is at the copy's address.")
        return self._bring_up_to_date(address, current, content)

    def delete(self, ref: CopyRef | None, *, key: str) -> None:
        """Delete the copy, even if the user has changed it.

        If the user has made a series of it, only the occurrence that is the copy is removed.

        Raises:
            CopyGone: there was no copy.
        """
        etag = strong_etag(ref.etag) if ref else None
        if ref is not None and etag is not None:
            # The object is as this service wrote it, so it is no series.
            address = self._dav.address(self._calendar, ref.external_id)
            response = self._dav.request(
                "DELETE", address, headers=_if_match(etag), expected=_CHANGED | GONE
            )
            if response.status not in _CHANGED | GONE:
                return
        address, current = self._located(ref, key)
        for _ in range(_MAX_ATTEMPTS):
            response = self._remove(address, current)
            if response.status in GONE:
                raise CopyGone("The copy is not in the calendar.")
            if response.status not in _CHANGED:
                return
            current = self._read(address)
        raise ProviderUnavailable("The copy kept changing while it was being deleted.")

    def _located(self, ref: CopyRef | None, key: str) -> tuple[Address, DavResponse]:
        """Return the address and the text of the copy, even if the user has moved it.

        Raises:
            CopyGone: there is no copy.
        """
        address = self._dav.address(self._calendar, ref.external_id) if ref else self._address(key)
        try:
            return address, self._read(address)
        except CopyGone:
            found = MovedCopies(self._dav, self._calendar).find(key)
            if found is None or found == address:
                raise
            return found, self._read(found)

    def _remove(self, address: Address, current: DavResponse) -> DavResponse:
        headers = _if_match(current.etag or self._etag(address))
        rest = _rest_of_series(current.text)
        if rest is None:
            return self._dav.request("DELETE", address, headers=headers, expected=_CHANGED | GONE)
        headers |= _CALENDAR_TEXT
        return self._dav.request("PUT", address, rest, headers=headers, expected=_CHANGED | GONE)

    def _adopt(self, address: Address, content: CopyContent) -> CopyRef:
        try:
            current = self._read(address)
        except CopyGone as error:
            raise ProviderUnavailable("The copy was deleted while it was being created.") from error
        copy = CopyText(current.text)
        if not copy.is_copy_of(content):
            raise ProviderRejected("Another object is at the copy's address.")
        if copy.is_series and copy.is_cancelled:
            raise ProviderRejected("The user has made a series of the copy and left out the copy.")
        return self._bring_up_to_date(address, current, content)

    def _bring_up_to_date(
        self, address: Address, current: DavResponse, content: CopyContent
    ) -> CopyRef:
        for _ in range(_MAX_ATTEMPTS):
            copy = CopyText(current.text)
            if copy.matches(content):
                return self._ref(address, current)
            # Without a strong etag the write cannot be conditional: iCloud treats `If-Match: *` as
            # its opposite, and a weak etag never matches.
            headers = {**_CALENDAR_TEXT, **_if_match(current.etag or self._etag(address))}
            response = self._dav.request(
                "PUT", address, copy.merge(content), headers=headers, expected=_CHANGED | GONE
            )
            if response.status in GONE:
                raise CopyGone("The copy is no longer in the calendar.")
            if response.status not in _CHANGED:
                return self._ref(address, response)
            current = self._read(address)
        raise ProviderUnavailable("The copy kept changing while it was being updated.")

    def _read(self, address: Address) -> DavResponse:
        response = self._dav.request("GET", address, expected=GONE)
        if response.status in GONE:
            raise CopyGone("The copy is not in the calendar.")
        if "END:VCALENDAR" not in response.text.upper():
            raise ProviderUnavailable("The calendar server's response is not a calendar object.")
        return response

    def _ref(self, address: Address, response: DavResponse) -> CopyRef:
        return CopyRef(str(address), response.etag or self._etag(address))

    def _etag(self, address: Address) -> str | None:
        for resource in self._dav.propfind(address, _ASK_ETAG, depth=0, expected=GONE):
            return strong_etag(resource.text(f"{DAV}getetag"))
        raise CopyGone("The copy is no longer in the calendar.")

    def _address(self, key: str) -> Address:
        return self._dav.address(self._calendar, f"{key}.ics")


def _if_match(etag: str | None) -> dict[str, str]:
    return {"If-Match": etag} if etag else {}


def _is_uid_conflict(response: DavResponse) -> bool:
    conflict = f"{CALDAV}no-uid-conflict"
    return response.tree is not None and response.tree.find(conflict) is not None


def _refused(response: DavResponse) -> ProviderRejected:
    if _is_uid_conflict(response):
        return ProviderRejected("Another object in the account has the copy's UID.")
    return ProviderRejected(f"The calendar server rejected the request with {response.status}.")


def _rest_of_series(text: str) -> str | None:
    """Return the text of a series without the copy; None if there is no other occurrence."""
    try:
        copy = CopyText(text)
    except CalendarMalformed:
        return None
    return copy.without_copy() if copy.is_series and not copy.is_cancelled else None
