"""Parses and checks requests to the simulated Calendar API."""

from infra.local.simulators.google.errors import GoogleApiError
from infra.local.simulators.google.events import Json
from infra.local.simulators.http import SimulatedRequest


def writable_fields(body: Json, request: SimulatedRequest) -> Json:
    """Return the fields to write; without conferenceDataVersion 1 the conference is removed."""
    if request.query.get("conferenceDataVersion") == "1":
        return body
    return (
        {**body, "conferenceData": None}
        if request.method == "PATCH"
        else {name: value for name, value in body.items() if name != "conferenceData"}
    )


def check_match(event: Json, request: SimulatedRequest) -> None:
    """Raise GoogleApiError unless If-Match, if given, is the event's etag."""
    etag = request.headers.get("if-match")
    if etag not in (None, "*", event["etag"]):
        raise GoogleApiError(412, "conditionNotMet", "Precondition Failed")


def body_of(request: SimulatedRequest) -> Json:
    """Return the JSON object in a request; raise GoogleApiError if there is none."""
    try:
        body = request.json
    except ValueError as error:
        raise GoogleApiError(400, "parseError", "Parse Error") from error
    if not isinstance(body, dict):
        raise GoogleApiError(400, "required", "Missing body")
    return body
