"""The Lambda functions as data: memory, time and share of the account, each with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from infra.queues import SYNC_VISIBILITY
from infra.routes import FALLBACK, ROUTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One Lambda function; `folder` is its own under functions/, `module` the file in it.

    Memory brings processor in proportion: 1,769 MB are one core. `concurrency` is reserved: no
    more of it run at once, and that many always may. `call_kept`: how long Lambda tries on with an
    asynchronous call before that is a dead letter.
    """

    folder: str
    memory_mb: int
    timeout: timedelta
    reason: str
    module: str = "handler"
    concurrency: int | None = None
    call_kept: timedelta | None = None

    @property
    def handler(self) -> str:
        """What Lambda calls."""
        return f"functions.{self.folder}.{self.module}.lambda_handler"


_API = timedelta(seconds=29)
_ROWS = timedelta(seconds=10)

FUNCTIONS: Mapping[str, Function] = {
    "status": Function(
        folder="status",
        memory_mb=512,
        timeout=_ROWS,
        reason="reads some rows and writes the document of the API; 10 s are three retries",
    ),
    "slots": Function(
        folder="slots",
        memory_mb=1769,
        timeout=timedelta(seconds=15),
        reason="one core for the cold start and for TLS to many calendars at once; calendars are "
        "given 3 s, and a token that must be refreshed some more",
    ),
    "legacy": Function(
        folder="legacy",
        memory_mb=1024,
        timeout=timedelta(seconds=15),
        reason="as slots, called seldom",
    ),
    "events": Function(
        folder="events",
        memory_mb=1769,
        timeout=_API,
        reason="one core for TLS to many calendars at once; a lost race is decided again, with "
        "calendars given 3 s each time, and 29 s are all that API Gateway waits",
    ),
    "invites": Function(
        folder="invites",
        memory_mb=512,
        timeout=_ROWS,
        reason="reads and writes rows only",
    ),
    "availability": Function(
        folder="availability",
        memory_mb=512,
        timeout=_ROWS,
        reason="reads and writes rows only",
    ),
    "holidays": Function(
        folder="holidays",
        memory_mb=512,
        timeout=_ROWS,
        reason="reads and writes rows only",
    ),
    "connections": Function(
        folder="connections",
        memory_mb=1024,
        timeout=_API,
        reason="loads a provider's library, and discovers a CalDAV account in a dozen requests; "
        "29 s are all that API Gateway waits",
    ),
    "ses_notifications": Function(
        folder="ses_notifications",
        memory_mb=512,
        timeout=timedelta(seconds=30),
        concurrency=10,
        call_kept=timedelta(hours=6),
        reason="reads and writes one row a notification; 10 at once keep a wave of bounces from "
        "taking the account's share of the API",
    ),
    "calendar_sync": Function(
        folder="calendar_sync",
        memory_mb=1769,
        timeout=SYNC_VISIBILITY - timedelta(seconds=10),
        concurrency=20,
        reason="one core for TLS and the providers' libraries; 10 s short of the queue's "
        "visibility, so that no message is in two hands; 20 at once stay below what Google and "
        "Microsoft allow one app",
    ),
    "relay": Function(
        folder="calendar_sync",
        module="relay",
        memory_mb=512,
        timeout=timedelta(seconds=30),
        concurrency=10,
        reason="forwards ids; one runs for each shard of the stream",
    ),
    "token_refresh": Function(
        folder="token_refresh",
        memory_mb=1024,
        timeout=timedelta(minutes=4),
        concurrency=1,
        call_kept=timedelta(minutes=5),
        reason="loads both providers' libraries and refreshes in parallel; it is over before the "
        "next run, and two at once would only contend for leases",
    ),
    "sweeper": Function(
        folder="sweeper",
        memory_mb=512,
        timeout=timedelta(minutes=4),
        concurrency=1,
        call_kept=timedelta(minutes=5),
        reason="reads an index and queues ids; it is over before the next run",
    ),
}
"""Every function by name."""

WORKERS = ("calendar_sync", "relay", "token_refresh", "sweeper")
"""The functions that no route leads to."""

DEPLOYED = tuple(
    dict.fromkeys([*(route.function for route in ROUTES), FALLBACK, "ses_notifications", *WORKERS])
)
"""The functions of the stack."""
