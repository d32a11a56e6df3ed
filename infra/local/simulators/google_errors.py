"""How the Calendar API says no."""

from infra.local.simulators.common import Answer, json_answer


class Refusal(Exception):
    """An error answer: HTTP status, the reason in `errors[0]`, and newer APIs' status."""

    def __init__(self, code: int, reason: str, message: str, *, status: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.status = status

    def answer(self) -> Answer:
        """Return it as Google sends it."""
        return json_answer(
            error_body(self.code, self.reason, self.message, status=self.status), status=self.code
        )


def error_body(
    code: int, reason: str, message: str, *, status: str | None = None
) -> dict[str, object]:
    """Return the JSON of an error."""
    newer = {"status": status} if status else {}
    listed = [{"message": message, "domain": "global", "reason": reason}]
    return {"error": {"errors": listed, "code": code, "message": message, **newer}}
