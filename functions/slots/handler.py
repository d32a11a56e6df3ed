"""Bookable slots of a date, and month calendars."""

from datetime import timedelta
from typing import Annotated, Any, Literal, TypeAlias

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.slots.responses import (
    MonthOut,
    SlotDayOut,
    explained_day_out,
    month_out,
    slot_day_out,
)
from shared import wiring
from shared.api.app import App
from shared.api.envelope import success
from shared.api.fields import RoleName, SessionId, UserId, UserIds
from shared.api.instants import Day, Zone
from shared.api.operation import operation
from shared.domain.caller import Caller
from shared.domain.time_policy import TimeQuestion, asker_of, require_question
from shared.usecases.finding.months import MonthQuery
from shared.usecases.finding.slots import SlotQuery

app = App()
wiring.warm(wiring.slots, wiring.months)

OneId: TypeAlias = Annotated[UserId | None, Query()]
SeveralIds: TypeAlias = Annotated[UserIds, Query()]
Minutes: TypeAlias = Annotated[int | None, Query(ge=5, le=480)]
Flag: TypeAlias = Annotated[Literal["true", "false"], Query()]
Year: TypeAlias = Annotated[int, Query(ge=1970, le=2199)]
Month: TypeAlias = Annotated[int, Query(ge=1, le=12)]


@app.get("/api/v1/available-slots")
@operation(
    "findSlots",
    tag="Availability",
    responses={200: SlotDayOut},
    errors=("FORBIDDEN", "NOT_FOUND"),
)
def find_slots(  # noqa: PLR0917 - the contract's parameters, given by name
    date: Annotated[Day, Query()],
    role: Annotated[RoleName, Query()],
    coachId: Annotated[UserId, Query()],  # noqa: N803
    learnerId: Annotated[UserId, Query()],  # noqa: N803
    timezone: Annotated[Zone | None, Query()] = None,
    sessionId: Annotated[SessionId | None, Query()] = None,  # noqa: N803
    reschedule: Flag = "false",
    duration: Minutes = None,
    explain: Flag = "false",
) -> Response[str]:
    """List the bookable slots of one date for one coach and one learner.

    For these two people, Admin, and a service with the scope events:write; anyone else gets
    FORBIDDEN. The coach needs the role Coach. With reschedule "true", the session sessionId does
    not count as busy; sessionId is then required, and a session that the caller may not see is
    NOT_FOUND. Of other users' calendars, sources shows the state only, except for Admin.

    With explain "true", explanation also has every time of the date's grid, inside the windows or
    not, and for the coach and the learner every reason why it is not available: outside_windows,
    holiday, session, calendar, buffer, notice, unverified. A learner who has set no availability
    does not limit the slots, unless the organization decided otherwise.
    """
    caller = app.caller
    query = SlotQuery(
        day=date,
        role=role,
        coach_ids=(coachId,),
        learner_ids=(learnerId,),
        zone=timezone,
        length=_length(duration),
        session_id=sessionId,
        reschedule=reschedule == "true",
    )
    return _slots(caller, query, explain=explain == "true")


@app.get("/api/v1/available-slots-admin")
@operation(
    "findSlotsAdmin",
    tag="Availability",
    responses={200: SlotDayOut},
    errors=("FORBIDDEN", "NOT_FOUND"),
)
def find_slots_admin(  # noqa: PLR0917 - the contract's parameters, given by name
    date: Annotated[Day, Query()],
    role: Annotated[RoleName, Query()],
    timezone: Annotated[Zone | None, Query()] = None,
    coachId: OneId = None,  # noqa: N803
    learnerId: OneId = None,  # noqa: N803
    coachIds: SeveralIds = (),  # noqa: N803
    learnerIds: SeveralIds = (),  # noqa: N803
    sessionId: Annotated[SessionId | None, Query()] = None,  # noqa: N803
    reschedule: Flag = "false",
    duration: Minutes = None,
    explain: Flag = "false",
) -> Response[str]:
    """List the bookable slots of one date for any number of coaches and learners.

    For Admin and a service with the scope events:write.

    coachId and coachIds form one set, learnerId and learnerIds another; at most 50 ids. Who must be
    free: with one coach and one learner, both; with one coach and any other number of learners, the
    coach; with one learner and any other number of coaches, the learner. Otherwise the slots are
    the organization's default windows in the viewer's timezone and no busy times count. basis names
    the rule that was applied. explain works as in /available-slots.
    """
    caller = app.caller
    require_question(TimeQuestion.SEVERAL, asker_of(caller))
    query = SlotQuery(
        day=date,
        role=role,
        coach_ids=_unique_ids(coachId, coachIds),
        learner_ids=_unique_ids(learnerId, learnerIds),
        zone=timezone,
        length=_length(duration),
        session_id=sessionId,
        reschedule=reschedule == "true",
    )
    return _slots(caller, query, explain=explain == "true")


