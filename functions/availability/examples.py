"""Example request bodies for the OpenAPI document. Each must succeed when sent unchanged.

They include what older clients send: a dayOfWeek that contradicts its key, midnight as 00:00.
"""

from collections.abc import Mapping
from typing import Any

_MORNING = {"startTime": "09:00", "endTime": "12:00"}
_AFTERNOON = {"startTime": "13:00", "endTime": "17:30"}

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "replaceAvailability": {
        "weekdays": {
            "role": "Coach",
            "timezone": "Europe/Berlin",
            "useDefaultAvailability": False,
            "availability": {
                "monday": [_MORNING, _AFTERNOON],
                "tuesday": [_MORNING, _AFTERNOON],
                "friday": [{**_MORNING, "timezone": "Asia/Kolkata"}],
            },
        },
        "dayOfWeek that contradicts its key": {
            "role": "Coach",
            "timezone": "Asia/Kolkata",
            "useDefaultAvailability": False,
            "availability": {
                "sunday": [],
                "monday": [{"dayOfWeek": 3, **_MORNING, "timezone": "Asia/Kolkata"}],
                "saturday": [{"dayOfWeek": 0, **_AFTERNOON}],
            },
        },
        "windows that end at or after midnight": {
            "role": "Learner",
            "timezone": "America/New_York",
            "availability": {
                "monday": [{"startTime": "20:00", "endTime": "24:00"}],
                "wednesday": [{"startTime": "20:00", "endTime": "00:00"}],
                "friday": [{"startTime": "22:00", "endTime": "02:00"}],
            },
        },
        "the organization's default windows": {
            "role": "coach",
            "timezone": "UTC",
            "useDefaultAvailability": True,
        },
    },
    "setTimezone": {
        "a time zone": {"role": "Coach", "timezone": "Asia/Kolkata"},
        "role in upper case": {"role": "LEARNER", "timezone": "America/New_York"},
    },
}
