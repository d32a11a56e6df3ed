"""Webhooks: receivers of domain events, for Admins and services."""

from typing import Annotated, Any
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.webhooks.requests import CreateWebhook, ReplayWebhook, UpdateWebhook
from functions.webhooks.responses import (
    DeletedWebhookOut,
    WebhookAnswerOut,
    WebhookDeliveryPageOut,
    WebhookOut,
    WebhookReplayOut,
    WebhookWithSecretOut,
    answer_out,
    delivery_page_out,
    webhook_out,
    with_secret_out,
)
from shared import wiring
from shared.api.app import App
from shared.api.envelope import success
from shared.api.instants import zulu
from shared.api.operation import operation

WebhookId = Annotated[UUID, Path()]

app = App()
wiring.warm(wiring.webhooks)


@app.get("/api/v1/webhooks")
@operation("listWebhooks", tag="Webhooks", responses={200: list[WebhookOut]}, errors=("FORBIDDEN",))
def list_webhooks() -> Response[str]:
    """List all webhooks, the oldest first, without their secrets."""
    now = wiring.now()
    listed = wiring.webhooks().list_webhooks(app.caller)
    return success([webhook_out(each, now=now) for each in listed], "The webhooks.")


@app.post("/api/v1/webhooks")
@operation(
    "createWebhook",
    tag="Webhooks",
    responses={201: WebhookWithSecretOut},
    errors=("FORBIDDEN", "SERVER_URL_NOT_ALLOWED", "TOO_MANY_REQUESTS"),
)
def create_webhook(body: CreateWebhook) -> Response[str]:
    """Register a receiver of domain events. Only this response has the secret.

    The url is a public https address on port 443. Each delivery is a POST whose body is the
    envelope of one domain event, with the headers Calendar-Signature, Calendar-Delivery-Id and
    Calendar-Attempt. Any 2xx within 10 seconds is success; redirects are not followed. A delivery
    that fails is repeated for 24 hours. A webhook that fails for 24 hours is disabled.
    """
    now = wiring.now()
    stored = wiring.webhooks().register(
        app.caller,
        url=body.url,
        types=[each.value for each in body.types],
        description=body.description,
        now=now,
    )
    return success(with_secret_out(stored, now=now), "Webhook created.", status=201)


@app.put("/api/v1/webhooks/<webhookId>")
@operation(
    "updateWebhook",
    tag="Webhooks",
    responses={200: WebhookWithSecretOut},
    errors=("FORBIDDEN", "NOT_FOUND", "SERVER_URL_NOT_ALLOWED"),
)
def update_webhook(webhookId: WebhookId, body: UpdateWebhook) -> Response[str]:  # noqa: N803 - the path's name
    """Change a webhook, or give it a new secret, which only this response has.

    Only the given fields change. With rotateSecret, the previous secrets sign for
    keepSecretsHours more, and each delivery has one v1 for each active secret; at most five are
    kept. The status ACTIVE enables a disabled webhook and ends its failures.
    """
    now = wiring.now()
    stored = wiring.webhooks().change_webhook(app.caller, str(webhookId), body.change(), now=now)
    return success(with_secret_out(stored, now=now), "Webhook updated.")


@app.delete("/api/v1/webhooks/<webhookId>")
@operation(
    "deleteWebhook",
    tag="Webhooks",
    responses={200: DeletedWebhookOut},
    errors=("FORBIDDEN", "NOT_FOUND"),
)
def delete_webhook(webhookId: WebhookId) -> Response[str]:  # noqa: N803
    """Delete a webhook. Deliveries that wait are dropped."""
    wiring.webhooks().unregister(app.caller, str(webhookId))
    deleted: DeletedWebhookOut = {"id": str(webhookId)}
    return success(deleted, "Webhook deleted.")


@app.post("/api/v1/webhooks/<webhookId>/test")
@operation(
    "testWebhook",
    tag="Webhooks",
    responses={200: WebhookAnswerOut},
    errors=("FORBIDDEN", "NOT_FOUND"),
)
def send_test_event(webhookId: WebhookId) -> Response[str]:  # noqa: N803
    """Send an event of type webhook.test at once and return the receiver's answer.

    It also works for a disabled webhook. The test is not repeated and changes no status.
    """
    answer = wiring.webhooks().send_test(app.caller, str(webhookId), now=wiring.now())
    return success(answer_out(answer), "Test sent.")


@app.post("/api/v1/webhooks/<webhookId>/replay")
@operation(
    "replayWebhook",
    tag="Webhooks",
    responses={202: WebhookReplayOut},
    errors=("FORBIDDEN", "NOT_FOUND"),
)
def replay_webhook(webhookId: WebhookId, body: ReplayWebhook) -> Response[str]:  # noqa: N803
    """Deliver the domain events since then once more, also those delivered before.

    since is within the last 7 days. Events of up to an hour before may be repeated too. Deliveries
    keep their ids, so a receiver can skip those it has. A disabled webhook must be enabled first;
    otherwise nothing is delivered.
    """
    wiring.webhooks().replay(app.caller, str(webhookId), body.since, now=wiring.now())
    queued: WebhookReplayOut = {"id": str(webhookId), "since": zulu(body.since)}
    return success(queued, "Replay queued.", status=202)


@app.get("/api/v1/webhooks/<webhookId>/deliveries")
@operation(
    "listWebhookDeliveries",
    tag="Webhooks",
    responses={200: WebhookDeliveryPageOut},
    errors=("FORBIDDEN", "NOT_FOUND"),
)
def list_deliveries(
    webhookId: WebhookId,  # noqa: N803
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Response[str]:
    """List the deliveries of the last 8 days that were attempted, the newest domain events first.

    A delivery that waits while its webhook is disabled is dropped and stays PENDING.
    """
    page = wiring.webhooks().list_deliveries(app.caller, str(webhookId), cursor=cursor, limit=limit)
    return success(delivery_page_out(page), "The deliveries.")


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle an API Gateway v2 payload."""
    return app.handle(payload, context)
