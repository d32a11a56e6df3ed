"""Types shared by response data: text formats for the OpenAPI document, and calendar sources."""

from typing import Annotated, NotRequired

from pydantic import WithJsonSchema
from typing_extensions import TypedDict

from shared.domain.caller import Caller
from shared.domain.connection import ConnectionProblem, ProblemCode, Provider
from shared.usecases.finding.calendars import Source, SourceState

InstantText = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
"""RFC 3339 in UTC with a trailing Z."""

DayText = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
"""A date without a time zone."""

UuidText = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
"""The id of a record that this service created."""

UriText = Annotated[str, WithJsonSchema({"type": "string", "format": "uri"})]
"""An absolute address."""


class ProblemOut(TypedDict):
    """Why a calendar cannot be read in full, and what its user should do."""

    code: ProblemCode
    message: str
    action: str


class SourceOut(TypedDict):
    """A calendar that was read; connectionId is present for the caller's own calendars only.

    For calendars of other users, provider is null, except for Admin. The owner and Admins get the
    problem, if there is one.
    """

    userId: str
    connectionId: NotRequired[str]
    provider: Provider | None
    state: SourceState
    problem: NotRequired[ProblemOut]


def source_out(source: Source, caller: Caller | None) -> SourceOut:
    """Return the contract's Source."""
    result: SourceOut = {
        "userId": source.user_id,
        "provider": source.provider,
        "state": source.state,
    }
    if caller is not None and caller.user_id == source.user_id and source.connection_id:
        result["connectionId"] = source.connection_id
    if source.problem is not None:
        result["problem"] = _problem_out(source.problem)
    return result


def _problem_out(problem: ConnectionProblem) -> ProblemOut:
    return {"code": problem.code, "message": problem.message, "action": problem.code.action}
