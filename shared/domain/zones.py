"""Time zones, from the IANA list only."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

# In the zoneinfo database, but not zones a person can be in.
_NOT_ZONES = frozenset({"localtime", "Factory", "posixrules"})


@cache
def zone_names() -> frozenset[str]:
    """Return every IANA name the service accepts."""
    return frozenset(
        name
        for name in available_timezones()
        if name not in _NOT_ZONES and not name.startswith(("posix/", "right/"))
    )


def is_zone(name: str) -> bool:
    """Whether `name` is a zone the service knows; never raises, whatever the text."""
    return name in zone_names()


@cache
def zone(name: str) -> ZoneInfo:
    """Return the zone of that name.

    Raises:
        ValueError: when it is not on the IANA list.
    """
    if not is_zone(name):
        raise ValueError(f"{name!r} is not an IANA time zone")
    return ZoneInfo(name)
