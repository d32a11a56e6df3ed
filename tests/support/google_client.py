"""A request body for Google's own client library, and the error it reports."""

from typing import Any

import pytest
from googleapiclient.errors import HttpError

BODY = {
    "id": "abcde12345",
    "summary": "Lunch",
    "start": {"dateTime": "2026-03-02T10:00:00Z"},
    "end": {"dateTime": "2026-03-02T11:00:00Z"},
}


def status_of(call: Any) -> tuple[int, str]:
    """Execute a call that must fail, and return its status and reason."""
    with pytest.raises(HttpError) as caught:
        call.execute()
    return caught.value.status_code, caught.value.error_details[0]["reason"]
