"""The life of a copy on a CalDAV server, with preconditions on every write."""

from http import HTTPStatus

from shared.domain.copy import CopyContent, CopyRef
from shared.domain.errors import CopyGone, ProviderRefused, ProviderUnavailable
from shared.providers.apple.addresses import Address
from shared.providers.apple.dav import GONE, Answer, Dav, strong
from shared.providers.apple.multistatus import CALDAV, DAV
from shared.providers.apple.payload import CopyText, new_text

_TRIES = 4
_CHANGED = frozenset({HTTPStatus.PRECONDITION_FAILED})
_CALENDAR_TEXT = {"Content-Type": "text/calendar; charset=utf-8"}
_ASK_ETAG = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<d:propfind xmlns:d="DAV:"><d:prop><d:getetag/></d:prop></d:propfind>'
)


class Copies:
    """Our objects in one calendar, each at `<key>.ics` with its key as UID."""

    def __init__(self, dav: Dav, calendar: Address) -> None:
        self._dav = dav
        self._calendar = calendar

    def create(self, content: CopyContent) -> CopyRef:
        """Make the calendar hold the copy; one that is there already is brought up to date.

        Raises:
            ProviderRefused: when something else is in its place, or the server does not take it.
        """
        place = self._place(content.key)
        headers = {**_CALENDAR_TEXT, "If-None-Match": "*"}
        answer = self._dav.request(
            "PUT", place, new_text(content), headers=headers, expected=_CHANGED
        )
        if answer.status not in _CHANGED:
            return self._ref(place, answer)
        if _tells_uid_conflict(answer):
            raise ProviderRefused("Another object of the account has the copy's UID.")
        return self._adopted(place, content)

    def update(self, ref: CopyRef, content: CopyContent) -> CopyRef:
        """Merge our fields into what is there.

        Raises:
            CopyGone: when it is not there, or was cancelled there.
        """
        place = self._dav.address(self._calendar, ref.external_id)
        there = self._read(place)
        copy = CopyText(there.text)
        if copy.is_cancelled:
            raise CopyGone("The user cancelled the copy in the calendar.")
        if not copy.has_key(content.key):
            raise ProviderRefused("Another object is in the place of the copy.")
        return self._brought_up(place, there, content)

    def delete(self, ref: CopyRef | None, *, key: str) -> None:
        """Remove the copy, whatever the user has made of it.

        Raises:
            CopyGone: when there was none.
        """
        place = self._dav.address(self._calendar, ref.external_id) if ref else self._place(key)
        etag = strong(ref.etag) if ref else None
        for _ in range(_TRIES):
            answer = self._dav.request(
                "DELETE", place, headers=_if_match(etag), expected=_CHANGED | GONE
            )
            if answer.status in GONE:
                raise CopyGone("The calendar holds no such copy.")
            if answer.status not in _CHANGED:
                return
            etag = self._etag(place)
        raise ProviderUnavailable("The copy keeps changing while it is being deleted.")

    def _adopted(self, place: Address, content: CopyContent) -> CopyRef:
        try:
            there = self._read(place)
        except CopyGone as error:
            raise ProviderUnavailable("The copy was deleted while it was created.") from error
        if not CopyText(there.text).is_copy_of(content):
            raise ProviderRefused("Another object is in the place of the copy.")
        return self._brought_up(place, there, content)

    def _brought_up(self, place: Address, there: Answer, content: CopyContent) -> CopyRef:
        for _ in range(_TRIES):
            copy = CopyText(there.text)
            if copy.shows(content):
                return self._ref(place, there)
            # Without a strong tag nothing can be conditional: `If-Match: *` means its opposite
            # on iCloud, and a weak tag never matches.
            headers = {**_CALENDAR_TEXT, **_if_match(there.etag or self._etag(place))}
            answer = self._dav.request(
                "PUT", place, copy.merged(content), headers=headers, expected=_CHANGED | GONE
            )
            if answer.status in GONE:
                raise CopyGone("The calendar holds the copy no more.")
            if answer.status not in _CHANGED:
                return self._ref(place, answer)
            there = self._read(place)
        raise ProviderUnavailable("The copy keeps changing while it is being updated.")

    def _read(self, place: Address) -> Answer:
        answer = self._dav.request("GET", place, expected=GONE)
        if answer.status in GONE:
            raise CopyGone("The calendar holds no such copy.")
        if "END:VCALENDAR" not in answer.text.upper():
            raise ProviderUnavailable("The calendar server's answer is no calendar object.")
        return answer

    def _ref(self, place: Address, answer: Answer) -> CopyRef:
        return CopyRef(str(place), answer.etag or self._etag(place))

    def _etag(self, place: Address) -> str | None:
        for found in self._dav.propfind(place, _ASK_ETAG, depth=0, expected=GONE):
            return strong(found.text(f"{DAV}getetag"))
        raise CopyGone("The calendar holds the copy no more.")

    def _place(self, key: str) -> Address:
        return self._dav.address(self._calendar, f"{key}.ics")


def _if_match(etag: str | None) -> dict[str, str]:
    return {"If-Match": etag} if etag else {}


def _tells_uid_conflict(answer: Answer) -> bool:
    conflict = f"{CALDAV}no-uid-conflict"
    return answer.tree is not None and answer.tree.find(conflict) is not None
