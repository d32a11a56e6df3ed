"""Error responses of the Calendar API."""

from infra.local.simulators.http import SimulatedResponse, json_response


class GoogleApiError(Exception):
    """An error response: HTTP status, reason in `errors[0]`, and the status of newer APIs."""

    def __init__(self, code: int, reason: str, message: str, *, status: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.status = status

    def response(self) -> SimulatedResponse:
        """Return the HTTP response."""
        return json_response(
            error_body(self.code, self.reason, self.message, status=self.status), status=self.code
        )


def error_body(
    code: int, reason: str, message: str, *, status: str | None = None
) -> dict[str, object]:
    """Return the JSON of an error."""
    newer = {"status": status} if status else {}
    listed = [{"message": message, "domain": "global", "reason": reason}]
    return {"error": {"errors": listed, "code": code, "message": message, **newer}}
