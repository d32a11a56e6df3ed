"""The change list: the domain events of the last 7 days, for the platform."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.changes.responses import ChangePageOut, change_page_out
from shared import wiring
from shared.api.app import App
from shared.api.envelope import success
from shared.api.fields import query_enums
from shared.api.operation import operation
from shared.domain.domain_event import DomainEventType

_Types = Annotated[tuple[DomainEventType, ...], *query_enums(DomainEventType)]

app = App()
wiring.warm(wiring.change_feed)


@app.get("/api/v1/changes")
@operation(
    "listChanges",
    tag="Changes",
    responses={200: ChangePageOut},
    errors=("FORBIDDEN", "CHANGES_EXPIRED"),
)
def list_changes(
    since: Annotated[str | None, Query(max_length=40)] = None,
    types: Annotated[_Types, Query()] = (),
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response[str]:
    """List domain events of the last 7 days, page by page, in the order of the list.

    For an Admin and a service with the scope events:write. Send cursor of a response as since of
    the next request; without since, the list starts with the oldest event kept. A walk has every
    event once. hasMore says whether more events are listed; if not, keep the cursor and ask again
    later. With types, a page may have fewer events than limit, or none, while hasMore is true.

    The list is in the order of publication, which may differ from that of occurredAt. Of two events
    about one subject, the one with the higher subjectVersion is newer.
    """
    page = wiring.change_feed().page(
        app.caller, since=since, types=types, limit=limit, now=wiring.now()
    )
    return success(change_page_out(page), "Changes.")


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle an API Gateway v2 payload."""
    return app.handle(payload, context)
