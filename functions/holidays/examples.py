"""Example bodies of the API's document; every one is to be answered as it stands."""

from collections.abc import Mapping
from typing import Any

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "createHoliday": {
        "some days": {
            "name": "Winter break",
            "role": "Coach",
            "startDate": "2030-12-24",
            "endDate": "2030-12-31",
        },
        "one day, role in small letters": {
            "name": "Moving house",
            "role": "learner",
            "startDate": "2030-05-17",
            "endDate": "2030-05-17",
        },
    },
}
