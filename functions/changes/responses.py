"""Response data about the change list."""

from typing import Any

from typing_extensions import TypedDict

from shared.api.response_fields import InstantText
from shared.domain.domain_event import DomainEventType, SubjectKind
from shared.usecases.publishing.change_feed import FeedPage


class SubjectOut(TypedDict):
    """What a domain event is about."""

    kind: SubjectKind
    id: str


class DomainEventOut(TypedDict):
    """A domain event; its data depends on its type, see the webhooks of this document."""

    id: str
    type: DomainEventType
    schemaVersion: int
    occurredAt: InstantText
    subject: SubjectOut
    subjectVersion: int
    data: dict[str, Any]


class ChangePageOut(TypedDict):
    """Domain events in the order of the list, and the cursor to continue with."""

    changes: list[DomainEventOut]
    cursor: str
    hasMore: bool


def change_page_out(page: FeedPage) -> dict[str, Any]:
    """Return the contract's ChangePage."""
    changes = [event.as_json() for event in page.events]
    return {"changes": changes, "cursor": page.cursor, "hasMore": page.has_more}
