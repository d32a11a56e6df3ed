from collections.abc import Callable

import pytest

from infra.local.pump import StillBusy, Work
from infra.local.settling import Settling


class FakePump:
    """Always has a little work; each time it is done, `then` happens."""

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self.then = then

    def wait_until_idle(self, *, seconds: float) -> Work:
        """Do it."""
        assert seconds >= 0
        self.then()
        return Work(relayed=1, synced=2, failed=3, waiting=4)


class FakeReports:
    """Reports of which so many are under way."""

    def __init__(self, *, is_stuck: bool = False) -> None:
        self.submitted = 0
        self.waited = 0
        self.is_stuck = is_stuck

    def wait_until_idle(self, *, seconds: float) -> bool:
        """Say whether they are over."""
        assert seconds >= 0
        self.waited += 1
        return not self.is_stuck


def test_what_the_pump_did_is_told() -> None:
    done = Settling(FakePump(), FakeReports()).wait_until_idle(seconds=20)

    assert Work(relayed=1, synced=2, failed=3, waiting=4) == done


def test_work_that_sends_mail_is_followed_by_its_reports_and_their_work() -> None:
    reports = FakeReports()
    mails = iter(["one mail"])

    def send() -> None:
        reports.submitted += len(next(mails, "")) > 0

    done = Settling(FakePump(send), reports).wait_until_idle(seconds=20)

    assert Work(relayed=2, synced=4, failed=6, waiting=4) == done
    assert reports.waited == 2


def test_reports_that_do_not_end_are_told_of() -> None:
    with pytest.raises(StillBusy, match="reports of SES are under way after 0 s"):
        Settling(FakePump(), FakeReports(is_stuck=True)).wait_until_idle(seconds=0)
