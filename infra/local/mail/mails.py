"""The mails of a local run and the SES reports on them."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any, Protocol

from infra.local.mail.endpoint import SesEndpoint
from infra.local.mail.events import Report, event, simulated_reports
from infra.local.mail.sent import SentMail
from infra.local.mail.sns import Message, Topic


class ReportSink(Protocol):
    """Delivers the Lambda payloads of SNS notifications."""

    def submit(self, payload: Any) -> Future[None]:
        """Deliver the payload later; the future completes after delivery."""
        ...


class Mails:
    """Lists the mails of `endpoint` and reports on them through `topic` and `reports`.

    Every new mail gets the reports of `simulated_reports`.
    """

    def __init__(
        self,
        endpoint: SesEndpoint,
        topic: Topic,
        reports: ReportSink,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.endpoint = endpoint
        self.topic = topic
        self._reports = reports
        self._now = now
        self._deliverable: set[str] = set()
        endpoint.accepted = self._report_simulated

    def sent(self, *, to: str = "") -> tuple[SentMail, ...]:
        """Return the stored mails, newest last: all of them, or those to one address."""
        return tuple(each for each in self.endpoint.mails if not to or to in each.to)

    def make_deliverable(self, address: str) -> None:
        """Treat an address of the mailbox simulator like any other from now on."""
        self._deliverable.add(address)

    def report(self, mail: SentMail, report: Report) -> tuple[Future[None], ...]:
        """Report on a mail, once per recipient; each future completes after delivery.

        Raises:
            ValueError: when the mail was sent without a configuration set.
        """
        if not mail.configuration_set:
            raise ValueError(
                "SES does not report on mail that was sent without a configuration set"
            )
        return tuple(self._submit(mail, report, recipient) for recipient in mail.to)

    def message(self, mail: SentMail, report: Report, *, recipient: str) -> Message:
        """Return the signed SNS message of a report without delivering it."""
        at = self._now()
        return self.topic.signed(event(mail, report, recipient=recipient, at=at), at=at)

    def _report_simulated(self, mail: SentMail) -> None:
        if mail.configuration_set:
            for recipient in mail.to:
                for report in self._reports_for(recipient):
                    self._submit(mail, report, recipient)

    def _reports_for(self, recipient: str) -> tuple[Report, ...]:
        return (Report.SEND,) if recipient in self._deliverable else simulated_reports(recipient)

    def _submit(self, mail: SentMail, report: Report, recipient: str) -> Future[None]:
        message = self.message(mail, report, recipient=recipient)
        return self._reports.submit(self.topic.lambda_payload(message))
