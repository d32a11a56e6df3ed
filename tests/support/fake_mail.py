"""Mail in memory: counts requests, injects failures, and applies mails to calendars (iTIP)."""

import itertools
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from shared.domain.invite import InviteMethod
from shared.ports import InviteMail


@dataclass(frozen=True, slots=True)
class MailFault:
    """The failure of one request: it raises, and the mail is sent anyway if `is_sent`."""

    raises: Callable[[], BaseException]
    is_sent: bool = False


@dataclass
class FakeMail:
    """An `InviteWriter` and a `Mailer`; `sent` has the sent mails in order.

    `failures` has, per address, the failures of the next requests in order.
    """

    sent: list[InviteMail] = field(default_factory=list)
    tags: list[Mapping[str, str]] = field(default_factory=list)
    failures: dict[str, deque[MailFault]] = field(default_factory=lambda: defaultdict(deque))
    requests: int = 0
    _drafts: dict[bytes, InviteMail] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def write(self, mail: InviteMail) -> bytes:
        """Return bytes that identify the mail."""
        with self._lock:
            raw = b"draft %d" % next(self._numbers)
            self._drafts[raw] = mail
            return raw

    def send(self, raw: bytes, *, to: str, tags: Mapping[str, str]) -> str:
        """Send the mail, or raise the next failure for the address."""
        with self._lock:
            self.requests += 1
            mail = self._drafts[raw]
            assert to == mail.address
            failure = self.failures[to].popleft() if self.failures[to] else None
            if failure is None or failure.is_sent:
                self.sent.append(mail)
                self.tags.append(tags)
            if failure:
                raise failure.raises()
            return f"m-{next(self._numbers)}"

    def fail(self, address: str, *failures: MailFault) -> None:
        """Make the next requests for an address fail, one per failure."""
        self.failures[address].extend(failures)

    def to(self, address: str) -> list[InviteMail]:
        """Return the mails sent to an address, in order."""
        return [each for each in self.sent if each.address == address]

    def entry(self, address: str, uid: str) -> InviteMail | None:
        """Return the invitation that the calendar of an address shows after all mails (RFC 5546).

        A mail with a lower SEQUENCE, or an equal one and an older DTSTAMP, is out of date.
        """
        latest: InviteMail | None = None
        for mail in self.to(address):
            if mail.uid == uid and (latest is None or _age(mail) >= _age(latest)):
                latest = mail
        return latest if latest and latest.content.method is InviteMethod.REQUEST else None


def _age(mail: InviteMail) -> tuple[int, float]:
    return mail.content.sequence, mail.stamp.timestamp()
