"""OpenAPI links: which operations can use values from a response."""

from collections.abc import Mapping
from typing import Any

_ID, _SESSION = "$response.body#/data/id", "$response.body#/data/sessionId"

_EVENT: Mapping[str, dict[str, Any]] = {
    "getEvent": {"parameters": {"eventId": _ID}},
    "updateEvent": {"requestBody": {"sessionId": _SESSION}},
    "cancelEvent": {"requestBody": {"sessionId": _SESSION}},
    "leaveEvent": {"requestBody": {"sessionId": _SESSION}},
    "approveEvent": {"requestBody": {"sessionId": _SESSION}},
    "declineEvent": {"requestBody": {"sessionId": _SESSION}},
    "getInviteStatus": {"parameters": {"eventId": _ID}},
    "resendInvites": {"parameters": {"eventId": _ID}},
    "listExternalAttendees": {"parameters": {"sessionId": _SESSION}},
    "replaceExternalAttendees": {"parameters": {"sessionId": _SESSION}},
}
_READ = {"getEvent": _EVENT["getEvent"]}
_CONNECTION = {"deleteConnection": {"parameters": {"connectionId": _ID}}}

LINKS: Mapping[tuple[str, int], Mapping[str, dict[str, Any]]] = {
    ("createEvent", 201): _EVENT,
    ("updateEvent", 200): _READ,
    ("approveEvent", 200): _READ | {"cancelEvent": _EVENT["cancelEvent"]},
    ("cancelEvent", 200): _READ,
    ("declineEvent", 200): _READ,
    ("createHoliday", 201): {"deleteHoliday": {"parameters": {"holidayId": _ID}}},
    ("createWebhook", 201): {
        name: {"parameters": {"webhookId": _ID}}
        for name in ("updateWebhook", "deleteWebhook", "testWebhook", "listWebhookDeliveries")
    },
    ("completeConnection", 200): _CONNECTION,
    ("connectApple", 200): _CONNECTION,
    ("connectApple", 201): _CONNECTION,
    ("autoProvisionConnection", 200): _CONNECTION,
    ("autoProvisionConnection", 201): _CONNECTION,
}
"""By operation and status: the follow-up operations, each with the values it takes from there."""
