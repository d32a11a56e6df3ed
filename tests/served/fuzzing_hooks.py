"""Schemathesis hooks for this API, loaded by the module name in fuzzing.toml."""

import json
import os
from typing import Any

import schemathesis
from hypothesis import strategies as st

from tests.served.fuzzing_waivers import is_waived

ZONE, START, END = "iana-zone", "morning", "evening"
BOOKED = ("CreateEvent", "UpdateEvent")

schemathesis.openapi.format(ZONE, st.sampled_from(["UTC", "Asia/Kolkata", "America/New_York"]))
schemathesis.openapi.format(
    START, st.integers(0, 11).map(lambda hour: f"2030-03-05T{hour:02}:00:00Z")
)
schemathesis.openapi.format(
    END, st.integers(12, 23).map(lambda hour: f"2030-03-05T{hour:02}:30:00Z")
)


@schemathesis.hook
def before_load_schema(_context: Any, raw_schema: dict[str, Any]) -> None:
    """Add formats for rules the document only describes; otherwise few bookings would be valid."""
    schemas = raw_schema["components"]["schemas"]
    for schema in schemas.values():
        _add_zone(schema.get("properties", {}))
    for name in BOOKED:
        _name_format(schemas[name]["properties"]["startTime"], START)
        _name_format(schemas[name]["properties"]["endTime"], END)
    for path in raw_schema["paths"].values():
        for operation in path.values():
            parameters = operation.get("parameters", ())
            _add_zone({each["name"]: each["schema"] for each in parameters})


def _add_zone(properties: dict[str, Any]) -> None:
    if "timezone" in properties:
        _name_format(properties["timezone"], ZONE)


def _name_format(schema: dict[str, Any], name: str) -> None:
    for each in schema.get("anyOf", [schema]):
        if each.get("type") == "string":
            each["format"] = name


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Keep requests on this machine, and write integers as every client does.

    Every CalDAV address becomes the local server's. In JSON Schema 7.0 is an integer; the service
    rejects it, because beyond 2 ** 53 it could be rounded to another user's id.
    """
    if isinstance(case.body, dict | list):
        case.body = _with_integers(case.body)
    if case.operation.label == "POST /api/v1/auth/apple/connect" and isinstance(case.body, dict):
        server_url = case.body.get("serverUrl", "//")
        if isinstance(server_url, str) and "//" in server_url:
            case.body = {**case.body, "serverUrl": os.environ["CALDAV_URL"]}


def _with_integers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_integers(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_with_integers(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@schemathesis.hook
def filter_failure(_context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Ignore failures that are waived for a reason."""
    return not is_waived(
        check=type(failure).__name__,
        operation=case.operation.label,
        status=response.status_code,
        response=_envelope(response.content),
    )


def _envelope(content: bytes | None) -> dict[str, Any]:
    try:
        answer = json.loads(content or b"{}")
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
