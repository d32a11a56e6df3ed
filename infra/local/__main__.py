"""`python -m infra.local`: the whole service on this machine until Ctrl-C, SIGTERM or SIGHUP.

Reads PORT (default 8000; 0: any free port) and LOCAL_METRICS_FILE (where metrics are written).
"""

import errno
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from pydantic import ValidationError

from infra.local.control import EVENTS, MAIL
from infra.local.mail.control import REPLY, REPORTS
from infra.local.metrics_file import METRICS_FILE
from infra.local.processes import ROOT, NotStarted
from infra.local.service import Service, service

DEFAULT_PORT = 8000
LARGEST_PORT = 65535
DEFAULT_METRICS_FILE = ROOT / ".local" / "metrics.jsonl"
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    """Run the service until a signal arrives; return the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    _stop_on_signals()
    port = os.environ.get("PORT") or str(DEFAULT_PORT)
    try:
        metrics = Path(os.environ.get(METRICS_FILE) or DEFAULT_METRICS_FILE)
        with service(port=port_of(port), output=sys.stderr.buffer, metrics=metrics) as run:
            print(introduction(run, metrics), flush=True)
            threading.Event().wait()
    except (NotStarted, OSError, ValueError) as error:
        print(f"The service did not start: {reason(error, port=port)}", file=sys.stderr)
        return 1
    return 0


def port_of(text: str) -> int:
    """Return the port number.

    Raises:
        ValueError: when the text is not a port number.
    """
    if text.isascii() and text.isdigit() and int(text) <= LARGEST_PORT:
        return int(text)
    raise ValueError(f"PORT must be a number from 0 to {LARGEST_PORT}, not {text!r}.")


def reason(error: Exception, *, port: str) -> str:
    """Return why the service did not start; one line, except for the log of a failed server."""
    if isinstance(error, ValidationError):
        return "; ".join(
            f"setting {'.'.join(map(str, each['loc'])).upper()}: {each['msg']}"
            for each in error.errors()
        )
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"port {port} is already in use. Choose another one, for example PORT=8001."
    return str(error)


def introduction(run: Service, metrics: Path) -> str:
    """Return the text that a user needs to start using the service."""
    people = [(f"{role.lower()}-1", role) for role in ("Coach", "Learner", "Admin")]
    tokens = "\n".join(
        f"  {role:<8} {run.token(sub, [role], email=f'{sub}@example.com')}" for sub, role in people
    )
    return (
        f"Calendar service on {run.url}\n"
        f"Console, as admin-1: {run.console}\n"
        f"API documentation: {run.url}/docs\n"
        f"Tokens, valid for 12 hours (sub coach-1, learner-1, admin-1):\n{tokens}\n"
        f"CalDAV account for POST /api/v1/auth/apple/connect:\n"
        f"  serverUrl {run.caldav.url}\n"
        f"  username  {run.caldav.username}\n"
        f"  password  {run.caldav.password}\n"
        f"Sent mail: GET {run.url}{MAIL}; POST {run.url}{MAIL}/MESSAGE_ID/"
        f"{{{'|'.join(REPORTS)}}} simulates an SES report on one, and {REPLY} an answer.\n"
        f"Domain events: GET {run.url}{EVENTS}, one line each.\n"
        f"Metrics: {metrics}\n"
        "Requests are logged below; press Ctrl-C to stop everything."
    )


def _stop_on_signals() -> None:
    for number in STOPPING:
        # nohup ignores SIGHUP on purpose.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _stop)


def _stop(_number: int, _frame: object) -> None:
    # A second signal must not interrupt the clean-up that the first one started.
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
