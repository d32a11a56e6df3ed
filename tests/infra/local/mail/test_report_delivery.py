import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from infra.local.mail import report_delivery as local_reports
from infra.local.mail.report_delivery import ReportDelivery
from infra.local.workers import InvocationFailed, Workers
from tests.support.local_mail import BlockedRecipient, Recipient


@contextmanager
def delivering(
    invoker: Any,
    *,
    handler: str = local_reports.HANDLER,
    retry_seconds: Sequence[float] = (0, 0),
) -> Iterator[ReportDelivery]:
    reports = ReportDelivery(invoker, handler=handler, retry_seconds=retry_seconds)
    try:
        yield reports
    finally:
        reports.halt()
        reports.join()


def test_reports_reach_the_function_in_order() -> None:
    recipient = Recipient()
    with delivering(recipient) as reports:
        for number in range(3):
            reports.submit(number)
        idle = reports.wait_until_idle(seconds=20)

    assert idle
    assert recipient.payloads == [0, 1, 2]
    assert reports.submitted == 3
    assert set(recipient.invocations) == {
        ("functions.ses_notifications.handler", "ses_notifications")
    }


def test_a_failed_report_is_retried(caplog: pytest.LogCaptureFixture) -> None:
    recipient = Recipient(failures=2)
    with delivering(recipient) as reports:
        reports.submit("report").result(20)

    assert recipient.payloads == ["report"]
    assert "retrying an SES report: fails on purpose" in caplog.text


def test_a_report_that_fails_three_times_is_lost_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    recipient = Recipient(failures=3)
    with delivering(recipient) as reports:
        with pytest.raises(InvocationFailed):
            reports.submit("first").result(20)
        reports.submit("second").result(20)

    assert recipient.payloads == ["second"]
    assert "an SES report is lost: fails on purpose" in caplog.text


def test_the_wait_times_out() -> None:
    recipient = BlockedRecipient()
    with delivering(recipient) as reports:
        reports.submit("report")
        early = reports.wait_until_idle(seconds=0)
        recipient.go.set()
        late = reports.wait_until_idle(seconds=20)

    assert (early, late) == (False, True)


def test_nothing_is_delivered_after_a_halt() -> None:
    recipient = BlockedRecipient()
    with delivering(recipient) as reports:
        reports.submit("first")
        second = reports.submit("second")
        assert recipient.began.wait(20)
        reports.halt()
        third = reports.submit("third")
        recipient.go.set()

    assert (True, True) == (second.cancelled(), third.cancelled())
    assert recipient.payloads == ["first"]


def test_a_halt_ends_the_wait_before_a_retry() -> None:
    recipient = BlockedRecipient(failures=1)
    with delivering(recipient, retry_seconds=(3600,)) as reports:
        future = reports.submit("report")
        assert recipient.began.wait(20)
        recipient.go.set()
        reports.halt()
        with pytest.raises(InvocationFailed):
            future.result(20)

    assert recipient.payloads == []


def test_a_worker_runs_the_function() -> None:
    with tempfile.TemporaryFile() as log:
        workers = Workers({}, log=log, count=1)
        try:
            with delivering(workers, handler="tests.support.local_handlers") as reports:
                reports.submit({"do": "echo"}).result(30)
                with pytest.raises(InvocationFailed, match="ValueError: fails on purpose"):
                    reports.submit({"do": "fail"}).result(30)
        finally:
            workers.stop()
