"""Request bodies for webhooks."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, WithJsonSchema

from shared.api.envelope import Body
from shared.api.fields import at_most, enum_parser, enum_schema
from shared.api.instants import Instant
from shared.api.text_fields import LINE, one_line, shown_line
from shared.domain.domain_event import DomainEventType
from shared.domain.webhook import WebhookStatus
from shared.usecases.webhooks.webhook_registry import WebhookChange

_LEFT_OUT: Any = None
"""The default of a field that may be left out, but must not be null."""

ReceiverUrl = Annotated[
    str,
    Field(min_length=1, max_length=2048, json_schema_extra={"format": "uri"}),
    AfterValidator(one_line),
]
EventTypes = Annotated[
    tuple[
        Annotated[
            DomainEventType,
            BeforeValidator(enum_parser(DomainEventType)),
            WithJsonSchema(enum_schema(*DomainEventType)),
        ],
        ...,
    ],
    Field(max_length=50),
    at_most(50),
]
Label = Annotated[str, Field(max_length=200, json_schema_extra=LINE), AfterValidator(shown_line)]
StatusOfWebhook = Annotated[
    WebhookStatus,
    BeforeValidator(enum_parser(WebhookStatus)),
    WithJsonSchema(enum_schema(*WebhookStatus)),
]


class CreateWebhook(Body):
    """POST /webhooks. Without types, the webhook gets every domain event."""

    url: ReceiverUrl
    types: EventTypes = ()
    description: Label | None = None


class UpdateWebhook(Body):
    """PUT /webhooks/{webhookId}. Only the given fields change."""

    url: ReceiverUrl = _LEFT_OUT
    types: EventTypes = _LEFT_OUT
    description: Label | None = None
    status: StatusOfWebhook = _LEFT_OUT
    rotate_secret: StrictBool = False
    keep_secrets_hours: Annotated[int, Field(ge=0, le=168, strict=True)] = 24

    def change(self) -> WebhookChange:
        """Return the change to make."""
        clears = "description" in self.model_fields_set and self.description is None
        return WebhookChange(
            url=self.url,
            types=None if self.types is None else tuple(each.value for each in self.types),
            description="" if clears else self.description,
            status=self.status,
            rotates_secret=self.rotate_secret,
            keep_secrets=timedelta(hours=self.keep_secrets_hours),
        )


class ReplayWebhook(Body):
    """POST /webhooks/{webhookId}/replay."""

    since: Instant
