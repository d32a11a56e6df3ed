"""Example bodies of the API's document; every one is to be answered as it stands."""

from collections.abc import Mapping
from typing import Any

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "resendInvites": {
        "to those whose last delivery failed": {},
        "to these": {"recipients": ["learner@example.org"]},
        "to everybody": {"force": True},
    },
    "replaceExternalAttendees": {
        "addresses, with a name or without": {
            "attendees": [
                "guest@example.org",
                {"email": "second@example.org"},
                {"email": "third@example.org", "name": "Thea Third"},
            ]
        },
        "the same address twice": {"attendees": ["guest@example.org", "Guest@Example.org"]},
        "nobody": {"attendees": []},
    },
}
