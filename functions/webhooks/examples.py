"""Example request bodies for the OpenAPI document. Each must succeed when sent unchanged."""

from collections.abc import Mapping
from typing import Any

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "createWebhook": {
        "some types": {
            "url": "https://platform.example/calendar-events",
            "types": ["session.booked", "session.changed", "session.cancelled"],
            "description": "session records",
        },
        "every type": {"url": "https://platform.example/all?tenant=7"},
    },
    "updateWebhook": {
        "a new secret, the old one is kept for two days": {
            "rotateSecret": True,
            "keepSecretsHours": 48,
        },
        "other types": {"types": ["session.booked"], "description": None},
        "enabled again": {"status": "ACTIVE"},
    },
    "replayWebhook": {"since an instant": {"since": "2026-11-23T07:00:00Z"}},
}
