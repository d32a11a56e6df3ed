"""Waiting until nothing is left to do: no sync work, and no report of SES under way."""

import time
from typing import Protocol

from infra.local.pump import StillBusy, Work


class Moving(Protocol):
    """Moves sync work; the pump does."""

    def wait_until_idle(self, *, seconds: float) -> Work:
        """Return what was done, or raise StillBusy."""
        ...


class Reporting(Protocol):
    """Delivers reports; `submitted` counts all there ever were."""

    submitted: int

    def wait_until_idle(self, *, seconds: float) -> bool:
        """Return whether no report is under way any more."""
        ...


class Settling:
    """Waits for both, since work may send mail and a report may leave work."""

    def __init__(self, pump: Moving, reports: Reporting) -> None:
        self._pump = pump
        self._reports = reports

    def wait_until_idle(self, *, seconds: float) -> Work:
        """Return the sync work that was done meanwhile.

        Raises:
            StillBusy: when something is left after that many seconds.
        """
        end = time.monotonic() + seconds
        done = Work()
        while True:
            submitted = self._reports.submitted
            if not self._reports.wait_until_idle(seconds=max(0, end - time.monotonic())):
                raise StillBusy(f"reports of SES are under way after {seconds:g} s")
            done = _sum(done, self._pump.wait_until_idle(seconds=max(0, end - time.monotonic())))
            if self._reports.submitted == submitted:
                return done


def _sum(first: Work, second: Work) -> Work:
    return Work(
        relayed=first.relayed + second.relayed,
        synced=first.synced + second.synced,
        failed=first.failed + second.failed,
        waiting=second.waiting,
    )