@app.get("/api/v1/month-calendar")
@operation(
    "monthCalendar",
    tag="Availability",
    responses={200: MonthOut},
    errors=("FORBIDDEN", "NOT_FOUND"),
)
def month_calendar(  # noqa: PLR0917 - the contract's parameters, given by name
    year: Year,
    month: Month,
    role: Annotated[RoleName, Query()],
    timezone: Annotated[Zone | None, Query()] = None,
    coachId: OneId = None,  # noqa: N803
    learnerId: OneId = None,  # noqa: N803
    sessionId: Annotated[SessionId | None, Query()] = None,  # noqa: N803
    reschedule: Flag = "false",
    duration: Minutes = None,
) -> Response[str]:
    """Get a month calendar: each day coloured by availability, holidays and events.

    role=Coach requires coachId, role=Learner requires learnerId, role=Admin requires either one.
    With both ids, the calendar is for that pair. Each day counts exactly the slots that
    /available-slots lists for it, also with sessionId and reschedule.

    Every user may ask about one coach. Only that learner may ask about a learner, and only the two
    people about a pair, the coach with the role Coach; anyone else gets FORBIDDEN, except Admin and
    a service with the scope events:write. Of other users' calendars, sources shows the state only,
    except for Admin.
    """
    caller = app.caller
    query = MonthQuery(
        year=year,
        month=month,
        role=role,
        coach_ids=_unique_ids(coachId),
        learner_ids=_unique_ids(learnerId),
        zone=timezone,
        length=_length(duration),
        session_id=sessionId,
        reschedule=reschedule == "true",
    )
    query.check_role_is_named()
    view = wiring.months().of(caller, query, now=wiring.now())
    return success(month_out(view, caller), "Month calendar.")


@app.get("/api/v1/month-calendar-admin")
@operation(
    "monthCalendarAdmin",
    tag="Availability",
    responses={200: MonthOut},
    errors=("FORBIDDEN", "NOT_FOUND"),
)
def month_calendar_admin(  # noqa: PLR0917 - the contract's parameters, given by name
    year: Year,
    month: Month,
    role: Annotated[RoleName, Query()],
    timezone: Annotated[Zone | None, Query()] = None,
    coachId: OneId = None,  # noqa: N803
    learnerId: OneId = None,  # noqa: N803
    coachIds: SeveralIds = (),  # noqa: N803
    learnerIds: SeveralIds = (),  # noqa: N803
    sessionId: Annotated[SessionId | None, Query()] = None,  # noqa: N803
    reschedule: Flag = "false",
    duration: Minutes = None,
) -> Response[str]:
    """Get a month calendar for any number of coaches and learners.

    For Admin and a service with the scope events:write.

    coachId, coachIds, learnerId and learnerIds select people as in /available-slots-admin,
    sessionId and reschedule as in /available-slots.
    """
    caller = app.caller
    require_question(TimeQuestion.SEVERAL, asker_of(caller))
    query = MonthQuery(
        year=year,
        month=month,
        role=role,
        coach_ids=_unique_ids(coachId, coachIds),
        learner_ids=_unique_ids(learnerId, learnerIds),
        zone=timezone,
        length=_length(duration),
        session_id=sessionId,
        reschedule=reschedule == "true",
    )
    view = wiring.months().of(caller, query, now=wiring.now())
    return success(month_out(view, caller), "Month calendar.")


def _slots(caller: Caller, query: SlotQuery, *, explain: bool) -> Response[str]:
    if explain:
        day, times = wiring.explanations().on(caller, query, now=wiring.now())
        out = explained_day_out(day, times, caller)
    else:
        out = slot_day_out(wiring.slots().on(caller, query, now=wiring.now()), caller)
    return success(out, "Slots for the date.")


def _unique_ids(one: str | None, several: tuple[str, ...] = ()) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*((one,) if one else ()), *several)))


def _length(minutes: int | None) -> timedelta | None:
    return timedelta(minutes=minutes) if minutes else None


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle an API Gateway v2 payload."""
    return app.handle(payload, context)
