"""What the answers about holidays hold."""

from typing_extensions import TypedDict

from shared.api.texts import DayText, InstantText, UuidText
from shared.domain.role import Role


class HolidayOut(TypedDict):
    """Time off from startDate to endDate, both included."""

    id: UuidText
    name: str
    role: Role
    startDate: DayText
    endDate: DayText
    createdAt: InstantText


class CreatedHolidayOut(HolidayOut):
    """A new holiday, with the ids of the sessions it falls on."""

    conflictingSessions: list[str]


class DeletedHolidayOut(TypedDict):
    """Which holiday is gone."""

    id: UuidText
