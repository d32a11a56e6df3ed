"""Response data about holidays."""

from typing_extensions import TypedDict

from shared.api.instants import zulu
from shared.api.response_fields import DayText, InstantText, UuidText
from shared.domain.person import Holiday
from shared.domain.role import Role
from shared.usecases.people.holidays import HolidayAdded


class HolidayOut(TypedDict):
    """Time off from startDate to endDate, both inclusive; createdBy is the user or an Admin."""

    id: UuidText
    name: str
    role: Role
    startDate: DayText
    endDate: DayText
    createdAt: InstantText
    createdBy: str | None


class CreatedHolidayOut(HolidayOut):
    """A new holiday, with the ids of the sessions it overlaps."""

    conflictingSessions: list[str]


class DeletedHolidayOut(TypedDict):
    """The id of the deleted holiday."""

    id: UuidText


def holiday_out(holiday: Holiday) -> HolidayOut:
    """Return the contract's Holiday."""
    return {
        "id": holiday.id,
        "name": holiday.name,
        "role": holiday.role,
        "startDate": holiday.first.isoformat(),
        "endDate": holiday.last.isoformat(),
        "createdAt": zulu(holiday.created_at),
        "createdBy": holiday.created_by,
    }


def created_holiday_out(added: HolidayAdded) -> CreatedHolidayOut:
    """Return the contract's Holiday with the sessions it overlaps."""
    return {
        **holiday_out(added.holiday),
        "conflictingSessions": list(added.conflicting_sessions),
    }
