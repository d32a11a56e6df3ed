"""Creates, updates and deletes copies on a CalDAV server, with a precondition on every write."""

from http import HTTPStatus

from shared.domain.copy import CopyContent, CopyRef
from shared.domain.errors import CopyGone, ProviderRejected, ProviderUnavailable
from shared.providers.apple.addresses import Address
from shared.providers.apple.dav import GONE, DavClient, DavResponse, strong_etag
from shared.providers.apple.multistatus import CALDAV, DAV
from shared.providers.apple.payload import CopyText, new_text

_MAX_ATTEMPTS = 4
_CHANGED = frozenset({HTTPStatus.PRECONDITION_FAILED})
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
            "PUT", address, new_text(content), headers=headers, expected=_CHANGED
        )
        if response.status not in _CHANGED:
            return self._ref(address, response)
        if _is_uid_conflict(response):
            raise ProviderRejected("Another object in the account has the copy's UID.")
        return self._adopt(address, content)

    def update(self, ref: CopyRef, content: CopyContent) -> CopyRef:
        """Merge our fields into the existing object.

        Raises:
            CopyGone: the object does not exist or is cancelled.
        """
        address = self._dav.address(self._calendar, ref.external_id)
        current = self._read(address)
        copy = CopyText(current.text)
        if copy.is_cancelled:
            raise CopyGone("The user cancelled the copy in the calendar.")
        if not copy.has_key(content.key):
            raise ProviderRejected("Another object is at the copy's address.")
        return self._bring_up_to_date(address, current, content)

    def delete(self, ref: CopyRef | None, *, key: str) -> None:
        """Delete the copy, even if the user has changed it.

        Raises:
            CopyGone: there was no copy.
        """
        address = self._dav.address(self._calendar, ref.external_id) if ref else self._address(key)
        etag = strong_etag(ref.etag) if ref else None
        for _ in range(_MAX_ATTEMPTS):
            response = self._dav.request(
                "DELETE", address, headers=_if_match(etag), expected=_CHANGED | GONE
            )
            if response.status in GONE:
                raise CopyGone("The copy is not in the calendar.")
            if response.status not in _CHANGED:
                return
            etag = self._etag(address)
        raise ProviderUnavailable("The copy kept changing while it was being deleted.")

    def _adopt(self, address: Address, content: CopyContent) -> CopyRef:
        try:
            current = self._read(address)
        except CopyGone as error:
            raise ProviderUnavailable("The copy was deleted while it was being created.") from error
        if not CopyText(current.text).is_copy_of(content):
            raise ProviderRejected("Another object is at the copy's address.")
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
