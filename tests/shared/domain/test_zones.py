from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest

from shared.domain.zones import is_zone, zone, zone_names

NOT_ZONES = (
    "",
    " ",
    "America",
    "America/",
    "america/new_york",
    "utc",
    "UTC ",
    " UTC",
    "UTC\n",
    "UTC\0",
    "UTC+2",
    "+02:00",
    "EST5",
    "../etc/passwd",
    "/etc/localtime",
    "../../usr/share/zoneinfo/UTC",
    "Europe/../UTC",
    "localtime",
    "Factory",
    "posixrules",
    "posix/UTC",
    "right/UTC",
    "tzdata.zi",
    "zone.tab",
    "Etc/Unknown",
    "Mars/Olympus_Mons",
    "W. Europe Standard Time",
    "Zürich",
    "x" * 10_000,
)


@pytest.mark.parametrize("name", NOT_ZONES)
def test_a_name_that_is_not_on_the_list_is_not_a_zone(name: str) -> None:
    assert not is_zone(name)
    with pytest.raises(ValueError, match="not an IANA time zone"):
        zone(name)


@pytest.mark.parametrize(
    "name",
    ["UTC", "GMT", "Etc/GMT+12", "Asia/Kolkata", "Asia/Calcutta", "US/Pacific", "Africa/Monrovia"],
)
def test_zones_and_their_older_names_are_accepted(name: str) -> None:
    assert is_zone(name)
    assert name == zone(name).key


def test_every_name_on_the_list_can_be_loaded() -> None:
    instant = datetime(2026, 7, 1, tzinfo=UTC)

    readable = {name for name in zone_names() if instant.astimezone(zone(name))}

    assert zone_names() == readable
    assert len(readable) > 500


def test_the_list_is_that_of_zoneinfo_without_pseudo_zones() -> None:
    # The machine's own zones may be newer or older than those of the package.
    oddities = {"localtime", "Factory", "posixrules"}

    assert {"Factory"} <= oddities & available_timezones()
    assert zone_names() <= available_timezones() - oddities


def test_a_zone_is_loaded_once() -> None:
    assert zone("Europe/Berlin") is zone("Europe/Berlin")
    assert ZoneInfo("Europe/Berlin") is zone("Europe/Berlin")
