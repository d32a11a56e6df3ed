"""Time zones, from the IANA list only."""

import pkgutil
from functools import cache
from typing import cast
from zoneinfo import ZoneInfo

# In the database, but not zones a person can be in.
_NOT_ZONES = frozenset({"Factory", "localtime", "posixrules"})


@cache
def zone_names() -> frozenset[str]:
    """Return every IANA name the service accepts.

    They come from the list inside the tzdata package, one small file: zoneinfo's own
    available_timezones() opens every file of the database, which a cold start would wait for.

    Raises:
        ModuleNotFoundError: when tzdata is not installed.
    """
    # get_data says None only for loaders that cannot read files, from which tzdata never comes.
    listed = cast("bytes", pkgutil.get_data("tzdata", "zones"))
    return frozenset(listed.decode().split()) - _NOT_ZONES


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
