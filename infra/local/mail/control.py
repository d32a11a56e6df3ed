"""The API under /_local/mail; responses have the service's envelope."""

import concurrent.futures
import json
from typing import Any, Protocol

from infra.local.control import MAIL, failure, success
from infra.local.gateway import Response
from infra.local.mail.events import Report
from infra.local.mail.mails import Mails
from infra.local.mail.reply_mail import PARTSTATS, ReplyChoice, ReplyClient
from infra.local.mail.sent import SentMail, page_of
from infra.local.workers import InvocationFailed

REPORTS = (Report.DELIVERY, Report.BOUNCE, Report.COMPLAINT, Report.DELAY, Report.REJECT)
REPORT_SECONDS = 30
REPLY = "reply"


class AnsweringCalendars(Protocol):
    """The calendars of recipients; `ReceivedMails` takes their answers to the function."""

    def answer(self, mail: SentMail, choice: ReplyChoice) -> str:
        """Answer an invitation; return the outcome."""
        ...


class MailControl:
    """Lists sent mails, simulates SES reports on one, and answers one as its recipient."""

    def __init__(
        self,
        mails: Mails,
        *,
        calendars: AnsweringCalendars,
        report_seconds: float = REPORT_SECONDS,
    ) -> None:
        self._mails = mails
        self._calendars = calendars
        self._report_seconds = report_seconds

    def respond(self, method: str, path: str, body: bytes) -> Response:
        """Return the response; for a report, after it has been delivered."""
        names = path.removeprefix(MAIL).strip("/").split("/")
        if names[1:] == ["html"] and method == "GET":
            return self._page(names[0])
        if names == [""]:
            return self._list() if method == "GET" else _wrong_method("GET")
        if len(names) != len(("messageId", "report")):
            return failure(404, "NOT_FOUND", f"Use {MAIL} or {MAIL}/{{messageId}}/{{report}}.")
        return self._act(names[0], names[1], body) if method == "POST" else _wrong_method("POST")

    def _list(self) -> Response:
        mails = [_shown(each) for each in self._mails.sent()]
        return success(f"{len(mails)} mails were sent.", mails)

    def _page(self, message_id: str) -> Response:
        mail = self._mails.endpoint.mail(message_id)
        if mail is None:
            return failure(404, "NOT_FOUND", f"GET {MAIL} lists the mails.")
        return page_of(mail)

    def _act(self, message_id: str, name: str, body: bytes) -> Response:
        mail = self._mails.endpoint.mail(message_id)
        if mail is None:
            message = f"No mail has the message id {message_id}; GET {MAIL} lists them."
            return failure(404, "NOT_FOUND", message)
        if name == REPLY:
            return self._reply(mail, body)
        if name not in REPORTS:
            return failure(
                400, "VALIDATION_ERROR", f"The report must be one of {', '.join(REPORTS)}."
            )
        return self._deliver(mail, Report(name))

    def _reply(self, mail: SentMail, body: bytes) -> Response:
        try:
            choice = _choice(body)
        except (AttributeError, KeyError, TypeError, ValueError):
            message = (
                f"Send partstat ({', '.join(PARTSTATS)}) and, if you like, comment and client "
                f"({', '.join(ReplyClient)})."
            )
            return failure(400, "VALIDATION_ERROR", message, field="partstat")
        try:
            outcome = self._calendars.answer(mail, choice)
        except ValueError as error:
            return failure(409, "NOT_ANSWERED", f"{error}.")
        except InvocationFailed as error:
            return failure(500, "INTERNAL_ERROR", f"The reply could not be delivered: {error}")
        return success(
            "The reply was delivered.",
            {"messageId": mail.message_id, "partstat": choice.partstat, "outcome": outcome},
        )

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


def _choice(body: bytes) -> ReplyChoice:
    fields = json.loads(body)
    partstat, comment = fields["partstat"].upper(), fields.get("comment")
    if partstat not in PARTSTATS or not isinstance(comment, str | None):
        raise ValueError(partstat)
    client = ReplyClient(fields.get("client", ReplyClient.GOOGLE))
    return ReplyChoice(partstat=partstat, comment=comment, client=client)


def _wrong_method(method: str) -> Response:
    return failure(405, "METHOD_NOT_ALLOWED", f"Use {method}.", headers=(("allow", method),))


def _shown(mail: SentMail) -> dict[str, Any]:
    return {
        "messageId": mail.message_id,
        "to": ", ".join(mail.to),
        "subject": mail.subject,
        "raw": mail.text,
    }
