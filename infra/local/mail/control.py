"""The API under /_local/mail; responses have the service's envelope."""

import concurrent.futures
from typing import Any

from infra.local.control import MAIL, failure, success
from infra.local.gateway import Response
from infra.local.mail.events import Report
from infra.local.mail.mails import Mails
from infra.local.mail.sent import SentMail
from infra.local.workers import InvocationFailed

REPORTS = (Report.DELIVERY, Report.BOUNCE, Report.COMPLAINT, Report.DELAY, Report.REJECT)
REPORT_SECONDS = 30


class MailControl:
    """Lists sent mails and simulates SES reports on one."""

    def __init__(self, mails: Mails, *, report_seconds: float = REPORT_SECONDS) -> None:
        self._mails = mails
        self._report_seconds = report_seconds

    def respond(self, method: str, path: str, _body: bytes) -> Response:
        """Return the response; for a report, after it has been delivered."""
        names = path.removeprefix(MAIL).strip("/").split("/")
        if names == [""]:
            return self._list() if method == "GET" else _wrong_method("GET")
        if len(names) != len(("messageId", "report")):
            return failure(404, "NOT_FOUND", f"Use {MAIL} or {MAIL}/{{messageId}}/{{report}}.")
        return self._report(*names) if method == "POST" else _wrong_method("POST")

    def _list(self) -> Response:
        mails = [_shown(each) for each in self._mails.sent()]
        return success(f"{len(mails)} mails were sent.", mails)

    def _report(self, message_id: str, name: str) -> Response:
        mail = self._mails.endpoint.mail(message_id)
        if mail is None:
            message = f"No mail has the message id {message_id}; GET {MAIL} lists them."
            return failure(404, "NOT_FOUND", message)
        if name not in REPORTS:
            return failure(
                400, "VALIDATION_ERROR", f"The report must be one of {', '.join(REPORTS)}."
            )
        return self._deliver(mail, Report(name))

    def _deliver(self, mail: SentMail, report: Report) -> Response:
        try:
            for future in self._mails.report(mail, report):
                future.result(self._report_seconds)
        except ValueError as error:
            return failure(409, "NOT_REPORTED", f"{error}.")
        except InvocationFailed as error:
            return failure(500, "INTERNAL_ERROR", f"The report could not be delivered: {error}")
        except concurrent.futures.TimeoutError:
            message = f"The report was not delivered within {self._report_seconds:g} s."
            return failure(504, "REPORT_NOT_DELIVERED", message)
        return success(
            f"SES reported {report}.", {"messageId": mail.message_id, "report": report.value}
        )


def _wrong_method(method: str) -> Response:
    return failure(405, "METHOD_NOT_ALLOWED", f"Use {method}.", headers=(("allow", method),))


def _shown(mail: SentMail) -> dict[str, Any]:
    return {
        "messageId": mail.message_id,
        "to": ", ".join(mail.to),
        "subject": mail.subject,
        "raw": mail.text,
    }
