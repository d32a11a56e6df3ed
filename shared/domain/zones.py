"""IANA time zones."""

import pkgutil
from functools import cache
from typing import cast
from zoneinfo import ZoneInfo

# In the database, but not zones of a place.
_NOT_ZONES = frozenset({"Factory", "localtime", "posixrules"})


@cache
def zone_names() -> frozenset[str]:
    """Return every IANA name the service accepts.

    The names come from one small file of the tzdata package: zoneinfo.available_timezones() opens
    every file of the database, which slows a cold start.

    Raises:
        ModuleNotFoundError: when tzdata is not installed.
    """
    # get_data returns None only for loaders that cannot read files; tzdata never uses one.
    listed = cast("bytes", pkgutil.get_data("tzdata", "zones"))
    return frozenset(listed.decode().split()) - _NOT_ZONES


def is_zone(name: str) -> bool:
    """Whether `name` is a zone the service accepts; never raises."""
    return name in zone_names()


@cache
def zone(name: str) -> ZoneInfo:
    """Return the zone with that name.

    Raises:
        ValueError: when it is not on the IANA list.
    """
    if not is_zone(name):
        raise ValueError(f"{name!r} is not an IANA time zone")
    return ZoneInfo(name)
