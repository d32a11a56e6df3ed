"""Names of time zones in calendars: of the IANA database, of Windows, and with a prefix."""

from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from shared.domain.zones import is_zone, zone, zone_names

_MAX_NAME_PARTS = 3
_MAX_NAME_CHARACTERS = 255
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_SAMPLES = 1_100
_BETWEEN_SAMPLES = timedelta(days=22)
_EXCHANGE_UTC = "tzone://microsoft/utc"


@lru_cache(maxsize=512)
def known_zone(name: str) -> ZoneInfo | None:
    """Return the zone of a name without a definition, or None.

    Some software writes a prefix before the name: `/freeassociation.sourceforge.net/Europe/Berlin`.
    Upper and lower case make no difference.
    """
    if len(name) > _MAX_NAME_CHARACTERS:
        return None
    found = _exact(name.strip("/"))
    if found is None and name.startswith("/"):
        parts = name.split("/")
        suffixes = ("/".join(parts[-count:]) for count in range(_MAX_NAME_PARTS, 0, -1))
        found = next((each for each in map(_exact, suffixes) if each is not None), None)
    return found


@lru_cache(maxsize=512)
def place_zone(name: str) -> ZoneInfo | None:
    """Return the zone of a name that says where it is, or None.

    That is an Area/City of the IANA database or a name of Windows, and neither EST nor GMT.
    """
    found = known_zone(name)
    is_place = found is not None and ("/" in found.key or name in WINDOWS_TO_OLSON)
    return found if is_place else None


@cache
def zone_offsets(name: str) -> frozenset[timedelta]:
    """Return the offsets that an IANA zone has had since 1970 and will have."""
    own = zone(name)
    moments = (_FIRST + number * _BETWEEN_SAMPLES for number in range(_SAMPLES))
    offsets = (each.astimezone(own).utcoffset() for each in moments)
    return frozenset(each for each in offsets if each is not None)


def _exact(name: str) -> ZoneInfo | None:
    lower = name.casefold()
    known = "UTC" if lower == _EXCHANGE_UTC else _lower_names().get(lower)
    return zone(known) if known is not None and is_zone(known) else None


@cache
def _lower_names() -> dict[str, str]:
    windows = {name.casefold(): known for name, known in WINDOWS_TO_OLSON.items()}
    return {**windows, **{name.casefold(): name for name in zone_names()}}
