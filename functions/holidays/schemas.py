"""Holidays as the contract writes them."""

from typing import Any

from shared.api.envelope import Body
from shared.api.fields import Day, HolidayName, RoleName, zulu
from shared.domain.holiday import Holiday


class CreateHoliday(Body):
    """POST /holidays."""

    name: HolidayName
    role: RoleName
    start_date: Day
    end_date: Day


def holiday_out(holiday: Holiday) -> dict[str, Any]:
    """Return the contract's Holiday."""
    return {
        "id": holiday.id,
        "name": holiday.name,
        "role": holiday.role,
        "startDate": holiday.first.isoformat(),
        "endDate": holiday.last.isoformat(),
        "createdAt": zulu(holiday.created_at),
    }
