"""Bookable slots of a date, and months at a glance."""

from datetime import timedelta
from typing import Annotated, Any, Literal, TypeAlias

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.slots.answers import MonthOut, SlotDayOut
from functions.slots.schemas import month_out, slot_day
from shared import wiring
from shared.api.app import App
from shared.api.envelope import answer
from shared.api.fields import Day, RoleName, SessionId, UserId, UserIds, Zone
from shared.api.operation import operation
from shared.domain.role import Role
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
@operation("findSlots", tag="Availability", answers={200: SlotDayOut})
def find_slots(  # noqa: PLR0917 - the contract's parameters, given by name
    date: Annotated[Day, Query()],
    role: Annotated[RoleName, Query()],
    coachId: Annotated[UserId, Query()],  # noqa: N803
    learnerId: Annotated[UserId, Query()],  # noqa: N803
    timezone: Annotated[Zone | None, Query()] = None,
    sessionId: Annotated[SessionId | None, Query()] = None,  # noqa: N803
    reschedule: Flag = "false",
    duration: Minutes = None,
) -> Response[str]:
    """Bookable slots of one date for one coach and one learner.

    reschedule "true" leaves the session sessionId out of the busy times; sessionId is then
    required.
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
    found = wiring.slots().on(query, now=wiring.now())
    return answer(slot_day(found, caller), "Slots of the date.")


@app.get("/api/v1/available-slots-admin")
@operation("findSlotsAdmin", tag="Availability", answers={200: SlotDayOut}, errors=("FORBIDDEN",))
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
) -> Response[str]:
    """Bookable slots of one date for any number of coaches and learners. Admin only.

    coachId and coachIds are one set, learnerId and learnerIds another; at most 50 ids.
    1 coach + 1 learner: both; 1 coach + any other number of learners: the coach alone; any other
    number of coaches + 1 learner: the learner alone; many + many: the organization's default
    windows in the viewer's timezone, nobody's busy times. basis says which rule was applied.
    """
    caller = app.caller
    caller.require(Role.ADMIN)
    query = SlotQuery(
        day=date,
        role=role,
        coach_ids=_set(coachId, coachIds),
        learner_ids=_set(learnerId, learnerIds),
        zone=timezone,
        length=_length(duration),
        session_id=sessionId,
        reschedule=reschedule == "true",
    )
    found = wiring.slots().on(query, now=wiring.now())
    return answer(slot_day(found, caller), "Slots of the date.")


@app.get("/api/v1/month-calendar")
@operation("monthCalendar", tag="Availability", answers={200: MonthOut})
def month_calendar(  # noqa: PLR0917 - the contract's parameters, given by name
    year: Year,
    month: Month,
    role: Annotated[RoleName, Query()],
    timezone: Annotated[Zone | None, Query()] = None,
    coachId: OneId = None,  # noqa: N803
    learnerId: OneId = None,  # noqa: N803
    duration: Minutes = None,
) -> Response[str]:
    """A month at a glance, each day coloured by availability, holidays and events.

    role=Coach needs coachId, role=Learner needs learnerId, role=Admin needs either; both given is
    the pairing. Each day counts exactly the slots that /available-slots lists for it.
    """
    caller = app.caller
    query = MonthQuery(
        year=year,
        month=month,
        role=role,
        coach_ids=_set(coachId),
        learner_ids=_set(learnerId),
        zone=timezone,
        length=_length(duration),
    )
    query.check_role_is_named()
    view = wiring.months().of(caller, query, now=wiring.now())
    return answer(month_out(view, caller), "The month.")


@app.get("/api/v1/month-calendar-admin")
@operation("monthCalendarAdmin", tag="Availability", answers={200: MonthOut}, errors=("FORBIDDEN",))
def month_calendar_admin(  # noqa: PLR0917 - the contract's parameters, given by name
    year: Year,
    month: Month,
    role: Annotated[RoleName, Query()],
    timezone: Annotated[Zone | None, Query()] = None,
    coachId: OneId = None,  # noqa: N803
    learnerId: OneId = None,  # noqa: N803
    coachIds: SeveralIds = (),  # noqa: N803
    learnerIds: SeveralIds = (),  # noqa: N803
    duration: Minutes = None,
) -> Response[str]:
    """The month view for any number of coaches and learners. Admin only.

    The people are selected as in /available-slots-admin.
    """
    caller = app.caller
    caller.require(Role.ADMIN)
    query = MonthQuery(
        year=year,
        month=month,
        role=role,
        coach_ids=_set(coachId, coachIds),
        learner_ids=_set(learnerId, learnerIds),
        zone=timezone,
        length=_length(duration),
    )
    view = wiring.months().of(caller, query, now=wiring.now())
    return answer(month_out(view, caller), "The month.")


def _set(one: str | None, several: tuple[str, ...] = ()) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*((one,) if one else ()), *several)))


def _length(minutes: int | None) -> timedelta | None:
    return timedelta(minutes=minutes) if minutes else None


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway v2 payload."""
    return app.handle(payload, context)
