"""Mail that ends in memory: counted, failing when told to, and put into calendars as iTIP asks."""

import itertools
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from shared.domain.invite import InviteMethod
from shared.ports import InviteMail


@dataclass(frozen=True, slots=True)
class Failure:
    """What becomes of one request: it raises, and the mail goes out all the same or not."""

    raises: Callable[[], BaseException]
    is_sent: bool = False


@dataclass
class FakeMail:
    """Fills `InviteWriter` and `Mailer`; `sent` are the mails that went out, in order.

    `failures` are by address, one for each request in order.
    """

    sent: list[InviteMail] = field(default_factory=list)
    tags: list[Mapping[str, str]] = field(default_factory=list)
    failures: dict[str, deque[Failure]] = field(default_factory=lambda: defaultdict(deque))
    requests: int = 0
    _drafts: dict[bytes, InviteMail] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def write(self, mail: InviteMail) -> bytes:
        """Return bytes that stand for the mail."""
        with self._lock:
            raw = b"draft %d" % next(self._numbers)
            self._drafts[raw] = mail
            return raw

    def send(self, raw: bytes, *, to: str, tags: Mapping[str, str]) -> str:
        """Send the mail, or fail as told."""
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

    def fail(self, address: str, *failures: Failure) -> None:
        """Let the next requests for an address end so, one each."""
        self.failures[address].extend(failures)

    def to(self, address: str) -> list[InviteMail]:
        """Return the mails an address got, in order."""
        return [each for each in self.sent if each.address == address]

    def entry(self, address: str, uid: str) -> InviteMail | None:
        """Return what the calendar behind an address shows, as RFC 5546 has it read the mails.

        A lower SEQUENCE, or an equal one with an older DTSTAMP, is out of date.
        """
        shown: InviteMail | None = None
        for mail in self.to(address):
            if mail.uid == uid and (shown is None or _age(mail) >= _age(shown)):
                shown = mail
        return shown if shown and shown.content.method is InviteMethod.REQUEST else None


def _age(mail: InviteMail) -> tuple[int, float]:
    return mail.content.sequence, mail.stamp.timestamp()
