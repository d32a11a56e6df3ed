"""Holidays as the contract writes them."""

from functions.holidays.answers import CreatedHolidayOut, HolidayOut
from shared.api.envelope import Body
from shared.api.fields import Day, HolidayName, RoleName, zulu
from shared.domain.holiday import Holiday
from shared.usecases.people.holidays import HolidayAdded


class CreateHoliday(Body):
    """POST /holidays."""

    name: HolidayName
    role: RoleName
    start_date: Day
    end_date: Day


def holiday_out(holiday: Holiday) -> HolidayOut:
    """Return the contract's Holiday."""
    return {
        "id": holiday.id,
        "name": holiday.name,
        "role": holiday.role,
        "startDate": holiday.first.isoformat(),
        "endDate": holiday.last.isoformat(),
        "createdAt": zulu(holiday.created_at),
    }


def created_holiday_out(added: HolidayAdded) -> CreatedHolidayOut:
    """Return the contract's Holiday with the sessions it falls on."""
    return {
        **holiday_out(added.holiday),
        "conflictingSessions": list(added.conflicting_sessions),
    }
