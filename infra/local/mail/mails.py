"""The mails of a local run and what SES reports of them."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any, Protocol

from infra.local.mail.endpoint import SesEndpoint
from infra.local.mail.events import Report, event, fate
from infra.local.mail.sent import SentMail
from infra.local.mail.sns import Message, Topic


class Reporting(Protocol):
    """Delivers what SNS would invoke a function with."""

    def submit(self, payload: Any) -> Future[None]:
        """Deliver it soon; the future ends with it."""
        ...


class Mails:
    """Everything a test or a person may do with the mails of `endpoint`.

    From the start every mail is reported on as `fate` says, through `topic` and `reports`.
    """

    def __init__(
        self,
        endpoint: SesEndpoint,
        topic: Topic,
        reports: Reporting,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.endpoint = endpoint
        self.topic = topic
        self._reports = reports
        self._now = now
        self._mended: set[str] = set()
        endpoint.accepted = self._report_fate

    def sent(self, *, to: str = "") -> tuple[SentMail, ...]:
        """Return the mails kept, newest last: all of them, or those to one address."""
        return tuple(each for each in self.endpoint.mails if not to or to in each.to)

    def mend(self, address: str) -> None:
        """Let a simulator's address be like any other from now on."""
        self._mended.add(address)

    def report(self, mail: SentMail, report: Report) -> tuple[Future[None], ...]:
        """Let SES report that of the mail, once for each recipient; the futures end with it.

        Raises:
            ValueError: when the mail was sent without a configuration set.
        """
        if not mail.configuration_set:
            raise ValueError("SES reports on no mail that was sent without a configuration set")
        return tuple(self._submit(mail, report, recipient) for recipient in mail.to)

    def message(self, mail: SentMail, report: Report, *, recipient: str) -> Message:
        """Return SNS's signed message that would report that, without delivering it."""
        at = self._now()
        return self.topic.signed(event(mail, report, recipient=recipient, at=at), at=at)

    def _report_fate(self, mail: SentMail) -> None:
        if mail.configuration_set:
            for recipient in mail.to:
                for report in self._fate(recipient):
                    self._submit(mail, report, recipient)

    def _fate(self, recipient: str) -> tuple[Report, ...]:
        return (Report.SEND,) if recipient in self._mended else fate(recipient)

    def _submit(self, mail: SentMail, report: Report, recipient: str) -> Future[None]:
        message = self.message(mail, report, recipient=recipient)
        return self._reports.submit(self.topic.lambda_payload(message))
