import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from infra.local.mail import reports as local_reports
from infra.local.mail.reports import Reports
from infra.local.workers import InvocationFailed, Workers
from tests.support.local_mail import Recipient


@contextmanager
def delivering(invoker: Any, *, handler: str = local_reports.HANDLER) -> Iterator[Reports]:
    reports = Reports(invoker, handler=handler, retry_seconds=(0, 0))
    try:
        yield reports
    finally:
        reports.halt()
        reports.join()


class Slow(Recipient):
    """Answers once it is let go; `began` is set when it is first asked."""

    def __init__(self) -> None:
        super().__init__()
        self.began, self.go = threading.Event(), threading.Event()

    def invoke(self, module: str, payload: Any, *, function: str, seconds: float) -> Any:
        """Wait."""
        self.began.set()
        assert self.go.wait(20)
        return super().invoke(module, payload, function=function, seconds=seconds)


def test_reports_reach_the_function_in_order() -> None:
    recipient = Recipient()
    with delivering(recipient) as reports:
        for number in range(3):
            reports.submit(number)
        idle = reports.wait_until_idle(seconds=20)

    assert idle
    assert recipient.payloads == [0, 1, 2]
    assert reports.submitted == 3
    assert set(recipient.asked) == {("functions.ses_notifications.handler", "ses_notifications")}


def test_a_report_that_fails_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    recipient = Recipient(failures=2)
    with delivering(recipient) as reports:
        reports.submit("report").result(20)

    assert recipient.payloads == ["report"]
    assert "a report of SES is tried again: told to fail" in caplog.text


def test_a_report_that_fails_three_times_is_lost_and_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    recipient = Recipient(failures=3)
    with delivering(recipient) as reports:
        with pytest.raises(InvocationFailed):
            reports.submit("first").result(20)
        reports.submit("second").result(20)

    assert recipient.payloads == ["second"]
    assert "a report of SES is lost: told to fail" in caplog.text


def test_waiting_ends_with_the_time_given() -> None:
    recipient = Slow()
    with delivering(recipient) as reports:
        reports.submit("report")
        early = reports.wait_until_idle(seconds=0)
        recipient.go.set()
        late = reports.wait_until_idle(seconds=20)

    assert (early, late) == (False, True)


def test_after_a_halt_nothing_is_delivered() -> None:
    recipient = Slow()
    with delivering(recipient) as reports:
        reports.submit("first")
        second = reports.submit("second")
        assert recipient.began.wait(20)
        reports.halt()
        third = reports.submit("third")
        recipient.go.set()

    assert (True, True) == (second.cancelled(), third.cancelled())
    assert recipient.payloads == ["first"]


def test_a_worker_runs_the_function() -> None:
    with tempfile.TemporaryFile() as log:
        workers = Workers({}, log=log, count=1)
        try:
            with delivering(workers, handler="tests.support.local_handlers") as reports:
                reports.submit({"do": "echo"}).result(30)
                with pytest.raises(InvocationFailed, match="ValueError: told to fail"):
                    reports.submit({"do": "fail"}).result(30)
        finally:
            workers.stop()
