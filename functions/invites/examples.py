"""Example request bodies for the OpenAPI document. Each must succeed when sent unchanged."""

from collections.abc import Mapping
from typing import Any

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "resendInvites": {
        "failed deliveries only": {},
        "specific addresses": {"recipients": ["learner@example.org"]},
        "all recipients": {"force": True},
    },
    "replaceExternalAttendees": {
        "addresses with and without a name": {
            "attendees": [
                "guest@example.org",
                {"email": "second@example.org"},
                {"email": "third@example.org", "name": "Thea Third"},
            ]
        },
        "the same address twice": {"attendees": ["guest@example.org", "Guest@Example.org"]},
        "no guests": {"attendees": []},
    },
}
