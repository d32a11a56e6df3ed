"""`python -m infra.local`: the whole service on this machine until Ctrl-C or SIGTERM."""

import logging
import os
import signal
import sys
import threading

from infra.local.control import MAIL
from infra.local.mail.control import REPORTS
from infra.local.processes import NotStarted
from infra.local.server import Service, service

DEFAULT_PORT = 8000


def main() -> int:
    """Run the service until a signal; return the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    port = os.environ.get("PORT") or DEFAULT_PORT
    try:
        with service(port=int(port), output=sys.stderr.buffer) as run:
            print(introduction(run), flush=True)
            threading.Event().wait()
    except (NotStarted, OSError, ValueError) as error:
        print(f"The service did not start on port {port}: {error}", file=sys.stderr)
        return 1
    return 0


def introduction(run: Service) -> str:
    """Return what somebody needs to use the service at once."""
    people = [(f"{role.lower()}-1", role) for role in ("Coach", "Learner", "Admin")]
    tokens = "\n".join(
        f"  {role:<8} {run.token(sub, [role], email=f'{sub}@example.com')}" for sub, role in people
    )
    return (
        f"Calendar service on {run.url}\n"
        f"Tokens, good for 12 hours (sub coach-1, learner-1, admin-1):\n{tokens}\n"
        f"CalDAV account for POST /api/v1/auth/apple/connect:\n"
        f"  serverUrl {run.caldav.url}\n"
        f"  username  {run.caldav.username}\n"
        f"  password  {run.caldav.password}\n"
        f"Mails sent: GET {run.url}{MAIL}; POST {run.url}{MAIL}/MESSAGE_ID/"
        f"{{{'|'.join(REPORTS)}}} lets SES report on one.\n"
        "Requests follow; Ctrl-C stops everything."
    )


def _stop(_number: int, _frame: object) -> None:
    # A second signal must not break off the cleaning up that the first one began.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
