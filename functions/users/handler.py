"""Export and erasure of a user's data, for services of the platform."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.users.export_responses import UserExportOut, export_out
from functions.users.responses import ErasureOut, erasure_out
from shared import wiring
from shared.api.app import App
from shared.api.envelope import success
from shared.api.fields import UserId
from shared.api.operation import operation

app = App()
wiring.warm(wiring.erasures, wiring.user_exports)


@app.get("/api/v1/users/<userId>/export")
@operation("exportUser", tag="Users", responses={200: UserExportOut}, errors=("FORBIDDEN",))
def export_user(
    userId: Annotated[UserId, Path()],  # noqa: N803
    cursor: Annotated[str | None, Query(max_length=100)] = None,
) -> Response[str]:
    """Export what is stored about a user: profile, availability, holidays, connections, sessions.

    For a service with the scope users:export. Sessions come in pages: while cursor in the response
    is not null, send it as cursor to get the next page, until it is null. A session may be on two
    pages. Each session has only what is about this user, and no other participant. Credentials are
    never exported. A user about whom nothing is stored has an export without data.
    """
    page = wiring.user_exports().page(app.caller, userId, after=cursor, now=wiring.now())
    return success(export_out(page), "The user's data.")


@app.delete("/api/v1/users/<userId>")
@operation("eraseUser", tag="Users", responses={202: ErasureOut}, errors=("FORBIDDEN",))
def erase_user(userId: Annotated[UserId, Path()]) -> Response[str]:  # noqa: N803
    """Start the erasure of a user's data; getErasure reports its progress and the receipt.

    For a service with the scope users:erase. Coming sessions come first: one that would be left
    without a coach or without a learner is cancelled, and the user is removed from the others;
    calendars and mail follow. Then a pseudonym replaces the user in the records of sessions,
    connections are revoked and deleted, and everything else that is stored about the user is
    deleted. This takes at least 30 minutes, so that requests under way are included, and up to
    about six hours if a calendar does not respond.

    Delete the user at the platform first: what a valid token of the user stores after that is not
    erased. Repeating the request while the erasure runs returns it unchanged; after it has
    completed, it starts another one, and the receipt counts both.
    """
    erasure = wiring.erasures().request(app.caller, userId, now=wiring.now())
    return success(erasure_out(erasure, userId), "Erasure requested.", status=202)


@app.get("/api/v1/users/<userId>/erasure")
@operation(
    "getErasure", tag="Users", responses={200: ErasureOut}, errors=("FORBIDDEN", "NOT_FOUND")
)
def get_erasure(userId: Annotated[UserId, Path()]) -> Response[str]:  # noqa: N803
    """Get the progress of a user's erasure, or the receipt of a completed one.

    For a service with the scope users:erase. NOT_FOUND if none was requested, or if the receipt has
    expired.
    """
    erasure = wiring.erasures().receipt(app.caller, userId)
    return success(erasure_out(erasure, userId), "The erasure.")


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle an API Gateway v2 payload."""
    return app.handle(payload, context)
