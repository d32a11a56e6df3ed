"""Times of calendar entries that are hard or impossible to place."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.domain.interval import Interval
from shared.providers.moments import FIRST, LAST, known_zone, placed, utc, widest

NOON = datetime(2026, 3, 2, 12)  # noqa: DTZ001 - a wall time


@pytest.mark.parametrize(
    ("name", "hours"), [("GMT+02:00", 2), ("UTC-3", -3), ("+0530", 5.5), ("Etc/GMT-4", 4)]
)
def test_an_offset_is_a_zone(name: str, hours: float) -> None:
    found = known_zone(name)

    assert found is not None
    assert timedelta(hours=hours) == NOON.replace(tzinfo=found).utcoffset()


@pytest.mark.parametrize("name", [None, "", 7, "Europe", "Mars/Olympus", "GMT+99:00", "x" * 300])
def test_anything_else_is_no_zone(name: object) -> None:
    assert known_zone(name) is None


def test_a_time_in_an_unknown_zone_takes_every_instant_that_it_could_mean() -> None:
    noon = NOON.replace(tzinfo=UTC)

    assert Interval(noon - timedelta(hours=14), noon + timedelta(hours=12)) == placed(NOON, None)


def test_times_near_the_limits_of_datetime_stay_within_them() -> None:
    last = datetime.max.replace(tzinfo=timezone(timedelta(hours=-12)))
    first = datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))

    assert (FIRST, LAST) == (utc(first), utc(last))
    walls = [each.replace(tzinfo=None) for each in (first, last)]
    assert Interval(FIRST, LAST) == widest(*walls)
