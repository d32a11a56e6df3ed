"""Days of a `Platform` as a caller sees them."""

from datetime import date

from shared.domain.caller import Caller
from shared.usecases.finding.days import DayView
from tests.support.platform import COACH, DAY, NOW, Platform


def day(
    platform: Platform,
    caller: Caller | None = COACH,
    user_id: str | None = None,
    zone: str | None = None,
    on: date = DAY,
) -> DayView:
    """Return a day of the coach, by default as the coach sees it."""
    return platform.days.on(caller, day=on, user_id=user_id, zone_name=zone, now=NOW)


def titles(view: DayView) -> list[str]:
    """Return the titles of the day in order."""
    return [each.title for each in view.entries]
