from collections.abc import Callable

import pytest

from infra.local.event_sources import WorkLeft, WorkReport
from infra.local.wait_idle import IdleWaiter


class FakeSync:
    """Always has a little work; calls `then` each time it is done."""

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self.then = then

    def wait_until_idle(self, *, seconds: float) -> WorkReport:
        """Do the work."""
        assert seconds >= 0
        self.then()
        return WorkReport(relayed=1, synced=2, failed=3, waiting=4)


class FakeReports:
    """Reports that are all delivered, or never."""

    def __init__(self, *, is_stuck: bool = False) -> None:
        self.submitted = 0
        self.waited = 0
        self.is_stuck = is_stuck

    def wait_until_idle(self, *, seconds: float) -> bool:
        """Return whether they are delivered."""
        assert seconds >= 0
        self.waited += 1
        return not self.is_stuck


def test_the_work_done_is_returned() -> None:
    done = IdleWaiter(FakeSync(), FakeReports()).wait_until_idle(seconds=20)

    assert WorkReport(relayed=1, synced=2, failed=3, waiting=4) == done


def test_after_work_that_sends_mail_it_waits_for_reports_and_then_for_more_work() -> None:
    reports = FakeReports()
    mails = iter(["one mail"])

    def send() -> None:
        reports.submitted += len(next(mails, "")) > 0

    done = IdleWaiter(FakeSync(send), reports).wait_until_idle(seconds=20)

    assert WorkReport(relayed=2, synced=4, failed=6, waiting=4) == done
    assert reports.waited == 2


def test_reports_that_are_never_delivered_are_an_error() -> None:
    with pytest.raises(WorkLeft, match="SES reports are not delivered after 0 s"):
        IdleWaiter(FakeSync(), FakeReports(is_stuck=True)).wait_until_idle(seconds=0)
