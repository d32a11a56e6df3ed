"""Example request bodies for the OpenAPI document. Each must succeed when sent unchanged."""

from collections.abc import Mapping
from typing import Any

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "createHoliday": {
        "several days": {
            "name": "Winter break",
            "role": "Coach",
            "startDate": "2030-12-24",
            "endDate": "2030-12-31",
        },
        "one day, role in lower case": {
            "name": "Moving house",
            "role": "learner",
            "startDate": "2030-05-17",
            "endDate": "2030-05-17",
        },
    },
}
