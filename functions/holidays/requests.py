"""The request body for a holiday."""

from shared.api.envelope import Body
from shared.api.fields import RoleName, UserId
from shared.api.instants import Day
from shared.api.text_fields import HolidayName


class CreateHoliday(Body):
    """POST /holidays."""

    user_id: UserId | None = None
    name: HolidayName
    role: RoleName
    start_date: Day
    end_date: Day
