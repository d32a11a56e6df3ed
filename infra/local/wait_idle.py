"""Waits until the service is idle: no sync work and no SES report is left."""

import time
from typing import Protocol

from infra.local.event_sources import WorkLeft, WorkReport, WorkWaiter


class ReportWaiter(Protocol):
    """Waits for SES reports; `ReportDelivery` does.

    `submitted` counts all reports since the start.
    """

    submitted: int

    def wait_until_idle(self, *, seconds: float) -> bool:
        """Return whether every report is delivered."""
        ...


class IdleWaiter:
    """Waits for both kinds of work: sync work can send mail, a report can create sync work."""

    def __init__(self, sync: WorkWaiter, reports: ReportWaiter) -> None:
        self._sync = sync
        self._reports = reports

    def wait_until_idle(self, *, seconds: float) -> WorkReport:
        """Return the sync work done meanwhile.

        Raises:
            WorkLeft: when work is left after that many seconds.
        """
        end = time.monotonic() + seconds
        done = WorkReport()
        while True:
            submitted = self._reports.submitted
            if not self._reports.wait_until_idle(seconds=max(0, end - time.monotonic())):
                raise WorkLeft(f"SES reports are not delivered after {seconds:g} s")
            done = _sum(done, self._sync.wait_until_idle(seconds=max(0, end - time.monotonic())))
            if self._reports.submitted == submitted:
                return done


def _sum(first: WorkReport, second: WorkReport) -> WorkReport:
    return WorkReport(
        relayed=first.relayed + second.relayed,
        synced=first.synced + second.synced,
        failed=first.failed + second.failed,
        waiting=second.waiting,
    )
