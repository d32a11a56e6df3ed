"""Time zones as mailboxes name them."""

from typing import Any

from shared.domain.zones import is_zone


def iana(name: Any) -> str | None:
    """Return the IANA name of a mailbox's zone: of Windows' names, or one already.

    None for anything else, such as `tzone://Microsoft/Custom`, which stands for rules of the
    user's own. Source: Unicode CLDR, windowsZones.
    """
    if not isinstance(name, str):
        return None
    if is_zone(name):
        return name
    # A package this large is loaded only where somebody connects a calendar.
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # noqa: PLC0415

    known = WINDOWS_TO_OLSON.get(name)
    return known if known and is_zone(known) else None
