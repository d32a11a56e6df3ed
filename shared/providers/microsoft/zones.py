"""Time zone names of Microsoft mailboxes."""

from typing import Any

from shared.domain.zones import is_zone


def iana(name: Any) -> str | None:
    """Return the IANA name for a mailbox's zone, which is a Windows or an IANA name.

    Return None for anything else, such as `tzone://Microsoft/Custom`, which means rules defined
    by the user. Source: Unicode CLDR, windowsZones.
    """
    if not isinstance(name, str):
        return None
    if is_zone(name):
        return name
    # This large package is imported only when a user connects a calendar.
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # noqa: PLC0415

    known = WINDOWS_TO_OLSON.get(name)
    return known if known and is_zone(known) else None
