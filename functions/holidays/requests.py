"""The request body for a holiday."""

from shared.api.envelope import Body
from shared.api.fields import HolidayName, RoleName
from shared.api.instants import Day


class CreateHoliday(Body):
    """POST /holidays."""

    name: HolidayName
    role: RoleName
    start_date: Day
    end_date: Day
